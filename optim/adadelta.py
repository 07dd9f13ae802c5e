"""Adadelta (Zeiler 2012, arXiv:1212.5701, algorithm 1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class Adadelta(Optimizer):
    """A step against the gradient, scaled by the root mean square of the steps so far over that of the gradients.

    ``rho`` is the decay rate of both running means, ``eps`` is added to them under the roots, and ``lr`` multiplies
    the step. ``weight_decay`` adds that multiple of the parameter to its gradient; ``maximize`` climbs.
    """

    remembered = ("step", "square_avg", "acc_delta")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        defaults = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults, flags)

    def check(self, group: Group) -> None:
        super().check(group)
        self._check_range(group, "rho", largest=1)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        rho, eps, v, u = group["rho"], group["eps"], state["square_avg"], state["acc_delta"]
        state["step"] += 1
        v += (1 - rho) * (g * g - v)
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u += (1 - rho) * (delta * delta - u)
        p -= group["lr"] * delta
