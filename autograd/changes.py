"""When arrays were changed in place and when results were recorded, so that a reverse pass knows what came first."""

from __future__ import annotations

import itertools


class Memory:
    """The memory of an array that several Tensors share: views, `detach`. It knows when it was last changed."""

    __slots__ = ("changed", "filled")

    def __init__(self) -> None:
        self.changed = 0
        self.filled = 0  # when it was last given results of the graph


class _Changes:
    """Orders recordings and changes in place, so that a change in between is noticed."""

    clock = itertools.count(1)
    last = 0  # when an array was last changed


changes = _Changes()
filled: set[int] = set()  # the tensors that are being filled with results of the graph; nearly always empty
