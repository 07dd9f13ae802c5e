"""Making tensors: from numbers, or of a constant. ``dtype``, ``device`` and ``requires_grad`` are as in `tensor`,
``memory_format`` is as in `devices`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from autograd import devices, dtypes
from autograd.errors import ArgumentError, ShapeError, shortened
from autograd.functions.dims import given_sizes
from autograd.graph import Node
from autograd.tensor import Tensor

__all__ = [
    "arange",
    "as_tensor",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "frombuffer",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "range",
    "scalar_tensor",
    "tensor",
    "tril_indices",
    "triu_indices",
    "zeros",
    "zeros_like",
]


def made(array: Any, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    """A Tensor of a new array, in ``dtype`` or, if that is None, the default one."""
    devices.check(device)
    chosen = dtypes.get_default_dtype() if dtype is None else dtypes.as_dtype(dtype)
    return Tensor.of(np.asarray(array, dtype=chosen)).requires_grad_(requires_grad)


def sizes_of(name: str, positional: tuple[Any, ...], named: Any = None) -> tuple[int, ...]:
    """A size given as ``f(2, 3)``, ``f((2, 3))`` or ``f(size=(2, 3))``."""
    size = given_sizes(name, positional, named)
    if min(size, default=0) < 0:
        raise ShapeError(f"{name}: size {size} has a negative dimension; sizes count elements")
    return size


def tensor(data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of a copy of ``data``: numbers, nested lists, an array or a Tensor.

    Python floats get the default dtype, whole numbers int64; arrays and Tensors keep theirs. The only ``device`` is
    the CPU.

    >>> tensor([[1, 2], [3, 4]]).dtype, tensor([1.0]).dtype
    (dtype('int64'), dtype('float32'))
    """
    devices.check(device)
    return Tensor(data, requires_grad, dtype)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """``data`` as a Tensor, sharing its memory if it is an array or a Tensor of that dtype already."""
    devices.check(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype=dtype)
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == dtypes.as_dtype(dtype)):
        return from_numpy(data)
    return Tensor(data, dtype=dtype)


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool | None = None
) -> Tensor:
    """`as_tensor`, where ``copy`` asks for memory of its own or, if False, for that of ``obj``, which may be refused.

    ``requires_grad`` asks for a gradient or, if False, cuts the history off; None leaves it as it is.
    """
    source = obj.raw if isinstance(obj, Tensor) else obj
    made = as_tensor(obj, dtype, device)
    shared = isinstance(source, np.ndarray) and source.dtype == made.dtype
    if copy is False and not shared:
        raise ArgumentError(
            f"asarray: {shortened(obj)} as {made.dtype} is a copy; leave copy=False out, or the dtype as it is"
        )
    if copy and shared:
        made = made.clone()
    if requires_grad is None:
        return made
    return made.requires_grad_() if requires_grad else made.detach() if made.requires_grad else made


def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A 0-d Tensor of one number, in the default dtype unless one is given."""
    return made(s, dtype, device, requires_grad)


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Tensor:
    """A Tensor that shares the memory of an array."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy: needs a NumPy array, not {type(ndarray).__name__}; use tensor(...)")
    dtypes.check(ndarray.dtype)
    return Tensor.of(ndarray)


def zeros(*sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of the given size."""
    return made(np.zeros(sizes_of("zeros", sizes, size)), dtype, device, requires_grad)


def ones(*sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of the given size."""
    return made(np.ones(sizes_of("ones", sizes, size)), dtype, device, requires_grad)


def empty(
    *sizes: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A Tensor to be filled. Its numbers mean nothing; here they are zeros, so that programs that read them repeat."""
    devices.check_format(memory_format)
    return made(np.zeros(sizes_of("empty", sizes, size)), dtype, device, requires_grad)


def full(
    size: Sequence[int], fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``fill_value``, repeated to the given size, in the value's own dtype unless one is given."""
    value = fill_value.raw if isinstance(fill_value, Node) else np.asarray(fill_value)
    chosen = Tensor(fill_value).dtype if dtype is None else dtype
    return made(np.full(sizes_of("full", (size,)), value), chosen, device, requires_grad)


def full_like(
    input: Tensor,
    fill_value: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """``fill_value`` in the shape and, unless one is given, the dtype of ``input``."""
    devices.check_format(memory_format)
    return full(input.shape, fill_value, dtype or input.dtype, device, requires_grad)


def zeros_like(
    input: Tensor, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Tensor:
    """Zeros in the shape and, unless one is given, the dtype of ``input``."""
    return full_like(input, 0, dtype, device, requires_grad, memory_format)


def ones_like(
    input: Tensor, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Tensor:
    """Ones in the shape and, unless one is given, the dtype of ``input``."""
    return full_like(input, 1, dtype, device, requires_grad, memory_format)


def empty_like(
    input: Tensor, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Tensor:
    """`empty` in the shape and, unless one is given, the dtype of ``input``."""
    return full_like(input, 0, dtype, device, requires_grad, memory_format)


def eye(n: int, m: int | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The n x m (default: n x n) matrix with ones on the diagonal."""
    rows, columns = sizes_of("eye", (n, n if m is None else m))
    return made(np.eye(rows, columns), dtype, device, requires_grad)


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """start, start + step, ... up to but without ``end``; with one argument, from 0. Whole numbers give int64.

    Numbers may be Tensors without dimensions. An integer ``dtype`` cuts their fractions off.
    """
    first, last, step = _numbers("arange", *((0, start) if end is None else (start, end)), step)
    whole = all(isinstance(number, Integral) for number in (first, last, step))
    chosen = dtypes.int64 if whole and dtype is None else dtype
    if chosen is not None and dtypes.as_dtype(chosen) == dtypes.int64:
        first, last, step = int(first), int(last), int(step)
    if step == 0 or not 0 <= (last - first) / step < math.inf:
        raise ShapeError(
            f"arange: from {first} to {last} there is no way in steps of {step}; the bounds must be finite, and the "
            "step's sign must lead from one to the other"
        )
    count = math.ceil((last - first) / step)
    if chosen is not None and dtypes.as_dtype(chosen).kind in "iu":  # narrow integers are counted before they are cut
        first, step = int(first), int(step)
    return made(first + step * np.arange(count), chosen, device, requires_grad)


def range(
    start: float = 0,
    end: float = 0,
    step: float = 1,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`arange` with ``end`` included, in the default dtype: what older programs have for it."""
    first, last, step = _numbers("range", start, end, step)
    if step == 0 or not 0 <= (last - first) / step < math.inf:
        raise ShapeError(f"range: from {first} to {last} there is no way in steps of {step}")
    return made(first + step * np.arange(math.floor((last - first) / step) + 1), dtype, device, requires_grad)


def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """``count`` numbers (-1: all) in the memory of ``buffer``, from the byte ``offset`` on; of ``bytes``, which cannot
    be changed, a copy."""
    array = np.frombuffer(buffer, dtypes.as_dtype(dtype), count, offset)
    return Tensor.of(array if array.flags.writeable else array.copy()).requires_grad_(requires_grad)


def _numbers(name: str, *given: Any) -> list[Any]:
    """Python numbers, some of them given as Tensors without dimensions."""
    for number in given:
        if isinstance(number, Tensor) and number.ndim:
            raise ShapeError(f"{name}: takes numbers, also as tensors without dimensions, not of shape {number.shape}")
    return [number.item() if isinstance(number, Tensor) else number for number in given]


def _spaced(name: str, start: Any, end: Any, steps: int, dtype: Any) -> np.ndarray[Any, Any]:
    """The numbers of `linspace`, in double precision and counted from both ends, each of which is exact."""
    (count,) = sizes_of(name, (steps,))
    first, last = _numbers(name, start, end)
    if dtype is not None and dtypes.as_dtype(dtype).kind in "iu":
        first, last = int(first), int(last)
    step = (last - first) / max(count - 1, 1)
    i = np.arange(count)
    return np.where(i < max(count // 2, 1), first + step * i, last - step * (count - 1 - i))


def linspace(
    start: float, end: float, steps: int, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``steps`` numbers at equal distances from ``start`` to ``end``, both included.

    An integer ``dtype`` cuts the fractions of both ends off, and then those of the numbers between.
    """
    return made(_spaced("linspace", start, end, steps, dtype), dtype, device, requires_grad)


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``base`` to the powers of `linspace`."""
    return made(float(base) ** _spaced("logspace", start, end, steps, dtype), dtype, device, requires_grad)


def tril_indices(row: int, col: int, offset: int = 0, dtype: Any = dtypes.int64, device: Any = None) -> Tensor:
    """Where in a ``(row, col)`` matrix the elements on and below a diagonal are: ``(2, n)``, the rows and the columns.

    >>> tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    rows, columns = sizes_of("tril_indices", (row, col))
    return made(np.stack(np.tril_indices(rows, offset, columns)), dtype, device, False)


def triu_indices(row: int, col: int, offset: int = 0, dtype: Any = dtypes.int64, device: Any = None) -> Tensor:
    """`tril_indices`, on and above a diagonal."""
    rows, columns = sizes_of("triu_indices", (row, col))
    return made(np.stack(np.triu_indices(rows, offset, columns)), dtype, device, False)
