"""Functions that arrange, choose and join the elements of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    if x.size != 1 or x.ndim > len(shape):
        return np.broadcast_to(x, shape)
    out: Array = np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))  # the same, in a third of the time
    out.flags.writeable = False
    return out


def diagonal(x: Array, offset: int, dim1: int, dim2: int) -> Array:
    """The elements where index ``dim2`` is index ``dim1`` plus ``offset``, along a new last dimension; a view."""
    out = np.diagonal(x, offset, dim1, dim2)
    out.flags.writeable = x.flags.writeable  # NumPy's own is read-only
    return out


def undiagonal(x: Array, offset: int, dim1: int, dim2: int, shape: tuple[int, ...]) -> Array:
    """Zeros of ``shape`` with ``x`` on that diagonal: the adjoint of `diagonal`."""
    out = np.zeros(shape, x.dtype)
    diagonal(out, offset, dim1, dim2)[...] = x
    return out


WORDS: dict[str, Any] = {
    "bits": lambda x, dtype: x.view(dtype),
    "broadcast_to": broadcast_to,
    "cat": np.concatenate,
    "diagonal": diagonal,
    "flip": np.flip,
    "mT": lambda x: x.mT,
    "permute": np.transpose,
    "roll": np.roll,
    "tril": np.tril,
    "triu": np.triu,
    "undiagonal": undiagonal,
}
