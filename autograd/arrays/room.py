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


def out_like(x: Array, new: New, dtype: Any = None) -> Array | None:
    """Where NumPy is to write a result like ``x``; None with `numpy.empty`: NumPy makes that itself, and faster."""
    return None if new is np.empty else new(x.shape, dtype or x.dtype)


def zeros(shape: tuple[int, ...], dtype: Any, new: New) -> Array:
    if new is np.empty:
        return np.zeros(shape, dtype)  # of which the system may have cleared the memory
    out = new(shape, dtype)
    out.fill(0)
    return out


def takes_room(function: Any) -> bool:
    """Whether ``function`` has a parameter ``new``."""
    code = getattr(function, "__code__", None)
    return code is not None and "new" in code.co_varnames[: code.co_argcount]


def laid_out_like(x: Array, shape: tuple[int, ...], dtype: Any, new: New = np.empty) -> Array:
    """An array of ``shape``, with its dimensions in memory in the order of those of ``x``.

    Convolutions leave the batch innermost in memory, where loops over it are long; what follows keeps it there.
    """
    if x.flags.c_contiguous:
        return new(shape, dtype)
    order = sorted(range(x.ndim), key=lambda i: (-abs(x.strides[i]), i))
    return new(tuple(shape[i] for i in order), dtype).transpose(np.argsort(order))


class Room:
    """The arrays of one call in a program: what a function asks for, by when it asks."""

    def __init__(self) -> None:
        self._arrays: dict[tuple[int, tuple[int, ...], Any], Array] = {}
        self._asked = 0

    def again(self) -> Room:
        """This room, for the next call of the function."""
        self._asked = 0
        return self

    def __call__(self, shape: tuple[int, ...], dtype: Any) -> Array:
        self._asked += 1
        key = self._asked, shape, dtype
        array = self._arrays.get(key)
        if array is None:
            array = self._arrays[key] = np.empty(shape, dtype)
        return array
