"""Gradient descent in a ravine: plain, with momentum, RMSprop and Adam, each at its best learning rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer
from tqdm import tqdm

import optim
from autograd import Tensor, hessian, linalg, manual_seed, randn, tensor, zeros
from demos.report import Options, Report

Loss = Callable[[Tensor], Tensor]

# A ravine is a loss that is steep across and flat along. The steep direction limits the learning rate (beyond
# 2 / curvature it diverges), and the flat one then takes curvature / curvature times as many steps: the condition
# number. Losses of real networks are such ravines, with condition numbers in the thousands. With g the gradient:
#
#     SGD         w <- w - rate g
#     momentum    v <- 0.9 v + g                      w <- w - rate v        steps across cancel, those along add up
#     RMSprop     s <- 0.99 s + 0.01 g²               w <- w - rate g / √s   each weight has a rate of its own
#     Adam        both, the averages corrected for having started at 0

OPTIMIZERS: dict[str, Callable[[list[Tensor], float], optim.Optimizer]] = {
    "SGD": lambda weights, rate: optim.SGD(weights, lr=rate),
    "momentum": lambda weights, rate: optim.SGD(weights, lr=rate, momentum=0.9),
    "RMSprop": lambda weights, rate: optim.RMSprop(weights, lr=rate),
    "Adam": lambda weights, rate: optim.Adam(weights, lr=rate),
}


def straight(w: Tensor) -> Tensor:
    """Flat along the first weight, 100 times as steep along the second."""
    return (w[0] ** 2 + 100 * w[1] ** 2) / 2


def measured() -> Loss:
    """Least squares on 569 tumours: is it benign, by the mean radius and the mean area of its cells' nuclei?

    The two are nearly the same measurement, so raising one weight and lowering the other hardly matters: a ravine
    that runs between the axes. Such are those of real models.
    """
    data = load_breast_cancer()
    X = data.data[:, [0, 3]]
    X, y = Tensor((X - X.mean(axis=0)) / X.std(axis=0)), Tensor(2.0 * data.target - 1)
    lowest = Tensor(np.linalg.lstsq(X.numpy(), y.numpy())[0])
    return lambda w: (X @ (w + lowest) - y).square().mean() - (X @ lowest - y).square().mean()  # lowest at 0, and 0


RAVINES: dict[str, Loss] = {"straight": straight, "tumours": measured()}


def curvature(loss_of: Loss) -> Tensor:
    """The matrix H of second derivatives; both losses are w H w / 2."""
    return hessian(loss_of, zeros(2, dtype=np.float64))


def path(optimizer: str, rate: float, loss_of: Loss, start: Tensor, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The weights before each step (steps, 2), and the loss there."""
    w = tensor(start.numpy(), requires_grad=True)
    chosen = OPTIMIZERS[optimizer]([w], rate)
    places, losses = [], []
    for _ in range(steps):
        loss = loss_of(w)
        places.append(w.detach().numpy().copy())
        losses.append(loss.item())
        chosen.zero_grad()
        loss.backward()
        chosen.step()
    return np.array(places), np.array(losses)


def arrival(losses: np.ndarray) -> int:
    """The step from which on the loss stays below a thousandth of what it was; all steps if it never does."""
    above = np.flatnonzero(~(losses < losses[0] / 1000))  # so written, NaN is above
    return int(above[-1]) + 1


def best(optimizer: str, loss_of: Loss, start: Tensor, steps: int, rates: np.ndarray) -> tuple[int, float, np.ndarray]:
    """The fewest steps in which it arrives, the rate that does it, and its path."""
    tried = []
    for rate in tqdm(rates, desc=f"{optimizer:8}", unit="rate"):
        with np.errstate(over="ignore", invalid="ignore"):  # some rates are too large
            places, losses = path(optimizer, float(rate), loss_of, start, steps)
        tried.append((arrival(losses), float(rate), places))
    return min(tried, key=lambda one: one[:2])


def run(options: Options) -> Report:
    """Both ravines by all four, from far away along and a little up on the side."""
    steps = 300
    rates = np.geomspace(1e-3, 1, 7 if options.quick else 25)
    report, found = Report(), {}
    for ravine, loss_of in RAVINES.items():
        curvatures, directions = linalg.eigh(curvature(loss_of))  # the flattest direction first
        condition = float(curvatures[-1] / curvatures[0])
        report.found(f"ravine_{ravine}", condition, f"{ravine}: {condition:.0f} times as steep across as along")
        manual_seed(options.seed)
        start = directions @ (tensor([9.0, 1.0]) + 0.1 * randn(2)).double()
        for optimizer in OPTIMIZERS:
            arrived, rate, places = best(optimizer, loss_of, start, steps, rates)
            found[ravine, optimizer] = places[: arrived + 1]
            when = f"there after {arrived:3} steps" if arrived < steps else f"not there after {steps} steps"
            report.found(f"ravine_{ravine}_{optimizer}", arrived, f"  {optimizer:9} {when}, at rate {rate:.3g}")
    report.pictures.append(options.save(picture(found), "ravine.png"))
    return report


def picture(found: dict[tuple[str, str], np.ndarray]) -> Figure:
    """The four paths in each ravine."""
    figure = Figure(figsize=(7.2, 8.0), layout="constrained")
    colours = dict(zip(OPTIMIZERS, ("#999999", "#4C72B0", "#55A868", "#C44E52"), strict=True))
    titles = {"straight": "$(x^2 + 100 y^2) / 2$", "tumours": "least squares on two measurements of tumours"}
    for axes, (ravine, loss_of) in zip(figure.subplots(2, 1), RAVINES.items(), strict=True):
        shown = np.concatenate([places for (where, _), places in found.items() if where == ravine])
        (left, low), (right, high) = shown.min(axis=0) - 0.5, shown.max(axis=0) + 0.5
        w = np.stack(np.meshgrid(np.linspace(left, right, 200), np.linspace(low, high, 200)))
        heights = np.einsum("iab,ij,jab->ab", w, curvature(loss_of).numpy(), w) / 2
        axes.contourf(*w, np.sqrt(heights), levels=20, cmap="Blues", alpha=0.6)
        for optimizer, colour in colours.items():
            places = found[ravine, optimizer]
            label = f"{optimizer}, {len(places) - 1} steps"
            axes.plot(*places.T, color=colour, marker="o", markersize=2.5, linewidth=1.2, label=label)
        axes.plot(0, 0, "k*", markersize=10)
        axes.set_title(titles[ravine])
        axes.legend(fontsize=9)
    return figure
