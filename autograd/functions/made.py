"""Functions made from rows that take no arguments beyond their operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.functions.storing import stored
from autograd.graph import apply
from autograd.rule import Rule
from autograd.rules import RULES

MADE: dict[Callable[..., Any], Rule] = {}  # the row that each of these functions applies, and nothing else


def unary(name: str) -> Callable[..., Any]:
    """The row ``name`` of one operand."""
    rule = RULES[name]

    def function(input: Any, *, out: Any = None) -> Any:
        result = apply(rule, (input,))
        return result if out is None else stored(name, result, out)

    return _named(function, name)


def binary(name: str) -> Callable[..., Any]:
    """The row ``name`` of two operands."""
    rule = RULES[name]

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        result = apply(rule, (input, other))
        return result if out is None else stored(name, result, out)

    return _named(function, name)


def _named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    MADE[function] = rule = RULES[name]
    function.__name__ = function.__qualname__ = name
    slopes = "; ".join(f"d/d{x} = {text}" for x, text in zip(rule.operands, rule.derivatives, strict=True))
    function.__doc__ = (
        f"{rule.value}, element by element, for broadcastable operands {', '.join(rule.operands)}; {slopes}."
    )
    return function
