"""The nonlinearities of neural networks, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ShapeError
from autograd.functions.made import unary
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "celu",
    "elu",
    "gelu",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
    "tanhshrink",
]

hardsigmoid = unary("hardsigmoid")
hardswish = unary("hardswish")
logsigmoid = unary("logsigmoid")
mish = unary("mish")
relu = unary("relu")
sigmoid = unary("sigmoid")
silu = unary("silu")
softsign = unary("softsign")
tanhshrink = unary("tanhshrink")


def gelu(input: Any, approximate: str = "none") -> Any:
    """input times the normal distribution's probability below it; ``approximate="tanh"``: by a tanh, as GPT-2 does."""
    if approximate == "none":
        return apply(RULES["gelu"], (input,))
    if approximate != "tanh":
        raise ArgumentError(f"gelu: approximate is {approximate!r}; it must be 'none' or 'tanh'")
    return apply(RULES["gelu_tanh"], (input,))


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta * input)) / beta, a smooth relu; the input itself where beta * input is above ``threshold``."""
    return apply(RULES["softplus"], (input,), (float(beta), float(threshold)))


def elu(input: Any, alpha: float = 1.0) -> Any:
    """input above 0, alpha * (exp(input) - 1) below."""
    return apply(RULES["elu"], (input,), (float(alpha),))


def celu(input: Any, alpha: float = 1.0) -> Any:
    """input above 0, alpha * (exp(input / alpha) - 1) below, which has the slope 1 at 0."""
    if not alpha:
        raise ArgumentError("celu: alpha is 0; it divides the input, so give another number, or use relu")
    return apply(RULES["celu"], (input,), (float(alpha),))


def selu(input: Any) -> Any:
    """elu scaled such that mean 0 and variance 1 are kept from layer to layer; Klambauer et al. 2017,
    arXiv:1706.02515.
    """
    return 1.0507009873554804934193349852946 * elu(input, 1.6732632423543772848170429916717)


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """input above 0, negative_slope * input below."""
    return apply(RULES["leaky_relu"], (input,), (float(negative_slope),))


def prelu(input: Any, weight: Any) -> Any:
    """input above 0, weight * input below; ``weight`` is learned: one number, or one for each channel (dim 1)."""
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.ndim > 1 or (weight.ndim and weight.shape[0] not in (1, channels)):
        raise ShapeError(
            f"prelu: weight has shape {weight.shape}; for input {input.shape} it needs 1 number or {channels}, "
            "one for each channel in dim 1"
        )
    if weight.ndim:
        weight = weight.reshape((-1,) + (1,) * (input.ndim - 2) if input.ndim > 1 else (1,) * input.ndim)
    return apply(RULES["prelu_kernel"], (input, weight))


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """``input`` limited to [``min_val``, ``max_val``]; unlike clamp's, the slope at the limits is 0."""
    if min_val > max_val:
        raise ArgumentError(f"hardtanh: min_val {min_val} is above max_val {max_val}; exchange them")
    whole = getattr(input, "dtype", np.dtype(float)).kind in "ui"
    return apply(RULES["hardtanh"], (input,), (int(min_val), int(max_val)) if whole else (min_val, max_val))


def relu6(input: Any) -> Any:
    """``input`` limited to [0, 6]."""
    return hardtanh(input, 0.0, 6.0)
