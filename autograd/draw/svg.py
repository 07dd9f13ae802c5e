"""A picture as SVG, placed by our own layout."""

from __future__ import annotations

from html import escape

from autograd.draw import style
from autograd.draw.layout import Point
from autograd.draw.picture import Box, Edge, Picture
from autograd.draw.placing import EDGE_LINE, NAME_LINE, PAD_X, ROW_LINE, Placed, pad, placed
from autograd.draw.text import width

MISSING = 'Built-in layout; for a better one install Graphviz, or run: pip install "chainrule[draw]"'
UNFIT = "Built-in layout: Graphviz would take minutes for edges as long as these; draw a smaller part for a better one"

MARGIN = 22.0

Anchor = tuple[float, str]  # x, and what of the text stands there: its start, its middle or its end


def svg(picture: Picture, caption: str = MISSING) -> str:
    """A self-contained SVG document; ``caption`` says why it was not drawn by Graphviz."""
    at = placed(picture)
    heading = _heading(picture)
    top = MARGIN + (len(heading) and 12.0 + sum(size * 1.4 for _, size, _ in heading))
    wide, high = at.size
    widest = max(width(line, size, bold=True) for line, size, _ in [*heading, (caption, style.NOTICE_SIZE, "")])
    total = max(wide, widest) + 2 * MARGIN, top + high + 2 * MARGIN + style.NOTICE_SIZE
    parts = [*_opening(picture, *total), *_captions(heading, caption, total[1])]
    parts.append(f'<g transform="translate({(total[0] - wide) / 2:.1f} {top:.1f})">')
    parts += _modules(picture, at)
    parts += _edges(picture, at)
    parts += (
        f'<g transform="translate({x:.1f} {y:.1f})">{_box(box, size)}</g>'
        for box, size, (x, y) in zip(picture.boxes, at.sizes, at.centres, strict=True)
    )
    for edge, size, centre in zip(picture.edges, at.plates, at.labels, strict=True):
        parts += _edge_label(edge, size, centre)
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _opening(picture: Picture, wide: float, high: float) -> list[str]:
    size = f'width="{wide:.0f}" height="{high:.0f}"'
    arrow = '<path d="M0 0 L8 3 L0 6 z"/></marker></defs>'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {wide:.0f} {high:.0f}" role="img"'
        f' font-family="{style.FONT}" fill="{style.INK}">',
        f"<title>{escape(picture.title or 'computation graph')}</title>",
        f'<defs><marker id="arrow" viewBox="0 0 8 6" refX="7.5" refY="3" markerWidth="8" markerHeight="6"'
        f' markerUnits="userSpaceOnUse" orient="auto" fill="{style.LINE}">{arrow}',
        f'<rect {size} rx="10" fill="{style.BACKGROUND}"/>',
    ]


def _heading(picture: Picture) -> list[tuple[str, float, str]]:
    lines = [(picture.title, style.TITLE_SIZE, style.INK), (picture.notice, style.NOTICE_SIZE, style.MUTED)]
    return [line for line in lines if line[0]]


def _captions(heading: list[tuple[str, float, str]], caption: str, high: float) -> list[str]:
    parts, y = [], MARGIN
    for line, size, color in heading:
        y += size
        weight = "bold" if size == style.TITLE_SIZE else "normal"
        parts.append(_text(line, (MARGIN, "start"), y, size, color, weight))
        y += size * 0.4
    return [*parts, _text(caption, (MARGIN, "start"), high - MARGIN * 0.7, style.NOTICE_SIZE, style.MUTED)]


def _text(content: str, anchor: Anchor, y: float, size: float, color: str, weight: str = "normal") -> str:
    if not content:
        return ""
    x, side = anchor
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{color}" text-anchor="{side}"'
        f' font-weight="{weight}">{escape(content)}</text>'
    )


# Boxes: centred at the origin ---------------------------------------------------------------------------------


def _box(box: Box, size: Point) -> str:
    look = style.LOOKS[box.kind]
    wide, high = size
    left, right, y = PAD_X - wide / 2, wide / 2 - PAD_X, pad(box) - high / 2
    radius = 8.0 if len(box.rows) > 1 else high / 2
    dashes = ' stroke-dasharray="5 3"' if box.cut else ""
    parts = [
        f'<rect x="{-wide / 2:.1f}" y="{-high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="{radius:.1f}"'
        f' fill="{look.fill}" stroke="{look.border}" stroke-width="{look.width:g}"{dashes}/>'
    ]
    if box.name or box.symbol:
        at = _across(left, right, box.name, box.symbol)
        parts.append(_text(box.name, at[0], y + 13.0, style.NAME_SIZE, style.INK, "bold"))
        parts.append(_text(box.symbol, at[1], y + 13.0, style.SYMBOL_SIZE, look.accent, "bold"))
        y += NAME_LINE
    for heading, content in box.rows:
        at = _across(left, right, heading, content) if len(box.rows) == 1 else ((left, "start"), (right, "end"))
        parts.append(_text(heading, at[0], y + 11.0, style.ROW_SIZE, style.MUTED))
        parts.append(_text(content, at[1], y + 11.0, style.ROW_SIZE, style.INK))
        y += ROW_LINE
    return "".join(parts)


def _across(left: float, right: float, first: str, second: str) -> tuple[Anchor, Anchor]:
    """Where two texts of a line go: to the left and the right, or one that is alone to the middle."""
    if first and second:
        return (left, "start"), (right, "end")
    return ((left + right) / 2, "middle"), ((left + right) / 2, "middle")


# Edges ----------------------------------------------------------------------------------------------------------


def _edges(picture: Picture, at: Placed) -> list[str]:
    parts = [f'<g fill="none" stroke="{style.LINE}" stroke-width="1.2">']
    drawn: set[tuple[int, Point]] = set()  # by source: edges that share a way draw it once
    for edge, route in zip(picture.edges, at.routes, strict=True):
        first = 0
        while (edge.source, route[first + 2]) in drawn:
            first += 2
        drawn.update((edge.source, point) for point in route[2:-2:2])
        ends = f'data-from="{picture.boxes[edge.source].id}" data-to="{picture.boxes[edge.target].id}"'
        path = _path(route[first:], picture.direction == "LR")
        parts.append(f'<path {ends} d="{path}" marker-end="url(#arrow)"/>')
    return [*parts, "</g>"]


def _path(route: list[Point], across: bool) -> str:
    """Straight within layers, an S-curve from each to the next."""

    def line(start: Point, end: Point) -> str:
        same = f"{start[0]:.1f} {start[1]:.1f}" == f"{end[0]:.1f} {end[1]:.1f}"
        return "" if same else f" L{end[0]:.1f} {end[1]:.1f}"  # one without length has no direction for its arrow

    path = "M{:.1f} {:.1f}".format(*route[0]) + line(route[0], route[1])
    for (x, y), (x1, y1), after in zip(route[1:-2:2], route[2::2], route[3::2], strict=True):
        bends = ((x + x1) / 2, y, (x + x1) / 2, y1) if across else (x, (y + y1) / 2, x1, (y + y1) / 2)
        path += " C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}".format(*bends, x1, y1) + line((x1, y1), after)
    return path


# Modules --------------------------------------------------------------------------------------------------------


def _modules(picture: Picture, at: Placed) -> list[str]:
    """A ground under the boxes of each module: a plate behind each of them, and bands along what joins them.

    Our layout does not keep a module's boxes together, so a frame around them would hold others too.
    """
    parts: list[str] = []
    titles: dict[int, str] = {}  # by the first box; of modules that begin with the same the innermost, which says all
    deepest = max((len(box.module) for box in picture.boxes), default=0)
    for path in sorted({box.module[:k] for box in picture.boxes for k in range(1, len(box.module) + 1)}, key=len):
        inside = [box.module[: len(path)] == path for box in picture.boxes]
        members = [i for i, within in enumerate(inside) if within]
        plates = [_plate(at.centres[i], at.sizes[i]) for i in members]
        bands = [
            f'<path d="{_path(route, picture.direction == "LR")}" fill="none"/>'
            for edge, route in zip(picture.edges, at.routes, strict=True)
            if inside[edge.source] and inside[edge.target]
        ]
        margin = 6.0 + 4.0 * (deepest - len(path))
        ground = style.CLUSTERS[min(len(path), len(style.CLUSTERS)) - 1]
        for color, wide, shapes in (
            (style.CLUSTER_BORDER, 2 * margin + 1.6, plates),
            (ground, 12.0, bands),
            (ground, 2 * margin, plates),
        ):
            look = f'fill="{color}" stroke="{color}" stroke-width="{wide:g}" stroke-linejoin="round"'
            parts += [f"<g {look}>", *shapes, "</g>"]
        first = min(members, key=lambda i: at.centres[i][0] - at.sizes[i][0] / 2)
        titles[first] = ".".join(path)
    for i, title in titles.items():
        x, y = at.centres[i][0] - at.sizes[i][0] / 2, at.centres[i][1] - at.sizes[i][1] / 2
        y -= 4.0 * (deepest - len(picture.boxes[i].module)) + 10.0
        parts.append(_text(title, (x, "start"), y, style.NOTICE_SIZE, style.CLUSTER_INK, "bold"))
    return parts


def _plate(centre: Point, size: Point) -> str:
    (x, y), (wide, high) = centre, size
    return f'<rect x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'


def _edge_label(edge: Edge, size: Point, centre: Point) -> list[str]:
    if not edge.label:
        return []
    (wide, high), (x, y) = size, centre
    # the edge runs through the middle of its label: a plate of the background's colour keeps the text clear
    plate = f'<rect x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="3"'
    first = y - high / 2 + 10.5
    return [
        f'{plate} fill="{style.BACKGROUND}"/>',
        *(
            _text(line, (x, "middle"), first + EDGE_LINE * k, style.EDGE_SIZE, style.EDGE_INK)
            for k, line in enumerate(edge.lines)
        ),
    ]
