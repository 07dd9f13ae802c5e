"""Functions that arrange, choose and join the elements of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def unindex(x: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Zeros of ``shape`` with ``x`` added at ``index``; the adjoint of ``[index]``, repeated indices add up."""
    out = np.zeros(shape, x.dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, np.ndarray | list) for part in parts):
        np.add.at(out, index, x)
    else:  # integers, slices, None and Ellipsis name every element at most once
        out[index] = x
    return out


WORDS: dict[str, Any] = {
    "broadcast_to": np.broadcast_to,
    "cat": np.concatenate,
    "flip": np.flip,
    "mT": lambda x: np.swapaxes(x, -1, -2),
    "permute": np.transpose,
    "tril": np.tril,
    "triu": np.triu,
    "unindex": unindex,
}
