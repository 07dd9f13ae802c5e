"""What all schedulers share: they count epochs (or steps, whatever ``step()`` is called for) and set ``lr``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optim.optimizer import Group, Optimizer


class LRScheduler:
    """Base of the schedulers; a subclass defines ``get_lr``, the rates at ``last_epoch``.

    ``base_lrs`` are the optimizer's rates when the first scheduler was made for it, also in its groups as
    ``initial_lr``. Making a scheduler sets the rates of epoch 0 or, with ``last_epoch``, goes on after that epoch.
    """

    _is_initial = False  # whether this is the step that making a scheduler takes

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked(self, optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: to go on after epoch {last_epoch}, group {i} needs its 'initial_lr'; "
                    "load the optimizer's state before making the scheduler"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """The rate of each group at ``last_epoch``; may read the present ones, which others may have changed."""
        raise TypeError(f"{type(self).__name__} does not define get_lr(), the rates at last_epoch")

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to ``epoch``; to be called after the optimizer's ``step()``."""
        if epoch is None:
            self.last_epoch += 1
            self._set(self.get_lr())
        else:
            self.last_epoch = epoch
            self._set(self.lr_at_once())

    def lr_at_once(self) -> list[float]:
        """The rates at ``last_epoch`` without those before, for schedulers whose `get_lr` reads these."""
        return self.get_lr()

    def restart(self) -> None:
        """Set the rates of epoch 0; `SequentialLR` calls it when this scheduler's time comes."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self.last_epoch = -1
        self._initial_step()

    def undo(self) -> None:
        """Take back the counting of one step; the rates are set anew by the next."""
        self.last_epoch -= 1

    def _set(self, lrs: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, lrs, strict=True):
            group["lr"] = lr
        self._last_lr = list(lrs)

    def get_last_lr(self) -> list[float]:
        """The rates that this scheduler set last, one for each group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer; of functions and other callables their attributes alone."""
        return {name: _saved(value) for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave; functions stay those that this scheduler was made with."""
        for name, value in state_dict.items():
            setattr(self, name, _loaded(getattr(self, name, None), value))


class Factor(LRScheduler):
    """The schedulers that multiply each initial rate by a factor of the epoch, ``factor_at``.

    They multiply the present rate by the quotient of this factor and the one before, so several of them, and changes
    made by hand, add up.
    """

    applied_when_resumed = False  # a rate that was saved has its factor; PyTorch's differ in whether they assume that

    def factor_at(self, epoch: int) -> float:
        raise TypeError(f"{type(self).__name__} does not define factor_at(epoch)")

    def lr_at_once(self) -> list[float]:
        return [base * self.factor_at(self.last_epoch) for base in self.base_lrs]

    def get_lr(self) -> list[float]:
        groups, now = self.optimizer.param_groups, self.factor_at(self.last_epoch)
        if self.last_epoch == 0:
            return [group["lr"] * now for group in groups]
        before = self.factor_at(self.last_epoch - 1)
        if now == before or (self._is_initial and not self.applied_when_resumed):
            return [group["lr"] for group in groups]
        if before == 0:  # nothing is left to multiply
            return [base * now for base in self.base_lrs]
        return [group["lr"] * (now / before) for group in groups]


def checked(scheduler: LRScheduler, optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(scheduler).__name__}: the first argument is an optimizer, not {optimizer!r:.60}")
    return optimizer


def for_each_group(name: str, optimizer: Optimizer, given: Any) -> list[Any]:
    """``given`` as a list with one entry for each group of parameters."""
    groups = len(optimizer.param_groups)
    if not isinstance(given, list | tuple):
        return [given] * groups
    if len(given) != groups:
        raise ValueError(f"{name}: there are {len(given)} of them for {groups} groups of parameters; give one each")
    return list(given)


def check_momentum(scheduler: LRScheduler, optimizer: Optimizer) -> None:
    if not {"momentum", "betas"} & optimizer.defaults.keys():
        raise ValueError(
            f"{type(scheduler).__name__}: {type(optimizer).__name__} has no momentum; pass cycle_momentum=False"
        )


def set_momentum(group: Group, momentum: float) -> None:
    """Set ``momentum`` or, where there are ``betas``, the first of them."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def _saved(value: Any) -> Any:
    if isinstance(value, list):
        return [_saved(entry) for entry in value]
    return dict(getattr(value, "__dict__", {})) if callable(value) else value


def _loaded(own: Any, saved: Any) -> Any:
    if isinstance(own, list) and any(map(callable, own)):
        return [_loaded(*pair) for pair in zip(own, saved, strict=True)]
    if callable(own):
        getattr(own, "__dict__", {}).update(saved or {})
        return own
    return saved
