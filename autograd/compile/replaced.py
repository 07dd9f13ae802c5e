"""Methods of a class that are others for the time of a block: how a recording notices what it must refuse."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any


class Replaced:
    """Within any ``with`` block of it, in whatever thread, these attributes of ``owner`` are others."""

    def __init__(self, owner: type, others: Mapping[str, Any]) -> None:
        self._owner, self._others = owner, others
        self._own = {name: vars(owner)[name] for name in others if name in vars(owner)}
        self._lock, self._open = Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            self._open += 1
            if self._open == 1:
                for name, other in self._others.items():
                    setattr(self._owner, name, other)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open -= 1
            if self._open:
                return
            for name in self._others:
                if name in self._own:
                    setattr(self._owner, name, self._own[name])
                else:  # it is a base's
                    delattr(self._owner, name)
