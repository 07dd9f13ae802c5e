"""Cross-entropy: what a prediction costs, good or bad, and what the reader of digits pays for each digit."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

import nn
from autograd import Tensor, grad, manual_seed, no_grad
from demos.digits import split, train
from demos.report import Options, Report

# If the truth is distributed as p and we predict q, the cross-entropy is the surprise -log q, averaged over the truth:
#
#     H(p, q) = - sum_i p_i log q_i
#
# A label is a truth that is sure, p = (0, ..., 1, ..., 0), and only one term is left: the loss of one prediction is
# -log of the probability it gave to what was right. It is the loss of every classifier and of every language model,
# whose exp(loss), the *perplexity*, says among how many equally likely tokens the model is wavering.

PREDICTIONS = {
    "good": [0.05, 0.90, 0.05],
    "unsure": [1 / 3, 1 / 3, 1 / 3],
    "bad": [0.80, 0.10, 0.10],
    "sure and wrong": [0.989, 0.001, 0.010],
}


def cross_entropy(p: Tensor, q: Tensor) -> Tensor:
    """The definition, in nats."""
    return -(p * q.log()).sum()


# After a softmax, q = softmax(z), its derivative is the plainest there is: dH/dz = q - p, the prediction minus the
# truth. A prediction that is sure and wrong gets a gradient of full size, where the squared error would give nearly
# none: that is why classifiers are trained by this loss.


def gradients(z: Tensor, label: int) -> tuple[np.ndarray, np.ndarray]:
    """The loss's gradient by the engine, and q - p."""
    (slope,) = grad(nn.functional.cross_entropy(z, label), z)
    return slope.numpy(), (z.softmax(dim=0) - nn.functional.one_hot(label, len(z))).detach().numpy()


def run(options: Options) -> Report:
    """Four predictions of one truth; the gradient; then each held-out digit's cost."""
    report = Report()
    truth = Tensor([0.0, 1.0, 0.0], dtype=np.float64)
    for name, q in PREDICTIONS.items():
        cost = cross_entropy(truth, Tensor(q, dtype=np.float64)).item()
        rounded = [round(each, 3) for each in q]
        report.found(f"cross_entropy_{name.split()[0]}", cost, f"{name + ':':15} {rounded} costs {cost:.4f} nats")

    z = Tensor([4.0, -2.0, 1.0], dtype=np.float64, requires_grad=True)
    slope, difference = gradients(z, Tensor(1))
    gap = float(np.abs(slope - difference).max())
    report.found("cross_entropy_gradient", gap, f"its gradient is the prediction minus the truth, within {gap:.0e}")

    # The targets it learns from are smoothed, 0.91 for the right digit, so that even an easy one costs a little.
    manual_seed(options.seed)
    images, labels, held_out, right = split(options.seed)
    model = nn.MLP(64, [256, 10])
    train(model, images, labels, 3 if options.quick else 40, options.seed)
    with no_grad():
        costs = nn.functional.cross_entropy(model(held_out), right, reduction="none").numpy()
        read = model(held_out).argmax(dim=1).numpy()
    mean, chance = float(costs.mean()), math.log(10)
    report.found("cross_entropy_chance", chance, f"a digit guessed blindly costs log 10 = {chance:.3f} nats")
    report.found("cross_entropy_digits", mean, f"read by the network, a held-out one costs {mean:.3f} nats on average")
    report.findings.append(f"its perplexity: it wavers among {math.exp(mean):.2f} digits; blindly among 10")
    missed = costs[read != right.numpy()]
    if len(missed):
        share = float(missed.sum() / costs.sum())
        report.findings.append(f"the {len(missed)} of {len(costs)} that are misread make up {share:.0%} of all cost")
    report.pictures.append(options.save(picture(costs, held_out, right, read), "cross_entropy.png"))
    return report


def picture(costs: np.ndarray, images: Tensor, labels: Tensor, read: np.ndarray) -> Figure:
    """The curve -log q with the held-out digits on it, and the cheapest, the middle and the dearest of them."""
    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    axes = figure.subplot_mosaic([["curve"] * 6, list("abcdef")], height_ratios=[3, 1])
    curve = axes.pop("curve")
    q = np.linspace(min(0.005, np.exp(-costs.max())), 1, 400)
    curve.plot(q, -np.log(q), color="#999999", zorder=1)
    right = read == labels.numpy()
    for kind, colour, name in ((right, "#4C72B0", "read rightly"), (~right, "#C44E52", "misread")):
        curve.scatter(np.exp(-costs[kind]), costs[kind], color=colour, s=18, label=f"{name}: {kind.sum()}", zorder=2)
    curve.axhline(math.log(10), color="#999999", linestyle=":")
    curve.text(1, math.log(10), "chance: log 10", ha="right", va="bottom", color="#555555")
    curve.set(xlabel="probability given to the right digit", ylabel="cost -log q (nats)")
    curve.set(title="What the prediction of each held-out digit costs")
    curve.legend(frameon=False)
    order = np.argsort(costs)
    shown = [*order[:2], *order[len(order) // 2 : len(order) // 2 + 1], *order[-3:]]
    for each, i in zip(axes.values(), shown, strict=True):
        each.imshow(images.numpy()[i].reshape(8, 8), cmap="gray_r")
        each.set_axis_off()
        answer = "" if right[i] else f" (read {read[i]})"
        each.set_title(f"{labels.numpy()[i]}{answer}\ncosts {costs[i]:.2g}", fontsize=8)
    return figure
