"""Functions that arrange the same elements otherwise: another shape, another order, joined, cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions.dims import Dim, given_sizes, numpy_spelling, wrapped_dim, wrapped_dims
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "broadcast_to",
    "cat",
    "chunk",
    "concat",
    "concatenate",
    "expand",
    "expand_as",
    "flatten",
    "flip",
    "mT",
    "permute",
    "reshape",
    "split",
    "squeeze",
    "stack",
    "t",
    "transpose",
    "tril",
    "triu",
    "unsqueeze",
    "view",
]


def reshape(input: Any, *sizes: Any, shape: Any = None) -> Any:
    """The same elements in the same order, in another shape; one size may be -1 and is then worked out."""
    sizes = given_sizes("reshape", sizes, shape)
    known = math.prod(size for size in sizes if size != -1)
    total = math.prod(input.shape)
    if (
        min(sizes, default=0) < -1
        or sizes.count(-1) > 1
        or (-1 in sizes and (not known or total % known))
        or (-1 not in sizes and known != total)
    ):
        raise ShapeError(
            f"reshape: shape {tuple(input.shape)} has {total} elements and cannot become {sizes}; the product "
            "of the sizes must be that number, and one of them may be -1"
        )
    return apply(RULES["reshape"], (input,), (sizes,))


view = reshape


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The dimensions from ``start_dim`` to ``end_dim``, both included, made into one."""
    start, end = wrapped_dim("flatten", start_dim, input.ndim), wrapped_dim("flatten", end_dim, input.ndim)
    if start > end:
        raise ShapeError(f"flatten: start_dim {start_dim} lies after end_dim {end_dim}; swap them")
    shape = input.shape
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def squeeze(input: Any, dim: Dim = None) -> Any:
    """Without the dimensions of size 1; with ``dim``, without those of them that have size 1."""
    dims = () if dim == () else wrapped_dims("squeeze", dim, input.ndim)
    return reshape(input, tuple(n for i, n in enumerate(input.shape) if n != 1 or i not in dims))


def unsqueeze(input: Any, dim: int) -> Any:
    """With a new dimension of size 1 at ``dim``."""
    at = wrapped_dim("unsqueeze", dim, input.ndim + 1)
    return reshape(input, (*input.shape[:at], 1, *input.shape[at:]))


def permute(input: Any, *order: Any, dims: Any = None) -> Any:
    """The dimensions in another order: dimension i of the result is dimension ``dims[i]`` of the input."""
    given = given_sizes("permute", order, dims)
    order = tuple(wrapped_dim("permute", d, input.ndim) for d in given)
    if sorted(order) != list(range(input.ndim)):
        raise ShapeError(
            f"permute: {given} does not name each of the {input.ndim} dimensions of {input.shape} once; it must"
        )
    return apply(RULES["permute"], (input,), (order,))


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """With the dimensions ``dim0`` and ``dim1`` swapped."""
    order = list(range(input.ndim))
    i, j = wrapped_dim("transpose", dim0, input.ndim), wrapped_dim("transpose", dim1, input.ndim)
    if not input.ndim:
        return permute(input, ())
    order[i], order[j] = j, i
    return permute(input, order)


def t(input: Any) -> Any:
    """The transpose of a matrix; a vector or a number as it is."""
    if input.ndim > 2:
        raise ShapeError(f"t: shape {input.shape} is not a matrix; use .mT, .transpose(dim0, dim1) or .permute(...)")
    return permute(input, tuple(reversed(range(input.ndim))))


def _require_matrices(name: str, input: Any) -> None:
    if input.ndim < 2:
        raise ShapeError(f"{name}: shape {input.shape} has no matrices; it needs at least 2 dimensions")


def mT(input: Any) -> Any:
    """The last two dimensions swapped: each matrix of a batch transposed."""
    _require_matrices("mT", input)
    return transpose(input, -1, -2)


def broadcast_to(input: Any, *sizes: Any, shape: Any = None, size: Any = None) -> Any:
    """``input`` repeated to ``shape``, without copying; a size of -1 keeps the input's."""
    target = list(given_sizes("expand", sizes, size if shape is None else shape))
    new = len(target) - input.ndim
    for i in range(new, len(target)):
        if i >= 0 and target[i] == -1:
            target[i] = input.shape[i - new]
    if new < 0 or any(n not in (1, size) for n, size in zip(input.shape, target[new:], strict=True)) or -1 in target:
        raise ShapeError(
            f"expand: shape {input.shape} cannot be repeated to {tuple(target)}; "
            "aligned at the right, each size must be 1 or equal"
        )
    return apply(RULES["broadcast_to"], (input,), (tuple(target),))


expand = broadcast_to


def expand_as(input: Any, other: Any) -> Any:
    """``input`` repeated to the shape of ``other``."""
    return broadcast_to(input, other.shape)


def flip(input: Any, *along: Any, dims: Any = None) -> Any:
    """The order of the elements along ``dims`` reversed."""
    chosen = given_sizes("flip", along, dims)
    return apply(RULES["flip"], (input,), (wrapped_dims("flip", chosen, input.ndim) if chosen else (),))


def tril(input: Any, diagonal: int = 0) -> Any:
    """The lower triangle of each matrix, the diagonal numbered ``diagonal`` included; 0 elsewhere."""
    _require_matrices("tril", input)
    return apply(RULES["tril"], (input,), (diagonal,))


def triu(input: Any, diagonal: int = 0) -> Any:
    """The upper triangle of each matrix, the diagonal numbered ``diagonal`` included; 0 elsewhere."""
    _require_matrices("triu", input)
    return apply(RULES["triu"], (input,), (diagonal,))


@numpy_spelling
def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """``tensors`` joined along ``dim``; their other sizes must be equal."""
    tensors = tuple(tensors)
    if not tensors:
        raise ShapeError("cat: there are no tensors to join; give at least one")
    if any(tensor.ndim != 1 for tensor in tensors):  # PyTorch lets empty vectors stand among other tensors
        tensors = tuple(tensor for tensor in tensors if tensor.shape != (0,)) or tensors
    shapes = [tuple(tensor.shape) for tensor in tensors]
    axis = wrapped_dim("cat", dim, len(shapes[0]))
    others = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(others) > 1 or len({len(shape) for shape in shapes}) > 1 or not shapes[0]:
        raise ShapeError(
            f"cat: shapes {shapes} along dim {dim}: all other sizes must be equal, and none 0-d; stack() takes those"
        )
    ends = np.cumsum([shape[axis] for shape in shapes]).tolist()
    return apply(RULES["cat"], tensors, (axis, tuple(zip([0, *ends], ends, strict=False))))


concat = concatenate = cat


@numpy_spelling
def stack(tensors: Sequence[Any], dim: int = 0) -> Any:
    """``tensors``, all of one shape, joined along a new dimension ``dim``."""
    tensors = tuple(tensors)
    shapes = {tuple(tensor.shape) for tensor in tensors}
    if len(shapes) != 1:
        raise ShapeError(f"stack: the tensors must have one shape, not {sorted(shapes) or 'none at all'}")
    return cat([unsqueeze(tensor, dim) for tensor in tensors], dim)


@numpy_spelling
def split(tensor: Any, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Any, ...]:
    """``tensor`` cut along ``dim`` into parts of one size (the last may be smaller) or of the sizes listed."""
    axis = wrapped_dim("split", dim, tensor.ndim)
    n = tensor.shape[axis] if tensor.ndim else 1
    size = split_size_or_sections
    if size == 0 or not tensor.ndim:
        raise ShapeError(f"split: shape {tensor.shape} cannot be cut into parts of {size}; give a positive size")
    sizes = [min(size, n - i) for i in range(0, n, size)] or [0] if isinstance(size, int) else list(size)
    if sum(sizes) != n:
        raise ShapeError(f"split: the sizes {sizes} add up to {sum(sizes)}, not to the {n} of dim {dim}; they must")
    ends = np.cumsum(sizes).tolist()
    return tuple(tensor[(slice(None),) * axis + (slice(e - k, e),)] for e, k in zip(ends, sizes, strict=True))


@numpy_spelling
def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """``input`` cut along ``dim`` into at most ``chunks`` parts of one size; the last may be smaller."""
    if chunks < 1:
        raise ShapeError(f"chunk: cannot cut into {chunks} parts; give at least 1")
    if not input.ndim:
        raise ShapeError("chunk: a 0-d tensor cannot be cut; reshape it to (1,) first")
    n = input.shape[wrapped_dim("chunk", dim, input.ndim)]
    if not n:
        return split(input, [0] * chunks, dim)
    return split(input, max(-(-n // chunks), 1), dim)
