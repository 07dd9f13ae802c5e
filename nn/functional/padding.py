"""More around an input, its windows as columns and back, and channels rearranged, among themselves or as space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import ArgumentError, ShapeError, Tensor, cat
from autograd.arrays.windows import places_of
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.arguments import batched, each

__all__ = [
    "channel_shuffle",
    "fold",
    "native_channel_shuffle",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
    "unfold",
]


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """``input`` with more around it: ``pad`` is (before, after) of the last dimension, then of the one before it, ...

    ``mode``: "constant" puts ``value`` there (default 0), "reflect" the mirrored input (its edge once), "replicate" its
    edge, "circular" its other end. Negative widths cut off.

    >>> from autograd import tensor
    >>> pad(tensor([[1.0, 2.0, 3.0]]), (2, 1), mode="reflect")
    tensor([[3., 2., 1., 2., 3., 2.]])
    """
    given = tuple(int(width) for width in pad)
    if len(given) % 2 or len(given) > 2 * input.ndim:
        raise ShapeError(
            f"pad: pad={given} for input {input.shape}: give two widths for each dimension, the last one first, "
            f"and at most {2 * input.ndim}"
        )
    pairs = tuple(zip(given[::2], given[1::2], strict=True))[::-1]
    widths = ((0, 0),) * (input.ndim - len(pairs)) + pairs
    if mode == "constant":
        _check_cuts(input, widths)
        return apply(RULES["pad"], (input,), (widths, 0 if value is None else value))
    if mode not in _EXTENDED:
        raise ArgumentError(f"pad: mode is {mode!r}; it must be 'constant', 'reflect', 'replicate' or 'circular'")
    if value:
        raise ArgumentError(f"pad: mode={mode!r} takes its values from the input; leave out value={value}")
    if not 1 <= len(pairs) <= 3 or input.ndim - len(pairs) not in (1, 2):
        raise NotImplementedError(
            f"pad: mode={mode!r} pads the last 1, 2 or 3 dimensions of (N, C, ...) or (C, ...), so input {input.shape} "
            f"cannot be padded by {given}"
        )
    if mode != "circular" and all(n + sum(w) <= 0 for n, w in zip(input.shape[-len(pairs) :], pairs, strict=True)):
        raise ShapeError(f"pad: mode={mode!r}: nothing is left of input {input.shape}; cut off less than {given}")
    out: Any = input
    for dim, (before, after) in enumerate(widths):
        if before or after:
            out = _EXTENDED[mode](out, dim, before, after)
    return out if max(given) > 0 else out.clone()  # of what was only cut, that is a view


def _check_cuts(input: Tensor, widths: Sequence[tuple[int, int]]) -> None:
    for n, (before, after) in zip(input.shape, widths, strict=True):
        if min(before, 0) + min(after, 0) + n < 0:
            raise ShapeError(f"pad: input {input.shape} has too few elements to cut off {widths}")


def _cut(x: Any, dim: int, start: int, stop: int) -> Any:
    return x[(slice(None),) * dim + (slice(start, stop),)]


def _joined(x: Any, dim: int, before: Any, after: Any) -> Any:
    return cat([part for part in (before, x, after) if part is not None], dim)


def _cropped(name: str, x: Any, dim: int, before: int, after: int) -> Any:
    """``x`` without what negative widths cut off."""
    start, stop = max(-before, 0), x.shape[dim] - max(-after, 0)
    if start > stop:
        raise ShapeError(f"pad: mode={name!r}: nothing is left of size {x.shape[dim]} of dim {dim}; cut off less")
    return _cut(x, dim, start, stop) if before < 0 or after < 0 else x


def _reflected(x: Any, dim: int, before: int, after: int) -> Any:
    n = x.shape[dim]
    if max(before, after) >= n:
        raise ShapeError(f"pad: mode='reflect': the widths {(before, after)} must be below the size {n} of dim {dim}")
    first = _cut(x, dim, 1, before + 1).flip(dim) if before > 0 else None
    last = _cut(x, dim, n - after - 1, n - 1).flip(dim) if after > 0 else None
    return _cropped("reflect", _joined(x, dim, first, last), dim, min(before, 0), min(after, 0))


def _replicated(x: Any, dim: int, before: int, after: int) -> Any:
    n = x.shape[dim]
    if not n:
        raise ShapeError(f"pad: mode='replicate': dim {dim} has no element to repeat")

    def repeated(edge: Any, times: int) -> Any:
        return edge.expand(*edge.shape[:dim], times, *edge.shape[dim + 1 :])

    first = repeated(_cut(x, dim, 0, 1), before) if before > 0 else None
    last = repeated(_cut(x, dim, n - 1, n), after) if after > 0 else None
    return _cropped("replicate", _joined(x, dim, first, last), dim, min(before, 0), min(after, 0))


def _wrapped(x: Any, dim: int, before: int, after: int) -> Any:
    if max(before, after) > x.shape[dim]:
        raise ShapeError(f"pad: mode='circular': {(before, after)} wraps the size {x.shape[dim]} of dim {dim} twice")
    x = _cropped("circular", x, dim, before, after)  # PyTorch cuts off first here, and last in the other modes
    n = x.shape[dim]
    if max(before, after) > n:
        raise ShapeError(f"pad: mode='circular': {(before, after)} wraps the {n} left in dim {dim} more than once")
    first = _cut(x, dim, n - before, n) if before > 0 else None
    last = _cut(x, dim, 0, after) if after > 0 else None
    return _joined(x, dim, first, last)


_EXTENDED = {"reflect": _reflected, "replicate": _replicated, "circular": _wrapped}


def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The windows of ``(N, C, H, W)`` as columns: ``(N, C * size, places)``."""
    x = batched("unfold", input, 2)
    size, stride, dilation, padding = _window("unfold", kernel_size, dilation, padding, stride)
    widths = ((0, 0), (0, 0), *((p, p) for p in padding))
    places = places_of(tuple(n + 2 * p for n, p in zip(x.shape[2:], padding, strict=True)), size, stride, dilation)
    if min(places) < 1 or not math.prod(x.shape[1:]):
        raise ShapeError(f"unfold: input {input.shape} has no window of size {size}; use a smaller one or more padding")
    seen = apply(RULES["windows"], (apply(RULES["pad"], (x,), (widths, 0)),), (size, stride, dilation))
    out = seen.permute(0, 1, 4, 5, 2, 3).reshape(x.shape[0], x.shape[1] * math.prod(size), math.prod(places))
    return out if input.ndim == 4 else out.squeeze(0)


def fold(
    input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """The adjoint of `unfold`: columns ``(N, C * size, places)`` added up in their places, ``(N, C, *output_size)``."""
    if input.ndim not in (2, 3):
        raise ShapeError(
            f"fold: input {input.shape} must be (N, C * size, places) or, without a batch, (C * size, places)"
        )
    space = each("fold", "output_size", output_size, 2)
    size, stride, dilation, padding = _window("fold", kernel_size, dilation, padding, stride)
    full = tuple(n + 2 * p for n, p in zip(space, padding, strict=True))
    places = places_of(full, size, stride, dilation)
    rows, columns = input.shape[-2:]
    if rows % math.prod(size) or min(places) < 1 or columns != math.prod(places):
        raise ShapeError(
            f"fold: input {input.shape} to {space} with windows {size}: it needs a multiple of {math.prod(size)} rows "
            f"and {' x '.join(map(str, places))} columns"
        )
    x = input if input.ndim == 3 else input.unsqueeze(0)
    batch, channels = x.shape[0], rows // math.prod(size)
    seen = x.reshape(batch, channels, *size, *places).permute(0, 1, 4, 5, 2, 3)
    out = apply(RULES["unwindows"], (seen,), ((batch, channels, *full), size, stride, dilation))
    out = apply(RULES["pad"], (out,), (((0, 0), (0, 0), *((-p, -p) for p in padding)), 0))
    return out if input.ndim == 3 else out.squeeze(0)


def _window(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[tuple[int, ...], ...]:
    return (
        each(name, "kernel_size", kernel_size, 2),
        each(name, "stride", stride, 2),
        each(name, "dilation", dilation, 2),
        each(name, "padding", padding, 2, least=0),
    )


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Any:
    """Channels as space: ``(..., C * r * r, H, W)`` to ``(..., C, H * r, W * r)``.

    Shi et al. 2016, arXiv:1609.05158.
    """
    r = _factor("pixel_shuffle", input, upscale_factor)
    *lead, channels, h, w = input.shape
    if channels % (r * r):
        raise ShapeError(f"pixel_shuffle: input {input.shape}: its {channels} channels must be a multiple of {r} * {r}")
    n = len(lead)
    cells = input.reshape(*lead, channels // (r * r), r, r, h, w)
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return cells.permute(order).reshape(*lead, channels // (r * r), h * r, w * r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Any:
    """What undoes `pixel_shuffle`: ``(..., C, H * r, W * r)`` to ``(..., C * r * r, H, W)``."""
    r = _factor("pixel_unshuffle", input, downscale_factor)
    *lead, channels, h, w = input.shape
    if h % r or w % r:
        raise ShapeError(f"pixel_unshuffle: input {input.shape}: its height and width must be multiples of {r}")
    n = len(lead)
    cells = input.reshape(*lead, channels, h // r, r, w // r, r)
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return cells.permute(order).reshape(*lead, channels * r * r, h // r, w // r)


def channel_shuffle(input: Tensor, groups: int) -> Any:
    """The channels of ``(N, C, ...)``, which stand in ``groups``, dealt out: the first of each group, the second, ...

    Zhang et al. 2017, arXiv:1707.01083.
    """
    if input.ndim < 3:
        raise ShapeError(f"channel_shuffle: input {input.shape} must be (N, C, L, ...)")
    if groups < 1 or input.shape[1] % groups:
        raise ShapeError(
            f"channel_shuffle: input {input.shape}: its {input.shape[1]} channels must be a multiple of groups={groups}"
        )
    batch, channels, *space = input.shape
    return input.reshape(batch, groups, channels // groups, *space).transpose(1, 2).reshape(input.shape)


native_channel_shuffle = channel_shuffle


def _factor(name: str, input: Tensor, factor: int) -> int:
    if input.ndim < 3:
        raise ShapeError(f"{name}: input {input.shape} must be (..., C, H, W)")
    return each(name, "factor", factor, 1)[0]
