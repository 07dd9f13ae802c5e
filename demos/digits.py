"""Handwritten digits: a multi-layer perceptron that reads 1,797 of them, 8 x 8 pixels each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from tqdm import tqdm

import nn
import optim
from autograd import Tensor, manual_seed, no_grad
from demos.report import Options, Report

BATCH = 32
LEARNING_RATE = 2e-3


def split(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images (N, 64) with pixels in [0, 1] and labels (N,): four fifths to learn from, one fifth held out."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    images, labels = images[order].astype(np.float32) / 16, labels[order].astype(np.int64)
    held_out = len(labels) // 5
    return Tensor(images[held_out:]), Tensor(labels[held_out:]), Tensor(images[:held_out]), Tensor(labels[:held_out])


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images whose highest logit is their label's."""
    with no_grad():
        return float((model(images).argmax(dim=1) == labels).float().mean())


def train(model: nn.Module, images: Tensor, labels: Tensor, epochs: int, seed: int) -> list[float]:
    """Adam on the cross-entropy of batches of 32, the learning rate falling to 0 along half a cosine.

    The targets are smoothed: a network that need not be quite sure of what it has seen reads new digits better.
    """
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=1e-4)
    shuffle = np.random.default_rng(seed)
    batches = math.ceil(len(images) / BATCH)
    losses: list[float] = []
    for _ in (progress := tqdm(range(epochs), desc="digits", unit="epoch")):
        order = shuffle.permutation(len(images))
        for i in range(batches):
            share = (1 + math.cos(math.pi * len(losses) / (epochs * batches))) / 2
            optimizer.param_groups[0]["lr"] = LEARNING_RATE * share
            batch = order[i * BATCH : (i + 1) * BATCH]
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        progress.set_postfix(loss=f"{np.mean(losses[-batches:]):.4f}", chance=f"{math.log(10):.2f}", refresh=False)
    return losses


def run(options: Options) -> Report:
    """Train, measure on the held-out fifth, draw the loss and the digits that were misread."""
    manual_seed(options.seed)
    images, labels, held_out, truth = split(options.seed)
    model = nn.MLP(64, [256, 10])
    losses = train(model, images, labels, 5 if options.quick else 40, options.seed)
    share = accuracy(model, held_out, truth)
    report = Report()
    report.found("digits_accuracy", share, f"{share:.1%} of the {len(truth)} held-out digits are read rightly")
    report.pictures.append(options.save(curve(losses), "digits_loss.png"))
    report.pictures.append(options.save(misread(model, held_out, truth), "digits_misread.png"))
    return report


def curve(losses: list[float]) -> Figure:
    """The loss of each batch, and a running mean."""
    window = max(len(losses) // 50, 1)
    running = np.convolve(losses, np.ones(window) / window, mode="valid")
    figure = Figure(figsize=(6.4, 4.0))
    axes = figure.subplots()
    axes.semilogy(losses, color="#4C72B0", alpha=0.3, linewidth=0.8, label="one batch")
    axes.semilogy(np.arange(len(running)) + window - 1, running, color="#C44E52", label=f"mean of {window}")
    axes.axhline(math.log(10), color="#999999", linestyle=":", label="chance: log 10")
    axes.set(xlabel="step", ylabel="cross-entropy (nats)", title="Learning to read digits")
    axes.legend(frameon=False)
    return figure


def misread(model: nn.Module, images: Tensor, labels: Tensor) -> Figure:
    """The misread digits (up to 10), with what they are and what the network took them for."""
    with no_grad():
        read = model(images).argmax(dim=1).numpy()
    wrong = np.flatnonzero(read != labels.numpy())[:10]
    figure = Figure(figsize=(6.4, 3.2))
    figure.suptitle("Held-out digits that were misread" if len(wrong) else "No held-out digit was misread")
    grid: Any = figure.subplots(2, 5).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, i in zip(grid, wrong, strict=False):
        axes.imshow(images.numpy()[i].reshape(8, 8), cmap="gray_r")
        axes.set_title(f"{labels.numpy()[i]} read as {read[i]}", fontsize=9)
    return figure
