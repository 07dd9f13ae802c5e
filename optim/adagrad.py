"""Adagrad (Duchi, Hazan and Singer 2011, Journal of Machine Learning Research 12)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor
from optim.optimizer import Array, Group, Optimizer, State


class Adagrad(Optimizer):
    """A step against the gradient divided by the root of the sum of all its squares so far.

    The sum starts at ``initial_accumulator_value``; ``lr_decay`` divides the rate by 1 + lr_decay · (steps before);
    ``eps`` is added after the root. ``weight_decay`` adds that multiple of the parameter to its gradient;
    ``maximize`` climbs.
    """

    remembered = ("step", "sum")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults, flags)

    def check(self, group: Group) -> None:
        super().check(group)
        for setting in ("lr_decay", "initial_accumulator_value"):
            self._check_range(group, setting)

    def add_param_group(self, group: Group) -> None:
        super().add_param_group(group)
        added = self.param_groups[-1]
        for p in added["params"]:  # before the first step, as PyTorch does, so that the states can be exchanged
            like = p.raw if isinstance(p, Tensor) else np.zeros(())
            start = np.full_like(like, added["initial_accumulator_value"])
            self.state[p] = {"step": Tensor.of(np.zeros(())), "sum": Tensor.of(start)}

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        lr = group["lr"] / (1 + float(state["step"]) * group["lr_decay"])
        state["step"] += 1
        state["sum"] += g * g
        p -= lr * g / (np.sqrt(state["sum"]) + group["eps"])
