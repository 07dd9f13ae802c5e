"""Calls of a compiled function of `Tensor`s: numbers copied in, lines run, results copied out, gradients delivered."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd.backward import put_grad
from autograd.compile.arguments import Arguments, with_tensors
from autograd.compile.calls import Call
from autograd.compile.names import Names
from autograd.compile.tensors import AnotherBranch, Backward, Forward
from autograd.compile.traced import Source, Tracing
from autograd.compile.watch import KINDS, Second, disturbance, disturbed, ran
from autograd.errors import GraphError
from autograd.tensor import Tensor

Array = np.ndarray[Any, Any]
REFUSED_NUMBERS = (ValueError, ArithmeticError, LookupError)  # raised by a function that cannot compute with some


class TensorProgram:
    """One recording of a function of Tensors, with the arrays that its replays write into."""

    def __init__(self, compiled: Any, args: tuple[Any, ...], kwargs: dict[str, Any], another: Any) -> None:
        function, given = compiled.function, Arguments(args, kwargs)
        self.names = Names(function)
        self.serial = 0  # of the call whose numbers the arrays hold
        self._another = another
        roots = [*self.names.objects(), function, args, kwargs]
        self._modes = [(module, module.training) for module in _modules(roots)]
        self._buffers = [tensor.raw.copy() for tensor in given.tensors]
        result, self.outputs, tracing = self._traced(function, (args, kwargs), roots)
        places = iter(range(len(self.outputs)))
        self._result = with_tensors(result, lambda _: _Place(next(places)))
        self._attached = [x._requires for x in _tensors_in(result)]
        self._operations, self._questions = tracing.operations, tracing.questions
        self._note_leaves()
        self.asked = [Source("argument", k) for k, x in enumerate(given.tensors) if x._requires]
        self._inputs = [source.which for source in self.asked]
        self._parameters = [x for x in self.leaves if x._requires]
        self.asked += [Source("leaf", x) for x in self._parameters]
        self._kept: dict[Any, Array] = {}  # gradients, given to leaves that have none
        self._prepare()

    def _traced(self, function: Any, given: tuple[Any, Any], roots: list[Any]) -> tuple[Any, list[Source], Tracing]:
        """What the function returns, where the Tensors in that come from, and what this run has in common with those
        on disturbed numbers."""

        def run(disturb: Callable[[Any], Any] | None = None, second: Second | None = None) -> Any:
            """One run on stand-ins; its tape, its result and the stand-ins."""
            stand_ins: list[Tensor] = []

            def stand_in(tensor: Tensor) -> Tensor:
                buffer = self._buffers[len(stand_ins)]
                stand_ins.append(Tensor.of(buffer if disturb is None else disturb(buffer)))
                stand_ins[-1]._requires = tensor._requires
                return stand_ins[-1]

            args, kwargs = with_tensors(given, stand_in)
            tape, result = ran(lambda: function(*args, **kwargs), self.names, second)
            return tape, result, stand_ins

        tape, result, stand_ins = run()
        parameters = _parameters(roots, tape)

        def again(of_leaves: str, of_results: str) -> tuple[list[Source], Tracing]:
            with disturbed(parameters, disturbance(of_leaves)) as theirs:
                other = run(disturbance(of_leaves), Second(disturbance(of_results), tape.questions))
            leaves, strong = (parameters, theirs), of_leaves != "shrunk alike"
            tracing = Tracing((tape, other[0]), (stand_ins, other[2]), leaves, strong)
            outputs = _tensors_in(result), _tensors_in(other[1])
            if len(outputs[0]) != len(outputs[1]):
                raise GraphError(
                    "compile: the function returns other results for other numbers; return the same Tensors"
                )
            return [tracing.source(x, y, None) for x, y in zip(*outputs, strict=True)], tracing

        runs = []
        for kinds in KINDS:
            with suppress(*REFUSED_NUMBERS):
                runs.append(again(*kinds))
        outputs, tracing = runs[0] if runs else again("shrunk alike", "shrunk alike")
        return result, outputs, tracing

    def _note_leaves(self) -> None:
        """The Tensors that were there before and that the operations read, as they are now."""
        found = [s for o in self._operations for s in o.operands if isinstance(s, Source)] + self.outputs
        found += [s for asked in self._questions for s in asked.operands]
        leaves = {id(s.which): s.which for s in found if s.kind == "leaf"}
        self.leaves: list[Tensor] = list(leaves.values())
        self._kinds = [(x.raw.shape, x.raw.dtype, x._requires) for x in self.leaves]
        self._arrays = {id(x): x.raw for x in self.leaves}
        self._copied: set[int] = set()  # leaves whose array became another: their numbers are copied in

    def _prepare(self) -> None:
        self.forward = Forward(self._operations, self._questions, self._buffers, self._arrays, self.outputs)
        self.backward = functools.cache(lambda n: Backward(self.forward, self.outputs[n], self.asked))

    @property
    def plan(self) -> Lines:
        """The lines of the forward program."""
        return Lines(self.forward.emitter)

    def run(self, given: Arguments, recorded_now: bool = False) -> Any:
        """The result for these arguments; ANOTHER_BRANCH if a leaf is no longer what it was, or an answer another."""
        if not self._ready():
            return self._another
        for buffer, tensor in zip(self._buffers, given.tensors, strict=True):
            buffer[...] = tensor.raw
        self.serial += 1
        self.forward.asking = not recorded_now
        try:
            self.forward.run()
        except AnotherBranch:
            return self._another
        call = Call(self, given.tensors)

        def output(place: Tensor) -> Tensor:
            if not isinstance(place, _Place):
                return place
            source = self.outputs[place.which]
            if source.kind == "argument":
                return given.tensors[source.which]
            if source.kind == "leaf":
                return source.which
            array = self.forward.ref(source).value if self._stable(source) else self._current(source)
            return call.result(place.which, array.copy(), self._attached[place.which])

        return with_tensors(self._result, output)

    def _stable(self, source: Source) -> bool:
        return self.forward.ref(source).kept

    def _current(self, source: Source) -> Array:
        found: Array = self.forward.emitter.names[self.forward.ref(source).name]
        return found

    def _ready(self) -> bool:
        """Whether the leaves are as recorded; their numbers, where these came to stand elsewhere, are copied in."""
        if any(module.training is not training for module, training in self._modes):
            return False
        for leaf, kind in zip(self.leaves, self._kinds, strict=True):
            raw = leaf.raw
            if leaf._requires is not kind[2]:
                return False
            if raw is self._arrays[id(leaf)]:
                continue
            if (raw.shape, raw.dtype) != kind[:2]:
                return False
            if id(leaf) not in self._copied:
                self._copied.add(id(leaf))
                self._arrays[id(leaf)] = raw.copy()
                self._prepare()
            np.copyto(self._arrays[id(leaf)], raw)
        return True

    def gradients(self, output: int, upstream: Any) -> list[Any]:
        """The arrays that hold, until the next call, the gradients of what is asked; None where there is none."""
        backward = self.backward(output)
        np.copyto(backward.seed.value, 1 if upstream is None else upstream)
        backward.run()
        return [
            None if ref is None else ref.value if ref.kept else backward.emitter.names[ref.name]
            for ref in backward.grads.values()
        ]

    def deliver(self, k: int, leaf: Tensor, gradient: Array) -> None:
        """Add to ``grad`` of a leaf, in the array kept for it, unless somebody else holds that array."""
        ours = leaf._grad is not None and leaf._grad is self._kept.get(k)
        free = k in self._kept and sys.getrefcount(self._kept[k]) == 2 + ours  # for the call, the dictionary, the leaf
        if leaf._grad is None:
            if free:
                self._kept[k][...] = gradient
            else:
                self._kept[k] = np.array(gradient)
            leaf._grad = self._kept[k]
        elif ours and free:
            np.add(leaf._grad, gradient, leaf._grad)
        else:
            put_grad(leaf, leaf.accumulated(np.array(gradient)), create_graph=False)


class Lines:
    """The program of a recording, to be looked at."""

    def __init__(self, emitter: Any) -> None:
        self.lines = list(emitter.lines)
        self.allocating = sorted(emitter.allocating)  # words whose results are new arrays in each run
        self._names = dict(emitter.names)

    def __repr__(self) -> str:
        return "\n".join(self._words(line) for line in self.lines)

    def _words(self, line: str) -> str:
        name, _, rest = line.removeprefix("if (found := ").partition(") is not ")[0].partition("(")
        function = self._names.get(name.rpartition(" = ")[2])
        word = getattr(function, "__qualname__", "").split(".")[0].lstrip("_") or getattr(function, "__name__", "?")
        shapes = [getattr(self._names.get(x.strip(" ()").removeprefix("out=")), "shape", None) for x in rest.split(",")]
        return f"{word} {' '.join(str(shape) for shape in shapes if shape is not None)}".strip()


class _Place(Tensor):
    """Stands in a recorded result for an output."""

    __slots__ = ("which",)

    def __init__(self, which: int) -> None:
        self.which = which


def _tensors_in(result: Any) -> list[Tensor]:
    found: list[Tensor] = []
    with_tensors(result, found.append)
    return found


def _modules(roots: Sequence[Any]) -> list[Any]:
    """The modules among ``roots``, and those whose methods are: their ``training`` decides what they do."""
    owners = [getattr(x, "__self__", x) for root in roots for x in _parts(root)]
    return [m for x in owners if callable(getattr(x, "modules", None)) for m in x.modules() if hasattr(m, "training")]


def _parameters(roots: Sequence[Any], tape: Any) -> list[Tensor]:
    """Tensors that require gradients: those used by an operation, among ``roots`` and in their modules."""
    made = {id(entry.out) for entry in tape.entries}
    found = [x for entry in tape.entries for x in entry.operands]
    found += [x for root in roots for x in _parts(root)]
    found += [p for module in _modules(roots) for p in module.parameters()]
    kept = {id(x): x for x in found if isinstance(x, Tensor) and x._requires and id(x) not in made}
    return list(kept.values())


def _parts(x: Any) -> list[Any]:
    if isinstance(x, dict):
        x = list(x.values())
    return [part for element in x for part in _parts(element)] if isinstance(x, list | tuple) else [x]
