"""Indexing, copies, and conversion."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = [
    "as_index",
    "clone",
    "to",
]


def as_index(index: Any) -> Any:
    """An index with the nodes and lists in it as arrays of their own."""
    if isinstance(index, tuple):
        return tuple(as_index(part) for part in index)
    if isinstance(index, Node):
        return index.raw.copy()
    if isinstance(index, np.ndarray):
        return index.copy()
    if isinstance(index, list | range):
        return np.array(index) if len(index) else np.zeros(0, np.int64)
    return index


def to(input: Any, dtype: Any) -> Any:
    """A copy of ``input`` in another dtype."""
    return apply(RULES["to"], (input,), (np.dtype(dtype),))


def clone(input: Any) -> Any:
    """A copy that the gradient flows through."""
    return apply(RULES["clone"], (input,))
