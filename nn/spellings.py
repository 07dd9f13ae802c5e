"""What PyTorch calls ``torch.conv2d``, ``torch.dropout``, ...: functions of layers under its oldest names.

`autograd` finds these when a program asks it for them (``import autograd as torch``). Where their arguments come in
another order than those of `nn.functional`, or are numbers instead of words, they do so here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from autograd import Tensor
from nn import functional as F

REDUCTIONS = ("none", "mean", "sum")
MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


def _word(name: str, what: str, given: Any, words: tuple[str, ...]) -> Any:
    """The word that stands for a number in PyTorch; a word as it is."""
    if isinstance(given, str):
        return given
    if given not in range(len(words)):
        meant = ", ".join(f"{i} for {word!r}" for i, word in enumerate(words))
        raise ValueError(f"{name}: {what} is {given!r}; it must be {meant}")
    return words[given]


def _numbered(function: Callable[..., Any]) -> Callable[..., Any]:
    """A loss whose ``reduction`` may be a number, too: 0 for "none", 1 for "mean", 2 for "sum"."""
    signature = inspect.signature(function)

    @wraps(function)
    def loss(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        if "reduction" in given:
            given["reduction"] = _word(function.__name__, "reduction", given["reduction"], REDUCTIONS)
        return function(**given)

    return loss


conv1d, conv2d, conv3d = F.conv1d, F.conv2d, F.conv3d
conv_transpose1d, conv_transpose2d, conv_transpose3d = F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d
adaptive_avg_pool1d, adaptive_max_pool1d = F.adaptive_avg_pool1d, F.adaptive_max_pool1d_with_indices
avg_pool1d, max_pool1d_with_indices = F.avg_pool1d, F.max_pool1d_with_indices
max_pool1d, max_pool2d, max_pool3d = F.max_pool1d, F.max_pool2d, F.max_pool3d
channel_shuffle = native_channel_shuffle = F.channel_shuffle
pixel_shuffle, pixel_unshuffle = F.pixel_shuffle, F.pixel_unshuffle
bilinear, cosine_similarity, pairwise_distance, pdist = F.bilinear, F.cosine_similarity, F.pairwise_distance, F.pdist
hardshrink, rms_norm, threshold = F.hardshrink, F.rms_norm, F.threshold
celu_, relu_, selu_, threshold_ = F.celu_, F.relu_, F.selu_, F.threshold_

cosine_embedding_loss, hinge_embedding_loss = _numbered(F.cosine_embedding_loss), _numbered(F.hinge_embedding_loss)
margin_ranking_loss, triplet_margin_loss = _numbered(F.margin_ranking_loss), _numbered(F.triplet_margin_loss)
ctc_loss, poisson_nll_loss = _numbered(F.ctc_loss), _numbered(F.poisson_nll_loss)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Any, weight: Any = None, pos_weight: Any = None, reduction: Any = 1
) -> Any:
    """`F.binary_cross_entropy_with_logits`, ``pos_weight`` before ``reduction``."""
    word = _word("binary_cross_entropy_with_logits", "reduction", reduction, REDUCTIONS)
    return F.binary_cross_entropy_with_logits(input, target, weight, word, pos_weight)


def kl_div(input: Tensor, target: Any, reduction: Any = 1, *, log_target: bool = False) -> Any:
    """`F.kl_div`."""
    return F.kl_div(input, target, _word("kl_div", "reduction", reduction, REDUCTIONS), log_target)


def dropout(input: Tensor, p: float, train: bool) -> Any:
    """`F.dropout`."""
    return F.dropout(input, p, train)


def alpha_dropout(input: Tensor, p: float, train: bool) -> Any:
    """`F.alpha_dropout`."""
    return F.alpha_dropout(input, p, train)


def feature_alpha_dropout(input: Tensor, p: float, train: bool) -> Any:
    """`F.feature_alpha_dropout`."""
    return F.feature_alpha_dropout(input, p, train)


def rrelu(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, generator: Any = None
) -> Any:
    """`F.rrelu`."""
    return F.rrelu(input, lower, upper, training, generator=generator)


def rrelu_(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, generator: Any = None
) -> Any:
    """`F.rrelu_`."""
    return F.rrelu_(input, lower, upper, training, generator=generator)


def embedding(
    weight: Tensor, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Any:
    """`F.embedding`, the table first; a negative ``padding_idx`` is none."""
    padding = None if padding_idx < 0 else padding_idx
    return F.embedding(indices, weight, padding, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)


# Normalizations: the last argument chooses among implementations on a GPU. ----------------------------------------


def layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:
    """`F.layer_norm`."""
    return F.layer_norm(input, normalized_shape, weight, bias, eps)


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Any:
    """`F.group_norm`."""
    return F.group_norm(input, num_groups, weight, bias, eps)


def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Any:
    """`F.batch_norm`, what is learned before what is counted."""
    return F.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Any:
    """`F.instance_norm`, what is learned before what is counted."""
    return F.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


# What nn.functional calls otherwise --------------------------------------------------------------------------------


def constant_pad_nd(input: Tensor, pad: Any, value: float = 0) -> Any:
    """`F.pad` with a constant."""
    return F.pad(input, pad, value=value)


def affine_grid_generator(theta: Tensor, size: Any, align_corners: bool) -> Any:
    """`F.affine_grid`."""
    return F.affine_grid(theta, size, align_corners)


def grid_sampler(input: Tensor, grid: Tensor, interpolation_mode: Any, padding_mode: Any, align_corners: bool) -> Any:
    """`F.grid_sample`; the modes are numbers, in the order in which they stand there."""
    mode = _word("grid_sampler", "interpolation_mode", interpolation_mode, MODES)
    padding = _word("grid_sampler", "padding_mode", padding_mode, PADDINGS)
    return F.grid_sample(input, grid, mode, padding, align_corners)
