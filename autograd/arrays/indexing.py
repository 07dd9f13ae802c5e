"""Functions that put elements into arrays at an index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arrays.room import New, zeros

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


def unindex(x: Array, index: Any, shape: Shape, new: New = np.empty) -> Array:
    """Zeros of ``shape`` with ``x`` added at ``index``; the adjoint of ``[index]``, repeated indices add up."""
    out = zeros(shape, x.dtype, new)
    if _has_arrays(index):
        add_at(out, index, x, new)
    else:
        out[index] = x
    return out


def add_at(out: Array, index: Any, x: Array, new: New = np.empty) -> None:
    """Add ``x`` to ``out`` at ``index``, in place; repeated indices add up."""
    if _has_arrays(index) and out.flags.c_contiguous:
        parts = index if isinstance(index, tuple) else (index,)
        places = _places(parts, out.shape, new)
        np.add.at(out.reshape(-1), places, x.reshape(-1))  # several times faster than with an index
    elif _has_arrays(index):
        np.add.at(out, index, x)
    else:
        out[index] += x


def _has_arrays(index: Any) -> bool:
    """Whether ``index`` can name an element twice; slices, masks, integers, None and Ellipsis cannot."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, list) or (isinstance(part, np.ndarray) and part.dtype != bool) for part in parts)


def _places(parts: tuple[Any, ...], shape: Shape, new: New) -> Array:
    """The positions, in the flattened array of ``shape``, of the elements that an index chooses, in order."""
    if not all(isinstance(part, np.ndarray) and part.dtype != bool for part in parts):
        return np.arange(math.prod(shape)).reshape(shape)[parts].reshape(-1)
    # Arrays of integers for the first dimensions: no need to number all elements, which may be many more.
    inner = math.prod(shape[len(parts) :])
    total: Any = np.zeros((), np.int64)
    for axis, part in enumerate(parts):
        n, part = shape[axis], part.astype(np.int64, copy=False)
        total = total * n + np.where(part < 0, part + n, part)
    places = new((*total.shape, inner), np.int64)
    places[...] = total[..., None] * inner
    places += np.arange(inner)
    return places.reshape(-1)


def setitem(x: Array, y: Any, index: Any) -> Array:
    """A copy of ``x`` with ``y`` (an array, or one number) at ``index``."""
    out = np.array(x)
    out[index] = y
    return out


def scatter_extreme(x: Array, y: Array, index: Any, largest: bool) -> Array:
    """A copy of ``x`` with the largest or smallest of each element and those of ``y`` that ``index`` puts there."""
    out = np.array(x)
    (np.maximum if largest else np.minimum).at(out, index, y)
    return out


WORDS: dict[str, Any] = {"scatter_extreme": scatter_extreme, "setitem": setitem, "unindex": unindex}
