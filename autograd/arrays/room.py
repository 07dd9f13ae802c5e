"""Room for results: where the words that can be told so write.

A word with a parameter ``new`` makes every array by ``new(shape, dtype)``. By itself that is `numpy.empty`; a `Room`
gives the same arrays at every call, so that a replay allocates nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
New = Callable[[tuple[int, ...], Any], Array]


def takes_room(function: Any) -> bool:
    """Whether ``function`` has a parameter ``new``."""
    code = getattr(function, "__code__", None)
    return code is not None and "new" in code.co_varnames[: code.co_argcount]


def like(x: Array, new: New) -> Array:
    """Room of the shape, the dtype and the order in memory of ``x``."""
    if x.flags.c_contiguous:
        return new(x.shape, x.dtype)
    order = sorted(range(x.ndim), key=lambda i: -abs(x.strides[i]))
    return np.transpose(new(tuple(x.shape[i] for i in order), x.dtype), [order.index(i) for i in range(x.ndim)])


class Room:
    """The arrays of one call in a program: what a function asks for, by when it asks."""

    def __init__(self) -> None:
        self._arrays: dict[tuple[int, tuple[int, ...], Any], Array] = {}
        self._asked = 0

    def again(self) -> None:
        """The function is called again."""
        self._asked = 0

    def __call__(self, shape: tuple[int, ...], dtype: Any) -> Array:
        self._asked += 1
        key = self._asked, tuple(shape), dtype
        if key not in self._arrays:
            self._arrays[key] = np.empty(shape, dtype)
        return self._arrays[key]
