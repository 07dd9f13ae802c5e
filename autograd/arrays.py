"""The number system of arrays: the names a rule may use, as functions of NumPy arrays.

These are NumPy's functions, under the names and arguments of the table's vocabulary, and the few that
NumPy lacks.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Dims = tuple[int, ...]


class _Quietly(threading.local):
    """``quietly.run(function, *args)`` calls a function of arrays that leaves the finite numbers without a warning.

    NumPy keeps its error state in a context variable; this is a context, one for each thread, in which it is off.
    To run in it costs a third of what ``with np.errstate(...)`` does.
    """

    def __init__(self) -> None:
        self._context = Context()
        self._context.run(np.seterr, all="ignore")

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return self._context.run(function, *args)
        except RuntimeError as error:  # a signal handler, say, computes in the middle of a computation of this thread
            if "is already entered" not in str(error):
                raise
            with np.errstate(all="ignore"):
                return function(*args)


quietly = _Quietly()

_erf = np.frompyfunc(math.erf, 1, 1)


def erf(x: Array) -> Array:
    return np.asarray(_erf(x)).astype(x.dtype)


def pow(x: Any, y: Any) -> Array:
    out = np.asarray(np.power(x, y))
    if out.dtype == np.int8 and np.result_type(x, y) == np.dtype(bool):  # NumPy counts booleans in int8
        return out.astype(bool)
    return out


def sign(x: Array) -> Array:
    return np.sign(x) if x.dtype != bool else x.copy()


def sum(x: Array, dim: Dims, keepdim: bool) -> Array:
    return np.sum(x, axis=dim, keepdims=keepdim, dtype=np.int64 if x.dtype.kind in "bui" else None)  # type: ignore[return-value]


def mean(x: Array, dim: Dims, keepdim: bool) -> Array:
    if x.size:
        return np.mean(x, axis=dim, keepdims=keepdim)  # which adds float16 numbers up in float32
    return np.sum(x, axis=dim, keepdims=keepdim) / math.prod(x.shape[i] for i in dim)


def amax(x: Array, dim: Dims, keepdim: bool) -> Array:
    return np.max(x, axis=dim, keepdims=keepdim)


def amin(x: Array, dim: Dims, keepdim: bool) -> Array:
    return np.min(x, axis=dim, keepdims=keepdim)


def logsumexp(x: Array, dim: Dims, keepdim: bool) -> Array:
    top = np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)  # so that exp(-inf - top) is 0 and exp(inf - top) is inf, not NaN
    total = np.log(np.add.reduce(np.exp(x - top), axis=dim, keepdims=True)) + top
    return total if keepdim else np.squeeze(total, axis=dim)


def softmax(x: Array, dim: int) -> Array:
    exps = np.exp(x - np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf))
    exps /= np.add.reduce(exps, axis=dim, keepdims=True)
    return exps


def log_softmax(x: Array, dim: int) -> Array:
    shifted = x - np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf)
    shifted -= np.log(np.add.reduce(np.exp(shifted), axis=dim, keepdims=True))
    return shifted


def unindex(x: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Zeros of ``shape`` with ``x`` added at ``index``; the adjoint of ``[index]``, repeated indices add up."""
    out = np.zeros(shape, x.dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, np.ndarray | list) for part in parts):
        np.add.at(out, index, x)
    else:  # integers, slices, None and Ellipsis name every element at most once
        out[index] = x
    return out


_NUMPY = (
    *("abs", "ceil", "cos", "exp", "expm1", "floor", "log", "log1p", "logaddexp", "maximum", "minimum"),
    *("sin", "sqrt", "tan", "tanh", "trunc", "where"),
)

ARRAYS: dict[str, Any] = {
    "amax": amax,
    "amin": amin,
    "broadcast_to": np.broadcast_to,
    "cat": np.concatenate,
    "clip": np.clip,
    "cumsum": lambda x, dim: np.cumsum(x, dim, np.int64 if x.dtype.kind in "bui" else None),
    "eq": np.equal,
    "erf": erf,
    "flip": np.flip,
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
    "mT": lambda x: np.swapaxes(x, -1, -2),
    "mean": mean,
    "permute": np.transpose,
    "pi": math.pi,
    "pow": pow,
    "unindex": unindex,
    "round": np.round,
    "sign": sign,
    "softmax": softmax,
    "sum": sum,
    "to": lambda x, dtype: x.astype(dtype),
    "tril": np.tril,
    "triu": np.triu,
    **{name: getattr(np, name) for name in _NUMPY},
}
