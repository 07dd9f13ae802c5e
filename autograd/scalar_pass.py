"""The reverse pass of `Value`: `backward.reverse`, accumulating in the nodes' own ``grad`` instead of a dictionary.

A graph of `Value`s has tens of thousands of nodes where one of `Tensor`s has ten, so these two loops decide how
fast scalar programs are. Each node's part in the second is written out from its row (`scalar_methods.step`).
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from autograd.graph import topological

_turn = Lock()  # two passes at once would take each other's marks, and lose what one adds to a leaf of both


def backward_floats(root: Any, upstream: float, plain: type[Any]) -> None:
    """Give ``root`` and all that it was computed from their ``grad``; ``plain`` is `Value` itself, not a subclass.

    A leaf's ``grad`` accumulates; a result's is that of this pass.
    """
    with _turn:
        order = _results(root, plain)
        root.grad += upstream
        for node in reversed(order):
            step = node.op.step
            step(node)


def _results(root: Any, plain: type[Any]) -> list[Any]:
    """The `topological` order without its leaves; each node's ``grad`` is set to 0.

    Depth-first like `topological`, but nodes are marked instead of kept in a set, and of two operands one is gone on
    with at once. The marks are the 0.0 that is a node's ``grad``: one such object while its operands are on their way,
    another when it is in the order. They are this pass's own, so those of a pass that was interrupted mean nothing.
    """
    begun, placed = float("0"), float("0")
    order: list[Any] = []
    waiting = [root] if root.op is not None else []  # nodes to begin with, and those whose operands come first
    wait, place = waiting.append, order.append
    while waiting:
        node = waiting.pop()
        if node.grad is begun:
            node.grad = placed
            place(node)
            continue
        if node.grad is placed:
            continue
        while True:
            left, right = node.left, node.right
            if left.__class__ is plain:
                goes_left = left.op is not None and left.grad is not placed
            elif left.__class__ is float or _is_leaf(left, plain):
                goes_left = False
            else:
                return _results_of_any_kind(root)
            if right.__class__ is plain:
                goes_right = right.op is not None and right.grad is not placed
            elif right is None or right.__class__ is float or _is_leaf(right, plain):
                goes_right = False
            else:
                return _results_of_any_kind(root)
            if goes_left:
                node.grad = begun
                wait(node)
                if goes_right:
                    wait(right)
                node = left
            elif goes_right:
                node.grad = begun
                wait(node)
                node = right
            else:
                node.grad = placed
                place(node)
                break
    return order


def _is_leaf(operand: Any, plain: type[Any]) -> bool:
    return isinstance(operand, plain) and operand.op is None  # of a subclass


def _results_of_any_kind(root: Any) -> list[Any]:
    """The same where nodes have their operands elsewhere, as the results of a compiled function do."""
    order: list[Any] = [node for node in topological((root,)) if node.op is not None]
    for node in order:
        node.grad = 0.0
    return order
