"""Functions that put elements into arrays at an index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


def unindex(x: Array, index: Any, shape: Shape) -> Array:
    """Zeros of ``shape`` with ``x`` added at ``index``; the adjoint of ``[index]``, repeated indices add up."""
    out = np.zeros(shape, x.dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, list) or (isinstance(part, np.ndarray) and part.dtype != bool) for part in parts):
        np.add.at(out.reshape(-1), _places(parts, shape), x.reshape(-1))  # several times faster flat than with an index
    else:  # slices, masks, integers, None and Ellipsis name every element at most once
        out[index] = x
    return out


def _places(parts: tuple[Any, ...], shape: Shape) -> Array:
    """The positions, in the flattened array of ``shape``, of the elements that an index chooses, in order."""
    if not all(isinstance(part, np.ndarray) and part.dtype != bool for part in parts):
        return np.arange(math.prod(shape)).reshape(shape)[parts].reshape(-1)
    # Arrays of integers for the first dimensions: no need to number all elements, which may be many more.
    inner = math.prod(shape[len(parts) :])
    total: Any = np.zeros((), np.int64)
    for axis, part in enumerate(parts):
        n, part = shape[axis], part.astype(np.int64, copy=False)
        total = total * n + np.where(part < 0, part + n, part)
    return (total[..., None] * inner + np.arange(inner)).reshape(-1)


def setitem(x: Array, y: Any, index: Any) -> Array:
    """A copy of ``x`` with ``y`` (an array, or one number) at ``index``."""
    out = np.array(x)
    out[index] = y
    return out


WORDS: dict[str, Any] = {"setitem": setitem, "unindex": unindex}
