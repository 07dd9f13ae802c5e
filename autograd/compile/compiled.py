"""A compiled function: which recording a call replays."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from operator import attrgetter
from types import MethodType
from typing import Any
from warnings import warn

import numpy as np

from autograd import anomaly, graph
from autograd.compile.arguments import Arguments, mapped, stand_ins
from autograd.compile.names import Names
from autograd.compile.plan import Plan
from autograd.compile.record import Recording, record
from autograd.compile.replay import Replayed, Run
from autograd.compile.steps import Array
from autograd.errors import GraphError
from autograd.value import Value

KEPT = 16  # recordings of one function
_data, _op = attrgetter("data"), attrgetter("op")


class Compiled:
    """A compiled function. ``recordings`` counts how often the function itself was run to be recorded."""

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise TypeError(f"compile: needs a function, not {function!r}; give the function itself, not its result")
        functools.update_wrapper(self, function)
        self.function = function
        self.recordings = 0
        self._in_a_row = 0  # of recordings, without a replay between them
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.function, '__qualname__', self.function)}>"

    @property
    def plan(self) -> Plan | None:
        """The steps of the call before, to be looked at; None before the first."""
        with self._lock:
            return next(reversed(self._programs.values())).plan if self._programs else None

    def __reduce__(self) -> Any:
        return Compiled, (self.function,)  # a copy records for itself

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if graph.switched and (graph.tape.get() is not None or anomaly.is_looking()):
            return self.function(*args, **kwargs)  # within another recording; or where every line is looked at
        given = Arguments(args, kwargs)
        with self._lock:
            program = self._programs.get(given.key)
            if program is not None:
                self._programs.move_to_end(given.key)
        if program is None or not program.names.mean_the_same():
            program = Program(self.function, args, kwargs)
            with self._lock:
                self.recordings += 1
                self._in_a_row += 1
                useless = self._in_a_row == KEPT
                self._programs[given.key] = program
                while len(self._programs) > KEPT:
                    self._programs.popitem(last=False)
            if useless:
                warn(
                    f"{self!r}: {KEPT} calls in a row were recorded and none replayed, which is slower than the "
                    "function itself; give what changes as floats, arrays of floats or Values: ints, strings, objects "
                    "and lengths are part of a recording, and so is what its names mean",
                    RuntimeWarning,
                    stacklevel=2,
                )
        else:
            self._in_a_row = 0
        return program.run(given)


class Program:
    """One recording with its plan, ready to be run."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        args, kwargs, numbers, values = stand_ins(args, kwargs)
        inputs = numbers + values
        self.names = Names(function)
        recording, result = record(lambda: function(*args, **kwargs), inputs, numbers, self.names)
        outputs: list[int] = []
        self._result = mapped(lambda output: _noted(output, recording, outputs), result)
        self._numbers, self._inputs = len(numbers), len(inputs)
        self._parameters = recording.parameters
        self._constants = np.array(recording.constants, float)
        asked = range(self._numbers, self._inputs + len(self._parameters))
        computed = [number for number in outputs if number >= recording.leaves]
        self.plan = Plan(recording, computed, asked)
        self._deep = any(parameter.op for parameter in self._parameters)
        self._alone = None
        if len(computed) > 1:
            self._alone = functools.cache(lambda output: Plan(recording, [output], asked))

    def run(self, given: Arguments) -> Any:
        plan, parameters = self.plan, self._parameters
        asked = given.values + parameters
        values = plan.forward(self._leaves(given.numbers, asked))
        deep = self._deep or any(map(_op, given.values))
        run = Run(plan, values, asked, self._numbers, deep, self._alone)

        def output(place: Value) -> Value:
            if not isinstance(place, _Place):
                return place
            number = int(place.data)
            if number >= plan.leaves:
                return Replayed.of(run, number)
            return Value(values[number]) if number < self._numbers else asked[number - self._numbers]

        return mapped(output, self._result)

    def _leaves(self, numbers: list[Any], asked: list[Value]) -> Array:
        leaves = np.empty(self.plan.leaves)
        at = 0
        for x in numbers:
            if isinstance(x, float):
                leaves[at] = x
                at += 1
            else:
                leaves[at : at + x.size] = x.ravel()
                at += x.size
        leaves[at : at + len(asked)] = list(map(_data, asked))
        leaves[at + len(asked) :] = self._constants
        return leaves


class _Place(Value):
    """Stands in a recorded result for an output; its number says which."""

    __slots__ = ()


def _noted(output: Value, recording: Recording, outputs: list[int]) -> Value:
    """``output`` as a `_Place`, its number noted among the ``outputs``."""
    if id(output) in recording.made:
        raise GraphError(
            "compile: the function returns a Value that it made of a number; no gradient could be found there, "
            "since every call would have to make another: give it as an argument, or make it outside"
        )
    number = recording.number_of.get(id(output))
    if number is None:  # a Value from before, that nothing was computed from
        return output
    outputs.append(number)
    return _Place(number)
