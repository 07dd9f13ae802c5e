"""Functions that make many elements into one, or run along one dimension."""

from __future__ import annotations

import builtins
import math
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import DtypeError, ShapeError
from autograd.functions.dims import Dim, numpy_spelling, wrapped_dim, wrapped_dims
from autograd.functions.pointwise import maximum, minimum, sqrt, square, where
from autograd.functions.shape import cat, reshape, squeeze
from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = [
    "Extremum",
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "cumsum",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
]


def _reduce(name: str, input: Any, dim: Dim, keepdim: bool) -> Any:
    return apply(RULES[name], (input,), (wrapped_dims(name, dim, input.ndim), builtins.bool(keepdim)))


def _require_tensor(name: str, input: Any) -> None:
    if not (isinstance(input, Node) and hasattr(input, "dtype")):
        kind = type(input).__name__
        raise DtypeError(f"{name}: needs a Tensor, not a {kind}; make it one, as in Tensor(...)")


def require_float(name: str, input: Any) -> None:
    _require_tensor(name, input)
    if input.dtype.kind != "f":
        raise DtypeError(
            f"{name}: the input has dtype {input.dtype}, and the result need not be whole; use .float() first"
        )


def _require_elements(name: str, input: Any, dims: tuple[int, ...]) -> None:
    if builtins.any(input.shape[i] == 0 for i in dims):
        raise ShapeError(
            f"{name}: shape {input.shape} has no elements along dim {dims}, and no {name} either; give at least one"
        )


@numpy_spelling
def sum(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over ``dim`` (default: all). Integers and booleans sum to int64."""
    return _reduce("sum", input if dtype is None else input.to(dtype), dim, keepdim)


@numpy_spelling
def mean(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean over ``dim`` (default: all)."""
    input = input if dtype is None else input.to(dtype)
    require_float("mean", input)
    return _reduce("mean", input, dim, keepdim)


@numpy_spelling
def amax(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """The maximum over ``dim`` (default: all); elements that tie for it share the gradient equally."""
    _require_elements("amax", input, wrapped_dims("amax", dim, input.ndim))
    return _reduce("amax", input, dim, keepdim)


@numpy_spelling
def amin(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """The minimum over ``dim`` (default: all); elements that tie for it share the gradient equally."""
    _require_elements("amin", input, wrapped_dims("amin", dim, input.ndim))
    return _reduce("amin", input, dim, keepdim)


@numpy_spelling
def logsumexp(input: Any, dim: Dim, keepdim: bool = False) -> Any:
    """log of the sum over ``dim`` of exp(input), without overflow: the maximum is taken out first."""
    return _reduce("logsumexp", input if input.dtype.kind == "f" else input.float(), dim, keepdim)


@numpy_spelling
def prod(input: Any, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The product over ``dim`` (default: all).

    Computed as a tree, halves multiplied with halves, so its derivative is the product rule itself: right
    where elements are zero, to any order.

    >>> import autograd
    >>> x = autograd.tensor([0.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.prod(x).backward()
    >>> x.grad
    tensor([6., 0., 0.])
    """
    input = input if dtype is None else input.to(dtype)
    if input.dtype.kind in "bui":
        input = input.to(np.dtype(np.int64))
    if dim is None:
        out, axis = reshape(input, (-1,)), 0
    else:
        axis = wrapped_dim("prod", dim, input.ndim)
        out = input if input.ndim else reshape(input, (1,))
    before = (slice(None),) * axis
    if out.shape[axis] == 0:
        out = sum(out, axis, True) + 1
    while (n := out.shape[axis]) > 1:
        half = n // 2
        product = out[(*before, slice(0, half))] * out[(*before, slice(half, 2 * half))]
        out = cat((product, out[(*before, slice(2 * half, n))]), axis) if n % 2 else product
    if dim is None:
        return reshape(out, (1,) * input.ndim if keepdim else ())
    return reshape(out, input.shape) if not input.ndim else out if keepdim else squeeze(out, axis)


@numpy_spelling
def var(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Any:
    """The mean squared distance from the mean over ``dim``, with n - ``correction`` (default 1) for n."""
    require_float("var", input)
    if isinstance(dim, bool):  # var(unbiased)
        unbiased, dim = dim, None
    dims = wrapped_dims("var", dim, input.ndim)
    n = math.prod(input.shape[i] for i in dims)
    freedom = builtins.max(n - (builtins.float(unbiased) if correction is None else correction), 0)
    total = sum(square(input - mean(input, dims, True)), dims, keepdim)
    return total / freedom  # of nothing or of one: NaN or infinite, as IEEE division says


@numpy_spelling
def std(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Any:
    """The square root of `var`."""
    variance = var(input, dim, unbiased, keepdim, correction=correction)
    return where(variance == 0, 0.0, sqrt(variance))  # of equal elements: 0, with gradient 0, where the root has none


class Extremum(NamedTuple):
    """The result of ``max`` or ``min`` over a dimension: the extreme values and where they stand."""

    values: Any
    indices: Any


def _extremum(name: str, input: Any, dim: Any, keepdim: bool) -> Any:
    if isinstance(dim, Node):
        return (maximum if name == "max" else minimum)(input, dim)
    if dim is None:
        return (amax if name == "max" else amin)(input)
    axis = wrapped_dim(name, dim, input.ndim)
    _require_elements(name, input, (axis,) if input.ndim else ())
    if not input.ndim:
        return Extremum(input[()], input.wrapped(np.array(0)))
    chosen = np.expand_dims((np.argmax if name == "max" else np.argmin)(input.raw, axis), axis)
    index = list(np.ogrid[tuple(slice(n) for n in input.shape)])
    index[axis] = chosen
    values = input[tuple(index)]
    if keepdim:
        return Extremum(values, input.wrapped(chosen))
    return Extremum(squeeze(values, axis), input.wrapped(np.squeeze(chosen, axis)))


@numpy_spelling
def max(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """``max(x)``: the maximum of all; ``max(x, dim)``: ``(values, indices)``; ``max(x, y)``: elementwise."""
    return _extremum("max", input, dim, keepdim)


@numpy_spelling
def min(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """``min(x)``: the minimum of all; ``min(x, dim)``: ``(values, indices)``; ``min(x, y)``: elementwise."""
    return _extremum("min", input, dim, keepdim)


def _position(name: str, input: Any, dim: int | None, keepdim: bool) -> Any:
    axis = None if dim is None else wrapped_dim(name, dim, input.ndim)
    _require_elements(name, input, tuple(range(input.ndim)) if axis is None else (axis,) if input.ndim else ())
    return input.wrapped(np.asarray(getattr(np, name)(input.raw, axis=axis if input.ndim else None, keepdims=keepdim)))


@numpy_spelling
def argmax(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Where the maximum over ``dim`` stands (default: in the flattened input); the first, where several tie."""
    return _position("argmax", input, dim, keepdim)


@numpy_spelling
def argmin(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Where the minimum over ``dim`` stands (default: in the flattened input); the first, where several tie."""
    return _position("argmin", input, dim, keepdim)


@numpy_spelling
def all(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether every element over ``dim`` is true or nonzero."""
    return input.wrapped(np.asarray(np.all(input.raw, axis=wrapped_dims("all", dim, input.ndim), keepdims=keepdim)))


@numpy_spelling
def any(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether an element over ``dim`` is true or nonzero."""
    return input.wrapped(np.asarray(np.any(input.raw, axis=wrapped_dims("any", dim, input.ndim), keepdims=keepdim)))


# Along one dimension ---------------------------------------------------------------------------------------------


def along(name: str, input: Any, dim: int) -> Any:
    axis = wrapped_dim(name, dim, input.ndim)
    if not input.ndim:  # a number counts as a vector of one
        return reshape(apply(RULES[name], (reshape(input, (1,)),), (axis,)), ())
    return apply(RULES[name], (input,), (axis,))


@numpy_spelling
def cumsum(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The running sum along ``dim``."""
    return along("cumsum", input if dtype is None else input.to(dtype), dim)
