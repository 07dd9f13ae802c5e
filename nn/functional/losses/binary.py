"""Losses of yes and no, one score or probability for each question; and of probabilities against probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor, exp, logaddexp
from autograd.functions.answers import all_within, holds
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.losses.common import as_target, fits, reduced, weighed

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "hinge_loss",
    "kl_div",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
]


def binary_cross_entropy(input: Tensor, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """-(target * log(input) + (1 - target) * log(1 - input)) for probabilities; a logarithm is at least -100.

    `binary_cross_entropy_with_logits` computes it from scores, and loses nothing near 0 and 1.
    """
    target = as_target("binary_cross_entropy", input, target)
    for what, x in (("input", input), ("target", target)):
        if not all_within(0, 1, x.raw):
            outside = x.raw[~((x.raw >= 0) & (x.raw <= 1))][0]
            raise ArgumentError(
                f"binary_cross_entropy: the {what} has {outside}; probabilities lie between 0 and 1 "
                "(binary_cross_entropy_with_logits takes any scores)"
            )
    losses = apply(RULES["bce"], (input, target))
    return reduced("binary_cross_entropy", weighed("binary_cross_entropy", losses, weight), reduction)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Any:
    """`binary_cross_entropy` of sigmoid(input), from the scores themselves: exact and finite for any of them.

    ``weight`` and ``pos_weight`` broadcast to the input's shape; ``pos_weight`` weighs the positive answers.

    >>> from autograd import tensor
    >>> binary_cross_entropy_with_logits(tensor([0.0, 1000.0]), tensor([1.0, 1.0]), reduction="none")
    tensor([0.6931, 0.0000])
    """
    name = "binary_cross_entropy_with_logits"
    target = as_target(name, input, target)
    if pos_weight is None:
        losses = apply(RULES["bce_with_logits"], (input, target))
    else:
        if not fits(pos_weight, input.shape):
            raise ShapeError(f"{name}: pos_weight has shape {np.shape(pos_weight)}; it must broadcast to {input.shape}")
        pos_weight = pos_weight if isinstance(pos_weight, Tensor) else Tensor(pos_weight, dtype=input.dtype)
        losses = (1 - target) * input + (1 + (pos_weight - 1) * target) * logaddexp(-input, 0.0)
    return reduced(name, weighed(name, losses, weight), reduction)


def multilabel_soft_margin_loss(input: Tensor, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """The mean over the last dimension, the classes, of `binary_cross_entropy_with_logits`: ``(N, C)`` to ``(N,)``."""
    losses = binary_cross_entropy_with_logits(input, target, weight, "none")
    return reduced("multilabel_soft_margin_loss", losses.mean(-1), reduction)


def soft_margin_loss(input: Tensor, target: Any, reduction: str = "mean") -> Any:
    """log(1 + exp(-target * input)) for targets of -1 and 1, finite for all scores."""
    target = as_target("soft_margin_loss", input, target, broadcast=True)
    return reduced("soft_margin_loss", logaddexp(-target * input, 0.0), reduction)


def hinge_loss(input: Tensor, target: Any, reduction: str = "mean") -> Any:
    """max(0, 1 - target * input) for scores and targets of -1 and 1: what a support vector machine minimizes."""
    target = as_target("hinge_loss", input, target)
    if not holds(lambda raw: np.isin(raw, (-1, 1)).all(), target.raw):
        raise ArgumentError(
            f"hinge_loss: targets must be -1 or 1, not {np.unique(target.raw)[:5]}; 2 * y - 1 makes them from 0 and 1"
        )
    return reduced("hinge_loss", (1 - target * input).relu(), reduction)


def kl_div(input: Tensor, target: Any, reduction: str = "mean", log_target: bool = False) -> Any:
    """target * (log(target) - input): how many nats the distribution ``input``, given as its logarithm, costs more.

    ``log_target``: the target is given as its logarithm, too. "batchmean" divides the sum by the size of the first
    dimension, which makes it the divergence of Kullback and Leibler; "mean" divides by the number of elements.
    """
    target = as_target("kl_div", input, target, broadcast=True)
    losses = exp(target) * (target - input) if log_target else apply(RULES["kl_div"], (input, target))
    if reduction == "batchmean":
        return losses.sum() / input.shape[0] if input.ndim else losses
    return reduced("kl_div", losses, reduction)
