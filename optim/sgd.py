"""Stochastic gradient descent, with momentum (Polyak 1964; Nesterov 1983, as in Sutskever et al. 2013)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optim.optimizer import Array, Group, Optimizer


class SGD(Optimizer):
    """A step of ``lr`` against the gradient or, with ``momentum``, against its decaying sum.

    ``weight_decay`` adds that multiple of the parameter to its gradient; ``dampening`` takes that share from each
    gradient before it enters the sum; ``nesterov`` looks one step of momentum ahead; ``maximize`` climbs.

    >>> from autograd import Value
    >>> w = Value(10.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> for _ in range(5):
    ...     optimizer.zero_grad()
    ...     ((w - 3) ** 2).backward()
    ...     optimizer.step()
    >>> round(w.data, 5)
    5.29376
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "nesterov": nesterov, "maximize": maximize})

    def check(self, group: Group) -> None:
        super().check(group)
        if not group["momentum"] >= 0:
            raise ValueError(f"SGD: momentum is {group['momentum']}; it must not be negative")
        if group["nesterov"] and not (group["momentum"] > 0 and group["dampening"] == 0):
            raise ValueError("SGD: nesterov looks ahead along the momentum; it needs momentum > 0 and dampening = 0")

    def update(self, p: Array, g: Array, state: dict[str, Any], group: Group) -> None:
        momentum = group["momentum"]
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        if momentum:
            if "velocity" not in state:
                state["velocity"] = g.copy()
            else:
                state["velocity"] *= momentum
                state["velocity"] += (1 - group["dampening"]) * g
            g = g + momentum * state["velocity"] if group["nesterov"] else state["velocity"]
        p -= group["lr"] * g
