"""Functions of arrays that answer with whole numbers or truth values: where elements stand in order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def order(x: Array, dim: int, descending: bool) -> Array:
    """Where the elements in order stand; elements that tie keep their order, upwards and downwards."""
    if not descending:
        return np.argsort(x, dim, kind="stable")
    return x.shape[dim] - 1 - np.flip(np.argsort(np.flip(x, dim), dim, kind="stable"), dim)


def middle(x: Array, dim: int, missing: bool) -> Array:
    """Where the lower of the two middle elements stands: the first NaN or, ``missing``, among the others."""
    nan = np.isnan(x)  # these come last in order
    n = np.sum(~nan, dim, keepdims=True) if missing else x.shape[dim]
    places = np.broadcast_to(np.maximum(n - 1, 0) // 2, np.sum(nan, dim, keepdims=True).shape)
    chosen = np.take_along_axis(np.argsort(x, dim, kind="stable"), places, dim)
    return chosen if missing else np.where(nan.any(dim, keepdims=True), np.argmax(nan, dim, keepdims=True), chosen)


def mode(x: Array, dim: int) -> Array:
    """Where the last of those elements stands that occur most often, the smallest of these, and NaN below all."""
    places = np.argsort(x, dim, kind="stable")
    numbers = ~np.isnan(np.take_along_axis(x, places, dim))
    places = np.take_along_axis(places, np.argsort(numbers, dim, kind="stable"), dim)
    ordered = np.moveaxis(np.take_along_axis(x, places, dim), dim, -1)
    begins = np.ones(ordered.shape, bool)
    begins[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    here = np.arange(ordered.shape[-1])
    length = here - np.maximum.accumulate(np.where(begins, here, 0), -1)  # of the run up to here
    chosen = np.moveaxis(np.argmax(length, -1, keepdims=True), -1, dim)
    return np.take_along_axis(places, chosen, dim)


def _ranks(x: Array, dim: int, parts: Array, missing: bool) -> Array:
    """Where in order the elements would stand that have the ``parts`` of the others below them; not whole numbers.

    NaN, which comes last in order, is left out if it is ``missing``, and is what stands there otherwise.
    """
    known, last = np.sum(~np.isnan(x), dim, keepdims=True), x.shape[dim] - 1
    counted = np.maximum(known - 1, 0) if missing else np.full(known.shape, last)
    ranks = parts.reshape((-1,) + (1,) * (x.ndim - 1 - dim)) * counted.astype(x.dtype)
    return ranks if missing else np.where(known <= last, x.dtype.type(last), ranks)


def ranked(x: Array, dim: int, parts: Array, missing: bool, rounding: str) -> Array:
    """Where the elements of `_ranks` stand, these rounded: "floor", "ceil" or "round"."""
    rounded = getattr(np, rounding)(_ranks(x, dim, parts, missing)).astype(np.int64)
    return np.take_along_axis(np.argsort(x, dim, kind="stable"), rounded, dim)


def between(x: Array, dim: int, parts: Array, missing: bool) -> Array:
    """The fractions of `_ranks`."""
    ranks = _ranks(x, dim, parts, missing)
    return ranks - np.floor(ranks)


def record(x: Array, dim: int, largest: bool) -> Array:
    """Where the largest (or the smallest) element so far stands, the last of those that tie."""
    records = (np.maximum if largest else np.minimum).accumulate(x, dim)
    places = np.arange(x.shape[dim]).reshape((-1,) + (1,) * (x.ndim - 1 - dim))
    reached = (x == records) | np.isnan(x)
    return np.maximum.accumulate(np.where(reached, places, 0), dim)


def searchsorted(x: Array, y: Any, right: bool) -> Array:
    """Where in the vector ``x``, or in each of its last dimension, the elements of ``y`` belong."""
    side: Any = "right" if right else "left"
    if x.ndim == 1:
        return np.searchsorted(x, y, side)
    rows, wanted = (z.reshape(math.prod(z.shape[:-1]), z.shape[-1]) for z in (x, y))
    places = [np.searchsorted(row, numbers, side) for row, numbers in zip(rows, wanted, strict=True)]
    return np.array(places, np.int64).reshape(y.shape)


def histc(x: Array, bins: int, low: float, high: float) -> Array:
    """How many elements lie in each of ``bins`` parts of the way from ``low`` to ``high``."""
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
    if not np.isfinite([low, high]).all():
        raise ValueError(f"from {low} to {high} there are no parts of equal size")
    if low == high:
        low, high = low - 1, high + 1
    within = x[(x >= low) & (x <= high)]
    places = np.minimum(((within - low) / (high - low) * bins).astype(np.int64), bins - 1)
    return np.bincount(places, minlength=bins).astype(x.dtype)


WORDS: dict[str, Any] = {
    "all": lambda x, dim, keepdim: np.all(x, axis=dim, keepdims=keepdim),
    "any": lambda x, dim, keepdim: np.any(x, axis=dim, keepdims=keepdim),
    "argmax": lambda x, dim, keepdim: np.argmax(x, dim, keepdims=keepdim),
    "argmin": lambda x, dim, keepdim: np.argmin(x, dim, keepdims=keepdim),
    "between": between,
    "bitwise_xor": np.bitwise_xor,
    "count_nonzero": lambda x, dim: np.asarray(np.count_nonzero(x, axis=dim), np.int64),
    "gcd": np.gcd,
    "histc": histc,
    "invert": np.invert,
    "isclose": np.isclose,
    "isfinite": np.isfinite,
    "isin": lambda x, y, invert: np.isin(x, y, invert=invert),
    "isinf": np.isinf,
    "isnan": np.isnan,
    "lcm": np.lcm,
    "left_shift": np.left_shift,
    "logical_and": np.logical_and,
    "logical_not": np.logical_not,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "middle": middle,
    "mode": mode,
    "order": order,
    "ranked": ranked,
    "record": record,
    "right_shift": np.right_shift,
    "searchsorted": searchsorted,
    "signbit": np.signbit,
}
