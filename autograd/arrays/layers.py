"""Functions of arrays that neural networks are made of: affine maps, convolution and normalization.

Convolution is the trilinear form T(x, w, y) = sum of x[n, c, s p + d k] w[o, c, k] y[n, o, p] over all indices
(s: stride, d: dilation); `conv`, `conv_input` and `conv_weight` are its gradients with respect to y, x and w. Each
gathers or scatters windows as the columns of one matrix product. ``x`` (N, C, *space), ``w`` (O, C / groups, *size),
``y`` (N, O, *places), for any number of dimensions in space.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arrays.reductions import mean, mean_product
from autograd.arrays.room import New, laid_out_like
from autograd.arrays.windows import batch_first, batch_last, places_of, reached, unwindows

Array = np.ndarray[Any, Any]
Sizes = tuple[int, ...]


def linear(x: Array, w: Array, b: Array, new: New = np.empty) -> Array:
    rows = x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # one product, not one for each matrix
    out = None if new is np.empty else new((len(rows), len(w)), np.result_type(x, w))
    total = rows.dot(w.T, out)
    total += b
    return total if x.ndim == 2 else total.reshape(*x.shape[:-1], len(w))


def _columns(x: Array, size: Sizes, stride: Sizes, dilation: Sizes, groups: int, new: New) -> Array:
    """The windows of ``x`` as columns: (groups, C / groups * size, places * N)."""
    places, last = places_of(x.shape[2:], size, stride, dilation), batch_last(x, new)
    out = new((x.shape[1], *size, *places, len(x)), x.dtype)
    for offset, here in reached(size, stride, dilation, places):
        within: Any = (slice(None), *offset)
        out[within] = last[(slice(None), *here)]
    return out.reshape(groups, x.shape[1] // groups * math.prod(size), math.prod(places) * len(x))


def _by_group(y: Array, groups: int, new: New) -> Array:
    """(N, O, *places) as (groups, O / groups, places * N)."""
    return batch_last(y, new).reshape(groups, y.shape[1] // groups, math.prod(y.shape[2:]) * y.shape[0])


def conv(x: Array, w: Array, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty) -> Array:
    return conv_bias(x, w, None, stride, dilation, groups, new)


def conv_bias(
    x: Array, w: Array, b: Array | None, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty
) -> Array:
    columns = _columns(x, w.shape[2:], stride, dilation, groups, new)
    out = new((groups, w.shape[0] // groups, columns.shape[2]), np.result_type(x, w))
    np.matmul(w.reshape(groups, w.shape[0] // groups, columns.shape[1]), columns, out)
    if b is not None:
        out += b.reshape(groups, -1, 1)
    places = places_of(x.shape[2:], w.shape[2:], stride, dilation)
    return batch_first(out.reshape(w.shape[0], *places, x.shape[0]))


def conv_input(
    y: Array, w: Array, shape: Sizes, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty
) -> Array:
    kernels = w.reshape(groups, w.shape[0] // groups, math.prod(w.shape[1:]))
    turned, upstream = np.swapaxes(kernels, 1, 2), _by_group(y, groups, new)
    columns = new((groups, kernels.shape[2], upstream.shape[2]), np.result_type(y, w))
    (np.multiply if kernels.shape[1] == 1 else np.matmul)(turned, upstream, columns)  # slow for outer products
    n = w.ndim - 2
    arranged = columns.reshape(shape[1], *w.shape[2:], *y.shape[2:], y.shape[0])  # (C, *size, *places, N)
    seen = arranged.transpose(1 + 2 * n, 0, *range(1 + n, 1 + 2 * n), *range(1, 1 + n))
    return unwindows(seen, shape, w.shape[2:], stride, dilation, new)


def conv_weight(
    x: Array, y: Array, shape: Sizes, stride: Sizes, dilation: Sizes, groups: int, new: New = np.empty
) -> Array:
    columns, upstream = _columns(x, shape[2:], stride, dilation, groups, new), _by_group(y, groups, new)
    out = new((groups, columns.shape[1], upstream.shape[1]), np.result_type(x, y))
    np.matmul(columns, np.swapaxes(upstream, 1, 2), out)
    turned = new((groups, upstream.shape[1], columns.shape[1]), out.dtype)
    turned[...] = np.swapaxes(out, 1, 2)
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
