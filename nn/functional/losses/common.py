"""What losses share: which targets they take, and how they are reduced."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor
from autograd.functions.answers import holds


def reduced(name: str, losses: Any, reduction: str) -> Any:
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    if reduction != "none":
        raise ArgumentError(f"{name}: reduction is {reduction!r}; it must be 'mean', 'sum' or 'none'")
    return losses


def as_target(name: str, input: Any, target: Any, broadcast: bool = False) -> Tensor:
    """The target as a Tensor of the input's shape and without NaN; refused otherwise.

    With ``broadcast`` it may be smaller than the input, so that one target meets several predictions, but not the
    other way round.
    """
    target = target if isinstance(target, Tensor) else Tensor(target, dtype=input.dtype)
    if input.shape != target.shape and not (broadcast and fits(target, input.shape)):
        raise ShapeError(
            f"{name}: input {input.shape} and target {target.shape} must have one shape, or each prediction would be "
            "compared with several targets; reshape one of them"
        )
    refuse_nan(name, target)
    return target


def fits(given: Any, shape: tuple[int, ...]) -> bool:
    """Whether ``given`` broadcasts to ``shape``."""
    sizes = np.shape(given)
    return len(sizes) <= len(shape) and all(n in (1, shape[i - len(sizes)]) for i, n in enumerate(sizes))


def refuse_nan(name: str, target: Tensor) -> None:
    if target.raw.dtype.kind == "f" and not holds(_has_no_nan, target.raw):
        index = tuple(map(int, np.argwhere(np.isnan(target.raw))[0]))
        raise ArgumentError(f"{name}: the target at index {index} is NaN; drop such examples or mask them")


def _has_no_nan(x: np.ndarray[Any, Any]) -> bool:
    low = np.minimum.reduce(x, axis=None, initial=np.inf)
    return bool(low == low)


def weighed(name: str, losses: Any, weight: Any) -> Any:
    """``losses`` times the ``weight`` of each, which broadcasts to their shape; None weighs 1."""
    if weight is None:
        return losses
    if not fits(weight, losses.shape):
        raise ShapeError(f"{name}: weight has shape {np.shape(weight)}; it must broadcast to {losses.shape}")
    return losses * (weight if isinstance(weight, Tensor) else Tensor(weight, dtype=losses.dtype))
