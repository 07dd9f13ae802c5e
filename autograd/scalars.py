"""The number system of floats: the names a rule may use, as functions of Python floats.

These are ``math``'s functions and the few that it lacks; special functions are those of arrays. ``math`` raises where
IEEE arithmetic has an answer (``log(0)``, ``1 / 0``, ``exp(1000)``); there the same rule is read once more, with
NumPy's float64 numbers, which have all the answers (`guarded`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays import ARRAYS, quietly


def maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else float(y)


def minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else float(y)


def fmax(x: float, y: float) -> float:
    return y if x != x else x if y != y else maximum(x, y)


def fmin(x: float, y: float) -> float:
    return y if x != x else x if y != y else minimum(x, y)


def ldexp(x: float, y: float) -> float:
    whole = math.trunc(y)
    return math.ldexp(x * 2.0 ** (y - whole), whole)


def sinc(x: float) -> float:
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0


def xlogy(x: float, y: float) -> float:
    return 0.0 if x == 0 and y == y else x * math.log(y)


def xlog1py(x: float, y: float) -> float:
    return 0.0 if x == 0 and y == y else x * math.log1p(y)


def sign(x: float) -> float:
    return x if x != x else float((x > 0) - (x < 0))


def logaddexp(x: float, y: float) -> float:
    return x + math.log(2) if x == y else maximum(x, y) + math.log1p(math.exp(-abs(x - y)))


def logaddexp2(x: float, y: float) -> float:
    return x + 1 if x == y else maximum(x, y) + math.log1p(math.exp2(-abs(x - y))) / math.log(2)


def normal_cdf(x: float) -> float:
    return (1 + math.erf(x * 0.5**0.5)) / 2


def where(condition: bool, x: float, y: float) -> float:
    return x if condition else y


def clip(x: float, low: float | None, high: float | None) -> float:
    if low is not None:
        x = maximum(x, low)
    return x if high is None else minimum(x, high)


def _alone(word: str) -> Callable[..., float]:
    """The word of arrays as a function of one number, and of parameters."""
    function = ARRAYS[word]
    return lambda x, *parameters: float(quietly.run(function, np.float64(x), *parameters))


_OF_ARRAYS = (
    *("digamma", "erfcx", "erfinv", "gamma_density", "gammainc", "gammaincc", "i0", "i0e", "i1", "i1e", "lgamma"),
    *("ndtr", "ndtri", "polygamma"),
)

_MATH = (
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1"),
    *("copysign", "fmod", "nextafter"),
    *("hypot", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh"),
)

SCALARS: dict[str, Any] = {
    "abs": abs,
    "ceil": lambda x: float(math.ceil(x)) if math.isfinite(x) else x,
    "clip": clip,
    "eq": operator.eq,
    "fmax": fmax,
    "fmin": fmin,
    "factor": lambda out, x, f: f(x),
    "floor": lambda x: float(math.floor(x)) if math.isfinite(x) else x,
    "ldexp": ldexp,
    "logaddexp": logaddexp,
    "logaddexp2": logaddexp2,
    "maximum": maximum,
    "minimum": minimum,
    "normal_cdf": normal_cdf,
    "nan_to_num": lambda x, nan, posinf, neginf: float(np.nan_to_num(x, True, nan, posinf, neginf)),
    "round": lambda x: float(round(x)) if math.isfinite(x) else x,
    "sign": sign,
    "sinc": sinc,
    "trunc": lambda x: float(math.trunc(x)) if math.isfinite(x) else x,
    "where": where,
    "xlog1py": xlog1py,
    "xlogy": xlogy,
    **{name: getattr(math, name) for name in _MATH},
    **{name: _alone(name) for name in _OF_ARRAYS},
}


def guarded(function: Callable[..., float], among_arrays: Callable[[], Callable[..., Any]]) -> Callable[..., float]:
    """``function`` of floats that, where ``math`` raises, gives what IEEE arithmetic says, by ``among_arrays()``."""

    def ieee(*numbers: float) -> float:
        try:
            return function(*numbers)
        except (ArithmeticError, ValueError):
            return float(quietly.run(among_arrays(), *map(np.float64, numbers)))

    return ieee
