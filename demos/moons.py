"""Two moons told apart by one network, built twice: of scalar Values and of array Tensors."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import make_moons
from tqdm import tqdm

import nn
import optim
from autograd import Tensor, Value, no_grad
from demos.report import Options, Report

POINTS = 100
SIZES = (16, 16, 1)


def twins(seed: int) -> tuple[nn.scalar.MLP, nn.MLP]:
    """The 2-16-16-1 network of Values, and one of Tensors with the same weights."""
    random.seed(seed)
    scalars = nn.scalar.MLP(2, SIZES)
    arrays = nn.MLP(2, SIZES, dtype=np.float64)
    weights = {}
    for layer, name in zip(scalars.layers, ("0", "2", "4"), strict=True):
        weights[f"{name}.weight"] = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
        weights[f"{name}.bias"] = np.array([neuron.b.data for neuron in layer.neurons])
    arrays.load_state_dict(weights)
    return scalars, arrays


# The loss, twice: a support vector machine's hinge, and a little of the squared weights ---------------------------


def loss_of_scalars(model: nn.scalar.MLP, X: Any, y: Any) -> Value:
    """mean max(0, 1 - y f(x)) + 1e-4 |w|^2, one number at a time."""
    scores = [model(list(map(Value, x))) for x in X]
    hinges = [(1 - yi * score).relu() for yi, score in zip(y, scores, strict=True)]
    return sum(hinges) / len(hinges) + 1e-4 * sum(p * p for p in model.parameters())


def loss_of_arrays(model: nn.MLP, X: Any, y: Any) -> Tensor:
    """The same in 30 operations on arrays, for 65,077 on numbers: the whole batch at once."""
    hinge = nn.functional.hinge_loss(model(Tensor(X)).squeeze(1), Tensor(y))
    return hinge + 1e-4 * sum(p.square().sum() for p in model.parameters())


def train(name: str, model: Any, loss_of: Any, X: Any, y: Any, steps: int) -> list[float]:
    """Gradient descent on the whole data with a falling learning rate; the same optimizer for both networks."""
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    losses = []
    for k in (progress := tqdm(range(steps), desc=f"{name:8}", unit="step")):
        optimizer.param_groups[0]["lr"] = 1.0 - 0.9 * k / steps
        loss = loss_of(model, X, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        progress.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
    return losses


def run(options: Options) -> Report:
    """Train both, compare the loss curves, count the points on the right side, draw."""
    X, labels = make_moons(n_samples=POINTS, noise=0.1, random_state=options.seed)
    y = 2.0 * labels - 1.0
    scalars, arrays = twins(options.seed)
    steps = 10 if options.quick else 100
    by_scalars = train("Values", scalars, loss_of_scalars, X, y, steps)
    by_arrays = train("Tensors", arrays, loss_of_arrays, X, y, steps)

    with no_grad():
        right = int((np.sign(arrays(Tensor(X)).numpy()[:, 0]) == y).sum())
    difference = float(np.max(np.abs(np.subtract(by_scalars, by_arrays))))
    report = Report()
    report.found("moons_difference", difference, f"the two loss curves differ by at most {difference:.1e}")
    report.found("moons_right", right, f"{right} of {POINTS} points are on the right side of the boundary")
    report.pictures.append(options.save(curves(by_scalars, by_arrays), "moons_loss.png"))
    report.pictures.append(options.save(boundary(arrays, X, labels), "moons_boundary.png"))
    return report


# Pictures --------------------------------------------------------------------------------------------------------


def curves(by_scalars: list[float], by_arrays: list[float]) -> Figure:
    """Both loss curves on one another, and their difference below."""
    figure = Figure(figsize=(6.4, 5.2))
    top, bottom = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    top.plot(by_scalars, color="#4C72B0", linewidth=5, alpha=0.45, label="Value, number by number")
    top.plot(by_arrays, color="#C44E52", linewidth=1.5, label="Tensor, array by array")
    top.set(ylabel="loss", title="One network, trained twice", yscale="log")
    top.legend(frameon=False)
    bottom.semilogy(np.maximum(np.abs(np.subtract(by_scalars, by_arrays)), 1e-17), color="#555555")
    bottom.axhline(1e-9, color="#999999", linestyle=":", linewidth=1)
    bottom.set(xlabel="step", ylabel="difference")
    return figure


def boundary(model: nn.MLP, X: Any, labels: Any) -> Figure:
    """The network's score over the plane, and the points it was trained on."""
    low, high = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
    grid_x, grid_y = np.meshgrid(np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200))
    with no_grad():
        scores = model(Tensor(np.stack([grid_x.ravel(), grid_y.ravel()], axis=1))).numpy().reshape(grid_x.shape)
    figure = Figure(figsize=(6.4, 4.8))
    axes = figure.subplots()
    axes.contourf(grid_x, grid_y, np.tanh(scores), levels=np.linspace(-1, 1, 21), cmap="RdBu_r", alpha=0.75)
    axes.contour(grid_x, grid_y, scores, levels=[0], colors="#333333", linewidths=1.5)
    axes.scatter(*X.T, c=labels, cmap="RdBu_r", edgecolors="white", s=45, zorder=2)
    axes.set(title="What the network learned", xlabel="x", ylabel="y", aspect="equal")
    return figure
