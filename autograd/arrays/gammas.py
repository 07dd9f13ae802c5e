"""The gamma function's logarithm and its derivatives, of arrays.

Numbers in brackets are those of the formulas in the Digital Library of Mathematical Functions, dlmf.nist.gov.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.arrays.pieces import in_double, pieces, polynomial

Array = np.ndarray[Any, Any]

_BERNOULLI = (  # B_2, B_4, ... [24.2]
    *(1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330),
    *(854513 / 138, -236364091 / 2730),
)
_STIRLING = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI[:9], 1))[::-1]
_DIGAMMA = (*(b / (2 * k) for k, b in reversed(tuple(enumerate(_BERNOULLI[:9], 1)))), 0.0)
_LARGE = 10.0  # from here on these asymptotic series are exact to the last digit
_ROOT, _AT_ROOT = 1.4616321449683622, -9.2412655217294275e-17  # digamma is 0 next to here, and this at it
_EULER = 0.57721566490153286


def zeta(s: int, q: Array) -> Array:
    """The sum of (q + k)^-s over k from 0 on, for a whole s above 1 and positive q: by Euler and Maclaurin [25.11.28]
    from a q on that is large enough for s."""
    q, total = q.copy(), np.zeros(q.shape)
    while (small := q < 10 + 0.75 * s).any():
        total[small] += q[small] ** -s
        q += small
    rest = q ** (1 - s) / (s - 1) + 0.5 * q**-s
    factor = s * q ** (-s - 1)
    for k, b in enumerate(_BERNOULLI, 1):
        rest += b / math.factorial(2 * k) * factor
        factor = factor * ((s + 2 * k - 1) * (s + 2 * k)) / (q * q)
    return total + rest


@lru_cache
def _around(point: float, terms: int) -> tuple[float, ...]:
    """digamma's Taylor coefficients at ``point`` without the first, highest first [5.15.1]."""
    return tuple((-1) ** (n + 1) * zeta(n + 1, np.array([point])).item() for n in range(terms, 0, -1))


def stirling_rest(x: Array) -> Array:
    """By how much lgamma(x) exceeds (x - 1/2) log(x) - x + log(2 pi) / 2, for large x [5.11.1]."""
    return polynomial(_STIRLING, 1 / (x * x)) / x


def _lgamma_around_2(z: Array) -> Array:
    """lgamma(2 + z) within a half: digamma's series, integrated [5.7.3]."""
    coefficients = _around(2.0, 27)
    integrated = (c / (len(coefficients) + 1 - i) for i, c in enumerate(coefficients))
    return z * polynomial((*integrated, 1 - _EULER), z)


def _lgamma_moderate(x: Array) -> Array:
    x, product = x.copy(), np.ones(x.shape)
    while (large := x >= 2.5).any():
        x -= large
        product[large] *= x[large]
    return np.log(product) + _lgamma_around_2(x - 2)


def _to_pole(x: Array) -> Array:
    """pi times how far x is from the next whole number, where sine and cotangent of pi x are those of x's."""
    return math.pi * (x - np.round(x) + 0.0)


def lgamma_1p(x: Array) -> Array:
    """lgamma(1 + x), of which nothing is lost for small x."""
    return pieces(
        (x,), (np.abs(x) <= 0.5, lambda x: _lgamma_around_2(x) - np.log1p(x)), (x > 0.5, lambda x: lgamma(1 + x))
    )


@in_double
def lgamma(x: Array) -> Array:
    return pieces(
        (x,),
        (x >= _LARGE, lambda x: (x - 0.5) * (np.log(x) - 1) + (0.5 * math.log(2 * math.pi) - 0.5) + stirling_rest(x)),
        (x >= 1.5, _lgamma_moderate),
        (x >= 0.5, lambda x: lgamma_1p(x - 1)),
        (x > 0, lambda x: lgamma_1p(x) - np.log(x)),
        (x == np.round(x), lambda x: np.full(x.shape, np.inf)),
        (x < 0, lambda x: math.log(math.pi) - np.log(np.abs(np.sin(_to_pole(x)))) - lgamma(1 - x)),  # [5.5.3]
    )


@in_double
def digamma(x: Array) -> Array:
    near = _around(_ROOT, 37)
    return pieces(
        (x,),
        (np.abs(x - _ROOT) < 0.5, lambda x: polynomial((*near, _AT_ROOT), x - _ROOT)),
        (x > 0, _digamma_positive),
        (x == 0, lambda x: np.copysign(np.inf, -x)),
        ((x < 0) & (x != np.round(x)), lambda x: _digamma_positive(1 - x) - math.pi / np.tan(_to_pole(x))),  # [5.5.4]
    )


def _digamma_positive(x: Array) -> Array:
    x, total = x.copy(), np.zeros(x.shape)
    while (small := x < _LARGE).any():
        total[small] -= 1 / x[small]  # [5.5.2]
        x += small
    return total + np.log(x) - 0.5 / x - polynomial(_DIGAMMA, 1 / (x * x))  # [5.11.2]


def polygamma(x: Array, n: int) -> Array:
    if n == 0:
        return digamma(x)
    whole = math.gamma(n + 1) if n <= 170 else math.inf
    sign = (-1) ** n

    @in_double
    def of(x: Array) -> Array:
        return pieces(
            (x,),
            (x > 0, lambda x: -sign * whole * zeta(n + 1, x)),  # [5.15.1]
            (
                x <= 0,
                lambda x: -whole * zeta(n + 1, 1 - x) - math.pi ** (n + 1) * _cotangents(n, _to_pole(x)),
            ),  # [5.15.6]
        )

    return of(x)


def _cotangents(n: int, x: Array) -> Array:
    """The ``n``-th derivative of the cotangent at x, a polynomial in it, since the first is -1 - cot(x)^2."""
    coefficients = np.array([1.0, 0.0])
    for _ in range(n):
        coefficients = np.polymul([-1.0, 0.0, -1.0], np.polyder(coefficients))
    return polynomial(coefficients.tolist(), 1 / np.tan(x))


WORDS: dict[str, Any] = {"digamma": digamma, "lgamma": lgamma, "polygamma": polygamma}
