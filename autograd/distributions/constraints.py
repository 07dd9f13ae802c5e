"""Which numbers a transform takes and gives, and which a distribution's draws may be, under the names of PyTorch's
module."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import functions

__all__ = [
    "Constraint",
    "boolean",
    "greater_than",
    "greater_than_eq",
    "independent",
    "integer_interval",
    "interval",
    "less_than",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "of_all",
    "one_hot",
    "positive",
    "positive_integer",
    "real",
    "real_vector",
    "simplex",
    "unit_interval",
]


class Constraint:
    """A set of numbers or, with ``event_dim`` dimensions, of arrays; ``check`` says for each whether it is in it."""

    def __init__(self, name: str, check: Callable[[Any], Any], event_dim: int = 0, is_discrete: bool = False) -> None:
        self.name, self.check, self.event_dim, self.is_discrete = name, check, event_dim, is_discrete

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


def greater_than_eq(lower_bound: Any) -> Constraint:
    """``lower_bound`` or more."""
    return Constraint(f"greater_than_eq({lower_bound})", lambda x: x >= lower_bound)


def integer_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Whole numbers from ``lower_bound`` to ``upper_bound``, both included."""
    within = interval(lower_bound, upper_bound).check
    name = f"integer_interval({lower_bound}, {upper_bound})"
    return Constraint(name, lambda x: (x % 1 == 0).logical_and(within(x)), 0, True)


def multinomial(upper_bound: Any) -> Constraint:
    """Whole numbers from 0 on whose sum is ``upper_bound`` at most."""

    def check(x: Any) -> Any:
        return functions.all(x >= 0, -1).logical_and(functions.sum(x, -1) <= upper_bound)

    return Constraint(f"multinomial({upper_bound})", check, 1, True)


def less_than(upper_bound: Any) -> Constraint:
    """Below ``upper_bound``."""
    return Constraint(f"less_than({upper_bound})", lambda x: x < upper_bound)


def independent(base_constraint: Constraint, reinterpreted_batch_ndims: int) -> Constraint:
    """``base_constraint`` for all elements along so many more dimensions."""
    n = reinterpreted_batch_ndims

    def check(x: Any) -> Any:
        each = base_constraint.check(x)
        return functions.all(each.reshape(*each.shape[: each.ndim - n], -1), -1) if n else each

    name = f"independent({base_constraint}, {n})"
    return Constraint(name, check, base_constraint.event_dim + n, base_constraint.is_discrete)


def of_all(components: Constraint) -> Constraint:
    """What is in the set of each of the components, which are along the last dimension of the batch."""
    n = components.event_dim

    def check(x: Any) -> Any:
        return functions.all(components.check(x.unsqueeze(-1 - n)), -1)

    return Constraint(f"of_all({components})", check, n, components.is_discrete)


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
boolean = Constraint("boolean", lambda x: (x == 0).logical_or(x == 1), 0, True)
nonnegative_integer = Constraint("nonnegative_integer", lambda x: (x % 1 == 0).logical_and(x >= 0), 0, True)
positive_integer = Constraint("positive_integer", lambda x: (x % 1 == 0).logical_and(x >= 1), 0, True)
one_hot = Constraint(
    "one_hot",
    lambda x: functions.all((x == 0).logical_or(x == 1), -1).logical_and(functions.sum(x, -1) == 1),
    1,
    True,
)
