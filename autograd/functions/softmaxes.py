"""Nonlinearities along a dimension: softmax and its kin, and the gated linear unit."""

from __future__ import annotations

from typing import Any

from autograd.errors import ShapeError
from autograd.functions.activations import sigmoid
from autograd.functions.dims import numpy_spelling, wrapped_dim
from autograd.functions.reductions import along, require_float

__all__ = [
    "glu",
    "log_softmax",
    "softmax",
    "softmin",
]


@numpy_spelling
def softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """exp(input) / sum(exp(input)) along ``dim``: positive, summing to 1; never overflows."""
    input = input if dtype is None else input.to(dtype)
    require_float("softmax", input)
    return along("softmax", input, dim)


@numpy_spelling
def softmin(input: Any, dim: int, dtype: Any = None) -> Any:
    """softmax(-input) along ``dim``."""
    return softmax(-input, dim, dtype)


@numpy_spelling
def log_softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """log(softmax(input)) along ``dim``, computed as one: finite where softmax underflows to 0."""
    input = input if dtype is None else input.to(dtype)
    require_float("log_softmax", input)
    return along("log_softmax", input, dim)


@numpy_spelling
def glu(input: Any, dim: int = -1) -> Any:
    """The first half of ``input`` along ``dim`` times the sigmoid of the second half; Dauphin et al. 2017,
    arXiv:1612.08083.
    """
    require_float("glu", input)
    axis = wrapped_dim("glu", dim, input.ndim)
    size = input.shape[axis] if input.ndim else 1
    if size % 2:
        raise ShapeError(f"glu: size {size} of dim {dim} of shape {input.shape} has no halves; it must be even")
    before = (slice(None),) * axis
    return input[(*before, slice(None, size // 2))] * sigmoid(input[(*before, slice(size // 2, None))])
