"""Principal components of the digits: by eigenvectors, and by gradient descent on a linear autoencoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from tqdm import tqdm

import nn
import optim
from autograd import Tensor, linalg, manual_seed
from demos.report import Options, Report

# An eigenvector of a matrix is a direction that the matrix only stretches: C v = λ v, and λ is by how much. For the
# covariance matrix of data,
#
#     C = Xᵀ X / (N - 1)        X (N, D): the data less their mean,
#
# the eigenvectors are the directions in which the data vary independently, and λ is the variance along each. The few
# with the largest λ are the principal components. Dropping all others is the best linear compression there is: used
# to look at embeddings, to denoise, to shrink vectors before they go into a search index.


def by_eigenvectors(X: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k principal components as columns (D, k), and all variances from the largest on (D,)."""
    C = X.T @ X / (len(X) - 1)
    variances, directions = linalg.eigh(C)  # the smallest first
    return directions.flip(1)[:, :k], variances.flip(0)


# The same plane can be found without knowing what an eigenvector is. A linear autoencoder squeezes X through k numbers
# and is trained to lose as little as it can:
#
#     minimize |X - X E D|²        E (D, k) encodes, D (k, D) decodes
#
# Any minimum spans the principal plane, and there is no other minimum (Baldi & Hornik 1989). Its axes lie in that
# plane anyhow, as nothing tells them apart; hence planes are compared, not axes.


class Autoencoder(nn.Module):
    """D numbers through k and back."""

    def __init__(self, D: int, k: int) -> None:
        super().__init__()
        self.encode = nn.Linear(D, k, bias=False, dtype=np.float64)
        self.decode = nn.Linear(k, D, bias=False, dtype=np.float64)

    def forward(self, X: Tensor) -> Any:
        return self.decode(self.encode(X))


def by_descent(X: Tensor, k: int, steps: int) -> tuple[Tensor, list[float]]:
    """What the trained decoder spans, as columns (D, k), and the squared error of each step."""
    model = Autoencoder(X.shape[1], k)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    errors = []
    for _ in tqdm(range(steps), desc="autoencoder", unit="step"):
        loss = (X - model(X)).square().sum() / (len(X) - 1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        errors.append(loss.item())
    return model.decode.weight.detach(), errors


def angle(one: Tensor, other: Tensor) -> float:
    """The largest angle between two planes, in degrees: its sine is how far a unit vector of one leaves the other."""
    P, Q = linalg.qr(one)[0], linalg.qr(other)[0]
    outside = Q - P @ (P.T @ Q)
    return float(np.degrees(np.arcsin(min(float(linalg.svdvals(outside).max()), 1.0))))


def run(options: Options) -> Report:
    """The digits' plane three ways: by eigenvectors, by descent, and by scikit-learn."""
    manual_seed(options.seed)
    images, labels = load_digits(return_X_y=True)
    X = Tensor(images / 16)
    X = X - X.mean(dim=0)
    components, variances = by_eigenvectors(X, 2)
    found, errors = by_descent(X, 2, 600 if options.quick else 1500)
    judge = Tensor(PCA(2).fit(images).components_.T)
    report = Report()
    share = float(variances[:2].sum() / variances.sum())
    report.found("pca_share", share, f"two of 64 directions hold {share:.1%} of the variance")
    enough = int((variances.cumsum(0) / variances.sum() < 0.95).sum()) + 1
    report.found("pca_enough", enough, f"{enough} directions hold 95%")
    least = float(variances[2:].sum())
    report.found("pca_error", errors[-1] / least, f"the autoencoder's error: {errors[-1]:.6f}; the least: {least:.6f}")
    for name, plane, what in (
        ("eigen", components, "the eigenvectors' plane"),
        ("descent", found, "the autoencoder's plane"),
    ):
        degrees = angle(judge, plane)
        report.found(f"pca_{name}", degrees, f"{what} is within {degrees:.1g}° of scikit-learn's")
    report.pictures.append(options.save(picture(X, labels, components, errors, least), "pca.png"))
    return report


def picture(X: Tensor, labels: np.ndarray, components: Tensor, errors: list[float], least: float) -> Figure:
    """The digits in their principal plane, the two components as images, the autoencoder on its way."""
    figure = Figure(figsize=(8.4, 4.8), layout="constrained")
    axes: Any = figure.subplot_mosaic([["plane", "plane", "first", "second"], ["plane", "plane", "error", "error"]])
    x, y = (X @ components).T.numpy()
    axes["plane"].scatter(x, y, c=labels, cmap="tab10", s=4, alpha=0.35)
    for digit in range(10):
        at = np.median(x[labels == digit]), np.median(y[labels == digit])
        axes["plane"].text(*at, str(digit), fontsize=15, fontweight="bold", ha="center", va="center")
    axes["plane"].set(title="1,797 digits in two of 64 directions", xlabel="first", ylabel="second")
    for k, name in enumerate(("first", "second")):
        v = components[:, k].numpy().reshape(8, 8)
        axes[name].imshow(v, cmap="RdBu_r", vmin=-np.abs(v).max(), vmax=np.abs(v).max())
        axes[name].set_title(f"{name} direction", fontsize=10)
        axes[name].set_axis_off()
    axes["error"].loglog(np.array(errors) - least, color="#4C72B0")
    axes["error"].set(title="autoencoder: error above the least", xlabel="step")
    return figure
