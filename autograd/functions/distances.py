"""Distances between points."""

from __future__ import annotations

from typing import Any

from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.dims import require_arrays
from autograd.functions.pointwise import sqrt, square, where
from autograd.functions.reductions import sum
from autograd.functions.shape import mT, unsqueeze
from autograd.functions.vector_norms import vector_norm

__all__ = ["cdist"]

_BY_PRODUCT = {
    "use_mm_for_euclid_dist": True,
    "donot_use_mm_for_euclid_dist": False,
    "use_mm_for_euclid_dist_if_necessary": None,
}
_LARGE = 2**26  # numbers: what the differences of all pairs may take


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str | None = "use_mm_for_euclid_dist_if_necessary") -> Any:
    """The distance, in the ``p``-norm, of every point of one set from every point of another: ``(..., P, M)`` and
    ``(..., R, M)`` to ``(..., P, R)``. The gradient at points that coincide is 0.

    Computed from the differences, which take P * R * M numbers. ``"use_mm_for_euclid_dist"`` computes Euclidean
    distances by a matrix product instead, which is faster, but inexact for points that are near each other compared
    with their distance from 0; ``"..._if_necessary"`` does so where the differences would take more than half a
    gigabyte.
    """
    require_arrays("cdist", x1, x2)
    for x in (x1, x2):
        if x.ndim < 2:
            raise ShapeError(f"cdist: shape {x.shape} is no set of points; it needs at least 2 dimensions")
    if x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(f"cdist: points of {x1.shape[-1]} and of {x2.shape[-1]} numbers, in {x1.shape} and {x2.shape}")
    if x1.dtype.kind != "f" or x2.dtype.kind != "f":
        raise DtypeError(f"cdist: not defined for {x1.dtype} and {x2.dtype}; convert first, as in .float()")
    if not p >= 0:
        raise ArgumentError(f"cdist: p is {p}; it must not be negative")
    mode = compute_mode or "use_mm_for_euclid_dist_if_necessary"
    if mode not in _BY_PRODUCT:
        raise ArgumentError(f"cdist: compute_mode is {compute_mode!r}; it must be one of {', '.join(_BY_PRODUCT)}")
    if not x1.shape[-1]:
        p = 1.0  # of no numbers: every distance is 0, but there is no largest difference
    by_product = _BY_PRODUCT[mode]
    if by_product is None:
        by_product = x1.raw.size * x2.shape[-2] > _LARGE
    if not by_product or p != 2:
        return vector_norm("cdist", unsqueeze(x1, -2) - unsqueeze(x2, -3), p, -1, False, None)
    squares = sum(square(x1), -1, True) + mT(sum(square(x2), -1, True)) - 2 * (x1 @ mT(x2))
    none = squares.wrapped(squares.raw <= 0)
    return where(none, 0.0, sqrt(where(none, 1.0, squares)))
