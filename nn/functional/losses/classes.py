"""Losses of one choice among classes: scores or log-probabilities against class indices or probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, DtypeError, ShapeError, Tensor, clamp, log_softmax, ones, relu, where
from autograd.functions.answers import answer, holds
from autograd.functions.indexing import own_array
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.losses.common import as_target, reduced, refuse_nan

__all__ = [
    "cross_entropy",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "nll_loss",
]


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
    ``label_smoothing`` mixes the target with the uniform distribution. The plain mean over class indices is one row of
    the table; weights, classes to ignore and the rest are composed from `log_softmax`.

    >>> from autograd import tensor
    >>> cross_entropy(tensor([[0.0, 0.0], [0.0, 0.0]]), tensor([0, 1]))
    tensor(0.6931)
    """
    target = target if isinstance(target, Tensor) else Tensor(target)
    shape = input.raw.shape
    if not shape:
        raise ShapeError("cross_entropy: input () is one number; it needs a score for each class, (C,) or (N, C)")
    if weight is None and reduction == "mean" and not label_smoothing and input.raw.dtype.kind == "f":
        rows, classes = input, target.raw
        if classes.dtype.kind != "f" and (len(shape) != 2 or classes.shape != shape[:1]):
            rows, classes, _ = _by_class("cross_entropy", input, target)
        count = rows.raw.shape[-1]
        if classes.dtype.kind in "iu" and holds(lambda classes: _all_count(classes, ignore_index, count), classes):
            return apply(RULES["cross_entropy"], (rows,), (own_array(classes),))
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(f"cross_entropy: label_smoothing is {label_smoothing}; it must lie in [0, 1]")
    axis = 0 if input.ndim == 1 else 1
    if target.dtype.kind == "f" and target.shape == input.shape:
        if ignore_index >= 0:
            raise ArgumentError(
                f"cross_entropy: ignore_index={ignore_index} is for class indices; the target has probabilities"
            )
        return _from_probabilities(input, target, weight, reduction, label_smoothing, axis)
    given = target, weight, ignore_index, reduction, label_smoothing
    return _of_classes("cross_entropy", log_softmax(input, axis), *given)


def multi_margin_loss(
    input: Tensor, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Any:
    """The mean over the classes i other than the target's, y, of max(0, margin - input[y] + input[i])^p.

    That mean counts class y with 0. ``input`` is ``(C,)`` or ``(N, C)``, ``p`` is 1 or 2, ``weight`` ``(C,)`` weighs
    the loss by its target's class.
    """
    if p not in (1, 2):
        raise ArgumentError(f"multi_margin_loss: p is {p}; it must be 1 or 2")
    if input.ndim > 2:
        raise ShapeError(f"multi_margin_loss: input {input.shape}; it must be (C,) or (N, C)")
    wanted = np.shape(target)
    if input.ndim < 2:  # one example; PyTorch takes its class as a number or in a vector
        input, target = input.reshape(-1), np.asarray(target)
        target = Tensor.of(target.reshape(()) if target.size == 1 else target)
    rows, classes, _ = _by_class("multi_margin_loss", input, target)
    _refuse_classes("multi_margin_loss", classes, rows.shape[1])
    each = _class_weights("multi_margin_loss", rows, Tensor.of(classes), weight)
    excess = relu(margin - rows[np.arange(len(classes)), classes].unsqueeze(1) + rows)
    others = answer("not_equal", Tensor.of(classes).unsqueeze(1), np.arange(rows.shape[1]))
    losses = ((excess if p == 1 else excess * excess) * others).sum(1) * each / rows.shape[1]
    return reduced("multi_margin_loss", losses.reshape(wanted), reduction)


def multilabel_margin_loss(input: Tensor, target: Any, reduction: str = "mean") -> Any:
    """The sum over the classes y that are targets, and i that are not, of max(0, 1 - input[y] + input[i]) / C.

    ``input`` is ``(C,)`` or ``(N, C)``; ``target``, of that shape, lists the target classes, ended by -1.
    """
    name = "multilabel_margin_loss"
    target = as_target(name, input, target)
    if target.dtype.kind not in "iu" or input.ndim > 2:
        raise DtypeError(
            f"{name}: input {input.shape} and target of dtype {target.dtype}; it takes (C,) or (N, C), "
            "and integer class indices ended by -1"
        )
    n = input.shape[-1] if input.ndim else 1
    rows, listed = input.reshape(-1, n), target.raw.reshape(-1, n)
    counted = np.logical_and.accumulate(listed != -1, axis=1)
    classes = np.where(counted, listed, 0)
    _refuse_classes(name, classes, rows.shape[1])
    row = np.arange(len(classes))[:, None]
    others = np.ones(rows.shape, bool)
    others[np.nonzero(counted)[0], listed[counted]] = False
    excess = relu(1 - rows[row, classes].unsqueeze(2) + rows.unsqueeze(1))  # (N, targets, C)
    losses = (excess * Tensor.of(counted[:, :, None] & others[:, None])).sum((1, 2)) / rows.shape[1]
    return reduced(name, losses.reshape(input.shape[:-1]), reduction)


def _of_classes(
    name: str, input: Any, target: Any, weight: Any, ignore_index: int, reduction: str, label_smoothing: float = 0.0
) -> Any:
    """The loss of class indices under log-probabilities."""
    rows, classes, shape = _by_class(name, input, target)
    _refuse_classes(name, classes, rows.shape[1], ignore_index)
    labels, counted = Tensor.of(classes), None
    if holds(lambda classes: (classes == ignore_index).any(), classes):
        counted = answer("not_equal", labels, ignore_index)
        labels = clamp(labels, 0, rows.shape[1] - 1)
    each = _class_weights(name, rows, labels, weight)
    likelihoods = rows[np.arange(len(classes)), labels] * each
    if label_smoothing:
        weighted = rows if weight is None else rows * np.asarray(weight, rows.dtype)
        likelihoods = (1 - label_smoothing) * likelihoods + label_smoothing / rows.shape[1] * weighted.sum(1)
    losses = -likelihoods
    if counted is not None:
        losses = where(counted, losses, 0.0)  # 0 times an infinite loss would be NaN
        each = each * counted
    if reduction == "mean":
        return losses.sum() / each.sum()
    return reduced(name, losses.reshape(shape), reduction)


def _from_probabilities(
    input: Tensor, target: Tensor, weight: Any, reduction: str, label_smoothing: float, axis: int
) -> Any:
    refuse_nan("cross_entropy", target)
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / input.shape[axis]
    products = target * log_softmax(input, axis)
    if weight is not None:
        _check_weight("cross_entropy", weight, input.shape[axis])
        products = products * np.asarray(weight, input.dtype).reshape(-1, *(1,) * (input.ndim - axis - 1))
    losses = -products.sum(axis)
    if reduction == "mean":  # over the examples: probabilities weigh 1 together
        return losses.sum() / losses.numel()
    return reduced("cross_entropy", losses, reduction)


def _by_class(name: str, input: Tensor, target: Any) -> tuple[Any, np.ndarray[Any, Any], tuple[int, ...]]:
    """Scores as rows ``(M, C)``, one for each class index ``(M,)`` of the target, and the target's shape."""
    target = target if isinstance(target, Tensor) else Tensor(target)
    if target.raw.dtype.kind == "u":
        target = target.long()  # as an index, bytes would be a mask
    shape, classes = input.raw.shape, target.raw
    refuse_nan(name, target)
    if classes.dtype.kind not in "iu":
        raise DtypeError(
            f"{name}: target of dtype {target.dtype} and shape {target.shape} for input {input.shape}: "
            "class indices must be integers (.long()), probabilities floats of the input's shape"
        )
    axis = 0 if len(shape) == 1 else 1
    expected = (*shape[:axis], *shape[axis + 1 :])
    if not shape or classes.shape != expected:
        raise ShapeError(
            f"{name}: class indices of shape {target.shape} for input {input.shape}; they must have shape {expected}, "
            "the input's without its class dimension"
        )
    if len(shape) == 2:
        return input, classes, expected
    rows = input.permute(*(i for i in range(len(shape)) if i != axis), axis)
    return rows.reshape(-1, shape[axis]), classes.reshape(-1), expected


def _all_count(classes: np.ndarray[Any, Any], ignore_index: int, count: int) -> bool:
    """Whether there are ``classes``, and all of them are among the ``count`` and none is to be ignored."""
    signed = classes.astype(np.int64, copy=False)
    if not classes.size or np.maximum.reduce(signed.view(np.uint64)) >= count:  # in which negative numbers are large
        return False
    return not 0 <= ignore_index < count or not (classes == ignore_index).any()


def _class_weights(name: str, rows: Any, labels: Tensor, weight: Any) -> Tensor:
    """The weight of each example ``(M,)``: its class's, or 1."""
    if weight is None:
        return ones(labels.shape, dtype=rows.dtype)
    _check_weight(name, weight, rows.shape[1])
    return Tensor.of(np.asarray(weight, rows.dtype))[labels]


def _refuse_classes(name: str, classes: np.ndarray[Any, Any], count: int, ignore_index: int | None = None) -> None:
    if not holds(lambda classes: not _wrong(classes, count, ignore_index).size, classes):
        raise IndexError(
            f"{name}: class index {_wrong(classes, count, ignore_index)[0]} is out of range: the input scores {count} "
            f"classes, 0 to {count - 1}; count classes from 0, and mark those to be left out with ignore_index"
        )


def _wrong(classes: np.ndarray[Any, Any], count: int, ignore_index: int | None) -> np.ndarray[Any, Any]:
    """Those that are not among ``count`` classes, nor to be ignored."""
    return classes[((classes < 0) | (classes >= count)) & (classes != ignore_index)]


def _check_weight(name: str, weight: Any, classes: int) -> None:
    shape = np.shape(np.asarray(weight))
    if shape != (classes,):
        raise ShapeError(f"{name}: weight has shape {shape}; it needs one number for each of {classes} classes")
