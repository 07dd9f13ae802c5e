"""Pooling: one number for each window that slides over the input, its largest element or its mean.

Without a ``stride`` the windows lie side by side. With ``ceil_mode`` a last window may reach beyond the padded input,
if it starts inside. The adaptive forms are told how many windows to make, and spread them evenly.

>>> from autograd import arange
>>> max_pool1d(arange(6.0).reshape(1, 6), 2)
tensor([[1., 3., 5.]])
>>> adaptive_avg_pool1d(arange(6.0).reshape(1, 6), 2)
tensor([[1., 4.]])
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor, where
from autograd.functions.answers import answer
from autograd.functions.reductions import require_float
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.arguments import batched, each, named, refuse_bool, spelled

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
]

Array = np.ndarray[Any, Any]
Sizes = tuple[int, ...]


def _max_pool(n: int) -> Callable[..., Any]:
    name = f"max_pool{n}d"

    def function(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        x = _checked(name, input, n)
        size, stride = size_and_stride(name, n, kernel_size, stride)
        dilation = each(name, "dilation", dilation, n)
        reach = tuple(d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True))
        padding = _padding(name, n, padding, reach)
        places = _places(name, x, reach, stride, padding, ceil_mode)
        apart = stride == reach == size and all(m * k <= n for m, k, n in zip(places, size, x.shape[2:], strict=True))
        if apart and not any(padding) and not return_indices:
            return _without_batch(apply(RULES["max_pool"], (x,), (size,)), input)
        cells = [
            np.arange(m)[:, None] * s - p + np.arange(k) * d
            for m, k, s, p, d in zip(places, size, stride, padding, dilation, strict=True)
        ]
        return _largest(x, cells, input, return_indices)

    function.__doc__ = f"""The largest element of each window of ``(N, C, {spelled(n)[0]})``.

    With ``return_indices`` also its index in the flattened ``({spelled(n)[0]})``; the first of equal ones.
    """
    return named(function, name)


def _avg_pool(n: int) -> Callable[..., Any]:
    name = f"avg_pool{n}d"

    def function(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        if divisor_override == 0:
            raise ArgumentError(f"{name}: divisor_override=0 would divide by 0; leave it out or give another number")
        x = _checked(name, input, n)
        size, stride = size_and_stride(name, n, kernel_size, stride)
        padding = _padding(name, n, padding, size)
        places = _places(name, x, size, stride, padding, ceil_mode)
        divisor = np.array(divisor_override)
        if divisor_override is None:
            divisor = _counts(x.shape[2:], places, size, stride, padding, count_include_pad)
        return _without_batch(_averaged(x, places, size, stride, padding, divisor), input)

    function.__doc__ = f"""The mean of each window of ``(N, C, {spelled(n)[0]})``.

    Padding counts unless ``count_include_pad`` is False; ``divisor_override`` is divided by instead of the count.
    """
    return named(function, name)


def _adaptive_max_pool(n: int) -> Callable[..., Any]:
    name = f"adaptive_max_pool{n}d"

    def function(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
        x = _checked(name, input, n)
        places = _output_size(name, x, output_size)
        cells = [_spread(length, m) for length, m in zip(x.shape[2:], places, strict=True)]
        return _largest(x, cells, input, return_indices)

    function.__doc__ = f"""The largest element of each of ``output_size`` windows over ``(N, C, {spelled(n)[0]})``.

    None in ``output_size`` keeps the input's size. Indices as in max_pool{n}d.
    """
    return named(function, name)


def _adaptive_avg_pool(n: int) -> Callable[..., Any]:
    name = f"adaptive_avg_pool{n}d"

    def function(input: Tensor, output_size: Any) -> Any:
        x = _checked(name, input, n)
        require_float(name, input)
        places = _output_size(name, x, output_size)
        if max(places) == min(places) == 1:
            return _without_batch(x.mean(tuple(range(2, x.ndim)), keepdim=True), input)
        if all(m and length % m == 0 for length, m in zip(x.shape[2:], places, strict=True)):
            size = tuple(length // m for length, m in zip(x.shape[2:], places, strict=True))
            return _without_batch(_averaged(x, places, size, size, (0,) * n, np.array(math.prod(size))), input)
        out: Any = x
        for dim, m in enumerate(places, 2):
            cells = _spread(x.shape[dim], m)
            inside = cells < x.shape[dim]
            after = (1,) * (x.ndim - dim - 1)
            seen = out[(slice(None),) * dim + (np.minimum(cells, x.shape[dim] - 1),)]  # (..., windows, places, ...)
            total = where(inside.reshape(*inside.shape, *after), seen, 0.0).sum(dim + 1)
            out = total / Tensor.of(inside.sum(1).astype(x.dtype).reshape(-1, *after))
        return _without_batch(out, input)

    function.__doc__ = f"""The mean of each of ``output_size`` windows over ``(N, C, {spelled(n)[0]})``.

    None in ``output_size`` keeps the input's size.
    """
    return named(function, name)


def _lp_pool(n: int) -> Callable[..., Any]:
    name = f"lp_pool{n}d"

    def function(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Any:
        require_float(name, input)
        p = float(norm_type)
        if not p:
            raise ArgumentError(f"{name}: norm_type=0 is no power; it must be another number")
        largest, mean = (max_pool1d, max_pool2d, max_pool3d)[n - 1], (avg_pool1d, avg_pool2d, avg_pool3d)[n - 1]
        if math.isinf(p):
            sign = math.copysign(1.0, p)
            return sign * largest(sign * input.abs(), kernel_size, stride, ceil_mode=ceil_mode)
        size = each(name, "kernel_size", kernel_size, n)
        total = mean(input**p, size, stride, 0, ceil_mode) * math.prod(size)
        return where(total == 0, 0.0, total ** (1 / p))  # whose slope is infinite there, and counts as 0

    function.__doc__ = f"""(sum of x^p)^(1/p) over each window of ``(N, C, {spelled(n)[0]})``, p being ``norm_type``.

    An infinite one means the largest, or the smallest, magnitude. A window that ``ceil_mode`` lets reach beyond the
    input counts as if full: its sum is scaled up, as in PyTorch.
    """
    return named(function, name)


def _with_indices(pool: Callable[..., Any]) -> Callable[..., Any]:
    """``pool`` with ``return_indices``, whatever is said of that."""
    signature = inspect.signature(pool)

    def function(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        return pool(**{**given, "return_indices": True})

    function.__doc__ = f"""`{pool.__name__}`, the largest elements and their indices. That is PyTorch's signature:

    ``return_indices`` makes no difference.
    """
    function.__signature__ = signature  # type: ignore[attr-defined]
    return named(function, f"{pool.__name__}_with_indices")


# Arguments ---------------------------------------------------------------------------------------------------------


def _checked(name: str, input: Tensor, n: int) -> Any:
    """The input with its batch, none of its other sizes 0."""
    refuse_bool(name, input)
    x = batched(name, input, n)
    if not min(x.shape[1:]):
        raise ShapeError(f"{name}: input {input.shape} has nothing in it; only the batch may be of size 0")
    return x


def size_and_stride(name: str, n: int, kernel_size: Any, stride: Any) -> tuple[Sizes, Sizes]:
    size = each(name, "kernel_size", kernel_size, n)
    return size, size if stride is None or stride in ((), []) else each(name, "stride", stride, n)


def _padding(name: str, n: int, padding: Any, reach: Sizes) -> Sizes:
    padding = each(name, "padding", padding, n, least=0)
    if any(2 * p > r for p, r in zip(padding, reach, strict=True)):
        raise ShapeError(f"{name}: padding={padding} must be at most half of what a window spans, {reach}")
    return padding


def _places(name: str, x: Any, reach: Sizes, stride: Sizes, padding: Sizes, ceil_mode: bool) -> Sizes:
    """How many windows there are along each dimension."""
    places = []
    for length, r, s, p in zip(x.shape[2:], reach, stride, padding, strict=True):
        room = length + 2 * p - r
        m = (-(-room // s) if ceil_mode else room // s) + 1
        places.append(m - 1 if ceil_mode and (m - 1) * s >= length + p else m)
    if min(places) < 1:
        raise ShapeError(
            f"{name}: a window that spans {reach} (dilation included) does not fit into {x.shape[2:]} with "
            f"padding={padding}; use a smaller one or more padding"
        )
    return tuple(places)


def _output_size(name: str, x: Any, output_size: Any) -> Sizes:
    n = x.ndim - 2
    given = tuple(output_size) if isinstance(output_size, Sequence) else (output_size,) * n
    if len(given) != n:
        raise ShapeError(f"{name}: output_size={output_size} must be one integer or one for each of {n} dimensions")
    return each(
        name, "output_size", [m if g is None else g for g, m in zip(given, x.shape[2:], strict=True)], n, least=0
    )


def _spread(length: int, windows: int) -> Array:
    """The positions (windows, places) of ``windows`` windows spread over ``length``; ``length`` stands for none."""
    starts = np.arange(windows) * length // max(windows, 1)
    ends = -(-np.arange(1, windows + 1) * length // max(windows, 1))
    cells = starts[:, None] + np.arange((ends - starts).max(initial=1))
    return np.where(cells < ends[:, None], cells, length)


# Computing ---------------------------------------------------------------------------------------------------------


def _largest(x: Any, cells: Sequence[Array], input: Tensor, return_indices: bool) -> Any:
    """The largest element of each window; ``cells``: the positions of the windows along each dimension."""
    lead, places = x.shape[:2], tuple(map(len, cells))
    index = answer("largest", x, parameters=(tuple(cells),))
    flat = apply(RULES["chosen"], (x.reshape(*lead, math.prod(x.shape[2:])),), (index.raw,))
    out = _without_batch(flat.reshape(*lead, *places), input)
    return (out, _without_batch(index.reshape(*lead, *places), input)) if return_indices else out


def _averaged(x: Any, places: Sizes, size: Sizes, stride: Sizes, padding: Sizes, divisor: Array) -> Any:
    """The sum of each window divided by ``divisor``."""
    last = ((m - 1) * s + k for m, s, k in zip(places, stride, size, strict=True))
    widths = tuple((p, end - length - p) for end, length, p in zip(last, x.shape[2:], padding, strict=True))
    if any(map(any, widths)):
        x = apply(RULES["pad"], (x,), (((0, 0), (0, 0), *widths), 0))
    total = apply(RULES["window_sum"], (x,), (size, stride))
    if x.dtype.kind != "f":
        return total.div(Tensor.of(divisor), rounding_mode="trunc")
    return total / (divisor.item() if divisor.ndim == 0 else Tensor.of(divisor.astype(x.dtype)))


def _counts(space: Sizes, places: Sizes, size: Sizes, stride: Sizes, padding: Sizes, count_include_pad: bool) -> Array:
    """How many elements each window has; what lies beyond the padding is none."""
    counts = []
    for length, m, k, s, p in zip(space, places, size, stride, padding, strict=True):
        starts = np.arange(m) * s - p
        ends = np.minimum(starts + k, length + p)
        counts.append(ends - starts if count_include_pad else np.minimum(ends, length) - np.maximum(starts, 0))
    if all((c == c[0]).all() for c in counts):
        return np.array(math.prod(int(c[0]) for c in counts))
    return np.array(math.prod(np.ix_(*counts)))


def _without_batch(out: Any, input: Tensor) -> Any:
    return out if out.ndim == input.ndim else out.squeeze(0)


max_pool1d, max_pool2d, max_pool3d = map(_max_pool, (1, 2, 3))
avg_pool1d, avg_pool2d, avg_pool3d = map(_avg_pool, (1, 2, 3))
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = map(_adaptive_max_pool, (1, 2, 3))
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(_adaptive_avg_pool, (1, 2, 3))
lp_pool1d, lp_pool2d, lp_pool3d = map(_lp_pool, (1, 2, 3))
max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = map(
    _with_indices, (max_pool1d, max_pool2d, max_pool3d)
)
adaptive_max_pool1d_with_indices, adaptive_max_pool2d_with_indices, adaptive_max_pool3d_with_indices = map(
    _with_indices, (adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d)
)
