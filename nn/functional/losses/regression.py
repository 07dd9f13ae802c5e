"""Losses of predicted numbers: distances from the target, and the likelihoods of its distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor, exp, log, ones, square, unsqueeze
from autograd.functions.answers import holds
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.distances import at_least
from nn.functional.losses.common import as_target, fits, reduced

__all__ = [
    "gaussian_nll_loss",
    "huber_loss",
    "l1_loss",
    "mse_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
]


def mse_loss(input: Tensor, target: Any, reduction: str = "mean", weight: Any = None) -> Any:
    """(input - target)^2; the mean is the weighted one if there is a ``weight``, of the input's shape.

    >>> from autograd import tensor
    >>> mse_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """
    target = as_target("mse_loss", input, target)
    if weight is None and reduction == "mean" and target.raw.size and input.dtype == target.dtype:
        return apply(RULES["mse_loss"], (input, target))
    return _averaged("mse_loss", square(input - target), weight, reduction)


def l1_loss(input: Tensor, target: Any, reduction: str = "mean", weight: Any = None) -> Any:
    """abs(input - target); the mean is the weighted one if there is a ``weight``, of the input's shape."""
    return _averaged("l1_loss", (input - as_target("l1_loss", input, target)).abs(), weight, reduction)


def smooth_l1_loss(input: Tensor, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """(input - target)^2 / (2 beta) nearer than ``beta``, abs(input - target) - beta / 2 beyond."""
    if beta < 0:
        raise ArgumentError(f"smooth_l1_loss: beta is {beta}; it must not be negative")
    if beta == 0:
        return l1_loss(input, target, reduction)
    losses = apply(RULES["smooth_l1"], (input, as_target("smooth_l1_loss", input, target)), (beta,))
    return reduced("smooth_l1_loss", losses, reduction)


def huber_loss(input: Tensor, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """(input - target)^2 / 2 nearer than ``delta``, delta * (abs(input - target) - delta / 2) beyond.

    ``weight``, of the input's shape, multiplies the losses; the mean divides by their number all the same.
    """
    if delta <= 0:
        raise ArgumentError(f"huber_loss: delta is {delta}; it must be positive")
    losses = apply(RULES["huber"], (input, as_target("huber_loss", input, target)), (delta,))
    if weight is not None:
        losses = losses * _of_the_same_shape("huber_loss", weight, losses)
    return reduced("huber_loss", losses, reduction)


def _averaged(name: str, losses: Any, weight: Any, reduction: str) -> Any:
    if weight is None:
        return reduced(name, losses, reduction)
    weight = _of_the_same_shape(name, weight, losses)
    if reduction == "mean":
        return (losses * weight).sum() / weight.sum()
    return reduced(name, losses * weight, reduction)


def _of_the_same_shape(name: str, weight: Any, losses: Any) -> Tensor:
    if np.shape(weight) != losses.shape:
        raise ShapeError(f"{name}: weight has shape {np.shape(weight)}; it must have the input's, {losses.shape}")
    return weight if isinstance(weight, Tensor) else Tensor(weight, dtype=losses.dtype)


def gaussian_nll_loss(
    input: Tensor, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """-log of the normal density with mean ``input`` and variance ``var`` at ``target``.

    That is (log(var) + (input - target)^2 / var) / 2; ``full`` adds the constant log(2 pi) / 2. ``var`` is a number,
    has the input's shape, or has size 1 in the last dimension or lacks it. It counts as at least ``eps``; its
    gradient is taken there, as if it had not been raised.
    """
    target = as_target("gaussian_nll_loss", input, target, broadcast=True)
    var = ones(input.shape, dtype=input.dtype) * var if isinstance(var, int | float) else var
    if holds(lambda raw: (raw < 0).any(), var.raw):
        raise ArgumentError(
            "gaussian_nll_loss: var has negative numbers; a variance has none (exp() or softplus() make it so)"
        )
    if var.shape != input.shape:
        if var.shape == input.shape[:-1]:
            var = unsqueeze(var, -1)
        elif var.ndim != input.ndim or not fits(var, input.shape):
            raise ShapeError(
                f"gaussian_nll_loss: var {var.shape} for input {input.shape}: it must have the input's shape, "
                "or the last dimension less, or of size 1"
            )
    var = at_least(var, eps)
    losses = 0.5 * (log(var) + square(input - target) / var)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced("gaussian_nll_loss", losses, reduction)


def poisson_nll_loss(
    input: Tensor,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Any:
    """-log of the Poisson probability of the count ``target``, without log(target!).

    That is exp(input) - target * input if ``input`` is the log of the rate, else input - target * log(input + eps).
    ``full`` adds log(target!) by Stirling's formula for counts above 1.
    """
    target = as_target("poisson_nll_loss", input, target, broadcast=True)
    losses = exp(input) - target * input if log_input else input - target * log(input + eps)
    if full:
        losses = losses + apply(RULES["stirling"], (target,))
    return reduced("poisson_nll_loss", losses, reduction)
