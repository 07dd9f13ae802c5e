"""Where the two first part: every node of our graph is looked for among all that PyTorch computed on the way.

PyTorch may take other steps to the same end (one fused operation for our two), so a node without a counterpart is no
mistake as long as something computed from it has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd import origins
from autograd.backward import grad
from autograd.check.culprits import OneOperation
from autograd.check.jacobian import Settings, check
from autograd.compare.swap import import_torch
from autograd.compare.table import RTOL, Divergence, close
from autograd.graph import Node, topological

Array = np.ndarray[Any, Any]


class Step(NamedTuple):
    """One operation of PyTorch: its name, what it gave, what it took; ``tensor`` if it can have a gradient."""

    name: str
    out: Array
    operands: list[Array]
    tensor: Any


class Log:
    """All that PyTorch computed while it was `watching`, by number of elements."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def of_size(self, size: int) -> list[Step]:
        """The steps that gave so many elements."""
        return [step for step in self.steps if step.out.size == size]

    @contextmanager
    def watching(self) -> Iterator[None]:
        torch = import_torch()
        from torch.overrides import TorchFunctionMode
        from torch.utils._python_dispatch import TorchDispatchMode

        copying: list[bool] = []  # not empty while numbers are copied, which takes kernels too

        def taken(x: Any) -> list[Array]:
            copying.append(True)
            try:
                return [numbers(tensor) for tensor in _tensors(torch, x)]
            finally:
                copying.pop()

        def keep(function: Any, operands: list[Array], out: Any, differentiable: bool) -> None:
            name = getattr(function, "__name__", str(function)).partition(".")[0].strip("_")
            for x, array in zip(_tensors(torch, out), taken(out), strict=True):
                self.steps.append(Step(name, array, operands, x if differentiable and x.requires_grad else None))

        # What the program calls, whose results have gradients, and the kernels that this is made of. The operands are
        # copied first, since an operation may work in place.

        class Functions(TorchFunctionMode):
            def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                before = taken(args)
                out = func(*args, **(kwargs or {}))
                keep(func, before, out, True)
                return out

        class Kernels(TorchDispatchMode):  # type: ignore[no-untyped-call]
            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                if copying:
                    return func(*args, **(kwargs or {}))
                before = taken(args)
                out = func(*args, **(kwargs or {}))
                keep(func, before, out, False)
                return out

        with Kernels(), Functions():  # type: ignore[no-untyped-call]
            yield


def numbers(tensor: Any) -> Array:
    """A copy of the numbers of a tensor of PyTorch."""
    return np.array(tensor.detach().cpu().resolve_conj().numpy())


def _tensors(torch: Any, x: Any) -> list[Any]:
    if isinstance(x, torch.Tensor):
        return [x] if x.layout == torch.strided else []
    return [t for part in x for t in _tensors(torch, part)] if isinstance(x, list | tuple) else []


class Matched:
    """Our nodes in the order they were made, each with the steps of PyTorch that gave the same numbers."""

    def __init__(self, outputs: Sequence[Node], log: Log) -> None:
        nodes: list[Any] = [node for node in topological(outputs) if node.op is not None]
        self.nodes = sorted(nodes, key=lambda node: getattr(origins.of(node), "order", -1))
        self.log = log
        self.steps = {node: [step for step in log.of_size(_array(node).size) if same(node, step.out)] for node in nodes}
        self.consumers: dict[Any, list[Any]] = defaultdict(list)
        for node in self.nodes:
            for parent in dict.fromkeys(node.parents):
                self.consumers[parent].append(node)

    def first_value(self) -> Divergence | None:
        """The first node whose value is not PyTorch's, nor that of anything computed from it."""
        good: set[Any] = set()
        for node in reversed(self.nodes):
            if self.steps[node] or any(consumer in good for consumer in self.consumers[node]):
                good.add(node)
        for node in self.nodes:
            if node not in good and all(parent in good or parent.op is None for parent in node.parents):
                detail = self._value_in_torch(node)
                return Divergence("value", node.op.name, origins.of(node), np.shape(node.raw), detail)
        return None

    def _value_in_torch(self, node: Any) -> str:
        """What PyTorch's operation of the same operands gives."""
        operands = [x for x in node.operands if isinstance(x, Node)]

        def takes_the_same(step: Step) -> bool:
            moved = any(close(np.sort(step.out, None), np.sort(x, None), 0.0) for x in step.operands)
            return not moved and all(any(same(x, other) for other in step.operands) for x in operands)

        found = [step for step in self.log.of_size(_array(node).size) if takes_the_same(step)]
        found.sort(key=lambda step: step.name != node.op.name)
        if not found:
            return "its operands are PyTorch's, or are not recorded; nothing there has its numbers"
        ours, theirs = _array(node).ravel(), found[0].out.ravel()
        at = int(np.argmax(np.where(np.isnan(ours - theirs), np.inf, np.abs(ours - theirs))))
        index = [int(i) for i in np.unravel_index(at, np.shape(node.raw))]
        where = f"at {index} it" if index else "it"
        return f"{where} is {ours[at]:.9g}; of the same operands, PyTorch's {found[0].name} gives {theirs[at]:.9g}"

    def first_gradient(self, outputs: Any, upstream: Any, theirs: Any, leaves: dict[Any, bool]) -> Divergence | None:
        """The operation whose backward gives the first gradient that is not PyTorch's, all before it being right.

        ``leaves`` says of each whether its gradient is.
        """
        torch = import_torch()
        slopes = grad(outputs, self.nodes, upstream, allow_unused=True)
        steps = [step for each in self.steps.values() for step in each if step.tensor is not None]
        tensors = list({id(step.tensor): step.tensor for step in steps}.values())
        seeds = [torch.from_numpy(np.array(g.raw)) for g in upstream]
        there = torch.autograd.grad(theirs, tensors, seeds, allow_unused=True) if tensors else ()
        known = {id(t): None if g is None else numbers(g) for t, g in zip(tensors, there, strict=True)}
        verdicts = dict(leaves)
        for node, slope in zip(self.nodes, slopes, strict=True):
            found = [known[id(step.tensor)] for step in self.steps[node] if step.tensor is not None]
            candidates = [g for g in found if g is not None]
            if slope is not None and candidates:
                verdicts[node] = any(same(slope, g) for g in candidates)
        for node in [*reversed(self.nodes), *leaves]:
            if verdicts.get(node) is False and (consumers := self.consumers[node]):
                culprit = next((c for c in consumers if _is_wrong(c)), consumers[-1])
                position = next(k for k, x in enumerate(culprit.operands) if x is node)
                rule = culprit.op.rule
                text = f"the gradient of its operand {rule.operands[0 if rule.variadic else position]} is not PyTorch's"
                text += f"; in the table: {rule.derivative(position)}"
                if len(consumers) > 1 and not _is_wrong(culprit):
                    others = ", ".join(sorted({c.op.name for c in consumers if c is not culprit}))
                    text += f" (or it is that of {others}, which take the same operand)"
                return Divergence("gradient", culprit.op.name, origins.of(culprit), np.shape(culprit.raw), text)
        return None


def _is_wrong(node: Node) -> bool:
    """Whether differences say so, too."""
    with OneOperation(node) as operation:
        return bool(check(operation, Settings(allow_zero=True, contracted=True)).mismatches)


def _array(node: Any) -> Array:
    return np.asarray(node.raw)


def same(node: Any, other: Array) -> bool:
    """The same numbers in the same order, in whatever shape."""
    ours = _array(node)
    rtol = max(RTOL.get(x.dtype.name, 0.0) for x in (ours, other))
    return ours.size == other.size and close(ours.ravel(), other.ravel(), rtol)
