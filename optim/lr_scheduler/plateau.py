"""Rates that fall when nothing gets better."""

from __future__ import annotations

import math
from typing import Any

from optim.lr_scheduler.base import LRScheduler, checked, for_each_group
from optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """The rate times ``factor`` after more than ``patience`` epochs in which ``step(metric)`` got no better value.

    Better is less, or more if ``mode`` is "max", by more than ``threshold``: times the best so far, or absolutely if
    ``threshold_mode`` is "abs". After a reduction, ``cooldown`` epochs do not count. The rate stays at ``min_lr`` or
    more, and where it is if it would change by ``eps`` or less.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if not factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor is {factor}; it must be less than 1")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: mode is {mode!r}, threshold_mode {threshold_mode!r}; "
                "there are 'min' and 'max', 'rel' and 'abs'"
            )
        self.optimizer = checked(self, optimizer)
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        for_each_group("min_lr", optimizer, min_lr)  # refuses a list of another length
        self.min_lr = min_lr
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Take note of the metric of one more epoch, a number."""
        current = float(metrics)
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self._better(current):
            self.best, self.num_bad_epochs = current, 0
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        lrs = [group["lr"] for group in self.optimizer.param_groups]
        if self.num_bad_epochs > self.patience:
            least = for_each_group("min_lr", self.optimizer, self.min_lr)
            lowered = [max(lr * self.factor, low) for lr, low in zip(lrs, least, strict=True)]
            lrs = [new if lr - new > self.eps else lr for lr, new in zip(lrs, lowered, strict=True)]
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._set(lrs)

    def _better(self, metric: float) -> bool:
        sign = 1 if self.mode == "max" else -1
        relative = self.threshold_mode == "rel"
        bound = self.best * (1 + sign * self.threshold) if relative else self.best + sign * self.threshold
        return metric > bound if self.mode == "max" else metric < bound
