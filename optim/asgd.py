"""Averaged stochastic gradient descent (Polyak and Juditsky 1992, SIAM Journal on Control and Optimization 30)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optim.optimizer import Array, Group, Optimizer, State


class ASGD(Optimizer):
    """Gradient descent with a rate that falls as lr / (1 + lambd lr steps)^alpha; ``state[p]["ax"]`` has the mean of
    the parameters since step ``t0``.

    ``lambd`` also shrinks the parameters by that part of the rate. ``weight_decay`` adds that multiple of the parameter
    to its gradient; ``maximize`` climbs.
    """

    remembered = ("step", "eta", "mu", "ax")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, flags)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        eta, mu, mean = state["eta"], state["mu"], state["ax"]
        if not state["step"]:
            eta[...], mu[...] = group["lr"], 1
        state["step"] += 1
        p *= 1 - group["lambd"] * float(eta)
        p -= float(eta) * g
        mean += float(mu) * (p - mean) if mu != 1 else p - mean
        eta[...] = group["lr"] / (1 + group["lambd"] * group["lr"] * float(state["step"])) ** group["alpha"]
        mu[...] = 1 / max(1.0, float(state["step"]) - group["t0"])
