"""LoRA: a frozen layer and a learned change of low rank (Hu et al. 2021, arXiv:2106.09685)."""

from __future__ import annotations

import math
from typing import Any

from autograd import Tensor, no_grad, zeros
from nn import functional as F
from nn import init
from nn.linear import Linear
from nn.module import Module, Parameter

__all__ = [
    "LoRALinear",
]


class LoRALinear(Module):
    """``linear``, whose weight W ``(out, in)`` stands still, plus a learned ``alpha / rank * B A`` beside it.

    A ``(rank, in)`` starts random and B ``(out, rank)`` at 0, so the layer starts as it was; only they are learned,
    ``rank * (in + out)`` numbers. `merge` adds the change to the weight, so that using the layer costs nothing more;
    `unmerge` takes it out again. ``dropout`` is applied to the input of the change while training.

    >>> import nn
    >>> nn.LoRALinear(nn.Linear(768, 768), rank=16).num_parameters(trainable=True)
    24576
    """

    def __init__(self, linear: Linear, rank: int, alpha: float | None = None, dropout: float = 0.0) -> None:
        if not isinstance(linear, Linear):
            raise TypeError(f"LoRALinear: {linear!r} is not a Linear; give the layer to adapt")
        if not 1 <= rank <= min(linear.weight.shape):
            raise ValueError(
                f"LoRALinear: rank {rank} of a weight {linear.weight.shape}; it must be from 1 to "
                f"{min(linear.weight.shape)}"
            )
        self.linear = linear.requires_grad_(False)
        self.rank, self.scaling, self.dropout = rank, (rank if alpha is None else alpha) / rank, dropout
        dtype = linear.weight.dtype
        self.lora_A = Parameter(init.kaiming_uniform_(zeros(rank, linear.in_features, dtype=dtype), a=math.sqrt(5)))
        self.lora_B = Parameter(zeros(linear.out_features, rank, dtype=dtype))
        self.merged = False

    def forward(self, input: Tensor) -> Any:
        if self.merged:
            return self.linear(input)
        change = F.linear(F.linear(F.dropout(input, self.dropout, self.training), self.lora_A), self.lora_B)
        return self.linear(input) + self.scaling * change

    def merge(self) -> None:
        """Add the change to the weight; the outputs stay the same."""
        self._add(self.scaling, merged=True)

    def unmerge(self) -> None:
        """Take the change out of the weight again, so that it can be learned further."""
        self._add(-self.scaling, merged=False)

    def _add(self, scaling: float, merged: bool) -> None:
        if self.merged == merged:
            raise ValueError(f"LoRALinear: the change is {'' if merged else 'not '}merged already; see .merged")
        with no_grad():
            self.linear.weight.add_(scaling * (self.lora_B @ self.lora_A))
        self.merged = merged

    def extra_repr(self) -> str:
        return f"rank={self.rank}, scaling={self.scaling:g}, merged={self.merged}"
