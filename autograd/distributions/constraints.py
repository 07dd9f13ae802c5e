"""Which numbers a transform takes and gives: the names of PyTorch's module, for those who write transforms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import functions

__all__ = [
    "Constraint",
    "greater_than",
    "independent",
    "interval",
    "less_than",
    "nonnegative",
    "positive",
    "real",
    "real_vector",
    "simplex",
    "unit_interval",
]


class Constraint:
    """A set of numbers or, with ``event_dim`` dimensions, of arrays; ``check`` says for each whether it is in it."""

    is_discrete = False

    def __init__(self, name: str, check: Callable[[Any], Any], event_dim: int = 0) -> None:
        self.name, self.check, self.event_dim = name, check, event_dim

    def __repr__(self) -> str:
        return self.name


def interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """From ``lower_bound`` to ``upper_bound``, both included."""
    return Constraint(
        f"interval({lower_bound}, {upper_bound})", lambda x: (x >= lower_bound).logical_and(x <= upper_bound)
    )


def greater_than(lower_bound: Any) -> Constraint:
    """Above ``lower_bound``."""
    return Constraint(f"greater_than({lower_bound})", lambda x: x > lower_bound)


def less_than(upper_bound: Any) -> Constraint:
    """Below ``upper_bound``."""
    return Constraint(f"less_than({upper_bound})", lambda x: x < upper_bound)


def independent(base_constraint: Constraint, reinterpreted_batch_ndims: int) -> Constraint:
    """``base_constraint`` for all elements along so many more dimensions."""
    n = reinterpreted_batch_ndims

    def check(x: Any) -> Any:
        each = base_constraint.check(x)
        return functions.all(each.reshape(*each.shape[: each.ndim - n], -1), -1) if n else each

    return Constraint(f"independent({base_constraint}, {n})", check, base_constraint.event_dim + n)


real = Constraint("real", lambda x: x == x)
real_vector = independent(real, 1)
positive = Constraint("positive", lambda x: x > 0)
nonnegative = Constraint("nonnegative", lambda x: (x >= 0).logical_and(x < math.inf))
unit_interval = interval(0.0, 1.0)
simplex = Constraint(
    "simplex",
    lambda x: functions.all(x >= 0, -1).logical_and(functions.abs(functions.sum(x, -1) - 1) < 1e-6),
    1,
)
