"""Two interactive pages to play forward and backward: a network of Values, and one of Tensors."""

from __future__ import annotations

import random

import numpy as np
from sklearn.datasets import load_iris, make_moons

import nn
from autograd import Tensor, Value, draw, manual_seed, origins
from autograd.draw.drawing import Drawing
from demos.report import Options, Report


def moons(seed: int) -> Drawing:
    """Two points of the moons through a network of three neurons and one: every number of a training step."""
    random.seed(seed)
    X, labels = make_moons(n_samples=2, noise=0.1, random_state=seed)
    model = nn.scalar.MLP(2, (3, 1))
    with origins.recording():  # nodes remember their line and their module
        scores = [model([Value(x1, label="x1"), Value(x2, label="x2")]) for x1, x2 in X]
        hinges = [(1 - (2.0 * label - 1.0) * score).relu() for label, score in zip(labels, scores, strict=True)]
        loss = sum(hinges) / 2
    loss.backward()
    return draw(loss, title="Two points of the moons: the hinge loss of a 2-3-1 network")


def iris(seed: int) -> Drawing:
    """Six flowers through two layers and the cross entropy: the same with arrays."""
    manual_seed(seed)
    X, labels = load_iris(return_X_y=True)
    chosen = np.arange(0, 150, 25)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    inputs, targets = Tensor(X[chosen].astype(np.float32)), Tensor(labels[chosen])
    with origins.recording():
        logits = model(inputs)
        loss = nn.functional.cross_entropy(logits, targets)
    loss.backward()
    return draw(loss, title="Six irises: the cross entropy of a 4-8-3 network")


def run(options: Options) -> Report:
    """Write both pages."""
    options.out.mkdir(parents=True, exist_ok=True)
    report = Report()
    for name, page in (("moons", moons), ("iris", iris)):
        drawing = page(options.seed)
        path = drawing.save(options.out / f"{name}.html")
        report.pictures.append(path)
        size = path.stat().st_size / 1000
        report.found(f"{name}_kb", size, f"{path.name}: {len(drawing.picture.boxes)} boxes, {size:.0f} KB, one file")
    return report
