"""What programs ask of PyTorch's compiler of Python: functions and modules run as Python runs them.

A compiled function gives the same numbers, so ``script`` gives back what it is given. ``trace`` is not here: it would
fix the way that an ``if`` went; `autograd.compile` records and checks that it goes the same way again.
"""

from __future__ import annotations

from typing import Any

__all__ = ["export", "ignore", "is_scripting", "is_tracing", "script", "script_method", "unused"]


def script(obj: Any) -> Any:
    """``obj`` itself, a function, a class or a module."""
    return obj


export = ignore = script_method = unused = script


def is_scripting() -> bool:
    """False: this is Python."""
    return False


is_tracing = is_scripting
