"""Functions of arrays that make many elements into one, or run along one dimension."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.arrays.room import New, out_like

Array = np.ndarray[Any, Any]
Dims = tuple[int, ...]
Way = Callable[[Array, Dims, bool, "Array | None"], Array]

_add_up: Any = np.add.reduce  # np.sum without its detours
_largest: Any = np.maximum.reduce
BLOCK = 32  # rows added to each other before the partial sums are


def sum(x: Array, dim: Dims, keepdim: bool) -> Array:
    return _as(x, _total(x, dim, keepdim)) if x.dtype.char == "e" else _total(x, dim, keepdim)


def mean(x: Array, dim: Dims, keepdim: bool) -> Array:
    total = _total(x, dim, keepdim)
    return _as(x, total / (x.size if total.ndim == 0 else math.prod([x.shape[i] for i in dim])))


def _as(x: Array, out: Array) -> Array:
    """``out`` in the dtype of ``x``."""
    return out if out.dtype is x.dtype else out.astype(x.dtype, copy=False)


def _total(x: Array, dim: Dims, keepdim: bool) -> Array:
    return way_to_add(x.shape, x.strides, x.dtype, dim)(x, dim, keepdim, None)


@lru_cache(maxsize=1024)
def way_to_add(shape: Dims, strides: Dims, dtype: np.dtype[Any], dim: Dims) -> Way:
    """The function that sums an array that lies so in memory over ``dim``: (x, dim, keepdim, out) to the sum.

    NumPy adds pairwise along the dimension that is innermost in memory, and row by row along the others, where the
    rounding errors of n rows add up (and short rows are slow): these are added in blocks.
    """
    x = np.lib.stride_tricks.as_strided(np.empty(1, dtype), shape, strides)  # which nobody reads
    if dtype.kind in "bui":
        return _add_whole
    if dtype.char == "e":
        return _add_half
    if len(dim) == x.ndim and x.flags.c_contiguous:
        return _add_all
    if dim == (x.ndim - 1,) and has_short_lines(x):
        return _add_lines
    if dim == (0,) and has_few_rows(x):
        return _add_columns
    if x.ndim > 1 and x.size > 4 * BLOCK and max([shape[axis] for axis in dim], default=0) > 4 * BLOCK:
        return add_blocks
    return add_rows


def _add_whole(x: Array, dim: Dims, keepdim: bool, out: Array | None) -> Array:
    return _add_up(x, dim, np.int64, out, keepdim)


def _add_half(x: Array, dim: Dims, keepdim: bool, out: Array | None) -> Array:
    """Of float16 numbers in float64, where it cannot overflow."""
    return _add_up(x, dim, np.float64, out, keepdim)


def _add_all(x: Array, dim: Dims, keepdim: bool, out: Array | None) -> Array:
    return _add_up(x, None, None, out, keepdim)


def add_rows(x: Array, dim: Dims, keepdim: bool, out: Array | None) -> Array:
    return _add_up(x, dim, None, out, keepdim)


def add_blocks(x: Array, dim: Dims, keepdim: bool, out: Array | None) -> Array:
    innermost = min(abs(stride) for stride, n in zip(x.strides, x.shape, strict=True) if n > 1)
    for axis in dim:
        if x.shape[axis] > 4 * BLOCK and abs(x.strides[axis]) > innermost:
            x = _in_blocks(x, axis)
    return _add_up(x, dim, None, out, keepdim)


def _add_columns(x: Array, dim: Dims, keepdim: bool, out: Array | None) -> Array:
    """As a product with ones."""
    sums = _ones(x.shape[0], x.dtype).dot(x, out[0] if keepdim and out is not None else out)
    return sums[None] if keepdim else sums


def _add_lines(x: Array, dim: Dims, keepdim: bool, out: Array | None) -> Array:
    """As a product with ones."""
    n = x.shape[-1]
    sums = x.reshape(-1, n).dot(_ones(n, x.dtype), None if out is None else out.reshape(-1))
    return sums.reshape(x.shape[:-1] + (1,) * keepdim)


def has_few_rows(x: Array) -> bool:
    """Whether ``x`` is a matrix of so few rows that BLAS may add them up, in less than half of the time."""
    return x.ndim == 2 and 1 < x.shape[0] <= 4 * BLOCK and x.dtype.char in "fd" and x.flags.c_contiguous


def has_short_lines(x: Array) -> bool:
    """Whether sums over the last dimension are many and of few numbers: there BLAS is several times faster."""
    return x.ndim > 1 and 1 < x.shape[-1] <= 1024 and x.size > 512 and x.dtype.char in "fd" and x.flags.c_contiguous


@lru_cache(maxsize=64)
def _ones(n: int, dtype: np.dtype[Any]) -> Array:
    return np.ones(n, dtype)


def mean_product(x: Array, y: Array, dim: Dims) -> Array:
    """The mean of x * y over ``dim``, which stays as size 1."""
    if dim == (x.ndim - 1,) and has_short_lines(x) and has_short_lines(y):
        return np.vecdot(x, y)[..., None] / x.dtype.type(x.shape[-1])
    return mean(x * y, dim, True)


def _in_blocks(x: Array, axis: int) -> Array:
    """A shorter array with the same sum over ``axis``: BLOCK stretches of that dimension added to each other."""
    before = (slice(None),) * axis
    while (n := x.shape[axis]) > BLOCK:
        length = n // BLOCK
        whole, rest = x[(*before, slice(BLOCK * length))], x[(*before, slice(BLOCK * length, n))]
        x = _add_up(whole.reshape((*x.shape[:axis], BLOCK, length, *x.shape[axis + 1 :])), axis=axis)
        if rest.shape[axis]:
            few = (*before, slice(1))
            x[few] += _add_up(rest, axis=axis, keepdims=True)
    return x


def var(x: Array, dim: Dims, correction: float, keepdim: bool) -> Array:
    if x.dtype == np.float16:
        return var(x.astype(np.float32), dim, correction, keepdim).astype(np.float16)
    first = x[tuple(slice(1) if i in dim else slice(None) for i in range(x.ndim))]
    centered = x - first if x.size else x  # exactly 0 for equal elements, of which even the mean may be rounded
    centered -= mean(centered, dim, True)
    freedom = max(math.prod(x.shape[i] for i in dim) - correction, 0)
    return np.asarray(np.divide(_total(np.square(centered), dim, keepdim), freedom, dtype=x.dtype))


def amax(x: Array, dim: Dims | None, keepdim: bool) -> Array:
    return np.max(x, axis=dim, keepdims=keepdim)


def amin(x: Array, dim: Dims | None, keepdim: bool) -> Array:
    return np.min(x, axis=dim, keepdims=keepdim)


def median(x: Array) -> Array:
    """The lower of the two middle elements if their number is even; NaN if there is one, or nothing at all."""
    if not x.size:
        return np.array(np.nan, x.dtype)
    if x.dtype.kind == "f" and np.isnan(x).any():
        return np.array(np.nan, x.dtype)
    middle = (x.size - 1) // 2
    return np.partition(x, middle, axis=None)[middle]


def nanmedian(x: Array) -> Array:
    return median(x[~np.isnan(x)]) if x.dtype.kind == "f" else median(x)


def logsumexp(x: Array, dim: Dims, keepdim: bool) -> Array:
    top = np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)  # so that exp(-inf - top) is 0 and exp(inf - top) is inf, not NaN
    total = np.log(sum(np.exp(x - top), dim, True)) + top
    return total if keepdim else np.squeeze(total, axis=dim)


def safe_div(x: Array, y: Array) -> Array:
    """x / y, and 0 where y is 0."""
    return np.where(y == 0, 0, x / y)


def power_norm(x: Array, p: float, dim: Dims, keepdim: bool) -> Array:
    return np.asarray(sum(np.abs(x) ** p, dim, keepdim) ** (1 / p))


def power(x: Array, p: float) -> Array:
    """|x| ** p, and 0 at 0 where that is infinite."""
    out = np.abs(x) ** p
    return out if p >= 0 else np.where(x == 0, 0, out)


def signed_power(x: Array, p: float) -> Array:
    return np.sign(x) * power(x, p)


def _place(x: Array, dim: int, new: New) -> Array | None:
    """Where totals over ``dim``, kept as size 1, go; None for an array of NumPy's own making, as in `out_like`."""
    if new is np.empty:
        return None
    dim %= x.ndim
    return new((*x.shape[:dim], 1, *x.shape[dim + 1 :]), x.dtype)


def _tops(x: Array, dim: int, out: Array | None) -> Array:
    """The largest elements along ``dim``, which stays as size 1."""
    if out is None and x.ndim == 2 and dim % 2 == 1 and 0 < x.shape[1] <= 32 and x.size > 512:
        return np.asarray(_largest(x.T.copy(), 0)[:, None])  # quicker as few long lines
    return _largest(x, dim, None, out, True, -np.inf)


def softmax(x: Array, dim: int, new: New = np.empty) -> Array:
    lines = _place(x, dim, new)
    exps = np.subtract(x, _tops(x, dim, lines), out_like(x, new))
    np.exp(exps, exps)
    exps /= _line_totals(exps, dim, lines)
    return exps


def _line_totals(x: Array, dim: int, out: Array | None) -> Array:
    if dim % x.ndim == x.ndim - 1 and has_short_lines(x):
        return _add_lines(x, (dim,), True, out)
    return np.asarray(_add_up(x, dim, None, out, True))


def log_softmax(x: Array, dim: int, new: New = np.empty) -> Array:
    lines = _place(x, dim, new)
    shifted = np.subtract(x, _tops(x, dim, lines), out_like(x, new))
    totals = _line_totals(np.exp(shifted, out_like(x, new)), dim, lines)
    shifted -= np.log(totals, totals)
    return shifted


def masked_softmax(x: Array, dim: int, seen: Array | None, scale: float, new: New = np.empty) -> Array:
    exps, lines = np.multiply(x, x.dtype.type(scale), out_like(x, new)), _place(x, dim, new)
    if _is_moderate(exps):
        np.exp(exps, exps)
        if seen is not None:
            exps *= seen
    else:
        if seen is not None:
            np.copyto(exps, -np.inf, where=np.logical_not(seen, out_like(seen, new)))
        top = _largest(exps, dim, None, lines, True, -np.inf)
        top[np.equal(top, -np.inf, out_like(top, new, bool))] = 0
        exps -= top
        np.exp(exps, exps)
    total = _line_totals(exps, dim, lines)
    total[np.equal(total, 0, out_like(total, new, bool))] = 1  # where nothing is seen
    exps /= total
    return exps


def _is_moderate(x: Array) -> bool:
    """Whether exp of these numbers, and sums of it, neither overflow nor vanish."""
    return x.dtype.char in "fd" and x.size > 0 and bool(x.min() > -40) and bool(x.max() < 40)


def centered(x: Array, y: Array, dim: int, new: New = np.empty) -> Array:
    out, lines = out_like(x, new), _place(x, dim, new)
    if dim % x.ndim == x.ndim - 1 and has_short_lines(x) and has_short_lines(y):
        totals = np.vecdot(x, y, None if lines is None else lines[..., 0])[..., None]
        out = np.subtract(x, totals, out)
    else:
        out = np.multiply(x, y, out)
        np.subtract(x, _add_up(out, dim, None, lines, True), out)
    out *= y
    return out


def mean_chosen(x: Array, classes: Array) -> Array:
    """The mean over the rows of ``x`` of the element of the row's class."""
    chosen = x[np.arange(len(classes)), classes]
    return _as(x, _total(chosen, (0,), False) / len(classes))


def whole(x: Array) -> type[np.int64] | None:
    """The dtype in which integers and booleans are accumulated: int64; floats keep theirs."""
    return np.int64 if x.dtype.kind in "bui" else None


def shift(x: Array, dim: int, step: int, fill: float) -> Array:
    """``x`` moved by ``step`` places along ``dim``, which leaves ``fill`` behind."""
    out = np.full_like(x, fill)
    n = x.shape[dim]
    before = (slice(None),) * (dim % x.ndim)
    low, high = slice(max(n - abs(step), 0)), slice(min(abs(step), n), n)
    source, target = (low, high) if step > 0 else (high, low)
    out[(*before, target)] = x[(*before, source)]
    return out


def recurrence(x: Array, y: Array, dim: int, step: int) -> Array:
    """out[k] = x[k] * out[k - step] + y[k] along ``dim``, onwards from 0 (``step`` 1) or backwards (-1)."""
    out = np.empty(y.shape, np.result_type(x, y))
    xs, ys, outs = (np.moveaxis(a, dim, 0)[::step] for a in (x, y, out))
    outs[:1] = ys[:1]
    for k in range(1, len(ys)):
        outs[k] = xs[k] * outs[k - 1] + ys[k]
    return out


WORDS: dict[str, Any] = {
    "amax": amax,
    "amin": amin,
    "centered": centered,
    "cumprod": lambda x, dim: np.cumprod(x, dim, whole(x)),
    "cumsum": lambda x, dim: np.cumsum(x, dim, whole(x)),
    "log_softmax": log_softmax,
    "logcumsumexp": np.logaddexp.accumulate,
    "logsumexp": logsumexp,
    "masked_softmax": masked_softmax,
    "mean": mean,
    "mean_chosen": mean_chosen,
    "mean_product": mean_product,
    "median": median,
    "nanmedian": nanmedian,
    "power": power,
    "power_norm": power_norm,
    "prod": lambda x, dim, keepdim: np.prod(x, axis=dim, keepdims=keepdim, dtype=whole(x)),
    "recurrence": recurrence,
    "safe_div": safe_div,
    "shift": shift,
    "signed_power": signed_power,
    "softmax": softmax,
    "sum": sum,
    "var": var,
}
