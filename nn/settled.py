"""Modules that are a function and its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.module import Module


class Settled(Module):
    """A function of `nn.functional` whose settings are attributes; called with what remains, the tensors."""

    function: Callable[..., Any]
    shown: tuple[str, ...] = ()  # the settings that `repr` shows by name

    def __init__(self, **settings: Any) -> None:
        self._names = tuple(settings)
        vars(self).update(settings)

    def settings(self) -> dict[str, Any]:
        """What the function is given besides the tensors."""
        own = vars(self)
        return {name: own[name] for name in self._names}

    def forward(self, *tensors: Any, **named: Any) -> Any:
        return type(self).function(*tensors, **named, **self.settings())

    def extra_repr(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in self.shown]
        return ", ".join(shown + ["inplace=True"] * bool(vars(self).get("inplace") and "inplace" not in self.shown))
