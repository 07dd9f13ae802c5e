"""Starting values of parameters, written into them in place.

The gain of a layer is what its activation makes of a signal's standard deviation; dividing by it keeps signals
and gradients of one size through many layers (Glorot and Bengio 2010; He et al. 2015, arXiv:1502.01852).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd import Generator, ShapeError, Tensor, no_grad
from autograd.errors import explaining_all
from autograd.generator import default_rng


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The gain for an activation: 1 for linear and sigmoid, 5/3 for tanh, sqrt(2) for relu, ..."""
    if nonlinearity == "leaky_relu":
        if param is not None and (isinstance(param, bool) or not isinstance(param, int | float)):
            raise ValueError(f"calculate_gain: param is {param!r}; it must be the slope of leaky_relu, a number")
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    gains = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
    gains |= {f"conv{kind}{n}d": 1.0 for kind in ("", "_transpose") for n in (1, 2, 3)}
    if nonlinearity not in gains:
        raise ValueError(f"calculate_gain: {nonlinearity!r} is not known; known are leaky_relu and {', '.join(gains)}")
    return gains[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs each output of a weight (outputs, inputs, *kernel) sums over, and the reverse."""
    if tensor.ndim < 2:
        raise ShapeError(f"init: shape {tensor.shape} is no weight: it needs the dimensions (outputs, inputs, ...)")
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


_calculate_fan_in_and_fan_out = fans  # the name that programs for PyTorch use


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in [a, b)."""
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with the given mean and standard deviation."""
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def uniform_within(bound: float, *tensors: Tensor | None) -> None:
    """Uniform in [-bound, bound), for each tensor that is there: how most layers start, with 1 / sqrt(fan_in).

    PyTorch writes kaiming_uniform_(weight, a=sqrt(5)) for it.
    """
    for tensor in tensors:
        if tensor is not None:
            uniform_(tensor, -bound, bound)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Normal, drawn again where it falls outside [a, b]."""
    if not a < b or not std > 0:
        raise ValueError(f"trunc_normal_: a={a}, b={b}, std={std}: a must be below b, and std positive")
    if mean < a - 2 * std or mean > b + 2 * std:
        raise ValueError(f"trunc_normal_: [{a}, {b}] is more than 2 std from mean {mean}, where too few numbers fall")
    rng = default_rng(generator)
    drawn = rng.normal(mean, std, tensor.shape)
    while (outside := (drawn < a) | (drawn > b)).any():
        drawn[outside] = rng.normal(mean, std, int(outside.sum()))
    return _written(tensor, drawn)


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """``gain`` times a random matrix with orthonormal rows or columns, whichever are fewer; (n, rest) if of more dims.

    Saxe et al. 2014, arXiv:1312.6120.
    """
    fans(tensor)
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    drawn = default_rng(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diag(r))  # the sign that makes it uniform among all such matrices
    return _written(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix: 1 on the diagonal, 0 elsewhere."""
    if tensor.ndim != 2:
        raise ShapeError(f"eye_: shape {tensor.shape} is not a matrix; give a tensor of 2 dimensions")
    return _written(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The kernels (outputs, inputs, *kernel) of a convolution that passes its channels on, as many as there are."""
    if not 3 <= tensor.ndim <= 5 or tensor.shape[0] % groups:
        raise ShapeError(
            f"dirac_: shape {tensor.shape} must be (outputs, inputs, *kernel) with 1 to 3 dimensions of the kernel and "
            f"outputs a multiple of groups={groups}"
        )
    values = np.zeros(tensor.shape)
    outputs = tensor.shape[0] // groups
    for group in range(groups):
        for channel in range(min(outputs, tensor.shape[1])):
            values[(group * outputs + channel, channel, *(n // 2 for n in tensor.shape[2:]))] = 1
    return _written(tensor, values)


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Normal, with the part ``sparsity`` of each column 0."""
    if tensor.ndim != 2:
        raise ShapeError(f"sparse_: shape {tensor.shape} is not a matrix; give a tensor of 2 dimensions")
    rng = default_rng(generator)
    values = rng.normal(0, std, tensor.shape)
    order = rng.random(tensor.shape).argsort(0)  # a permutation for each column
    return _written(tensor, np.where(order < math.ceil(sparsity * tensor.shape[0]), 0, values))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """``val`` everywhere."""
    return _written(tensor, val)


def zeros_(tensor: Tensor) -> Tensor:
    """0 everywhere."""
    return _written(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """1 everywhere."""
    return _written(tensor, 1.0)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform with variance gain^2 * 2 / (fan_in + fan_out)."""
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with variance gain^2 * 2 / (fan_in + fan_out)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform with variance gain^2 / fan; ``a`` is the negative slope of a leaky_relu."""
    bound = math.sqrt(3) * calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Normal with variance gain^2 / fan; ``a`` is the negative slope of a leaky_relu."""
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode)), generator)


def _fan(tensor: Tensor, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"init: mode is {mode!r}; it must be 'fan_in' or 'fan_out'")
    return fans(tensor)[mode == "fan_out"]


def _written(tensor: Tensor, values: Any) -> Tensor:
    with no_grad():
        tensor.copy_(values)
    return tensor


globals().update(explaining_all(globals(), [name for name in globals() if name.endswith("_") and name[0] != "_"]))


def _older(name: str) -> Callable[..., Tensor]:
    """What PyTorch called ``name_`` at first."""
    function: Callable[..., Tensor] = globals()[f"{name}_"]

    @wraps(function)
    def initialize(*args: Any, **kwargs: Any) -> Tensor:
        warnings.warn(f"init.{name} is an older name; write init.{name}_", FutureWarning, stacklevel=2)
        return function(*args, **kwargs)

    initialize.__name__ = initialize.__qualname__ = name
    return initialize


uniform, normal, constant, eye, dirac = map(_older, ("uniform", "normal", "constant", "eye", "dirac"))
xavier_uniform, xavier_normal = map(_older, ("xavier_uniform", "xavier_normal"))
kaiming_uniform, kaiming_normal = map(_older, ("kaiming_uniform", "kaiming_normal"))
orthogonal, sparse = map(_older, ("orthogonal", "sparse"))
