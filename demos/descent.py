"""Gradient descent on (w - 3)²: learning rates too small, right and too large."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

import optim
from autograd import Tensor, linalg, tensor, zeros
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


# With many weights, the factor is 1 - rate * curvature, and the curvature is different along each direction: the
# eigenvalues of the matrix of second derivatives. One rate must do for all. It diverges as soon as the factor of the
# steepest direction is below -1,
#
#     rate > 2 / (largest eigenvalue)
#
# and the flattest directions say how long it takes. Hence the curve that every practitioner knows, of the loss after
# so many steps over the learning rate: slowly down, and suddenly up.


def least_squares(seed: int) -> tuple[Tensor, Tensor]:
    """Digits less their mean (N, 64), and ten targets for each (N, 10): 0.9 at what it is, -0.1 elsewhere."""
    images, labels = split(seed)[:2]
    images, targets = images.double(), Tensor(np.eye(10)[labels.numpy()])
    return images - images.mean(dim=0), targets - targets.mean(dim=0)


def largest_rate(X: Tensor) -> float:
    """2 / the largest eigenvalue of 2 Xᵀ X / N, the second derivatives of the loss below by each column of W."""
    return 2 / float(linalg.eigvalsh(2 * X.T @ X / len(X)).max())


def after_training(rate: float, X: Tensor, Y: Tensor, steps: int) -> float:
    """The squared error, mean |X W - Y|², after so many steps from W = 0."""
    W = zeros(64, 10, dtype=np.float64, requires_grad=True)
    optimizer = optim.SGD([W], lr=rate)
    for _ in range(steps):
        loss = (X @ W - Y).square().sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (X @ W - Y).square().sum(dim=1).mean().item()


def run(options: Options) -> Report:
    """The path of each rate, the numbers that were asked for, and the digits' loss over many rates."""
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
    X, Y = least_squares(options.seed)
    steps, limit = 50 if options.quick else 300, largest_rate(X)
    rates = limit * np.sort([*np.geomspace(0.001, 1, 6 if options.quick else 21), 0.95, 1.05, 1.1])
    losses = [after_training(rate, X, Y, steps) for rate in tqdm(rates, desc="rates", unit="rate")]
    below, above = (losses[int(np.abs(rates - limit * share).argmin())] for share in (0.95, 1.05))
    report.found("descent_limit", limit, f"digits: 2 / (largest curvature) = {limit:.3f}; after {steps} steps")
    report.found("descent_slow", losses[0], f"  at {rates[0]:.5f}, a thousandth of it, the loss is {losses[0]:.3f}")
    report.found(
        "descent_below", below, f"  at 0.95 times that rate it is {below:.3f}, near the least, {min(losses):.3f}"
    )
    report.found("descent_above", above, f"  at 1.05 times that rate it is {above:.3g}")
    report.pictures.append(options.save(picture(paths, rates, losses, limit), "descent.png"))
    return report


def picture(paths: dict[float, list[float]], rates: np.ndarray, losses: list[float], limit: float) -> Figure:
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
    right.axvline(limit, color="#C44E52", linestyle="--", label="2 / largest curvature")
    right.set(title="Digits by least squares", xlabel="learning rate", ylabel="squared error", ylim=(0.3, 3))
    right.legend(frameon=False)
    return figure
