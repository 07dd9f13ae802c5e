"""Functions that repeat elements: to shapes that fit each other, as a grid, side by side, or each one in its place."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.dims import given_sizes, numpy_spelling, wrapped_dim
from autograd.functions.indexing import clone
from autograd.functions.joining import require_tensors, stack
from autograd.functions.shape import broadcast_to, flatten, reshape, transpose, unsqueeze
from autograd.graph import Node

__all__ = [
    "broadcast_tensors",
    "cartesian_prod",
    "combinations",
    "meshgrid",
    "repeat",
    "repeat_interleave",
    "tile",
]


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """``tensors``, each repeated to the shape that they broadcast to together."""
    tensors = require_tensors("broadcast_tensors", tensors)
    try:
        shape = np.broadcast_shapes(*(tensor.shape for tensor in tensors))
    except ValueError:
        shapes = [tuple(tensor.shape) for tensor in tensors]
        raise ShapeError(
            f"broadcast_tensors: shapes {shapes} do not fit; aligned at the right, sizes must be equal or 1"
        ) from None
    return tuple(broadcast_to(tensor, shape) for tensor in tensors)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """The coordinates of a grid whose axes are the vectors ``tensors``, one tensor for each axis.

    The element at (i, j, ...) of the k-th is the element of ``tensors[k]`` at the k-th of these indices; with
    ``indexing="xy"`` the first two axes of the grid are swapped, as plots have them.
    """
    tensors = require_tensors("meshgrid", tensors)
    if any(tensor.ndim > 1 for tensor in tensors):
        raise ShapeError(f"meshgrid: shapes {[tuple(t.shape) for t in tensors]}: each must be a vector or a number")
    if len({tensor.dtype for tensor in tensors}) > 1:
        raise DtypeError(f"meshgrid: dtypes {[str(t.dtype) for t in tensors]} differ; convert them with .to(dtype)")
    if indexing not in ("ij", "xy"):
        raise ArgumentError(f"meshgrid: indexing is {indexing!r}; it must be 'ij' or 'xy'")
    shape = tuple(math.prod(tensor.shape) for tensor in tensors)
    grid = tuple(
        broadcast_to(reshape(tensor, tuple(n if i == k else 1 for i in range(len(shape)))), shape)
        for k, (tensor, n) in enumerate(zip(tensors, shape, strict=True))
    )
    return tuple(transpose(axis, 0, 1) for axis in grid) if indexing == "xy" and len(shape) > 1 else grid


def cartesian_prod(*tensors: Any) -> Any:
    """Every combination of one element of each vector, one combination a row; of one vector, the vector itself."""
    tensors = require_tensors("cartesian_prod", tensors)
    if any(tensor.ndim != 1 for tensor in tensors):
        raise ShapeError(f"cartesian_prod: shapes {[tuple(t.shape) for t in tensors]}: each must be a vector")
    return tensors[0] if len(tensors) == 1 else stack([flatten(axis) for axis in meshgrid(*tensors)], 1)


def tile(input: Any, *repeats: Any, dims: Any = None) -> Any:
    """``input`` laid side by side ``dims[i]`` times along dimension i, aligned at the last dimension."""
    return _tiled("tile", input, given_sizes("tile", repeats, dims))


def repeat(input: Any, *sizes: Any, repeats: Any = None) -> Any:
    """`tile`, with a number for each dimension. (NumPy's repeat is `repeat_interleave`.)"""
    times = given_sizes("repeat", sizes, repeats)
    if len(times) < input.ndim:
        raise ShapeError(f"repeat: {times} for shape {input.shape}: give a number for each dimension, or use tile()")
    return _tiled("repeat", input, times)


def _tiled(name: str, input: Any, times: tuple[int, ...]) -> Any:
    if min(times, default=0) < 0:
        raise ShapeError(f"{name}: cannot repeat {times} times; give numbers from 0")
    times = (1,) * (input.ndim - len(times)) + times
    shape = (1,) * (len(times) - input.ndim) + tuple(input.shape)
    if all(n == 1 for n in times):
        return clone(reshape(input, shape))
    apart = reshape(input, tuple(n for size in shape for n in (1, size)))
    copies = broadcast_to(apart, tuple(n for pair in zip(times, shape, strict=True) for n in pair))
    return reshape(copies, tuple(n * size for n, size in zip(times, shape, strict=True)))


@numpy_spelling
def repeat_interleave(
    input: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Each element along ``dim`` (default: of the flattened input) ``repeats`` times in a row.

    ``repeats`` is one number or an integer tensor with one for each element. Alone, ``repeat_interleave(repeats)``
    gives the index of the element that stands at each place. ``output_size``, if given, is checked.

    >>> import autograd
    >>> autograd.repeat_interleave(autograd.tensor([5, 6]), autograd.tensor([2, 1]))
    tensor([5, 5, 6])
    """
    if repeats is None:
        if input.ndim != 1:
            raise ShapeError(f"repeat_interleave: repeats of shape {input.shape}; they must be a vector")
        return input.wrapped(_places(input, len(input), output_size))
    if dim is None:
        return repeat_interleave(flatten(input), repeats, 0, output_size=output_size)
    axis = wrapped_dim("repeat_interleave", dim, input.ndim)
    if not input.ndim:
        input = reshape(input, (1,))
    before, n, after = input.shape[:axis], input.shape[axis], input.shape[axis + 1 :]
    if not isinstance(repeats, int) or repeats < 2 or output_size is not None:
        return input[(slice(None),) * axis + (_places(repeats, n, output_size),)]
    return reshape(
        broadcast_to(unsqueeze(input, axis + 1), (*before, n, repeats, *after)), (*before, n * repeats, *after)
    )


def _places(repeats: Any, n: int, output_size: int | None) -> np.ndarray[Any, Any]:
    """The indices 0 to n - 1, each as often as ``repeats`` says."""
    times = repeats.raw if isinstance(repeats, Node) else np.asarray(repeats)
    if times.dtype not in (np.int32, np.int64):
        raise DtypeError(f"repeat_interleave: repeats of dtype {times.dtype}; convert them with .long()")
    if times.ndim > 1 or times.size not in (1, n):
        raise ShapeError(f"repeat_interleave: repeats of shape {times.shape} for {n} elements; give one or {n} numbers")
    if times.size and times.min() < 0:
        raise ShapeError(f"repeat_interleave: cannot repeat {times.min()} times; give numbers from 0")
    places = np.repeat(np.arange(n), times if times.size == n else times.reshape(()))
    if output_size not in (None, len(places)):
        raise ShapeError(f"repeat_interleave: output_size is {output_size}, but there are {len(places)} elements")
    return places


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """The ways to choose ``r`` elements of a vector, one a row, in order; ``with_replacement``: also one repeatedly.

    >>> from autograd import tensor
    >>> combinations(tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    if input.ndim != 1 or r < 0:
        raise ShapeError(f"combinations: {r} elements of shape {tuple(input.shape)}; choose 0 or more of a vector")
    if not r:
        return input[:0]
    chosen = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = np.array(list(chosen(range(input.shape[0]), r)), np.int64).reshape(-1, r)
    return input[places]
