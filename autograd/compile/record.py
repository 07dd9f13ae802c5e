"""Recording: a function runs once, every operation on `Value`s is noted on a tape, and what a replay could not
repeat is refused.

A replay repeats operations, not Python. A number that leaves the graph (``x.data``, ``float(x)``) could decide what
the function does next, or come back as a constant; the replay would repeat the old decision with new numbers. So while
a tape runs, only the operations themselves may look at a Value's number. Comparisons of Values (``x > 0``, ``max(xs)``)
are noted with their answers, which every replay checks (`guards.py`).
"""

from __future__ import annotations

import gc
import numbers
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from autograd import graph, origins, value
from autograd.compile.guards import COMPARISONS, Comparison
from autograd.compile.names import Names
from autograd.compile.replaced import Replaced
from autograd.errors import GraphError
from autograd.generator import default_generator
from autograd.rule import Rule
from autograd.value import METHOD_CODES, Value


class Node(NamedTuple):
    """An operation of a recording; ``operands`` are numbers of leaves and of earlier nodes."""

    rule: Rule
    parameters: tuple[Any, ...]
    operands: tuple[int, ...]
    attached: bool  # False: made within no_grad(), no gradient passes


class Recording(NamedTuple):
    """What a function did: first its leaves are numbered, inputs, parameters and constants; then its nodes."""

    inputs: list[Value]
    parameters: list[Value]  # the Values that it refers to and that existed before
    constants: list[float]
    nodes: list[Node]
    comparisons: list[Comparison]

    @property
    def leaves(self) -> int:
        return len(self.inputs) + len(self.parameters) + len(self.constants)


class TensorsMetError(Exception):
    """The function computes with Tensors, which are recorded otherwise (`watch.py`)."""


class Tape:
    """The operations so far, in order, with numbers for what they are of: nodes are numbered from 0 on, leaves as they
    are met from -1 down, the inputs first. What has a number is kept, so that its id is its own."""

    def __init__(self, inputs: Sequence[Value], given: Sequence[Value]) -> None:
        self.nodes: list[Value] = []
        self.operations: list[tuple[Any, bool]] = []  # and whether a gradient passes
        self.operands: list[tuple[int, ...]] = []
        self.comparisons: list[tuple[Any, Any, Any, bool]] = []
        self.leaves: list[Any] = list(inputs)  # Values and, of the function's own, floats
        self.made: dict[int, Value] = {}  # the leaves that the function made itself
        self.refused: GraphError | None = None
        self.numbers = {id(number) for number in given}
        self.number_of: dict[Any, int] = {id(x): ~k for k, x in enumerate(inputs)}
        self.order: list[int] = []  # the numbers of the leaves in the recording
        self.aliases: list[Value] = []  # Value(x) of a number x among the arguments is x
        self._kinds: dict[tuple[Any, bool], tuple[Any, bool]] = {}

    def add_array(self, *_: Any) -> None:
        raise TensorsMetError("a Tensor")

    refusal = answer = add_array

    def add(self, node: Value, op: Any, operands: tuple[Any, ...], attached: bool) -> None:
        if op.parameters:
            _check_parameters(op)
        number_of = self.number_of
        try:
            self.operands.append(tuple([number_of[id(x)] for x in operands]))
        except KeyError:
            self.operands.append(tuple([self.number(x) for x in operands]))
        kind = (op, attached)
        self.operations.append(self._kinds.setdefault(kind, kind))
        number_of[id(node)] = len(self.nodes)
        self.nodes.append(node)

    def number(self, operand: Any) -> int:
        """The number of an operand, which may be a leaf that was not met before."""
        if isinstance(operand, Value):
            name: Any = id(operand)
            leaf = self.made[name].data if name in self.made else operand
        else:
            leaf = float(operand)
            name = ("number", leaf.hex())
        if name not in self.number_of:
            self.leaves.append(leaf)
            self.number_of[name] = -len(self.leaves)
        return self.number_of[name]

    def numbered(self, result: Value, recording: Recording) -> int | None:
        """The number of a part of the result in a recording made of this; None if it is not of the recording."""
        number = self.number_of.get(id(result))
        if number is None or number >= 0:
            return None if number is None else number + recording.leaves
        return self.order[~number]


def _check_parameters(op: Any) -> None:
    for name, parameter in zip(op.rule.parameters, op.parameters, strict=True):
        if isinstance(parameter, graph.Node):
            raise _refusal(
                f"gives {op.name} a Value as its {name}, which is no operand but part of the operation",
                "a number there must be the function's own, or an int argument",
            )


def record(
    function: Callable[[], Any], inputs: Sequence[Value], given: Sequence[Value], names: Names
) -> tuple[Recording, Any, Tape]:
    """Run ``function``, which uses ``inputs``; ``given`` are those among them that the caller gave as numbers.
    ``names`` are those that it refers to."""
    tape = Tape(inputs, given)
    generators = names.generators()
    with _watching, graph.Switch({graph.tape: tape}), graph.enable_grad():
        before = drawn(generators)
        result = function()
        if tape.refused:  # and the function caught it
            raise tape.refused
        if drawn(generators) != before:
            raise GraphError(
                "compile: the function draws random numbers, and a replay would repeat those of the recording; "
                "draw them outside and pass them as arguments"
            )
    return _numbered(tape, inputs), result, tape


def _numbered(tape: Tape, inputs: Sequence[Value]) -> Recording:
    """The tape with leaves numbered first: inputs, parameters, constants."""
    compared = [(tape.number(left), tape.number(right)) for _, left, right, _ in tape.comparisons]
    own = range(len(inputs), len(tape.leaves))
    parameters = [k for k in own if isinstance(tape.leaves[k], Value)]
    constants = [k for k in own if not isinstance(tape.leaves[k], Value)]
    first = len(tape.leaves)
    final = list(range(first, first + len(tape.nodes)))  # by the tape's numbers: nodes, and leaves from the end
    tape.order = list(range(first))
    for number, k in enumerate(parameters + constants, len(inputs)):
        tape.order[k] = number
    final += reversed(tape.order)
    at = final.__getitem__
    nodes = [
        Node(op.rule, op.parameters, tuple(map(at, operands)), attached)
        for (op, attached), operands in zip(tape.operations, tape.operands, strict=True)
    ]
    comparisons = [
        Comparison(compare, at(left), at(right), answer)
        for (compare, _, _, answer), (left, right) in zip(tape.comparisons, compared, strict=True)
    ]
    return Recording(
        list(inputs),
        [tape.leaves[k] for k in parameters],
        [tape.leaves[k] for k in constants],
        nodes,
        comparisons,
    )


# What may not happen while a tape runs -------------------------------------------------------------------------------


def _codes(*functions: Any) -> dict[int, CodeType]:
    """The code of these functions and of what they define, by id: to hash code takes long."""
    found: dict[int, CodeType] = {}
    stack: list[Any] = [getattr(function, "__func__", function).__code__ for function in functions]
    while stack:
        code = stack.pop()
        found[id(code)] = code
        stack += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return found


_OPERATIONS = _codes(Value.apply, value._watched)
_MAY_READ = _OPERATIONS | _codes(Value.__repr__)  # to print a number decides nothing
_MAY_WRITE = _OPERATIONS | _codes(Value.__init__)

_slots = {name: vars(Value)[name] for name in ("data", "grad")}
_comparisons = {name: vars(Value)[name] for name in COMPARISONS}
_original_init = Value.__init__


def _may_read(frame: FrameType) -> bool:
    """Whether the function that runs in ``frame`` only computes with the number."""
    return id(frame.f_code) in _MAY_READ or id(frame.f_code) in METHOD_CODES


def _may_write(frame: FrameType) -> bool:
    return id(frame.f_code) in _MAY_WRITE or id(frame.f_code) in METHOD_CODES


def _guarded(name: str) -> property:
    slot = _slots[name]

    def read(self: Value) -> float:
        if id(sys._getframe(1).f_code) in METHOD_CODES:
            return slot.__get__(self)
        if graph.tape.get() is not None and not _may_read(sys._getframe(1)):
            raise _refusal(
                f"looks at a Value's number (its .{name}, or by float(), backward)",
                "compute with the Value itself (x.exp(), x.max(y), x > y), or do it outside of the compiled function",
            )
        return slot.__get__(self)

    def write(self: Value, number: float) -> None:
        if id(sys._getframe(1).f_code) in METHOD_CODES:
            return slot.__set__(self, number)
        if graph.tape.get() is not None and not _may_write(sys._getframe(1)):
            raise _refusal(f"sets a Value's .{name}", "do it outside of the compiled function")
        return slot.__set__(self, number)

    return property(read, write)


def _refusal(what: str, remedy: str) -> GraphError:
    origin = origins.here()
    line = f"{origin}: {origin.code!r} " if origin else "the function "
    error = GraphError(f"compile: {line}{what}; a replay repeats operations, not Python: {remedy}")
    graph.tape.get().refused = error
    return error


def _init(self: Value, data: Any, label: str = "") -> None:
    tape = graph.tape.get()
    if tape is None:
        _original_init(self, data, label)
    elif id(data) in tape.numbers:
        tape.number_of[id(self)] = tape.number_of[id(data)]
        tape.aliases.append(self)
        _original_init(self, _slots["data"].__get__(data), label)
    else:
        _original_init(self, data, label)
        tape.made[id(self)] = self


def _compared(name: str) -> Callable[[Value, Any], Any]:
    original, compare = _comparisons[name], COMPARISONS[name]
    read = _slots["data"].__get__

    def method(self: Value, other: Any) -> Any:
        tape = graph.tape.get()
        if tape is None:
            return original(self, other)
        if not isinstance(other, Value | numbers.Real | np.bool_):
            return NotImplemented
        number = read(other) if isinstance(other, Value) else float(other)
        answer = bool(compare(read(self), number))
        tape.comparisons.append((compare, self, other, answer))
        return answer

    return method


_watching = Replaced(  # within it a Value's number is for operations only
    Value,
    {
        **{name: _guarded(name) for name in _slots},
        **{name: _compared(name) for name in COMPARISONS},
        "__init__": _init,
    },
)


@contextmanager
def without_collections() -> Iterator[None]:
    """Within this block Python does not look for cyclic garbage: a recording makes many objects, and no garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def drawn(generators: Sequence[Any]) -> Any:
    """Where the generators of random numbers stand: these, and those that everyone shares."""
    legacy = np.random.get_state(legacy=True)
    ours = vars(default_generator).get("numpy")
    states = [repr(x.bit_generator.state) for x in (ours, *generators) if isinstance(x, np.random.Generator)]
    states += [repr(x.getstate()) for x in generators if isinstance(x, random.Random)]
    return random.getstate(), legacy[1].tobytes(), legacy[2:], states  # type: ignore[index]
