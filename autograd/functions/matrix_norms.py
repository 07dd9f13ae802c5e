"""The norms of ``autograd.linalg``: of vectors and of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions import vector_norms
from autograd.functions.dims import Dim, numpy_spelling, require_arrays, wrapped_dim
from autograd.functions.linalg import inv, require_matrices, slogdet, svdvals
from autograd.functions.ordering import amax, amin
from autograd.functions.pointwise import abs, where
from autograd.functions.reductions import sum
from autograd.functions.shape import permute, reshape

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]


def _real(name: str, x: Any, dtype: Any) -> Any:
    require_arrays(name, x)
    x = x if dtype is None else x.to(dtype)
    if x.dtype.kind != "f":
        raise DtypeError(f"{name}: not defined for {x.dtype}; convert first, as in .float()")
    return x


@numpy_spelling
def vector_norm(x: Any, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The norm of order ``ord`` (any number, ``math.inf`` and ``-math.inf`` too) of the elements over ``dim``."""
    return vector_norms.vector_norm("vector_norm", x, ord, dim, keepdim, dtype)


def matrix_norm(
    A: Any, ord: float | str = "fro", dim: int | Sequence[int] = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """A norm of the matrices in the two dimensions ``dim``.

    ``ord``: "fro" (the root of the sum of squares), "nuc" (the sum of the singular values), 2 and -2 (the largest and
    smallest of them), 1 and -1 (the largest and smallest sum of magnitudes of a column), inf and -inf (of a row).
    """
    A = _real("matrix_norm", A, dtype)
    if isinstance(dim, int) or len(dim) != 2:
        raise ShapeError(f"matrix_norm: dim is {dim}; it must name two dimensions, those of rows and of columns")
    if A.ndim < 2:
        raise ShapeError(f"matrix_norm: shape {A.shape} has no matrices; it needs at least 2 dimensions")
    rows, columns = (wrapped_dim("matrix_norm", d, A.ndim) for d in dim)
    if rows == columns:
        raise ShapeError(f"matrix_norm: dim {tuple(dim)} names one dimension twice")
    if ord == "fro":
        return vector_norm(A, 2, (rows, columns), keepdim)
    if ord in (1, -1, inf, -inf):
        summed, ranged = (rows, columns) if ord in (1, -1) else (columns, rows)
        sums = sum(abs(A), summed, True)
        out = _extreme(sums, ord, ranged)
    elif ord in ("nuc", 2, -2):
        others = [d for d in range(A.ndim) if d not in (rows, columns)]
        values = svdvals(permute(A, (*others, rows, columns)))
        out = sum(values, -1) if ord == "nuc" else _extreme(values, ord, -1)
    else:
        raise ArgumentError(f"matrix_norm: ord is {ord!r}; it must be 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    shape = [1 if d in (rows, columns) else n for d, n in enumerate(A.shape)]
    return reshape(out, tuple(n for d, n in enumerate(shape) if keepdim or d not in (rows, columns)))


def _extreme(x: Any, ord: Any, dim: int) -> Any:
    """The largest of ``x`` (0 if there are none) for a positive ``ord``, the smallest for a negative one."""
    if ord < 0:
        return amin(x, dim, True)
    return amax(x, dim, True) if x.shape[dim] else sum(x, dim, True)


def norm(A: Any, ord: float | str | None = None, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """`vector_norm` over one dimension, `matrix_norm` over two.

    Without ``ord`` the root of the sum of squares over ``dim`` (default: all). Without ``dim``, a vector has its
    vector norm and a matrix its matrix norm.
    """
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dim is None:
        if A.ndim not in (1, 2):
            raise ShapeError(f"norm: shape {A.shape} is no vector and no matrix; say over which dim to take ord={ord}")
        dims: Sequence[int] = tuple(range(A.ndim))
    else:
        dims = (dim,) if isinstance(dim, int) else tuple(dim)
    if len(dims) == 2:
        return matrix_norm(A, ord, dims, keepdim, dtype=dtype)
    if isinstance(ord, str) or len(dims) != 1:
        raise ShapeError(f"norm: ord={ord!r} over dim {dims}; vector norms take one dimension, matrix norms two")
    return vector_norm(A, ord, dims, keepdim, dtype=dtype)


def cond(A: Any, p: float | str | None = None) -> Any:
    """How much relative errors can grow in ``solve(A, b)``: norm(A) * norm(inv(A)), for the matrix norm ``p``; inf
    for a singular matrix. Without ``p``, and for 2, the largest by the smallest singular value; for -2 the reverse."""
    require_matrices("cond", A, square=p not in (None, 2, -2))
    if p in (None, 2, -2):
        values = svdvals(A)
        largest, smallest = values[..., 0], values[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    singular = slogdet(A.detach()).sign == 0
    inverse = inv(where(singular[..., None, None], np.eye(A.shape[-1], dtype=A.dtype), A))
    return where(singular, inf, matrix_norm(A, p) * matrix_norm(inverse, p))
