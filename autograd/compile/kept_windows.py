"""The words of convolution and max pooling as calls into kept arrays, as ``kept.py`` has them.

What depends on shapes alone, as the places of windows, is made once, with the arrays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arrays.windows import (
    _evenly,
    _flat,
    _table,
    batch_first,
    batch_last,
    laid_out_like,
    places_of,
    windows,
)

Array = np.ndarray[Any, Any]
Sizes = tuple[int, ...]


class Turned:
    """`batch_last` of arrays that stand where ``x`` does: a view, or a kept copy."""

    def __init__(self, x: Array) -> None:
        self._copy = not np.may_share_memory(batch_last(x), x)
        self.array = np.empty(batch_last(x).shape, x.dtype) if self._copy else batch_last(x)

    def of(self, x: Array) -> Array:
        if self._copy:
            np.copyto(self.array, np.moveaxis(x, 0, -1))
            return self.array
        return batch_last(x)


class Columns:
    """The windows of ``x`` as columns: (groups, C / groups * size, places * N)."""

    def __init__(self, x: Array, size: Sizes, stride: Sizes, dilation: Sizes, groups: int) -> None:
        n, self._window = len(size), (size, stride, dilation)
        self._turned = Turned(x)
        self.places = places_of(x.shape[2:], size, stride, dilation)
        self._order = (1, *range(2 + n, 2 + 2 * n), *range(2, 2 + n), 0)
        self._arranged = np.empty((x.shape[1], *size, *self.places, x.shape[0]), x.dtype)
        rows = x.shape[1] // groups * math.prod(size)
        self.array = self._arranged.reshape(groups, rows, math.prod(self.places) * x.shape[0])

    def of(self, x: Array) -> Array:
        seen = windows(batch_first(self._turned.of(x)), *self._window)  # (N, C, *places, *size)
        np.copyto(self._arranged, seen.transpose(self._order))
        return self.array


def conv(x: Array, w: Array, stride: Sizes, dilation: Sizes, groups: int) -> Any:
    columns = Columns(x, w.shape[2:], stride, dilation, groups)
    kernels = groups, w.shape[0] // groups, math.prod(w.shape[1:])
    out = np.empty((w.shape[0], *columns.places, x.shape[0]), x.dtype)
    product = out.reshape(groups, kernels[1], columns.array.shape[2])

    def run(x: Array, w: Array, *_: Any) -> None:
        np.matmul(w.reshape(kernels), columns.of(x), product)

    return (run, batch_first(out)) if x.dtype == w.dtype else (None, None)


def conv_input(y: Array, w: Array, shape: Sizes, stride: Sizes, dilation: Sizes, groups: int) -> Any:
    turned, size, n = Turned(y), w.shape[2:], w.ndim - 2
    kernels = groups, w.shape[0] // groups, math.prod(w.shape[1:])
    upstream = groups, y.shape[1] // groups, math.prod(y.shape[2:]) * y.shape[0]
    columns = np.empty((groups, kernels[2], upstream[2]), y.dtype)
    arranged = columns.reshape(shape[1], *size, *y.shape[2:], y.shape[0])  # (C, *size, *places, N)
    out = np.empty((*shape[1:], shape[0]), y.dtype)
    parts = [
        (out[(slice(None), *_here(offset, y.shape[2:], stride, dilation))], arranged[(slice(None), *offset)])
        for offset in np.ndindex(*size)
    ]
    by_hand = kernels[1] == 1  # an outer product, which matmul is slow at

    def run(y: Array, w: Array, *_: Any) -> None:
        (np.multiply if by_hand else np.matmul)(
            np.swapaxes(w.reshape(kernels), 1, 2), turned.of(y).reshape(upstream), columns
        )
        out.fill(0)
        for place, part in parts:
            np.add(place, part, place)

    return (run, batch_first(out)) if y.dtype == w.dtype and n else (None, None)


def _here(offset: Sizes, places: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    return [slice(o * d, o * d + s * p, s) for o, p, s, d in zip(offset, places, stride, dilation, strict=True)]


def conv_weight(x: Array, y: Array, shape: Sizes, stride: Sizes, dilation: Sizes, groups: int) -> Any:
    columns, turned = Columns(x, shape[2:], stride, dilation, groups), Turned(y)
    upstream = groups, y.shape[1] // groups, math.prod(y.shape[2:]) * y.shape[0]
    out = np.empty(shape, x.dtype)
    product = out.reshape(groups, upstream[1], columns.array.shape[1])

    def run(x: Array, y: Array, *_: Any) -> None:
        np.matmul(turned.of(y).reshape(upstream), np.swapaxes(columns.of(x), 1, 2), product)

    return (run, out) if x.dtype == y.dtype else (None, None)


def pad(x: Array, widths: Any, value: Any) -> Any:
    shape = tuple(before + n + after for n, (before, after) in zip(x.shape, widths, strict=True))
    kept = tuple(slice(max(-b, 0), n - max(-a, 0)) for n, (b, a) in zip(x.shape, widths, strict=True))
    out = laid_out_like(x, shape, value)
    inner = out[tuple(slice(max(b, 0), n - max(a, 0)) for n, (b, a) in zip(shape, widths, strict=True))]

    def run(x: Array, *_: Any) -> None:  # the border stays as it is
        np.copyto(inner, x[kept])

    return run, out


def largest(x: Array, cells: Any) -> Any:
    n = len(cells)
    space, counts = x.shape[-n:], tuple(c.shape[1] for c in cells)
    if not all(c.size for c in cells) or x.dtype.kind != "f":
        return None, None
    widths = [(max(-int(c.min()), 0), max(int(c.max()) + 1 - s, 0)) for c, s in zip(cells, space, strict=True)]
    fill, padded = pad(x, ((0, 0),) * (x.ndim - n) + tuple(widths), -np.inf) if any(map(any, widths)) else (None, x)
    columns = [
        [_evenly(c[:, o] + before) for o in range(c.shape[1])] for c, (before, _) in zip(cells, widths, strict=True)
    ]
    chosen = [[column[o] for column, o in zip(columns, offset, strict=True)] for offset in np.ndindex(*counts)]
    places: list[Any] = [
        (..., *(at if all(isinstance(c, slice) for c in at) else _table(at, padded.shape[-n:]))) for at in chosen
    ]
    inside = [(c >= 0) & (c < s) for c, s in zip(cells, space, strict=True)]
    shape, kind = (*x.shape[:-n], *map(len, cells)), np.min_scalar_type(math.prod(counts))
    best = laid_out_like(padded, shape, -np.inf)
    first = np.zeros_like(best, kind)  # where a window has nothing larger than -inf
    first[...] = np.ravel_multi_index(np.ix_(*(i.argmax(1) for i in inside)), counts)
    place, step, better, nan = first.copy("K"), first.copy("K"), np.empty_like(best, bool), np.empty_like(best, bool)
    bases = np.zeros_like(best, np.int64)
    bases += np.arange(0, math.prod(shape[-n:]) * len(places), len(places)).reshape(shape[-n:])
    position, out = bases.copy("K"), bases.copy("K")
    flat = position.ravel("K"), out.ravel("K")  # views: `take` would make copies that are contiguous
    table = _flat(cells, space, counts).ravel()

    def run(x: Array, cells: Any) -> None:
        if fill is not None:
            fill(x)
        here = x if fill is None else padded
        best.fill(-np.inf)
        np.copyto(place, first)
        for k, at in enumerate(places):
            seen = here[at]
            np.greater(seen, best, better)
            np.logical_or(better, np.isnan(seen, nan), better)
            np.maximum(best, seen, out=best)
            np.multiply(better.view(np.uint8), kind.type(k), step)
            np.maximum(place, step, out=place)
        np.copyto(position, place)
        np.add(position, bases, position)
        np.take(table, flat[0], out=flat[1], mode="clip")

    return run, out.reshape(*x.shape[:-n], -1)


class Positions:
    """Where the elements at ``index`` (N, ..., m) of (N, ..., n) stand in memory, if the batch is last there."""

    def __init__(self, index: Array, n: int) -> None:
        self._turned = Turned(index)
        batch, lead = index.shape[0], math.prod(index.shape[1:-1])
        starts = (np.arange(lead) * n * batch).reshape(*index.shape[1:-1], 1, 1)
        self._starts = np.broadcast_to(starts + np.arange(batch), self._turned.array.shape).copy()
        self._batch, self.array = batch, np.empty(self._starts.shape, np.int64)

    def of(self, index: Array) -> Array:
        np.multiply(self._turned.of(index), self._batch, self.array)
        np.add(self.array, self._starts, self.array)
        return self.array


def chosen(x: Array, index: Array) -> Any:
    if not isinstance(index, np.ndarray):
        return None, None
    turned, positions = Turned(x), Positions(index, x.shape[-1])
    out = np.empty(positions.array.shape, x.dtype)

    def run(x: Array, index: Array) -> None:
        np.take(turned.of(x).reshape(-1), positions.of(index), out=out, mode="clip")

    return run, batch_first(out)


def unchosen(x: Array, index: Array, shape: Sizes) -> Any:
    if not isinstance(index, np.ndarray):
        return None, None
    turned, positions = Turned(x), Positions(index, shape[-1])
    out = np.empty((*shape[1:], shape[0]), x.dtype)
    flat = out.reshape(-1)

    def run(x: Array, index: Array, shape: Sizes) -> None:
        flat.fill(0)
        np.add.at(flat, positions.of(index).reshape(-1), turned.of(x).reshape(-1))

    return run, batch_first(out)


WINDOW_WORDS: dict[str, Any] = {
    "chosen": chosen,
    "conv": conv,
    "conv_input": conv_input,
    "conv_weight": conv_weight,
    "largest": largest,
    "pad": pad,
    "unchosen": unchosen,
}
