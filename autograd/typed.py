"""Tensors of a given dtype under PyTorch's older names: ``LongTensor([1, 2])``, and ``LongTensor(2, 3)`` by size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import dtypes
from autograd.creation import zeros
from autograd.tensor import Tensor

__all__ = ["BoolTensor", "ByteTensor", "DoubleTensor", "FloatTensor", "IntTensor", "LongTensor", "Variable"]


def _of(dtype: Any) -> Callable[..., Tensor]:
    def function(*data: Any) -> Tensor:
        if len(data) == 1 and not isinstance(data[0], int):
            return Tensor(data[0], dtype=dtype)
        return zeros(*data, dtype=dtype)

    function.__doc__ = f"A tensor of {dtype} numbers: of the data given, or, given its sizes, to be filled."
    return function


BoolTensor, ByteTensor = _of(dtypes.bool_), _of(dtypes.uint8)
IntTensor, LongTensor = _of(dtypes.int32), _of(dtypes.int64)
FloatTensor, DoubleTensor = _of(dtypes.float32), _of(dtypes.float64)


def Variable(data: Tensor, requires_grad: bool = False) -> Tensor:
    """``data`` itself, as in PyTorch since 0.4: every Tensor can have a gradient."""
    return data.requires_grad_() if requires_grad else data
