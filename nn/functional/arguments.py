"""How layers read their arguments: the one place for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import ArgumentError, DtypeError, ShapeError, Tensor


def each(name: str, what: str, given: Any, n: int, least: int = 1) -> tuple[int, ...]:
    """``given``, one integer for all ``n`` dimensions or one for each, as a tuple; none below ``least``."""
    numbers = tuple(given) if isinstance(given, Sequence) else (given,)
    numbers = numbers * n if len(numbers) == 1 else numbers
    if len(numbers) != n:
        raise ShapeError(f"{name}: {what}={given} must be one integer or one for each of {n} dimensions")
    try:
        numbers = tuple(number.__index__() for number in numbers)
    except AttributeError:
        raise TypeError(f"{name}: {what}={given!r} must be made of integers") from None
    if min(numbers) < least:
        raise ShapeError(f"{name}: {what}={given} must not be below {least}")
    return numbers


def batched(name: str, input: Tensor, n: int) -> Tensor:
    """``input``, (N, C, *space) or (C, *space) with ``n`` dimensions in space, with its batch."""
    if input.ndim not in (n + 1, n + 2):
        space = spelled(n)[0]
        raise ShapeError(f"{name}: input {input.shape} must be (N, C, {space}) or, without a batch, (C, {space})")
    return input if input.ndim == n + 2 else input.unsqueeze(0)


def refuse_bool(name: str, input: Tensor) -> None:
    """Refuse an input of booleans."""
    if input.dtype == bool:
        raise DtypeError(f"{name}: the input has dtype bool, which has no sums and no order; use .float() first")


def same_dtype(name: str, **tensors: Tensor | None) -> None:
    """Refuse tensors of different dtypes."""
    dtypes = {what: tensor.dtype for what, tensor in tensors.items() if tensor is not None}
    if len(set(dtypes.values())) > 1:
        listed = ", ".join(f"{what} {dtype}" for what, dtype in dtypes.items())
        raise DtypeError(f"{name}: {listed}: the dtypes must be the same; convert with .to(dtype)")


def spelled(n: int) -> tuple[str, str, str]:
    """How ``n`` dimensions in space are written: those of the input, of the output, of a kernel."""
    names = ("D", "H", "W")[3 - n :] if n > 1 else ("L",)
    return ", ".join(names), ", ".join(f"{name}'" for name in names), ", ".join(f"K{name}" for name in names)


def named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """``function``, one of several that differ in the number of dimensions, under its name."""
    function.__name__ = function.__qualname__ = name
    return function


def refuse_sparse(name: str, sparse: bool) -> None:
    """Refuse ``sparse=True``."""
    if sparse:
        raise ArgumentError(f"{name}: sparse=True: gradients are dense here; leave it out")
