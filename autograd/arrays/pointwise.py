"""Functions of arrays element by element."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.arrays.room import New, out_like

Array = np.ndarray[Any, Any]

SMALL = 1 << 12  # elements
_ZEROS = np.zeros(1 << 14, np.float32)
_ZERO = np.zeros((), np.float32)  # as an array: NumPy would make one of a number


def factor(out: Array, x: Array, f: Callable[[Array], Array], new: New = np.empty) -> Array:
    """f(x) from out = x * f(x): by division, but for x so near 0 that the product has lost digits."""
    known = new(out.shape, out.dtype)
    np.divide(out, x, known)
    least = _least_exact(x.dtype)
    size = np.abs(x, out_like(x, new))
    if not size.min(initial=np.inf) >= least:  # for some x; or one is NaN
        near = np.broadcast_to(size < least, out.shape)
        known[near] = f(np.broadcast_to(x, out.shape)[near])
    return known


@lru_cache
def _least_exact(dtype: np.dtype[Any]) -> Any:
    """A number above which a product with 1/2 keeps all its digits."""
    return 4 * np.finfo(dtype).smallest_normal


def pow(x: Any, y: Any) -> Array:
    try:
        out = np.asarray(np.power(x, y))
    except ValueError:  # NumPy refuses negative powers of integers; PyTorch cuts them to whole numbers: 1 / 2 is 0
        unit = np.where(np.abs(x) == 1, np.power(x, np.abs(y) % 2), 0)
        return np.where(y < 0, unit, np.power(x, np.maximum(y, 0)))
    if out.dtype == np.int8 and np.result_type(x, y) == np.dtype(bool):  # NumPy counts booleans in int8
        return out.astype(bool)
    return out


def positive_part(x: Any) -> Any:
    """maximum(x, 0), whose loop branches at each element unless it is given as many zeros."""
    if x.dtype != _ZEROS.dtype:
        return np.maximum(x, 0)
    if x.size < SMALL or not x.flags.c_contiguous:
        return np.maximum(x, _ZERO)
    out = np.empty_like(x)
    given, made = x.reshape(-1), out.reshape(-1)
    for start in range(0, x.size, len(_ZEROS)):
        part = slice(start, start + len(_ZEROS))
        np.maximum(given[part], _ZEROS[: x.size - start], out=made[part])
    return out


def _times(log: np.ufunc) -> Callable[[Any, Any], Array]:
    """x log(y), which is 0 where x is, unless y is NaN."""

    def word(x: Any, y: Any) -> Array:
        products = x * log(y, dtype=np.result_type(x, y))
        return np.where((x == 0) & (y == y), 0, products)

    return word


def ldexp(x: Any, y: Any) -> Array:
    """x * 2^y, where 2^y by itself may be too large or too small a number; fractions of y are multiplied first."""
    y = np.asarray(y, np.result_type(x, y))
    whole = np.trunc(np.clip(y, -5000, 5000))
    return np.ldexp(x * np.exp2(y - whole), whole.astype(np.int32))


def sign(x: Array) -> Array:
    return np.sign(x) if x.dtype != bool else x.copy()


_NUMPY = (
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "exp", "exp2", "expm1"),
    *("copysign", "floor", "fmax", "fmin", "fmod", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2"),
    *("maximum", "minimum", "nextafter"),
    *("sin", "sinc", "sinh", "sqrt", "tan", "tanh", "trunc", "where"),
)

WORDS: dict[str, Any] = {
    "clip": np.clip,
    "eq": np.equal,
    "factor": factor,
    "ldexp": ldexp,
    "nan_to_num": lambda x, nan, posinf, neginf: np.nan_to_num(x, True, nan, posinf, neginf),
    "positive_part": positive_part,
    "pow": pow,
    "round": np.round,
    "sign": sign,
    "to": lambda x, dtype: x.astype(dtype),
    "xlog1py": _times(np.log1p),
    "xlogy": _times(np.log),
    **{name: getattr(np, name) for name in _NUMPY},
}
