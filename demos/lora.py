"""LoRA: a network that reads digits learns to read them inverted and rotated, with 5% of its parameters."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import nn
from autograd import Tensor, manual_seed, no_grad
from demos.digits import accuracy, split, train
from demos.report import Options, Report

# To adapt a trained layer W (M, N) to a new task, fine-tuning learns a change of all its M N numbers. The change that
# is needed has mostly low rank, so let it have low rank from the start (Hu et al. 2021, arXiv:2106.09685):
#
#     y = W x + (alpha / r) B A x        A (r, N), B (M, r), r small; W stands still
#
# B starts at 0, so that nothing is changed at first. Only r (M + N) numbers are learned, kept, and sent around: a
# large model is adapted on one small machine, and a hundred adaptations of it fit on one disk. For use, the product
# is added to W once and for all; an adapted layer then costs no more than the original.


def adapted(network: nn.Sequential, rank: int) -> nn.Sequential:
    """A copy in which each linear layer stands still and has a change of low rank beside it."""
    copy = deepcopy(network)
    for k, layer in enumerate(copy):
        if isinstance(layer, nn.Linear):
            copy[k] = nn.LoRALinear(layer, rank=rank, alpha=16 * rank)
    return copy


def merge(network: nn.Sequential) -> None:
    """Add each change to its layer's weight."""
    for layer in network:
        if isinstance(layer, nn.LoRALinear):
            layer.merge()


def turned(images: Tensor) -> Tensor:
    """White on black, and a quarter turn: what was learned about pixels holds no more."""
    return 1 - images.view(-1, 8, 8).transpose(1, 2).flip(1).flatten(1)


def run(options: Options) -> Report:
    """Train on digits; adapt to turned ones in full, and by changes of several ranks; merge the best."""
    manual_seed(options.seed)
    width, epochs, ranks = (384, 6, (5,)) if options.quick else (512, 30, (1, 2, 4, 7))
    images, labels, held_out, truth = split(options.seed)
    network = nn.MLP(64, [width, width, 10])
    train(network, images, labels, epochs, options.seed)
    upright, new, new_held_out = accuracy(network, held_out, truth), turned(images), turned(held_out)
    before = accuracy(network, new_held_out, truth)

    full = deepcopy(network)
    train(full, new, labels, epochs, options.seed)
    in_full = accuracy(full, new_held_out, truth)
    size = network.num_parameters()
    curve = []
    for rank in ranks:
        model = adapted(network, rank)
        train(model, new, labels, epochs, options.seed)
        share = model.num_parameters(trainable=True) / size
        curve.append((rank, share, accuracy(model, new_held_out, truth)))
    rank, share, reached = curve[-1]

    with no_grad():
        apart = model.eval()(new_held_out)
        merge(model)
        gap = float((model(new_held_out) - apart).abs().max())
    report = Report()
    report.found("lora_upright", upright, f"trained on digits, {size:,} parameters: {upright:.1%} are read rightly")
    report.found("lora_before", before, f"inverted and rotated: {before:.1%}")
    report.found("lora_full", in_full, f"after fine-tuning all parameters: {in_full:.1%}")
    for r, part, right in curve:
        report.findings.append(f"after learning a change of rank {r}, {part:.1%} of the parameters: {right:.1%}")
    report.found("lora_share", share, f"so rank {rank} learns {share:.1%} of the parameters")
    report.found("lora_behind", in_full - reached, f"and is {100 * (in_full - reached):.1f} points behind")
    report.found("lora_merged", gap, f"merged into the weights, it gives the same logits within {gap:.0e}")
    figure = picture(held_out, new_held_out, curve, before, in_full)
    report.pictures.append(options.save(figure, "lora.png"))
    return report


def picture(images: Tensor, changed: Tensor, curve: list[Any], before: float, in_full: float) -> Figure:
    """Digits of both kinds; the accuracy over the share of parameters that were learned."""
    figure = Figure(figsize=(8.0, 3.6), layout="constrained")
    examples, plot = figure.subfigures(1, 2, width_ratios=(2, 3))
    for column, both in zip(examples.subplots(4, 2), zip(images.numpy(), changed.numpy(), strict=True), strict=False):
        for axes, pixels in zip(column, both, strict=True):
            axes.imshow(pixels.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
    examples.suptitle("trained on, adapted to", fontsize=11)
    axes = plot.subplots()
    _, shares, reached = zip(*curve, strict=True)
    axes.plot(100 * np.array(shares), 100 * np.array(reached), "o-", color="#4C72B0", label="LoRA")
    for rank, share, right in curve:
        axes.annotate(f"rank {rank}", (100 * share, 100 * right), (5, -13), textcoords="offset points", fontsize=9)
    axes.axhline(100 * in_full, color="#C44E52", linestyle="--", label="all parameters")
    axes.axhline(100 * before, color="#999999", linestyle=":", label="before")
    axes.set(xlabel="parameters learned (%)", ylabel="digits read rightly (%)", ylim=(0, 104), xlim=(0, 6))
    axes.legend(frameon=False, loc="center right")
    return figure
