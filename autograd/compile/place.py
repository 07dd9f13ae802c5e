"""Where the operands of a step stand among all numbers of a plan."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Place:
    """Where the operands of a step stand among all numbers, as an array of positions.

    Three things make reading them cheap. Along an axis where all positions are the same (one bias for all points)
    only one is read, and broadcast. Positions that are a block, transposed or not, are read as a view of it. What is
    left is gathered, number by number.
    """

    def __init__(self, positions: Array) -> None:
        self.shape = positions.shape
        for axis in range(positions.ndim):
            one = positions.take([0], axis)
            positions = one if (positions == one).all() else positions
        self.copied = tuple(k for k, n in enumerate(self.shape) if positions.shape[k] != n)
        self.block = _block(positions)
        self.positions = positions
        self.repeats = np.unique(positions).size < positions.size

    def view(self, numbers: Array) -> Array:
        """The block of ``numbers`` that stands there, with 1 for the axes along which they are the same."""
        start, stop, shape, order = self.block  # type: ignore[misc]
        return numbers[start:stop].reshape(shape).transpose(order)


Block = tuple[int, int, tuple[int, ...], tuple[int, ...]]


def _block(positions: Array) -> Block | None:
    """``start, stop, shape, order`` if the positions are those from start to stop, reshaped and transposed."""
    start, n = int(positions.min()), positions.size
    run = np.arange(start, start + n)
    for axes in permutations(range(positions.ndim)):
        moved = positions.transpose(axes)
        if (moved.ravel() == run).all():
            return start, start + n, moved.shape, tuple(np.argsort(axes).tolist())
    return None
