"""The update for libraries that give gradients and leave the rest to the user: array by array, in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from training import Training, weights_of


def training_of(
    value_and_grad: Callable[[list[Any]], Any], arrays: dict[str, Any], options: dict[str, Any]
) -> Training:
    """``value_and_grad(parameters)`` gives the loss and a gradient for each."""
    start = list(weights_of(arrays).values())
    parameters = [array.copy() for array in start]
    update = {"SGD": sgd, "Adam": adam}[options["algorithm"]](parameters, options["rate"])

    def step() -> Any:
        loss, gradients = value_and_grad(parameters)
        update(gradients)
        return loss

    def restart() -> None:
        for p, array in zip(parameters, start, strict=True):
            np.copyto(p, array)

    return Training(step, restart)


def sgd(parameters: list[Any], rate: float) -> Callable[[list[Any]], None]:
    def update(gradients: list[Any]) -> None:
        for p, g in zip(parameters, gradients, strict=True):
            p -= rate * g

    return update


def adam(parameters: list[Any], rate: float) -> Callable[[list[Any]], None]:
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
    step = 0

    def update(gradients: list[Any]) -> None:
        nonlocal step
        step += 1
        for p, g, (m, v) in zip(parameters, gradients, moments, strict=True):
            m *= 0.9
            m += 0.1 * g
            v *= 0.999
            v += 0.001 * g * g
            p -= rate / (1 - 0.9**step) * m / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)

    return update
