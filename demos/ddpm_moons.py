"""DDPM on two moons: a network learns to take noise away, and makes new moons out of nothing but noise."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

import nn
from autograd import Tensor, cat, cdist, manual_seed, no_grad
from demos.fitting import fit
from demos.noising import Schedule, moons
from demos.report import Options, Report

# noising drowns data step by step; here a network e(x_t, t) learns the way back, by guessing the noise that is in x_t.
# That is all its training (Ho et al. 2020, algorithm 1): draw a point, a step and a noise, jump there, and lower
#
#     E | noise - e(sqrt(alphabar_t) x_0 + sqrt(1 - alphabar_t) noise, t) |^2


class Residual(nn.Module):
    """x + MLP(x, time)."""

    def __init__(self, width: int, clock: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(width + clock, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        return x + self.net(cat([x, time], dim=1))


class Denoiser(nn.Module):
    """Guesses the noise in x_t, (N, D), told how far along t is, (N,)."""

    CLOCK = 16

    def __init__(self, size: int, width: int, blocks: int, schedule: Schedule) -> None:
        super().__init__()
        self.schedule = schedule
        self.first, self.last = nn.Linear(size, width), nn.Linear(width, size)
        self.blocks = nn.ModuleList([Residual(width, self.CLOCK) for _ in range(blocks)])

    def clock(self, t: np.ndarray) -> Tensor:
        """The step as the hands of clocks, fast and slow ones: sines and cosines, as a transformer marks places."""
        turns = t[:, None] / self.schedule.T * 2.0 ** np.arange(-1, self.CLOCK // 2 - 1)
        return Tensor(np.concatenate([np.sin(math.pi * turns), np.cos(math.pi * turns)], axis=1).astype(np.float32))

    def forward(self, x: Tensor, t: np.ndarray) -> Tensor:
        h, time = self.first(x), self.clock(t)
        for block in self.blocks:
            h = block(h, time)
        return self.last(h)

    def noised(self, x0: np.ndarray, random: np.random.Generator) -> tuple[Tensor, np.ndarray, Tensor]:
        """x_t of each point, each at a step of its own, the steps, and the noise that is in it."""
        t = random.integers(1, self.schedule.T + 1, len(x0))
        noise = random.standard_normal(x0.shape, np.float32)
        return Tensor(self.schedule.jump(x0, t, noise)), t, Tensor(noise)

    def loss(self, x0: np.ndarray, random: np.random.Generator) -> Tensor:
        """How badly it guesses the noise."""
        x, t, noise = self.noised(x0, random)
        return nn.functional.mse_loss(self(x, t), noise)


# To sample (algorithm 2), begin with pure noise, and for t = T ... 1 take away what the network takes for noise, and
# put a little fresh noise in, none at the last step:
#
#     x_{t-1} = (x_t - beta_t / sqrt(1 - alphabar_t) e(x_t, t)) / sqrt(1 - beta_t) + sigma_t noise
#
# sigma_t^2 = beta_t (1 - alphabar_{t-1}) / (1 - alphabar_t) is the variance of q(x_{t-1} | x_t, x_0).


def sample(model: Denoiser, shape: tuple[int, int], random: np.random.Generator) -> list[np.ndarray]:
    """The whole way from noise to data: x_T, ..., x_0."""
    beta, alphabar = model.schedule.beta, model.schedule.alphabar
    film = [random.standard_normal(shape, np.float32)]
    for t in tqdm(range(model.schedule.T, 0, -1), desc="sampling", unit="step"):
        with no_grad():
            guess = model(Tensor(film[-1]), np.full(len(film[-1]), t)).numpy()
        mean = (film[-1] - beta[t] / np.sqrt(1 - alphabar[t]) * guess) / np.sqrt(1 - beta[t])
        sigma = np.sqrt(beta[t] * (1 - alphabar[t - 1]) / (1 - alphabar[t]))
        film.append(mean + sigma * random.standard_normal(shape, np.float32))
    return film


# Are the new moons moons? The energy distance between two distributions is 0 only if they are the same:
#
#     2 E |X - Y| - E |X - X'| - E |Y - Y'|
#
# From finite samples it is a little more than 0 even between two samples of the same moons. That is the measure.


def energy_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Of two samples, (N, D) and (M, D)."""
    a, b = Tensor(x), Tensor(y)
    return float(2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean())


def run(options: Options) -> Report:
    """Train, sample, measure against fresh moons, draw."""
    manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    steps, batch, T, n = (600, 128, 100, 200) if options.quick else (4000, 1024, 500, 500)
    data, _ = moons(10_000, options.seed)
    model = Denoiser(2, 64, 3, Schedule(T))
    fit(lambda: model.loss(data[random.integers(0, len(data), batch)], random), model.parameters(), steps, 2e-3, "ddpm")
    film = sample(model, (10 * n, 2), random)

    fresh = [moons(n, 1000 + k)[0] for k in range(10)]  # none of them was learned from
    made = np.split(film[-1], 10)
    between = float(np.mean([energy_distance(a, b) for a, b in combinations(fresh, 2)]))
    ours = float(np.mean([energy_distance(a, b) for a, b in product(made, fresh)]))
    noise = energy_distance(film[0][:n], fresh[0])
    report = Report()
    report.findings.append(f"energy distance between {n} points and {n} others, on average:")
    report.findings.append(f"  noise and fresh moons {noise:.5f}")
    report.findings.append(f"  new and fresh moons   {ours:.5f}")
    report.findings.append(f"  fresh and fresh moons {between:.5f}")
    report.found("ddpm_moons_ratio", ours / between, f"new moons are {ours / between:.2f} times as far as fresh ones")
    report.found("ddpm_moons_noise", noise / between, f"noise is {noise / between:.0f} times as far")
    report.pictures.append(options.save(picture(film, np.concatenate(fresh)[:1000]), "ddpm_moons.png"))
    return report


def picture(film: list[np.ndarray], fresh: np.ndarray) -> Figure:
    """Noise on its way to moons, and moons."""
    T, n = len(film) - 1, len(fresh)
    shown = [(f"t = {T - k}", film[k][:n], "#4C72B0") for k in (0, T // 2, T * 7 // 10, T * 9 // 10, T)]
    figure = Figure(figsize=(9.6, 2.1), layout="constrained")
    for axes, (title, points, colour) in zip(
        figure.subplots(1, 6), [*shown, ("fresh moons", fresh, "#C44E52")], strict=True
    ):
        axes.scatter(*points.T, s=1, color=colour)
        axes.set(xlim=(-2.8, 2.8), ylim=(-2.8, 2.8), aspect="equal", xticks=[], yticks=[], title=title)
    return figure
