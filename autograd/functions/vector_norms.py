"""Norms of vectors: lengths of lines of elements along one dimension or several."""

from __future__ import annotations

import builtins
import math
from numbers import Real
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import DtypeError, ShapeError
from autograd.functions.dims import Dim, wrapped_dims
from autograd.functions.ordering import amax, amin
from autograd.functions.pointwise import abs, sign
from autograd.functions.reductions import reduce, require_float, sum
from autograd.graph import apply
from autograd.rules import RULES


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
