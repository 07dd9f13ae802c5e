"""The losses of `nn.functional` as modules."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional as F
from nn.module import Module


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"{type(self).__name__}: reduction is {reduction!r}; it must be 'mean', 'sum' or 'none'")
        self.reduction = reduction


class MSELoss(_Loss):
    """(input - target)^2."""

    def forward(self, input: Tensor, target: Any) -> Any:
        return F.mse_loss(input, target, self.reduction)


class L1Loss(_Loss):
    """abs(input - target)."""

    def forward(self, input: Tensor, target: Any) -> Any:
        return F.l1_loss(input, target, self.reduction)


class HingeLoss(_Loss):
    """max(0, 1 - target * input) for targets of -1 and 1."""

    def forward(self, input: Tensor, target: Any) -> Any:
        return F.hinge_loss(input, target, self.reduction)


class NLLLoss(_Loss):
    """-input[target] for log-probabilities and class indices."""

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight, self.ignore_index = weight, ignore_index

    def forward(self, input: Tensor, target: Any) -> Any:
        return F.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class CrossEntropyLoss(_Loss):
    """-log softmax(input)[target] for logits, and class indices or probabilities."""

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
    ) -> None:
        super().__init__(reduction)
        self.weight, self.ignore_index, self.label_smoothing = weight, ignore_index, label_smoothing

    def forward(self, input: Tensor, target: Any) -> Any:
        return F.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)
