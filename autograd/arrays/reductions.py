"""Functions of arrays that make many elements into one, or run along one dimension."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Dims = tuple[int, ...]


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


WORDS: dict[str, Any] = {
    "amax": amax,
    "amin": amin,
    "cumsum": lambda x, dim: np.cumsum(x, dim, np.int64 if x.dtype.kind in "bui" else None),
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
    "mean": mean,
    "softmax": softmax,
    "sum": sum,
}
