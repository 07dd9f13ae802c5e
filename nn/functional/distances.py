"""Distances and angles between vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, broadcast_tensors, clip, norm

__all__ = [
    "cosine_similarity",
    "normalize",
    "pairwise_distance",
    "pdist",
]


def at_least(input: Any, low: float) -> Any:
    """``input`` with what is smaller than ``low`` raised to it; its gradient passes as if nothing had been raised."""
    return input + clip(low - input.detach(), 0)


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """input / max(its ``p``-norm along ``dim``, eps).

    >>> from autograd import tensor
    >>> normalize(tensor([3.0, 4.0]), dim=0)
    tensor([0.6000, 0.8000])
    """
    return input / clip(norm(input, p, dim, True), eps)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between the vectors along ``dim``, whose lengths count as at least ``eps``."""
    if x1.dtype.kind != "f" and x2.dtype.kind != "f":
        raise DtypeError(f"cosine_similarity: dtypes {x1.dtype} and {x2.dtype}: one must be floating; use .float()")
    unit = [x / at_least(norm(x, 2, dim, True), eps) for x in _floating(*broadcast_tensors(x1, x2))]
    return (unit[0] * unit[1]).sum(dim)


def _floating(x1: Any, x2: Any) -> tuple[Any, Any]:
    if x1.dtype.kind == x2.dtype.kind:
        return x1, x2
    return (x1, x2.to(x1.dtype)) if x1.dtype.kind == "f" else (x1.to(x2.dtype), x2)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The ``p``-norm of x1 - x2 + eps along the last dimension; ``eps`` keeps its derivative finite."""
    return norm(x1 - x2 + float(eps), p, -1, keepdim)


def pdist(input: Any, p: float = 2.0) -> Any:
    """The distances between all pairs of rows: of 0 and 1, of 0 and 2, ..., ``(n * (n - 1) / 2,)``."""
    if input.ndim != 2:
        raise ShapeError(f"pdist: shape {input.shape} is not a matrix, whose rows are the points")
    first, second = np.triu_indices(input.shape[0], 1)
    return norm(input[first] - input[second], p, 1)
