"""Other elements in the places of some: of slices, of a mask, and what several make that meet in one place."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DtypeError, ShapeError, described
from autograd.functions.answers import holds
from autograd.functions.diagonals import diagonal
from autograd.functions.dims import wrapped_dim
from autograd.functions.indexing import (
    as_index,
    as_subscript,
    clone,
    fitting,
    flat_places,
    lines_and_places,
    multiplied,
    require_same_dtype,
    scatter_add,
    slices_of,
    slices_to_place,
    take,
    to,
)
from autograd.functions.joining import select
from autograd.functions.ordering import require_numbers
from autograd.functions.pointwise import maximum, where
from autograd.functions.reductions import cumsum, require_tensor
from autograd.functions.shape import broadcast_to, movedim, reshape
from autograd.graph import apply
from autograd.rules import RULES
from autograd.rules.indexing import along

__all__ = [
    "diagonal_scatter",
    "index_copy",
    "index_fill",
    "index_put",
    "index_reduce",
    "masked_scatter",
    "put",
    "scatter_reduce",
    "select_scatter",
    "slice_scatter",
]

REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """``input`` with ``value``, a number or a tensor of one, in its slices at ``index``, a vector, along ``dim``."""
    axis, places = slices_of("index_fill", input, dim, index)
    if hasattr(value, "raw"):
        if value.raw.ndim:
            raise ShapeError(f"index_fill: value has shape {value.shape}; it must be one number")
        require_same_dtype("index_fill", input, value)
    else:
        value = input.dtype.type(value).item()
    lines = input if input.ndim else reshape(input, (1,))
    return reshape(apply(RULES["setitem"], (lines, value), ((*(slice(None),) * axis, places),)), input.shape)


def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """``input`` with the slices of ``source`` in the place of its own at ``index``, a vector, along ``dim``.

    Of several slices for one place the last stays, and gets the gradient.
    """
    lines, slices, at = slices_to_place("index_copy", input, dim, index, source)
    return reshape(apply(RULES["setitem"], (lines, slices), (at,)), input.shape)


def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """``input`` with the first elements of ``source``, in order, where ``mask`` is true; input and mask broadcast."""
    require_tensor("masked_scatter", input)
    require_tensor("masked_scatter", mask)
    require_tensor("masked_scatter", source)
    require_same_dtype("masked_scatter", input, source)
    if mask.dtype != bool:
        raise DtypeError(f"masked_scatter: the mask has dtype {mask.dtype}, not bool; compare first, as in x > 0")
    shape = np.broadcast_shapes(input.shape, mask.shape)
    input, mask = broadcast_to(input, shape), broadcast_to(mask, shape)
    if not holds(lambda chosen: np.count_nonzero(chosen) <= source.raw.size, mask.raw):
        raise ShapeError(
            f"masked_scatter: the mask is true {np.count_nonzero(mask.raw)} times, but the source of shape "
            f"{tuple(source.shape)} has {source.raw.size} elements"
        )
    if not source.raw.size:
        return clone(input)
    places = cumsum(reshape(mask, (-1,)).long(), 0) - 1
    return where(mask, take(source, reshape(where(reshape(mask, (-1,)), places, 0), shape)), input)


def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """``input`` with ``values`` at ``indices``, a tensor for each of the first dimensions: of places, or a mask.

    ``accumulate``: added to what is there, all that meet; else the last one stays, and gets the gradient.
    """
    require_tensor("index_put", input)
    require_tensor("index_put", values)
    require_same_dtype("index_put", input, values)
    if not isinstance(indices, tuple | list) or not indices:
        raise DtypeError(f"index_put: indices is {described(indices)}; it must be a tuple of tensors, one a dimension")
    for index in indices:
        require_tensor("index_put", index)
        if index.dtype.kind not in "biu":
            raise DtypeError(f"index_put: an index has dtype {index.dtype}; places are int64, as .long() makes them")
    at = as_subscript(tuple(indices))
    shape = input.raw[at].shape  # raises if it does not fit
    return _put("index_put", input, values, at, shape, accumulate)


def _put(name: str, input: Any, source: Any, at: Any, shape: tuple[int, ...], accumulate: bool = False) -> Any:
    """``input`` with ``source``, broadcast to ``shape``, at the index ``at``."""
    try:
        source = broadcast_to(source, shape)
    except ShapeError:
        raise ShapeError(
            f"{name}: a source of shape {tuple(source.shape)} for places of shape {shape}; aligned at the right, its "
            "sizes must be equal or 1"
        ) from None
    if accumulate:
        return input + apply(RULES["unindex"], (source,), (at, tuple(input.shape)))
    return apply(RULES["setitem"], (input, source), (at,))


def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """``input`` with the elements of ``source``, as many as of ``index``, at these places of the flattened ``input``.

    ``accumulate``: added to what is there, all that meet; else the last one stays, and gets the gradient.
    """
    places = flat_places("put", input, index)
    require_tensor("put", source)
    require_same_dtype("put", input, source)
    if source.raw.size != places.size:
        raise ShapeError(f"put: {source.raw.size} elements for {places.size} places; there must be as many")
    flat = _put("put", reshape(input, (-1,)), reshape(source, (-1,)), (places.reshape(-1),), (places.size,), accumulate)
    return reshape(flat, input.shape)


def _for_part(name: str, input: Any, src: Any, part: Any) -> Any:
    """``src`` in the dtype of ``input``; refused unless it has the shape of ``part``, whose place it is to take."""
    require_tensor(name, src)
    if tuple(src.shape) != tuple(part.shape):
        raise ShapeError(
            f"{name}: src has shape {tuple(src.shape)}, the part of the input {tuple(part.shape)}; they must be equal"
        )
    return to(src, input.dtype) if src.dtype != input.dtype else src


def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """``input`` with ``src`` in the place of ``input.select(dim, index)``."""
    src = _for_part("select_scatter", input, src, select(input, dim, index))
    axis = wrapped_dim("select_scatter", dim, input.ndim)
    return apply(RULES["setitem"], (input, src), ((*(slice(None),) * axis, int(index)),))


def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """``input`` with ``src`` in the place of its elements ``start:end:step`` along ``dim``."""
    require_tensor("slice_scatter", input)
    axis = wrapped_dim("slice_scatter", dim, input.ndim)
    if not input.ndim or step < 1:
        raise ShapeError(
            f"slice_scatter: of shape {input.shape} in steps of {step}; it needs a dimension, and steps > 0"
        )
    at = (*(slice(None),) * axis, slice(start, end, step))
    return apply(RULES["setitem"], (input, _for_part("slice_scatter", input, src, input.raw[at])), (at,))


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """``input`` with ``src`` in the place of ``input.diagonal(offset, dim1, dim2)``."""
    src = _for_part("diagonal_scatter", input, src, diagonal(input, offset, dim1, dim2))
    moved = movedim(input, (dim1, dim2), (0, 1))  # the diagonal's dimensions first, the others in order
    places = np.arange(src.shape[-1])
    at = (places + max(-offset, 0), places + max(offset, 0))
    return movedim(apply(RULES["setitem"], (moved, movedim(src, -1, 0)), (at,)), (0, 1), (dim1, dim2))


def index_reduce(input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True) -> Any:
    """What the slices of ``source`` that ``index``, a vector, puts at one place along ``dim`` make of each other.

    ``reduce`` is "prod", "mean", "amax" or "amin"; the rest is as for `scatter_reduce`.
    """
    if reduce not in REDUCTIONS[1:]:
        raise ArgumentError(f"index_reduce: reduce is {reduce!r}; it must be one of {', '.join(REDUCTIONS[1:])}")
    lines, slices, at = slices_to_place("index_reduce", input, dim, index, source)
    axis, places = len(at) - 1, at[-1]
    shape = tuple(-1 if d == axis else 1 for d in range(lines.ndim))
    everywhere = np.broadcast_to(places.reshape(shape), slices.shape)
    out = scatter_reduce(lines, axis, input.wrapped(everywhere), slices, reduce, include_self=include_self)
    return reshape(out, input.shape)


def scatter_reduce(input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True) -> Any:
    """What the elements of ``src`` that meet at one place, which ``index`` gives as for `scatter`, make of each other.

    ``reduce`` is "sum", "prod", "mean", "amax" or "amin"; ``include_self``: also of the element of ``input`` there.
    Places where none comes keep that of ``input``. Elements that tie for an extreme share the gradient equally; the
    mean of whole numbers is rounded downwards.
    """
    if reduce not in REDUCTIONS:
        raise ArgumentError(f"scatter_reduce: reduce is {reduce!r}; it must be one of {', '.join(REDUCTIONS)}")
    require_numbers("scatter_reduce", input)
    require_tensor("scatter_reduce", src)
    require_same_dtype("scatter_reduce", input, src)
    if not np.size(as_index(index)):
        return scatter_add(input, dim, index, src)
    lines, axis, places = lines_and_places("scatter_reduce", input, dim, index)
    src, at = fitting("scatter_reduce", src, places), along(places, axis)
    if not include_self:
        lines = apply(RULES["setitem"], (lines, _neutral(reduce, input.dtype)), (at,))
    if reduce == "prod":
        out = multiplied(lines, axis, places, src)
    elif reduce in ("amax", "amin"):
        out = apply(RULES["scatter_extreme"], (lines, src), (at, reduce == "amax"))
    else:
        out = lines + apply(RULES["unindex"], (src,), (at, lines.shape))
        if reduce == "mean":
            ones = input.wrapped(np.ones(src.shape, input.dtype))
            counts = maximum(apply(RULES["unindex"], (ones,), (at, lines.shape)) + int(include_self), 1)
            out = out / counts if input.dtype.kind == "f" else out // counts
    return reshape(out, input.shape)


def _neutral(reduce: str, dtype: np.dtype[Any]) -> float:
    """The number that changes nothing."""
    if reduce in ("sum", "mean"):
        return 0
    if reduce == "prod":
        return 1
    if dtype.kind == "f":
        return -np.inf if reduce == "amax" else np.inf
    limits = np.iinfo(dtype)
    return limits.min if reduce == "amax" else limits.max
