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


class Question(NamedTuple):
    """A condition that decided what the function did next (`functions.answers.holds`), and how it was answered."""

    condition: Callable[..., Any]
    arrays: tuple[Any, ...]
    answer: bool
    before: int  # as many operations stand before it
    line: str

    @property
    def name(self) -> str:
        return "a question"


class Entry(NamedTuple):
    """One operation of a recording."""

    out: Tensor
    rule: Rule
    operands: tuple[Any, ...]
    parameters: tuple[Any, ...]
    attached: bool  # whether a gradient passes
    line: str

    @property
    def name(self) -> str:
        return self.rule.name


class Second(NamedTuple):
    """How the second run of a function is told from the first: ``disturb`` changes the numbers of each result, and its
    questions are answered as those of the first were, so that it goes the same way."""

    disturb: Callable[[Any], Any]
    questions: Sequence[Question]


class ArrayTape:
    """The operations on Tensors, and the questions, in order."""

    def __init__(self, second: Second | None = None) -> None:
        self.entries: list[Entry] = []
        self.questions: list[Question] = []
        self.refused: GraphError | None = None
        self._second = second

    def add_array(self, out: Tensor, rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...]) -> None:
        self.entries.append(Entry(out, rule, operands, parameters, out._requires, _line()))
        if self._second is not None:
            out.raw = self._second.disturb(out.raw)

    def answer(self, condition: Callable[..., Any], arrays: tuple[Any, ...]) -> bool:
        """Whether ``condition`` holds of these arrays; noted as a question."""
        asked = len(self.questions)
        if self._second is None:
            answer = bool(condition(*arrays))
        elif asked < len(self._second.questions):
            answer = self._second.questions[asked].answer
        else:
            raise self.refusal("asks more of other numbers", "compute with Tensors, or ask outside")
        self.questions.append(Question(condition, arrays, answer, len(self.entries), _line()))
        return answer

    def add(self, *_: Any) -> None:
        raise self.refusal("mixes Values and Tensors", "keep to one of the two")

    def refusal(self, what: str, remedy: str) -> GraphError:
        self.refused = GraphError(f"compile: {_line()}{what}; a replay repeats operations, not Python: {remedy}")
        return self.refused


def _line() -> str:
    """The user's line that runs, as the beginning of a message."""
    origin = origins.here()
    return f"{origin}: {origin.code!r} " if origin else "the function "


def ran(function: Callable[[], Any], names: Names, second: Second | None = None) -> tuple[ArrayTape, Any]:
    """Run ``function`` with a tape; what changes more than its result is refused."""
    tape, generators = ArrayTape(second), names.generators()
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
FEW = 64  # elements, whose order may be the same by chance
KINDS = (("negated", "shrunk"), ("enlarged", "negated"))  # of leaves and of results: two that do not cancel


def disturbance(kind: str) -> Callable[[Any], Any]:
    """A function that changes the numbers of an array: floats by factors, and all in their order.

    A comparison with 0 comes out otherwise when negated, with other limits when enlarged; what is 0 becomes something
    else, and, among the enlarged, some become 0. Functions that refuse such numbers, as a Cholesky decomposition does,
    can be run on floats that are all shrunk alike.
    """
    source = np.random.default_rng(0)
    alike = kind == "shrunk alike"

    def disturbed(array: Any) -> Any:
        out = array
        if array.dtype.kind == "f":
            factors = source.uniform(*FACTORS[kind], () if alike else array.shape)
            out = np.asarray(array * factors).astype(array.dtype)
            if not alike:
                np.copyto(out, np.abs(factors), "same_kind", where=array == 0)
            if kind == "enlarged":
                out.flat[1::5] = 0
        if array.dtype.kind != "f" or not alike:
            flat = out.reshape(-1)
            order = source.permutation(flat)
            if flat.size <= FEW and np.array_equal(np.argsort(order), np.argsort(array, None)):  # by chance
                order = np.roll(order, 1)
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


_READS = ("item", "tolist", "numpy", "__float__", "__int__", "__index__", "__array__", "backward")
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
