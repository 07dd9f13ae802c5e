"""The number system of nodes: the names a rule may use, as functions of Values and Tensors.

Every row of the table is such a function, applied as it stands: a derivative computed with them is a graph of its
own and can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import functions
from autograd.arrays import ARRAYS
from autograd.graph import apply
from autograd.rule import Rule
from autograd.rules import RULES


def _applied(rule: Rule) -> Callable[..., Any]:
    if rule.variadic:
        return lambda xs, *parameters: apply(rule, tuple(xs), parameters)
    n = len(rule.operands)
    return lambda *arguments: apply(rule, arguments[:n], arguments[n:])


def _where(condition: Any, x: Any, y: Any) -> Any:
    """`where`, with two plain numbers kept exact, whatever the default dtype."""
    if isinstance(condition, bool | np.bool_):
        return x if condition else y
    if isinstance(x, float | int) and isinstance(y, float | int) and hasattr(condition, "wrapped"):
        return condition.wrapped(np.where(condition.raw, x, y))
    return functions.where(condition, x, y)


NODES: dict[str, Any] = {
    **{name: _applied(rule) for name, rule in RULES.items()},
    "eq": functions.eq,
    "factor": lambda out, x, f: f(x),
    "mT": functions.mT,
    "peaks": lambda x, out, size: ARRAYS["peaks"](x.raw, out.raw, size),
    "where": _where,
}
