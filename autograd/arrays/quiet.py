"""Arithmetic that leaves the finite numbers without a warning, as IEEE arithmetic and PyTorch do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

import numpy as np


class _Entrance(threading.local):
    """``enter(function, *args)`` calls the function in a context, one for each thread, in which warnings are off."""

    def __init__(self) -> None:
        context = Context()
        context.run(np.seterr, all="ignore")
        self.enter = context.run


class _Quietly:
    """``quietly.run(function, *args)`` calls a function of arrays that leaves the finite numbers without a warning.

    NumPy keeps its error state in a context variable. To run in a context in which it is off costs an eighth of what
    ``with np.errstate(...)`` does.
    """

    def __init__(self) -> None:
        self._here = _Entrance()

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return self._here.enter(function, *args)
        except RuntimeError as error:  # a signal handler, say, computes in the middle of a computation of this thread
            if "is already entered" not in str(error):
                raise
            with np.errstate(all="ignore"):
                return function(*args)


quietly = _Quietly()
