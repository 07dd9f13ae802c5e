"""Norms of vectors: lengths of lines of elements along one dimension or several."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import DtypeError, ShapeError
from autograd.functions.dims import Dim, numpy_spelling, wrapped_dims
from autograd.functions.ordering import amax, amin
from autograd.functions.pointwise import abs, sign
from autograd.functions.reductions import reduce, require_float, sum
from autograd.graph import apply
from autograd.rules import RULES

__all__ = ["norm"]


def vector_norm(name: str, input: Any, p: float, dim: Dim, keepdim: bool, dtype: Any) -> Any:
    """(sum of |x|^p)^(1/p) over ``dim`` (None: all); for p = 0, inf, -inf: how many are not 0, the largest, the least.

    Where the derivative is infinite or does not exist, it is the subgradient 0. ``name``: who asks, for messages.
    """
    require_float(name, input)
    if not isinstance(p, Real) or isinstance(p, bool):
        raise DtypeError(f"{name}: the order of the norm is {p!r}; it must be a number, such as 1, 2 or math.inf")
    if dtype is not None:
        input = _widened(name, input, dtypes.as_dtype(dtype))
    dims = wrapped_dims(name, dim, input.ndim)
    if (p < 0 or p == math.inf) and builtins.any(input.shape[i] == 0 for i in dims):
        raise ShapeError(f"{name}: of no elements, as in shape {input.shape} over dim {dims}, there is no {p}-norm")
    if p == 2:
        return reduce("euclidean", input, dims, keepdim)
    if p == 1:
        return sum(abs(input), dims, keepdim)
    if p == 0:
        return sum(abs(sign(input)), dims, keepdim)
    if math.isinf(p):
        return (amax if p > 0 else amin)(abs(input), dims, keepdim)
    return apply(RULES["power_norm"], (input,), (float(p), dims, builtins.bool(keepdim)))


def _widened(name: str, input: Any, dtype: np.dtype[Any]) -> Any:
    if dtype.kind != "f" or dtype.itemsize < input.dtype.itemsize:
        raise DtypeError(
            f"{name}: dtype={dtype} cannot hold a norm of {input.dtype} numbers; "
            "give a float dtype at least as wide, or convert the result"
        )
    return input.to(dtype)


@numpy_spelling
def norm(input: Any, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """The vector norm of order ``p`` over ``dim`` (default: all): `autograd.linalg.vector_norm`.

    ``p="fro"``, of Frobenius, means 2; ``p="nuc"`` is the nuclear norm, the sum of a matrix's singular values.
    """
    if p == "fro" and isinstance(dim, Sequence) and len(dim) > 2:
        raise ShapeError(f"norm: the norm of Frobenius is a matrix's, over two dimensions, not dim={dim}; use p=2")
    if p == "nuc":
        return _nuclear_norm(input, (-2, -1) if dim is None else dim, keepdim, dtype)
    return vector_norm("norm", input, 2 if p is None or p == "fro" else p, dim, keepdim, dtype)


def _nuclear_norm(input: Any, dim: Dim, keepdim: bool, dtype: Any) -> Any:
    from autograd import linalg  # which imports this file

    matrix_norm = getattr(linalg, "matrix_norm", None)
    if matrix_norm is None:
        raise NotImplementedError("norm: p='nuc' needs singular values, which are not here yet; use p='fro'")
    return matrix_norm(input, "nuc", dim, keepdim, dtype=dtype)
