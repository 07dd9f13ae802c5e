"""HIPS autograd, PyPI's package called autograd: a function of parameters, differentiated by ``value_and_grad``."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import autograd.numpy as np
from by_array import training_of
from training import Training

from autograd import value_and_grad

VERSION = f"autograd {version('autograd')}"


def mlp(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    X, y = arrays["data.X"], arrays["data.y"]
    rows = np.arange(len(y))

    def loss_of(parameters: list[Any]) -> Any:
        x = X
        for k in range(0, len(parameters), 2):
            x = np.dot(x, parameters[k].T) + parameters[k + 1]
            if k + 2 < len(parameters):
                x = np.maximum(x, 0)
        if x.shape[1] == 1:
            return np.mean(np.maximum(1 - y * x[:, 0], 0))
        x = x - np.max(x, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(x), axis=1)) - x[rows, y])

    return training_of(value_and_grad(loss_of), arrays, options)
