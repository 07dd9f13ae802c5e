"""Lion (Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, arXiv:2302.06675, algorithm 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class Lion(Optimizer):
    """A step of ``lr`` in each element, against the sign of a mean of the momentum and the gradient.

    ``betas``: the momentum's share in that mean, and its decay rate. ``weight_decay`` shrinks the parameter by ``lr``
    times that; ``maximize`` climbs. Not in PyTorch; names and defaults are those of the authors' `lion_pytorch.py`.
    """

    remembered = ("exp_avg",)
    decoupled = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults, flags)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        beta1, beta2 = group["betas"]
        m = state["exp_avg"]
        p -= group["lr"] * np.sign(beta1 * m + (1 - beta1) * g)
        m += (1 - beta2) * (g - m)
