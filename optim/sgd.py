"""Stochastic gradient descent, with momentum (Polyak 1964; Nesterov 1983, as in Sutskever et al. 2013)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optim.optimizer import Array, Group, Optimizer, State


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

    remembered = ("momentum_buffer",)

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
        **flags: Any,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "nesterov": nesterov, "maximize": maximize}, flags)

    def check(self, group: Group) -> None:
        super().check(group)
        if group["dampening"] != group["dampening"]:
            raise ValueError("SGD: dampening is nan")
        if group["nesterov"] and not (group["momentum"] > 0 and group["dampening"] == 0):
            raise ValueError("SGD: nesterov looks ahead along the momentum; it needs momentum > 0 and dampening = 0")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        momentum = group["momentum"]
        if momentum:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = g.copy()  # the first gradient is not dampened
            else:
                state["momentum_buffer"] *= momentum
                state["momentum_buffer"] += (1 - group["dampening"]) * g
            g = g + momentum * state["momentum_buffer"] if group["nesterov"] else state["momentum_buffer"]
        p -= group["lr"] * g
