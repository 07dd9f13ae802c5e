"""The words that add up, along a dimension or more, as calls into kept arrays, as ``kept.py`` has them: sums, softmax,
normalization.

NumPy takes a buffer of its own to broadcast an operand while it computes; so what is small is copied to full size
first, into ``wide``, which takes no longer.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograd.arrays.reductions import _ones, column_sums, has_few_rows, has_short_lines

Array = np.ndarray[Any, Any]
Made = tuple[Callable[..., Any] | None, Any]
Dims = tuple[int, ...]

_add_up: Any = np.add.reduce
_largest: Any = np.maximum.reduce


class Totals:
    """The sums of arrays like ``x`` over ``dim``, in ``array``; by BLAS where that is faster."""

    def __init__(self, x: Array, dim: Dims, keepdim: bool = True) -> None:
        self.array = np.asarray(_add_up(x, axis=dim, keepdims=keepdim))
        self._given = dim, None, self.array, keepdim
        self._flat = self.array.reshape(-1)
        self._columns = dim == (0,) and has_few_rows(x)
        self._lines = dim == (x.ndim - 1,) and has_short_lines(x)
        self._ones = _ones(x.shape[-1], x.dtype) if self._lines else x

    def of(self, x: Array) -> Array:
        if self._columns:
            column_sums(x, self._flat)
        elif self._lines:
            x.reshape(-1, x.shape[-1]).dot(self._ones, self._flat)
        else:
            _add_up(x, *self._given)
        return self.array


def sum(x: Array, dim: Dims, keepdim: bool) -> Made:
    if x.dtype.kind != "f" or x.dtype == np.float16:  # float16 is added up in float64
        return None, None
    totals = Totals(x, dim, keepdim)
    return lambda x, *_: totals.of(x), totals.array


def mean(x: Array, dim: Dims, keepdim: bool) -> Made:
    fill, out = sum(x, dim, keepdim)
    if fill is None:
        return None, None
    count = prod(x.shape[i] for i in dim)

    def run(x: Array, *_: Any) -> None:
        fill(x)
        np.true_divide(out, count, out)

    return run, out


def softmax(x: Array, dim: int) -> Made:
    out, wide, totals = np.empty_like(x), np.empty_like(x), Totals(x, (dim % x.ndim,))
    top = totals.array.copy()

    def run(x: Array, dim: int) -> None:
        _largest(x, dim, None, top, True)
        np.copyto(out, top)
        np.subtract(x, out, out)
        np.exp(out, out)
        np.copyto(wide, totals.of(out))
        np.true_divide(out, wide, out)

    return (run, out) if x.size else (None, None)


def log_softmax(x: Array, dim: int) -> Made:
    out, wide, totals = np.empty_like(x), np.empty_like(x), Totals(x, (dim % x.ndim,))
    top = totals.array.copy()

    def run(x: Array, dim: int) -> None:
        _largest(x, dim, None, top, True)
        np.copyto(out, top)
        np.subtract(x, out, out)
        np.exp(out, wide)
        np.log(totals.of(wide), top)
        np.copyto(wide, top)
        np.subtract(out, wide, out)

    return (run, out) if x.size else (None, None)


def masked_softmax(x: Array, dim: int, seen: Any, scale: float) -> Made:
    out, wide, totals = np.empty_like(x), np.empty_like(x), Totals(x, (dim % x.ndim,))
    top, none, unseen = totals.array.copy(), np.empty(totals.array.shape, bool), np.empty(np.shape(seen), bool)
    factor = x.dtype.type(scale)

    def run(x: Array, dim: int, seen: Any, scale: float) -> None:
        np.multiply(x, factor, out)
        if seen is not None:
            np.logical_not(seen, unseen)
            np.copyto(out, -np.inf, where=unseen)
        _largest(out, dim, None, top, True)
        np.equal(top, -np.inf, none)
        np.copyto(top, 0, where=none)
        np.copyto(wide, top)
        np.subtract(out, wide, out)
        np.exp(out, out)
        total = totals.of(out)
        np.copyto(total, 1, where=none)  # where nothing is seen
        np.copyto(wide, total)
        np.true_divide(out, wide, out)

    return (run, out) if x.size and x.dtype.char in "fd" else (None, None)


def centered(x: Array, y: Array, dim: int) -> Made:
    out, totals = np.empty_like(x), Totals(x, (dim % x.ndim,))

    def run(x: Array, y: Array, dim: int) -> None:
        np.multiply(x, y, out)
        np.copyto(out, totals.of(out))
        np.subtract(x, out, out)
        np.multiply(out, y, out)

    return (run, out) if x.dtype.char in "fd" and x.dtype == y.dtype and x.shape == y.shape else (None, None)


SUM_WORDS: dict[str, Callable[..., Made]] = {
    "centered": centered,
    "log_softmax": log_softmax,
    "masked_softmax": masked_softmax,
    "mean": mean,
    "softmax": softmax,
    "sum": sum,
}
