"""NAdam (Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR workshop)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class NAdam(Optimizer):
    """`Adam` with Nesterov's momentum: the step looks ahead along the next mean gradient.

    The momentum of step t is μ = beta1 · (1 - 0.96^(t · momentum_decay) / 2). ``weight_decay`` adds that multiple of
    the parameter to its gradient or, with ``decoupled_weight_decay``, shrinks the parameter by ``lr`` times that;
    ``maximize`` climbs.
    """

    remembered = ("step", "mu_product", "exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
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
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, flags)

    def check(self, group: Group) -> None:
        super().check(group)
        self._check_range(group, "momentum_decay")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        beta1, beta2 = group["betas"]
        m, v = state["exp_avg"], state["exp_avg_sq"]
        if "mu_product" not in state:
            state["mu_product"] = np.ones(())
        state["step"] += 1
        t = float(state["step"])
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (s * group["momentum_decay"])) for s in (t, t + 1))
        state["mu_product"] *= mu
        product = float(state["mu_product"])
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        ahead = (1 - mu) / (1 - product) * g + mu_next / (1 - product * mu_next) * m
        p -= group["lr"] * ahead / (np.sqrt(v / (1 - beta2**t)) + group["eps"])
