"""Pictures of computation graphs: the numbers in the boxes, the chain rule on the edges.

>>> from autograd import Value
>>> from autograd.draw import draw
>>> x = Value(3.0, label="x")
>>> y = x * x
>>> y.backward()
>>> print(draw(y))
*  data 9  grad 1
├─ x  data 3  grad 6  [dx: y = 3]
└─ x, as above  [dy: x = 3]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.graph import Node

if TYPE_CHECKING:
    from autograd.draw.drawing import Drawing

__all__ = ["draw"]


def draw(node: Any, *, direction: str = "LR", title: str = "") -> Drawing:
    """A drawing of everything that ``node``, a `Value` or a `Tensor` or a list or tuple of them, was computed from.

    A box is a number or an array, with its gradient, or "-" if none was computed; an edge carries the local
    derivative as the table of rules has it, ``x`` and ``y`` being the operation's operands, and its number.
    ``direction``: "LR" from left to right, "TB" from top to bottom.
    """
    from autograd.draw.drawing import Drawing  # here, so that `import autograd` need not load what draws
    from autograd.draw.picture import picture

    outputs = (node,) if isinstance(node, Node) else tuple(node) if isinstance(node, list | tuple) else ()
    if not outputs or not all(isinstance(output, Node) for output in outputs):
        raise TypeError(f"draw: needs a Value or a Tensor, or a list or tuple of them, not {node!r}")
    if direction not in ("LR", "TB"):
        raise ValueError(f'draw: direction is "LR" (left to right) or "TB" (top to bottom), not {direction!r}')
    return Drawing(picture(tuple(dict.fromkeys(outputs)), direction, title))
