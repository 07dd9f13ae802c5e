"""What is in a picture: boxes and edges, read from a recorded graph.

Everything is turned into text here, once; what draws it afterwards (Graphviz, our own layout, a terminal) knows
nothing of nodes. A picture is therefore a snapshot: a backward pass after `draw` does not change it.
"""

from __future__ import annotations

import textwrap
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd import graph
from autograd.draw import text
from autograd.graph import Node, topological
from autograd.value import Value

LIMIT = 400  # beyond so many nodes a picture shows nothing any more
ABSENT = "-"  # stands for a gradient that was not computed

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Box:
    """One number or array."""

    id: str
    kind: str  # leaf, constant, result, output: the keys of `style.LOOKS`
    name: str
    symbol: str  # of the operation; empty for what was not computed
    rows: Rows  # ("data", "0.7071"), ("grad", "0.5"); a plain number has one, without a heading
    cut: bool = False  # some of its operands are left out


@dataclass(frozen=True)
class Edge:
    """One use of an operand: positions of two boxes, and the local derivative."""

    source: int
    target: int
    operand: str = ""  # the operand's name in the rule, where the formula cannot be read without it
    label: str = ""

    @property
    def lines(self) -> list[str]:
        return textwrap.wrap(self.full_label, 30, break_long_words=False, break_on_hyphens=False)

    @property
    def full_label(self) -> str:
        return f"d{self.operand}: {self.label}" if self.operand else self.label


@dataclass(frozen=True)
class Picture:
    """Boxes, operands before results, and the edges between them."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    direction: str
    title: str
    notice: str

    @property
    def ends(self) -> list[tuple[int, int]]:
        return [(edge.source, edge.target) for edge in self.edges]


def picture(outputs: Sequence[Node], direction: str, title: str) -> Picture:
    order = topological(outputs)
    position = {node: i for i, node in enumerate(order)}
    shown = _nearest(outputs)
    reached = _reached(order)
    boxes: list[Box] = []
    edges: list[Edge] = []
    index: dict[Node, int] = {}
    for node in (node for node in order if node in shown):
        box = _box(node, f"n{position[node]}", node in reached, node in set(outputs))
        incoming: list[Edge] = []
        for i, operand in enumerate(node.operands):
            if not isinstance(operand, Node):
                incoming.append(Edge(len(boxes), -1))
                boxes.append(Box(f"{box.id}_{i}", "constant", "", "", (("", text.number(operand)),)))
            elif operand in shown:
                incoming.append(Edge(index[operand], -1, *local_derivative(node, i)))
            else:
                box = replace(box, cut=True)
        index[node] = len(boxes)
        boxes.append(box)
        edges += (replace(edge, target=index[node]) for edge in incoming)
    notice = ""
    if len(shown) < len(order):
        notice = (
            f"{len(shown)} of {len(order):,} nodes shown; those farthest from the output are left out "
            "(a dashed box lacks operands)"
        )
    return Picture(tuple(boxes), tuple(edges), direction, text.clean(title), notice)


def _nearest(outputs: Sequence[Node]) -> set[Node]:
    """Up to `LIMIT` nodes, breadth-first from the outputs."""
    shown = set(outputs[:LIMIT])
    waiting = deque(outputs[:LIMIT])
    while waiting:
        for operand in waiting.popleft().parents:
            if operand not in shown and len(shown) < LIMIT:
                shown.add(operand)
                waiting.append(operand)
    return shown


def _reached(order: Sequence[Node]) -> set[Node]:
    """The Values whose gradient a backward pass has computed.

    A Value starts with gradient 0.0, which is also a possible result. A pass gives its root a nonzero gradient and
    reaches all that the root was computed from, so a 0.0 is a result only below a Value that has another gradient.
    """
    reached: set[Node] = set()
    for node in reversed(order):
        if isinstance(node, Value) and (node.grad != 0.0 or node in reached):
            reached.add(node)
            reached.update(node.parents)
    return reached


def _box(node: Node, id: str, reached: bool, output: bool) -> Box:
    if node.op is None:
        kind, symbol = "leaf" if node.requires_grad else "constant", ""
    elif node.op is graph.RELEASED:
        kind, symbol = "result", "(graph released)"
    else:
        kind, symbol = "result", node.op.rule.symbol
    name = text.clean(getattr(node, "label", ""))
    return Box(id, "output" if output else kind, name, symbol, _rows(node, reached))


def _rows(node: Node, reached: bool) -> Rows:
    if isinstance(node, Value):
        return ("data", text.number(node.data)), ("grad", text.number(node.grad) if reached else ABSENT)
    data = text.array(node.raw)
    grad = getattr(node, "grad", None)
    # a gradient has its tensor's shape and dtype: they are not said again
    last = ABSENT if grad is None else text.array(grad.raw)[-1]
    return ("data", data[0]), *(("", line) for line in data[1:]), ("grad", last)


def local_derivative(node: Node, i: int) -> tuple[str, str]:
    """The name of operand ``i`` of ``node`` if the formula needs it, and the formula with its number.

    The formula is the table's. Where an operation mixes elements it is the vector-Jacobian product, written in the
    upstream gradient ``g``, and has no one number.
    """
    assert node.op is not None
    rule = node.op.rule
    formula = " ".join(rule.derivative(i).split())
    operand = ""
    if len(rule.operands) > 1 and not rule.reads(i).isdisjoint(rule.operands):
        operand = rule.operands[i]
    slope = _slope(node, i)
    return operand, formula if slope in ("", formula) else f"{formula} = {slope}"


def _slope(node: Node, i: int) -> str:
    assert node.op is not None
    rule = node.op.rule
    if not rule.elementwise or not (isinstance(node, Value) or node.raw.size == 1):
        return ""
    slope = node.reading.slopes[i]
    if slope is None:
        return "1"
    operands: tuple[Any, ...] = tuple(x.raw if isinstance(x, Node) else node.constant(x) for x in node.operands)
    with np.errstate(all="ignore"):
        return text.number(float(np.asarray(slope(node.raw, *operands, *node.op.parameters)).item()))
