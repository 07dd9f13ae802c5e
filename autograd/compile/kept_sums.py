"""The words that add up, along a dimension or more, as calls into kept arrays, as ``kept.py`` has them: sums, whose way
(`way_to_add`) is chosen when they are recorded, and normalization.

NumPy takes a buffer of its own to broadcast an operand while it computes; so what is small is copied to full size
first, into ``wide``, which takes no longer.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograd.arrays.reductions import add_blocks, add_rows, way_to_add
from autograd.arrays.reductions import sum as total

Array = np.ndarray[Any, Any]
Made = tuple[Callable[..., Any] | None, Any]
Dims = tuple[int, ...]


class Totals:
    """The sums of arrays like ``x`` over ``dim``, in ``array``."""

    def __init__(self, x: Array, dim: Dims, keepdim: bool = True) -> None:
        self.array = np.asarray(total(x, dim, keepdim))
        way = way_to_add(x.shape, x.strides, x.dtype, dim)
        self._way = add_rows if way is add_blocks else way  # blocks are arrays of their own
        self._given = dim, keepdim, self.array

    def of(self, x: Array) -> Array:
        self._way(x, *self._given)
        return self.array


def sum(x: Array, dim: Dims, keepdim: bool) -> Made:
    totals = Totals(x, dim, keepdim)
    return lambda x, *_: totals.of(x), totals.array


def mean(x: Array, dim: Dims, keepdim: bool) -> Made:
    if x.dtype.char not in "fd":
        return None, None
    totals, count = Totals(x, dim, keepdim), prod(x.shape[i] for i in dim)
    return lambda x, *_: np.true_divide(totals.of(x), count, totals.array), totals.array


class Standard:
    """`standardize` of arrays like ``x``; ``wide`` is free to be used."""

    def __init__(self, x: Array, dim: Dims) -> None:
        self.array, self.wide = np.empty_like(x), np.empty_like(x)
        self._totals, self._count = Totals(x, dim), prod(x.shape[i] for i in dim)
        self.inverse = self._totals.array.copy()  # one over the standard deviation

    def mean(self, x: Array) -> Array:
        """The mean, until the next."""
        total = self._totals.of(x)
        return np.true_divide(total, self._count, total)

    def of(self, x: Array, eps: float) -> Array:
        np.copyto(self.array, self.mean(x))
        np.subtract(x, self.array, self.array)
        np.square(self.array, self.wide)
        np.add(self.mean(self.wide), eps, self.inverse)
        np.sqrt(self.inverse, self.inverse)
        np.reciprocal(self.inverse, self.inverse)
        np.copyto(self.wide, self.inverse)
        return np.multiply(self.array, self.wide, self.array)


def standardize(x: Array, dim: Dims, eps: float) -> Made:
    standard = Standard(x, dim)
    return (lambda x, *_: standard.of(x, eps), standard.array) if x.dtype.char in "fd" else (None, None)


def standardize_slope(y: Array, x: Array, dim: Dims, eps: float) -> Made:
    standard, out = Standard(x, dim), np.empty_like(x)

    def run(y: Array, x: Array, *_: Any) -> None:
        s, wide = standard.of(x, eps), standard.wide
        np.multiply(y, s, wide)
        np.copyto(wide, standard.mean(wide))
        np.multiply(s, wide, s)
        np.copyto(out, standard.mean(y))
        np.subtract(y, out, out)
        np.subtract(out, s, out)
        np.copyto(wide, standard.inverse)
        np.multiply(out, wide, out)

    return (run, out) if x.dtype.char in "fd" and x.dtype == y.dtype else (None, None)


def layer_norm(x: Array, w: Array, b: Array, dim: Dims, eps: float) -> Made:
    standard = Standard(x, dim)
    out, wide = standard.array, standard.wide

    def run(x: Array, w: Array, b: Array, *_: Any) -> None:
        standard.of(x, eps)
        np.copyto(wide, w)
        np.multiply(out, wide, out)
        np.copyto(wide, b)
        np.add(out, wide, out)

    return (run, out) if x.dtype.char in "fd" and x.dtype == w.dtype == b.dtype else (None, None)


SUM_WORDS: dict[str, Callable[..., Made]] = {
    "layer_norm": layer_norm,
    "mean": mean,
    "standardize": standardize,
    "standardize_slope": standardize_slope,
    "sum": sum,
}
