"""The nonlinearities: those of `autograd.functions`, with ``inplace`` where PyTorch has it, and some more."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd import ArgumentError, Generator, Tensor, functions, where, zeros
from autograd.functions.reductions import require_float
from autograd.generator import default_rng
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.inplace import always_inplace, inplace_too

__all__ = [
    "celu",
    "celu_",
    "elu",
    "elu_",
    "gelu",
    "glu",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rrelu",
    "rrelu_",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
]

gelu = functions.gelu
glu = functions.glu
logsigmoid = functions.logsigmoid
prelu = functions.prelu
sigmoid = functions.sigmoid
softplus = functions.softplus
softsign = functions.softsign
tanh = functions.tanh
tanhshrink = functions.tanhshrink

celu = inplace_too(functions.celu)
elu = inplace_too(functions.elu)
hardsigmoid = inplace_too(functions.hardsigmoid)
hardswish = inplace_too(functions.hardswish)
hardtanh = inplace_too(functions.hardtanh)
leaky_relu = inplace_too(functions.leaky_relu)
mish = inplace_too(functions.mish)
relu = inplace_too(functions.relu)
relu6 = inplace_too(functions.relu6)
selu = inplace_too(functions.selu)
silu = inplace_too(functions.silu)


def _choosing_dim(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with a ``dim`` that may be left out: 0 for shapes of 0, 1 and 3 dimensions, else 1, as in PyTorch,
    which warns of that, too."""

    @wraps(function)
    def choosing(input: Any, dim: int | None = None, *args: Any, **kwargs: Any) -> Any:
        if dim is None and "axis" not in kwargs:
            dim = 0 if input.ndim in (0, 1, 3) else 1
            warnings.warn(f"{function.__name__}: dim is left out, and {dim} is meant; give it", stacklevel=3)
        return function(input, *(() if dim is None else (dim,)), *args, **kwargs)

    return choosing


softmax = _choosing_dim(functions.softmax)
softmin = _choosing_dim(functions.softmin)
log_softmax = _choosing_dim(functions.log_softmax)


@inplace_too
def threshold(input: Tensor, threshold: float, value: float) -> Any:
    """input above ``threshold``, ``value`` elsewhere."""
    return where(input <= threshold, value, input)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Any:
    """0 from -lambd to lambd, input elsewhere."""
    require_float("hardshrink", input)
    return where((input >= -lambd) & (input <= lambd), 0.0, input)


def softshrink(input: Tensor, lambd: float = 0.5) -> Any:
    """input moved towards 0 by ``lambd``, and 0 where it is nearer than that."""
    require_float("softshrink", input)
    if lambd < 0:
        raise ArgumentError(f"softshrink: lambd is {lambd}; it must not be below 0")
    return where(input > lambd, input - lambd, where(input < -lambd, input + lambd, input * 0.0))


@inplace_too
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    *,
    generator: Generator | None = None,
) -> Any:
    """leaky_relu with a slope drawn for each element from [lower, upper) while training, else with their mean.

    Xu et al. 2015, arXiv:1505.00853.
    """
    require_float("rrelu", input)
    if lower > upper:
        raise ArgumentError(f"rrelu: lower {lower} is above upper {upper}; exchange them")
    if not training:
        return functions.leaky_relu(input, (lower + upper) / 2)
    slopes = default_rng(generator).uniform(lower, upper, input.shape).astype(input.dtype)
    return apply(RULES["prelu_kernel"], (input, Tensor.of(slopes)))


celu_, elu_, hardtanh_, leaky_relu_, relu_, rrelu_, selu_, threshold_ = map(
    always_inplace, (celu, elu, hardtanh, leaky_relu, relu, rrelu, selu, threshold)
)


def gumbel_softmax(
    logits: Tensor,
    tau: float = 1.0,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    *,
    generator: Generator | None = None,
) -> Any:
    """Draws of a class along ``dim`` that the gradient flows through: softmax((logits + noise) / tau).

    The noise is Gumbel's, so that a class is the largest as often as softmax(logits) says; the smaller ``tau``, the
    nearer is a draw to its one class. ``hard=True``: the draw is that class alone, with the gradient of the soft one.
    Jang et al. 2017, arXiv:1611.01144; Maddison et al. 2017, arXiv:1611.00712. ``eps`` has no effect, as in PyTorch.
    """
    if eps != 1e-10:
        warnings.warn("gumbel_softmax: eps has no effect; leave it out", UserWarning, stacklevel=3)
    require_float("gumbel_softmax", logits)
    if not tau > 0:
        raise ArgumentError(f"gumbel_softmax: tau is {tau}; it must be above 0")
    noise = -np.log(default_rng(generator).exponential(size=logits.shape)).astype(logits.dtype)
    soft = functions.softmax((logits + Tensor.of(noise)) / tau, dim)
    if not hard:
        return soft
    chosen = zeros(*soft.shape, dtype=soft.dtype).scatter(dim, soft.argmax(dim, keepdim=True), 1.0)
    return chosen - soft.detach() + soft
