"""Where everything in a picture stands, placed by our own layout: for SVG, and for the page."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.draw import style
from autograd.draw.layout import Point, layout
from autograd.draw.picture import Box, Edge, Picture
from autograd.draw.text import width

PAD_X, PAD_Y = 10.0, 7.0
NAME_LINE, ROW_LINE, EDGE_LINE = 18.0, 15.0, 12.5
BETWEEN = 12.0  # between the columns of a box


@dataclass(frozen=True)
class Placed:
    """Sizes and centres, as (x, y); a route has the corners that `Layout` says."""

    sizes: list[Point]
    centres: list[Point]
    plates: list[Point]  # the sizes of the edges' labels
    labels: list[Point]
    routes: list[list[Point]]
    layers: list[tuple[float, float]]  # where each starts and ends, along the direction of the computation
    size: Point


def placed(picture: Picture) -> Placed:
    across = picture.direction == "LR"

    def turned(pairs: list[Point]) -> list[Point]:
        """(along, across) as (x, y), and back."""
        return pairs if across else [(y, x) for x, y in pairs]

    sizes = [box_size(box) for box in picture.boxes]
    plates = [_label_size(edge) for edge in picture.edges]
    at = layout(turned(sizes), picture.ends, turned(plates))
    routes = [turned(route) for route in at.routes]
    return Placed(sizes, turned(at.boxes), plates, turned(at.labels), routes, at.extents, turned([at.size])[0])


def box_size(box: Box) -> Point:
    header = [width(box.name, style.NAME_SIZE, bold=True)] if box.name else []
    header += [width(box.symbol, style.SYMBOL_SIZE, bold=True)] if box.symbol else []
    headings = max(width(heading, style.ROW_SIZE) for heading, _ in box.rows)
    columns = headings + (BETWEEN if headings else 0.0)
    wide = max(
        sum(header) + BETWEEN * (len(header) - 1),
        *(width(content, style.ROW_SIZE) + columns for _, content in box.rows),
    )
    return wide + 2 * PAD_X, (NAME_LINE if header else 0.0) + ROW_LINE * len(box.rows) + 2 * pad(box)


def pad(box: Box) -> float:
    return PAD_Y if len(box.rows) > 1 else 3.0  # a plain number is small


def _label_size(edge: Edge) -> Point:
    if not edge.label:
        return 0.0, 6.0
    return max(width(line, style.EDGE_SIZE) for line in edge.lines) + 6.0, EDGE_LINE * len(edge.lines) + 2.0
