"""Modules whose first numbers do not matter, since others will be loaded."""

from __future__ import annotations

import inspect
from typing import Any

from autograd import get_rng_state, set_rng_state
from nn.module import Module

__all__ = ["skip_init"]


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """``module_cls(*args, **kwargs)`` that draws no numbers from the generator: what stands in it is to be replaced.

    The class must take a ``device``, as in PyTorch.
    """
    if not (isinstance(module_cls, type) and issubclass(module_cls, Module)):
        raise RuntimeError(f"skip_init: {module_cls!r:.60} is not a Module")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError(f"skip_init: {module_cls.__name__} takes no device; make it as usual")
    state = get_rng_state()
    try:
        return module_cls(*args, **kwargs)
    finally:
        set_rng_state(state)
