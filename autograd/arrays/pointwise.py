"""Functions of arrays element by element."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.arrays.room import New, out_like

Array = np.ndarray[Any, Any]

# The error function: W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969),
# the coefficients of his CALERF, highest power first. erf(x) = x P(x^2) / Q(x^2) up to 0.46875, and
# 1 - exp(-x^2) R(x) / S(x) above.
_P = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
_Q = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_R = (
    *(2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1),
    *(2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3),
    1.23033935479799725e3,
)
_S = (
    *(1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3),
    *(3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)
_erf_one_by_one = np.frompyfunc(math.erf, 1, 1)

# The normal distribution's probability below x in single precision: 1 / (1 + exp(x P(x^2))), fitted to within 3e-8.
# P falls without end, so that large x need no limit.
_LOGIT = (*(-3.51255254e-9, 2.64532478e-7, -7.92954534e-6, 1.10612629e-4, 6.51895006e-5, -7.26661688e-2, -1.59576988),)


SMALL = 1 << 12  # elements
_ZEROS = np.zeros(1 << 14, np.float32)
_ZERO = np.zeros((), np.float32)  # as an array: NumPy would make one of a number


def _polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """Horner's scheme, in one array."""
    out = np.asarray(coefficients[0] * x)
    for coefficient in coefficients[1:-1]:
        out += coefficient
        out *= x
    out += coefficients[-1]
    return out


def erf(x: Array) -> Array:
    if x.size < 500:  # fewer calls of Python than the polynomials need
        return np.asarray(_erf_one_by_one(x)).astype(x.dtype)
    distance = np.minimum(np.abs(x), 6)  # where it is 1 to the last bit
    square = np.minimum(distance, 0.46875) ** 2
    near = x * _polynomial(_P, square) / _polynomial(_Q, square)
    rest = np.exp(-distance * distance) * _polynomial(_R, distance) / _polynomial(_S, distance)
    return np.where(distance <= 0.46875, near, np.copysign(1 - rest, x))


# Its inverse: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Appl. Statist. 37
# (1988), PPND16, highest power first: in the middle, in the tails, and far out in these.
_MIDDLE = (
    (
        *(2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4),
        *(1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080),
    ),
    (
        *(5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4),
        *(5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
    ),
)
_TAIL = (
    (
        *(7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258),
        *(3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734),
    ),
    (
        *(1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1),
        *(6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1.0),
    ),
)
_FAR = (
    (
        *(2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2),
        *(2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720),
    ),
    (
        *(2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4),
        *(1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
    ),
)


def erfinv(x: Array) -> Array:
    wide = np.asarray(x, np.float64)
    distance = np.abs(wide)
    square = 0.180625 - np.minimum(distance / 2, 0.425) ** 2
    near = wide / 2 * _polynomial(_MIDDLE[0], square) / _polynomial(_MIDDLE[1], square)
    beyond = np.sqrt(-np.log((1 - distance) / 2))  # infinite at 1, NaN above
    tail, far = np.minimum(beyond, 5) - 1.6, np.minimum(np.maximum(beyond, 5), 40) - 5
    rest = np.where(
        beyond <= 5,
        _polynomial(_TAIL[0], tail) / _polynomial(_TAIL[1], tail),
        _polynomial(_FAR[0], far) / _polynomial(_FAR[1], far),
    )
    rest = np.where(np.isfinite(beyond), rest, beyond)
    out = np.where(distance <= 0.85, near, np.copysign(rest, wide)) * 0.5**0.5
    return out.astype(x.dtype)


def normal_cdf(x: Array) -> Array:
    if x.dtype == np.float64:
        return (1 + erf(x * 0.5**0.5)) * 0.5
    if x.dtype == np.float16:
        return normal_cdf(x.astype(np.float32)).astype(np.float16)
    odds = _polynomial(_LOGIT, np.asarray(x * x))  # of being above x to being below
    odds *= x
    np.exp(odds, odds)
    odds += 1
    return np.reciprocal(odds, odds)


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


def xlogy(x: Any, y: Any) -> Array:
    products = x * np.log(y, dtype=np.result_type(x, y))
    return np.where((x == 0) & (y == y), 0, products)


def ldexp(x: Any, y: Any) -> Array:
    """x * 2^y, where 2^y by itself may be too large or too small a number; fractions of y are multiplied first."""
    y = np.asarray(y, np.result_type(x, y))
    whole = np.trunc(np.clip(y, -5000, 5000))
    return np.ldexp(x * np.exp2(y - whole), whole.astype(np.int32))


def sign(x: Array) -> Array:
    return np.sign(x) if x.dtype != bool else x.copy()


_NUMPY = (
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "exp", "exp2", "expm1"),
    *("copysign", "nextafter"),
    *("floor", "fmax", "fmin", "fmod", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "maximum", "minimum"),
    *("sin", "sinc", "sinh", "sqrt", "tan", "tanh", "trunc", "where"),
)

WORDS: dict[str, Any] = {
    "clip": np.clip,
    "eq": np.equal,
    "erf": erf,
    "erfinv": erfinv,
    "factor": factor,
    "ldexp": ldexp,
    "normal_cdf": normal_cdf,
    "nan_to_num": lambda x, nan, posinf, neginf: np.nan_to_num(x, True, nan, posinf, neginf),
    "positive_part": positive_part,
    "pow": pow,
    "round": np.round,
    "sign": sign,
    "to": lambda x, dtype: x.astype(dtype),
    "xlogy": xlogy,
    **{name: getattr(np, name) for name in _NUMPY},
}
