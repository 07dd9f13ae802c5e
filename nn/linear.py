"""The affine layer, and layers that only reshape."""

from __future__ import annotations

import math
from typing import Any

from autograd import Tensor, zeros
from nn import functional as F
from nn import init
from nn.module import Module, Parameter


class Linear(Module):
    """x @ weight.T + bias: ``(..., in_features)`` to ``(..., out_features)``.

    ``weight`` is ``(out_features, in_features)``; both start uniform within 1 / sqrt(in_features).
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: Any = None) -> None:
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Linear({in_features}, {out_features}): both sizes must be at least 1")
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features)
        self.weight = Parameter(init.uniform_(zeros(out_features, in_features, dtype=dtype), -bound, bound))
        self.bias = Parameter(init.uniform_(zeros(out_features, dtype=dtype), -bound, bound)) if bias else None

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Flatten(Module):
    """The dimensions from ``start_dim`` to ``end_dim`` made into one: by default all but the batch."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """Gives back its input."""

    def forward(self, input: Any) -> Any:
        return input
