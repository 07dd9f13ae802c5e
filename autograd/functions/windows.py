"""Windows that slide over a dimension."""

from __future__ import annotations

from typing import Any

from autograd.errors import ShapeError
from autograd.functions.dims import wrapped_dim
from autograd.functions.shape import permute, reshape
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "unfold",
]


def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """The windows of ``size`` elements along ``dimension``, ``step`` apart, as a last dimension; without copying.

    >>> import autograd
    >>> autograd.unfold(autograd.arange(5), 0, 3, 2)
    tensor([[0, 1, 2],
            [2, 3, 4]])
    """
    axis = wrapped_dim("unfold", dimension, input.ndim)
    length = input.shape[axis] if input.ndim else 1
    if step < 1 or not 0 <= size <= length:
        raise ShapeError(
            f"unfold: windows of {size} elements, {step} apart, in dimension {dimension} of {input.shape}: the size "
            f"must be in [0, {length}], the step at least 1"
        )
    if not input.ndim:  # a number counts as a vector of one
        return reshape(input, (size,)) if size else reshape(input, (1,))[:0]
    others = tuple(i for i in range(input.ndim) if i != axis)
    seen = apply(RULES["windows"], (permute(input, (*others, axis)),), ((size,), (step,), (1,)))
    order = list(range(input.ndim - 1))
    order.insert(axis, input.ndim - 1)
    return permute(seen, (*order, input.ndim))
