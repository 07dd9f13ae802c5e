"""Gradient descent on (w - 3)²: learning rates too small, right and too large."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

import nn
import optim
from autograd import Tensor, manual_seed, tensor
from demos.digits import split
from demos.report import Options, Report

START, STEPS = 10.0, 17

# To make a loss smaller, step against its gradient, again and again:
#
#     w <- w - rate * dL/dw
#
# For L = (w - 3)² the gradient is 2 (w - 3), so each step multiplies the distance to the minimum by the same factor:
#
#     w - 3  <-  (1 - 2 rate) (w - 3)
#
# rate 0.01: factor  0.98, a crawl            rate 1.0: factor -1,   to and fro for ever: 10, -4, 10, -4, ...
# rate 0.1:  factor  0.8,  steady             rate 1.1: factor -1.2, further away each time
# rate 0.5:  factor  0,    there in one step
#
# (The diverging sequence that "Math for AI" prints, 10, -4, 18, -22, belongs to no rate: its first step has the factor
# -1, its second -15/7.)

RATES = {0.01: "too small", 0.1: "good", 0.5: "exactly right", 1.0: "on the edge", 1.1: "too large"}


def descend(rate: float, steps: int = STEPS) -> list[float]:
    """The weight before the first step and after each."""
    w = tensor(START, requires_grad=True, dtype=np.float64)
    optimizer = optim.SGD([w], lr=rate)
    path = [w.item()]
    for _ in range(steps):
        loss = (w - 3) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        path.append(w.item())
    return path


# On a real loss the factor is different along each direction: 1 - rate * curvature. One rate must do for all, so the
# steepest curvature says when it is too large, and the flattest how long it takes. Hence the one curve that every
# practitioner knows: the loss after a fixed number of steps, over the learning rate.


def after_training(rate: float, images: Tensor, labels: Tensor, steps: int) -> float:
    """The loss of one linear layer that learned all digits at once by gradient descent, as long as it may."""
    layer = nn.Linear(64, 10)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = optim.SGD(layer.parameters(), lr=rate)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(layer(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return nn.functional.cross_entropy(layer(images), labels).item()


def run(options: Options) -> Report:
    """The path of each rate, the numbers that were asked for, and the digits' loss over twenty rates."""
    report = Report()
    paths = {rate: descend(rate) for rate in RATES}
    for rate, path in paths.items():
        shown = ", ".join(f"{w:.4g}" for w in path[:5])
        report.found(f"descent_{rate}", path[-1], f"rate {rate:4}: {shown}, ... {path[-1]:.4f}: {RATES[rate]}")
    good = paths[0.1]
    report.found(
        "descent_after_6",
        good[6],
        f"rate 0.1 at steps 5, 10, 15, counted from 0: {good[6]:.4f}, {good[11]:.4f}, {good[16]:.4f} "
        '("Math for AI" prints 3.2150, 3.0070, 3.0002)',
    )
    manual_seed(options.seed)
    images, labels = split(options.seed)[:2]
    steps = 20 if options.quick else 200
    rates = np.geomspace(0.01, 1000, 11 if options.quick else 31)
    losses = [after_training(rate, images, labels, steps) for rate in tqdm(rates, desc="rates", unit="rate")]
    best = float(rates[np.argmin(losses)])
    report.found("descent_best", best, f"digits, {steps} steps: least loss {min(losses):.3f} at rate {best:.2f}")
    report.found("descent_slow", losses[0], f"at rate {rates[0]:.2f} it is still {losses[0]:.3f}")
    report.found("descent_wild", losses[-1], f"at rate {rates[-1]:.0f} it is {losses[-1]:.3g}; guessing is 2.303")
    report.pictures.append(options.save(picture(paths, rates, losses, steps), "descent.png"))
    return report


def picture(paths: dict[float, list[float]], rates: np.ndarray, losses: list[float], steps: int) -> Figure:
    """The weight over the steps for each rate; the digits' loss over the rate."""
    figure = Figure(figsize=(8.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    colours = ("#999999", "#4C72B0", "#55A868", "#8172B3", "#C44E52")
    for (rate, path), colour in zip(paths.items(), colours, strict=True):
        distance = np.maximum(np.abs(np.array(path) - 3), 1e-9)  # 0 has no logarithm
        left.semilogy(distance, color=colour, marker="o", markersize=3, label=f"{rate}: {RATES[rate]}")
    left.set(title="$(w - 3)^2$ from $w = 10$", xlabel="step", ylabel="distance to the minimum", ylim=(0.1, 5000))
    left.legend(frameon=False, fontsize=8, ncols=2, loc="upper left")
    right.loglog(rates, losses, color="#4C72B0", marker="o", markersize=3)
    right.axhline(np.log(10), color="#999999", linestyle=":", label="guessing: log 10")
    right.set(title=f"Digits: loss after {steps} steps", xlabel="learning rate", ylabel="cross-entropy (nats)")
    right.legend(frameon=False)
    return figure
