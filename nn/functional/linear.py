"""Affine maps."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError, Tensor

__all__ = [
    "linear",
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
