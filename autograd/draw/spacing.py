"""Where the items of each layer stand, given their order: near their neighbours and clear of each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

APART = 14.0  # between neighbours in a layer
PASSES = 40
STRAIGHT = 6.0  # how much more a link counts between two bends: long edges shall not wriggle


def spaced(
    rows: Sequence[Sequence[int]], extents: Sequence[float], links: Sequence[tuple[int, int]], bends: Collection[int]
) -> list[float]:
    """The centre of each item, all of it at or above 0.

    Each pass moves every layer, given the others, to where the squared lengths of its links add up to least.
    """
    neighbours: list[list[tuple[int, float]]] = [[] for _ in extents]
    for u, v in links:
        weight = STRAIGHT if u in bends and v in bends else 1.0
        neighbours[u].append((v, weight))
        neighbours[v].append((u, weight))
    centres = [0.0] * len(extents)
    for row in rows:
        _place(row, [0.0] * len(row), [1.0] * len(row), extents, centres)
    for turn in range(PASSES):
        for row in rows if turn % 2 else reversed(rows):
            wanted, weights = [], []
            for item in row:
                total = sum(weight for _, weight in neighbours[item])
                pull = sum(centres[n] * weight for n, weight in neighbours[item])
                wanted.append(pull / total if total else centres[item])
                weights.append(total or 1.0)
            _place(row, wanted, weights, extents, centres)
    top = min((c - extent / 2 for c, extent in zip(centres, extents, strict=True)), default=0.0)
    return [c - top for c in centres]


def _place(
    row: Sequence[int],
    wanted: Sequence[float],
    weights: Sequence[float],
    extents: Sequence[float],
    centres: list[float],
) -> None:
    """Move the items of a row as near to the places they want as their order and sizes allow (least squares).

    Less the room that the items before it need, each centre only has to be no less than the one before: that is
    isotonic regression, and merging neighbours that are out of order solves it (pool adjacent violators).
    """
    room, offsets = 0.0, []
    for here, item in enumerate(row):
        if here:
            room += (extents[row[here - 1]] + extents[item]) / 2 + APART
        offsets.append(room)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many items
    for place, weight, offset in zip(wanted, weights, offsets, strict=True):
        mean, count = place - offset, 1
        while pools and pools[-1][0] >= mean:
            other, heavier, more = pools.pop()
            mean = (mean * weight + other * heavier) / (weight + heavier)
            weight, count = weight + heavier, count + more
        pools.append((mean, weight, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    for item, mean, offset in zip(row, means, offsets, strict=True):
        centres[item] = mean + offset
