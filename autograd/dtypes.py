"""Element types and PyTorch's rules for mixing them.

Dtypes are NumPy's; the names are both libraries' (``float32``, ``double``, ``long``). Two rules differ from
NumPy's, and both keep arrays narrow: a float of any width wins over an integer of any width, and a Python number
or a 0-d tensor widens an array only if it is of a higher kind (bool < integer < float).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DtypeError

__all__ = [
    "bfloat16",
    "bool_",
    "double",
    "dtype",
    "finfo",
    "float16",
    "float32",
    "float64",
    "get_default_dtype",
    "half",
    "iinfo",
    "int8",
    "int16",
    "int32",
    "int64",
    "long",
    "promote_types",
    "set_default_dtype",
    "short",
    "uint8",
]

DType = np.dtype[Any]

dtype, finfo, iinfo = np.dtype, np.finfo, np.iinfo

bool_ = np.dtype(np.bool_)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
float16 = half = np.dtype(np.float16)
float32 = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)

bfloat16 = "bfloat16"  # which NumPy does not have: programs may name it, and are refused where they use it

TYPED = {  # PyTorch's older names of tensors by their dtype
    "BoolTensor": bool_,
    "ByteTensor": uint8,
    "CharTensor": int8,
    "ShortTensor": int16,
    "IntTensor": int32,
    "LongTensor": int64,
    "HalfTensor": float16,
    "FloatTensor": float32,
    "DoubleTensor": float64,
}

SUPPORTED = frozenset((bool_, uint8, int8, int16, int32, int64, float16, float32, float64))
KIND = {"b": 0, "u": 1, "i": 1, "f": 2}

_default = float32


def get_default_dtype() -> DType:
    """The dtype that Python floats become."""
    return _default


def set_default_dtype(dtype: Any) -> None:
    """Choose the dtype that Python floats become: float32 (the default), float16 or float64."""
    global _default
    chosen = as_dtype(dtype)
    if chosen.kind != "f":
        raise DtypeError(f"set_default_dtype: {chosen} is not a floating-point dtype; give float16, float32 or float64")
    _default = chosen


def as_dtype(given: Any) -> DType:
    """``given`` (a dtype, a NumPy type, Python's ``float``, ``int`` or ``bool``, or a name) as a supported dtype."""
    if isinstance(given, str) and given.endswith("Tensor"):
        given = TYPED.get(given.rpartition(".")[2], given)
    try:
        dtype = np.dtype(given)
    except TypeError:
        raise DtypeError(f"dtype: {given!r} is not one; use one such as float32, float64, int64 or bool") from None
    return check(dtype)


def check(dtype: DType) -> DType:
    """``dtype`` if this library computes with it."""
    if dtype not in SUPPORTED:
        names = ", ".join(sorted(str(supported) for supported in SUPPORTED))
        raise DtypeError(f"dtype: {dtype} is not supported; convert to one of {names}")
    return dtype


def promoted(x: DType, y: DType) -> DType:
    """The dtype that an array of ``x`` and an array of ``y`` meet in."""
    if KIND[x.kind] == KIND[y.kind]:
        return np.promote_types(x, y)
    return x if KIND[x.kind] > KIND[y.kind] else y


def promote_types(type1: Any, type2: Any) -> DType:
    """The dtype that arrays of these two meet in."""
    return promoted(as_dtype(type1), as_dtype(type2))


def result_type(*operands: Any) -> DType:
    """The dtype in which arrays, 0-d arrays and Python numbers are computed together.

    >>> import numpy as np
    >>> result_type(np.zeros(3, np.float32), 1.5), result_type(np.zeros(3, np.int64), 1.5)
    (dtype('float32'), dtype('float32'))
    """
    ranks: list[DType | None] = [None, None, None]  # arrays, 0-d arrays, Python numbers
    for operand in operands:
        if isinstance(operand, np.ndarray):
            rank, dtype = 0 if operand.ndim else 1, operand.dtype
        else:
            rank, dtype = 2, bool_ if isinstance(operand, bool) else int64 if isinstance(operand, int) else _default
        seen = ranks[rank]
        ranks[rank] = dtype if seen is None else promoted(seen, dtype)
    result: DType | None = None
    for candidate in ranks:
        if candidate is not None and (result is None or KIND[candidate.kind] > KIND[result.kind]):
            result = candidate
    assert result is not None
    return result
