"""A batch normalization that is no longer trained, taken into the layer before it."""

from __future__ import annotations

import copy
from typing import Any

from autograd import Tensor, no_grad, zeros_like
from nn.parameter import Parameter

__all__ = [
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
]


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A copy of the convolution ``conv`` that gives what ``bn(conv(x))`` does; both must be out of training.

    ``transpose``: it is a transposed one, of one group.
    """
    return _fused("fuse_conv_bn_eval", conv, bn, transpose)


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A copy of the `Linear` layer that gives what ``bn(linear(x))`` does; both must be out of training."""
    if bn.num_features not in (1, linear.out_features):
        raise ValueError(
            f"fuse_linear_bn_eval: a layer of {linear.out_features} outputs and a normalization of {bn.num_features} "
            "channels; they must be as many, or one channel"
        )
    return _fused("fuse_linear_bn_eval", linear, bn, False)


def _fused(name: str, layer: Any, bn: Any, transpose: bool) -> Any:
    if layer.training or bn.training:
        raise ValueError(f"{name}: the layers are being trained; fuse them after .eval()")
    if bn.running_mean is None or bn.running_var is None:
        raise ValueError(f"{name}: the normalization has no running statistics, so that it depends on the batch")
    made = copy.deepcopy(layer)
    statistics = bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    made.weight, made.bias = fuse_conv_bn_weights(layer.weight, layer.bias, *statistics, transpose)
    return made


def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """The weight and the bias of the fused layer: those of the convolution times what ``bn`` multiplies channels by."""
    learned = conv_w.requires_grad, conv_b is not None and conv_b.requires_grad
    with no_grad():
        scale = (bn_rv + bn_eps).rsqrt()
        scale = scale if bn_w is None else scale * bn_w
        shift = zeros_like(bn_rm) if conv_b is None else conv_b
        bias = (shift - bn_rm) * scale
        bias = bias if bn_b is None else bias + bn_b
        along = (1, -1) if transpose else (-1, 1)
        weight = conv_w * scale.reshape(*along, *(1,) * (conv_w.ndim - 2))
        made = weight.to(conv_w.dtype), bias.to(shift.dtype if conv_b is not None else conv_w.dtype)
    return Parameter(made[0], learned[0]), Parameter(made[1], learned[1])


def fuse_linear_bn_weights(
    linear_w: Tensor,
    linear_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
) -> tuple[Parameter, Parameter]:
    """`fuse_conv_bn_weights` of a `Linear` layer."""
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)
