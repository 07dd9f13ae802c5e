"""The order of the items within each layer, so that few edges cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

Rows = list[list[int]]

SWEEPS = 24


def ordered(layers: Sequence[int], links: Sequence[tuple[int, int]]) -> Rows:
    """The items of each layer in an order with few crossings: the best of `SWEEPS` sweeps to and fro.

    A sweep puts each item at the mean of the places of its neighbours in the layer before (the *barycentre*
    heuristic); finding the best order is NP-hard.
    """
    before: list[list[int]] = [[] for _ in layers]
    after: list[list[int]] = [[] for _ in layers]
    for u, v in links:
        before[v].append(u)
        after[u].append(v)
    rows = _depth_first(layers, before, after)
    best, fewest = rows, _crossings(rows, after)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        rows = _swept(rows, before if forward else after, forward)
        crossings = _crossings(rows, after)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _depth_first(layers: Sequence[int], before: Sequence[list[int]], after: Sequence[list[int]]) -> Rows:
    """The order in which a walk back from the outputs meets the items: without crossings if the graph is a tree."""
    rows: Rows = [[] for _ in range(max(layers, default=-1) + 1)]
    seen: set[int] = set()
    stack = [item for item in reversed(range(len(layers))) if not after[item]]
    while stack:
        item = stack.pop()
        if item not in seen:
            seen.add(item)
            rows[layers[item]].append(item)
            stack += reversed(before[item])
    return rows


def _swept(rows: Rows, neighbours: Sequence[list[int]], forward: bool) -> Rows:
    place: dict[int, float] = {}
    swept: Rows = []
    for row in rows if forward else reversed(rows):
        means = {
            item: sum(place[n] for n in neighbours[item]) / len(neighbours[item]) if neighbours[item] else float(here)
            for here, item in enumerate(row)
        }
        swept.append(sorted(row, key=means.__getitem__))
        place.update((item, float(here)) for here, item in enumerate(swept[-1]))
    return swept if forward else swept[::-1]


def _crossings(rows: Rows, after: Sequence[list[int]]) -> int:
    """How many pairs of links cross: for each layer, the inversions in the places where its links end."""
    place = {item: here for row in rows for here, item in enumerate(row)}
    crossings = 0
    for row in rows:
        ends: list[int] = []
        for item in row:
            there = sorted(place[v] for v in after[item])
            crossings += sum(len(ends) - bisect_right(ends, end) for end in there)
            for end in there:
                insort(ends, end)
    return crossings
