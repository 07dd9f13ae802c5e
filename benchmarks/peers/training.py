"""What a peer gives the worker: a step of training, and the way back to the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Training(NamedTuple):
    """``step()`` is forward, loss, backward and update, and gives the loss; ``restart()`` undoes all updates.

    Every round of measurements restarts, so that everyone computes with the same numbers, and nobody with those of
    a network that has long learned its data by heart.
    """

    step: Callable[[], Any]
    restart: Callable[[], None]


def weights_of(arrays: dict[str, Any]) -> dict[str, Any]:
    """The initial parameters among a case's arrays; the others are data."""
    return {name: array for name, array in arrays.items() if not name.startswith("data.")}


def nested(array: Any) -> list[Any]:
    """The rows of a matrix as lists of Python's floats."""
    return np.asarray(array, float).tolist()


def restarted(numbers: Sequence[Any], start: Sequence[float]) -> None:
    """Put the numbers of scalar parameters back."""
    for p, number in zip(numbers, start, strict=True):
        p.data = number
