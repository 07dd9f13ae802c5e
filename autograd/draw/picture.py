"""What is in a picture: boxes and edges, read from a recorded graph.

Everything is turned into text here, once; what draws it afterwards (Graphviz, our own layout, a terminal, a page)
knows nothing of nodes. A picture is therefore a snapshot: a backward pass after `draw` does not change it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograd import graph
from autograd.draw import text
from autograd.draw.arithmetic import described, slope
from autograd.draw.flow import Flow
from autograd.draw.names import shortened
from autograd.draw.view import Unit, View
from autograd.graph import Node, topological
from autograd.value import Value

ABSENT = "-"  # stands for a gradient that was not computed
WRITTEN = 4  # so many contributions to a gradient are written out

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Box:
    """One number or array."""

    id: str
    kind: str  # leaf, constant, result, output, module: the keys of `style.LOOKS`
    name: str
    symbol: str  # of the operation; empty for what was not computed
    rows: Rows  # ("data", "0.7071"), ("grad", "0.5"); a plain number has one, without a heading
    cut: bool = False  # some of its operands are left out
    module: tuple[str, ...] = ()  # the path of the module that it stands in


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


@dataclass(frozen=True)
class Drawn:
    """A picture, and what is in it: for each box its unit, None for a plain number; for each edge the node that it
    leads to and the operand's place there, None if that node is in a folded module."""

    picture: Picture
    units: list[Unit | None]
    uses: list[tuple[Node, int] | None]


def drawn(
    view: View, outputs: Sequence[Node], names: Mapping[Node, str], flow: Flow, direction: str, title: str
) -> Drawn:
    reached = _reached(topological(outputs))
    boxes: list[Box] = []
    edges: list[Edge] = []
    index: dict[Unit, int] = {}
    units: list[Unit | None] = []
    uses: list[tuple[Node, int] | None] = []
    for unit in view.units:
        number = view.numbers[unit.nodes[0]]
        if unit.folded:
            box = _folded(unit, f"m{number}")
            incoming, cut = _into_module(unit, view, index)
        else:
            (node,) = unit.nodes
            box = _box(unit, f"n{number}", names, flow, reached, node in set(outputs))
            incoming, cut = [], False
            for i, operand in enumerate(node.operands):
                if not isinstance(operand, Node):
                    incoming.append(Edge(len(boxes), -1))
                    written = (("", text.number(operand)),)
                    boxes.append(Box(f"{box.id}_{i}", "constant", "", "", written, module=box.module))
                    units.append(None)
                elif view.home[operand] in index:
                    incoming.append(Edge(index[view.home[operand]], -1, *local_derivative(node, i)))
                else:
                    cut = True
                    continue
                uses.append((node, i))
        if unit.folded:
            uses += [None] * len(incoming)
        index[unit] = len(boxes)
        boxes.append(replace(box, cut=cut))
        units.append(unit)
        edges += (replace(edge, target=index[unit]) for edge in incoming)
    return Drawn(Picture(tuple(boxes), tuple(edges), direction, text.clean(title), view.notice), units, uses)


def _into_module(unit: Unit, view: View, index: Mapping[Unit, int]) -> tuple[list[Edge], bool]:
    """One edge from each box that a folded module uses, and whether it uses others that are not shown."""
    used = dict.fromkeys(view.home[parent] for node in unit.nodes for parent in node.parents)
    used.pop(unit, None)
    edges = [Edge(index[source], -1) for source in used if source in index]
    return edges, len(edges) < len(used)


def _folded(unit: Unit, id: str) -> Box:
    results = sum(node.op is not None for node in unit.nodes)
    numbers = sum(np.size(node.raw) for node in unit.nodes if node.op is None)
    rows = [("operations", f"{results:,}"), ("numbers given", f"{numbers:,}")]
    return Box(id, "module", text.clean(".".join(unit.module)), "", tuple(rows), module=unit.module[:-1])


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


def _box(unit: Unit, id: str, names: Mapping[Node, str], flow: Flow, reached: set[Node], output: bool) -> Box:
    (node,) = unit.nodes
    if node.op is None:
        kind, symbol = "leaf" if node.requires_grad else "constant", ""
    elif node.op is graph.RELEASED:
        kind, symbol = "result", "(graph released)"
    else:
        kind, symbol = "result", node.op.rule.symbol
    rows = (*_rows(node, reached), *_sum(node, flow, reached))
    name = text.clean(getattr(node, "label", "")) or shortened(names.get(node, ""), unit.module)
    return Box(id, "output" if output else kind, name, symbol, rows, module=unit.module)


def _rows(node: Node, reached: set[Node]) -> Rows:
    if isinstance(node, Value):
        return ("data", text.number(node.data)), ("grad", text.number(node.grad) if node in reached else ABSENT)
    data = text.array(node.raw)
    grad = getattr(node, "grad", None)
    # a gradient has its tensor's shape and dtype: they are not said again
    last = ABSENT if grad is None else text.array(grad.raw)[-1]
    return ("data", data[0]), *(("", line) for line in data[1:]), ("grad", last)


def _sum(node: Node, flow: Flow, reached: set[Node]) -> Rows:
    """The contributions that a gradient is the sum of, if they are several and it is that of one pass."""
    parts = flow.given.get(node, [])
    if len(parts) < 2:
        return ()
    grad = node.grad if isinstance(node, Value) else getattr(node, "grad", None)
    if grad is None or (isinstance(node, Value) and node not in reached):
        return ()
    if not np.array_equal(np.asarray(getattr(grad, "raw", grad)), np.asarray(flow.gradients[node]), equal_nan=True):
        return ()
    if np.size(parts[0]) > 1 or len(parts) > WRITTEN:
        return (("", f"= sum of {len(parts)}"),)
    return (("", "= " + sum_of(parts)),)


def sum_of(parts: Sequence[object]) -> str:
    """Numbers with plus and minus signs between them.

    >>> sum_of([3.0, -2.0, 0.5])
    '3 - 2 + 0.5'
    """
    first, *others = map(described, parts)
    return first + "".join(f" - {part[1:]}" if part.startswith("-") else f" + {part}" for part in others)


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
    if not (isinstance(node, Value) or node.raw.size == 1):
        return ""
    local = slope(node, i)
    return "" if local is None else text.number(float(np.asarray(local).item()))
