"""ASGD (Polyak and Juditsky 1992, Acceleration of stochastic approximation by averaging, SIAM J. Control Optim. 30)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optim.optimizer import Array, Group, Optimizer, State


class ASGD(Optimizer):
    """Gradient descent with a rate that falls, beside which the mean of the parameters is kept: ``state[p]["ax"]``.

    The rate is lr / (1 + lambd · lr · t)^alpha; each step shrinks the parameter by ``lambd`` times that. The mean is
    that of the steps after ``t0``, and before that the parameter itself. ``weight_decay`` adds that multiple of the
    parameter to its gradient; ``maximize`` climbs.
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
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        flags = {"foreach": foreach, "differentiable": differentiable, "capturable": capturable}
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
        lr, lambd, eta, mu, mean = group["lr"], group["lambd"], state["eta"], state["mu"], state["ax"]
        if not state["step"]:
            eta[...], mu[...] = lr, 1
        state["step"] += 1
        t = float(state["step"])
        p *= 1 - lambd * float(eta)
        p -= float(eta) * g
        if mu == 1:
            mean[...] = p
        else:
            mean += float(mu) * (p - mean)
        eta[...] = lr / (1 + lambd * lr * t) ** group["alpha"]
        mu[...] = 1 / max(1, t - group["t0"])
