"""micrograd, from PyPI."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import scalar_programs
from micrograd.nn import MLP
from training import Training, restarted

VERSION = f"micrograd {version('micrograd')}"


def moons(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    model = MLP(2, [16, 16, 1])
    parameters = scalar_programs.moons_parameters(model, arrays)
    X, y = arrays["data.X"].tolist(), arrays["data.y"].tolist()
    start = [p.data for p in parameters]

    def step() -> float:
        loss = scalar_programs.moons_loss(model, X, y)
        model.zero_grad()
        loss.backward()
        for p in parameters:
            p.data -= options["rate"] * p.grad
        return loss.data

    return Training(step, lambda: restarted(parameters, start))
