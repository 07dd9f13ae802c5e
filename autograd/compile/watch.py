"""Recording a function of `Tensor`s: its operations, and what of them a replay must not repeat.

A number could leave the graph through any line of Python: ``if x.item() > 0``, ``where(x > 0, ...)`` with a mask that
no operation made. So the function is run again, on other numbers: arguments, parameters and the results of all
operations are changed. What is not an operation, an array among an operation's parameters, or a tensor made on
the way, must come out the same, or the same as a tensor that an operation made; else it was made from numbers, and
is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd import graph, origins
from autograd.compile.names import Names
from autograd.compile.record import drawn
from autograd.compile.replaced import Replaced
from autograd.errors import GraphError
from autograd.rule import Rule
from autograd.tensor import Tensor


class Entry(NamedTuple):
    """One operation of a recording."""

    out: Tensor
    rule: Rule
    operands: tuple[Any, ...]
    parameters: tuple[Any, ...]
    attached: bool  # whether a gradient passes
    line: str


class ArrayTape:
    """The operations on Tensors, in order; ``disturb`` changes the numbers of each result."""

    def __init__(self, disturb: Callable[[Any], Any] | None = None) -> None:
        self.entries: list[Entry] = []
        self.refused: GraphError | None = None
        self._disturb = disturb

    def add_array(self, out: Tensor, rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...]) -> None:
        origin = origins.here()
        line = f"{origin}: {origin.code!r} " if origin else "the function "
        self.entries.append(Entry(out, rule, operands, parameters, out._requires, line))
        if self._disturb is not None:
            out.raw = self._disturb(out.raw)

    def add(self, *_: Any) -> None:
        raise self.refusal("mixes Values and Tensors", "keep to one of the two")

    def refusal(self, what: str, remedy: str) -> GraphError:
        origin = origins.here()
        line = f"{origin}: {origin.code!r} " if origin else "the function "
        self.refused = GraphError(f"compile: {line}{what}; a replay repeats operations, not Python: {remedy}")
        return self.refused


def ran(
    function: Callable[[], Any], names: Names, disturb: Callable[[Any], Any] | None = None
) -> tuple[ArrayTape, Any]:
    """Run ``function`` with a tape; what changes more than its result is refused."""
    tape, generators = ArrayTape(disturb), names.generators()
    with _watching, graph.Switch({graph.tape: tape}), graph.enable_grad():
        before = drawn(generators)
        result = function()
        if tape.refused:
            raise tape.refused
        if drawn(generators) != before:
            raise GraphError(
                "compile: the function draws random numbers (dropout does in training), and a replay would repeat "
                "those of the recording; draw them outside and pass them as arguments, or call model.eval()"
            )
    return tape, result


FACTORS = {"negated": (-0.9, -0.5), "enlarged": (3.0, 9.0), "shrunk": (0.5, 0.9), "shrunk alike": (0.7, 0.9)}
KINDS = (("negated", "shrunk"), ("enlarged", "negated"))  # of leaves and of results: two that do not cancel


def disturbance(kind: str) -> Callable[[Any], Any]:
    """A function that changes the numbers of an array: floats by factors, and all in their order.

    A comparison with 0 comes out otherwise when negated, with other limits when enlarged. Functions that refuse such
    numbers, as a Cholesky decomposition does, can be run on floats that are all shrunk alike.
    """
    source = np.random.default_rng(0)
    alike = kind == "shrunk alike"

    def disturbed(array: Any) -> Any:
        out = array
        if array.dtype.kind == "f":
            out = np.asarray(array * source.uniform(*FACTORS[kind], () if alike else array.shape)).astype(array.dtype)
        if array.dtype.kind != "f" or not alike:
            flat = out.reshape(-1)
            order = source.permutation(flat)
            if array.dtype.kind != "f" and np.array_equal(order, flat):  # by chance, as of two tokens
                order = np.roll(flat, 1)
            out = np.array(order.reshape(array.shape))
        return out if array.base is None else out[...]  # a view stays one: a gradient that is one gets copied

    return disturbed


@contextmanager
def disturbed(tensors: Sequence[Tensor], disturb: Callable[[Any], Any]) -> Iterator[list[Any]]:
    """Within this block the tensors have other numbers, in the arrays that are given."""
    arrays = [tensor.raw for tensor in tensors]
    others = [disturb(array) for array in arrays]
    try:
        for tensor, other in zip(tensors, others, strict=True):
            tensor.raw = other
        yield others
    finally:
        for tensor, array in zip(tensors, arrays, strict=True):
            tensor.raw = array


_READS = ("item", "tolist", "numpy", "__float__", "__int__", "__bool__", "__index__", "__array__", "backward")
_WRITES = ("mark_changed",)
_originals = {name: getattr(Tensor, name) for name in (*_READS, *_WRITES) if hasattr(Tensor, name)}


def _refusing(name: str) -> Callable[..., Any]:
    original = _originals[name]
    what, remedy = (
        ("changes a tensor in place (batch_norm does in training)", "do it outside of the compiled function, or eval()")
        if name in _WRITES
        else (f"takes a Tensor's numbers out of the graph (.{name})", "compute with Tensors, or do it outside")
    )

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        tape = graph.tape.get()
        if isinstance(tape, ArrayTape) and (name in _WRITES or not origins.is_ours(sys._getframe(1))):
            raise tape.refusal(what, remedy)
        return original(self, *args, **kwargs)

    return method


_watching = Replaced(Tensor, {name: _refusing(name) for name in _originals})
