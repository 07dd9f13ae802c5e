"""Filling a tensor outside the graph with results of the graph: ``out = zeros(n)``, then ``out[i] = result``.

The numbers are written in place. The history is a chain: each assignment makes a new node of the row `setitem`, whose
operands are the node before and the result. The tensor is a handle for the last of them, its version, which operations
take in its place; so one that was filled further is for earlier operations what it was. Should their derivatives need
numbers that were overwritten, the reverse pass says so, as after any change in place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from autograd import functions, graph, origins
from autograd.changes import changes, filled
from autograd.errors import GraphError
from autograd.graph import Operation
from autograd.rules import RULES


class Filled(Operation):
    """The operation of a tensor that is being filled: that of its ``version``."""

    __slots__ = ("version",)

    def __init__(self, version: Any) -> None:
        super().__init__(version.op.rule, version.op.parameters)
        self.origin, self.version = version.op.origin, version
        filled.add(id(self))

    def __del__(self, forget: Callable[[int], None] = filled.discard) -> None:
        forget(id(self))


def fillable(tensor: Any, name: str) -> bool:
    """Whether ``tensor`` stands outside the graph, or is in it as it is being filled.

    Raises `GraphError` where somebody else shares its memory, who would have the numbers without their history.
    """
    if graph.tape.get() is not None or tensor.dtype.kind != "f":
        return False
    if tensor._requires:
        return id(tensor.op) in filled
    if tensor._memory is not None and sys.getrefcount(tensor._memory) > 2:  # its own, and this call's
        raise GraphError(
            f"{name}: this tensor, of shape {tensor.shape}, shares its memory with a view or a detached tensor, which "
            "would not know of the gradient; fill in place before others are made of it, or fill a .clone() of it"
        )
    return True


def fill(tensor: Any, name: str, value: Any, at: Any) -> None:
    """``tensor[at] = value``: the numbers are written, and ``tensor`` is the result of that from now on."""
    value = functions.to(value, tensor.dtype)
    before = version(tensor) if tensor._requires else tensor.wrapped(tensor.raw)
    tensor._store(name, value, at)  # raises if it does not fit
    places = tensor.raw[at].ndim
    if value.ndim > places:  # by dimensions of 1
        value = functions.reshape(value, value.shape[value.ndim - places :])
    node, op = tensor.wrapped(tensor.raw), Operation(RULES["setitem"], (at,))
    node.op, node.operands = origins.stamped(op) if graph.switched else op, (before, version(value))
    node._recorded, node._requires, node._memory = next(changes.clock), True, tensor.memory()
    node._memory.filled = changes.last
    tensor.op, tensor.operands, tensor._recorded, tensor._requires = Filled(node), node.operands, node._recorded, True


def version(tensor: Any) -> Any:
    """The node that stands for ``tensor`` as it is now: of a tensor that is being filled another one, else itself."""
    if not isinstance(tensor.op, Filled):
        return tensor
    node = tensor.op.version
    node.raw = tensor.raw  # ``tensor.data = ...`` may have given it another array
    return node


def versions(operands: tuple[Any, ...], kind: type[Any]) -> tuple[Any, ...]:
    """The ``operands`` of an operation, each of ``kind`` as it is now; refused is a view of what was filled since."""
    for x in operands:
        if isinstance(x, kind) and x.op is not None and x._memory is not None and x._memory.filled > x._recorded:
            raise GraphError(
                f"{x.op.name}: this view, of shape {x.shape}, was taken before x[index] = value, and has the new "
                "numbers and the old history; take it again, or take a .clone() of it before"
            )
    return tuple([version(x) if isinstance(x, kind) else x for x in operands])
