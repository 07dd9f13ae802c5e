"""Functions that arrange, choose and join the elements of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


WORDS: dict[str, Any] = {
    "broadcast_to": np.broadcast_to,
    "cat": np.concatenate,
    "flip": np.flip,
    "mT": lambda x: np.swapaxes(x, -1, -2),
    "permute": np.transpose,
    "tril": np.tril,
    "triu": np.triu,
}
