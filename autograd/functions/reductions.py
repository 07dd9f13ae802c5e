"""Functions that make many elements into one, or run along one dimension."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import DtypeError, ShapeError
from autograd.functions.answers import answer
from autograd.functions.dims import Dim, given_sizes, numpy_spelling, wrapped_dim, wrapped_dims
from autograd.functions.shape import reshape
from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = [
    "all",
    "any",
    "cumprod",
    "cumsum",
    "logcumsumexp",
    "logsumexp",
    "mean",
    "nanmean",
    "nansum",
    "prod",
    "std",
    "std_mean",
    "sum",
    "sum_to_size",
    "trace",
    "var",
    "var_mean",
]


def reduce(name: str, input: Any, dim: Dim, keepdim: bool) -> Any:
    return apply(RULES[name], (input,), (wrapped_dims(name, dim, input.ndim), builtins.bool(keepdim)))


def require_tensor(name: str, input: Any) -> None:
    if not (isinstance(input, Node) and hasattr(input, "dtype")):
        kind = type(input).__name__
        raise DtypeError(f"{name}: needs a Tensor, not a {kind}; make it one, as in Tensor(...)")


def require_float(name: str, input: Any) -> None:
    require_tensor(name, input)
    if input.dtype.kind != "f":
        raise DtypeError(
            f"{name}: the input has dtype {input.dtype}, and the result need not be whole; use .float() first"
        )


def _accumulated(name: str, input: Any, parameters: tuple[Any, ...], dtype: Any) -> Any:
    """The row's result; ``dtype``: of the elements before they meet, and of the result."""
    require_tensor(name, input)
    if dtype is None:
        return apply(RULES[name], (input,), parameters)
    return apply(RULES[name], (input.to(dtype),), parameters).to(dtype)


@numpy_spelling
def sum(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over ``dim`` (default: all). Integers and booleans sum to int64."""
    require_tensor("sum", input)
    return _accumulated("sum", input, (wrapped_dims("sum", dim, input.ndim), builtins.bool(keepdim)), dtype)


@numpy_spelling
def nansum(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over ``dim`` (default: all) of the elements that are not NaN; 0 if there are none."""
    require_tensor("nansum", input)
    name = "nansum" if input.dtype.kind == "f" else "sum"
    return _accumulated(name, input, (wrapped_dims("nansum", dim, input.ndim), builtins.bool(keepdim)), dtype)


@numpy_spelling
def mean(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean over ``dim`` (default: all)."""
    input = input if dtype is None else input.to(dtype)
    require_float("mean", input)
    return reduce("mean", input, dim, keepdim)


@numpy_spelling
def nanmean(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean over ``dim`` (default: all) of the elements that are not NaN; NaN if there are none."""
    require_float("nanmean", input)
    numbers = sum(~input.isnan(), dim, keepdim, dtype=input.dtype if dtype is None else dtype)
    return nansum(input, dim, keepdim, dtype=dtype) / numbers


@numpy_spelling
def logsumexp(input: Any, dim: Dim, keepdim: bool = False) -> Any:
    """log of the sum over ``dim`` of exp(input), without overflow: the maximum is taken out first."""
    require_tensor("logsumexp", input)
    return reduce("logsumexp", input if input.dtype.kind == "f" else input.to(dtypes.get_default_dtype()), dim, keepdim)


@numpy_spelling
def prod(input: Any, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The product over ``dim`` (default: all); its derivatives are right where elements are zero, to any order.

    >>> import autograd
    >>> x = autograd.tensor([0.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.prod(x).backward()
    >>> x.grad
    tensor([6., 0., 0.])
    """
    require_tensor("prod", input)
    if dim is not None and input.ndim:
        return _accumulated("prod", input, (wrapped_dim("prod", dim, input.ndim), builtins.bool(keepdim)), dtype)
    if dim is not None:
        wrapped_dim("prod", dim, 0)
    out = _accumulated("prod", reshape(input, (-1,)), (0, False), dtype)
    return reshape(out, (1,) * input.ndim) if keepdim else out


@numpy_spelling
def var(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Any:
    """The mean squared distance from the mean over ``dim``, with n - ``correction`` (default 1) for n.

    ``unbiased=False`` is ``correction=0``; with neither n nor ``correction`` to spare, the result is NaN or infinite.
    """
    return _spread("var", input, *_settled(dim, unbiased, correction), keepdim)


@numpy_spelling
def std(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Any:
    """The square root of `var`; of equal elements it is 0, with gradient 0, though the root has none there."""
    return _spread("std", input, *_settled(dim, unbiased, correction), keepdim)


@numpy_spelling
def var_mean(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Any, Any]:
    """`var` and `mean`. Not a method, as in PyTorch."""
    dims, freedom = _settled(dim, unbiased, correction)
    return _spread("var", input, dims, freedom, keepdim), mean(input, dims, keepdim)


@numpy_spelling
def std_mean(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Any, Any]:
    """`std` and `mean`."""
    dims, freedom = _settled(dim, unbiased, correction)
    return _spread("std", input, dims, freedom, keepdim), mean(input, dims, keepdim)


def _settled(dim: Any, unbiased: bool, correction: float | None) -> tuple[Dim, float]:
    """The dimensions and the correction that the arguments of `var` mean; its second may be ``unbiased``."""
    if isinstance(dim, bool):
        unbiased, dim = dim, None
    return dim, builtins.float(unbiased) if correction is None else correction


def _spread(name: str, input: Any, dim: Dim, correction: float, keepdim: bool) -> Any:
    require_float(name, input)
    return apply(RULES[name], (input,), (wrapped_dims(name, dim, input.ndim), correction, builtins.bool(keepdim)))


def sum_to_size(input: Any, *sizes: Any, size: Any = None) -> Any:
    """``input`` summed until it has the size, which can be expanded to its shape: the adjoint of `expand`."""
    target = given_sizes("sum_to_size", sizes, size)
    new = input.ndim - len(target)
    if new < 0 or builtins.any(n not in (1, m) for n, m in zip(target, input.shape[new:], strict=True)):
        raise ShapeError(
            f"sum_to_size: shape {tuple(input.shape)} cannot be summed to {target}; aligned at the right, each size "
            "must be 1 or equal"
        )
    dims = [d for d in range(input.ndim) if d < new or target[d - new] != input.shape[d]]
    return reshape(sum(input, dims) if dims else input, target)


def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix. Integers sum to int64."""
    require_tensor("trace", input)
    if input.ndim != 2:
        raise ShapeError(f"trace: needs a matrix, not shape {tuple(input.shape)}; give it two dimensions")
    if input.dtype == np.bool_:
        raise DtypeError("trace: not defined for booleans; convert first, as in .int()")
    places = np.arange(min(input.shape))
    return sum(input[places, places])


def _whether(name: str, input: Any, dim: Dim, keepdim: bool) -> Any:
    out = answer(name, input, parameters=(wrapped_dims(name, dim, input.ndim), keepdim))
    return apply(RULES["to"], (out,), (input.dtype,)) if input.dtype == np.uint8 else out


@numpy_spelling
def all(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether every element over ``dim`` is true or nonzero; for uint8, which stood for bool once, 1 or 0."""
    return _whether("all", input, dim, keepdim)


@numpy_spelling
def any(input: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether an element over ``dim`` is true or nonzero; uint8 is as for `all`."""
    return _whether("any", input, dim, keepdim)


# Along one dimension ---------------------------------------------------------------------------------------------


def along(name: str, input: Any, dim: int, dtype: Any = None) -> Any:
    require_tensor(name, input)
    axis = wrapped_dim(name, dim, input.ndim)
    if not input.ndim:  # a number counts as a vector of one
        return reshape(_accumulated(name, reshape(input, (1,)), (axis,), dtype), ())
    return _accumulated(name, input, (axis,), dtype)


@numpy_spelling
def cumsum(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The sum so far along ``dim``. Integers and booleans sum to int64."""
    return along("cumsum", input, dim, dtype)


@numpy_spelling
def logcumsumexp(input: Any, dim: int) -> Any:
    """The logarithm of the sum so far, along ``dim``, of the exponentials, which may by themselves be too large."""
    require_float("logcumsumexp", input)
    return along("logcumsumexp", input, dim)


@numpy_spelling
def cumprod(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The product so far along ``dim``; its derivatives are right where elements are zero, to any order."""
    return along("cumprod", input, dim, dtype)
