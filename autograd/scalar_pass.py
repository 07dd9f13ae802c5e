"""The reverse pass of `Value`: `backward.reverse`, accumulating in the nodes' own ``grad`` instead of a dictionary.

A graph of `Value`s has tens of thousands of nodes where one of `Tensor`s has ten, so these two loops decide how
fast scalar programs are. The second is written out from the rows (`scalar_methods.steps`).
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from autograd.graph import topological

_turn = Lock()  # two passes at once would take each other's marks, and lose what one adds to a leaf of both


def backward_floats(root: Any, upstream: float, plain: type[Any], steps: Callable[[list[Any], float], None]) -> None:
    """Give ``root`` and all that it was computed from their ``grad``; ``plain`` is `Value` itself, not a subclass.

    A leaf's ``grad`` accumulates; a result's is that of this pass.
    """
    with _turn:
        zero = float("0")
        order = _results(root, plain, zero)
        root.grad += upstream
        steps(order, zero)


def _results(root: Any, plain: type[Any], zero: float) -> list[Any]:
    """The `topological` order without its leaves; each node's ``grad`` is set to ``zero``.

    Depth-first like `topological`, but without a set and without a stack of siblings. From a node it goes down its left
    operands, as they follow each other in a sum, after each right one has had its turn; the nodes of such a chain come
    into the order together, the lowest first. Its ``grad``, an object of this pass's own, marks a node that was begun;
    where the mark is met, the node is in the order, since no node leads to itself.
    """
    order: list[Any] = []
    node, op = root, root.op
    if op is None:
        return order
    chain: list[Any] = []  # what is above the node
    waiting = []  # chains from whose last node the right operand is gone down to
    while True:
        node.grad = zero
        below = node.left
        if op.both:
            right = node.right
            op = right.op
            if op is not None and right.grad is not zero:
                if (  # both of its operands are leaves or in the order, as those of a product are: it is next
                    op.both
                    and ((x := right.left).op is None or x.grad is zero)
                    and ((y := right.right).grad is zero or y.op is None)
                ):
                    right.grad = zero
                    order.append(right)
                else:
                    chain.append(node)
                    waiting.append(chain)
                    node, chain = right, []
                    continue
        else:
            if below.__class__ is float:
                below = node.right
            if below.__class__ is not plain and not (isinstance(below, plain) and below.op is None):
                return _results_of_any_kind(root, zero)
        chain.append(node)
        op = below.op
        if op is not None and below.grad is not zero:
            node = below
            continue
        chain.reverse()
        order += chain
        if not waiting:
            return order
        chain = waiting.pop()
        node = chain.pop()
        op = node.op


def _results_of_any_kind(root: Any, zero: float) -> list[Any]:
    """The same where nodes have their operands elsewhere, as the results of a compiled function do."""
    order: list[Any] = [node for node in topological((root,)) if node.op is not None]
    for node in order:
        node.grad = zero
    return order
