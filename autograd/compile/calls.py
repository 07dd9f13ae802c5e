"""Results of a compiled function of `Tensor`s: nodes whose reverse pass is one run of its lines backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import graph
from autograd.changes import changes
from autograd.compile.replay import _CompiledRule
from autograd.errors import GraphError
from autograd.graph import Operation
from autograd.rule import Reading
from autograd.tensor import Tensor

Array = np.ndarray[Any, Any]


class Call:
    """One call of a `TensorProgram`: its results can be differentiated until the next, which writes into the same
    arrays."""

    __slots__ = ("inputs", "program", "serial", "when")

    def __init__(self, program: Any, tensors: Sequence[Tensor]) -> None:
        self.program = program
        self.inputs = [tensors[k] for k in program._inputs]
        self.serial = program.serial
        self.when = next(changes.clock)

    def result(self, which: int, array: Array, attached: bool) -> Tensor:
        if not attached or not graph.is_recording():
            return Tensor.of(array)
        out = object.__new__(ReplayedTensor)
        out._fill(array, Operation(_RULE), (*self.inputs, *self.program._parameters), self.when)
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
        simple = inputs is None and not create_graph and retain_graph is not False and self._wishes is None
        if not simple or any(x.op is not None or x._wishes is not None for x in self.operands):
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
