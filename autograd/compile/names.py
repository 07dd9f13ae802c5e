"""The names that a function refers to: a model, a learning rate, a weight of a script's top level.

A recording holds what these names meant when it was made. ``w = Value(...)`` makes ``w`` another Value, ``rate *= 0.9``
another number; a replay would go on with the old one. So a program is replayed only as long as its function's names
mean what they did.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.captured import named
from autograd.generator import Generator


class Names:
    """What the names of ``function``, and of the user's functions that it refers to, mean now."""

    def __init__(self, function: Any) -> None:
        self._objects: list[tuple[Callable[[], Any], Any]] = []
        self._arrays: list[tuple[Callable[[], Any], Any]] = []  # these may change without becoming others
        for x, look, _ in named(function):
            if isinstance(x, np.ndarray) and x.dtype != object:
                self._arrays.append((look, x.copy()))
            else:
                self._objects.append((look, x))

    def mean_the_same(self) -> bool:
        """Whether they still do. Numbers and strings count by what they are, arrays by what is in them, and other
        objects by which they are."""
        for look, x in self._objects:
            now = look()
            if now is not x and not (isinstance(x, int | float | str) and type(now) is type(x) and now == x):
                return False
        return all(_equal(look(), x) for look, x in self._arrays)

    def objects(self) -> list[Any]:
        """What they meant, arrays apart."""
        return [x for _, x in self._objects]

    def generators(self) -> list[Any]:
        """The generators of random numbers among them."""
        found = [x for _, x in self._objects if isinstance(x, np.random.Generator | random.Random)]
        return found + [x.numpy for _, x in self._objects if isinstance(x, Generator)]


def _equal(now: Any, x: Any) -> bool:
    return isinstance(now, np.ndarray) and now.dtype == x.dtype and np.array_equal(now, x)
