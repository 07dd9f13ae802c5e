"""Images and volumes read at places of one's own: spatial transformers (Jaderberg et al. 2015, arXiv:1506.02025).

A place is (x, y) or (x, y, z), the last dimension first, from -1 at one edge to 1 at the other: the middles of the
corner elements with ``align_corners``, else their outer edges.
"""

from __future__ import annotations

import math
import warnings
from itertools import product
from typing import Any

from autograd import ArgumentError, ShapeError, Tensor, arange, clamp, linspace, ones, stack, where
from autograd.functions.reductions import require_float
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.arguments import same_dtype
from nn.functional.resizing import cubic_share

__all__ = [
    "affine_grid",
    "grid_sample",
]

NEIGHBOURS = {"nearest": (0,), "bilinear": (0, 1), "bicubic": (-1, 0, 1, 2)}  # of the element before a place


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """``input`` ``(N, C, H, W)`` read at the places ``grid`` ``(N, H', W', 2)``: ``(N, C, H', W')``; or with a depth.

    ``mode``: "bilinear" (in a volume between 8 elements), "nearest" or, of images, "bicubic" (Keys 1981, a = -3/4).
    ``padding_mode``, what lies outside: "zeros", "border" (the edge goes on) or "reflection" (the input mirrored).
    Of the places, "nearest" has the gradient 0. Infinite ones are far outside.

    >>> from autograd import tensor
    >>> grid_sample(tensor([[[[1.0, 3.0]]]]), tensor([[[[0.0, 0.0]]]]), align_corners=True)
    tensor([[[[2.]]]])
    """
    _check(input, grid, mode, padding_mode)
    align_corners = _aligned("grid_sample", align_corners)
    n = input.ndim - 2
    space, zeros = tuple(input.shape[2:]), padding_mode == "zeros"
    if zeros:  # a ring of them, to which everything outside is mapped
        input = apply(RULES["pad"], (input,), (((0, 0), (0, 0), *((1, 1),) * n), 0))
    batch, channels, *padded = input.shape
    elements = input.permute(0, *range(2, n + 2), 1).reshape(batch * math.prod(padded), channels)
    shares, places = [], []
    for axis, size in enumerate(space):
        wide = _measured(grid[..., n - 1 - axis].flatten(1), size, align_corners)
        share, place = _along(wide, size, mode, padding_mode, align_corners)
        shares.append(share)
        places.append([clamp(p, -1, size) + 1 if zeros else p for p in place])
    at, weight = [], []
    start = arange(batch).reshape(batch, 1)
    for chosen in product(range(len(NEIGHBOURS[mode])), repeat=n):
        index, together = start, None
        for axis, k in enumerate(chosen):
            index = index * padded[axis] + places[axis][k]
            if shares[axis]:
                together = shares[axis][k] if together is None else together * shares[axis][k]
        at.append(index.reshape(-1))
        weight.append(together)
    seen = elements[stack(at)]  # (neighbours, N * places, C)
    if weight[0] is not None:
        seen = seen * stack(weight).reshape(len(at), -1, 1)
    out = seen.sum(0) if len(at) > 1 else seen[0]
    return out.reshape(*grid.shape[:-1], channels).movedim(-1, 1)


def _check(input: Tensor, grid: Tensor, mode: str, padding_mode: str) -> None:
    if mode not in NEIGHBOURS:
        raise ArgumentError(f"grid_sample: mode is {mode!r}; it must be 'bilinear', 'nearest' or 'bicubic'")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ArgumentError(
            f"grid_sample: padding_mode is {padding_mode!r}; it must be 'zeros', 'border' or 'reflection'"
        )
    require_float("grid_sample", input)
    same_dtype("grid_sample", input=input, grid=grid)
    n = input.ndim - 2
    if n not in (2, 3) or grid.ndim != n + 2 or grid.shape[-1] != n or grid.shape[0] != input.shape[0]:
        raise ShapeError(
            f"grid_sample: input {input.shape} with grid {grid.shape}: they must be (N, C, H, W) and (N, H', W', 2), "
            "or (N, C, D, H, W) and (N, D', H', W', 3)"
        )
    if 0 in input.shape[1:]:
        raise ShapeError(f"grid_sample: input {input.shape} has nothing in it; only the batch may be of size 0")
    if n == 3 and mode == "bicubic":
        raise ArgumentError(
            "grid_sample: mode='bicubic' is for images (N, C, H, W); volumes take 'bilinear' or 'nearest'"
        )


def _aligned(name: str, align_corners: bool | None) -> bool:
    if align_corners is None:
        warnings.warn(f"{name}: align_corners is left out, and False is meant; give it", UserWarning, stacklevel=4)
    return bool(align_corners)


def _measured(place: Any, size: int, align_corners: bool) -> Any:
    """Places from -1 to 1 as places among ``size`` elements, of which the first is at 0."""
    return (place + 1) / 2 * (size - 1) if align_corners else ((place + 1) * size - 1) / 2


def _along(x: Any, size: int, mode: str, padding_mode: str, align_corners: bool) -> tuple[list[Any], list[Any]]:
    """The shares of the neighbours of the places ``x`` along one dimension, and which elements these are.

    No shares stand for one neighbour that is all.
    """
    far = x.clamp(-3, size + 2)  # beyond which nothing changes, if nothing is repeated
    if mode == "bicubic":
        x = far if padding_mode == "zeros" else where(abs(x) < 2.0**31, x, far)
        first = x.detach().floor()
        t = x - first
        shares = [cubic_share(t + 1, True), cubic_share(t), cubic_share(1 - t), cubic_share(2 - t, True)]
        places = [first + k for k in NEIGHBOURS[mode]]
        return shares, [_whole(_inside(p, size, padding_mode, align_corners)) for p in places]
    x = far if padding_mode == "zeros" else _inside(x, size, padding_mode, align_corners)
    if mode == "nearest":
        near = x.round()  # of two equally near the even one
        return [1 + near - near.detach()] if x.requires_grad else [], [_whole(near.detach())]
    first = x.detach().floor()
    places = [first, first + 1 if padding_mode == "zeros" else (first + 1).clamp(max=size - 1)]
    return [1 - (x - first), x - first], [_whole(p) for p in places]


def _whole(place: Any) -> Any:
    """Places as integers; NaN counts as outside, with shares that are NaN."""
    return where(place == place, place, -1.0).long()


def _inside(x: Any, size: int, padding_mode: str, align_corners: bool) -> Any:
    """The places within the input that ``padding_mode`` has for ``x``; at the edge no slope is left."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        low, span = (0.0, size - 1) if align_corners else (-0.5, size)
        if not span:
            return x.detach() * 0
        away = abs(x - low)
        left = away % span
        x = where(away.detach() // span % 2 == 0, left, span - left) + low
    return where((x > 0) & (x < size - 1), x, (x.detach() >= size - 1).to(x.dtype) * (size - 1.0))


def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Any:
    """The places of an image or volume of ``size`` ``(N, C, H, W)`` or ``(N, C, D, H, W)`` moved by ``theta``.

    ``theta`` is ``(N, 2, 3)`` or ``(N, 3, 4)``, matrices and shifts of (x, y, 1) or (x, y, z, 1); the result is a grid
    for `grid_sample`, ``(N, H, W, 2)`` or ``(N, D, H, W, 3)``.

    >>> from autograd import tensor
    >>> affine_grid(tensor([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2), align_corners=True)
    tensor([[[[-0.5000,  0.0000],
              [ 1.5000,  0.0000]]]])
    """
    align_corners = _aligned("affine_grid", align_corners)
    require_float("affine_grid", theta)
    sizes = tuple(int(m) for m in size)
    n = len(sizes) - 2
    if n not in (2, 3) or min(sizes) < 1 or theta.shape != (sizes[0], n, n + 1):
        raise ShapeError(
            f"affine_grid: theta {theta.shape} with size={sizes}: they must be (N, 2, 3) and (N, C, H, W), or "
            "(N, 3, 4) and (N, C, D, H, W), with sizes of at least 1"
        )
    space = sizes[2:]
    base = []
    for axis, length in reversed(list(enumerate(space))):
        reach = (1 if align_corners else (length - 1) / length) if length > 1 else 0
        line = linspace(-reach, reach, length, dtype=theta.dtype).reshape(*(-1 if i == axis else 1 for i in range(n)))
        base.append(line.expand(*space))
    places = stack([*base, ones(*space, dtype=theta.dtype)], -1).reshape(1, -1, n + 1)
    return (places @ theta.mT).reshape(sizes[0], *space, n)
