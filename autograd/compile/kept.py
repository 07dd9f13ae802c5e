"""Words of the table that are several calls of NumPy, each into an array that is kept.

``KEPT_WORDS[word](*arguments)`` gives a function that computes the word, and the array that it leaves the result in;
``(None, None)`` where it cannot.
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

_add_up: Any = np.add.reduce


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


def _sum(x: Array, dim: Dims, keepdim: bool) -> Made:
    totals = Totals(x, dim, keepdim)
    return lambda x, *_: totals.of(x), totals.array


def _mean(x: Array, dim: Dims, keepdim: bool) -> Made:
    if x.dtype.char not in "fd":
        return None, None
    totals, count = Totals(x, dim, keepdim), prod(x.shape[i] for i in dim)
    return lambda x, *_: np.true_divide(totals.of(x), count, totals.array), totals.array


def _mean_chosen(x: Array, classes: Array) -> Made:
    out, rows = np.zeros((), x.dtype), np.arange(len(x))

    def run(x: Array, classes: Array) -> None:
        np.true_divide(_add_up(x[rows, classes]), len(x), out)

    return run, out


def _one_hot(classes: Array, count: int) -> Made:
    out = np.zeros((len(classes), count), bool)
    before, rows = np.zeros(len(classes), np.int64), np.arange(len(classes)) * count
    flat = out.reshape(-1)

    def run(classes: Array, count: int) -> None:
        flat[before] = False
        np.add(classes, rows, before)
        flat[before] = True

    return run, out


def _looked_up(x: Array, index: Any) -> Made:
    """``x[index]``, the rows of a table."""
    if not isinstance(index, np.ndarray) or index.dtype != np.int64 or not x.size:
        return None, None
    out = np.empty((*index.shape, *x.shape[1:]), x.dtype)

    def run(x: Array, index: Array) -> None:
        if index.size and (index.max() >= len(x) or index.min() < -len(x)):
            raise IndexError(f"index {index.min()} or {index.max()} is out of range for {len(x)} rows")
        np.take(x, index, 0, out, "wrap")

    return run, out


def _reshape(x: Array, shape: Dims) -> Made:
    if np.may_share_memory(x.reshape(shape), x):
        return None, None
    out = np.empty(x.reshape(shape).shape, x.dtype).reshape(x.shape)

    def run(x: Array, shape: Dims) -> None:
        np.copyto(out, x)

    return run, out.reshape(shape)


def _to(x: Array, dtype: Any) -> Made:
    out = np.empty(x.shape, dtype)

    def run(x: Array, dtype: Any) -> None:
        np.copyto(out, x, "unsafe")

    return run, out


def _copy(x: Array) -> Made:
    out = np.empty_like(x)

    def run(x: Array) -> None:
        np.copyto(out, x)

    return run, out


def _clip(x: Array, low: Any, high: Any) -> Made:
    out = np.empty_like(x)

    def run(x: Array, low: Any, high: Any) -> None:
        np.clip(x, low, high, out)

    return run, out


def _where(condition: Any, x: Any, y: Any) -> Made:
    out = np.where(condition, x, y)

    def run(condition: Any, x: Any, y: Any) -> None:
        np.copyto(out, y)
        np.copyto(out, x, where=condition)

    return run, out


def _leaks(g: Array, x: Array) -> Made:
    """`backward._without_leaks`: ``x`` with 0 where ``g`` is 0 and it is not finite."""
    out, blind, finite = x.copy(), np.empty(g.shape, bool), np.empty(x.shape, bool)

    def run(g: Array, x: Array) -> None:
        np.equal(g, 0, blind)
        np.isfinite(x, finite)
        np.greater(blind, finite, finite)
        np.copyto(out, x)
        np.copyto(out, 0, where=finite)

    return run, out


KEPT_WORDS: dict[str, Callable[..., Made]] = {
    "clip": _clip,
    "copy": _copy,
    "leaks": _leaks,
    "mean": _mean,
    "mean_chosen": _mean_chosen,
    "one_hot": _one_hot,
    "reshape": _reshape,
    "sum": _sum,
    "to": _to,
    "where": _where,
    "x[index]": _looked_up,
}
