"""Functions that are called before and after each step of an optimizer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from autograd.hooks import RemovableHandle


class StepHooks:
    """Lets functions be registered that run around ``step``, also around one that a subclass defines."""

    _hooks: dict[str, dict[int, Callable[..., Any]]] | None = None
    _stepping = False  # so that a step which calls that of its base class runs them once

    def __init_subclass__(cls) -> None:
        if "step" in vars(cls):
            cls.step = _hooked(vars(cls)["step"])  # type: ignore[attr-defined]

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step; it may return other (args, kwargs) for it.

        ``args`` begins with the optimizer, as in PyTorch. ``remove()`` of the result takes the hook away.
        """
        return RemovableHandle(self._registered("before"), hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step. ``remove()`` of the result takes the hook away."""
        return RemovableHandle(self._registered("after"), hook)

    def _registered(self, when: str) -> dict[int, Callable[..., Any]]:
        if self._hooks is None:
            self._hooks = {"before": {}, "after": {}}
        return self._hooks[when]


def _hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(step)
    def stepping(*args: Any, **kwargs: Any) -> Any:
        self = args[0]
        if self._hooks is None or self._stepping:
            return step(*args, **kwargs)
        self._stepping = True
        try:
            for hook in list(self._hooks["before"].values()):
                changed = hook(self, args, kwargs)
                if changed is not None:
                    args, kwargs = _arguments(changed)
            out = step(*args, **kwargs)
            for hook in list(self._hooks["after"].values()):
                hook(self, args, kwargs)
            return out
        finally:
            self._stepping = False

    return stepping


def _arguments(changed: Any) -> tuple[Any, Any]:
    if not isinstance(changed, tuple) or len(changed) != 2:
        raise RuntimeError(
            f"register_step_pre_hook: a hook returned {changed!r:.60}; return None, or a tuple (args, kwargs)"
        )
    return changed
