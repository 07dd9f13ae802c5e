"""Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1; amsgrad: Reddi et al. 2018, arXiv:1904.09237)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class Adam(Optimizer):
    """A step against the mean gradient divided by the root mean square gradient, both running means.

    ``betas`` are their decay rates, ``eps`` keeps the quotient finite. ``weight_decay`` adds that multiple of the
    parameter to its gradient or, with ``decoupled_weight_decay``, shrinks the parameter by ``lr`` times that, as
    `AdamW` does. ``amsgrad`` divides by the largest mean square so far; ``maximize`` climbs.
    """

    remembered = ("step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq")

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
        decoupled_weight_decay: bool = False,
        **flags: Any,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults, flags)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        beta1, beta2 = group["betas"]
        m, v = state["exp_avg"], state["exp_avg_sq"]
        state["step"] += 1
        t = float(state["step"])
        root = math.sqrt(1 - beta2**t)
        m *= beta1
        part = (1 - beta1) * g  # and from here on the same memory
        m += part
        v *= beta2
        part *= g
        part *= (1 - beta2) / (1 - beta1)
        v += part
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        np.sqrt(v, out=part)
        part += group["eps"] * root
        np.divide(m, part, out=part)
        part *= group["lr"] * root / (1 - beta1**t)
        p -= part  # lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)
