"""Averages of a model along its training, and the learning rate that goes with them, as ``torch.optim.swa_utils``.

What is about modules stands in `nn.averaging`, and is found here when a program asks; nothing in this package does.
"""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any

from optim.lr_scheduler.base import LRScheduler, for_each_group
from optim.optimizer import Optimizer

if TYPE_CHECKING:
    from nn.averaging import AveragedModel as AveragedModel
    from nn.averaging import get_ema_avg_fn as get_ema_avg_fn
    from nn.averaging import get_ema_multi_avg_fn as get_ema_multi_avg_fn
    from nn.averaging import get_swa_avg_fn as get_swa_avg_fn
    from nn.averaging import get_swa_multi_avg_fn as get_swa_multi_avg_fn
    from nn.averaging import update_bn as update_bn

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]


class SWALR(LRScheduler):
    """From the present rate, which other schedulers may change meanwhile, to ``swa_lr`` in ``anneal_epochs``.

    ``swa_lr`` is one for all groups or one for each; ``anneal_strategy`` is "cos" or "linear".
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"SWALR: anneal_strategy is {anneal_strategy!r}; it must be 'cos' or 'linear'")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"SWALR: anneal_epochs is {anneal_epochs!r}; it must be a whole number from 0 on")
        for group, lr in zip(optimizer.param_groups, for_each_group("swa_lr", optimizer, swa_lr), strict=True):
            group["swa_lr"] = lr
        self.anneal_epochs, self.anneal_strategy, self._first = anneal_epochs, anneal_strategy, last_epoch + 1
        super().__init__(optimizer, last_epoch)

    def _share(self, step: int) -> float:
        """The part of ``swa_lr`` in the rate at ``step``, 0 when this was made."""
        t = min(1.0, max(0.0, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * t)) / 2 if self.anneal_strategy == "cos" else t

    def get_lr(self) -> list[float]:
        step = self.last_epoch - self._first
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        pairs = [(group["lr"], group["swa_lr"]) for group in self.optimizer.param_groups]
        others = [last if before == 1 else (lr - before * last) / (1 - before) for lr, last in pairs]
        return [last * now + other * (1 - now) for (_, last), other in zip(pairs, others, strict=True)]

    def restart(self) -> None:
        """Begin with the rate there is, not with the first: the one that a scheduler before this left."""
        self.last_epoch = self._first - 1
        self._initial_step()


def __getattr__(name: str) -> Any:
    if name in __all__:  # of what this module defines Python does not ask here
        return getattr(importlib.import_module("nn.averaging"), name)
    raise AttributeError(f"module 'optim.swa_utils' has no attribute {name!r}")
