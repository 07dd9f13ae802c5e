"""Noising: Gaussians, and how diffusion drowns data in noise, step by step or in one jump."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import make_moons
from tqdm import trange

from autograd import Tensor, grad
from demos.report import Options, Report

# The Gaussian of mean m and variance s^2 has the density
#
#     N(x; m, s^2) = exp(-(x - m)^2 / (2 s^2)) / sqrt(2 pi s^2)
#
# and two rules make it convenient: if e ~ N(0, 1) then m + s e ~ N(m, s^2), and the variances of independent sums add.
# A diffusion model destroys its data with it. Each of T steps shrinks x a little and adds a little noise, such that a
# variance of 1 would stay 1:
#
#     q(x_t | x_{t-1}) = N(sqrt(1 - beta_t) x_{t-1}, beta_t)
#
# The two rules make all steps up to t one jump, with alphabar_t = (1 - beta_1) ... (1 - beta_t):
#
#     q(x_t | x_0) = N(sqrt(alphabar_t) x_0, 1 - alphabar_t)
#
# so that training can visit any t at once. That is the forward half of DDPM (Ho et al. 2020), Stable Diffusion and
# the like; ddpm_moons and ddpm_digits learn the way back.


class Schedule:
    """How much noise comes at which of the steps t = 1 ... T; arrays are (T + 1,), with t = 0 for the data."""

    def __init__(self, T: int) -> None:
        self.T = T
        beta = np.linspace(0.1, 20, T) / T  # a line, as in DDPM: from 0.0001 to 0.02 where T is 1000
        self.beta = np.append(0, beta).astype(np.float32)
        self.alphabar = np.cumprod(1 - self.beta)

    def step(self, x: np.ndarray, t: int, noise: np.ndarray) -> np.ndarray:
        """A draw of q(x_t | x_{t-1})."""
        return math.sqrt(1 - self.beta[t]) * x + math.sqrt(self.beta[t]) * noise

    def jump(self, x: np.ndarray, t: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Draws of q(x_t | x_0), each of (N, D) with its own t, (N,)."""
        alphabar = self.alphabar[t][:, None]
        return np.sqrt(alphabar) * x + np.sqrt(1 - alphabar) * noise


def moons(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of two moons, (n, 2), whose means are 0 and variances 1, and which moon each is of, (n,)."""
    points, moon = make_moons(20 * n, noise=0.05, random_state=seed)  # evenly along each moon: chance comes by
    points, moon = points[:n], moon[:n]  # taking a few, and make_moons has shuffled them
    return ((points - [0.5, 0.25]) / [0.867, 0.497]).astype(np.float32), moon


# What the way back needs is the *score*, the direction in which x_t becomes likelier: d/dx_t log q(x_t | x_0). It is
# -noise / sqrt(1 - alphabar_t), which is why a network that guesses the noise is all that is needed.


def score(schedule: Schedule, x0: np.ndarray, t: int, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of log q(x_t | x_0) by the engine, and by the formula."""
    alphabar = float(schedule.alphabar[t])
    x = Tensor(schedule.jump(x0, np.full(len(x0), t), noise), requires_grad=True)
    log_q = -(x - math.sqrt(alphabar) * Tensor(x0)).square() / (2 * (1 - alphabar))  # and a constant
    (slope,) = grad(log_q.sum(), x)
    return slope.numpy(), -noise / math.sqrt(1 - alphabar)


def run(options: Options) -> Report:
    """Noise two moons in single steps and in one jump, compare, check the score, draw."""
    schedule, random = Schedule(100), np.random.default_rng(options.seed)
    n = 20_000 if options.quick else 100_000
    points, moon = moons(1000, options.seed)
    data = np.repeat(points[:1], n, axis=0)  # one point, n times: what comes of it is distributed as q(x_t | x_0)
    x, walked, film, gaps = data, points, [points], []
    for t in trange(1, schedule.T + 1, desc="noising", unit="step"):
        x = schedule.step(x, t, random.standard_normal(x.shape, np.float32))
        walked = schedule.step(walked, t, random.standard_normal(walked.shape, np.float32))
        alphabar = float(schedule.alphabar[t])
        gaps.append(np.abs(x.mean(axis=0, dtype=np.float64) - math.sqrt(alphabar) * data[0]).max())
        gaps.append(np.abs(x.var(axis=0, dtype=np.float64) - (1 - alphabar)).max())
        film.append(walked)
    report = Report()
    gap, last = float(max(gaps)), float(schedule.alphabar[-1])
    report.found("noising_gap", gap, f"{n:,} walks of single steps have the jump's mean and variance within {gap:.4f}")
    report.found("noising_left", last, f"after {schedule.T} steps alphabar is {last:.1e}: nothing of the data is left")
    found, formula = score(schedule, points, 30, random.standard_normal(points.shape, np.float32))
    gap = float(np.abs(found - formula).max())
    report.found(
        "noising_score", gap, f"the slope of log q by the engine is -noise / sqrt(1 - alphabar) within {gap:.0e}"
    )
    report.pictures.append(options.save(picture(schedule, film, moon), "noising.png"))
    return report


def picture(schedule: Schedule, film: list[np.ndarray], moon: np.ndarray) -> Figure:
    """The moons drowning, and how much there is of data and of noise at each step."""
    figure = Figure(figsize=(9.6, 4.4), layout="constrained")
    axes = figure.subplot_mosaic([list("abcde"), ["mix"] * 5], height_ratios=[1.2, 1])
    mix = axes.pop("mix")
    for each, t in zip(axes.values(), (0, 10, 30, 60, 100), strict=True):
        each.scatter(*film[t].T, s=2, color=np.where(moon, "#C44E52", "#4C72B0"))
        each.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", xticks=[], yticks=[], title=f"t = {t}")
    mix.plot(np.sqrt(schedule.alphabar), color="#4C72B0", label=r"data: $\sqrt{\bar\alpha_t}$")
    mix.plot(np.sqrt(1 - schedule.alphabar), color="#999999", label=r"noise: $\sqrt{1 - \bar\alpha_t}$")
    mix.set(xlabel="step t", ylabel="share in $x_t$", xlim=(0, schedule.T))
    mix.legend(frameon=False, loc="center right")
    mix.spines[["top", "right"]].set_visible(False)
    return figure
