"""The numbers below which a given part of the elements lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, GraphError, ShapeError
from autograd.functions.answers import answer
from autograd.functions.dims import numpy_spelling, wrapped_dim
from autograd.functions.pointwise import lerp
from autograd.functions.reductions import require_float
from autograd.functions.shape import movedim, reshape, squeeze
from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = ["nanquantile", "quantile"]

ROUNDINGS = {"lower": "floor", "higher": "ceil", "nearest": "round", "linear": "floor", "midpoint": "floor"}


@numpy_spelling
def quantile(
    input: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The number below which the part ``q`` of the elements along ``dim`` (default: of all) lies; NaN if there is one.

    ``q``, from 0 to 1, is a number or a vector of them; a vector's dimension comes first. Where the place falls
    between two elements, ``interpolation`` decides: "linear", "lower", "higher", "nearest" or "midpoint".

    >>> from autograd import tensor
    >>> quantile(tensor([4.0, 1.0, 2.0, 3.0]), 0.25)
    tensor(1.7500)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


@numpy_spelling
def nanquantile(
    input: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """`quantile` of the elements that are not NaN; NaN if there are none."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)


def _quantile(name: str, input: Any, q: Any, dim: int | None, keepdim: bool, interpolation: str) -> Any:
    require_float(name, input)
    if isinstance(q, Node) and q.requires_grad:
        raise GraphError(f"{name}: q gets no gradient here; give its numbers alone, as in q.detach()")
    parts = np.array(q.raw if isinstance(q, Node) else q, input.dtype)
    if parts.ndim > 1 or not ((parts >= 0) & (parts <= 1)).all():
        raise ArgumentError(f"{name}: q is {parts}; it must be a number from 0 to 1, or a vector of such")
    if interpolation not in ROUNDINGS:
        raise ArgumentError(f"{name}: interpolation is {interpolation!r}; it must be one of {', '.join(ROUNDINGS)}")
    axis = 0 if dim is None else wrapped_dim(name, dim, input.ndim)
    lines = input if dim is not None and input.ndim else reshape(input, (-1,))
    if not lines.shape[axis]:
        raise ShapeError(f"{name}: shape {input.shape} has no elements along dim {dim}; give at least one")
    settings = (axis, parts.reshape(-1), name == "nanquantile")

    def chosen(rounding: str) -> Any:
        return apply(RULES["gather"], (lines,), (axis, answer("ranked", lines, parameters=(*settings, rounding)).raw))

    out = chosen(ROUNDINGS[interpolation])  # (..., as many as there are parts, ...)
    if interpolation in ("linear", "midpoint"):
        weight = 0.5 if interpolation == "midpoint" else answer("between", lines, parameters=settings)
        out = lerp(out, chosen("ceil"), weight)
    out = movedim(out, axis, 0)
    if keepdim:
        ones = (1,) * input.ndim if dim is None else [1 if i == axis else n for i, n in enumerate(input.shape)]
        out = reshape(out, (parts.size, *ones))
    return out if parts.ndim else squeeze(out, 0)
