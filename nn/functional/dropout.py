"""Elements left out at random while training."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Generator, ShapeError, Tensor
from autograd.creation import default_rng
from autograd.functions.reductions import require_float

__all__ = [
    "dropout",
    "dropout1d",
    "dropout2d",
]


def dropout(input: Tensor, p: float = 0.5, training: bool = True, generator: Generator | None = None) -> Any:
    """Each element 0 with probability ``p``, else divided by 1 - p, so that the mean stays; as it is if not training.

    Srivastava et al. 2014, JMLR 15.
    """
    return _dropped("dropout", input, input.shape, p, training, generator)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, generator: Generator | None = None) -> Any:
    """`dropout` of whole channels of ``(N, C, L)`` or ``(C, L)``."""
    return _of_channels("dropout1d", 1, input, p, training, generator)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, generator: Generator | None = None) -> Any:
    """`dropout` of whole channels of ``(N, C, H, W)`` or ``(C, H, W)``."""
    return _of_channels("dropout2d", 2, input, p, training, generator)


def _of_channels(name: str, n: int, input: Tensor, p: float, training: bool, generator: Generator | None) -> Any:
    if input.ndim not in (n + 1, n + 2):
        raise ShapeError(
            f"{name}: input {input.shape} must have a channel dimension and {n} in space, and maybe a batch"
        )
    return _dropped(name, input, (*input.shape[:-n], *(1,) * n), p, training, generator)


def _dropped(
    name: str, input: Tensor, shape: tuple[int, ...], p: float, training: bool, generator: Generator | None
) -> Any:
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p={p} is a probability; it must lie in [0, 1]")
    require_float(name, input)
    if not training or p == 0:
        return input
    kept = default_rng(generator).random(shape) >= p
    return input * Tensor.of((kept / (1 - p) if p < 1 else np.zeros(shape)).astype(input.dtype))
