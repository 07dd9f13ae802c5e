"""Losses that compare two or three examples with each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import ArgumentError, ShapeError, Tensor, clip, minimum, sqrt
from autograd.functions.answers import answer
from autograd.functions.indexing import own_array
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.distances import pairwise_distance
from nn.functional.losses.common import as_target, reduced

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    """max(0, margin - target * (input1 - input2)): a target of 1 ranks ``input1`` higher, -1 ``input2``."""
    difference = input1 - input2
    target = as_target("margin_ranking_loss", difference, target, broadcast=True)
    if not input1.ndim == input2.ndim == target.ndim:
        raise ShapeError(
            f"margin_ranking_loss: input1 {input1.shape}, input2 {input2.shape}, target {target.shape}: "
            "all must have as many dimensions"
        )
    return reduced("margin_ranking_loss", clip(float(margin) - target * difference, 0), reduction)


def hinge_embedding_loss(input: Tensor, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """``input``, a distance, where the target is 1 (alike), max(0, margin - input) where it is -1 (different)."""
    target = as_target("hinge_embedding_loss", input, target, broadcast=True)
    return reduced(
        "hinge_embedding_loss", apply(RULES["hinge_embedding"], (input,), (margin, own_array(target.raw))), reduction
    )


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    """1 - cos where the target is 1 (alike), max(0, cos - margin) where it is -1 (different).

    The inputs are ``(D,)`` with a target that is one number, or ``(N, D)`` with a target ``(N,)``; cos is the cosine of
    the angle between them.
    """
    target = target if isinstance(target, Tensor) else Tensor(target)
    if not (input1.ndim == input2.ndim == target.ndim + 1 in (1, 2)) or input1.shape[-1] != input2.shape[-1]:
        raise ShapeError(
            f"cosine_embedding_loss: inputs {input1.shape} and {input2.shape} with target {target.shape}; "
            "it takes (D,), (D,) and (), or (N, D), (N, D) and (N,)"
        )
    length = ((input1 * input1).sum(-1) + 1e-12) * ((input2 * input2).sum(-1) + 1e-12)
    cosine = (input1 * input2).sum(-1) / sqrt(length)
    target = as_target("cosine_embedding_loss", cosine, target, broadcast=True)
    alike, different = answer("equal", target, 1), answer("equal", target, -1)
    losses = (1 - cosine) * alike + clip(cosine - float(margin), 0) * different
    return reduced("cosine_embedding_loss", losses, reduction)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """max(0, margin + d(anchor, positive) - d(anchor, negative)), where d is the `pairwise_distance`.

    ``swap``: where the positive is nearer to the negative than the anchor is, that distance counts; Balntas et al.
    2016, "Learning local feature descriptors with triplets and shallow convolutional neural networks".
    """

    def distance(x: Any, y: Any) -> Any:
        return pairwise_distance(x, y, p, eps)

    return _of_triplets("triplet_margin_loss", anchor, positive, negative, distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """`triplet_margin_loss` with another distance."""
    name, distance = "triplet_margin_with_distance_loss", distance_function or pairwise_distance
    return _of_triplets(name, anchor, positive, negative, distance, margin, swap, reduction)


def _of_triplets(
    name: str,
    anchor: Any,
    positive: Any,
    negative: Any,
    distance: Callable[[Any, Any], Any],
    margin: float,
    swap: bool,
    reduction: str,
) -> Any:
    if margin <= 0:
        raise ArgumentError(f"{name}: margin is {margin}; it must be positive")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise ShapeError(
            f"{name}: anchor {anchor.shape}, positive {positive.shape}, negative {negative.shape}: "
            "all must have as many dimensions"
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(name, clip(float(margin) + near - far, 0), reduction)
