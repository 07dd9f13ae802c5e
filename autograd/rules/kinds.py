"""What rows are made with: the three kinds, the shape arithmetic that a row may use, and where rows are sampled."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log, pi, prod
from typing import Any, TypeVar

from autograd.rule import Rule, Sample

Shape = tuple[int, ...]
F = TypeVar("F", bound=Callable[..., Any])

RULES: dict[str, Rule] = {}
DISCRETE: dict[str, Rule] = {}  # rows without a derivative

# Where rows are sampled: the domain of each operand of an elementwise row.
ANY = (-2.5, -0.7, 0.3, 1.9)
NONZERO = (-1.7, -0.4, 0.6, 2.2)
POSITIVE = (0.2, 0.9, 1.4, 3.0)
ABOVE_MINUS_1 = (-0.8, -0.2, 0.5, 2.0)
ABOVE_1 = (1.1, 1.8, 3.0)
WITHIN_1 = (-0.8, -0.3, 0.1, 0.7)
BETWEEN_0_AND_1 = (0.1, 0.4, 0.7, 0.9)
OTHERS = (-1.1, 0.8, 2.4)  # meets none of ANY, so that maximum and minimum have no ties


def on(*shapes: Shape, of: str = "any", **arguments: Any) -> Sample:
    """A sample of a structural row: operands of these shapes, called with these arguments.

    ``of`` says which numbers: "any", "positive", or symmetric "positive definite" matrices.
    """
    return Sample(shapes, arguments, of)


OVER_DIMS = (on((3, 4), dim=1), on((3, 4), dim=0, keepdim=True), on((2, 3, 4), dim=(0, -1)), on((3,), dim=0))
ALONG_DIM = (on((3, 4), dim=1), on((3, 4), dim=0), on((2, 3, 4), dim=-2), on((3,), dim=0))

# Constants, and shape arithmetic: the helpers a row may use, whatever the number system.

HELPERS: dict[str, Any] = {"pi": pi, "inf": inf, "ln2": log(2), "ln10": log(10)}


def helper(function: F) -> F:
    """Make ``function`` a word that the texts of rows may use."""
    HELPERS[function.__name__] = function
    return function


@helper
def restore(reduced: Any, shape: Shape, dim: Shape) -> Any:
    """``reduced``, which has lost the dimensions ``dim`` of ``shape``, with these back, of size 1."""
    return reduced.reshape([1 if i in dim else n for i, n in enumerate(shape)])


@helper
def count(shape: Shape, dim: Shape) -> int:
    """How many elements a reduction over ``dim`` makes into one."""
    return prod([shape[i] for i in dim])


@helper
def share(g: Any, chosen: Any, dim: Shape | None = None) -> Any:
    """``g`` divided equally among the elements that are ``chosen`` over ``dim`` (None: all)."""
    return chosen * (g / chosen.sum(axis=dim, keepdims=True, dtype=g.dtype))


@helper
def section(g: Any, dim: int, bounds: tuple[int, int]) -> Any:
    """The part of ``g`` from ``bounds[0]`` up to ``bounds[1]`` along ``dim``."""
    return g[(slice(None),) * dim + (slice(*bounds),)]


@helper
def inverse(dims: Shape) -> Shape:
    """The permutation that undoes ``dims``."""
    return tuple(dims.index(i) for i in range(len(dims)))


# The three kinds of row.


def _row(
    kind: str, signature: str, value: str, symbol: str, samples: Any, kinks: Any, derivatives: Any, kept: str = ""
) -> Rule:
    rule = Rule(kind, signature, value, derivatives, symbol, samples, kinks, HELPERS, RULES, kept)
    if rule.name in RULES:
        raise ValueError(f"the table has two rows called {rule.name}")
    RULES[rule.name] = rule
    return rule


def arithmetic(
    signature: str, value: str, *, over: Any, given: Any = (), symbol: str = "", kinks: Any = (), **slopes: str
) -> None:
    """A row applied element by element that keeps integers integers. ``given``: the parameters it is tested with."""
    _row("arithmetic", signature, value, symbol, over, kinks, slopes).given = given


def analytic(
    signature: str, value: str, *, over: Any, given: Any = (), symbol: str = "", kinks: Any = (), **slopes: str
) -> None:
    """A row applied element by element that turns integers into floats. ``given``: the parameters it is tested with."""
    _row("analytic", signature, value, symbol, over, kinks, slopes).given = given


def structural(signature: str, value: str, *, samples: Any, symbol: str = "", kept: str = "", **vjps: str) -> None:
    """A row that moves or mixes elements. ``kept``: a part of its value that is kept for its derivatives."""
    _row("structural", signature, value, symbol, samples, (), vjps, kept)


def discrete(signature: str, value: str) -> None:
    """A row that gives whole numbers or truth values, which have no derivative."""
    rule = Rule("discrete", signature, value, {}, "", (), (), HELPERS, RULES)
    DISCRETE[rule.name] = rule
