"""Functions of arrays that neural networks are made of: affine maps, convolution and normalization.

Convolution is the trilinear form T(x, w, y) = sum of x[n, c, s p + d k] w[o, c, k] y[n, o, p] over all indices
(s: stride, d: dilation); `conv`, `conv_input` and `conv_weight` are its gradients with respect to y, x and w. Each
gathers or scatters windows as the columns of one matrix product. ``x`` (N, C, *space), ``w`` (O, C / groups, *size),
``y`` (N, O, *places), for any number of dimensions in space.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.arrays.reductions import mean, mean_product
from autograd.arrays.room import New, laid_out_like, zeros
from autograd.arrays.windows import batch_first, batch_last, places_of, reached, stretches

Array = np.ndarray[Any, Any]
Sizes = tuple[int, ...]

LARGEST = 1 << 25  # bytes of columns made at once


def linear(x: Array, w: Array, b: Array, new: New = np.empty) -> Array:
    rows = x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # one product, not one for each matrix
    out = None if new is np.empty else new((len(rows), len(w)), np.result_type(x, w))
    total = rows.dot(w.T, out)
    total += b
    return total if x.ndim == 2 else total.reshape(*x.shape[:-1], len(w))


class _Columns:
    """The windows of an array of ``shape`` (N, C, *space) as columns (groups, C / groups * size, places * N), so many
    places at a time that they do not fill the memory: all of them are several times the array."""

    def __init__(self, shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes, groups: int, places: Sizes) -> None:
        self._batch, self._window = shape[0], (shape[1], *size)
        self._steps = size, stride, dilation
        self._groups, self._places = groups, places
        self.height = math.prod(self._window) // groups

    def parts(self, dtype: Any, new: New) -> Iterator[tuple[Array, Any, Iterator[Any]]]:
        """For each part of the places room for its columns, where they stand among all, and for each place within a
        window the pairs of its columns, to be read or written as (C, *part, N), and of where those stand in space."""
        each = self._batch * self._groups * self.height
        most = max(LARGEST // max(each * dtype.itemsize, 1), 1)
        room = new((each * min(most, math.prod(self._places)),), dtype)
        start = 0
        for part in stretches(self._places, most):
            lengths = tuple(s.stop - s.start for s in part)
            n = math.prod(lengths) * self._batch
            columns = room[: n * self._groups * self.height].reshape(self._groups, self.height, n)
            arranged = columns.reshape(*self._window, *lengths, self._batch)
            pairs = self._pairs(arranged, part)
            yield columns, slice(start, start + n), pairs
            start += n

    def _pairs(self, arranged: Array, part: tuple[slice, ...]) -> Iterator[Any]:
        for offset, here in reached(*self._steps, part):
            within: Any = (slice(None), *offset)
            yield arranged[within], (slice(None), *here)


def _by_group(y: Array, groups: int, new: New) -> Array:
    """(N, O, *places) as (groups, O / groups, places * N)."""
    return batch_last(y, new).reshape(groups, y.shape[1] // groups, math.prod(y.shape[2:]) * y.shape[0])


def conv(x: Array, w: Array, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty) -> Array:
    return conv_bias(x, w, None, stride, dilation, groups, new)


def conv_bias(
    x: Array, w: Array, b: Array | None, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty
) -> Array:
    places, last = places_of(x.shape[2:], w.shape[2:], stride, dilation), batch_last(x, new)
    windows = _Columns(x.shape, w.shape[2:], stride, dilation, groups, places)
    kernels = w.reshape(groups, w.shape[0] // groups, windows.height)
    out = new((*kernels.shape[:2], math.prod(places) * len(x)), np.result_type(x, w))
    for columns, part, pairs in windows.parts(x.dtype, new):
        for within, here in pairs:
            within[...] = last[here]
        np.matmul(kernels, columns, out[..., part])
    if b is not None:
        out += b.reshape(groups, -1, 1)
    return batch_first(out.reshape(w.shape[0], *places, x.shape[0]))


def conv_input(
    y: Array, w: Array, shape: Sizes, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty
) -> Array:
    windows = _Columns(shape, w.shape[2:], stride, dilation, groups, y.shape[2:])
    kernels, upstream = w.reshape(groups, w.shape[0] // groups, windows.height), _by_group(y, groups, new)
    turned, multiply = np.swapaxes(kernels, 1, 2), np.multiply if kernels.shape[1] == 1 else np.matmul
    out = zeros((*shape[1:], shape[0]), np.result_type(y, w), new)
    for columns, part, pairs in windows.parts(out.dtype, new):
        multiply(turned, upstream[..., part], columns)  # matmul is slow for outer products
        for within, here in pairs:
            out[here] += within
    return batch_first(out)


def conv_weight(
    x: Array, y: Array, shape: Sizes, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty
) -> Array:
    windows = _Columns(x.shape, shape[2:], stride, dilation, groups, y.shape[2:])
    last, upstream = batch_last(x, new), _by_group(y, groups, new)
    total, one = (new((groups, windows.height, upstream.shape[1]), np.result_type(x, y)) for _ in range(2))
    for columns, part, pairs in windows.parts(x.dtype, new):
        for within, here in pairs:
            within[...] = last[here]
        np.matmul(columns, np.swapaxes(upstream[..., part], 1, 2), one if part.start else total)
        if part.start:
            total += one
    turned = new((groups, upstream.shape[1], windows.height), total.dtype)
    turned[...] = np.swapaxes(total, 1, 2)
    return turned.reshape(shape)


def _spread(part: Array, x: Array, new: New) -> Array:
    """``part`` in the shape of ``x``: operations on equal shapes are faster by more than this takes."""
    out = laid_out_like(x, x.shape, x.dtype, new)
    np.copyto(out, part)
    return out


def _centered(x: Array, dim: Sizes, new: New) -> Array:
    out = _spread(mean(x, dim, True), x, new)
    return np.subtract(x, out, out)


def _inverse_root(var: Array, eps: float, new: New) -> Array:
    out = np.add(var, var.dtype.type(eps), new(var.shape, var.dtype))
    np.sqrt(out, out)
    return np.divide(1, out, out)


def inverse_std(x: Array, dim: Sizes, eps: float, new: New = np.empty) -> Array:
    square = np.square(mean(x, dim, True))
    var = mean_product(x, x, dim) - square
    if not (square <= var).all():  # for some too many digits cancelled; or one is NaN
        centered = _centered(x, dim, new)
        var = mean_product(centered, centered, dim)
    return _inverse_root(var, eps, new)


def standardize(x: Array, dim: Sizes, eps: float, new: New = np.empty) -> Array:
    out = _centered(x, dim, new)
    out *= _spread(_inverse_root(mean_product(out, out, dim), eps, new), x, new)
    return out


def residual(y: Array, s: Array, dim: Sizes, new: New = np.empty) -> Array:
    out, line = _centered(y, dim, new), _spread(mean_product(y, s, dim), s, new)
    line *= s
    out -= line
    return out


WORDS: dict[str, Any] = {
    "conv": conv,
    "conv_bias": conv_bias,
    "conv_input": conv_input,
    "conv_weight": conv_weight,
    "inverse_std": inverse_std,
    "linear": linear,
    "residual": residual,
    "standardize": standardize,
}
