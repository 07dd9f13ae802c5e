"""Making tensors: from numbers, of a constant, of random numbers.

Random numbers come from NumPy's PCG64 bit generator, which is the same on every platform and release;
`manual_seed` sets it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import ShapeError
from autograd.functions.dims import as_sizes
from autograd.tensor import Tensor

__all__ = [
    "Generator",
    "arange",
    "as_tensor",
    "eye",
    "from_numpy",
    "full",
    "linspace",
    "manual_seed",
    "ones",
    "ones_like",
    "rand",
    "randint",
    "randn",
    "randperm",
    "tensor",
    "zeros",
    "zeros_like",
]


class Generator:
    """A source of random numbers of its own, for functions that take ``generator=``."""

    def __init__(self) -> None:
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Begin again at ``seed``."""
        if seed < 0:
            raise ValueError(f"manual_seed: {seed} is negative; a seed is a whole number from 0 on")
        self._seed = int(seed)
        vars(self).pop("numpy", None)
        return self

    @cached_property
    def numpy(self) -> np.random.Generator:
        """The NumPy generator behind it; made when first used, since loading numpy.random takes a while."""
        return np.random.Generator(np.random.PCG64(self._seed))


_default = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the generator that is used where none is given: same seed, same numbers. Programs begin with seed 0."""
    return _default.manual_seed(seed)


def default_rng(generator: Generator | None = None) -> np.random.Generator:
    """The NumPy generator behind ``generator`` or, if that is None, behind the default one."""
    return (generator or _default).numpy


def _made(array: Any, dtype: Any, requires_grad: bool) -> Tensor:
    chosen = dtypes.get_default_dtype() if dtype is None else dtypes.as_dtype(dtype)
    return Tensor.of(np.asarray(array, dtype=chosen)).requires_grad_(requires_grad)


def _size(name: str, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    size = as_sizes(name, sizes)
    if min(size, default=0) < 0:
        raise ShapeError(f"{name}: size {size} has a negative dimension; sizes count elements")
    return size


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of a copy of ``data``: numbers, nested lists, an array or a Tensor.

    >>> tensor([[1, 2], [3, 4]]).dtype, tensor([1.0]).dtype
    (dtype('int64'), dtype('float32'))
    """
    return Tensor(data, requires_grad, dtype)


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """``data`` as a Tensor, sharing its memory if it is an array or a Tensor of that dtype already."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype=dtype)
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == dtypes.as_dtype(dtype)):
        return from_numpy(data)
    return Tensor(data, dtype=dtype)


def from_numpy(array: np.ndarray[Any, Any]) -> Tensor:
    """A Tensor that shares the memory of ``array``."""
    dtypes.check(array.dtype)
    return Tensor.of(array)


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of the given size."""
    return _made(np.zeros(_size("zeros", size)), dtype, requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of the given size."""
    return _made(np.ones(_size("ones", size)), dtype, requires_grad)


def full(size: Sequence[int], fill_value: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """``fill_value``, repeated to the given size, in the value's own dtype unless one is given."""
    return Tensor(np.full(_size("full", (size,)), Tensor(fill_value, dtype=dtype).raw), requires_grad)


def zeros_like(input: Tensor, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and, unless one is given, the dtype of ``input``."""
    return _made(np.zeros(input.shape), dtype or input.dtype, requires_grad)


def ones_like(input: Tensor, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and, unless one is given, the dtype of ``input``."""
    return _made(np.ones(input.shape), dtype or input.dtype, requires_grad)


def eye(n: int, m: int | None = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The n x m (default: n x n) matrix with ones on the diagonal."""
    return _made(np.eye(n, m), dtype, requires_grad)


def arange(
    start: float, end: float | None = None, step: float = 1, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """start, start + step, ... up to but without ``end``; with one argument, from 0. Whole numbers give int64."""
    first, last = (0, start) if end is None else (start, end)
    if step == 0 or (last - first) / step < 0:
        raise ShapeError(f"arange: from {first} to {last} there is no way in steps of {step}; change its sign")
    whole = all(isinstance(bound, Integral) for bound in (first, last, step))
    count = math.ceil((last - first) / step)
    return _made(first + step * np.arange(count), dtypes.int64 if whole and dtype is None else dtype, requires_grad)


def linspace(start: float, end: float, steps: int, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """``steps`` numbers at equal distances from ``start`` to ``end``, both included."""
    return _made(np.linspace(start, end, steps), dtype, requires_grad)


def rand(*size: Any, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    numbers = _made(default_rng(generator).random(_size("rand", size)), dtype, False)
    below_one = np.nextafter(numbers.dtype.type(1), numbers.dtype.type(0))  # to which rounding may have brought some
    return Tensor.of(np.minimum(numbers.raw, below_one)).requires_grad_(requires_grad)


def randn(*size: Any, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Random numbers, normal with mean 0 and variance 1."""
    return _made(default_rng(generator).standard_normal(_size("randn", size)), dtype, requires_grad)


def randint(
    low: int, high: Any = None, size: Any = None, *, generator: Generator | None = None, dtype: Any = dtypes.int64
) -> Tensor:
    """Random integers in [low, high); ``randint(high, size)`` starts at 0."""
    if size is None:
        low, high, size = 0, low, high
    return Tensor.of(default_rng(generator).integers(low, high, _size("randint", (size,)))).to(dtype=dtype)


def randperm(n: int, *, generator: Generator | None = None) -> Tensor:
    """The integers below ``n`` in random order."""
    return Tensor.of(default_rng(generator).permutation(n).astype(np.int64))
