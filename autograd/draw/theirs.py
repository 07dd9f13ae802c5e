"""PyTorch's gradients of the same graph: each operation is done again there, and PyTorch differentiates.

An operation takes part if one of PyTorch's gives the numbers that ours gave; below one that has no such counterpart
no gradient is known.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from autograd.compare.counterparts import counterpart
from autograd.compare.table import RTOL, close
from autograd.draw import text
from autograd.draw.flow import Flow
from autograd.graph import Node, topological
from autograd.rule import Rule

NOISE = 100  # rounding errors
ALIKE = 1e-7  # of the largest element: some constants in PyTorch's derivatives are float32, as hardsigmoid's 1 / 6


class Replay:
    """A graph to be computed again: its nodes, and copies of its leaves, which optimizers change."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._order = topological(flow.outputs) if flow.seeds else []
        self._leaves = {node: np.array(node.raw) for node in self._order if node.op is None}

    def gradients(self) -> tuple[dict[Node, tuple[str, bool]], str]:
        """PyTorch's gradient of each node as text, and whether it is ours; and its version, "" if it is absent."""
        torch = _torch()
        if torch is None or not self._order:
            return {}, ""
        with torch.enable_grad():
            tensors, cut = self._again(torch)
            outputs = [tensors[node] for node in self._flow.seeds if tensors[node].requires_grad]
            wanted = [node for node in self._order if node in self._flow.gradients and tensors[node].requires_grad]
            found: Any = [None] * len(wanted)
            if outputs and wanted:
                seeds = [torch.ones_like(output) for output in outputs]
                found = torch.autograd.grad(outputs, [tensors[node] for node in wanted], seeds, allow_unused=True)
        unknown = self._before(cut)
        noise = max(float(np.max(np.abs(np.nan_to_num(g)), initial=0.0)) for g in self._flow.gradients.values())
        said = {}
        for node, gradient in zip(wanted, found, strict=True):
            if gradient is not None and node not in unknown:
                theirs = gradient.detach().numpy()
                said[node] = (text.array(theirs)[-1], _close(self._flow.gradients[node], theirs, noise))
        return said, torch.__version__

    def _again(self, torch: Any) -> tuple[dict[Node, Any], list[Node]]:
        """A tensor for each node, and the nodes that PyTorch has no operation for."""
        tensors: dict[Node, Any] = {}
        cut = []
        for node in self._order:
            made = None
            if node.op is not None:
                operands = [tensors[x] if isinstance(x, Node) else x for x in node.operands]
                made = next((out for out in _attempts(torch, node, operands) if _same(node, out)), None)
                if made is None:
                    cut.append(node)
            if made is None:
                made = torch.from_numpy(np.array(self._leaves.get(node, node.raw)))
                if node.requires_grad:
                    made.requires_grad_()
            tensors[node] = made
        return tensors, cut

    def _before(self, cut: list[Node]) -> set[Node]:
        """All that the nodes of ``cut`` were computed from."""
        return set(topological(cut)) - set(cut)


def _attempts(torch: Any, node: Node, operands: list[Any]) -> Iterator[Any]:
    """What PyTorch gives for a node: by what it calls the operation, and by the text of the row."""
    assert node.op is not None
    rule, parameters = node.op.rule, [_there(torch, x) for x in node.op.parameters]
    as_tensors = [x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=_float(operands)) for x in operands]
    calls: list[Callable[[], Any]] = [lambda: _by_text(rule)(*([operands] if rule.variadic else operands), *parameters)]
    with suppress(LookupError):
        function: Callable[..., Any] = counterpart(torch, rule.name)  # type: ignore[no-untyped-call]
        given = [as_tensors] if rule.variadic else as_tensors
        calls[:0] = [lambda: function(*given, *parameters), lambda: function(*given, *parameters[:1])]
    for call in calls:
        out = None
        with suppress(Exception), warnings.catch_warnings():  # whatever it is: PyTorch does not do it this way
            warnings.simplefilter("ignore")
            out = call()
        yield out


def _float(operands: list[Any]) -> Any:
    return next((x.dtype for x in operands if hasattr(x, "dtype")), None)


def _there(torch: Any, x: Any) -> Any:
    """A parameter as PyTorch takes it."""
    if isinstance(x, np.ndarray):
        return torch.from_numpy(np.array(x))
    if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, np.generic)):
        return getattr(torch, np.dtype(x).name)
    return type(x)(_there(torch, part) for part in x) if type(x) in (list, tuple) else x


@cache
def _by_text(rule: Rule) -> Callable[..., Any]:
    """The row's value, its words being PyTorch's; one that PyTorch lacks is a NameError when it is called."""
    return eval(f"lambda {', '.join((*rule.operands, *rule.parameters))}: {rule.value}", dict(_names()))


@cache
def _names() -> dict[str, Any]:
    """The words of a row's value, among PyTorch's tensors."""
    torch: Any = _torch()
    found: dict[str, Any] = {}
    for place in (torch.special, torch.nn.functional, torch):
        found |= {name: function for name, function in vars(place).items() if callable(function) and name[0] != "_"}
    return found | {"to": lambda x, dtype: x.to(dtype)}


def _same(node: Node, out: Any) -> bool:
    if not hasattr(out, "detach") or tuple(out.shape) != np.shape(node.raw):
        return False
    if type(out.grad_fn).__name__ == "NotImplemented":  # it has the operation, but no derivative of it
        return False
    return _close(node.raw, out.detach().numpy())


def _close(ours: Any, theirs: np.ndarray[Any, Any], largest: float = 0.0) -> bool:
    """Equal; or both no more than what rounding leaves where numbers as large as ``largest`` cancel."""
    ours = np.asarray(ours)
    if close(ours, theirs, max(RTOL.get(theirs.dtype.name, 0.0), ALIKE)):
        return True
    noise = NOISE * np.finfo(theirs.dtype).eps * largest if theirs.dtype.kind == "f" else 0.0
    return ours.shape == theirs.shape and bool(np.all(np.abs(ours - theirs) <= noise))


@cache
def _torch() -> Any:
    try:
        import torch
    except ImportError:
        return None
    return torch
