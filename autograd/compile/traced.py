"""Two runs of a function of Tensors compared: which operand is which, and what must not have come out otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from autograd.compile.watch import ArrayTape, Entry, Question
from autograd.errors import GraphError
from autograd.graph import Node
from autograd.rule import Rule
from autograd.tensor import Tensor

KEEPING_SHAPES = ("where", "masked_softmax")  # rows that take a mask, and give as many elements whatever it says


class Source(NamedTuple):
    """Where an array comes from: an argument or an operation (by its number), or a Tensor that was there before."""

    kind: str  # "argument", "operation", "leaf" or "constant"
    which: Any


class Asked(NamedTuple):
    """A question, of Sources, that every replay asks again after so many operations."""

    condition: Callable[..., Any]
    operands: tuple[Source, ...]
    answer: bool
    before: int


class Traced(NamedTuple):
    """An operation with its operands as Sources, and numbers as they are."""

    rule: Rule
    operands: tuple[Any, ...]
    parameters: tuple[Any, ...]
    wanted: tuple[bool, ...]  # whether a gradient passes to each operand
    shape: tuple[int, ...]
    dtype: Any


class Tracing:
    """What two runs have in common; ``given`` are the arguments' Tensors in each, and ``leaves``
    those that were disturbed in the second, with the arrays that they had there. Where the runs do not differ in the
    signs of numbers (not ``strong``), masks cannot be told from constants, and are refused."""

    def __init__(
        self,
        tapes: tuple[ArrayTape, ArrayTape],
        given: tuple[Sequence[Tensor], Sequence[Tensor]],
        leaves: tuple[Sequence[Tensor], Sequence[Any]],
        strong: bool,
    ) -> None:
        self._strong = strong
        first, second = tapes
        rules = [[entry.rule for entry in tape.entries] for tape in tapes]
        if rules[0] != rules[1] or len(first.questions) != len(second.questions):
            raise _refusal(
                _difference(first, second),
                "and what comes after it is something else for other numbers (an if, a loop)",
            )
        self._tensors = [
            [*((Source("argument", k), t) for k, t in enumerate(args)),
             *((Source("operation", n), entry.out) for n, entry in enumerate(tape.entries))]
            for args, tape in zip(given, tapes, strict=True)
        ]  # fmt: skip
        self._by_id = [{id(t): source for source, t in tensors} for tensors in self._tensors]
        self._by_array = [{id(t.raw): source for source, t in reversed(tensors)} for tensors in self._tensors]
        for leaf, disturbed in zip(*leaves, strict=True):
            self._by_array[0].setdefault(id(leaf.raw), Source("leaf", leaf))
            self._by_array[1].setdefault(id(disturbed), Source("leaf", leaf))
        self._buffers = [[t.raw for t in args] for args in given]
        self._discrete = {
            Source("operation", n) for n, entry in enumerate(first.entries) if entry.rule.kind == "discrete"
        }  # which may agree by chance
        self.operations = [
            Traced(
                a.rule,
                tuple(self.source(x, y, a) for x, y in zip(a.operands, b.operands, strict=True)),
                tuple(self._parameter(x, y, a) for x, y in zip(a.parameters, b.parameters, strict=True)),
                tuple(a.attached and isinstance(x, Tensor) and x._requires for x in a.operands),
                a.out.raw.shape,
                a.out.raw.dtype,
            )
            for a, b in zip(first.entries, second.entries, strict=True)
        ]
        self.questions = [
            Asked(a.condition, tuple(self._array(x, y, a) for x, y in zip(a.arrays, b.arrays, strict=True)), *a[2:4])
            for a, b in zip(first.questions, second.questions, strict=True)
        ]

    def source(self, x: Any, y: Any, entry: Entry | None) -> Any:
        """Where ``x`` of the first run, which is ``y`` in the second, comes from."""
        if not isinstance(x, Tensor) or not isinstance(y, Tensor):
            if isinstance(x, Node):
                raise _refusal(entry, "mixes Values and Tensors")
            if type(x) is type(y) and (x == y or (x != x and y != y)):
                return x
            raise _refusal(entry, "computes with a number that was read from a tensor")
        found = self._known(self._by_id, x, y)
        if found is None and x is y:
            return Source("leaf", x)
        return found or self._array(x.raw, y.raw, entry, x.raw.dtype)

    def _known(self, table: list[dict[int, Source]], x: Any, y: Any) -> Source | None:
        found = table[0].get(id(x)), table[1].get(id(y))
        return found[0] if found[0] == found[1] else None

    def _array(self, x: Any, y: Any, entry: Entry | Question | None, dtype: Any = None) -> Source:
        """An array by itself: a tensor's, as ``x.detach()`` has it, and places that a discrete row found; a constant;
        or the copy of a tensor of whole numbers, which is of that ``dtype``, or, as places are, of one that fits."""
        found = self._known(self._by_array, x, y)
        if found is not None:
            return found
        if any(np.may_share_memory(x, buffer) for buffer in self._buffers[0]):
            return Source("constant", x)  # a view of what holds the argument's numbers
        same = (self._strong or x.dtype != bool) and x.shape == y.shape
        same = same and np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
        if not same and x.dtype.kind in "bui":
            for (source, a), (_, b) in zip(*self._tensors, strict=True):
                if source in self._discrete or not (a.raw.dtype == dtype if dtype else _fits(a.raw.dtype, x.dtype)):
                    continue
                if np.array_equal(a.raw, x) and np.array_equal(b.raw, y):
                    return source
        if not same:
            raise _refusal(entry, "computes with an array that was made from a tensor's numbers, and by no operation")
        return Source("constant", x)

    def _parameter(self, x: Any, y: Any, entry: Entry) -> Any:
        if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
            source = self._array(x, y, entry)
            if x.dtype == bool and source.kind != "constant" and entry.rule.name not in KEEPING_SHAPES:
                raise _refusal(entry, "chooses by a mask, as many elements as are true, but arrays keep their shapes")
            return source
        if isinstance(x, tuple | list) and type(x) is type(y) and len(x) == len(y):
            return type(x)(self._parameter(a, b, entry) for a, b in zip(x, y, strict=True))
        if type(x) is not type(y) or not (x == y or (x != x and y != y)):
            raise _refusal(entry, "has a parameter that was made from a tensor's numbers")
        return x


def _fits(dtype: Any, places: Any) -> bool:
    """Whether whole numbers of a ``dtype`` are the same as ``places``; truth values are not, by which others are chosen
    than by 0 and 1."""
    return dtype == places or (dtype.kind in "ui" and places.kind in "ui" and np.can_cast(dtype, places))


def _difference(first: ArrayTape, second: ArrayTape) -> Entry | Question:
    """The first operation, or question, that only one of them has."""
    for a, b in zip_longest(first.entries, second.entries):
        if a is None or b is None or a.rule is not b.rule:
            return a or b
    asked = sorted((first.questions, second.questions), key=len)
    return asked[1][len(asked[0])]


def _refusal(entry: Entry | Question | None, what: str) -> GraphError:
    name, line = (entry.name, entry.line) if entry else ("what the function returns", "")
    return GraphError(
        f"compile: {line}{name}: {what}; a replay would repeat it as it was. Compute it by operations that have a "
        "gradient (relu, maximum, clamp, abs), or outside, and pass the result as an argument"
    )
