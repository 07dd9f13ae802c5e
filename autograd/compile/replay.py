"""Replaying: a plan run on the numbers of now, and its outputs as nodes of the caller's graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import graph
from autograd.compile.plan import Plan
from autograd.compile.steps import Array
from autograd.errors import GraphError
from autograd.graph import Node
from autograd.rule import Reading, Rule
from autograd.value import ScalarOperation, Value


class Run:
    """One call of a compiled function: all its numbers, and the leaves whose gradients may be asked for.

    It keeps the leaves' numbers of its own call, so that an earlier result can be differentiated after a later call.
    """

    __slots__ = ("__weakref__", "alone", "deep", "leaves", "numbers", "plan", "start")

    def __init__(
        self,
        plan: Plan,
        numbers: Array,
        leaves: list[Value],
        start: int,
        deep: bool,
        alone: Callable[[int], Plan] | None,
    ) -> None:
        self.plan = plan
        self.numbers = numbers  # of all leaves
        self.leaves = leaves
        self.start = start  # where the leaves' numbers begin
        self.deep = deep  # whether a leaf is itself the result of something, which a gradient must reach
        self.alone = alone  # the plan of one output without the others, where there are others

    def gradients(self, output: int, upstream: Any) -> list[float]:
        """Those of ``output`` with respect to the leaves, times ``upstream`` (or one for each example)."""
        here = slice(self.start, self.start + len(self.leaves))
        with self.plan.loaded(self.numbers) as numbers:
            grads = numbers.backward(output, upstream)[here]
            if self.alone is None or np.isfinite(grads).all():
                return grads.tolist()
        # not finite: perhaps 0 times an infinite slope, in what other outputs were computed from
        with self.alone(output).loaded(self.numbers) as numbers:
            return numbers.backward(output, upstream)[here].tolist()


class Output:
    """Stands for the operand of a `Replayed` value: what is added to its ``grad`` reaches all the leaves."""

    __slots__ = ("number", "run", "share")

    data = 0.0

    def __init__(self, run: Run, number: int, share: Any) -> None:
        self.run = run
        self.number = number
        self.share = share  # of its gradient that an example gets; 1.0 without a batch

    def gradients(self, upstream: float) -> list[float]:
        return self.run.gradients(self.number, upstream * self.share)

    @property
    def grad(self) -> float:
        return 0.0

    @grad.setter
    def grad(self, upstream: float) -> None:
        for leaf, gradient in zip(self.run.leaves, self.gradients(upstream), strict=True):
            before = leaf.grad
            leaf.grad = gradient + before if before else gradient  # which mostly is 0: then one float less is made


class _CompiledRule(Rule):
    """The row of a compiled function in other people's pictures of the graph."""

    def __init__(self) -> None:
        super().__init__("structural", "compiled(*xs;)", "xs", {"dxs": "g * recorded"}, "compiled", (), (), {})

    def read(self, names: Any) -> Reading:
        raise GraphError("compile: a compiled function has first derivatives only; differentiate the function itself")


class _Compiled(ScalarOperation):
    __slots__ = ()

    def __init__(self) -> None:
        self.rule = _CompiledRule()
        self.parameters = ()
        self.origin = None
        self.both = False
        self.label = ""
        self.step = _handed_over


def _handed_over(node: Replayed) -> None:
    """The step of the reverse pass: `Output` is given the whole upstream gradient."""
    node.left.grad = node.grad


_COMPILED = _Compiled()


class Replayed(Value):
    """A result of a compiled function: a Value whose operands are all the leaves that the function used."""

    __slots__ = ()

    left: Output

    @classmethod
    def of(cls, run: Run, values: Array, number: int, share: Any = 1.0) -> Value:
        data = float((values[run.plan.position[number]] * share).sum())
        if not graph.is_recording():
            return Value(data)
        self = object.__new__(cls)
        self.data = data
        self.grad = 0.0
        self.op, self.left, self.right = _COMPILED, Output(run, number, share), None
        return self

    @property
    def operands(self) -> tuple[Any, ...]:
        return tuple(self.left.run.leaves)

    @property
    def parents(self) -> tuple[Node, ...]:
        return tuple(self.left.run.leaves)

    @property
    def reading(self) -> Reading:
        return Reading(float, (), _Vjps(self.left))  # type: ignore[arg-type]

    def backward(self, gradient: float = 1.0) -> None:
        """Give every leaf its ``grad``: d self / d it, times ``gradient``."""
        if self.left.run.deep:
            return super().backward(gradient)
        self.grad = float(gradient)
        self.left.grad = self.grad
        return None


def of_examples(run: Run, values: Array, number: int, examples: int, reduction: str) -> Any:
    """A result of which each example has its own: their mean, their sum, or a list of them."""
    places = len(run.plan.position[number])
    if reduction == "none":
        shares = np.eye(examples) if places == examples else np.ones((examples, 1))
        return [Replayed.of(run, values, number, share) for share in shares]
    total = 1.0 if reduction == "mean" else float(examples)
    return Replayed.of(run, values, number, np.full(places, total / places))


class _Vjps:
    """The vjps of a compiled function, in the general reverse pass: one run backwards gives them all."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._known: tuple[Any, list[float]] = (None, [])

    def __getitem__(self, i: int) -> Callable[..., float]:
        def vjp(g: float, *_: Any) -> float:
            if self._known[0] != g:
                self._known = g, self._output.gradients(g)
            return self._known[1][i]

        return vjp
