"""Elements left out at random while training."""

from __future__ import annotations

from typing import Any
from warnings import warn

import numpy as np

from autograd import ArgumentError, Generator, ShapeError, Tensor
from autograd.functions.reductions import require_float
from autograd.generator import default_rng
from nn.functional.inplace import inplace_too

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
]


@inplace_too
def dropout(input: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None) -> Any:
    """Each element 0 with probability ``p``, else divided by 1 - p, so that the mean stays; as it is if not training.

    Srivastava et al. 2014, JMLR 15.
    """
    return _dropped("dropout", input, input.shape, p, training, generator)


@inplace_too
def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None) -> Any:
    """`dropout` of whole channels of ``(N, C, L)`` or ``(C, L)``."""
    return _of_channels("dropout1d", 1, input, p, training, generator)


@inplace_too
def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None) -> Any:
    """`dropout` of whole channels of ``(N, C, H, W)``.

    As in PyTorch: an input of three dimensions is read as ``(N, C, L)``, one of two as ``(N, C)``, both with a warning.
    """
    return _of_channels("dropout2d", 2, input, p, training, generator)


@inplace_too
def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None) -> Any:
    """`dropout` of whole channels of ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
    return _of_channels("dropout3d", 3, input, p, training, generator)


@inplace_too
def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, *, generator: Generator | None = None) -> Any:
    """`dropout` that goes with selu: it drops to selu's lower limit and keeps mean 0 and variance 1.

    Klambauer et al. 2017, arXiv:1706.02515.
    """
    return _alpha_dropped("alpha_dropout", input, input.shape, p, training, generator)


@inplace_too
def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, *, generator: Generator | None = None
) -> Any:
    """`alpha_dropout` of whole channels of ``(N, C, ...)``."""
    if training and input.ndim < 2:
        raise ShapeError(f"feature_alpha_dropout: input {input.shape} must be (N, C, ...)")
    shape = (*input.shape[:2], *(1,) * (input.ndim - 2))
    return _alpha_dropped("feature_alpha_dropout", input, shape, p, training, generator)


LOWEST = -1.7580993408473766  # the lower limit of selu


def _alpha_dropped(
    name: str, input: Tensor, shape: tuple[int, ...], p: float, training: bool, generator: Generator | None
) -> Any:
    _check(name, input, p)
    if not training or p == 0:
        return input
    if p == 1:
        return input * 0.0
    scale = ((1 - p) * (1 + p * LOWEST**2)) ** -0.5
    kept = default_rng(generator).random(shape) >= p
    shift = scale * LOWEST * (~kept - p)
    return input * Tensor.of((scale * kept).astype(input.dtype)) + Tensor.of(shift.astype(input.dtype))


def _of_channels(name: str, n: int, input: Tensor, p: float, training: bool, generator: Generator | None) -> Any:
    fits = input.ndim == n + 2 or (input.ndim == n + 1 and n != 2)
    if input.ndim < 2 or (n == 1 and not fits):
        raise ShapeError(
            f"{name}: input {input.shape} must have a channel dimension and {n} in space, and maybe a batch"
        )
    leading = 2 if n == 2 or input.ndim == n + 2 else 1  # the batch's dimension and that of channels, or this alone
    if not fits:
        warn(
            f"{name}: input {input.shape} is read as {'(N, C, ...)' if leading == 2 else '(C, ...)'}, as in PyTorch; "
            f"for elements use dropout, for channels along one dimension dropout1d, or give {n + 2} dimensions",
            UserWarning,
            stacklevel=4,
        )
    shape = (*input.shape[:leading], *(1,) * (input.ndim - leading))
    return _dropped(name, input, shape, p, training, generator)


def _dropped(
    name: str, input: Tensor, shape: tuple[int, ...], p: float, training: bool, generator: Generator | None
) -> Any:
    _check(name, input, p)
    if not training or p == 0:
        return input
    kept = default_rng(generator).random(shape) >= p
    return input * Tensor.of((kept / (1 - p) if p < 1 else np.zeros(shape)).astype(input.dtype))


def _check(name: str, input: Tensor, p: float) -> None:
    if not 0 <= p <= 1:
        raise ArgumentError(f"{name}: p={p} is a probability; it must lie in [0, 1]")
    require_float(name, input)
