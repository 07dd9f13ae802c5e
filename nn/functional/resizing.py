"""Images, sounds and volumes made larger or smaller."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor
from autograd.functions.reductions import require_float
from nn.functional import pooling
from nn.functional.arguments import each

__all__ = [
    "interpolate",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]

SMOOTH = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}  # and the number of dimensions each is for
MODES = ("nearest", "nearest-exact", "area", *SMOOTH)

Array = np.ndarray[Any, Any]


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """``(N, C, ...)`` with the 1 to 3 dimensions in space made ``size``, or ``scale_factor`` times as large.

    ``mode``: "nearest", "nearest-exact", "area" (the mean of what falls together), "linear", "bilinear", "trilinear"
    or "bicubic". These last agree with the input at its corner elements if ``align_corners``, else at its outer edges.
    The nearest elements can also be uint8, as those of masks are.

    >>> from autograd import tensor
    >>> interpolate(tensor([[[1.0, 2.0]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    n = input.ndim - 2
    if antialias:
        raise ArgumentError("interpolate: antialias=True is not possible here; average before, as with avg_pool2d")
    if mode not in MODES:
        raise ArgumentError(f"interpolate: mode is {mode!r}; it must be one of {', '.join(MODES)}")
    if not 1 <= n <= 3 or SMOOTH.get(mode, n) != n or 0 in input.shape[1:]:
        raise ShapeError(
            f"interpolate: input {input.shape} with mode={mode!r} must be (N, C, ...), none of them 0, with "
            f"{SMOOTH.get(mode, '1 to 3')} dimensions in space"
        )
    if align_corners is not None and mode not in SMOOTH:
        raise ArgumentError(
            f"interpolate: align_corners is for the linear and cubic modes, not for {mode!r}; leave it out"
        )
    if not (mode in ("nearest", "nearest-exact") and input.dtype == np.uint8):
        require_float("interpolate", input)
    sizes, factors = _sizes(input.shape[2:], size, scale_factor, bool(recompute_scale_factor))
    if mode == "area":
        pool = (pooling.adaptive_avg_pool1d, pooling.adaptive_avg_pool2d, pooling.adaptive_avg_pool3d)[n - 1]
        return pool(input, sizes)
    out: Any = input
    for dim, (length, step) in enumerate(zip(sizes, factors, strict=True), 2):
        if mode in SMOOTH:
            weights = _weights(out.shape[dim], length, step, bool(align_corners), cubic=mode == "bicubic")
            out = (out.transpose(dim, -1) @ Tensor.of(weights.astype(out.dtype))).transpose(dim, -1)
        elif length % out.shape[dim] == 0 and step == out.shape[dim] / length:
            out = _repeated(out, dim, length // out.shape[dim])
        else:
            middle = 0.5 if mode == "nearest-exact" else 0.0
            places = np.floor((np.arange(length, dtype=np.float32) + np.float32(middle)) * np.float32(step))
            out = out[(slice(None),) * dim + (np.minimum(places.astype(int), out.shape[dim] - 1),)]
    return out


def upsample(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Any:
    """An older name of `interpolate`."""
    _warn("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Any:
    """An older name of `interpolate` with mode "nearest"."""
    _warn("upsample_nearest")
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Any:
    """An older name of `interpolate` with mode "bilinear" and ``align_corners``."""
    _warn("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


def _warn(name: str) -> None:
    warnings.warn(f"{name} is an older name; write interpolate", UserWarning, stacklevel=4)


def _sizes(
    space: tuple[int, ...], size: Any, scale_factor: Any, recompute: bool
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The sizes of the result, and how far its elements are apart in the input."""
    n = len(space)
    if (size is None) == (scale_factor is None):
        raise ArgumentError("interpolate: give either size or scale_factor")
    if size is not None:
        if recompute:
            raise ArgumentError("interpolate: recompute_scale_factor is for scale_factor; leave it out with a size")
        sizes = each("interpolate", "size", size, n)
        return sizes, tuple(old / new for old, new in zip(space, sizes, strict=True))
    factors = tuple(scale_factor) if isinstance(scale_factor, Sequence) else (scale_factor,) * n
    if len(factors) != n or not all(factor > 0 for factor in factors):
        raise ShapeError(f"interpolate: scale_factor={scale_factor} must be a positive number, or {n} of them")
    sizes = tuple(math.floor(old * factor) for old, factor in zip(space, factors, strict=True))
    if min(sizes) < 1:
        raise ShapeError(f"interpolate: sizes {space} times {scale_factor} leave nothing; use a larger scale_factor")
    if recompute:
        return sizes, tuple(old / new for old, new in zip(space, sizes, strict=True))
    return sizes, tuple(1 / factor for factor in factors)


def _repeated(x: Any, dim: int, times: int) -> Any:
    """``x`` with each element along ``dim`` ``times`` times."""
    if times == 1:
        return x
    before, after = x.shape[: dim + 1], x.shape[dim + 1 :]
    spread = x.unsqueeze(dim + 1).expand(*before, times, *after)
    return spread.reshape(*before[:-1], before[-1] * times, *after)


def _weights(old: int, new: int, step: float, align_corners: bool, cubic: bool) -> Array:
    """The weights (old, new) of the old elements in the new ones: of 2 neighbours, or 4; beyond the edge it repeats."""
    if align_corners:
        places = np.arange(new) * ((old - 1) / (new - 1) if new > 1 else 0.0)
    else:
        places = (np.arange(new) + 0.5) * step - 0.5
    first = np.floor(places).astype(int)
    weights = np.zeros((old, new))
    for neighbour in range(-1, 3) if cubic else range(2):
        d = np.abs(places - first - neighbour)
        share = np.where(d <= 1, cubic_share(d), cubic_share(d, far=True)) if cubic else 1 - d
        np.add.at(weights, (np.clip(first + neighbour, 0, old - 1), np.arange(new)), share)
    return weights


def cubic_share(d: Any, far: bool = False) -> Any:
    """The weight of a neighbour at the distance ``d``, up to 1 or, if ``far``, from 1 to 2. Keys 1981, a = -3/4."""
    a = -0.75
    return (((d - 5) * d + 8) * d - 4) * a if far else ((a + 2) * d - (a + 3)) * d * d + 1
