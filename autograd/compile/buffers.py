"""Calls of a compiled function of `Tensor`s: numbers copied in, lines run, results copied out, gradients delivered."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd import graph
from autograd.compile.arguments import Arguments, with_tensors
from autograd.compile.names import Names
from autograd.compile.replay import _CompiledRule
from autograd.compile.tensors import Backward, Forward
from autograd.compile.traced import Source, Tracing
from autograd.compile.watch import KINDS, disturbance, disturbed, ran
from autograd.errors import GraphError
from autograd.graph import Operation
from autograd.inplace import changes
from autograd.rule import Reading
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
        self._modes = [
            (module, module.training) for module in _modules([*self.names.objects(), function, args, kwargs])
        ]
        self._buffers = [tensor.raw.copy() for tensor in given.tensors]

        def run(disturb: Callable[[Any], Any] | None = None, results: Callable[[Any], Any] | None = None) -> Any:
            """One run on stand-ins; its tape, its result and the stand-ins."""
            stand_ins: list[Tensor] = []

            def stand_in(tensor: Tensor) -> Tensor:
                buffer = self._buffers[len(stand_ins)]
                stand_ins.append(Tensor.of(buffer if disturb is None else disturb(buffer)))
                stand_ins[-1]._requires = tensor._requires
                return stand_ins[-1]

            changed = with_tensors((args, kwargs), stand_in)
            tape, result = ran(lambda: function(*changed[0], **changed[1]), self.names, results)
            return tape, result, stand_ins

        first = run()
        parameters = _parameters([*self.names.objects(), function, args, kwargs], first[0])

        def traced(of_leaves: str, of_results: str) -> tuple[Any, Tracing]:
            """What a run on disturbed numbers returns, and what it has in common with the first."""
            with disturbed(parameters, disturbance(of_leaves)) as theirs:
                tape, result, stand_ins = run(disturbance(of_leaves), disturbance(of_results))
            leaves = parameters, theirs
            return result, Tracing((first[0], tape), (first[2], stand_ins), leaves, of_leaves != "shrunk alike")

        runs = []
        for kinds in KINDS:
            with suppress(*REFUSED_NUMBERS):
                runs.append(traced(*kinds))
        second, tracing = runs[0] if runs else traced("shrunk alike", "shrunk alike")
        results = [_tensors_in(result) for result in (first[1], second)]
        places = iter(range(len(results[0])))
        self._result = with_tensors(first[1], lambda _: _Place(next(places)))
        if len(results[0]) != len(results[1]):
            raise GraphError("compile: the function returns other results for other numbers; return the same Tensors")
        self.outputs: list[Source] = [tracing.source(x, y, None) for x, y in zip(*results, strict=True)]
        self._attached = [x._requires for x in results[0]]
        self._operations = tracing.operations
        found = [s for o in self._operations for s in o.operands if isinstance(s, Source)] + self.outputs
        leaves = {id(s.which): s.which for s in found if s.kind == "leaf"}
        self.leaves: list[Tensor] = list(leaves.values())
        self._kinds = [(x.raw.shape, x.raw.dtype, x._requires) for x in self.leaves]
        self._arrays = {id(x): x.raw for x in self.leaves}
        self._copied: set[int] = set()  # leaves whose array became another: their numbers are copied in
        self.asked = [Source("argument", k) for k, x in enumerate(given.tensors) if x._requires]
        self._inputs = [source.which for source in self.asked]
        self._parameters = [x for x in self.leaves if x._requires]
        self.asked += [Source("leaf", x) for x in self._parameters]
        self._kept: dict[Any, Tensor] = {}  # gradients, given to leaves that have none
        self._prepare()

    def _prepare(self) -> None:
        self.forward = Forward(self._operations, self._buffers, self._arrays, self.outputs)
        self.backward = functools.cache(lambda n: Backward(self.forward, self.outputs[n], self.asked))

    @property
    def plan(self) -> Lines:
        """The lines of the forward program."""
        return Lines(self.forward.emitter)

    def run(self, given: Arguments, recorded_now: bool = False) -> Any:
        """The result for these arguments; ANOTHER_BRANCH if a leaf is no longer what it was."""
        if not self._ready():
            return self._another
        for buffer, tensor in zip(self._buffers, given.tensors, strict=True):
            np.copyto(buffer, tensor.raw)
        self.serial += 1
        self.forward.run()
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
        kept, grad = self._kept.get(k), leaf._grad
        if kept is not None and (sys.getrefcount(kept) > (3 if grad is None else 5) or sys.getrefcount(kept.raw) > 2):
            kept = None
        if grad is None:
            if kept is None or kept.raw.shape != gradient.shape or kept.op is not None or kept._requires:
                kept = self._kept[k] = Tensor.of(gradient.copy())
            else:
                np.copyto(kept.raw, gradient)
            leaf._grad = kept
        elif grad is kept and grad.raw.dtype == gradient.dtype:
            np.add(kept.raw, gradient, kept.raw)
        else:
            leaf._grad = leaf.accumulated(Tensor.of(gradient.copy()))


class Lines:
    """The program of a recording, to be looked at."""

    def __init__(self, emitter: Any) -> None:
        self.lines = list(emitter.lines)
        self.allocating = sorted(emitter.allocating)  # words whose results are new arrays in each run
        self._names = dict(emitter.names)

    def __repr__(self) -> str:
        return "\n".join(self._words(line) for line in self.lines)

    def _words(self, line: str) -> str:
        name, _, rest = line.partition("(")
        function = self._names.get(name.rpartition(" = ")[2])
        word = getattr(function, "__qualname__", "").split(".")[0].lstrip("_") or getattr(function, "__name__", "?")
        shapes = [getattr(self._names.get(x.strip(" ()").removeprefix("out=")), "shape", None) for x in rest.split(",")]
        return f"{word} {' '.join(str(shape) for shape in shapes if shape is not None)}".strip()


class _Place(Tensor):
    """Stands in a recorded result for an output."""

    __slots__ = ("which",)

    def __init__(self, which: int) -> None:
        self.which = which


class Call:
    """One call: its results can be differentiated until the next, which writes into the same arrays."""

    __slots__ = ("inputs", "program", "serial", "when")

    def __init__(self, program: TensorProgram, tensors: Sequence[Tensor]) -> None:
        self.program = program
        self.inputs = [tensors[k] for k in program._inputs]
        self.serial = program.serial
        self.when = next(changes.clock)

    def result(self, which: int, array: Array, attached: bool) -> Tensor:
        if not attached or not graph.is_recording():
            return Tensor.of(array)
        out = object.__new__(ReplayedTensor)
        out._fill(array)
        out.op = Operation(_RULE)
        out.operands = (*self.inputs, *self.program._parameters)
        out._requires = True
        out._recorded = self.when
        out.call, out.which = self, which
        return out

    def check(self) -> None:
        """Raise if the arrays, or the leaves', are no longer those of this call."""
        if self.serial != self.program.serial:
            raise GraphError(
                "backward: the compiled function was called again since, and its arrays hold the numbers of that call; "
                "call backward() before the next call, or compile(f) once more for the other call"
            )
        if changes.last > self.when:
            for leaf in self.program.leaves:
                if leaf._memory is not None and leaf._memory.changed > self.when:
                    raise GraphError(
                        f"backward: a tensor of shape {leaf.shape} that the compiled function read was changed in "
                        "place since; call backward() before the update"
                    )


class ReplayedTensor(Tensor):
    """A result of a compiled function: its operands are the leaves that the function read."""

    __slots__ = ("call", "which")

    call: Call
    which: int

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """As `Tensor.backward`; where it is called on the very result, into arrays that are kept."""
        simple = inputs is None and not create_graph and retain_graph is not False and not self._retains
        if not simple or any(x.op is not None or x._retains for x in self.operands):
            super().backward(gradient, retain_graph, create_graph, inputs)
            return
        upstream = None if gradient is None and self.raw.size == 1 else self.seed(gradient, False, "backward")
        self.call.check()
        program = self.call.program
        for k, (leaf, found) in enumerate(zip(self.operands, program.gradients(self.which, upstream), strict=True)):
            if found is not None:
                program.deliver(k, leaf, found)

    @property
    def reading(self) -> Reading:
        return Reading(float, (), _Vjps(self))  # type: ignore[arg-type]

    def check_unchanged(self, position: int) -> None:
        self.call.check()


class _Vjps:
    """The vjps of a result, in the general reverse pass: one run backwards gives them all."""

    def __init__(self, output: ReplayedTensor) -> None:
        self._output = output
        self._known: tuple[Any, list[Any]] = (None, [])

    def __getitem__(self, i: int) -> Callable[..., Array]:
        def vjp(g: Any, *_: Any) -> Array:
            program = self._output.call.program
            if self._known[0] is not g:
                self._known = g, program.gradients(self._output.which, g)
            found = self._known[1][i]
            return np.zeros_like(self._output.operands[i].raw) if found is None else found.copy()

        return vjp


_RULE = _CompiledRule()


def _tensors_in(result: Any) -> list[Tensor]:
    found: list[Tensor] = []
    with_tensors(result, found.append)
    return found


def _modules(roots: Sequence[Any]) -> list[Any]:
    """The modules among ``roots``, and those whose methods are: their ``training`` decides what they do."""
    owners = [getattr(x, "__self__", x) for root in roots for x in _parts(root)]
    return [m for x in owners if hasattr(x, "modules") for m in x.modules() if hasattr(m, "training")]


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
