"""Images and volumes read at any places: between their elements and beyond their edges."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, floor, fmod, where
from autograd import round as rounded
from autograd.functions.reductions import require_float
from nn.functional.resizing import cubic_far, cubic_near

__all__ = ["affine_grid", "grid_sample"]

MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Any:
    """Where `grid_sample` has to read so that its output is the input under the affine maps ``theta``.

    ``theta`` is ``(N, 2, 3)`` for a ``size`` ``(N, C, H, W)``, ``(N, 3, 4)`` for ``(N, C, D, H, W)``; the grid is
    ``(N, H, W, 2)`` or ``(N, D, H, W, 3)``.
    """
    require_float("affine_grid", theta)
    sizes = tuple(int(n) for n in size)
    n = len(sizes) - 2
    if n not in (2, 3) or min(sizes) < 1 or theta.shape != (sizes[0], n, n + 1):
        raise ShapeError(
            f"affine_grid: theta {theta.shape} for size {sizes}; they must be (N, 2, 3) and (N, C, H, W), or (N, 3, 4) "
            "and (N, C, D, H, W)"
        )
    axes = [np.linspace(-1, 1, k) if k > 1 else np.zeros(1) for k in sizes[2:]]
    if not align_corners:
        axes = [axis * (k - 1) / k for axis, k in zip(axes, sizes[2:], strict=True)]
    places = [*reversed(np.meshgrid(*axes, indexing="ij")), np.ones(sizes[2:])]
    base = Tensor.of(np.stack(places, -1).reshape(-1, n + 1).astype(theta.dtype))  # (places, x y (z) and 1)
    return (base @ theta.mT).reshape(sizes[0], *sizes[2:], n)


def grid_sample(
    input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Any:
    """``input`` ``(N, C, H, W)`` or ``(N, C, D, H, W)`` at the places of ``grid`` ``(N, ..., 2)`` or ``(N, ..., 3)``.

    A place is (x, y) or (x, y, z), x along the last dimension; -1 and 1 are the middles of the first and last elements
    if ``align_corners``, else their outer edges. ``mode``: "bilinear" (of 2 neighbours in each dimension), "nearest",
    or, for images, "bicubic". ``padding_mode`` says what is beyond: "zeros", the last element ("border"), or what is
    before it, mirrored ("reflection").

    Jaderberg et al. 2015, arXiv:1506.02025.
    """
    _check(input, grid, mode, padding_mode)
    space = input.shape[2:]
    batch, channels, elements = *input.shape[:2], int(np.prod(space))
    table = input.reshape(batch, channels, elements).transpose(1, 2).reshape(batch * elements, channels)
    points = grid.reshape(batch, -1, len(space))  # (N, P, x y (z))
    axes = [_unscaled(points[..., i], n, bool(align_corners)) for i, n in enumerate(reversed(space))]
    if mode != "bicubic":
        axes = [_within(x, n, padding_mode, bool(align_corners)) for x, n in zip(axes, reversed(space), strict=True)]
    neighbours = [_neighbours(x, mode) for x in axes]
    out: Any = 0.0
    for corner in product(*neighbours):
        weight: Any = 1.0
        place: Any = Tensor.of(np.arange(batch)[:, None])
        for (x, share), n in reversed([*zip(corner, reversed(space), strict=True)]):
            if mode == "bicubic":
                x = _within(x, n, padding_mode, bool(align_corners))
            inside = (x >= 0) & (x <= n - 1)
            weight = weight * where(inside, share, 0.0)
            place = place * n + where(inside, x.detach(), 0.0).long()
        out = out + table[place] * weight.unsqueeze(-1)  # (N, P, C)
    return out.transpose(1, 2).reshape(batch, channels, *grid.shape[1:-1])


def _check(input: Tensor, grid: Tensor, mode: str, padding_mode: str) -> None:
    require_float("grid_sample", input)
    if mode not in MODES or padding_mode not in PADDINGS:
        raise ValueError(
            f"grid_sample: mode={mode!r} and padding_mode={padding_mode!r} must be one of {', '.join(MODES)} and one "
            f"of {', '.join(PADDINGS)}"
        )
    n = input.ndim - 2
    if n not in (2, 3) or grid.ndim != n + 2 or grid.shape[0] != input.shape[0] or grid.shape[-1] != n:
        raise ShapeError(
            f"grid_sample: input {input.shape} and grid {grid.shape} must be (N, C, H, W) and (N, H', W', 2), or "
            "(N, C, D, H, W) and (N, D', H', W', 3)"
        )
    if 0 in input.shape[2:]:
        raise ShapeError(f"grid_sample: input {input.shape} has no elements to read")
    if mode == "bicubic" and n != 2:
        raise ShapeError(f"grid_sample: mode='bicubic' is for (N, C, H, W), not for input {input.shape}")
    if grid.dtype != input.dtype:
        raise DtypeError(f"grid_sample: input {input.dtype} and grid {grid.dtype}; convert one with .to(dtype)")


def _unscaled(x: Any, n: int, align_corners: bool) -> Any:
    """Places from -1 to 1 as places among ``n`` elements, from 0 to n - 1."""
    return (x + 1) / 2 * (n - 1) if align_corners else ((x + 1) * n - 1) / 2


def _within(x: Any, n: int, padding_mode: str, align_corners: bool) -> Any:
    """Places beyond the edges moved to where what is seen there stands; at the edges and beyond without a slope."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        low, span = (0.0, n - 1.0) if align_corners else (-0.5, float(n))
        x = where(x < low, low - x, x - low)
        if not span:
            return x * 0.0
        even = fmod(floor(x.detach() / span), 2.0) == 0
        x = fmod(x, span)
        x = where(even, x + low, span - x + low)
    return where((x > 0) & (x < n - 1), x, x.detach().clamp(0, n - 1))


def _neighbours(x: Any, mode: str) -> list[tuple[Any, Any]]:
    """The elements that one at ``x`` is made of along a dimension, and the share of each."""
    if mode == "nearest":
        return [(rounded(x.detach()), x.detach() * 0.0 + 1.0)]
    first = floor(x.detach())
    t = x - first
    if mode == "bilinear":
        return [(first, 1 - t), (first + 1, t)]
    shares = cubic_far(t + 1), cubic_near(t), cubic_near(1 - t), cubic_far(2 - t)
    return [(first + i, share) for i, share in enumerate(shares, -1)]
