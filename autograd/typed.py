"""Tensors of a given dtype under PyTorch's older names: ``LongTensor([1, 2])``, and ``LongTensor(2, 3)`` by size."""

from __future__ import annotations

from typing import Any
from warnings import warn

from autograd import dtypes
from autograd.creation import zeros
from autograd.tensor import Tensor

__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "Variable",
    "set_default_tensor_type",
]


class TypedTensor:
    """What makes tensors of one ``dtype``, of the data given or, given sizes, of zeros; also a type for
    ``x.type(LongTensor)`` and ``isinstance(x, LongTensor)``.

    >>> LongTensor([1.5, 2.5]), isinstance(FloatTensor(2, 3), FloatTensor)
    (tensor([1, 2]), True)
    """

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype  # where NumPy looks when it is asked for the dtype of anything

    def __call__(self, *data: Any) -> Tensor:
        if len(data) == 1 and not isinstance(data[0], int):
            return Tensor(data[0], dtype=self.dtype)
        return zeros(*(data or (0,)), dtype=self.dtype)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.dtype == self.dtype

    def __repr__(self) -> str:
        return f"<tensors of {self.dtype}>"


BoolTensor, ByteTensor, CharTensor, ShortTensor, IntTensor, LongTensor, HalfTensor, FloatTensor, DoubleTensor = map(
    TypedTensor, dtypes.TYPED.values()
)


def set_default_tensor_type(t: Any) -> None:
    """`set_default_dtype` by an older name: ``set_default_tensor_type(DoubleTensor)``, or ``"torch.DoubleTensor"``."""
    dtypes.set_default_dtype(dtypes.as_dtype(t))


def Variable(data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:
    """A Tensor of the same memory without history, as in PyTorch since 0.4; ``volatile`` is `no_grad` now."""
    if volatile:
        warn("Variable: volatile=True is ignored, as in PyTorch since 0.4; use no_grad()", UserWarning, stacklevel=2)
    return data.detach().requires_grad_(requires_grad)
