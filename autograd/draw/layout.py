"""A layered layout of our own, for machines without Graphviz: Sugiyama, Tagawa and Toda's method of 1981.

Coordinates here are *along* the direction in which the graph is computed and *across* it; `svg.py` turns them into
x and y. Boxes stand in the even layers and edge labels in the odd ones between them. An edge that passes a layer has
a place of its own in it (a *bend*) and runs straight through it; it curves only in the gaps between layers. So no
edge crosses a box or a label, whatever the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.draw.ordering import ordered
from autograd.draw.spacing import spaced

Size = tuple[float, float]  # along, across
Point = tuple[float, float]

GAP, STEEPEST, WIDEST = 24.0, 1.6, 150.0  # between layers: at least; across per along; at most
PORTS = 15.0  # between the arrowheads at one box


@dataclass(frozen=True)
class Layout:
    """Where everything is: centres of boxes and labels, and for every edge the corners of its route.

    Routes are of an even number of points: curve from the first to the second, straight on to the third, and so on
    in turns, a straight stretch first and last.
    """

    layers: list[int]  # of each box
    extents: list[tuple[float, float]]  # of each layer: where it starts and ends
    boxes: list[Point]
    labels: list[Point]
    routes: list[list[Point]]
    size: Size


@dataclass(frozen=True)
class Items:
    """Everything that takes up room in a layer: first the boxes, then the labels, then the bends."""

    sizes: list[Size]
    layers: list[int]
    links: list[tuple[int, int]]  # pairs of items in adjacent layers
    chains: list[list[int]]  # of each edge: the items from its operand to its result


def layout(boxes: Sequence[Size], edges: Sequence[tuple[int, int]], labels: Sequence[Size]) -> Layout:
    """Place ``boxes``, whose order is one in which operands come before results."""
    layers = layered(len(boxes), edges)
    items = _items(boxes, edges, labels, layers)
    rows = ordered(items.layers, items.links)
    bends = range(len(boxes) + len(labels), len(items.sizes))
    across = spaced(rows, [size[1] for size in items.sizes], items.links, bends)
    starts, ends = _extents(rows, items, across)
    along = [(starts[layer] + ends[layer]) / 2 for layer in items.layers]
    centres = list(zip(along, across, strict=True))
    height = max(a + size[1] / 2 for a, size in zip(across, items.sizes, strict=True))
    return Layout(
        layers,
        list(zip(starts, ends, strict=True)),
        centres[: len(boxes)],
        centres[len(boxes) : len(boxes) + len(labels)],
        _routes(items, centres, starts, ends),
        (ends[-1], height),
    )


def layered(n: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each of ``n`` boxes: as near to the output as its results allow, so that edges are short."""
    layers = [0] * n
    for source, target in sorted(edges, key=lambda edge: -edge[1]):
        layers[source] = min(layers[source], layers[target] - 2)
    first = min(layers, default=0)
    return [layer - first for layer in layers]


def passed(n: int, edges: Sequence[tuple[int, int]]) -> int:
    """How many layers all edges together pass: what a layered layout without shared bends has to place."""
    layers = layered(n, edges)
    return sum(layers[target] - layers[source] - 1 for source, target in edges)


def _items(
    boxes: Sequence[Size], edges: Sequence[tuple[int, int]], labels: Sequence[Size], layers: Sequence[int]
) -> Items:
    sizes, levels = [*boxes, *labels], [*layers, *(layers[target] - 1 for _, target in edges)]
    links: dict[tuple[int, int], None] = {}  # a set that keeps its order
    bends: dict[tuple[int, int], int] = {}  # by source and layer: the edges of one source share them
    chains = []
    for k, (source, target) in enumerate(edges):
        chain = [source]
        for layer in range(layers[source] + 1, layers[target] - 1):
            if (source, layer) not in bends:
                bends[source, layer] = len(sizes)
                sizes.append((0.0, 6.0))
                levels.append(layer)
            chain.append(bends[source, layer])
        chain += (len(boxes) + k, target)
        chains.append(chain)
        links.update(dict.fromkeys(pairwise(chain)))
    return Items(sizes, levels, list(links), chains)


def _extents(rows: Sequence[Sequence[int]], items: Items, across: Sequence[float]) -> tuple[list[float], list[float]]:
    """Where each layer starts and ends: as thick as its thickest item, after a gap as its steepest edge needs it."""
    steepest = [0.0] * len(rows)
    for u, v in items.links:
        steepest[items.layers[v]] = max(steepest[items.layers[v]], abs(across[u] - across[v]))
    starts: list[float] = []
    ends: list[float] = []
    for layer, row in enumerate(rows):
        gap = min(max(GAP, steepest[layer] / STEEPEST), WIDEST) if layer else 0.0
        starts.append((ends[-1] if ends else 0.0) + gap)
        ends.append(starts[-1] + max((items.sizes[i][0] for i in row), default=0.0))
    return starts, ends


def _routes(
    items: Items, centres: Sequence[Point], starts: Sequence[float], ends: Sequence[float]
) -> list[list[Point]]:
    incoming: dict[int, list[int]] = {}
    for k, chain in enumerate(items.chains):
        incoming.setdefault(chain[-1], []).append(k)
    ports: dict[int, float] = {}
    for target, edges in incoming.items():
        edges.sort(key=lambda k: centres[items.chains[k][-2]][1])
        apart = min(PORTS, 0.8 * items.sizes[target][1] / len(edges))
        for place, k in enumerate(edges):
            ports[k] = centres[target][1] + (place - (len(edges) - 1) / 2) * apart
    routes = []
    for k, (source, *between, target) in enumerate(items.chains):
        x, y = centres[source]
        route = [(x + items.sizes[source][0] / 2, y), (ends[items.layers[source]], y)]
        for item in between:
            route += ((starts[items.layers[item]], centres[item][1]), (ends[items.layers[item]], centres[item][1]))
        x = centres[target][0] - items.sizes[target][0] / 2
        routes.append([*route, (starts[items.layers[target]], ports[k]), (x, ports[k])])
    return routes
