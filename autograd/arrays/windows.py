"""Arrays seen through windows that slide over their last dimensions: the ground of convolution and pooling.

A window has a ``size``, neighbouring windows start ``stride`` apart, and the elements within one are ``dilation``
apart; all three are tuples, one number for each dimension that is slid over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Sizes = tuple[int, ...]


def laid_out_like(x: Array, shape: Sizes, value: Any = 0) -> Array:
    """An array of ``shape`` full of ``value``, with its dimensions in memory in the order of those of ``x``.

    Convolutions leave the batch innermost in memory, where loops over it are long; what follows keeps it there.
    """
    order = sorted(range(x.ndim), key=lambda i: (-abs(x.strides[i]), i))
    sizes = [shape[i] for i in order]
    out = np.full(sizes, value, x.dtype) if value else np.zeros(sizes, x.dtype)  # which is faster
    return out.transpose(np.argsort(order))


def batch_last(x: Array) -> Array:
    """(N, ...) as contiguous (..., N): loops over the batch are the longest, and so the fastest."""
    moved = x.transpose(*range(1, x.ndim), 0)
    if moved.flags.c_contiguous:
        return moved
    out = np.empty(moved.shape, x.dtype)
    for i in range(0, len(x), 8):  # so few rows at a time stay in the processor's cache
        out[..., i : i + 8] = moved[..., i : i + 8]
    return out


def batch_first(x: Array) -> Array:
    return x.transpose(-1, *range(x.ndim - 1))


def places_of(space: Sizes, size: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """How many windows fit along each dimension of ``space``."""
    return tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(space, size, stride, dilation, strict=True))


def windows(x: Array, size: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """``x`` (..., *space) as windows (..., *places, *size), without copying."""
    n = len(size)
    places = places_of(x.shape[-n:], size, stride, dilation)
    steps = x.strides[-n:]
    return np.lib.stride_tricks.as_strided(
        x,
        (*x.shape[:-n], *places, *size),
        (*x.strides[:-n], *_products(steps, stride), *_products(steps, dilation)),
        writeable=False,
    )


def unwindows(x: Array, shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """The adjoint of `windows` of an array of ``shape``: every element of a window added at its place."""
    n = len(stride)
    first: Any = (..., *(0,) * n)
    out = laid_out_like(x[first], shape)
    for offset, steps in reached(size, stride, dilation, x.shape[-2 * n : -n]):
        here: Any = (..., *steps)
        within: Any = (..., *offset)
        out[here] += x[within]
    return out


def reached(size: Sizes, stride: Sizes, dilation: Sizes, places: Sizes) -> Iterator[tuple[Sizes, tuple[slice, ...]]]:
    """Each place within a window, and which elements stand there in the windows at all ``places``."""
    axes = [
        [slice(d * i, d * i + s * p, s) for i in range(k)]
        for k, s, d, p in zip(size, stride, dilation, places, strict=True)
    ]
    return zip(product(*map(range, size)), product(*axes), strict=True)


def window_sum(x: Array, size: Sizes, stride: Sizes) -> Array:
    """The sum of each window: as `windows`, summed over ``size``, in fewer and longer loops."""
    seen = windows(x, size, stride, (1,) * len(size))
    parts: Any = ((..., *offset) for offset in product(*map(range, size)))
    total = seen[next(parts)].copy(order="K")
    for part in parts:
        total += seen[part]
    return total


def _products(xs: Sequence[int], ys: Sequence[int]) -> tuple[int, ...]:
    return tuple(x * y for x, y in zip(xs, ys, strict=True))


def pad(x: Array, widths: Sequence[tuple[int, int]], value: Any) -> Array:
    """``x`` with so many elements ``value`` before and after, for each dimension; a negative width cuts off."""
    shape = tuple(before + n + after for n, (before, after) in zip(x.shape, widths, strict=True))
    kept = tuple(slice(max(-b, 0), n - max(-a, 0)) for n, (b, a) in zip(x.shape, widths, strict=True))
    if all(before <= 0 and after <= 0 for before, after in widths):
        return x[kept].copy(order="K")
    out = laid_out_like(x, shape, value)
    out[tuple(slice(max(b, 0), n - max(a, 0)) for n, (b, a) in zip(shape, widths, strict=True))] = x[kept]
    return out


# Windows that lie side by side --------------------------------------------------------------------------------------


def _parts(x: Array, size: Sizes) -> Iterator[Array]:
    """The elements of ``x`` at each place within a window, for all windows: views. What fills no window is left out."""
    ends = [n // k * k for n, k in zip(x.shape[-len(size) :], size, strict=True)]
    for offset in product(*map(range, size)):
        here: Any = (..., *map(slice, offset, ends, size))
        yield x[here]


def max_pool(x: Array, size: Sizes) -> Array:
    first, *others = _parts(x, size)
    out = np.maximum(first, others[0] if others else first)
    for part in others[1:]:
        np.maximum(out, part, out=out)
    return out


def peaks(x: Array, out: Array, size: Sizes) -> list[Array]:
    """For each place within a window, whether its largest element ``out`` stands there; of equal ones the first."""
    strange = out.size > 0 and bool(np.isnan(out.max()))
    *places, _ = _parts(x, size)
    left = np.ones_like(out, bool)  # the windows whose largest is yet to be found
    found = []
    for part in places:
        here = part == out
        if strange:
            here |= np.isnan(part)
        here &= left
        left ^= here
        found.append(here)
    return [*found, left]


def at_peaks(x: Array, places: Sequence[Array], size: Sizes) -> Array:
    """The element of each window that ``places`` names."""
    out: Array = np.zeros((), x.dtype)
    for part, here in zip(_parts(x, size), places, strict=True):
        out = out + part * here
    return out


def onto_peaks(x: Array, places: Sequence[Array], size: Sizes, shape: Sizes) -> Array:
    """Zeros of ``shape`` with ``x`` at those elements; the adjoint of `at_peaks`."""
    like = np.empty_like(places[0], x.dtype)
    if x.strides != like.strides:  # one array in another order is better copied once than read at each place
        like[...] = x
        x = like
    out = laid_out_like(x, shape)
    for part, here in zip(_parts(out, size), places, strict=True):
        np.multiply(x, here, out=part)
    return out


# The largest element of each window, wherever the windows lie -------------------------------------------------------


def largest(x: Array, cells: Sequence[Array]) -> Array:
    """Where the largest element of each window stands: its index in the flattened last dimensions of ``x``.

    ``cells`` has, for each of these dimensions, the positions (windows, places within one) along it; those outside
    of ``x`` do not count. Of equal elements the first is taken, and NaN is larger than any number.
    """
    n = len(cells)
    space = x.shape[-n:]
    if not all(c.size for c in cells):
        return np.zeros((*x.shape[:-n], *map(len, cells)), np.int64)
    floating = x.dtype.kind == "f"
    lowest = -np.inf if floating else np.iinfo(x.dtype).min
    widths = [(max(-int(c.min()), 0), max(int(c.max()) + 1 - s, 0)) for c, s in zip(cells, space, strict=True)]
    padded = x
    if any(map(any, widths)):
        padded = pad(x, ((0, 0),) * (x.ndim - n) + tuple(widths), lowest)
    inside = [(c >= 0) & (c < s) for c, s in zip(cells, space, strict=True)]
    counts = tuple(c.shape[1] for c in cells)
    kind = np.min_scalar_type(math.prod(counts))
    best = laid_out_like(padded, (*x.shape[:-n], *map(len, cells)), lowest)
    place = np.zeros_like(best, kind)  # within the window: grows, since places are visited in order
    if widths != [(0, 0)] * n:
        place[...] = np.ravel_multi_index(np.ix_(*(i.argmax(1) for i in inside)), counts)
    has_nan = floating and bool(np.isnan(x).any())
    columns = [
        [_evenly(c[:, o] + before) for o in range(c.shape[1])] for c, (before, _) in zip(cells, widths, strict=True)
    ]
    for k, offset in enumerate(product(*map(range, counts))):
        chosen = [column[o] for column, o in zip(columns, offset, strict=True)]
        at: Any = chosen if all(isinstance(c, slice) for c in chosen) else _table(chosen, padded.shape[-n:])
        here = padded[(..., *at)]
        better = here > best
        if has_nan:
            better |= np.isnan(here)
        np.maximum(best, here, out=best)
        np.maximum(place, better.view(np.uint8) * kind.type(k), out=place)
    first = np.arange(0, math.prod(best.shape[-n:]) * math.prod(counts), math.prod(counts)).reshape(best.shape[-n:])
    return _flat(cells, space, counts).ravel()[place + first]


def _flat(cells: Sequence[Array], space: Sizes, counts: Sizes) -> Array:
    """The index in the flattened ``space`` of each place (windows, places) of each window."""
    index = np.zeros((1, 1), np.int64)
    for c, length, within in zip(cells, space, np.unravel_index(np.arange(math.prod(counts)), counts), strict=True):
        index = (index[:, None] * length + c[:, within]).reshape(-1, len(within))
    return index


def _evenly(positions: Array) -> Any:
    """Evenly spaced positions as a slice, which is read without copying; others as they are."""
    places = positions.tolist()
    step = places[1] - places[0] if len(places) > 1 else 1
    if step > 0 and places == list(range(places[0], places[-1] + 1, step)):
        return slice(places[0], places[-1] + 1, step)
    return positions


def _table(chosen: Sequence[Any], space: Sizes) -> tuple[Any, ...]:
    """An index for all combinations of positions, some of which are slices."""
    return np.ix_(*(np.arange(n)[c] if isinstance(c, slice) else c for c, n in zip(chosen, space, strict=True)))


def chosen(x: Array, index: Array) -> Array:
    """The elements of ``x`` (N, ..., n) at ``index`` (N, ..., m) of the last dimension."""
    return batch_first(np.take(batch_last(x).ravel(), _positions(np.asarray(index), x.shape[-1])))


def unchosen(x: Array, index: Array, shape: Sizes) -> Array:
    """Zeros of ``shape`` (N, ..., n) with ``x`` (N, ..., m) added at ``index``; the adjoint of `chosen`."""
    positions = _positions(np.asarray(index), shape[-1])
    total = np.bincount(positions.ravel(), batch_last(x).ravel(), math.prod(shape))
    return batch_first(total.astype(x.dtype).reshape(*shape[1:], shape[0]))


def _positions(index: Array, n: int) -> Array:
    """Where the elements at ``index`` (N, ..., m) of (N, ..., n) stand in memory, if the batch is last there."""
    last = batch_last(index)
    lead = math.prod(last.shape[:-2])
    rows = last.reshape(lead, *last.shape[-2:]) + np.arange(lead)[:, None, None] * n
    return (rows * last.shape[-1] + np.arange(last.shape[-1])).reshape(last.shape)


WORDS: dict[str, Any] = {
    "at_peaks": at_peaks,
    "chosen": chosen,
    "max_pool": max_pool,
    "onto_peaks": onto_peaks,
    "peaks": peaks,
    "pad": pad,
    "unchosen": unchosen,
    "unwindows": unwindows,
    "window_sum": window_sum,
    "windows": windows,
}
