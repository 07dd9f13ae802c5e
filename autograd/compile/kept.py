"""Words of the table that are several calls of NumPy, each into an array that is kept.

``KEPT_WORDS[word](*arguments)`` gives a function that computes the word, and the array that it leaves the result in;
``(None, None)`` where it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograd.arrays.layers import linear
from autograd.arrays.reductions import column_sums, has_few_rows

Array = np.ndarray[Any, Any]
Made = tuple[Callable[..., None] | None, Any]
Dims = tuple[int, ...]

_add_up: Any = np.add.reduce
_largest: Any = np.maximum.reduce


def _sum(x: Array, dim: Dims, keepdim: bool) -> Made:
    if x.dtype.kind != "f" or x.dtype == np.float16:  # float16 is added up in float64
        return None, None
    out = np.asarray(_add_up(x, axis=dim, keepdims=keepdim))
    by_blas, flat = dim == (0,) and has_few_rows(x), out.reshape(-1)

    def run(x: Array, dim: Dims, keepdim: bool) -> None:
        if by_blas:
            column_sums(x, flat)
        else:
            _add_up(x, dim, None, out, keepdim)

    return run, out


def _mean(x: Array, dim: Dims, keepdim: bool) -> Made:
    total, out = _sum(x, dim, keepdim)
    if total is None:
        return None, None
    count = prod(x.shape[i] for i in dim)

    def run(x: Array, dim: Dims, keepdim: bool) -> None:
        total(x, dim, keepdim)
        np.true_divide(out, count, out)

    return run, out


def _softmax(x: Array, dim: int) -> Made:
    out, top = np.empty_like(x), np.asarray(_add_up(x, axis=dim, keepdims=True))

    def run(x: Array, dim: int) -> None:
        _largest(x, dim, None, top, True)
        np.subtract(x, top, out)
        np.exp(out, out)
        _add_up(out, dim, None, top, True)
        np.true_divide(out, top, out)

    return (run, out) if x.size else (None, None)


def _log_softmax(x: Array, dim: int) -> Made:
    out, exps, top = np.empty_like(x), np.empty_like(x), np.asarray(_add_up(x, axis=dim, keepdims=True))

    def run(x: Array, dim: int) -> None:
        _largest(x, dim, None, top, True)
        np.subtract(x, top, out)
        np.exp(out, exps)
        _add_up(exps, dim, None, top, True)
        np.log(top, top)
        np.subtract(out, top, out)

    return (run, out) if x.size else (None, None)


def _mean_chosen(x: Array, classes: Array) -> Made:
    out, rows = np.zeros((), x.dtype), np.arange(len(x))

    def run(x: Array, classes: Array) -> None:
        np.true_divide(_add_up(x[rows, classes]), len(x), out)

    return run, out


def _linear(x: Array, w: Array, b: Array) -> Made:
    out = np.empty((*x.shape[:-1], len(w)), np.result_type(x, w, b))

    def run(x: Array, w: Array, b: Array) -> None:
        linear(x, w, b, out)

    return run, out


def _unindex(x: Array, index: Any, shape: Dims) -> Made:
    parts = index if isinstance(index, tuple) else (index,)
    out = np.zeros(shape, x.dtype)
    once = all(isinstance(part, int | slice | type(None) | type(...)) for part in parts)

    def run(x: Array, index: Any, shape: Dims) -> None:
        out.fill(0)
        if once:
            out[index] = x
        else:
            np.add.at(out, index, x)

    arrays = all(isinstance(part, np.ndarray | int) for part in parts)
    return (run, out) if once or arrays else (None, None)


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


KEPT_WORDS: dict[str, Callable[..., Made]] = {
    "clip": _clip,
    "copy": _copy,
    "linear": _linear,
    "log_softmax": _log_softmax,
    "mean": _mean,
    "mean_chosen": _mean_chosen,
    "softmax": _softmax,
    "sum": _sum,
    "to": _to,
    "unindex": _unindex,
    "where": _where,
}
