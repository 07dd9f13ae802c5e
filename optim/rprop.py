"""Rprop (Riedmiller and Braun 1993)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class Rprop(Optimizer):
    """A step against the sign of the gradient; how far, every number learns for itself, from ``lr`` on.

    Where the sign stayed, the step grows by ``etas[1]``; where it changed, it shrinks by ``etas[0]`` and is left out
    once. It stays within ``step_sizes``. For gradients of the whole data, not of batches. ``maximize`` climbs.
    """

    remembered = ("step", "prev", "step_size")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}, flags)

    def check(self, group: Group) -> None:
        super().check(group)
        shrinking, growing = group["etas"]
        if not 0 < shrinking < 1 < growing:
            raise ValueError(f"{self._name}: etas are {group['etas']}; they must be between 0 and 1, and above 1")
        smallest, largest = group["step_sizes"]
        if not 0 <= smallest <= largest:
            raise ValueError(f"{self._name}: step_sizes are {smallest, largest}; the first must not be the larger one")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state["step"]:
            state["step_size"][...] = group["lr"]
        state["step"] += 1
        shrinking, growing = group["etas"]
        turned = np.sign(g * state["prev"])
        size = state["step_size"]
        size *= np.where(turned > 0, growing, np.where(turned < 0, shrinking, 1.0)).astype(p.dtype)
        np.clip(size, *group["step_sizes"], out=size)
        g = np.where(turned < 0, 0, g)
        p -= size * np.sign(g)
        state["prev"][...] = g
