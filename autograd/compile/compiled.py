"""A compiled function: which recording a call replays."""

from __future__ import annotations

import functools
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from operator import attrgetter
from types import MethodType
from typing import Any
from warnings import warn

import numpy as np

from autograd import anomaly, graph
from autograd.compile.arguments import Arguments, Examples, examples_of, mapped, stand_ins, with_examples
from autograd.compile.guards import Guards
from autograd.compile.names import Names
from autograd.compile.plan import Plan
from autograd.compile.record import Recording, Tape, TensorsMetError, record, without_collections
from autograd.compile.replay import Replayed, Run, of_examples
from autograd.compile.steps import Array
from autograd.errors import DtypeError, GraphError
from autograd.value import Value

KEPT = 16  # recordings of one function
ANOTHER_BRANCH = object()
_op = attrgetter("op")


class Compiled:
    """A compiled function. ``recordings`` counts how often the function itself was run to be recorded."""

    def __init__(self, function: Callable[..., Any], in_axes: Any = None, reduction: str = "mean") -> None:
        if not callable(function):
            raise TypeError(f"compile: needs a function, not {function!r}; give the function itself, not its result")
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"compile: reduction={reduction!r}; it is 'mean', 'sum' or 'none'")
        functools.update_wrapper(self, function)
        self.function = function
        self.in_axes = in_axes
        self.reduction = reduction
        self.recordings = 0
        self._of_tensors = False  # whether it computes with Tensors though none is among its arguments
        self._in_a_row = 0  # of recordings, without a replay between them
        self._programs: OrderedDict[Any, list[Any]] = OrderedDict()  # for each key one of each branch, newest last
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.function, '__qualname__', self.function)}>"

    @property
    def plan(self) -> Any:
        """The steps of the call before, to be looked at; None before the first."""
        with self._lock:
            return next(reversed(self._programs.values()))[-1].plan if self._programs else None

    def __reduce__(self) -> Any:
        return Compiled, (self.function, self.in_axes, self.reduction)  # a copy records for itself

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if graph.switched and (graph.tape.get() is not None or anomaly.is_looking()):
            return self._unrecorded(args, kwargs)  # within another recording; or where every line is looked at
        if self.in_axes is not None:
            args = with_examples(args, self.in_axes)
        given = Arguments(args, kwargs)
        of_tensors = bool(given.tensors) or (self._of_tensors and not given.values)
        key = given.of_arrays() if of_tensors else given.key
        for program in self._candidates(key):
            result = program.run(given)
            if result is not ANOTHER_BRANCH:
                self._in_a_row = 0
                return result
        try:
            program = self._program(of_tensors, args, kwargs)
        except TensorsMetError:  # among what the function refers to
            self._of_tensors = True
            key, program = given.of_arrays(), self._program(True, args, kwargs)
        if self._keep(key, program):
            warn(
                f"{self!r}: {KEPT} calls in a row were recorded and none replayed, which is slower than the "
                "function itself; give what changes as floats, arrays of floats or Values: ints, strings, objects "
                "and lengths are part of a recording, and so are what its names mean and how its comparisons come out",
                RuntimeWarning,
                stacklevel=2,
            )
        return program.run(given, recorded_now=True)

    def _program(self, of_tensors: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not of_tensors:
            with without_collections():
                return Program(self, args, kwargs)
        if self.in_axes is not None:
            raise DtypeError("compile: in_axes is for functions of Values; operations on Tensors have batches already")
        from autograd.compile.buffers import TensorProgram

        return TensorProgram(self, args, kwargs, ANOTHER_BRANCH)

    def _unrecorded(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.in_axes is None:
            return self.function(*args, **kwargs)
        args = with_examples(args, self.in_axes)
        n = examples_of(args) or 1
        results = [
            self.function(*(x.array[k] if isinstance(x, Examples) else x for x in args), **kwargs) for k in range(n)
        ]
        if self.reduction == "none":
            return results
        return sum(results) / (n if self.reduction == "mean" else 1)

    def _candidates(self, key: Any) -> list[Any]:
        """The recordings for calls of that key, the last that was used first."""
        with self._lock:
            programs = self._programs.get(key)
            if programs is None:
                return []
            self._programs.move_to_end(key)
            programs[:] = [program for program in programs if program.names.mean_the_same()]
            return programs[::-1]

    def _keep(self, key: Any, program: Any) -> bool:
        """Keep a new recording, and of all of them the last few; whether none of the last was ever of use."""
        with self._lock:
            self.recordings += 1
            self._in_a_row += 1
            self._programs.setdefault(key, []).append(program)
            while sum(map(len, self._programs.values())) > KEPT:
                oldest, programs = next(iter(self._programs.items()))
                del programs[:1]
                if not programs:
                    del self._programs[oldest]
            return self._in_a_row == KEPT


class Program:
    """One recording with its plan, ready to be run."""

    def __init__(self, compiled: Compiled, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        function, self._reduction = compiled.function, compiled.reduction
        self._examples = examples_of(args)
        args, kwargs, numbers, values, batched = stand_ins(args, kwargs)
        inputs = numbers + values
        self.names = Names(function)
        recording, result, tape = record(lambda: function(*args, **kwargs), inputs, numbers, self.names)
        outputs: list[int] = []
        self._result = mapped(functools.partial(_noted, tape, recording, outputs), result)
        del result, tape  # with all nodes
        self._numbers, self._leaf_count = len(numbers), recording.leaves
        self._parameters = recording.parameters
        self._constants = np.array(recording.constants, float)
        asked = range(len(numbers), len(inputs) + len(self._parameters))
        batch = np.pad(np.array(batched, bool), (0, recording.leaves - len(inputs))), self._examples or 1
        compared = [number for c in recording.comparisons for number in (c.left, c.right)]
        self.plan = Plan(recording, list(dict.fromkeys(outputs + compared)), asked, *batch)
        self._guards = Guards(recording.comparisons, self.plan.position)
        self._start = int(np.where(batched[: len(numbers)], batch[1], 1).sum())  # where the leaves that are asked stand
        self._floats = f"{len(asked)}d"  # fills an array faster than NumPy from a list
        self._deep = any(parameter.op for parameter in self._parameters)
        self._alone = None
        if len({number for number in outputs + compared if number >= recording.leaves}) > 1:
            self._alone = functools.cache(lambda output: Plan(recording, [output], asked, *batch))

    def run(self, given: Arguments, recorded_now: bool = False) -> Any:
        """The result for these arguments; ANOTHER_BRANCH if a comparison comes out otherwise than when recording."""
        plan, asked = self.plan, given.values + self._parameters
        leaves = self._leaves(given.numbers, asked)
        with plan.loaded(leaves) as numbers:
            if not self._guards.hold(numbers.values) and not recorded_now:  # its own sums may be rounded otherwise
                return ANOTHER_BRANCH
            deep = self._deep or any(map(_op, given.values))
            return self._outputs(Run(plan, leaves, asked, self._start, deep, self._alone), numbers.values)

    def _outputs(self, run: Run, values: Array) -> Any:
        """The result, made of the values of a run."""

        def output(place: Value) -> Any:
            if not isinstance(place, _Place):
                return place
            number = int(place.data)
            if self._examples:
                return of_examples(run, values, number, self._examples, self._reduction)
            if number >= self._leaf_count:
                return Replayed.of(run, values, number)
            at = run.plan.position[number][0]
            return Value(values[at]) if number < self._numbers else run.leaves[number - self._numbers]

        return mapped(output, self._result)

    def _leaves(self, numbers: list[Any], asked: list[Value]) -> Array:
        leaves = np.empty(self.plan.leaves)
        at = 0
        if set(map(type, numbers)) <= {float}:
            at = len(numbers)
            struct.pack_into(f"{at}d", leaves.data, 0, *numbers)
            numbers = []
        for x in numbers:
            size = np.size(x)
            leaves[at : at + size] = np.ravel(x)
            at += size
        struct.pack_into(self._floats, leaves.data, leaves.itemsize * at, *[value.data for value in asked])
        leaves[at + len(asked) :] = self._constants
        return leaves


class _Place(Value):
    """Stands in a recorded result for an output; its number says which."""

    __slots__ = ()


def _noted(tape: Tape, recording: Recording, outputs: list[int], output: Value) -> Value:
    """``output`` as a `_Place`, its number noted among the ``outputs``."""
    if id(output) in tape.made:
        raise GraphError(
            "compile: the function returns a Value that it made of a number; no gradient could be found there, "
            "since every call would have to make another: give it as an argument, or make it outside"
        )
    number = tape.numbered(output, recording)
    if number is None:  # a Value from before, that nothing was computed from
        return output
    outputs.append(number)
    return _Place(number)
