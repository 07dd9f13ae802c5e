"""The modified Bessel functions of the first kind, of orders 0 and 1, of arrays.

Numbers in brackets are those of the formulas in the Digital Library of Mathematical Functions, dlmf.nist.gov.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.pieces import in_double, pieces

Array = np.ndarray[Any, Any]

_FAR = 22.0  # from here on the asymptotic expansion is exact to the last digit


def _near(order: int, x: Array) -> Array:
    """The power series [10.25.2], whose terms are all positive, of positive x."""
    half = x / 2
    total = np.ones(x.shape)
    for k in range(38, 0, -1):
        total = 1 + half * half / (k * (k + order)) * total
    return total * half**order


def _far(order: int, x: Array) -> Array:
    """The asymptotic expansion [10.40.1], without its factor e^x."""
    total = np.ones(x.shape)
    for k in range(26, 0, -1):
        total = 1 - (4 * order**2 - (2 * k - 1) ** 2) / (8 * k * x) * total
    return total / np.sqrt(2 * math.pi * x)


def _bessel(order: int, x: Array, scaled: bool) -> Array:
    def far(x: Array) -> Array:
        if scaled:
            return _far(order, x)
        x = np.minimum(x, 1500)  # where it is infinite
        return np.exp(x / 2) * _far(order, x) * np.exp(x / 2)  # e^x alone would be infinite too soon

    size = np.abs(x)
    near = size <= _FAR
    out = pieces(
        (size,),
        (near, lambda x: _near(order, x) * (np.exp(-x) if scaled else 1)),
        (size > _FAR, far),
    )
    return np.copysign(out, x) if order else out


def _word(order: int, scaled: bool) -> Callable[[Any], Array]:
    return in_double(lambda x: _bessel(order, x, scaled))


WORDS: dict[str, Any] = {
    "i0": _word(0, False),
    "i0e": _word(0, True),
    "i1": _word(1, False),
    "i1e": _word(1, True),
}
