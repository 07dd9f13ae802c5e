"""Which elements there are: the different ones, how often each occurs, where among boundaries each belongs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.answers import answer, refuse_recording
from autograd.functions.dims import as_sizes, wrapped_dim
from autograd.functions.indexing import take_along_dim
from autograd.functions.logic import SIZED_BY_NUMBERS
from autograd.functions.reductions import require_float, require_tensor

__all__ = [
    "bincount",
    "bucketize",
    "histc",
    "histogram",
    "isin",
    "searchsorted",
    "unique",
    "unique_consecutive",
    "unravel_index",
]


class Histogram(NamedTuple):
    """How many elements lie between two edges, or their weight."""

    hist: Any
    bin_edges: Any


def unique(
    input: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different elements, in order (``sorted=False`` allows another one and gets this too).

    With ``dim`` the different slices along it. ``return_inverse``: also which of them each element or slice is;
    ``return_counts``: also how often each occurs. NaN is equal to nothing.
    """
    require_tensor("unique", input)
    refuse_recording("unique", SIZED_BY_NUMBERS)
    axis = None if dim is None else wrapped_dim("unique", dim, input.ndim)
    values, inverse, counts = np.unique(input.raw, return_inverse=True, return_counts=True, axis=axis, equal_nan=False)
    inverse = inverse.reshape(input.shape if axis is None else -1)
    return _with_extras(input, values, (return_inverse, inverse), (return_counts, counts))


def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements without those that equal the one before them; with ``dim``, the slices along it.

    >>> from autograd import tensor
    >>> unique_consecutive(tensor([1, 1, 2, 2, 2, 1]))
    tensor([1, 2, 1])
    """
    require_tensor("unique_consecutive", input)
    refuse_recording("unique_consecutive", SIZED_BY_NUMBERS)
    axis = 0 if dim is None else wrapped_dim("unique_consecutive", dim, input.ndim)
    array = input.raw.reshape(-1) if dim is None else input.raw
    lines = np.moveaxis(array, axis, 0)
    begins = np.ones(len(lines), bool)
    begins[1:] = (lines[1:] != lines[:-1]).any(tuple(range(1, lines.ndim)))
    inverse = begins.cumsum() - 1
    inverse = inverse.reshape(input.shape) if dim is None else inverse
    counts = np.diff(np.append(np.flatnonzero(begins), len(lines)))
    return _with_extras(input, np.compress(begins, array, axis), (return_inverse, inverse), (return_counts, counts))


def _with_extras(input: Any, values: np.ndarray[Any, Any], *extras: tuple[bool, np.ndarray[Any, Any]]) -> Any:
    wanted = [extra for is_wanted, extra in extras if is_wanted]
    return tuple(map(input.wrapped, (values, *wanted))) if wanted else input.wrapped(values)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Any:
    """Where ``elements`` are among ``test_elements``, or, ``invert``, are not; one of the two may be a number.

    That no element occurs twice, ``assume_unique``, would only make it faster.
    """
    if not hasattr(elements, "wrapped"):
        require_tensor("isin", test_elements)
        elements = test_elements.wrapped(np.asarray(elements))
    return answer("isin", elements, test_elements, parameters=(invert,))


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number from 0 on occurs in a vector of integers, or the sum of its ``weights``, in float64 unless
    these are float32."""
    require_tensor("bincount", input)
    refuse_recording("bincount", SIZED_BY_NUMBERS)
    array = input.raw
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array.size and array.min() < 0):
        raise ShapeError(
            f"bincount: counts a vector of integers from 0 on, not shape {array.shape} of {array.dtype}; "
            "use .flatten().long()"
        )
    if weights is None:
        return input.wrapped(np.bincount(array, None, minlength))
    require_tensor("bincount", weights)
    if weights.shape != input.shape:
        raise ShapeError(f"bincount: weights of shape {weights.shape} for {array.size} numbers; give one for each")
    sums = np.bincount(array, weights.raw, minlength)
    return input.wrapped(sums.astype(np.float32) if weights.dtype == np.float32 else sums)


def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """How many elements lie in each of ``bins`` equal parts from ``min`` to ``max``, in the dtype of ``input``.

    What lies outside is not counted. If both are equal, the smallest and the largest element take their place.
    """
    require_float("histc", input)
    if bins < 1 or not min <= max:
        raise ArgumentError(
            f"histc: {bins} bins from {min} to {max}; there must be at least 1, and min must not be above"
        )
    return answer("histc", input, parameters=(int(bins), float(min), float(max)))


def histogram(
    input: Any,
    bins: Any,
    *,
    range: tuple[float, float] | None = None,
    weight: Any = None,
    density: bool = False,
) -> Histogram:
    """How many elements lie from each edge of a bin up to the next, the last edge included, and the edges.

    ``bins`` is a number of equal parts of ``range`` (default: from the smallest to the largest element), or a vector of
    edges. ``weight``, of the shape of ``input``, counts elements otherwise; with ``density`` the area becomes 1.
    """
    require_float("histogram", input)
    refuse_recording("histogram", "whose edges are made from the numbers")
    numbers = input.raw.reshape(-1)
    if hasattr(bins, "raw"):
        edges = bins.raw
        if edges.ndim != 1 or edges.dtype != input.dtype or range is not None:
            raise ShapeError(
                f"histogram: edges of shape {edges.shape} and dtype {edges.dtype}, with range={range}; they must be a "
                f"vector of {input.dtype}, and stand alone"
            )
    elif bins < 1:
        raise ArgumentError(f"histogram: {bins} bins; there must be at least 1")
    else:
        edges = np.linspace(*_outer_edges(numbers, range), bins + 1).astype(input.dtype)
    if weight is not None and (tuple(weight.shape) != tuple(input.shape) or weight.dtype != input.dtype):
        raise ShapeError(
            f"histogram: weight has shape {tuple(weight.shape)} and dtype {weight.dtype}, the input "
            f"{tuple(input.shape)} and {input.dtype}; they must be equal"
        )
    places = np.searchsorted(edges, numbers, "right") - 1
    places[numbers == edges[-1]] = len(edges) - 2
    within = (places >= 0) & (places < len(edges) - 1)
    weights = None if weight is None else weight.raw.reshape(-1)[within]
    counts = np.bincount(places[within], weights, len(edges) - 1).astype(input.dtype)
    if density:
        counts = counts / (counts.sum() * np.diff(edges))
    return Histogram(input.wrapped(counts), input.wrapped(edges.copy()))


def _outer_edges(numbers: np.ndarray[Any, Any], given: tuple[float, float] | None) -> tuple[float, float]:
    low, high = given or ((numbers.min(), numbers.max()) if numbers.size else (0.0, 1.0))
    if not np.isfinite([low, high]).all() or low > high:
        raise ArgumentError(f"histogram: from {low} to {high} there are no parts of equal size; give a range")
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def unravel_index(indices: Any, shape: int | Sequence[int]) -> tuple[Any, ...]:
    """The indices of elements of an array of ``shape``, a tensor for each dimension, from their places in it, flat."""
    require_tensor("unravel_index", indices)
    if indices.dtype.kind not in "iu":
        raise DtypeError(f"unravel_index: places of dtype {indices.dtype}; they must be whole numbers, as in .long()")
    sizes = as_sizes("unravel_index", (shape,))
    if any(size < 0 for size in sizes):
        raise ShapeError(f"unravel_index: shape {sizes} has a negative size")
    inner = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]
    return tuple(indices // step % size for step, size in zip(inner, sizes, strict=True))


def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Any:
    """Where in the ascending ``sorted_sequence`` each element belongs; ``right`` (``side="right"``): behind its equals.

    The sequence is a vector, or has many in its last dimension; then ``input`` has the same other dimensions.
    ``input`` may be a number. ``sorter``: the indices that put the sequence in order, as `argsort` gives them.
    """
    require_tensor("searchsorted", sorted_sequence)
    if side not in (None, "left", "right") or (side == "left" and right):
        raise ArgumentError(f"searchsorted: side={side!r} and right={right}; side is 'left' or 'right', as right says")
    if sorter is not None:
        if tuple(sorter.shape) != tuple(sorted_sequence.shape):
            raise ShapeError(f"searchsorted: the sequence has shape {sorted_sequence.shape}, its sorter {sorter.shape}")
        sorted_sequence = take_along_dim(sorted_sequence, sorter, -1)
    shape, wanted = tuple(sorted_sequence.shape), np.shape(input)
    if not shape or (len(shape) > 1 and shape[:-1] != wanted[:-1]):
        raise ShapeError(
            f"searchsorted: a sequence of shape {shape} for an input of shape {wanted}; it must be a vector, or their "
            "shapes must agree apart from the last dimension"
        )
    if not isinstance(input, int | float):
        require_tensor("searchsorted", input)
    out = answer("searchsorted", sorted_sequence, input, parameters=(right or side == "right",))
    return out.int() if out_int32 else out


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """`searchsorted` in a vector, with its operands the other way round."""
    require_tensor("bucketize", boundaries)
    if boundaries.ndim != 1:
        raise ShapeError(f"bucketize: the boundaries have shape {boundaries.shape}; they must be a vector")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
