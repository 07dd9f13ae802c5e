"""Numbers as Python writes them: nested lists to arrays, and arrays to text."""

from __future__ import annotations

import sys
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


_DEFAULT = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "sci_mode": False}
_PROFILES = {
    "default": _DEFAULT,
    "short": {**_DEFAULT, "precision": 2, "edgeitems": 2},
    "full": {**_DEFAULT, "threshold": sys.maxsize},
}
_printing: dict[str, Any] = dict(_DEFAULT)


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors are printed: digits after the point; from how many elements on only ``edgeitems`` of each end are
    shown; the width of a line; numbers with a power of ten. ``profile``, "default", "short" or "full", sets all first.

    >>> from autograd import tensor
    >>> set_printoptions(precision=2, sci_mode=True)
    >>> print(tensor([1.5, 1000.0]))
    tensor([1.50e+00, 1.00e+03])
    >>> set_printoptions(profile="default")
    """
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(f"set_printoptions: profile is {profile!r}; there are {', '.join(_PROFILES)}")
        _printing.update(_PROFILES[profile])
    numbers = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, number in numbers.items():
        if number is not None and not number >= 0:
            raise ValueError(f"set_printoptions: {name} is {number}; it must not be negative")
    given = {**numbers, "sci_mode": sci_mode}
    _printing.update({name: value for name, value in given.items() if value is not None})


def printed(array: np.ndarray[Any, Any]) -> str:
    """The numbers as PyTorch prints them: four digits after the point, none if all are whole; see `set_printoptions`"""
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    digits = _printing["precision"]
    scientific = _printing["sci_mode"] and array.dtype.kind == "f"
    if not scientific and (array.dtype.kind != "f" or np.array_equal(finite, np.rint(finite))):
        digits = 0
    text = np.array2string(
        np.atleast_1d(array),
        **{name: _printing[name] for name in ("threshold", "edgeitems")},
        max_line_width=_printing["linewidth"],
        separator=", ",
        prefix="tensor(",
        precision=digits,
        floatmode="fixed",
        formatter={"float_kind": lambda x: f"{x:.{digits}e}"} if scientific else None,
    )
    return text if array.ndim else text[1:-1].strip()
