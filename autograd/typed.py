"""Tensors of a given dtype under PyTorch's older names: ``LongTensor([1, 2])``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import dtypes
from autograd.tensor import Tensor

__all__ = ["BoolTensor", "ByteTensor", "DoubleTensor", "FloatTensor", "IntTensor", "LongTensor"]


def _of(dtype: Any) -> Callable[[Any], Tensor]:
    def function(data: Any) -> Tensor:
        return Tensor(data, dtype=dtype)

    function.__doc__ = f"``tensor(data, dtype={dtype})``."
    return function


BoolTensor, ByteTensor = _of(dtypes.bool_), _of(dtypes.uint8)
IntTensor, LongTensor = _of(dtypes.int32), _of(dtypes.int64)
FloatTensor, DoubleTensor = _of(dtypes.float32), _of(dtypes.float64)
