"""The chain rule through one layer, W @ x + b: by hand, by the engine and by PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from autograd import Tensor, Value, compare, grad, manual_seed, randn
from demos.digits import split
from demos.report import Options, Report

# The chain rule: the derivative of a composition is the product of the derivatives of its parts.
#
#     z = f(y), y = g(x):    dz/dx = dz/dy * dy/dx
#
# For z = sin(x²) that is cos(x²) * 2x. Backpropagation is this rule and nothing else, applied from the result back
# to the inputs, so that each factor is computed once and serves all that lies before it.


def sine_of_square(x: float) -> tuple[float, float]:
    """The derivative of sin(x²) by the engine, and by hand."""
    node = Value(x, label="x")
    (node**2).sin().backward()
    return node.grad, float(np.cos(x**2) * 2 * x)


# Where x and y are vectors, dy/dx is a matrix, and the product is a matrix product. Take a layer y = W x + b, that is
# y_i = sum_j W_ij x_j + b_i, and a loss L. Let g = dL/dy be what comes back from above. Then
#
#     dL/dW_ij = g_i x_j               dL/dW = g xᵀ     an outer product
#     dL/db_i  = g_i                   dL/db = g
#     dL/dx_j  = sum_i g_i W_ij        dL/dx = Wᵀ g     which goes on to the layer before
#
# One product forward, two backward: these lines are most of the work of training any network.


def loss_of(x: Any, W: Any, b: Any) -> Any:
    """The cross-entropy of a layer's ten scores, where 3 would be right: log sum exp(y) - y_3."""
    y = W @ x + b  # (10, 64) @ (64,) + (10,)
    return y.logsumexp(dim=0) - y[3]


def by_hand(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """The three formulas; g is the derivative of the cross-entropy: softmax(y), less 1 at the right answer."""
    powers = np.exp(W @ x + b)
    g = powers / powers.sum() - np.eye(10)[3]
    return {"W": np.outer(g, x), "b": g, "x": W.T @ g}


def by_engine(x: Tensor, W: Tensor, b: Tensor) -> dict[str, np.ndarray]:
    """The same from the recorded graph: nobody need know the formulas."""
    gradients = grad(loss_of(x, W, b), (W, b, x))
    return {name: gradient.numpy() for name, gradient in zip("Wbx", gradients, strict=True)}


def layer(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """A handwritten 3, and a layer's weights and biases at the start of training."""
    manual_seed(seed)
    images, labels = split(seed)[:2]
    x = images[labels == 3][0].double()
    W, b = randn(10, 64).double() / 8, randn(10).double() / 8
    return x.requires_grad_(), W.requires_grad_(), b.requires_grad_()


def run(options: Options) -> Report:
    """The derivative of sin(x²), then all 714 derivatives of a layer, three ways."""
    report = Report()
    engine, hand = sine_of_square(1.5)
    report.found("chain_rule_sine", abs(engine - hand), f"d sin(x²)/dx at 1.5: {engine:.6f}, by hand {hand:.6f}")

    x, W, b = layer(options.seed)
    ours, formulas = by_engine(x, W, b), by_hand(x.numpy(), W.numpy(), b.numpy())
    gap = max(float(np.abs(ours[name] - formulas[name]).max()) for name in ours)
    report.found("chain_rule_hand", gap, f"dL/dW, dL/db, dL/dx of a layer: within {gap:.0e} of the formulas")
    try:
        comparison = compare(loss_of, x, W, b)
    except ImportError:
        report.findings.append('PyTorch is not installed, so there is no comparison: pip install "chainrule[torch]"')
    else:
        print(comparison)
        gap = max(row.absolute for row in comparison.rows)
        report.found("chain_rule_torch", gap, f"loss_of run by PyTorch: its value and gradients within {gap:.0e}")
    report.pictures.append(options.save(picture(x, ours), "chain_rule.png"))
    return report


def picture(x: Tensor, gradients: dict[str, np.ndarray]) -> Figure:
    """The outer product: the digit as a row, g as a column, and every product of two in between."""
    figure = Figure(figsize=(8.0, 3.0), layout="constrained")
    axes: Any = figure.subplots(2, 2, width_ratios=(1, 24), height_ratios=(1, 6))
    most = np.abs(gradients["W"]).max()
    axes[0, 0].set_axis_off()
    axes[0, 1].imshow(x.numpy()[None], cmap="gray_r", aspect="auto")
    axes[0, 1].set_title("x: the 64 pixels of a handwritten 3", fontsize=10)
    axes[1, 0].imshow(gradients["b"][:, None], cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axes[1, 0].set_ylabel("g = dL/dy, by class")
    axes[1, 1].imshow(gradients["W"], cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
    axes[1, 1].set_xlabel(
        "dL/dW = g xᵀ from the engine: where it is red, more weight raises the loss; where blue, it lowers it"
    )
    for each in axes.ravel():
        each.set(xticks=[], yticks=[])
    axes[1, 0].set_yticks(range(10))
    return figure
