"""Entropy: how many bits the toss of a coin is worth, and that a compressor cannot do with fewer."""

from __future__ import annotations

import lzma
import math

import numpy as np
from matplotlib.figure import Figure

from autograd import Tensor, xlogy
from demos.fitting import fit
from demos.report import Options, Report

# The surprise of an event of probability p is -log2 p bits: 0 if it was certain, 1 if it was even, 10 if it was one in
# 1024. Entropy is the surprise to be expected, and for a coin that shows heads with probability p
#
#     H(p) = - sum_i p_i log2 p_i = -p log2 p - (1 - p) log2 (1 - p)
#
# Decision trees ask the question that lowers it most; a language model's loss can be no lower than the entropy of
# its language. In nats, with the natural logarithm in the place of log2, the same numbers are smaller by log 2.

COINS = {"fair": 0.5, "bent": 0.9, "nearly certain": 0.99, "certain": 1.0}


def entropy(p: Tensor) -> Tensor:
    """Of a coin, in bits, for each probability of heads; xlogy is p log p with 0 log 0 = 0: what cannot be costs 0."""
    return -(xlogy(p, p) + xlogy(1 - p, 1 - p)) / math.log(2)


# Which coin is the least predictable? Gradient ascent finds it: dH/dp = log2 ((1 - p) / p) is 0 at p = 1/2.


def least_predictable(start: float, steps: int) -> float:
    """The p of highest entropy, climbed to from ``start``; as p = sigmoid(z), so that it stays between 0 and 1."""
    z = Tensor([start], dtype=np.float64).logit().requires_grad_()
    fit(lambda: -entropy(z.sigmoid()).sum(), [z], steps, 0.1, "entropy")
    return z.sigmoid().item()


# Shannon's theorem (1948): no code without loss takes fewer than H bits a toss on average, and codes come as close to
# it as one likes. So a file's entropy is a wall that every compressor runs into. LZMA, that of .xz files, knows
# nothing of coins; it gets 8 tosses a byte and has to find out that heads are rare.


def compressed(p: float, tosses: int, random: np.random.Generator) -> tuple[float, float]:
    """LZMA's bits a toss, and the entropy of what was in fact tossed."""
    heads = random.random(tosses) < p
    size = len(lzma.compress(np.packbits(heads).tobytes(), format=lzma.FORMAT_ALONE))
    return 8 * size / tosses, entropy(Tensor(heads.mean())).item()


def run(options: Options) -> Report:
    """Some coins, the least predictable one, and what LZMA makes of them."""
    report = Report()
    for name, p in COINS.items():
        bits = entropy(Tensor(p, dtype=np.float64)).item()
        report.found(f"entropy_{name.replace(' ', '_')}", bits, f"a {name} coin, p = {p}: {bits:z.4f} bits a toss")
    best = least_predictable(0.1, 300)
    report.found("entropy_best", best, f"gradient ascent from p = 0.1 finds the least predictable coin: p = {best:.4f}")

    random = np.random.default_rng(options.seed)
    chances = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5]
    reached = [compressed(p, 200_000 if options.quick else 2_000_000, random) for p in chances]
    over = [100 * (bits / wall - 1) for bits, wall in reached]
    report.found(
        "entropy_least_over", min(over), f"LZMA needs {min(over):.1f}% more than the entropy at best, never less"
    )
    report.found("entropy_most_over", max(over), f"and {max(over):.1f}% more at worst, of the coins that were tried")
    report.pictures.append(options.save(picture(chances, [bits for bits, _ in reached]), "entropy.png"))
    return report


def picture(chances: list[float], reached: list[float]) -> Figure:
    """The entropy of every coin, and what LZMA needed for some."""
    p = np.linspace(0, 1, 401)
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    bits = entropy(Tensor(p)).numpy()
    axes.fill_between(p, bits, color="#4C72B0", alpha=0.12, linewidth=0)
    axes.plot(p, bits, color="#4C72B0", label="entropy H(p)")
    axes.plot(chances, reached, "o", color="#C44E52", label="LZMA's bits a toss")
    axes.text(0.5, 0.45, "no code gets here", ha="center", color="#4C72B0")
    axes.set(xlabel="probability of heads p", ylabel="bits a toss", title="What the toss of a coin is worth")
    axes.set(xlim=(0, 1), ylim=(0, 1.1))
    axes.legend(frameon=False, loc="upper right")
    axes.spines[["top", "right"]].set_visible(False)
    return figure
