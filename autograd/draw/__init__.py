"""Pictures of computation graphs: the numbers in the boxes, the chain rule on the edges.

>>> from autograd import Value
>>> from autograd.draw import draw
>>> x = Value(3.0, label="x")
>>> y = x * x
>>> y.backward()
>>> print(draw(y))
y  *  data 9  grad 1
├─ x  data 3  grad 6  = 3 + 3  [dx: y = 3]
└─ x, as above  [dy: x = 3]

``flow.py`` runs the reverse pass and keeps every contribution; ``view.py`` decides which nodes are shown, ``names.py``
what they are called; ``picture.py`` turns them into text. Then ``dot.py`` and ``render.py`` draw with Graphviz,
``layout.py`` and ``svg.py`` without it, ``tree.py`` in a terminal, and ``page.py`` with ``web/`` makes a page of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.graph import Node

if TYPE_CHECKING:
    from autograd.draw.drawing import Drawing

__all__ = ["draw"]


def draw(
    node: Any,
    *,
    direction: str = "LR",
    title: str = "",
    depth: int | None = None,
    focus: Node | str | None = None,
    fold: int | None = None,
) -> Drawing:
    """A drawing of everything that ``node``, a `Value` or a `Tensor` or a list or tuple of them, was computed from.

    A box is a number or an array, with its gradient, or "-" if none was computed; an edge carries the local
    derivative as the table of rules has it, ``x`` and ``y`` being the operation's operands, and its number. Names
    are labels, or those of the caller's variables.

    ``direction``: "LR" from left to right, "TB" from top to bottom. ``depth``: how many steps back are shown.
    ``focus``: a node, its name, or the path of a module; shown is what is within ``depth`` steps of it (2 unless
    said), before and after. ``fold``: modules at this level of the hierarchy are one box each; 1 is the outermost.
    Above 400 boxes this is done by itself. Modules, and the lines that made the nodes, are known of what was computed
    within ``autograd.origins.recording()``.
    """
    from autograd.draw.drawing import Drawing  # here, so that `import autograd` need not load what draws
    from autograd.draw.names import callers_variables

    outputs = (node,) if isinstance(node, Node) else tuple(node) if isinstance(node, list | tuple) else ()
    if not outputs or not all(isinstance(output, Node) for output in outputs):
        raise TypeError(f"draw: needs a Value or a Tensor, or a list or tuple of them, not {node!r}")
    if direction not in ("LR", "TB"):
        raise ValueError(f'draw: direction is "LR" (left to right) or "TB" (top to bottom), not {direction!r}')
    if depth is not None and depth < 0:
        raise ValueError(f"draw: depth is how many steps are shown, 0 or more, not {depth!r}")
    if fold is not None and fold < 1:
        raise ValueError(f"draw: fold is a level of modules, 1 (the outermost) or more, not {fold!r}")
    if focus is not None and not isinstance(focus, Node | str):
        raise TypeError(f"draw: focus is a node, its name, or the path of a module, not {focus!r}")
    shown = {"depth": depth, "focus": focus, "fold": fold}
    return Drawing.of(tuple(dict.fromkeys(outputs)), direction, title, callers_variables(), shown)
