"""The error function, its relatives and the normal distribution, of arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arrays.pieces import in_double, pieces, polynomial

Array = np.ndarray[Any, Any]

# The error function: W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969),
# the coefficients of his CALERF, highest power first. erf(x) = x P(x^2) / Q(x^2) up to 0.46875; above,
# 1 - erf(x) = exp(-x^2) R(x) / S(x), and from 4 on exp(-x^2) (pi^-1/2 - z T(z) / U(z)) / x with z = x^-2.
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
_T = (
    *(1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1),
    *(1.60837851487422766e-2, 6.58749161529837803e-4),
)
_U = (
    *(1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2),
    2.33520497626869185e-3,
)
_NEAR = 0.46875
_erf_one_by_one = np.frompyfunc(math.erf, 1, 1)

# The normal distribution's probability below x in single precision: 1 / (1 + exp(x P(x^2))), fitted to within 3e-8.
# P falls without end, so that large x need no limit.
_LOGIT = (*(-3.51255254e-9, 2.64532478e-7, -7.92954534e-6, 1.10612629e-4, 6.51895006e-5, -7.26661688e-2, -1.59576988),)

# Its inverse: M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), PPND16; in the middle, in the tails,
# and far out, in each the numerator and the denominator.
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


def erf(x: Array) -> Array:
    if x.size < 500:  # fewer calls of Python than the polynomials need
        return np.asarray(_erf_one_by_one(x)).astype(x.dtype)
    distance = np.minimum(np.abs(x), 6)  # where it is 1 to the last bit
    near = _near(x, np.minimum(distance, _NEAR))
    rest = np.exp(-distance * distance) * _scaled(distance)
    return np.where(distance <= _NEAR, near, np.copysign(1 - rest, x))


def _near(x: Array, distance: Array) -> Array:
    """erf(x), where |x| is the ``distance``, at most 0.46875."""
    square = distance**2
    return x * polynomial(_P, square) / polynomial(_Q, square)


def _scaled(x: Array) -> Array:
    """exp(x^2) (1 - erf(x)) from 0.46875 to 4; a little further with fewer digits."""
    return polynomial(_R, x) / polynomial(_S, x)


def _scaled_tail(x: Array) -> Array:
    """exp(x^2) (1 - erf(x)) from 0.46875 on."""
    return pieces((x,), (x <= 4, _scaled), (x > 4, _scaled_far))


def _scaled_far(x: Array) -> Array:
    z = 1 / (x * x)
    return (math.pi**-0.5 - z * polynomial(_T, z) / polynomial(_U, z)) / x


def _bell(x: Array, c: float) -> Array:
    """exp(c x^2), c a power of 2 or its negative: the square, whose rounding would be magnified, in two parts."""
    x = np.minimum(np.abs(x), 64)  # where it is 0 or infinite
    coarse = np.trunc(x * 16) / 16
    return np.exp(c * coarse * coarse) * np.exp(c * (x - coarse) * (x + coarse))


@in_double
def erfc(x: Array) -> Array:
    return pieces(
        (x,),
        (np.abs(x) <= _NEAR, lambda x: 1 - _near(x, np.abs(x))),
        (x > 0, lambda x: _bell(x, -1) * _scaled_tail(x)),
        (x < 0, lambda x: 2 - _bell(x, -1) * _scaled_tail(-x)),
    )


@in_double
def erfcx(x: Array) -> Array:
    return pieces(
        (x,),
        (np.abs(x) <= _NEAR, lambda x: _bell(x, 1) * (1 - _near(x, np.abs(x)))),
        (x > 0, _scaled_tail),
        (x < 0, lambda x: 2 * _bell(x, 1) - _scaled_tail(-x)),
    )


@in_double
def ndtr(x: Array) -> Array:
    z = np.abs(x) * 0.5**0.5
    return pieces(
        (x, z),
        (z <= _NEAR, lambda x, z: 0.5 + 0.5 * np.copysign(_near(z, z), x)),
        (x < 0, lambda x, z: 0.5 * _bell(x, -0.5) * _scaled_tail(z)),
        (x > 0, lambda x, z: 1 - 0.5 * _bell(x, -0.5) * _scaled_tail(z)),
    )


def normal_cdf(x: Array) -> Array:
    """`ndtr` in a fraction of the time, and as exact as the larger of it and its complement."""
    if x.dtype == np.float64:
        return (1 + erf(x * 0.5**0.5)) * 0.5
    if x.dtype == np.float16:
        return normal_cdf(x.astype(np.float32)).astype(np.float16)
    odds = polynomial(_LOGIT, np.asarray(x * x))  # of being above x to being below
    odds *= x
    np.exp(odds, odds)
    odds += 1
    return np.reciprocal(odds, odds)


def _quantile(middle: Array, tail: Array) -> Array:
    """Where the normal distribution's probability is 1/2 + ``middle``; ``tail`` is the smaller of it and its
    complement."""
    r = np.sqrt(-np.log(tail))
    return pieces(
        (middle, r),
        (np.abs(middle) <= 0.425, lambda q, r: q * _ratio(_MIDDLE, 0.180625 - q * q)),
        (r <= 5, lambda q, r: np.copysign(_ratio(_TAIL, r - 1.6), q)),
        (r < np.inf, lambda q, r: np.copysign(_ratio(_FAR, r - 5), q)),
        (tail == 0, lambda q, r: np.copysign(np.inf, q)),
    )


def _ratio(parts: tuple[tuple[float, ...], tuple[float, ...]], x: Array) -> Array:
    numerator, denominator = parts
    return polynomial(numerator, x) / polynomial(denominator, x)


@in_double
def ndtri(p: Array) -> Array:
    return _quantile(p - 0.5, np.minimum(p, 1 - p))


@in_double
def erfinv(x: Array) -> Array:
    return _quantile(x / 2, (1 - np.abs(x)) / 2) * 0.5**0.5


WORDS: dict[str, Any] = {
    "erf": erf,
    "erfc": erfc,
    "erfcx": erfcx,
    "erfinv": erfinv,
    "ndtr": ndtr,
    "ndtri": ndtri,
    "normal_cdf": normal_cdf,
}
