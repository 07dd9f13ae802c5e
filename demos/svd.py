"""Singular values: how much of a 768 x 768 matrix is left at rank r."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

import optim
from autograd import Tensor, linalg, manual_seed, randn
from demos.data import Words, near, text
from demos.report import Options, Report

N = 768
RANKS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768)

# Every matrix is a turn, a stretch along axes, and another turn:
#
#     W = U S Vᵀ        U, V orthogonal; S = diag(σ_1 >= σ_2 >= ... >= 0), the singular values
#
# that is, a sum of rank-1 matrices σ_i u_i v_iᵀ, the most important first. Cut off after r of them, it is the best
# matrix of rank r there is (Eckart & Young 1936), and its error is what was cut off:
#
#     |W - W_r|² = σ_{r+1}² + ... + σ_n²
#
# A rank-r matrix is B A with B (768, r) and A (r, 768): 2 * 768 r numbers in place of 768². At r = 16 that is 4.2%.
# So models are compressed, and so LoRA learns a change of a large matrix with few numbers: well, if most of the matrix
# is in its first singular values. In a random matrix it is not; in one made of anything real, more or less.


def random_matrix() -> Tensor:
    """Independent normal numbers."""
    return randn(N, N)


def neighbours() -> Tensor:
    """log(1 + how often) each of the reference's 768 commonest words stands within 4 words of each other one."""
    pairs = near(Words(text(), least=1).text, window=4)
    pairs = pairs[(pairs < N).all(axis=1)]
    W = np.zeros((N, N), dtype=np.float32)
    np.add.at(W, (pairs[:, 0], pairs[:, 1]), 1)
    return Tensor(np.log1p(W))


def cut(W: Tensor, r: int) -> float:
    """|W - W_r| / |W|, with W_r made from the first r singular values."""
    U, S, Vh = linalg.svd(W)
    return float(linalg.norm(W - (U[:, :r] * S[:r]) @ Vh[:r]) / linalg.norm(W))


def tails(W: Tensor) -> np.ndarray:
    """The same for every rank from 0 to 768, from the singular values alone."""
    squares = linalg.svdvals(W).double().numpy() ** 2
    left = np.append(np.cumsum(squares[::-1])[::-1], 0.0)
    return np.sqrt(left / squares.sum())


# "The best there is" can be tried: let gradient descent look for a better B A.


def by_descent(W: Tensor, r: int, steps: int) -> float:
    """The error of the best product of rank r that Adam finds."""
    B, A = (randn(N, r) * 0.1).requires_grad_(), (randn(r, N) * 0.1).requires_grad_()
    optimizer = optim.Adam([B, A], lr=0.05)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in tqdm(range(steps), desc=f"rank {r}", unit="step"):
        loss = (W - B @ A).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return float(linalg.norm(W - B @ A) / linalg.norm(W))


def run(options: Options) -> Report:
    """The error of each rank for a random matrix and for one from language, by three ways at rank 16."""
    manual_seed(options.seed)
    report, r = Report(), 16
    matrices = {"random": random_matrix(), "neighbours": neighbours()}
    curves = {name: tails(W) for name, W in matrices.items()}
    W = matrices["neighbours"]
    for name, errors in curves.items():
        shown = ", ".join(f"{rank}: {errors[rank]:.1%}" for rank in RANKS[2:-1:2])
        report.found(f"svd_{name}", float(errors[r]), f"{name:10} error at rank {shown}")
    exact, found = cut(W, r), by_descent(W, r, 30 if options.quick else 300)
    gap = abs(exact - float(curves["neighbours"][r]))
    report.found("svd_gap", gap, f"rank {r}: cut off {exact:.6f}, from the singular values alone within {gap:.0e}")
    report.found("svd_descent", found / exact, f"rank {r}: the best that descent finds is {found:.6f}: not better")
    report.found("svd_numbers", 2 * r / N, f"rank {r} is {2 * N * r:,} numbers of {N * N:,}: {2 * r / N:.1%}")
    report.pictures.append(options.save(picture(curves), "svd.png"))
    return report


def picture(curves: dict[str, np.ndarray]) -> Figure:
    """The error over the rank."""
    figure = Figure(figsize=(6.4, 4.0))
    axes = figure.subplots()
    labels = {"random": "random numbers", "neighbours": "which words stand near which"}
    for (name, errors), colour in zip(curves.items(), ("#C44E52", "#4C72B0"), strict=True):
        axes.plot(errors, color=colour, label=labels[name])
    axes.axvline(16, color="#999999", linestyle=":")
    axes.text(26, 0.02, "rank 16: 4.2% of the numbers", color="#666666", fontsize=9)
    axes.set(title="What is lost of a 768 × 768 matrix", xlabel="rank that is kept", ylabel="relative error")
    axes.legend(frameon=False)
    return figure
