"""Rprop (Riedmiller and Braun 1993, A direct adaptive method for faster backpropagation learning, ICNN)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.optimizer import Array, Group, Optimizer, State


class Rprop(Optimizer):
    """A step against the sign of the gradient, of a size that each element has for itself, at first ``lr``.

    Where the sign stays the size is multiplied by ``etas[1]``, where it changes by ``etas[0]``, and no step is taken;
    it stays within ``step_sizes``. For gradients of the whole data, not of batches. ``maximize`` climbs.
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
        less, more = group["etas"]
        if not 0 < less < 1 < more:
            raise ValueError(f"Rprop: etas are {group['etas']}; the first must lie in (0, 1), the second be above 1")
        low, high = group["step_sizes"]
        if not 0 <= low <= high:
            raise ValueError(f"Rprop: step_sizes are {group['step_sizes']}; give the smallest and the largest")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        less, more = group["etas"]
        size, before = state["step_size"], state["prev"]
        if not state["step"]:
            size += group["lr"]
        state["step"] += 1
        agreement = g * before
        size *= np.where(agreement > 0, more, np.where(agreement < 0, less, 1)).astype(size.dtype)
        np.clip(size, *group["step_sizes"], out=size)
        before[...] = np.where(agreement < 0, 0, g)
        p -= np.sign(before) * size
