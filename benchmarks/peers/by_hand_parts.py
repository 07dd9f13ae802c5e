"""What the networks written by hand share: parameters in one flat array, its updates, and the cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from training import Training, weights_of

Array = np.ndarray[Any, Any]


class Flat:
    """The parameters ``p`` and their gradients ``g``, by name: views of two flat arrays."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        weights = weights_of(arrays)
        self.start = np.concatenate([array.ravel() for array in weights.values()])
        self.flat, self.flat_g = self.start.copy(), np.zeros_like(self.start)
        self.p: dict[str, Array] = {}
        self.g: dict[str, Array] = {}
        at = 0
        for name, array in weights.items():
            self.p[name] = self.flat[at : at + array.size].reshape(array.shape)
            self.g[name] = self.flat_g[at : at + array.size].reshape(array.shape)
            at += array.size

    def training(self, loss: Callable[[], Any], options: dict[str, Any]) -> Training:
        """``loss()`` computes the loss and fills ``g``."""
        update = {"SGD": self.sgd, "Adam": self.adam}[options["algorithm"]](options["rate"])

        def step() -> Any:
            found = loss()
            update()
            return found

        return Training(step, lambda: np.copyto(self.flat, self.start))

    def sgd(self, rate: float) -> Callable[[], None]:
        p, g = self.flat, self.flat_g

        def update() -> None:
            np.multiply(g, rate, out=g)
            np.subtract(p, g, out=p)

        return update

    def adam(self, rate: float, block: int = 1 << 14) -> Callable[[], None]:
        """Block by block, so that what is computed with stays in the cache."""
        m, v = np.zeros_like(self.flat), np.zeros_like(self.flat)
        scratch = np.empty_like(self.flat[:block])
        step = 0

        def update() -> None:
            nonlocal step
            step += 1
            scale = rate / (1 - 0.9**step)
            root = (1 - 0.999**step) ** 0.5
            for at in range(0, self.flat.size, block):
                part = slice(at, at + block)
                pk, gk, mk, vk = self.flat[part], self.flat_g[part], m[part], v[part]
                s = scratch[: pk.size]
                mk *= 0.9
                mk += np.multiply(gk, 0.1, out=s)
                np.multiply(gk, gk, out=s)
                s *= 0.001
                vk *= 0.999
                vk += s
                np.sqrt(vk, out=s)
                s *= 1 / root
                s += 1e-8
                np.divide(mk, s, out=s)
                s *= scale
                pk -= s

        return update


def cross_entropy(logits: Array, y: Array) -> tuple[Any, Array]:
    """The mean loss, and its gradient, written over ``logits``."""
    rows = np.arange(len(y))
    logits -= logits.max(axis=1, keepdims=True)
    chosen = logits[rows, y]
    np.exp(logits, out=logits)
    total = logits.sum(axis=1, keepdims=True)
    loss = (np.log(total[:, 0]) - chosen).mean()
    logits /= total
    logits[rows, y] -= 1
    logits /= len(y)
    return loss, logits
