"""Areas under sampled curves, and their slopes, by differences of neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import DtypeError, ShapeError
from autograd.functions.dims import wrapped_dim, wrapped_dims
from autograd.functions.joining import cat, narrow
from autograd.functions.reductions import cumsum, require_tensor, sum
from autograd.functions.shape import reshape

__all__ = ["cumulative_trapezoid", "gradient", "trapezoid", "trapz"]


def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The area under ``y`` along ``dim``, taken as lines between the points: at ``x``, or ``dx`` (1) apart.

    >>> from autograd import tensor
    >>> trapezoid(tensor([0.0, 1.0, 4.0]), tensor([0.0, 1.0, 3.0]))
    tensor(5.5000)
    """
    areas, axis = _areas("trapezoid", y, x, dx, dim)
    return sum(areas, axis)


trapz = trapezoid


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The `trapezoid` so far, up to each point but the first."""
    areas, axis = _areas("cumulative_trapezoid", y, x, dx, dim)
    return cumsum(areas, axis)


def _areas(name: str, y: Any, x: Any, dx: Any, dim: int) -> tuple[Any, int]:
    """The area between each two neighbours, and the dimension along which they are such."""
    require_tensor(name, y)
    if not y.ndim or y.dtype.kind == "b":
        raise DtypeError(f"{name}: y has shape {tuple(y.shape)} and dtype {y.dtype}; it must be numbers along dim")
    if x is not None and dx is not None:
        raise DtypeError(f"{name}: x and dx both say how far the points are apart; give one of them")
    axis = wrapped_dim(name, dim, y.ndim)
    heights = (_without_last(y, axis) + _without_first(y, axis)) / 2
    if x is None:
        return (heights if dx is None else heights * dx), axis
    require_tensor(name, x)
    if x.dtype.kind == "b" or (x.ndim == 1 and x.shape[0] != y.shape[axis]) or not x.ndim:
        raise ShapeError(f"{name}: x has shape {tuple(x.shape)} and dtype {x.dtype}; it must be as long as y")
    shape = [-1 if d == axis else 1 for d in range(y.ndim)] if x.ndim == 1 else [1] * (y.ndim - x.ndim) + [*x.shape]
    points = reshape(x, tuple(shape))
    along = axis + max(x.ndim - y.ndim, 0)
    return heights * (_without_first(points, along) - _without_last(points, along)), along


def _without_first(x: Any, axis: int) -> Any:
    return narrow(x, axis, min(1, x.shape[axis]), max(x.shape[axis] - 1, 0))


def _without_last(x: Any, axis: int) -> Any:
    return narrow(x, axis, 0, max(x.shape[axis] - 1, 0))


def gradient(input: Any, *, spacing: Any = 1, dim: int | Sequence[int] | None = None, edge_order: int = 1) -> Any:
    """The slopes of samples along each dimension ``dim`` (default: all), a tensor for each, by central differences.

    ``spacing``: how far the samples are apart, one number or one for each dimension, or where they stand, a vector for
    each. At the ends, which have neighbours on one side, the parabola (``edge_order`` 2) or the line (1) is taken.
    Fornberg 1988, "Generation of finite difference formulas on arbitrarily spaced grids".
    """
    require_tensor("gradient", input)
    dims = wrapped_dims("gradient", dim if dim is None or isinstance(dim, int) else tuple(dim), input.ndim)
    dims = dims if dim is None or isinstance(dim, int) else tuple(wrapped_dim("gradient", d, input.ndim) for d in dim)
    many = isinstance(spacing, list | tuple)
    spacings = tuple(spacing) if many else (spacing,) * len(dims)
    if len(spacings) != len(dims):
        raise ShapeError(f"gradient: {len(spacings)} spacings for the {len(dims)} dimensions {dims}; give one for each")
    if edge_order not in (1, 2):
        raise ShapeError(f"gradient: edge_order is {edge_order}; it must be 1 or 2")
    for d in dims:
        if not input.ndim or input.shape[d] <= edge_order:
            raise ShapeError(f"gradient: shape {tuple(input.shape)} needs {edge_order + 1} samples along dim {d}")
    return tuple(_slopes(input, d, step, edge_order) for d, step in zip(dims, spacings, strict=True))


def _slopes(y: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    n = y.shape[axis]
    steps = _steps(y, axis, spacing)  # as many as there are neighbours, along axis

    def at(i: int) -> Any:
        return narrow(y, axis, i % n, 1)

    def combined(weights: Any, start: int, count: int) -> Any:
        a, b, c = weights
        return (
            a * narrow(y, axis, start, count)
            + b * narrow(y, axis, start + 1, count)
            + c * narrow(y, axis, start + 2, count)
        )

    first, last = narrow(steps, axis, 0, 1), narrow(steps, axis, n - 2, 1)
    if edge_order == 1:
        ends = [(at(1) - at(0)) / first, (at(-1) - at(-2)) / last]
    else:
        second, before = narrow(steps, axis, 1, 1), narrow(steps, axis, n - 3, 1)
        ends = [
            combined(_weights(first, second, -first), 0, 1),
            combined(_weights(before, last, last), n - 3, 1),
        ]
    if n == 2:
        return cat(ends, axis)
    left, right = narrow(steps, axis, 0, n - 2), narrow(steps, axis, 1, n - 2)
    if getattr(spacing, "ndim", 0):
        between = combined(_weights(left, right, 0.0), 0, n - 2)
    else:  # the one in the middle has no weight, so that an infinite one does not matter
        between = (narrow(y, axis, 2, n - 2) - narrow(y, axis, 0, n - 2)) / (left + right)
    return cat([ends[0], between, ends[1]], axis)


def _steps(y: Any, axis: int, spacing: Any) -> Any:
    n = y.shape[axis]
    shape = tuple(n - 1 if d == axis else 1 for d in range(y.ndim))
    if not getattr(spacing, "ndim", 0):
        number = spacing.raw if hasattr(spacing, "raw") else spacing
        dtype = y.dtype if y.dtype.kind == "f" else dtypes.get_default_dtype()
        return y.wrapped(np.full(shape, 1 if number is None else number, dtype))
    if tuple(spacing.shape) != (n,):
        raise ShapeError(f"gradient: {tuple(spacing.shape)} coordinates for the {n} samples along dim {axis}")
    return reshape(_without_first(spacing, 0) - _without_last(spacing, 0), shape)


def _weights(left: Any, right: Any, where: Any) -> tuple[Any, Any, Any]:
    """The weights of three neighbours, ``left`` and ``right`` of the middle one, for the slope ``where`` beside it."""
    whole = left + right
    return (
        (2 * where - right) / (left * whole),
        (right - left - 2 * where) / (left * right),
        (2 * where + left) / (right * whole),
    )
