"""Softmax: scores made into probabilities, and why every library subtracts the largest score first."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from autograd import Tensor, jacobian
from demos.report import Options, Report

# Softmax makes any n numbers z, the scores or *logits*, into n probabilities:
#
#     softmax(z)_i = exp(z_i) / sum_j exp(z_j)
#
# All are positive, they sum to 1, and the order stays. Only differences of scores count: one more in z_i makes i
# e = 2.718 times as likely beside the others. It is the last layer of every classifier, it chooses a language model's
# next token, and within attention it says how much each token takes from each.

SCORES = [2.0, 1.0, 0.1, -1.0, 3.0]
GUIDE = [0.2312, 0.0851, 0.0346, 0.0115, 0.6276]  # what the guide prints for them


def naive(z: Tensor) -> Tensor:
    """The definition, as it stands."""
    return z.exp() / z.exp().sum()


# The definition fails in practice: exp(89) is already too large for a float32, and inf / inf is no number. But the
# same number taken off all scores changes nothing, since exp(z_i - c) = exp(z_i) / exp(c) and exp(c) cancels. With
# c = max(z) the largest exponential is exp(0) = 1: nothing can overflow, and the sum is at least 1.


def stable(z: Tensor) -> Tensor:
    """The same probabilities for scores of any size; `Tensor.softmax` does this."""
    shifted = (z - z.max()).exp()
    return shifted / shifted.sum()


# Its derivative, with p = softmax(z): dp_i / dz_j = p_i (1 if i = j else 0) - p_i p_j, a matrix whose rows sum to 0.
# What one probability gains the others lose.


def derivative(z: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The Jacobian as the engine finds it, from the operations of `stable`, and by the formula."""
    p = stable(z).numpy()
    return jacobian(stable, z).numpy(), np.diag(p) - np.outer(p, p)


def run(options: Options) -> Report:
    """The guide's numbers, the scores that break the definition, and the derivative."""
    z = Tensor(SCORES, dtype=np.float64)
    p = stable(z).numpy()
    large = Tensor([1000.0, 1001.0, 1002.0], dtype=np.float64)  # exp(710) overflows a float64
    found, formula = derivative(z)
    report = Report()
    report.findings.append(f"softmax of {SCORES}: {p.round(4).tolist()}")
    report.findings.append(f"the guide prints            {GUIDE}, which sum to {sum(GUIDE):.4f}, not to 1")
    report.found("softmax_largest", float(p[-1]), f"exp(3) of {sum(map(math.exp, SCORES)):.4f} in all: {p[-1]:.4f}")
    report.findings.append(f"scores {large.numpy().tolist()} by the definition: {naive(large).numpy().tolist()}")
    right = stable(large).numpy()
    report.found("softmax_stable", float(right[-1]), f"and with the largest taken off first: {right.round(4).tolist()}")
    gap = float(np.abs(found - formula).max())
    report.found("softmax_jacobian", gap, f"the derivative the engine finds is diag(p) - p p^T within {gap:.0e}")
    report.pictures.append(options.save(picture(np.array(SCORES), p, found), "softmax.png"))
    return report


def picture(z: np.ndarray, p: np.ndarray, slopes: np.ndarray) -> Figure:
    """The scores, the probabilities, and how each probability moves with each score."""
    figure = Figure(figsize=(9.6, 3.2), layout="constrained")
    scores, chances, matrix = figure.subplots(1, 3)
    of_z, of_p = ([f"${letter}_{i}$" for i in range(1, len(z) + 1)] for letter in "zp")
    for axes, names, heights, title in ((scores, of_z, z, "scores z"), (chances, of_p, p, "p = softmax(z)")):
        bars = axes.bar(names, heights, color="#4C72B0")
        bars[-1].set_color("#C44E52")
        axes.bar_label(bars, [f"{height:.3g}" for height in heights], padding=2)
        axes.axhline(0, color="#555555", linewidth=0.8)
        axes.set(title=title)
        axes.margins(y=0.15)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_yticks([])
    matrix.imshow(slopes, cmap="RdBu_r", vmin=-0.35, vmax=0.35)
    for (i, j), slope in np.ndenumerate(slopes):
        matrix.text(j, i, f"{slope:.2f}", ha="center", va="center", fontsize=8)
    matrix.set(title=r"derivative $\partial p_i / \partial z_j$")
    matrix.set_xticks(range(len(z)), of_z)
    matrix.set_yticks(range(len(z)), of_p)
    return figure
