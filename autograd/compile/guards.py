"""Branches: what the comparisons of a recording came out as, and whether they still do.

``if a > b``, ``max(xs)`` and ``sorted(xs)`` compare `Value`s, and what the function does next depends on the answers.
A recording keeps each comparison with its answer; a replay computes both sides with everything else and compares
again. Should one answer differ, the recording is of another branch, and its numbers are not used.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import GraphError

Array = np.ndarray[Any, Any]
Compare = Callable[[Any, Any], Any]

COMPARISONS: dict[str, Compare] = {
    "__lt__": operator.lt,
    "__le__": operator.le,
    "__gt__": operator.gt,
    "__ge__": operator.ge,
}


class Comparison(NamedTuple):
    """``compare(left, right)`` came out as ``answer``; left and right are numbers of leaves and nodes."""

    compare: Compare
    left: int
    right: int
    answer: bool


class Guards:
    """The comparisons of a recording, to be made again on the numbers of a replay."""

    def __init__(self, comparisons: Sequence[Comparison], position: Mapping[int, Array]) -> None:
        groups: dict[Compare, list[Comparison]] = defaultdict(list)
        for comparison in comparisons:
            groups[comparison.compare].append(comparison)
        self._groups = [
            (
                compare,
                np.array([position[c.left] for c in group]),  # comparisons x examples
                np.array([position[c.right] for c in group]),
                np.array([[c.answer] for c in group]),
            )
            for compare, group in groups.items()
        ]

    def hold(self, values: Array) -> bool:
        """Whether every answer is the recording's."""
        same = [compare(values[left], values[right]) == answer for compare, left, right, answer in self._groups]
        if all(each.all() for each in same):
            return True
        for each in same:
            if (each.any(1) & ~each.all(1)).any():
                raise GraphError(
                    "compile: the examples of a batch take different branches (a comparison, max or sorted comes out "
                    "otherwise for some), and all are replayed at once; use operations instead, as relu, maximum, "
                    "clamp or abs, or call the function for each example"
                )
        return False
