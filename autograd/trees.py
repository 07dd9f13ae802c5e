"""Lists, tuples and dictionaries with Tensors in them, as arguments and results of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def mapped(function: Callable[[Any], Any], tree: Any, kind: type | None) -> Any:
    """``tree`` with ``function`` of every ``kind`` within its dictionaries, lists and tuples; the rest as it is.

    None stands for every kind.
    """
    if isinstance(tree, kind) if kind else not isinstance(tree, dict | list | tuple):
        return function(tree)
    if isinstance(tree, dict):
        return type(tree)((key, mapped(function, value, kind)) for key, value in tree.items())
    if isinstance(tree, list | tuple):
        elements = [mapped(function, element, kind) for element in tree]
        return type(tree)(*elements) if hasattr(tree, "_fields") else type(tree)(elements)
    return tree


def leaves(tree: Any, kind: type | None) -> list[Any]:
    """Every ``kind`` within ``tree``, in order."""
    found: list[Any] = []
    mapped(found.append, tree, kind)
    return found
