"""Normalizations: the same row, `standardize`, over different dimensions, and a scale and a shift that are learnt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor, no_grad
from autograd.functions.reductions import require_float
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.padding import pad
from nn.functional.pooling import avg_pool2d

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "rms_norm",
]


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 over the last dimensions, of ``normalized_shape``, then times weight plus bias.

    Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    """
    dims = _last_dims("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    if weight is not None and bias is not None:
        return apply(RULES["layer_norm"], (input, weight, bias), (dims, float(eps)))
    return _affine(apply(RULES["standardize"], (input,), (dims, float(eps))), weight, bias)


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Any:
    """Mean square 1 over the last dimensions, of ``normalized_shape``, then times weight.

    ``eps`` is added to the mean square; by default it is the spacing of floating-point numbers at 1.
    """
    dims = _last_dims("rms_norm", input, normalized_shape, weight=weight)
    chosen = float(np.finfo(input.dtype).eps) if eps is None else float(eps)
    return _affine(apply(RULES["unit_rms"], (input,), (dims, chosen)), weight, None)


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 of every channel of ``(N, C, ...)``, then times weight plus bias, one for each channel.

    In training these are the mean and variance of the batch, and the running ones move towards them, in place, by
    the part ``momentum`` (the variance is there the unbiased one); else the running ones are used.

    Ioffe and Szegedy 2015, arXiv:1502.03167.
    """
    require_float("batch_norm", input)
    if eps < 0 or (training and not eps):
        raise ArgumentError(f"batch_norm: eps={eps} must be positive: a channel that is constant has no other divisor")
    if not input.ndim:
        raise ShapeError("batch_norm: a 0-d input has no channels; it must be (N, C, ...)")
    channels = input.shape[1] if input.ndim > 1 else input.shape[0]
    statistics = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    _check_channels("batch_norm", input, channels, **statistics)
    if not training:
        return _by_running("batch_norm", input, running_mean, running_var, weight, bias, eps)
    dims = (0, *range(2, input.ndim))
    n = math.prod(input.shape[i] for i in dims)
    if n == 1 and channels:
        raise ShapeError(
            f"batch_norm: input {input.shape} has one value per channel, which has no variance; "
            "train with a larger batch, or evaluate with training=False"
        )
    if not input.numel():
        return input * 1.0
    _update(input, dims, n, (), running_mean, running_var, momentum)
    out = apply(RULES["standardize"], (input,), (dims, float(eps)))
    return _per_channel(out, weight, bias)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 of every channel of every example of ``(N, C, ...)``, then times weight plus bias.

    The running mean and variance move as in `batch_norm`, and are used with ``use_input_stats=False``.

    Ulyanov et al. 2016, arXiv:1607.08022.
    """
    require_float("instance_norm", input)
    if input.ndim < 2:
        raise ShapeError(f"instance_norm: input {input.shape} must be (N, C, ...)")
    statistics = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    _check_channels("instance_norm", input, input.shape[1], **statistics)
    if not use_input_stats:
        return _by_running("instance_norm", input, running_mean, running_var, weight, bias, eps)
    dims = tuple(range(2, input.ndim))
    n = math.prod(input.shape[2:])
    if n == 1:
        raise ShapeError(f"instance_norm: input {input.shape} has one value per channel, which has no variance")
    _update(input, dims, n, (0,), running_mean, running_var, momentum)
    out = apply(RULES["standardize"], (input,), (dims, float(eps)))
    return _per_channel(out, weight, bias)


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Any:
    """Mean 0 and variance 1 of each group of channels of each example of ``(N, C, ...)``, then times weight plus bias.

    Wu and He 2018, arXiv:1803.08494.
    """
    require_float("group_norm", input)
    if input.ndim < 2 or num_groups < 1 or input.shape[1] % num_groups:
        raise ShapeError(
            f"group_norm: input {input.shape} must be (N, C, ...) with C a multiple of num_groups={num_groups}"
        )
    _check_channels("group_norm", input, input.shape[1], weight=weight, bias=bias)
    n = math.prod(input.shape[1:]) // num_groups
    if n == 1 and input.shape[0] == 1:
        raise ShapeError(f"group_norm: input {input.shape} has one value per group, which has no variance")
    grouped = input.reshape(input.shape[0], num_groups, n)
    out = apply(RULES["standardize"], (grouped,), ((2,), float(eps)))
    return _per_channel(out.reshape(input.shape), weight, bias)


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Each element of ``(N, C, ...)`` divided by (k + alpha * m) ** beta, m being the mean square of its neighbours.

    These are the ``size`` channels around its own at the same place; those that do not exist count as 0.
    Krizhevsky et al. 2012, section 3.3.
    """
    require_float("local_response_norm", input)
    if input.ndim < 3 or size < 1:
        raise ShapeError(f"local_response_norm: input {input.shape} with size={size}: it must be (N, C, L, ...)")
    if not input.numel():
        return input
    squares = (input * input).reshape(input.shape[0], 1, input.shape[1], -1)
    around = pad(squares, (0, 0, size // 2, (size - 1) // 2))
    means = avg_pool2d(around, (size, 1), stride=1).reshape(input.shape)
    return input / (means * alpha + k) ** beta


def _last_dims(name: str, input: Tensor, normalized_shape: Sequence[int], **learnt: Tensor | None) -> tuple[int, ...]:
    """The dimensions that ``normalized_shape`` names, which must be the last ones of the input."""
    require_float(name, input)
    if not isinstance(normalized_shape, Sequence):
        raise TypeError(f"{name}: normalized_shape={normalized_shape!r} must be a tuple, as in ({normalized_shape!r},)")
    shape = tuple(normalized_shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ShapeError(f"{name}: normalized_shape={shape} must be the last sizes of the input, {input.shape}")
    for what, tensor in learnt.items():
        if tensor is not None and tensor.shape != shape:
            raise ShapeError(f"{name}: {what} {tensor.shape} must have the shape normalized_shape={shape}")
    return tuple(range(input.ndim - len(shape), input.ndim))


def _check_channels(name: str, input: Tensor, channels: int, **given: Tensor | None) -> None:
    for what, tensor in given.items():
        if tensor is not None and tensor.shape != (channels,):
            raise ShapeError(
                f"{name}: {what} {tensor.shape} for input {input.shape}: it needs one number for each of {channels} "
                "channels"
            )


def _affine(out: Any, weight: Tensor | None, bias: Tensor | None) -> Any:
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


def _per_channel(out: Any, *learnt: Tensor | None) -> Any:
    """``out`` (N, C, ...) times weight (C,) plus bias (C,)."""
    weight, bias = (None if x is None else x.reshape(-1, *(1,) * (out.ndim - 2)) for x in learnt)
    return _affine(out, weight, bias)


def _by_running(
    name: str,
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> Any:
    if running_mean is None or running_var is None:
        raise ArgumentError(f"{name}: without statistics of the input, running_mean and running_var must be given")
    scale = (running_var + eps).rsqrt()
    scale = scale if weight is None else scale * weight
    shift = -running_mean * scale if bias is None else bias - running_mean * scale
    return _per_channel(input, scale, shift)


def _update(
    input: Tensor,
    dims: tuple[int, ...],
    n: int,
    over: tuple[int, ...],
    running_mean: Tensor | None,
    running_var: Tensor | None,
    momentum: float,
) -> None:
    """Move the running statistics towards mean and unbiased variance over ``dims``, averaged ``over`` others."""
    with no_grad():
        x = input.detach()
        if running_mean is not None:
            running_mean.copy_((1 - momentum) * running_mean + momentum * x.mean((*over, *dims)))
        if running_var is not None:
            variance = x.var(dims, correction=0, keepdim=True).mean((*over, *dims)) * (n / (n - 1))
            running_var.copy_((1 - momentum) * running_var + momentum * variance)
