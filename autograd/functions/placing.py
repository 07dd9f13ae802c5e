"""Other elements in the places of some: of slices, of a mask, and what several make that meet in one place."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.answers import holds
from autograd.functions.indexing import (
    as_index,
    clone,
    fitting,
    lines_and_places,
    multiplied,
    require_same_dtype,
    scatter_add,
    slices_of,
    slices_to_place,
    take,
)
from autograd.functions.ordering import require_numbers
from autograd.functions.pointwise import maximum, where
from autograd.functions.reductions import cumsum, require_tensor
from autograd.functions.shape import broadcast_to, reshape
from autograd.graph import apply
from autograd.rules import RULES
from autograd.rules.indexing import along

__all__ = ["index_copy", "index_fill", "masked_scatter", "scatter_reduce"]

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
