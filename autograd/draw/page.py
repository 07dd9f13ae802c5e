"""The interactive page: one HTML file that needs no network, with a graph's numbers and positions baked in.

Python says everything there is to say, as text, and places it; the scripts in ``web/`` only show and hide it. So the
page and the picture agree, and what a page says is tested here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from importlib.resources import files
from itertools import pairwise, takewhile
from typing import Any

import numpy as np

from autograd import graph, origins
from autograd.draw import text
from autograd.draw.arithmetic import chain_rule, described, formula, plugged
from autograd.draw.flow import Flow
from autograd.draw.layout import Point
from autograd.draw.picture import WRITTEN, Box, Drawn, sum_of
from autograd.draw.placing import placed
from autograd.draw.theirs import Replay
from autograd.graph import Node

PAGE_LIMIT = 1_000  # boxes
SCRIPTS = ("data.js", "graph.js", "folding.js", "camera.js", "steps.js", "panel.js", "main.js")
NO_ORIGINS = (
    "To see the lines that made the nodes, and the modules as groups, compute within: "
    "with autograd.origins.recording(): ..."
)

Record = dict[str, Any]


class Page:
    """All that a page says, as it was when it was made; only PyTorch is asked later, from copies of the leaves."""

    def __init__(self, made: Drawn, names: Mapping[Node, str], flow: Flow) -> None:
        picture = made.picture
        nodes = [unit.nodes[0] if unit is not None and not unit.folded else None for unit in made.units]
        ids = {node: box.id for node, box in zip(nodes, picture.boxes, strict=True) if node is not None}

        def name(node: Node) -> str:
            return names.get(node) or ids.get(node) or "an array not shown"

        pairs = list(zip(nodes, picture.boxes, strict=True))
        self._nodes = [_node(node, box, names, name, flow) for node, box in pairs]
        self._edges = [
            {"from": edge.source, "to": edge.target, "lines": edge.lines, "label": edge.full_label}
            | (_use(*use, name, flow) if use is not None else {})
            for edge, use in zip(picture.edges, made.uses, strict=True)
        ]
        self._picture = replace(picture, boxes=tuple(map(_widest, picture.boxes, self._nodes)))
        self._indices = {node: i for i, node in enumerate(nodes) if node is not None}
        self._paths = sorted({record["module"] for record in self._nodes})
        for record in self._nodes:
            record["module"] = self._paths.index(record["module"]) or None
        self._lines = list(dict.fromkeys(record["line"] for record in self._nodes if "line" in record))
        places = {line: i for i, line in enumerate(self._lines)}
        for record in self._nodes:
            if "line" in record:
                record["line"] = places[record["line"]]
        self._trouble = flow.trouble
        self._replay = Replay(flow)
        known = any(node is not None and origins.of(node) is not None for node in nodes)
        self._hint = "" if known else NO_ORIGINS

    def data(self) -> Record:
        """What the page's scripts are given."""
        at, across = placed(self._picture), self._picture.direction == "LR"
        for record, (x, y), (wide, high) in zip(self._nodes, at.centres, at.sizes, strict=True):
            record["at"] = _rounded(x, y, wide, high)
        for record, (x, y), (wide, high) in zip(self._edges, at.labels, at.plates, strict=True):
            record["at"] = _rounded(x, y, wide, high) if record["lines"] else []
        _part_ways(self._edges, at.routes, across)
        theirs, version = self._replay.gradients()
        for node, (said, agrees) in theirs.items():
            if node in self._indices:
                record = self._nodes[self._indices[node]]
                same = agrees and said == record.get("grad")
                record |= {"torch": 1 if same else said, "differs": not agrees}
        return {
            "title": self._picture.title or "Computation graph",
            "notice": self._picture.notice,
            "hint": self._hint,
            "trouble": self._trouble,
            "torch": version,
            "across": across,
            "layers": [_rounded(*extent) for extent in at.layers],
            "lines": self._lines,
            "modules": self._paths,
            "formulas": {record["row"]: record["formula"] for record in self._nodes if "row" in record},
            "nodes": [_lean(record, NODE_DEFAULTS) for record in self._nodes],
            "edges": [_lean(record, EDGE_DEFAULTS) for record in self._edges],
        }

    def html(self) -> str:
        """The whole file."""
        web = files("autograd.draw") / "web"
        data = self.data()
        baked = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        parts = {
            "title": escape(data["title"]),
            "style": (web / "page.css").read_text(encoding="utf-8"),
            "data": baked,
            "script": "\n".join((web / script).read_text(encoding="utf-8") for script in SCRIPTS),
        }
        first, *others = (web / "page.html").read_text(encoding="utf-8").split("{{")
        return first + "".join(parts[part] + after for part, _, after in (other.partition("}}") for other in others))


def _node(node: Node | None, box: Box, names: Mapping[Node, str], name: Callable[[Node], str], flow: Flow) -> Record:
    record: Record = {"id": box.id, "kind": box.kind, "name": box.name, "symbol": box.symbol, "cut": box.cut}
    record["module"] = ".".join(box.module)
    values = [row for row in box.rows if row[0] in ("", "data") and not row[1].startswith("= ")]
    record["value"] = [content for _, content in values] if box.kind != "module" else []
    if node is None:
        record["rows"] = box.rows if box.kind == "module" else []
        return record
    record["own"] = dict(box.rows)["grad"]
    record["full"] = names.get(node, "")
    if node.op is not None and node.op is not graph.RELEASED:
        words = formula(node.op.rule)
        record["formula"], record["plugged"] = words, plugged(words, node, name)
        record["row"] = node.op.rule.name
    record["says"] = described(node.raw)
    origin = origins.of(node)
    if origin is not None:
        record["line"] = (origin.place, origin.code)
    if node in flow.gradients:
        record["grad"] = text.array(np.asarray(flow.gradients[node]))[-1]
        record["gradient"] = described(flow.gradients[node])
        parts = flow.given[node]
        if len(parts) > 1:
            record["of"] = len(parts)
            record["sum"] = sum_of(parts) if len(parts) <= WRITTEN and np.size(parts[0]) == 1 else ""
        record["seeded"] = node in flow.seeds
    return record


def _use(node: Node, i: int, name: Callable[[Node], str], flow: Flow) -> Record:
    """What an edge says beside its label: the derivative with its numbers, and what flows back along it."""
    assert node.op is not None
    if not isinstance(node.operands[i], Node):
        return {}
    record = {"local": plugged(node.op.rule.derivative(i), node, name)}
    step = flow.steps.get((node, i))
    if step is not None:
        record |= {"step": chain_rule(node, i, step), "gives": described(step.contribution)}
        if len(flow.given[node.operands[i]]) > 1:
            record["sum"] = described(step.total)
            record["brief"] = text.array(np.asarray(step.total))[-1]
    return record


def _widest(box: Box, record: Record) -> Box:
    """The box with the longest text that each of its rows will have on the page."""
    if "own" not in record:
        return box
    rows = [("data" if k == 0 else "", line) for k, line in enumerate(record["value"])]
    rows.append(("grad", max(record["own"], record.get("grad", ""), key=len)))
    if "of" in record:
        rows.append(("", summed(record)))
    return replace(box, rows=tuple(rows))


def summed(record: Record) -> str:
    """The row beneath a gradient that is a sum."""
    return f"= {record['sum']}" if record.get("sum") else f"= sum of {record['of']}"


def _rounded(*numbers: float) -> list[int]:
    return [round(number) for number in numbers]


def _part_ways(edges: list[Record], routes: list[list[Point]], across: bool) -> None:
    """Give the edges their routes: in each layer that they pass, how far aside they go.

    Those of one source go a part of the way together: the later ones say only where they part.
    """
    places = [_rounded(*(y if across else x for x, y in route[::2])) for route in routes]
    turns = [[there - here for here, there in pairwise(place)] for place in places]
    ways: dict[int, list[int]] = {}
    for k, edge in enumerate(edges):
        common, like = 0, 0
        for other in ways.setdefault(edge["from"], []):
            alike = takewhile(lambda pair: pair[0] == pair[1], zip(turns[k], turns[other], strict=False))
            common, like = max((common, like), (sum(1 for _ in alike), other))
        ways[edge["from"]].append(k)
        edge["like"] = [like, common] if common else []
        edge["route"] = turns[k][common:]


# What a record need not say, since the page's scripts know it from the rest of the record (data.js)
NODE_DEFAULTS: dict[str, Callable[[Record], Any]] = {
    "formula": lambda node: node["formula"],
    "gradient": lambda node: node.get("grad"),
    "kind": lambda node: "result",
    "own": lambda node: node.get("grad"),
    "says": lambda node: "; ".join(node["value"]),
    "symbol": lambda node: node.get("row"),
}
EDGE_DEFAULTS: dict[str, Callable[[Record], Any]] = {
    "label": lambda edge: " ".join(edge["lines"]),
    "gives": lambda edge: edge["step"].rpartition(" = ")[2],
    "brief": lambda edge: edge["sum"],
    "local": lambda edge: edge["label"].rpartition(" = ")[2],
}


def _lean(record: Record, defaults: Mapping[str, Callable[[Record], Any]]) -> Record:
    """Without what is empty, or what goes without saying."""
    return {
        key: value
        for key, value in record.items()
        if value is not None
        and value is not False
        and value not in ("", [], ())
        and not (key in defaults and defaults[key](record) == value)
    }
