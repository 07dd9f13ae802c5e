"""KL divergence: one Gaussian fitted to two hills, forward and in reverse, covers both or chooses one."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from autograd import Tensor, logaddexp
from demos.fitting import fit
from demos.report import Options, Report

# The Kullback-Leibler divergence is what it costs, beyond the entropy of p, to think that the truth p were q:
#
#     KL(p || q) = sum_i p_i log (p_i / q_i) = H(p, q) - H(p)
#
# It is never negative, and 0 only where p = q. It is no distance: the two directions ask different things.

FAIR, BENT = [0.5, 0.5], [0.9, 0.1]


def divergence(log_p: Tensor, log_q: Tensor, step: float = 1.0) -> Tensor:
    """KL(p || q) of two distributions given by their logarithms; of densities on a grid, with its step."""
    return (log_p.exp() * (log_p - log_q)).sum() * step


# Between densities the sum is an integral, here over a fine grid. The truth is a mixture of two Gaussians, and q is
# one Gaussian, whose mean and width we learn:
#
#     N(x; m, s) = exp(-(x - m)^2 / (2 s^2)) / (s sqrt(2 pi))

GRID = np.linspace(-12, 12, 2401)
STEP = float(GRID[1] - GRID[0])
WEIGHT, LEFT, RIGHT, WIDTH = 0.6, -2.0, 2.5, 0.7  # the left hill's weight, the hills' means, the width of both


def log_normal(x: Tensor, mean: float | Tensor, log_width: Tensor) -> Tensor:
    """The logarithm of a Gaussian density, its width given by its logarithm so that it stays positive."""
    z = (x - mean) / log_width.exp()
    return -0.5 * z.square() - log_width - 0.5 * math.log(2 * math.pi)


def log_truth(x: Tensor) -> Tensor:
    """log (0.6 N(x; left) + 0.4 N(x; right)), without leaving the logarithms."""
    left, right = (log_normal(x, hill, Tensor(WIDTH).log()) for hill in (LEFT, RIGHT))
    return logaddexp(left + math.log(WEIGHT), right + math.log(1 - WEIGHT))


# Forward, KL(p || q) punishes q for being small where p is not: q must cover everything, the valley too. It is what
# maximum likelihood minimises, and so cross-entropy: classifiers, language models. Its minimum is known: q takes over
# p's mean and variance.
#
# Reverse, KL(q || p) punishes q for being where p is not: q chooses one hill and leaves the other out, and which one
# depends on where it began. It is what variational inference minimises (see vae) and what keeps a tuned language model
# near the one it came from (see rlhf).


def fitted(forward: bool, start: float, steps: int) -> tuple[float, float, float]:
    """Mean, width and divergence of the Gaussian that gradient descent finds from ``start``."""
    x = Tensor(GRID)
    p = log_truth(x)
    mean = Tensor([start], dtype=np.float64, requires_grad=True)
    log_width = Tensor([0.0], dtype=np.float64, requires_grad=True)

    def loss() -> Tensor:
        q = log_normal(x, mean, log_width)
        return divergence(p, q, STEP) if forward else divergence(q, p, STEP)

    losses = fit(loss, [mean, log_width], steps, 0.1, "forward" if forward else "reverse")
    return mean.item(), math.exp(log_width.item()), losses[-1]


def run(options: Options) -> Report:
    """Two coins both ways, then the fits."""
    report = Report()
    fair, bent = (Tensor(coin, dtype=np.float64).log() for coin in (FAIR, BENT))
    there, back = divergence(fair, bent).item(), divergence(bent, fair).item()
    report.found("kl_there", there, f"a fair coin thought bent, KL({FAIR} || {BENT}) = {there:.4f} nats")
    report.found("kl_back", back, f"a bent one thought fair, KL({BENT} || {FAIR}) = {back:.4f} nats: not the same")

    steps = 150 if options.quick else 600
    fits = {
        "forward": fitted(True, 0.0, steps),
        "reverse, begun at -1.5": fitted(False, -1.5, steps),
        "reverse, begun at +1.5": fitted(False, 1.5, steps),
    }
    for name, (mean, width, loss) in fits.items():
        report.findings.append(f"{name}: mean {mean:.4f}, width {width:.4f}, divergence {loss:.4f} nats")
    mean = WEIGHT * LEFT + (1 - WEIGHT) * RIGHT
    width = math.sqrt(WIDTH**2 + WEIGHT * (1 - WEIGHT) * (RIGHT - LEFT) ** 2)  # within the hills and between them
    off = max(abs(fits["forward"][0] - mean), abs(fits["forward"][1] - width))
    report.found("kl_forward", off, f"forward found the truth's mean {mean:.4f} and width {width:.4f} within {off:.0e}")
    for side, hill in (("-1.5", LEFT), ("+1.5", RIGHT)):
        off = abs(fits[f"reverse, begun at {side}"][0] - hill)
        report.found(f"kl_reverse_{hill}", off, f"reverse from {side} stands {off:.3f} off the hill at {hill}")
    report.pictures.append(options.save(picture(fits), "kl.png"))
    return report


def picture(fits: dict[str, tuple[float, float, float]]) -> Figure:
    """The truth and the three Gaussians."""
    x = Tensor(GRID[np.abs(GRID) < 7])
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(
        x.numpy(), log_truth(x).exp().numpy(), color="#999999", alpha=0.35, linewidth=0, label="the truth p"
    )
    for (name, (mean, width, _)), colour in zip(fits.items(), ("#4C72B0", "#C44E52", "#8172B3"), strict=True):
        axes.plot(x.numpy(), log_normal(x, mean, Tensor(width).log()).exp().numpy(), color=colour, label=name)
    axes.set(xlabel="x", ylabel="density", title="One Gaussian fitted to two hills")
    axes.set_ylim(0, 0.75)
    axes.legend(frameon=False, loc="upper left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
