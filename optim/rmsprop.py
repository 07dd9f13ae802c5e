"""RMSprop (Tieleman and Hinton 2012, lecture 6.5 of Neural Networks for Machine Learning; centered: Graves 2013,
arXiv:1308.0850)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class RMSprop(Optimizer):
    """A step against the gradient divided by its root mean square, a running mean of decay rate ``alpha``.

    ``centered`` divides by the standard deviation instead; ``momentum`` sums the quotients, decaying; ``eps`` is added
    after the root. ``weight_decay`` adds that multiple of the parameter to its gradient; ``maximize`` climbs.
    """

    remembered = ("step", "square_avg", "grad_avg", "momentum_buffer")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults, flags)

    def check(self, group: Group) -> None:
        super().check(group)
        self._check_range(group, "alpha")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        alpha, v = group["alpha"], state["square_avg"]
        state["step"] += 1
        v += (1 - alpha) * (g * g - v)
        if group["centered"]:
            m = state["grad_avg"]
            m += (1 - alpha) * (g - m)
            v = v - m * m
        g = g / (np.sqrt(v) + group["eps"])
        if group["momentum"]:
            buffer = state["momentum_buffer"]
            buffer *= group["momentum"]
            buffer += g
            g = buffer
        p -= group["lr"] * g
