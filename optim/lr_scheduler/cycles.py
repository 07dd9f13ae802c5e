"""Rates that rise and fall (Smith 2017, arXiv:1506.01186; Smith and Topin 2018, arXiv:1708.07120)."""

from __future__ import annotations

import math
from collections.abc import Callable

from optim.lr_scheduler.base import LRScheduler, check_momentum, checked, for_each_group, set_momentum
from optim.optimizer import Optimizer


class OneCycleLR(LRScheduler):
    """Up to ``max_lr``, then down far below the start, for ``total_steps`` steps (or ``epochs * steps_per_epoch``).

    The rate starts at max_lr / div_factor, rises for the share ``pct_start`` of the steps, and ends at its start /
    final_div_factor; ``three_phase``: it falls back to its start in as many steps as it rose, then further.
    ``anneal_strategy`` is "cos" or "linear". With ``cycle_momentum``, momentum (or the first beta) goes the other way
    between ``base_momentum`` and ``max_momentum``. To be stepped after each batch.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        checked(self, optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: give total_steps, or both epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        if not isinstance(total_steps, int) or total_steps < 1:
            raise ValueError(f"OneCycleLR: there are {total_steps!r} steps; it must be a whole number >= 1")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start is {pct_start}; it is the share of the steps, in [0, 1]")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy is {anneal_strategy!r}, not 'cos' or 'linear'")
        self.total_steps, self.anneal_strategy, self.cycle_momentum = total_steps, anneal_strategy, cycle_momentum
        rise = pct_start * total_steps - 1
        # each phase: its last step, the rates and the momenta between which it goes, by their keys in a group
        up = (rise, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if three_phase:
            down = (2 * rise, "max_lr", "initial_lr", "base_momentum", "max_momentum")
            self.phases = [up, down, (total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        else:
            self.phases = [up, (total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        if cycle_momentum:
            check_momentum(self, optimizer)
        highest = for_each_group("max_lr", optimizer, max_lr)
        low, high = (for_each_group("momentum", optimizer, m) for m in (base_momentum, max_momentum))
        if last_epoch == -1:
            for i, group in enumerate(optimizer.param_groups):
                group["max_lr"], group["initial_lr"] = highest[i], highest[i] / div_factor
                group["min_lr"] = group["initial_lr"] / final_div_factor
                if cycle_momentum:
                    group["base_momentum"], group["max_momentum"] = low[i], high[i]
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        step, last = self.last_epoch, len(self.phases) - 1
        if step > self.total_steps:
            raise ValueError(f"OneCycleLR: step {step} of a schedule made for {self.total_steps} steps")
        phase = next((i for i in range(last) if step <= self.phases[i][0]), last)
        start = self.phases[phase - 1][0] if phase else 0.0
        end, first_lr, last_lr, first_momentum, last_momentum = self.phases[phase]
        share = (step - start) / (end - start) if end != start else 1.0
        if self.anneal_strategy == "cos":
            share = (1 - math.cos(math.pi * share)) / 2
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                momentum = group[first_momentum] + (group[last_momentum] - group[first_momentum]) * share
                set_momentum(group, momentum)
        return [group[first_lr] + (group[last_lr] - group[first_lr]) * share for group in self.optimizer.param_groups]


class CyclicLR(LRScheduler):
    """Up from ``base_lr`` to ``max_lr`` in ``step_size_up`` steps and down in ``step_size_down``, again and again.

    ``mode``: "triangular"; "triangular2", half as high in each cycle; "exp_range", times gamma^step. A ``scale_fn`` of
    the cycle (counted from 1) or, with ``scale_mode="iterations"``, of the step replaces it. With ``cycle_momentum``,
    momentum (or the first beta) goes the other way between ``base_momentum`` and ``max_momentum``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        checked(self, optimizer)
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(f"CyclicLR: mode is {mode!r}, not 'triangular', 'triangular2' or 'exp_range'")
        if scale_mode not in ("cycle", "iterations"):
            raise ValueError(f"CyclicLR: scale_mode is {scale_mode!r}, not 'cycle' or 'iterations'")
        self.mode, self.gamma, self.scale_fn, self.scale_mode = mode, gamma, scale_fn, scale_mode
        down = step_size_up if step_size_down is None else step_size_down
        if step_size_up < 1 or down < 1:
            raise ValueError(f"CyclicLR: the step sizes are {step_size_up} and {down}; each must be 1 or more")
        self.total_size = step_size_up + down
        self.step_ratio = step_size_up / self.total_size
        low = for_each_group("base_lr", optimizer, base_lr)
        self.max_lrs = for_each_group("max_lr", optimizer, max_lr)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            check_momentum(self, optimizer)
        self.base_momentums = for_each_group("base_momentum", optimizer, base_momentum)
        self.max_momentums = for_each_group("max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, low, strict=True):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)
        self.base_lrs = low

    def _scale(self, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "exp_range":
            return self.gamma**self.last_epoch
        return 0.5 ** (cycle - 1) if self.mode == "triangular2" else 1.0

    def get_lr(self) -> list[float]:
        cycle, x = divmod(self.last_epoch / self.total_size, 1)  # x: how much of the cycle has passed
        height = x / self.step_ratio if x <= self.step_ratio else (1 - x) / (1 - self.step_ratio)
        height *= self._scale(int(cycle) + 1)
        if self.cycle_momentum:
            momenta = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in momenta:
                set_momentum(group, high - (high - low) * height)
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]
