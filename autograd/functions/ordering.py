"""The largest, the smallest and the middle, and what is in order: values, and where they stand.

Over one dimension these give ``(values, indices)``; the gradient goes to the elements at the indices. Where several
elements tie, the first is chosen (by `cummax` and `cummin` the last); NaN counts as larger than every number.
"""

from __future__ import annotations

import builtins
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import DtypeError, ShapeError
from autograd.functions.answers import answer
from autograd.functions.dims import Dim, numpy_spelling, wrapped_dim, wrapped_dims
from autograd.functions.pointwise import maximum, minimum
from autograd.functions.reductions import reduce, require_tensor
from autograd.functions.shape import reshape, squeeze
from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = [
    "Chosen",
    "amax",
    "amin",
    "aminmax",
    "argmax",
    "argmin",
    "argsort",
    "cummax",
    "cummin",
    "kthvalue",
    "max",
    "median",
    "min",
    "mode",
    "msort",
    "nanmedian",
    "sort",
    "topk",
]


class Extremes(NamedTuple):
    """The smallest and the largest element."""

    min: Any
    max: Any


class Chosen(NamedTuple):
    """Elements chosen along a dimension: their values, and where they stand."""

    values: Any
    indices: Any


def _choose(input: Any, lines: Any, axis: int, indices: Any, keepdim: bool = True) -> Chosen:
    """The elements at ``indices`` in the lines along ``axis``; without ``keepdim`` that dimension, of size 1, goes."""
    values = apply(RULES["gather"], (lines,), (axis, indices.raw))
    if not input.ndim:
        return Chosen(reshape(values, ()), reshape(indices, ()))
    return Chosen(values, indices) if keepdim else Chosen(squeeze(values, axis), squeeze(indices, axis))


def _lines(name: str, input: Any, dim: Any) -> tuple[Any, int]:
    """The input (a number as a vector of one), and the dimension along which its lines run."""
    require_tensor(name, input)
    return input if input.ndim else reshape(input, (1,)), wrapped_dim(name, dim, input.ndim)


def _require_elements(name: str, input: Any, dims: tuple[int, ...]) -> None:
    if builtins.any(input.shape[i] == 0 for i in dims):
        raise ShapeError(
            f"{name}: shape {input.shape} has no elements along dim {dims}, and no {name} either; give at least one"
        )


def require_numbers(name: str, input: Any) -> None:
    require_tensor(name, input)
    if input.dtype == np.bool_:
        raise DtypeError(f"{name}: not defined for booleans; convert first, as in .int()")


@numpy_spelling
def amax(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """The maximum over ``dim`` (default: all); elements that tie for it share the gradient equally."""
    return _extreme("amax", input, dim, keepdim)


@numpy_spelling
def amin(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """The minimum over ``dim`` (default: all); elements that tie for it share the gradient equally."""
    return _extreme("amin", input, dim, keepdim)


def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False) -> Extremes:
    """`amin` and `amax` over ``dim`` (default: all)."""
    return Extremes(_extreme("amin", input, dim, keepdim), _extreme("amax", input, dim, keepdim))


def _extreme(name: str, input: Any, dim: Dim, keepdim: bool) -> Any:
    require_tensor(name, input)
    _require_elements(name, input, wrapped_dims(name, dim, input.ndim))
    return reduce(name, input, dim, keepdim)


@numpy_spelling
def max(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """``max(x)``: the maximum of all; ``max(x, dim)``: ``(values, indices)``; ``max(x, y)``: elementwise."""
    return _max_or_min("max", input, dim, keepdim, other)


@numpy_spelling
def min(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """``min(x)``: the minimum of all; ``min(x, dim)``: ``(values, indices)``; ``min(x, y)``: elementwise."""
    return _max_or_min("min", input, dim, keepdim, other)


def _max_or_min(name: str, input: Any, dim: Any, keepdim: bool, other: Any) -> Any:
    require_tensor(name, input)
    if other is not None or isinstance(dim, Node):
        other = dim if other is None else other
        require_tensor(name, other)
        return (maximum if name == "max" else minimum)(input, other)
    if dim is None:
        _require_elements(name, input, tuple(range(input.ndim)))
        return apply(RULES[name], (input,))
    lines, axis = _lines(name, input, dim)
    _require_elements(name, lines, (axis,))
    return _choose(input, lines, axis, answer(f"arg{name}", lines, parameters=(axis, True)), keepdim)


def _position(name: str, input: Any, dim: int | None, keepdim: bool) -> Any:
    axis = None if dim is None else wrapped_dim(name, dim, input.ndim)
    _require_elements(name, input, tuple(range(input.ndim)) if axis is None else (axis,) if input.ndim else ())
    return answer(name, input, parameters=(axis if input.ndim else None, keepdim))


@numpy_spelling
def argmax(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Where the maximum over ``dim`` stands (default: in the flattened input)."""
    return _position("argmax", input, dim, keepdim)


@numpy_spelling
def argmin(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Where the minimum over ``dim`` stands (default: in the flattened input)."""
    return _position("argmin", input, dim, keepdim)


@numpy_spelling
def median(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """``median(x)``: the middle of all; ``median(x, dim)``: ``(values, indices)``.

    Of an even number, the lower of the two in the middle; NaN if there is one.
    """
    return _middle("median", input, dim, keepdim)


@numpy_spelling
def nanmedian(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """`median` of the elements that are not NaN; NaN if there are none."""
    return _middle("nanmedian", input, dim, keepdim)


def _middle(name: str, input: Any, dim: int | None, keepdim: bool) -> Any:
    require_numbers(name, input)
    if dim is None:
        return apply(RULES[name], (input,))
    lines, axis = _lines(name, input, dim)
    _require_elements(name, lines, (axis,))
    return _choose(input, lines, axis, answer("middle", lines, parameters=(axis, name == "nanmedian")), keepdim)


@numpy_spelling
def mode(input: Any, dim: int = -1, keepdim: bool = False) -> Chosen:
    """The element that occurs most often along ``dim``, and where it stands last: ``(values, indices)``.

    Of several as frequent, the smallest; NaN counts as smaller than every number, and as equal to nothing.
    """
    lines, axis = _lines("mode", input, dim)
    _require_elements("mode", lines, (axis,))
    return _choose(input, lines, axis, answer("mode", lines, parameters=(axis,)), keepdim)


def msort(input: Any) -> Any:
    """The elements in order along the first dimension."""
    return sort(input, 0).values


def _running(name: str, input: Any, dim: int) -> Chosen:
    lines, axis = _lines(name, input, dim)
    return _choose(input, lines, axis, answer("record", lines, parameters=(axis, name == "cummax")))


@numpy_spelling
def cummax(input: Any, dim: int) -> Chosen:
    """The maximum so far along ``dim``, and where it stands: ``(values, indices)``."""
    return _running("cummax", input, dim)


@numpy_spelling
def cummin(input: Any, dim: int) -> Chosen:
    """The minimum so far along ``dim``, and where it stands: ``(values, indices)``."""
    return _running("cummin", input, dim)


@numpy_spelling
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Chosen:
    """The elements in order along ``dim``, and where they stood: ``(values, indices)``.

    Elements that tie keep their order, whether or not ``stable`` asks for it.
    """
    lines, axis = _lines("sort", input, dim)
    return _choose(input, lines, axis, answer("order", lines, parameters=(axis, descending)))


@numpy_spelling
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """Where the elements in order along ``dim`` stand; those that tie keep their order."""
    lines, axis = _lines("argsort", input, dim)
    return reshape(answer("order", lines, parameters=(axis, descending)), input.shape)


@numpy_spelling
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Chosen:
    """The ``k`` largest or smallest elements along ``dim``, and where they stand: ``(values, indices)``.

    They are in order, from the most extreme on, whether or not ``sorted`` asks for it.
    """
    require_numbers("topk", input)
    lines, axis = _lines("topk", input, dim)
    n = lines.shape[axis]
    if not 0 <= k <= n:
        raise ShapeError(f"topk: k is {k}, but shape {input.shape} has {n} elements along dim {dim}; 0 <= k <= {n}")
    first = (slice(None),) * axis + (slice(k),)
    return _choose(input, lines, axis, answer("order", lines, parameters=(axis, largest))[first])


@numpy_spelling
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Chosen:
    """The ``k``-th smallest element along ``dim``, counted from 1, and where it stands: ``(values, indices)``."""
    require_numbers("kthvalue", input)
    lines, axis = _lines("kthvalue", input, dim)
    n = lines.shape[axis]
    if not 1 <= k <= n:
        raise ShapeError(f"kthvalue: k is {k}, but shape {input.shape} has {n} elements along dim {dim}; 1 <= k <= {n}")
    place = (slice(None),) * axis + (slice(k - 1, k),)
    return _choose(input, lines, axis, answer("order", lines, parameters=(axis, False))[place], keepdim)
