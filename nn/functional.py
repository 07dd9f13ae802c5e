"""The mathematics of layers and losses, as functions with PyTorch's names and signatures.

Losses take ``reduction``: "mean", "sum", or "none" for the loss of each element. They refuse inputs and targets
of different shapes, where broadcasting would silently compare every prediction with every target.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import (
    DtypeError,
    ShapeError,
    Tensor,
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
    where,
)
from autograd.errors import explaining_all

__all__ = [
    "cross_entropy",
    "elu",
    "gelu",
    "hinge_loss",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """input @ weight.T + bias: ``(..., in)`` with weight ``(out, in)`` and bias ``(out,)`` to ``(..., out)``."""
    if input.ndim < 1 or input.shape[-1] != weight.shape[-1]:
        raise ShapeError(
            f"linear: input {input.shape} with weight {weight.shape}: the input's last size must be the weight's, "
            f"{weight.shape[-1]}"
        )
    product = input @ weight.T
    return product if bias is None else product + bias


# Losses ------------------------------------------------------------------------------------------------------


def mse_loss(input: Tensor, target: Any, reduction: str = "mean") -> Any:
    """(input - target)^2.

    >>> from autograd import tensor
    >>> mse_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """
    return _reduced("mse_loss", (input - _target("mse_loss", input, target)).square(), reduction)


def l1_loss(input: Tensor, target: Any, reduction: str = "mean") -> Any:
    """abs(input - target)."""
    return _reduced("l1_loss", (input - _target("l1_loss", input, target)).abs(), reduction)


def hinge_loss(input: Tensor, target: Any, reduction: str = "mean") -> Any:
    """max(0, 1 - target * input) for scores and targets of -1 and 1: what a support vector machine minimizes."""
    target = _target("hinge_loss", input, target)
    if not np.isin(target.raw, (-1, 1)).all():
        raise ValueError(
            f"hinge_loss: targets must be -1 or 1, not {np.unique(target.raw)[:5]}; 2 * y - 1 makes them from 0 and 1"
        )
    return _reduced("hinge_loss", (1 - target * input).relu(), reduction)


def nll_loss(input: Tensor, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """-input[target]: the negative log-likelihood of the class indices ``target`` under log-probabilities.

    ``input`` is ``(C,)``, ``(N, C)`` or ``(N, C, ...)``, ``target`` of that shape without C. ``weight`` ``(C,)``
    weighs the classes; the mean is then the weighted one. Targets equal to ``ignore_index`` do not count.
    """
    return _of_classes("nll_loss", input, target, weight, ignore_index, reduction)


def cross_entropy(
    input: Tensor,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-log softmax(input)[target]: how many nats the predicted distribution needs to tell the target.

    ``input`` holds logits, ``(C,)``, ``(N, C)`` or ``(N, C, ...)``. ``target`` holds class indices, of that shape
    without C, or probabilities, of that shape. ``weight`` and ``ignore_index`` are as in `nll_loss`;
    ``label_smoothing`` mixes the target with the uniform distribution.

    >>> from autograd import tensor
    >>> cross_entropy(tensor([[0.0, 0.0], [0.0, 0.0]]), tensor([0, 1]))
    tensor(0.6931)
    """
    if not input.ndim:
        raise ShapeError("cross_entropy: input () is one number; it needs a score for each class, (C,) or (N, C)")
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing is {label_smoothing}; it must lie in [0, 1]")
    axis = 0 if input.ndim == 1 else 1
    target = target if isinstance(target, Tensor) else Tensor(target)
    if target.dtype.kind == "f" and target.shape == input.shape:
        if ignore_index >= 0:
            raise ValueError(
                f"cross_entropy: ignore_index={ignore_index} is for class indices; the target has probabilities"
            )
        return _from_probabilities(input, target, weight, reduction, label_smoothing, axis)
    given = target, weight, ignore_index, reduction, label_smoothing
    return _of_classes("cross_entropy", log_softmax(input, axis), *given)


def _of_classes(
    name: str, input: Any, target: Any, weight: Any, ignore_index: int, reduction: str, label_smoothing: float = 0.0
) -> Any:
    """The loss of class indices under log-probabilities."""
    rows, classes, shape = _by_class(name, input, target)
    each = _class_weights(name, rows, classes, weight, ignore_index)
    ignored = classes == ignore_index
    likelihoods = rows[np.arange(len(classes)), np.where(ignored, 0, classes)] * each
    if label_smoothing:
        weighted = rows if weight is None else rows * np.asarray(weight, rows.dtype)
        likelihoods = (1 - label_smoothing) * likelihoods + label_smoothing / rows.shape[1] * weighted.sum(1)
    losses = -likelihoods
    if ignored.any():
        losses = where(ignored, 0.0, losses)  # 0 times an infinite loss would be NaN
    if reduction == "mean":
        return losses.sum() / each.sum()
    return _reduced(name, losses.reshape(shape), reduction)


def _from_probabilities(
    input: Tensor, target: Tensor, weight: Any, reduction: str, label_smoothing: float, axis: int
) -> Any:
    _no_nan("cross_entropy", target)
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / input.shape[axis]
    products = target * log_softmax(input, axis)
    if weight is not None:
        _check_weight("cross_entropy", weight, input.shape[axis])
        products = products * np.asarray(weight, input.dtype).reshape(-1, *(1,) * (input.ndim - axis - 1))
    losses = -products.sum(axis)
    if reduction == "mean":  # over the examples: probabilities weigh 1 together
        return losses.sum() / losses.numel()
    return _reduced("cross_entropy", losses, reduction)


def _reduced(name: str, losses: Any, reduction: str) -> Any:
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    if reduction != "none":
        raise ValueError(f"{name}: reduction is {reduction!r}; it must be 'mean', 'sum' or 'none'")
    return losses


def _target(name: str, input: Tensor, target: Any) -> Tensor:
    """The target as a Tensor of the input's shape and without NaN; refused otherwise."""
    target = target if isinstance(target, Tensor) else Tensor(target, dtype=input.dtype)
    if input.shape != target.shape:
        raise ShapeError(
            f"{name}: input {input.shape} and target {target.shape} must have one shape, or each prediction would be "
            "compared with several targets; reshape one of them"
        )
    _no_nan(name, target)
    return target


def _no_nan(name: str, target: Tensor) -> None:
    if target.dtype.kind == "f" and np.isnan(target.raw).any():
        index = tuple(map(int, np.argwhere(np.isnan(target.raw))[0]))
        raise ValueError(f"{name}: the target at index {index} is NaN; drop such examples or mask them")


def _by_class(name: str, input: Tensor, target: Any) -> tuple[Any, np.ndarray[Any, Any], tuple[int, ...]]:
    """Scores as rows ``(M, C)``, one for each class index ``(M,)`` of the target, and the target's shape."""
    target = target if isinstance(target, Tensor) else Tensor(target)
    _no_nan(name, target)
    if target.dtype.kind not in "iu":
        raise DtypeError(
            f"{name}: target of dtype {target.dtype} and shape {target.shape} for input {input.shape}: "
            "class indices must be integers (.long()), probabilities floats of the input's shape"
        )
    axis = 0 if input.ndim == 1 else 1
    expected = (*input.shape[:axis], *input.shape[axis + 1 :])
    if input.ndim == 0 or target.shape != expected:
        raise ShapeError(
            f"{name}: class indices of shape {target.shape} for input {input.shape}; they must have shape {expected}, "
            "the input's without its class dimension"
        )
    others = (i for i in range(input.ndim) if i != axis)
    rows = input.permute(*others, axis) if input.ndim > 2 else input
    return rows.reshape(-1, input.shape[axis]), target.raw.reshape(-1), expected


def _class_weights(name: str, rows: Any, classes: np.ndarray[Any, Any], weight: Any, ignore_index: int) -> Tensor:
    """The weight of each example ``(M,)``: its class's, 0 if it is to be ignored. Refuses classes out of range."""
    count = rows.shape[1]
    counted = classes != ignore_index
    wrong = classes[counted & ((classes < 0) | (classes >= count))]
    if wrong.size:
        raise IndexError(
            f"{name}: class index {wrong[0]} is out of range: the input scores {count} classes, 0 to {count - 1}; "
            "count classes from 0, and mark those to be left out with ignore_index"
        )
    if weight is None:
        return Tensor.of(counted.astype(rows.dtype))
    _check_weight(name, weight, count)
    return Tensor.of(
        np.where(counted, np.asarray(weight, rows.dtype)[np.where(counted, classes, 0)], 0).astype(rows.dtype)
    )


def _check_weight(name: str, weight: Any, classes: int) -> None:
    shape = np.shape(np.asarray(weight))
    if shape != (classes,):
        raise ShapeError(f"{name}: weight has shape {shape}; it needs one number for each of {classes} classes")


globals().update(explaining_all(globals(), [name for name in __all__ if globals()[name].__module__ == __name__]))
