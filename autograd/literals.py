"""Numbers as Python writes them, in nested lists, as arrays."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import DtypeError, shortened
from autograd.graph import Node


def as_array(data: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """``data`` as a new array: Python floats in the default dtype, integers as int64, arrays in their own."""
    data = _plain(data)
    try:
        array = np.array(data, order="C") if dtype is None else np.array(data, dtypes.as_dtype(dtype), order="C")
    except (TypeError, ValueError) as error:
        if isinstance(error, DtypeError):
            raise
        raise DtypeError(
            f"Tensor: cannot make an array from {shortened(data)}: {error}; give numbers, in rows of one length"
        ) from None
    if array.dtype == object:
        raise DtypeError(f"Tensor: cannot make an array of numbers from {shortened(data)}; are all rows of one length?")
    if dtype is None and array.dtype == np.float64 and not isinstance(data, np.ndarray | np.generic):
        array = array.astype(dtypes.get_default_dtype())
    if not array.size and not isinstance(data, np.ndarray) and dtype is None:
        array = array.astype(dtypes.get_default_dtype())
    dtypes.check(array.dtype)
    return array


def of_size(*sizes: Any) -> np.ndarray[Any, Any]:
    """Zeros of a size that is given as integers, as PyTorch's ``Tensor(2, 3)``."""
    if not all(isinstance(n, Integral) and not isinstance(n, bool) for n in sizes):
        raise DtypeError(
            f"Tensor({', '.join(map(shortened, sizes))}): the second argument is requires_grad, True or False; "
            "for a tensor of a given size give integers alone, or use zeros(...) or ones(...)"
        )
    return np.zeros([int(n) for n in sizes], dtypes.get_default_dtype())


def _plain(data: Any) -> Any:
    """Tensors, and those in nested lists, as arrays; a list of arrays is an array, and keeps their dtype."""
    if isinstance(data, Node):
        if not isinstance(data.raw, np.ndarray):
            raise DtypeError(
                f"Tensor: {shortened(data)} would lose its history in an array; take its number with .data, "
                "or keep to one kind of node"
            )
        return data.raw
    if not isinstance(data, list | tuple):
        return data
    items = [_plain(item) for item in data]
    if items and all(isinstance(item, np.ndarray | np.generic) for item in items):
        return np.array(items) if len({np.shape(item) for item in items}) == 1 else items
    return items
