"""Functions of arrays that have another formula on each part of the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """Horner's scheme, in one array; the highest power's coefficient comes first."""
    out = np.asarray(coefficients[0] * x)
    for coefficient in coefficients[1:-1]:
        out += coefficient
        out *= x
    out += coefficients[-1]
    return out


def pieces(arrays: Sequence[Array], *parts: tuple[Array, Callable[..., Array]]) -> Array:
    """For each element the first of the functions whose mask has it, called with its elements of the ``arrays``;
    NaN where no mask has it."""
    out = np.full(arrays[0].shape, np.nan)
    left = np.ones(arrays[0].shape, bool)
    for mask, function in parts:
        here = left & mask
        if here.all():
            return np.asarray(function(*arrays))
        if here.any():
            out[here] = function(*(x[here] for x in arrays))
            left &= ~here
    return out


def in_double(function: Callable[..., Array]) -> Callable[..., Array]:
    """``function`` of lines of float64 numbers, for arrays of any shape that broadcast and of any dtype, which is that
    of the result."""

    @wraps(function)
    def word(*arrays: Any) -> Array:
        dtype = np.result_type(*arrays)
        wide = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in arrays))
        return function(*(x.reshape(-1) for x in wide)).reshape(wide[0].shape).astype(dtype, copy=False)

    return word
