"""The regularized incomplete gamma functions, of arrays: the distribution of a gamma variable and its draws' slopes.

Numbers in brackets are those of the formulas in the Digital Library of Mathematical Functions, dlmf.nist.gov.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.arrays.gammas import digamma, lgamma_1p, stirling_rest
from autograd.arrays.normal import erfcx
from autograd.arrays.pieces import in_double, pieces, polynomial

Array = np.ndarray[Any, Any]

_EPS = float(np.finfo(np.float64).eps)
_UNIFORM = 20.0  # from this a on, near x = a, the uniform expansion is exact to the last digit
_STEP = 0.06  # of the trapezoids
_ATANH = tuple(1 / (2 * k + 3) for k in range(17))[::-1]


def _excess(a: Array, x: Array) -> Array:
    """x / a - 1 - log(x / a), which is small near x = a, where the difference would lose its digits."""
    m = (x - a) / a
    r = m / (2 + m)  # log(1 + m) = 2 artanh(r)
    near = np.abs(m) < 0.5
    return np.where(near, m * r - 2 * r**3 * polynomial(_ATANH, np.where(near, r * r, 0)), m - np.log(x / a))


def _term(a: Array, x: Array) -> Array:
    """x^a e^-x / Gamma(a + 1)."""
    return pieces(
        (a, x),
        (a >= 10, lambda a, x: np.exp(-a * _excess(a, x) - stirling_rest(a)) / np.sqrt(2 * math.pi * a)),
        (x <= 1e3, lambda a, x: x**a * np.exp(-x - lgamma_1p(a))),
        (x > 1e3, lambda a, x: np.zeros(x.shape)),
    )


def _lower_series(a: Array, x: Array) -> Array:
    """[8.11.4]"""
    term, total, n = np.ones(a.shape), np.ones(a.shape), 0
    while (term > _EPS / 4 * total).any():
        n += 1
        term = term * (x / (a + n))
        total += term
    return _term(a, x) * total


def _upper_series(a: Array, x: Array) -> Array:
    """1 minus [8.7.1], for x up to 1: there 1 - x^a / Gamma(a + 1) is small for small a."""
    log_power = a * np.log(x) - lgamma_1p(a)
    term, total = np.ones(a.shape), np.zeros(a.shape)
    for n in range(1, 22):
        term = term * (-x / n)
        total += term * a / (a + n)
    return -np.expm1(log_power) - np.exp(log_power) * total


def _upper_fraction(a: Array, x: Array) -> Array:
    """[8.9.2], contracted, for x from 1.1 on, where so many terms are enough; no error grows from the last to the
    first."""
    base, rest = x + 1 - a, np.zeros(a.shape)
    for n in range(90, 0, -1):
        rest = n * (a - n) / (base + 2 * n + rest)
    return _term(a, x) * a / (base + rest)


@lru_cache
def _uniform_coefficients() -> tuple[float, ...]:
    """Those of eta / (x / a - 1) in powers of eta, where eta^2 / 2 is the `_excess` [8.12.10]."""
    powers = [Fraction(0), Fraction(1)]  # x / a - 1 in powers of eta
    for n in range(2, 28):
        known = sum((k * powers[k] * powers[n + 1 - k] for k in range(2, n)), Fraction(0))
        powers.append((powers[n - 1] - known) / (n + 1))
    inverse = [Fraction(1)]
    for n in range(1, 26):
        inverse.append(-sum((powers[k + 1] * inverse[n - k] for k in range(1, n + 1)), Fraction(0)))
    return tuple(map(float, inverse))


def _uniform(a: Array, x: Array) -> Array:
    """The upper function from x = a on, the lower below: Temme's uniform expansion [8.12.3], its sum as in "A set of
    algorithms for the incomplete gamma functions", Prob. Eng. Inf. Sci. 8 (1994)."""
    excess = _excess(a, x)
    eta = np.copysign(np.sqrt(2 * excess), x - a)
    f = _uniform_coefficients()
    sums = [np.zeros(a.shape), np.full(a.shape, f[-1])]  # coefficients, the highest first
    for n in range(len(f) - 3, -1, -1):
        sums.append((n + 2) / a * sums[-2] + f[n + 1])
    total = np.zeros(a.shape)
    for coefficient in sums[1:]:
        total = total * eta + coefficient
    total /= 1 + sums[-2] / a
    tail = 0.5 * erfcx(np.sqrt(a * excess)) + np.copysign(1, x - a) * total / np.sqrt(2 * math.pi * a)
    return np.exp(-a * excess) * tail


def _incomplete(a: Array, x: Array, upper: bool) -> Array:
    def of(function: Callable[[Array, Array], Array], gives_upper: bool) -> Callable[[Array, Array], Array]:
        return function if gives_upper is upper else lambda a, x: 1 - function(a, x)

    def nothing(a: Array, x: Array) -> Array:
        return np.zeros(a.shape)

    known = (a >= 0) & (x >= 0) & ((a > 0) | (x > 0)) & ((a < np.inf) | (x < np.inf))
    uniform = known & (a >= _UNIFORM) & (x > 0.4 * a) & (x < 2 * a)
    by_lower = np.where(x <= 1.1, (a > x * 1.1) if upper else True, x < a + 1)
    by_lower &= (x > 0.5) | (a > -0.4 / np.log(np.minimum(x, 0.5))) | (not upper)
    return pieces(
        (a, x),
        (~known, lambda a, x: np.full(a.shape, np.nan)),
        ((x == 0) | (a == np.inf), of(nothing, False)),
        ((a == 0) | (x == np.inf), of(nothing, True)),
        (uniform & (x >= a), of(_uniform, True)),
        (uniform, of(_uniform, False)),
        (by_lower, of(_lower_series, False)),
        (x <= 1.1, of(_upper_series, True)),
        (known, of(_upper_fraction, True)),
    )


@in_double
def gammainc(x: Array, a: Array) -> Array:
    return _incomplete(a, x, False)


@in_double
def gammaincc(x: Array, a: Array) -> Array:
    return _incomplete(a, x, True)


@in_double
def gamma_density(x: Array, a: Array) -> Array:
    return pieces(
        (a, x),
        ((a > 0) & (x > 0), lambda a, x: _term(a, x) * (a / x)),
        ((a >= 0) & (x >= 0), lambda a, x: np.where(a < 1, np.inf, a == 1)),
    )


@in_double
def log_gamma_shift(log_x: Array, a: Array) -> Array:
    """How the logarithm of a draw x of the gamma distribution moves with its shape a, the probability below it staying
    the same: minus the derivative of gammainc with respect to a over that with respect to log(x) (implicit
    reparameterization; Figurnov, Mohamed and Mnih 2018, arXiv:1805.08498). The draw itself may be too small for a
    float."""
    return pieces((log_x, a), ((a > 0) & (log_x <= 0), _shift_series), ((a > 0) & (log_x > 0), _shift_integral))


def _shift_series(log_x: Array, a: Array) -> Array:
    """From [8.7.1] and its derivative, the parts in 1 / a^2 of which cancel."""
    x = np.exp(log_x)
    term, first, second = np.ones(x.shape), 1 / a, np.zeros(x.shape)
    for n in range(1, 22):
        term = term * (-x / n)
        first = first + term / (a + n)
        second = second + term * n / (a * (a + n) ** 2)
    return -np.exp(x) * ((log_x - digamma(a + 1)) * first + second)


def _shift_integral(log_x: Array, a: Array) -> Array:
    """The integral of the density times log(t) - digamma(a), over t above x or, with the other sign, below it: on
    whichever side it keeps its sign. With t = x e^s the integrand falls exponentially with |s|, and trapezoids in
    tau, s = e^(tau - e^-tau), are exact to nearly all digits (Takahasi and Mori 1974)."""
    x, excess = np.exp(log_x), log_x - digamma(a)
    side = np.where(excess < 0, -1.0, 1.0)
    slope = (x - a) * side
    width = 2 / (slope + np.sqrt(slope * slope + 2 * x))  # where the integrand has fallen by about e
    total = np.zeros(x.shape)
    for tau in np.arange(-3.5, 4.7, _STEP):
        s = width * math.exp(tau - math.exp(-tau))
        inside = np.exp(side * a * s - x * np.expm1(side * s)) * (side * excess + s)
        total += inside * s * (_STEP * (1 + math.exp(-tau)))
    return total


WORDS: dict[str, Any] = {"gamma_density": gamma_density, "gammainc": gammainc, "gammaincc": gammaincc}
