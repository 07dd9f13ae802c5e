"""Functions of arrays element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


_erf = np.frompyfunc(math.erf, 1, 1)


def erf(x: Array) -> Array:
    return np.asarray(_erf(x)).astype(x.dtype)


def pow(x: Any, y: Any) -> Array:
    out = np.asarray(np.power(x, y))
    if out.dtype == np.int8 and np.result_type(x, y) == np.dtype(bool):  # NumPy counts booleans in int8
        return out.astype(bool)
    return out


def sign(x: Array) -> Array:
    return np.sign(x) if x.dtype != bool else x.copy()


_NUMPY = (
    *("abs", "ceil", "cos", "exp", "expm1", "floor", "log", "log1p", "logaddexp", "maximum", "minimum"),
    *("sin", "sqrt", "tan", "tanh", "trunc", "where"),
)

WORDS: dict[str, Any] = {
    "clip": np.clip,
    "eq": np.equal,
    "erf": erf,
    "pi": math.pi,
    "pow": pow,
    "round": np.round,
    "sign": sign,
    "to": lambda x, dtype: x.astype(dtype),
    **{name: getattr(np, name) for name in _NUMPY},
}
