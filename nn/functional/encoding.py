"""Numbers as vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, DtypeError
from autograd.functions.answers import all_within, answer, refuse_recording

__all__ = [
    "one_hot",
]


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """Class indices ``(...)`` as rows ``(..., num_classes)`` of int64: 1 at the class, 0 elsewhere.

    Without ``num_classes`` there are as many as the largest index asks for.

    >>> from autograd import tensor
    >>> one_hot(tensor([2, 0]))
    tensor([[0, 0, 1],
            [1, 0, 0]])
    """
    if tensor.dtype != np.int64:
        raise DtypeError(f"one_hot: class indices of dtype {tensor.dtype}; they must be int64 (.long())")
    if num_classes == -1:
        if not tensor.numel():
            raise ArgumentError(f"one_hot: shape {tensor.shape} has no classes to count; give num_classes")
        refuse_recording("one_hot without num_classes", "which is counted")
        num_classes = max(int(tensor.raw.max()), 0) + 1
    if num_classes < 1:
        raise ArgumentError(f"one_hot: num_classes is {num_classes}; it must be positive, or -1 to be counted")
    if not all_within(0, num_classes - 1, tensor.raw):
        wrong = tensor.raw[(tensor.raw < 0) | (tensor.raw >= num_classes)][0]
        raise ArgumentError(f"one_hot: class index {wrong} is out of range: there are {num_classes} classes, from 0")
    return answer("equal", tensor.unsqueeze(-1), np.arange(num_classes)).long()
