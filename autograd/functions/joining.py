"""Functions that join tensors, and that cut one into parts; the parts share its memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DimensionError, DtypeError, ShapeError
from autograd.functions.dims import numpy_spelling, wrapped_dim
from autograd.functions.indexing import clone
from autograd.functions.shape import reshape, unsqueeze
from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block_diag",
    "cat",
    "chunk",
    "column_stack",
    "concat",
    "concatenate",
    "diff",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "narrow",
    "row_stack",
    "select",
    "split",
    "split_with_sizes",
    "stack",
    "tensor_split",
    "unbind",
    "vsplit",
    "vstack",
]


def require_tensors(name: str, tensors: Sequence[Any]) -> tuple[Any, ...]:
    """The tensors given as ``f(x, y)``, as ``f([x, y])`` or as a tensor, whose rows they are; at least one."""
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        tensors = tensors[0]
    for tensor in tensors:
        if not (isinstance(tensor, Node) and hasattr(tensor, "dtype")):
            raise DtypeError(f"{name}: takes Tensors, not {type(tensor).__name__}; make it one, as in Tensor(...)")
    if not len(tensors):
        raise ShapeError(f"{name}: needs at least one tensor, and there are none")
    return tuple(tensors)


@numpy_spelling
def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """``tensors`` joined along ``dim``; their other sizes must be equal."""
    tensors = require_tensors("cat", tensors)
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
    tensors = require_tensors("stack", tensors)
    shapes = {tuple(tensor.shape) for tensor in tensors}
    if len(shapes) != 1:
        raise ShapeError(f"stack: the tensors must have one shape, not {sorted(shapes)}")
    return cat([unsqueeze(tensor, dim) for tensor in tensors], dim)


def _at_least(name: str, widened: Callable[[Any], Any]) -> Callable[..., Any]:
    def function(*tensors: Any) -> Any:
        wide = tuple(map(widened, require_tensors(name, tensors)))
        return wide[0] if len(tensors) == 1 and isinstance(tensors[0], Node) else wide

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Each of the tensors with at least {name[-2]} dimensions, the new ones of size 1."
    return function


atleast_1d = _at_least("atleast_1d", lambda x: x if x.ndim else reshape(x, (1,)))
atleast_2d = _at_least("atleast_2d", lambda x: x if x.ndim > 1 else reshape(x, (1, -1)))  # a vector is a row
atleast_3d = _at_least("atleast_3d", lambda x: unsqueeze(atleast_2d(x), -1) if x.ndim < 3 else x)


def hstack(tensors: Sequence[Any]) -> Any:
    """``tensors`` joined side by side: along the second dimension, vectors along their only one."""
    wide = [atleast_1d(tensor) for tensor in require_tensors("hstack", tensors)]
    return cat(wide, 0 if wide[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Any]) -> Any:
    """``tensors`` joined one below the other: along the first dimension; a vector is a row."""
    return cat([atleast_2d(tensor) for tensor in require_tensors("vstack", tensors)], 0)


row_stack = vstack


def dstack(tensors: Sequence[Any]) -> Any:
    """``tensors`` joined one behind the other: along the third dimension."""
    return cat([atleast_3d(tensor) for tensor in require_tensors("dstack", tensors)], 2)


def column_stack(tensors: Sequence[Any]) -> Any:
    """``tensors`` joined side by side; a vector is a column."""
    given = require_tensors("column_stack", tensors)
    return hstack([tensor if tensor.ndim > 1 else reshape(tensor, (-1, 1)) for tensor in given])


def block_diag(*tensors: Any) -> Any:
    """The matrices ``tensors`` down the diagonal of one, 0 elsewhere; a vector is a row, a number a matrix of one."""
    blocks = []
    for tensor in require_tensors("block_diag", tensors):
        if tensor.ndim > 2:
            raise ShapeError(f"block_diag: shape {tensor.shape} is no matrix; each may have at most 2 dimensions")
        blocks.append(tensor if tensor.ndim == 2 else reshape(tensor, (1, tensor.raw.size)))
    ends = np.cumsum([block.shape[1] for block in blocks]).tolist()
    widths = [(end - block.shape[1], ends[-1] - end) for block, end in zip(blocks, ends, strict=True)]
    rows = [apply(RULES["pad"], (b,), (((0, 0), width), 0)) for b, width in zip(blocks, widths, strict=True)]
    return cat(rows, 0)


# Cut -------------------------------------------------------------------------------------------------------------


def _part(input: Any, axis: int, which: int | slice) -> Any:
    return input[(slice(None),) * axis + (which, ...)]


def _require_dimension(name: str, input: Any) -> None:
    if not input.ndim:
        raise ShapeError(f"{name}: a 0-d tensor cannot be cut; reshape it to (1,) first")


@numpy_spelling
def split(tensor: Any, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Any, ...]:
    """``tensor`` cut along ``dim`` into parts of one size (the last may be smaller) or of the sizes listed."""
    axis = wrapped_dim("split", dim, tensor.ndim)
    n = tensor.shape[axis] if tensor.ndim else 1
    size = split_size_or_sections
    smallest = size if isinstance(size, int) else min(size, default=0)
    if not tensor.ndim or smallest < 0 or (size == 0 and n):
        raise ShapeError(f"split: shape {tensor.shape} cannot be cut into parts of {size}; give positive sizes")
    sizes = [min(size, n - i) for i in range(0, n, size or 1)] or [0] if isinstance(size, int) else list(size)
    if sum(sizes) != n:
        raise ShapeError(f"split: the sizes {sizes} add up to {sum(sizes)}, not to the {n} of dim {dim}; they must")
    ends = np.cumsum(sizes).tolist()
    return tuple(_part(tensor, axis, slice(end - size, end)) for end, size in zip(ends, sizes, strict=True))


@numpy_spelling
def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """``input`` cut along ``dim`` into at most ``chunks`` parts of one size; the last may be smaller."""
    if chunks < 1:
        raise ShapeError(f"chunk: cannot cut into {chunks} parts; give at least 1")
    _require_dimension("chunk", input)
    n = input.shape[wrapped_dim("chunk", dim, input.ndim)]
    if not n:
        return split(input, [0] * chunks, dim)
    return split(input, max(-(-n // chunks), 1), dim)


def split_with_sizes(input: Any, split_sizes: Sequence[int], dim: int = 0) -> tuple[Any, ...]:
    """``input`` cut along ``dim`` into parts of the sizes listed."""
    return split(input, tuple(split_sizes), dim)


@numpy_spelling
def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """``input`` cut along ``dim`` into that many parts, the first ones larger by one, or at the indices listed."""
    _require_dimension("tensor_split", input)
    axis, where = wrapped_dim("tensor_split", dim, input.ndim), indices_or_sections
    n = input.shape[axis]
    if isinstance(where, Node):
        given = where.raw
        if given.dtype != np.int64 or given.ndim > 1:
            raise DtypeError(
                f"tensor_split: indices of dtype {given.dtype} and shape {given.shape}; they must be int64 numbers, "
                "in a vector, or one alone for the number of parts"
            )
        where = given.tolist()
    if isinstance(where, int):
        if where < 1:
            raise ShapeError(f"tensor_split: cannot cut into {where} parts; give at least 1")
        where = [i * (n // where) + min(i, n % where) for i in range(1, where)]
    return tuple(_part(input, axis, slice(a, b)) for a, b in zip([0, *where], [*where, n], strict=True))


def _splitter(name: str, dim: int) -> Callable[[Any, Any], tuple[Any, ...]]:
    def function(input: Any, indices_or_sections: int | Sequence[int]) -> tuple[Any, ...]:
        axis = 0 if name == "hsplit" and input.ndim == 1 else dim
        if input.ndim <= axis:
            raise ShapeError(f"{name}: shape {tuple(input.shape)} has too few dimensions; it needs {axis + 1}")
        parts = indices_or_sections
        if isinstance(parts, int) and (parts < 1 or input.shape[axis] % parts):
            raise ShapeError(f"{name}: size {input.shape[axis]} of dim {axis} cannot be cut into {parts} equal parts")
        return tensor_split(input, parts, axis)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"``input`` cut along dimension {dim} into so many equal parts, or at the indices listed."
    return function


vsplit = _splitter("vsplit", 0)
hsplit = _splitter("hsplit", 1)  # a vector along its only dimension
dsplit = _splitter("dsplit", 2)


@numpy_spelling
def unbind(input: Any, dim: int = 0) -> tuple[Any, ...]:
    """The parts of ``input`` at each index of ``dim``, without that dimension."""
    _require_dimension("unbind", input)
    axis = wrapped_dim("unbind", dim, input.ndim)
    return tuple(_part(input, axis, i) for i in range(input.shape[axis]))


@numpy_spelling
def select(input: Any, dim: int, index: int) -> Any:
    """The part of ``input`` at ``index`` of ``dim``, without that dimension."""
    _require_dimension("select", input)
    axis, index = wrapped_dim("select", dim, input.ndim), index.__index__()
    n = input.shape[axis]
    if not -n <= index < n:
        raise DimensionError(f"select: index {index} is out of range for size {n} of dim {dim} of shape {input.shape}")
    return _part(input, axis, index)


@numpy_spelling
def narrow(input: Any, dim: int, start: Any, length: int) -> Any:
    """The ``length`` elements of ``input`` along ``dim`` from ``start`` on, which may be counted from the end."""
    _require_dimension("narrow", input)
    axis = wrapped_dim("narrow", dim, input.ndim)
    n = input.shape[axis]
    if isinstance(start, Node) and (start.raw.ndim or start.raw.dtype.kind not in "iu"):
        raise DtypeError(
            f"narrow: start has shape {start.raw.shape} and dtype {start.raw.dtype}; it must be one integer"
        )
    first = start.__index__()
    if not -n <= first <= n:
        raise DimensionError(f"narrow: start {first} is out of range for size {n} of dim {dim} of shape {input.shape}")
    first += n if first < 0 else 0
    if length < 0 or first + length > n:
        raise ShapeError(f"narrow: {length} elements from {first} on do not fit into size {n} of dim {dim}")
    return _part(input, axis, slice(first, first + length))


def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Each element less the one before it along ``dim``, ``n`` times over; of truth values, whether they differ.

    ``prepend`` and ``append`` are joined to ``input`` first; with ``n`` 0, as in PyTorch, they are not.
    """
    _require_dimension("diff", input)
    if n < 0:
        raise ArgumentError(f"diff: n is {n}; it counts how often differences are taken, and must not be negative")
    axis = wrapped_dim("diff", dim, input.ndim)
    parts = [part for part in (prepend, input, append) if part is not None]
    out = cat(parts, axis) if len(parts) > 1 and n else clone(input)
    for _ in range(min(n, out.shape[axis])):
        later, earlier = _part(out, axis, slice(1, None)), _part(out, axis, slice(None, -1))
        out = later != earlier if out.dtype == bool else later - earlier
    return out
