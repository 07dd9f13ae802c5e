"""Choosing elements by their places, and putting elements there; copies and conversion.

Places are integers (int32, int64); one that is out of range is refused, and only `take` and `take_along_dim` count
negative ones from the end, as PyTorch does.
"""

from __future__ import annotations

import warnings
from types import EllipsisType, NoneType
from typing import Any

import numpy as np

from autograd import devices, graph
from autograd.errors import ArgumentError, DimensionError, DtypeError, ShapeError
from autograd.functions.answers import all_within
from autograd.functions.dims import wrapped_dim
from autograd.functions.reductions import require_tensor
from autograd.functions.shape import broadcast_to, reshape
from autograd.graph import Node, apply
from autograd.rules import RULES
from autograd.rules.indexing import along

__all__ = [
    "as_index",
    "clone",
    "gather",
    "index_add",
    "index_select",
    "masked_select",
    "scatter",
    "scatter_add",
    "take",
    "take_along_dim",
    "to",
]

Array = np.ndarray[Any, Any]


_ARRAYS = (Node, np.ndarray)
_NUMBERS, _TRUTHS = (int, np.integer), (bool, np.bool_)
_PLAIN = {slice, int, NoneType, EllipsisType}
_INDICES = (*_ARRAYS, list, tuple, range, slice, EllipsisType, NoneType)  # as NumPy's, not numbers


def as_subscript(index: Any) -> Any:
    """`as_index` of what stands in ``x[...]``.

    As in PyTorch, a tensor of one whole number is that number: it gives a view. A short list that has more than numbers
    in it is a tuple: ``x[[rows, columns]]``, and bytes are a mask; both with a warning.
    """
    if index.__class__ is tuple:
        return tuple([part if part.__class__ in _PLAIN else as_index(_settled(part)) for part in index])
    if isinstance(index, list) and len(index) < 32 and any(isinstance(part, _INDICES) for part in index):
        warnings.warn(
            "x[[...]]: a list that has more than numbers in it is taken as a tuple, as PyTorch still does; "
            "write x[tuple(...)], or x[array] for one array of places",
            stacklevel=3,
        )
        index = tuple(index)
    return as_index(_settled(index))


def _settled(index: Any) -> Any:
    """An index with masks of truth values for those of bytes, which older programs have; numbers for tensors of one."""
    if isinstance(index, tuple):
        return tuple([_settled(part) for part in index])
    if not isinstance(index, _ARRAYS) or not isinstance(array := getattr(index, "raw", index), np.ndarray):
        return index
    if array.dtype == np.uint8:
        warnings.warn(
            "x[mask]: a mask of uint8 is taken as one of bool, as PyTorch still does; "
            "write x[mask.bool()], or x[places.long()] if these are places",
            stacklevel=4,
        )
        return to(index, np.bool_) if isinstance(index, Node) else index.astype(bool)
    return array.item() if array.dtype.kind in "iu" and not array.ndim and not _kept_as_arrays() else index


def _kept_as_arrays() -> bool:
    """Whether `compile` records: nothing changes in place then, and arrays are known by their ids."""
    return bool(graph.switched) and graph.tape.get() is not None


def as_index(index: Any) -> Any:
    """An index with the nodes and lists in it as arrays of their own."""
    if isinstance(index, tuple):
        return tuple(as_index(part) for part in index)
    if isinstance(index, Node):
        return own_array(index.raw)
    if isinstance(index, np.ndarray):
        return index.copy()
    if isinstance(index, list | range):
        return np.array(index) if len(index) else np.zeros(0, np.int64)
    return index


def displaced(at: Any, ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Where `as_subscript`'s index puts the dimensions of its arrays, and where PyTorch has them; None if these agree.

    To NumPy a number is one of the arrays: apart from the others, it sends their dimensions to the front. PyTorch takes
    the numbers first, and leaves the arrays where they are: ``x[0, :, [3, 1]]`` is ``x[0][:, [3, 1]]``.
    """
    if at.__class__ is not tuple or _PLAIN.issuperset(map(type, at)):
        return None
    arrays, numbers = [], []
    for i, part in enumerate(at):
        if part.__class__ is slice:
            continue
        if isinstance(part, _TRUTHS):
            return None
        if _is_array(part) and part.ndim:
            arrays.append(i)
        elif _is_array(part) or isinstance(part, _NUMBERS):
            numbers.append(i)
    if not arrays or not numbers:
        return None
    first, last, both = arrays[0], arrays[-1], {*arrays, *numbers}
    if max(both) - min(both) < len(both) or not both.issuperset(range(first, last)):
        return None
    taken = sum(_dims_taken(part) for part in at)
    before = sum(ndim - taken if part is ... else i not in numbers for i, part in enumerate(at[:first]))
    n = max(1 if at[i].dtype == bool else at[i].ndim for i in arrays)
    return tuple(range(n)), tuple(range(before, before + n))


def _dims_taken(part: Any) -> int:
    """How many dimensions a part of an index is about."""
    if part is None or part is ...:
        return 0
    return part.ndim if _is_array(part) and part.dtype == bool else 1


def _is_array(part: Any) -> bool:
    return isinstance(part, np.ndarray)


def own_array(array: Array) -> Array:
    """A copy of a Tensor's array, for an operation to keep; where `compile` records it is the array itself."""
    return array if _kept_as_arrays() else array.copy()


def to(input: Any, dtype: Any) -> Any:
    """A copy of ``input`` in another dtype."""
    return apply(RULES["to"], (input,), (np.dtype(dtype),))


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """A copy that the gradient flows through; ``memory_format`` is as in `devices`."""
    devices.check_format(memory_format)
    return apply(RULES["clone"], (input,))


# What is refused --------------------------------------------------------------------------------------------------


def _places(name: str, index: Any) -> Array:
    """An index of integers as an array of its own."""
    array = np.asarray(as_index(index))
    if array.size and array.dtype not in (np.int32, np.int64):
        raise DtypeError(f"{name}: the index has dtype {array.dtype}; places are int64, as .long() makes them")
    return array.astype(np.int64, copy=False)


def _require_range(name: str, index: Array, low: int, n: int, what: str) -> None:
    if not all_within(low, n - 1, index):
        outside = index[(index < low) | (index >= n)]
        allowed = f"it must be in [{low}, {n - 1}]" if n else "there is nothing to choose from"
        raise DimensionError(f"{name}: index {outside[0]} is out of range for {what} of size {n}; {allowed}")


def require_same_dtype(name: str, input: Any, source: Any) -> None:
    if source.dtype != input.dtype:
        raise DtypeError(
            f"{name}: the input has dtype {input.dtype}, the source {source.dtype}; convert one, as in .to(x.dtype)"
        )


# Along one dimension, each line by places of its own ----------------------------------------------------------------


def lines_and_places(name: str, input: Any, dim: int, index: Any) -> tuple[Any, int, Array]:
    """The input and the index, numbers made vectors of one, and the dimension; refused if they do not fit."""
    require_tensor(name, input)
    axis, places = wrapped_dim(name, dim, input.ndim), _places(name, index)
    input, places = input if input.ndim else reshape(input, (1,)), np.atleast_1d(places)
    shape = tuple(input.shape)
    if places.ndim != len(shape) or any(
        m > n for i, (m, n) in enumerate(zip(places.shape, shape, strict=True)) if i != axis
    ):
        raise ShapeError(
            f"{name}: an index of shape {places.shape} for shape {shape} along dim {axis}; "
            "it needs as many dimensions, and may be larger in that one alone"
        )
    _require_range(name, places, 0, shape[axis], f"dim {axis}")
    return input, axis, places


def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:
    """In each line along ``dim`` the elements at ``index``: out[i, j] = input[index[i, j], j] for ``dim`` 0.

    ``index`` has as many dimensions as ``input``, and may be smaller; the result has its shape. Gradients are dense:
    ``sparse_grad=True`` is refused.
    """
    if sparse_grad:
        raise DtypeError("gather: sparse_grad=True: gradients are dense here; leave it out")
    if not np.size(places := _places("gather", index)):
        require_tensor("gather", input)
        wrapped_dim("gather", dim, input.ndim)
        return reshape(reshape(input, (-1,))[:0], places.shape)
    lines, axis, chosen = lines_and_places("gather", input, dim, index)
    return reshape(apply(RULES["gather"], (lines,), (axis, chosen)), places.shape)


def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
    """``input`` with the elements of ``src`` at ``index`` in its lines along ``dim``: the opposite of `gather`.

    ``src`` is a tensor at least as large as ``index``, or one number (``value``). Where several elements of ``src``
    meet, the last one stays, and gets the gradient. ``reduce="add"`` adds them to what is there, "multiply"
    multiplies.
    """
    if (src is None) == (value is None):
        raise DtypeError("scatter: give either src or value")
    src = value if src is None else src
    if reduce not in (None, "add", "multiply"):
        raise ArgumentError(f"scatter: reduce is {reduce!r}; it must be None, 'add' or 'multiply'")
    require_tensor("scatter", input)
    if isinstance(src, int | float | np.generic):
        src = input.dtype.type(src).item()
        if reduce is not None:
            src = input.wrapped(np.full(np.shape(_places("scatter", index)), src, input.dtype))
    return _scattered("scatter", input, dim, index, src, reduce)


def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """``input`` with the elements of ``src`` added at ``index`` in its lines along ``dim``; where several meet, all."""
    return _scattered("scatter_add", input, dim, index, src, "add")


def _scattered(name: str, input: Any, dim: int, index: Any, src: Any, reduce: str | None) -> Any:
    number = isinstance(src, int | float)
    if not number:
        require_tensor(name, src)
        require_same_dtype(name, input, src)
    if not np.size(_places(name, index)):
        wrapped_dim(name, dim, input.ndim)
        return clone(input)
    lines, axis, places = lines_and_places(name, input, dim, index)
    if not number:
        src = fitting(name, src, places)
    if reduce is None:
        out = apply(RULES["setitem"], (lines, src), (along(places, axis),))
    elif reduce == "add":
        out = lines + apply(RULES["unindex"], (src,), (along(places, axis), lines.shape))
    else:
        out = multiplied(lines, axis, places, src)
    return reshape(out, input.shape)


def fitting(name: str, src: Any, places: Array) -> Any:
    """The part of ``src`` that an index of the shape of ``places`` uses."""
    src = src if src.ndim else reshape(src, (1,))
    if src.ndim != places.ndim or any(n < m for m, n in zip(places.shape, src.shape, strict=True)):
        raise ShapeError(
            f"{name}: an index of shape {places.shape} and a source of shape {tuple(src.shape)}; "
            "the source needs as many dimensions, each at least as large"
        )
    return src if src.shape == places.shape else src[tuple(slice(m) for m in places.shape)]


def multiplied(lines: Any, axis: int, places: Array, src: Any) -> Any:
    """``lines`` times the elements of ``src`` at ``places``; those that meet at one place come one after the other."""
    flat = np.arange(lines.raw.size).reshape(lines.shape)[along(places, axis)].reshape(-1)
    out, factors, waiting = reshape(lines, (-1,)), reshape(src, (-1,)), np.arange(flat.size)
    while waiting.size:
        targets, first = np.unique(flat[waiting], return_index=True)
        chosen = waiting[first]
        out = apply(RULES["setitem"], (out, out[targets] * factors[chosen]), (targets,))
        waiting = np.delete(waiting, first)
    return reshape(out, lines.shape)


def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """In each line along ``dim`` the elements at ``indices``, which broadcasts with ``input``; None: of all, flat."""
    require_tensor("take_along_dim", input)
    places = _places("take_along_dim", indices)
    if dim is None:
        return take_along_dim(reshape(input, (-1,)), places.reshape(-1), 0)
    axis = wrapped_dim("take_along_dim", dim, input.ndim)
    if places.ndim != input.ndim:
        raise ShapeError(
            f"take_along_dim: indices of shape {places.shape} for shape {tuple(input.shape)}; "
            "they need as many dimensions"
        )
    if not input.ndim:
        return gather(input, 0, places)
    try:
        other = list(np.broadcast_shapes(*((*s[:axis], 1, *s[axis + 1 :]) for s in (input.shape, places.shape))))
    except ValueError:
        raise ShapeError(
            f"take_along_dim: indices of shape {places.shape} do not broadcast with shape {tuple(input.shape)} "
            f"apart from dim {axis}; sizes must be equal or 1"
        ) from None
    n, m = input.shape[axis], places.shape[axis]
    _require_range("take_along_dim", places, -n, n, f"dim {axis}")
    before, after = other[:axis], other[axis + 1 :]
    chosen = broadcast_to(input.wrapped(places), (*before, m, *after))
    if not all_within(0, n - 1, places):
        chosen = chosen % n
    lines = broadcast_to(input, (*before, n, *after))
    return apply(RULES["gather"], (lines,), (axis, chosen.raw))


# Whole slices, and elements anywhere --------------------------------------------------------------------------------


def slices_of(name: str, input: Any, dim: int, index: Any) -> tuple[int, Array]:
    """The dimension, and the places along it, a vector."""
    require_tensor(name, input)
    axis, places = wrapped_dim(name, dim, input.ndim), _places(name, index)
    if places.ndim > 1:
        raise DimensionError(f"{name}: the index has shape {places.shape}; it must be a vector of places along dim")
    places = np.atleast_1d(places)
    _require_range(name, places, 0, input.shape[axis] if input.ndim else 1, f"dim {axis}")
    return axis, places


def index_select(input: Any, dim: int, index: Any) -> Any:
    """The slices at ``index``, a vector, along ``dim``."""
    axis, places = slices_of("index_select", input, dim, index)
    if input.ndim:
        return input[(*(slice(None),) * axis, places)]
    if places.size != 1:
        raise ShapeError(f"index_select: {places.size} places in a number; it has one, 0")
    return clone(input)


def slices_to_place(name: str, input: Any, dim: int, index: Any, source: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """The input and the source, numbers made vectors of one, and the index of the slices; refused unless they fit."""
    axis, places = slices_of(name, input, dim, index)
    require_tensor(name, source)
    require_same_dtype(name, input, source)
    lines, slices = (x if x.ndim else reshape(x, (1,)) for x in (input, source))
    needed = (*lines.shape[:axis], places.size, *lines.shape[axis + 1 :])
    if tuple(slices.shape) != needed or (source.ndim and not input.ndim):
        raise ShapeError(
            f"{name}: a source of shape {tuple(source.shape)} for {places.size} places along dim {axis} of shape "
            f"{tuple(input.shape)}; it must have the shape {needed}"
        )
    return lines, slices, (*(slice(None),) * axis, places)


def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    """``input`` with the slices of ``source``, times ``alpha``, added at ``index``, a vector, along ``dim``."""
    lines, slices, at = slices_to_place("index_add", input, dim, index, source)
    if alpha != 1:
        slices = slices * input.dtype.type(alpha).item()
    return reshape(lines + apply(RULES["unindex"], (slices,), (at, tuple(lines.shape))), input.shape)


def masked_select(input: Any, mask: Any) -> Any:
    """The elements of ``input`` where ``mask`` is true, in a vector; the two broadcast."""
    require_tensor("masked_select", input)
    chosen = np.asarray(as_index(mask))
    if chosen.dtype != bool:
        raise DtypeError(f"masked_select: the mask has dtype {chosen.dtype}, not bool; compare first, as in x > 0")
    try:
        shape = np.broadcast_shapes(input.shape, chosen.shape)
    except ValueError:
        raise ShapeError(
            f"masked_select: shapes {tuple(input.shape)} and {chosen.shape} do not fit; "
            "aligned at the right, sizes must be equal or 1"
        ) from None
    return broadcast_to(input, shape)[np.broadcast_to(chosen, shape)]


def take(input: Any, index: Any) -> Any:
    """The elements at ``index`` of the flattened ``input``; the result has the shape of ``index``."""
    return reshape(input, (-1,))[flat_places("take", input, index)]


def flat_places(name: str, input: Any, index: Any) -> Array:
    """Places of the flattened ``input``, which may be counted from its end."""
    require_tensor(name, input)
    places = _places(name, index)
    n = input.raw.size
    _require_range(name, places, -n, n, f"shape {tuple(input.shape)}")
    return places
