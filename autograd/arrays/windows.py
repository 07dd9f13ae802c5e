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

from autograd.arrays.room import New, laid_out_like, zeros

Array = np.ndarray[Any, Any]
Sizes = tuple[int, ...]


def batch_last(x: Array, new: New = np.empty) -> Array:
    """(N, ...) as contiguous (..., N): loops over the batch are the longest, and so the fastest."""
    moved = x.transpose(*range(1, x.ndim), 0)
    if moved.flags.c_contiguous:
        return moved
    out = new(moved.shape, x.dtype)
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


def unwindows(x: Array, shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes, new: New = np.empty) -> Array:
    """The adjoint of `windows` of an array of ``shape``: every element of a window added at its place."""
    n = len(stride)
    if 0 in size:
        return zeros(shape, x.dtype, new)
    first: Any = (..., *(0,) * n)
    out = laid_out_like(x[first], shape, x.dtype, new)
    out.fill(0)
    for offset, steps in reached(size, stride, dilation, tuple(map(slice, (0,) * n, x.shape[-2 * n : -n]))):
        here: Any = (..., *steps)
        within: Any = (..., *offset)
        out[here] += x[within]
    return out


def reached(
    size: Sizes, stride: Sizes, dilation: Sizes, places: Sequence[slice]
) -> Iterator[tuple[Sizes, tuple[slice, ...]]]:
    """Each place within a window, and which elements stand there in the windows at ``places``."""
    axes = [
        [slice(d * i + s * p.start, d * i + s * p.stop, s) for i in range(k)]
        for k, s, d, p in zip(size, stride, dilation, places, strict=True)
    ]
    return zip(product(*map(range, size)), product(*axes), strict=True)


def stretches(places: Sizes, most: int) -> Iterator[tuple[slice, ...]]:
    """The ``places`` in order, ``most`` or fewer at a time: blocks that are one piece of memory each."""
    inner = math.prod(places[1:])
    if inner > most:
        for i in range(places[0]):
            yield from ((slice(i, i + 1), *rest) for rest in stretches(places[1:], most))
    else:
        step = max(most // max(inner, 1), 1)
        for i in range(0, places[0], step):
            yield slice(i, min(i + step, places[0])), *(slice(0, n) for n in places[1:])


def window_sum(x: Array, size: Sizes, stride: Sizes, new: New = np.empty) -> Array:
    """The sum of each window: as `windows`, summed over ``size``, in fewer and longer loops."""
    seen = windows(x, size, stride, (1,) * len(size))
    parts: Any = ((..., *offset) for offset in product(*map(range, size)))
    first = seen[next(parts)]
    total = laid_out_like(first, first.shape, x.dtype, new)
    np.copyto(total, first)
    for part in parts:
        total += seen[part]
    return total


def _products(xs: Sequence[int], ys: Sequence[int]) -> tuple[int, ...]:
    return tuple(x * y for x, y in zip(xs, ys, strict=True))


def pad(x: Array, widths: Sequence[tuple[int, int]], value: Any, new: New = np.empty) -> Array:
    """``x`` with so many elements ``value`` before and after, for each dimension; a negative width cuts off."""
    shape = tuple(before + n + after for n, (before, after) in zip(x.shape, widths, strict=True))
    kept = tuple(slice(max(-b, 0), n - max(-a, 0)) for n, (b, a) in zip(x.shape, widths, strict=True))
    out = laid_out_like(x, shape, x.dtype, new)
    out.fill(value)
    out[tuple(slice(max(b, 0), n - max(a, 0)) for n, (b, a) in zip(shape, widths, strict=True))] = x[kept]
    return out


# Windows that lie side by side --------------------------------------------------------------------------------------


def _parts(x: Array, size: Sizes) -> Iterator[Array]:
    """The elements of ``x`` at each place within a window, for all windows: views. What fills no window is left out."""
    ends = [n // k * k for n, k in zip(x.shape[-len(size) :], size, strict=True)]
    for offset in product(*map(range, size)):
        here: Any = (..., *map(slice, offset, ends, size))
        yield x[here]


def max_pool(x: Array, size: Sizes, new: New = np.empty) -> Array:
    first, *others = _parts(x, size)
    out = laid_out_like(first, first.shape, x.dtype, new)
    np.maximum(first, others[0] if others else first, out=out)
    for part in others[1:]:
        np.maximum(out, part, out=out)
    return out


def peaks(x: Array, out: Array, size: Sizes, new: New = np.empty) -> list[Array]:
    """For each place within a window, whether its largest element ``out`` stands there: the first of equal ones, the
    last NaN."""
    *places, last = _parts(x, size)
    left = laid_out_like(out, out.shape, bool, new)  # the windows whose largest is yet to be found
    left.fill(True)
    found = []
    for part in places:
        here = laid_out_like(out, out.shape, bool, new)
        np.equal(part, out, here)
        here &= left
        left ^= here
        found.append(here)
    found.append(left)
    if out.size and np.isnan(out.max()):
        left &= ~np.isnan(out)
        for k, part in enumerate([*places, last]):
            nan = np.isnan(part)
            for here in found[:k]:
                here &= ~nan
            found[k] |= nan
    return found


def at_peaks(x: Array, places: Sequence[Array], size: Sizes, new: New = np.empty) -> Array:
    """The element of each window that ``places`` names."""
    first = next(_parts(x, size))
    out, one = (laid_out_like(first, first.shape, x.dtype, new) for _ in range(2))
    out.fill(0)
    for part, here in zip(_parts(x, size), places, strict=True):
        out += np.multiply(part, here, one)
    return out


def onto_peaks(x: Array, places: Sequence[Array], size: Sizes, shape: Sizes, new: New = np.empty) -> Array:
    """Zeros of ``shape`` with ``x`` at those elements; the adjoint of `at_peaks`."""
    first = np.asarray(places[0])
    out = laid_out_like(first, shape, x.dtype, new)
    out.fill(0)
    ordered = laid_out_like(first, x.shape, x.dtype, new)
    ordered[...] = x  # which in another order is better copied once than read at each place
    for part, here in zip(_parts(out, size), places, strict=True):
        np.multiply(ordered, here, part)
    return out


# The largest element of each window, wherever the windows lie -------------------------------------------------------


def largest(x: Array, cells: Sequence[Array]) -> Array:
    """Where the largest element of each window stands, (..., windows): its index in the flattened last dimensions.

    ``cells`` has, for each of these dimensions, the positions (windows, places within one) along it; those outside
    of ``x`` do not count. Of equal elements the first is taken, and NaN is larger than any number.
    """
    n = len(cells)
    space = x.shape[-n:]
    if not all(c.size for c in cells):
        return np.zeros((*x.shape[:-n], math.prod(map(len, cells))), np.int64)
    floating = x.dtype.kind == "f"
    lowest = -np.inf if floating else np.iinfo(x.dtype).min
    widths = [(max(-int(c.min()), 0), max(int(c.max()) + 1 - s, 0)) for c, s in zip(cells, space, strict=True)]
    padded = x
    if any(map(any, widths)):
        padded = pad(x, ((0, 0),) * (x.ndim - n) + tuple(widths), lowest)
    inside = [(c >= 0) & (c < s) for c, s in zip(cells, space, strict=True)]
    counts = tuple(c.shape[1] for c in cells)
    kind = np.min_scalar_type(math.prod(counts))
    best = laid_out_like(padded, (*x.shape[:-n], *map(len, cells)), padded.dtype)
    best.fill(lowest)
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
    return _flat(cells, space, counts).ravel()[(place + first).reshape(*x.shape[:-n], first.size)]


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


def chosen(x: Array, index: Array, new: New = np.empty) -> Array:
    """The elements of ``x`` (N, ..., n) at ``index`` (N, ..., m) of the last dimension."""
    positions = _positions(np.asarray(index), x.shape[-1], new)
    out = new(positions.shape, x.dtype)
    return batch_first(np.take(batch_last(x, new).reshape(-1), positions, out=out, mode="clip"))


def unchosen(x: Array, index: Array, shape: Sizes, new: New = np.empty) -> Array:
    """Zeros of ``shape`` (N, ..., n) with ``x`` (N, ..., m) added at ``index``; the adjoint of `chosen`."""
    positions = _positions(np.asarray(index), shape[-1], new)
    total = new((*shape[1:], shape[0]), x.dtype)
    total.fill(0)
    np.add.at(total.reshape(-1), positions.reshape(-1), batch_last(x, new).reshape(-1))
    return batch_first(total)


def _positions(index: Array, n: int, new: New) -> Array:
    """Where the elements at ``index`` (N, ..., m) of (N, ..., n) stand in memory, if the batch is last there."""
    batch, lead = len(index), math.prod(index.shape[1:-1])
    places = new((*index.shape[1:], batch), np.int64)
    np.multiply(batch_last(index, new), batch, places)
    places += np.arange(batch)
    places.reshape(lead, index.shape[-1], batch)[...] += (np.arange(lead) * n * batch)[:, None, None]
    return places


WORDS: dict[str, Any] = {
    "at_peaks": at_peaks,
    "chosen": chosen,
    "largest": largest,
    "max_pool": max_pool,
    "onto_peaks": onto_peaks,
    "peaks": peaks,
    "pad": pad,
    "unchosen": unchosen,
    "unwindows": unwindows,
    "window_sum": window_sum,
    "windows": windows,
}
