"""Functions made from rows that take no arguments beyond their operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import DtypeError, ShapeError
from autograd.graph import apply
from autograd.rule import Rule
from autograd.rules import RULES

MADE: dict[Callable[..., Any], Rule] = {}  # the row that each of these functions applies, and nothing else


def unary(name: str) -> Callable[[Any], Any]:
    rule = RULES[name]

    def function(input: Any) -> Any:
        return apply(rule, (input,))

    return _named(function, name)


def binary(name: str) -> Callable[..., Any]:
    """The row ``name`` of two operands; its result can be stored in a tensor that is there, ``out``."""
    rule = RULES[name]

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        result = apply(rule, (input, other))
        return result if out is None else _stored(name, result, out)

    return _named(function, name)


def _stored(name: str, result: Any, out: Any) -> Any:
    """``out`` with the numbers of ``result``, whose shape it must have; not within a recorded graph."""
    if not hasattr(out, "raw"):
        raise DtypeError(f"{name}: out is a Tensor to store the result in, not {out!r:.60}")
    out._refuse_in_graph(f"{name} with out", (result,))
    if out.shape != result.shape or (result.dtype.kind == "f" and out.dtype.kind != "f"):
        raise ShapeError(
            f"{name}: a result of shape {result.shape} and dtype {result.dtype} does not fit into out, of shape "
            f"{out.shape} and dtype {out.dtype}"
        )
    return out._store(name, result)


def _named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    MADE[function] = rule = RULES[name]
    function.__name__ = function.__qualname__ = name
    slopes = "; ".join(f"d/d{x} = {text}" for x, text in zip(rule.operands, rule.derivatives, strict=True))
    function.__doc__ = (
        f"{rule.value}, element by element, for broadcastable operands {', '.join(rule.operands)}; {slopes}."
    )
    return function
