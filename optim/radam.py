"""RAdam (Liu et al. 2020, On the Variance of the Adaptive Learning Rate and Beyond, arXiv:1908.03265, algorithm 2)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class RAdam(Optimizer):
    """`Adam` that rectifies the variance of its first steps, and divides by nothing while that is unbounded.

    ``eps`` is added after the root. ``weight_decay`` adds that multiple of the parameter to its gradient or, with
    ``decoupled_weight_decay``, shrinks the parameter by ``lr`` times that; ``maximize`` climbs.
    """

    remembered = ("step", "exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, flags)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        beta1, beta2 = group["betas"]
        m, v = state["exp_avg"], state["exp_avg_sq"]
        state["step"] += 1
        t = float(state["step"])
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        step = group["lr"] / (1 - beta1**t) * m
        most = 2 / (1 - beta2) - 1  # the length of the average, ρ∞ in the paper, and how much of it there is, ρ
        rho = most - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5:
            rectified = math.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
            step *= rectified * math.sqrt(1 - beta2**t) / (np.sqrt(v) + group["eps"])
        p -= step
