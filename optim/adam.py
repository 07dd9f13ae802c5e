"""Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1; amsgrad: Reddi et al. 2018, arXiv:1904.09237)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer


class Adam(Optimizer):
    """A step against the mean gradient divided by the root mean square gradient, both running means.

    ``betas`` are their decay rates, ``eps`` keeps the quotient finite. ``weight_decay`` adds that multiple of the
    parameter to its gradient. ``amsgrad`` divides by the largest mean square so far; ``maximize`` climbs.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "amsgrad": amsgrad, "maximize": maximize})

    def check(self, group: Group) -> None:
        super().check(group)
        if not all(0 <= beta < 1 for beta in group["betas"]):
            raise ValueError(f"{self._name}: betas are {group['betas']}; each must lie in [0, 1)")
        if not group["eps"] >= 0:
            raise ValueError(f"{self._name}: eps is {group['eps']}; it must not be negative")

    def update(self, p: Array, g: Array, state: dict[str, Any], group: Group) -> None:
        beta1, beta2 = group["betas"]
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        if not state:
            state.update(t=0, m=np.zeros_like(p), v=np.zeros_like(p))
        state["t"] += 1
        m, v, t = state["m"], state["v"], state["t"]
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        if group["amsgrad"]:
            v = state["v_max"] = np.maximum(state.get("v_max", v), v)
        p -= group["lr"] / (1 - beta1**t) * m / (np.sqrt(v / (1 - beta2**t)) + group["eps"])
