"""A picture in the DOT language, for Graphviz."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from autograd.draw import style
from autograd.draw.layout import passed
from autograd.draw.picture import Box, Edge, Picture

HURRIED = 3_000  # from so many passed layers on, Graphviz's full search for the best layout takes seconds to hours
SPACE = "&#160;" * 3  # between the columns of a box


def source(picture: Picture) -> str:
    """The DOT text: equal pictures give equal texts, byte for byte."""
    import graphviz

    dot = graphviz.Digraph(graph_attr=_graph_attributes(picture))
    dot.attr("node", fontname=style.FONT, fontcolor=style.INK, margin="0.09,0.06", height="0.1", width="0.1")
    dot.attr("edge", fontname=style.FONT, fontcolor=style.EDGE_INK, fontsize=str(style.EDGE_SIZE))
    dot.attr("edge", color=style.LINE, arrowsize="0.6", penwidth="1.1")
    _nodes(dot, picture.boxes, ())
    for edge in picture.edges:
        ends = picture.boxes[edge.source].id, picture.boxes[edge.target].id
        dot.edge(*ends, label=_edge_label(edge))
    return dot.source


def _nodes(dot: Any, boxes: Sequence[Box], path: tuple[str, ...]) -> None:
    """The boxes that stand in the module at ``path``, and a cluster for each module within it."""
    level = len(path)
    inner: dict[tuple[str, ...], list[Box]] = {}
    for box in boxes:
        if box.module == path:
            dot.node(box.id, label=_label(box), **_look(box))
        else:
            inner.setdefault(box.module[: level + 1], []).append(box)
    for module, members in inner.items():
        with dot.subgraph(name=f"cluster_{'.'.join(module)}") as cluster:
            ground = style.CLUSTERS[min(level, len(style.CLUSTERS) - 1)]
            title = _font(f"<B>{escape('.'.join(module))}</B>", style.NOTICE_SIZE, style.CLUSTER_INK)
            cluster.attr(label=f"<{title}>", labelloc="t", labeljust="l", margin="9")
            cluster.attr(style="rounded,filled", fillcolor=ground, color=style.CLUSTER_BORDER)
            _nodes(cluster, members, module)


def _graph_attributes(picture: Picture) -> dict[str, str]:
    attributes = {
        "rankdir": picture.direction,
        "bgcolor": style.BACKGROUND,
        "fontname": style.FONT,
        "fontcolor": style.INK,
        "ordering": "in",  # operands stand in their order: x above y, or left of it
        "nodesep": "0.22",
        "ranksep": "0.35",
        "pad": "0.2",
    }
    if passed(len(picture.boxes), picture.ends) > HURRIED:
        attributes |= {"nslimit": "0.3", "nslimit1": "0.5", "mclimit": "0.1", "splines": "line"}
        del attributes["ordering"]
    lines = []
    if picture.title:
        lines.append(_font(f"<B>{escape(picture.title)}</B>", style.TITLE_SIZE, style.INK))
    if picture.notice:
        lines.append(_font(escape(picture.notice), style.NOTICE_SIZE, style.MUTED))
    if lines:
        attributes |= {"label": f"<{'<BR/>'.join(lines)}>", "labelloc": "t"}
    return attributes


def _look(box: Box) -> dict[str, Any]:
    look = style.LOOKS[box.kind]
    attributes = {"style": "rounded,filled", "shape": "box"}
    if box.kind == "constant" and not box.name and len(box.rows) == 1:
        attributes |= {"style": "filled", "shape": "ellipse", "margin": "0.03,0.01"}
    if box.cut:
        attributes["style"] += ",dashed"
    return {**attributes, "fillcolor": look.fill, "color": look.border, "penwidth": str(look.width)}


def _label(box: Box) -> str:
    look = style.LOOKS[box.kind]
    cells = []
    if box.name:
        cells.append(_font(f"<B>{escape(box.name)}</B>", style.NAME_SIZE, style.INK))
    if box.symbol:
        cells.append(_font(f"<B>{escape(box.symbol)}</B>", style.SYMBOL_SIZE, look.accent))
    rows = [_cells(cells)] if cells else []
    for heading, content in box.rows:
        said = _font(escape(content), style.ROW_SIZE, style.INK)
        rows.append(_cells([_font(heading, style.ROW_SIZE, style.MUTED), said] if len(box.rows) > 1 else [said]))
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    return f"<{table}{''.join(rows)}</TABLE>>"


def _cells(cells: list[str]) -> str:
    """A row of the table: one cell across both columns, or one on the left and one on the right."""
    if len(cells) == 1:
        return f'<TR><TD COLSPAN="2">{cells[0]}</TD></TR>'
    return f'<TR><TD ALIGN="LEFT">{cells[0]}{SPACE}</TD><TD ALIGN="RIGHT">{cells[1]}</TD></TR>'


def _edge_label(edge: Edge) -> str:
    # the border keeps the text off the line, which Graphviz draws right beside it
    lines = "<BR/>".join(map(escape, edge.lines))
    return f'<<TABLE BORDER="0" CELLPADDING="2"><TR><TD>{lines}</TD></TR></TABLE>>' if lines else ""


def escape(content: str) -> str:
    """Text for an HTML-like label, where Graphviz also replaces ``\\N``, ``\\G`` and others by names."""
    return html.escape(content).replace("\\", "\\\\")


def _font(content: str, size: float, color: str) -> str:
    """Text in a size and colour; Graphviz refuses an element without content."""
    return f'<FONT POINT-SIZE="{size:g}" COLOR="{color}">{content}</FONT>' if content else ""
