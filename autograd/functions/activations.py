"""The nonlinearities of neural networks, and softmax."""

from __future__ import annotations

import math
from typing import Any

from autograd.functions.dims import numpy_spelling
from autograd.functions.made import unary
from autograd.functions.pointwise import tanh, where
from autograd.functions.reductions import along, require_float
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "elu",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
]

relu = unary("relu")
sigmoid = unary("sigmoid")
silu = unary("silu")


def gelu(input: Any, approximate: str = "none") -> Any:
    """input times the normal distribution's probability below it; ``approximate="tanh"``: by a tanh, as GPT-2 does."""
    if approximate == "none":
        return apply(RULES["gelu"], (input,))
    if approximate != "tanh":
        raise ValueError(f"gelu: approximate is {approximate!r}; it must be 'none' or 'tanh'")
    return 0.5 * input * (1 + tanh((2 / math.pi) ** 0.5 * (input + 0.044715 * input * input * input)))


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta * input)) / beta, a smooth relu; the input itself where beta * input is above ``threshold``."""
    scaled = input * beta if beta != 1 else input
    soft = apply(RULES["softplus"], (scaled,))
    return where(scaled > threshold, input, soft / beta if beta != 1 else soft)


def elu(input: Any, alpha: float = 1.0) -> Any:
    """input above 0, alpha * (exp(input) - 1) below."""
    return apply(RULES["elu"], (input,), (float(alpha),))


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """input above 0, negative_slope * input below."""
    return apply(RULES["leaky_relu"], (input,), (float(negative_slope),))


@numpy_spelling
def softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """exp(input) / sum(exp(input)) along ``dim``: positive, summing to 1; never overflows."""
    input = input if dtype is None else input.to(dtype)
    require_float("softmax", input)
    return along("softmax", input, dim)


@numpy_spelling
def log_softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """log(softmax(input)) along ``dim``, computed as one: finite where softmax underflows to 0."""
    input = input if dtype is None else input.to(dtype)
    require_float("log_softmax", input)
    return along("log_softmax", input, dim)
