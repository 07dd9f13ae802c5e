"""One batch's gradients three ways: ours, by finite differences, and PyTorch's."""

from __future__ import annotations

from types import ModuleType

import numpy as np

import nn
from autograd import Tensor, manual_seed
from autograd.check import finite_differences
from demos.digits import split
from demos.report import Options, Report

Gradients = dict[str, np.ndarray]


def ours(model: nn.Module, images: Tensor, labels: Tensor) -> Gradients:
    """The reverse pass: all derivatives at the cost of about two evaluations of the loss."""
    nn.functional.cross_entropy(model(images), labels).backward()
    return {name: p.grad.numpy() for name, p in model.named_parameters()}


def by_differences(model: nn.MLP, images: Tensor, labels: Tensor) -> Gradients:
    """The definition of the derivative: nudge one weight at a time and see how the loss changes."""
    names, parameters = zip(*model.named_parameters(), strict=True)

    def loss(*weights: Tensor) -> Tensor:
        w1, b1, w2, b2 = weights
        hidden = nn.functional.linear(images, w1, b1).tanh()
        return nn.functional.cross_entropy(nn.functional.linear(hidden, w2, b2), labels)

    return dict(zip(names, finite_differences(loss, parameters), strict=True))


def by_torch(torch: ModuleType, model: nn.Module, images: Tensor, labels: Tensor) -> Gradients:
    """The same network in PyTorch, from the same weights."""
    twin = torch.nn.Sequential(torch.nn.Linear(64, 12), torch.nn.Tanh(), torch.nn.Linear(12, 10)).double()
    twin.load_state_dict({name: torch.tensor(t.numpy()) for name, t in model.state_dict().items()})
    loss = torch.nn.functional.cross_entropy(twin(torch.tensor(images.numpy())), torch.tensor(labels.numpy()))
    loss.backward()
    return {name: p.grad.numpy() for name, p in twin.named_parameters()}


def table(columns: dict[str, Gradients | None]) -> str:
    """For each parameter its largest derivative, as each column has it."""
    reference = columns["ours"]
    assert reference is not None
    lines = [f"{'derivative of the loss by':26}" + "".join(f"{name:>20}" for name in columns)]
    for name, gradient in reference.items():
        at = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
        cells = (f"{c[name][at]:20.12f}" if c is not None else f"{'not installed':>20}" for c in columns.values())
        lines.append(f"{name + str(list(map(int, at))):26}" + "".join(cells))
    return "\n".join(lines)


def largest_difference(one: Gradients, other: Gradients) -> float:
    """The largest difference between corresponding derivatives, over all parameters."""
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)


def run(options: Options) -> Report:
    """Compare all 910 derivatives of a small network on 32 digits; print the largest of each parameter."""
    try:
        import torch
    except ImportError:
        torch = None
    manual_seed(options.seed)
    images, labels = (part[:32] for part in split(options.seed)[:2])
    images = images.double()
    model = nn.MLP(64, [12, 10], activation=nn.Tanh, dtype=np.float64)
    exact, approximate = ours(model, images, labels), by_differences(model, images, labels)
    theirs = None if torch is None else by_torch(torch, model, images, labels)
    print(table({"ours": exact, "finite differences": approximate, "PyTorch": theirs}))

    report = Report()
    count = sum(gradient.size for gradient in exact.values())
    gap = largest_difference(exact, approximate)
    report.found("gradients_differences", gap, f"all {count} derivatives within {gap:.0e} of finite differences")
    if theirs is not None:
        gap = largest_difference(exact, theirs)
        report.found("gradients_torch", gap, f"all {count} derivatives within {gap:.0e} of PyTorch's")
    else:
        report.findings.append('PyTorch is not installed, so its column is empty: pip install "chainrule[torch]"')
    return report
