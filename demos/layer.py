"""A neuron is a dot product, a layer a matrix product: what one layer sees in handwritten digits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import nn
from autograd import Tensor, manual_seed, no_grad
from demos.digits import accuracy, split, train
from demos.report import Options, Report

# A neuron weighs its inputs, adds them up, and adds a bias. Weighing and adding up is the dot product:
#
#     y = w . x + b = w_1 x_1 + w_2 x_2 + ... + w_n x_n + b
#
# It is large where x has much of what w asks for: a neuron is a template, and y says how well x fits.


def neuron(w: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """One number from (N,) inputs."""
    return w.dot(x) + b


# A layer is several neurons that look at the same inputs. With their weights as the rows of a matrix W (M, N), all M
# dot products are one matrix-vector product, and those of a batch of inputs, the rows of X (B, N), one matrix product:
#
#     y = W x + b        Y = X Wᵀ + b
#
# `nn.Linear` is this line. Every large model is mostly this line: what makes them fast on a GPU is that a matrix
# product does all dot products together, and reads each number from memory once for many of them.


def one_by_one(layer: nn.Linear, images: Tensor) -> Tensor:
    """Each neuron for each image by itself, (B, M)."""
    rows = [[neuron(w, b, x).item() for w, b in zip(layer.weight, layer.bias, strict=True)] for x in images]
    return Tensor(np.array(rows, dtype=np.float32))


def at_once(layer: nn.Linear, images: Tensor) -> Tensor:
    """The same as a matrix product, (B, M)."""
    return images @ layer.weight.T + layer.bias


def timed(function: Callable[..., Tensor], *arguments: Any) -> tuple[Tensor, float]:
    """The result, and the seconds it took."""
    start = time.perf_counter()
    return function(*arguments), time.perf_counter() - start


def run(options: Options) -> Report:
    """Train one layer of ten neurons, one for each digit; run it both ways; show what each neuron looks for."""
    manual_seed(options.seed)
    images, labels, held_out, truth = split(options.seed)
    layer = nn.Linear(64, 10)
    train(layer, images, labels, 4 if options.quick else 40, options.seed)
    with no_grad():
        slow, seconds = timed(one_by_one, layer, held_out)
        fast, moment = timed(at_once, layer, held_out)
        gap = max(float((slow - fast).abs().max()), float((layer(held_out) - fast).abs().max()))
    share = accuracy(layer, held_out, truth)
    report = Report()
    report.found("layer_gap", gap, f"{slow.numel():,} dot products and one matrix product are within {gap:.0e}")
    report.found("layer_faster", seconds / moment, f"the matrix product is {seconds / moment:.0f} times as fast")
    report.found("layer_accuracy", share, f"ten neurons, one for each digit, read {share:.1%} of {len(truth)} rightly")
    report.pictures.append(options.save(picture(layer, held_out, truth), "layer.png"))
    return report


def picture(layer: nn.Linear, images: Tensor, labels: Tensor) -> Figure:
    """The weights of each neuron; then a digit times those weights, pixel by pixel: the sum is the neuron's answer."""
    W, chosen = layer.weight.detach().numpy(), int((labels == 3).int().argmax())
    x = images.numpy()[chosen]
    with no_grad():
        answers = layer(images[chosen]).numpy()
    most = np.abs(W).max()
    figure = Figure(figsize=(9.0, 2.2), layout="constrained")
    grid: Any = figure.subplots(2, 11)
    for row in grid:
        for axes in row:
            axes.set(xticks=[], yticks=[])
    grid[0, 0].set_axis_off()
    grid[1, 0].imshow(x.reshape(8, 8), cmap="gray_r")
    grid[1, 0].set_xlabel("x")
    for k in range(10):
        grid[0, k + 1].imshow(W[k].reshape(8, 8), cmap="RdBu_r", vmin=-most, vmax=most)
        grid[0, k + 1].set_title(str(k))
        grid[1, k + 1].imshow((W[k] * x).reshape(8, 8), cmap="RdBu_r", vmin=-most, vmax=most)
        weight = "bold" if k == answers.argmax() else "normal"
        grid[1, k + 1].set_xlabel(f"{answers[k]:.1f}", fontweight=weight)
    grid[0, 1].set_ylabel("w")
    grid[1, 1].set_ylabel("w times x")
    return figure
