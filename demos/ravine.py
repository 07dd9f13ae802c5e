"""Gradient descent in a ravine: plain, with momentum, RMSprop and Adam, each at its best learning rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer
from tqdm import tqdm

import optim
from autograd import Tensor, hessian, linalg, manual_seed, rand, stack, tensor, zeros
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


def tumours(w: Tensor) -> Tensor:
    """Least squares on 569 tumours, by the mean radius and the mean area of their cells' nuclei.

    With standardized measurements X, the error is mean (X w - y)². Seen from its lowest place, and whatever y is to
    be predicted, that is mean (X w)². The two measurements are nearly the same, so raising one weight and lowering
    the other hardly matters: a ravine that runs between the axes, as those of real models do.
    """
    return (X @ w).square().mean(dim=0)


X = load_breast_cancer().data[:, [0, 3]]
X = Tensor((X - X.mean(axis=0)) / X.std(axis=0))
RAVINES: dict[str, Loss] = {"straight": straight, "tumours": tumours}
STARTS = 8  # at once: w is (2, 8), and no step of these optimizers mixes one column with another


def curvature(loss_of: Loss) -> Tensor:
    """The matrix H of second derivatives; the same everywhere."""
    return hessian(loss_of, zeros(2, dtype=np.float64))


def path(optimizer: str, rate: float, loss_of: Loss, start: Tensor, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The weights before each step (steps, 2, 8), and the losses there (steps, 8)."""
    w = tensor(start.numpy(), requires_grad=True)
    chosen = OPTIMIZERS[optimizer]([w], rate)
    places, heights = [], []
    for _ in range(steps):
        losses = loss_of(w)
        places.append(w.detach().numpy().copy())
        heights.append(losses.detach().numpy())
        chosen.zero_grad()
        losses.sum().backward()
        chosen.step()
    return np.array(places), np.array(heights)


def arrival(heights: np.ndarray) -> int:
    """The step from which on all losses stay below a thousandth of what they were; all steps if they never do."""
    above = np.flatnonzero(~(heights < heights[0] / 1000).all(axis=1))  # so written, NaN is above
    return int(above[-1]) + 1


def best(optimizer: str, loss_of: Loss, start: Tensor, steps: int, rates: np.ndarray) -> tuple[int, float, np.ndarray]:
    """The fewest steps in which it arrives from everywhere, or else the least loss; that rate, and its paths."""
    tried = []
    for rate in tqdm(rates, desc=f"{optimizer:8}", unit="rate"):
        with np.errstate(over="ignore", invalid="ignore"):  # some rates are too large
            places, heights = path(optimizer, float(rate), loss_of, start, steps)
        tried.append((arrival(heights), float(np.nan_to_num(heights[-1], nan=np.inf).max()), float(rate), places))
    arrived, _, rate, places = min(tried, key=lambda one: one[:2])
    return arrived, rate, places


def run(options: Options) -> Report:
    """Both ravines by all four, from eight places far away along and a little up on the side."""
    steps = 200 if options.quick else 400
    rates = 10.0 ** (np.arange(-12, 1, 3) / 6 if options.quick else np.arange(-14, 3) / 6)
    report, found = Report(), {}
    for ravine, loss_of in RAVINES.items():
        curvatures, directions = linalg.eigh(curvature(loss_of))  # the flattest direction first
        condition = float(curvatures[-1] / curvatures[0])
        report.found(f"ravine_{ravine}", condition, f"{ravine}: {condition:.0f} times as steep across as along")
        manual_seed(options.seed)
        along, across = 9 * (0.5 + rand(STARTS)), 0.5 + rand(STARTS)
        start = directions @ stack([along, across]).double()
        for optimizer in OPTIMIZERS:
            arrived, rate, places = best(optimizer, loss_of, start, steps, rates)
            found[ravine, optimizer] = places[: arrived + 1, :, 0]
            when = f"there after {arrived:3} steps" if arrived < steps else f"not there after {steps} steps"
            report.found(f"ravine_{ravine}_{optimizer}", arrived, f"  {optimizer:9} {when}, at rate {rate:.3g}")
    report.pictures.append(options.save(picture(found), "ravine.png"))
    return report


def picture(found: dict[tuple[str, str], np.ndarray]) -> Figure:
    """The four paths in each ravine, from the first of the eight places."""
    figure = Figure(figsize=(7.2, 8.0), layout="constrained")
    colours = dict(zip(OPTIMIZERS, ("#999999", "#4C72B0", "#55A868", "#C44E52"), strict=True))
    titles = {"straight": "$(x^2 + 100 y^2) / 2$", "tumours": "least squares on two measurements of tumours"}
    for axes, (ravine, loss_of) in zip(figure.subplots(2, 1), RAVINES.items(), strict=True):
        tame = [found[ravine, optimizer] for optimizer in OPTIMIZERS if optimizer != "RMSprop"]  # it starts with a leap
        shown = np.concatenate(tame)
        (left, low), (right, high) = shown.min(axis=0) - 0.5, shown.max(axis=0) + 0.5
        w = np.stack(np.meshgrid(np.linspace(left, right, 100), np.linspace(low, high, 100)))
        heights = loss_of(Tensor(w.reshape(2, -1))).numpy().reshape(100, 100)
        axes.contourf(*w, np.sqrt(heights), levels=20, cmap="Blues", alpha=0.6)
        for optimizer, colour in colours.items():
            places = found[ravine, optimizer]
            label = f"{optimizer}, {len(places) - 1} steps"
            axes.plot(*places.T, color=colour, marker="o", markersize=2.5, linewidth=1.2, label=label)
        axes.plot(0, 0, "k*", markersize=10)
        axes.set(title=titles[ravine], xlim=(left, right), ylim=(low, high))
        axes.legend(fontsize=9)
    return figure
