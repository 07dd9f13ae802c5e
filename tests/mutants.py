"""Deliberately wrong derivatives of every row, to test the checker: ``python -m tests.mutants`` counts those caught.

A mutant changes one text of the table, or the one place where broadcasting is undone; the rest is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, Value, gradcheck
from autograd.check import Report
from autograd.graph import apply
from autograd.rule import Rule
from autograd.rules import RULES
from tests.rows import Call, calls_of, parameters, points

WRONG: dict[str, Callable[[str], str]] = {
    "sign": lambda text: f"-1 * ({text})",
    "factor 2": lambda text: f"2 * ({text})",
    "factor 1.001": lambda text: f"1.001 * ({text})",
    "power": lambda text: f"({text}) ** 2",
    "zero": lambda text: f"0 * ({text})",
    "not zero": lambda text: f"({text}) + 1",
    "no upstream gradient": lambda text: re.sub(r"\bg\b", "(0 * g + 1)", text),
}


class Mutant(NamedTuple):
    """A row whose derivative for one operand has another text."""

    rule: Rule
    position: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule.name}: d{self.rule.operands[self.position]} = {self.text}  ({self.kind})"

    @property
    def operand(self) -> str:
        return self.rule.operands[self.position]

    @property
    def derivatives(self) -> tuple[str, ...]:
        texts = list(self.rule.derivatives)
        texts[self.position] = self.text
        return tuple(texts)

    def row(self) -> Rule:
        """The row with the wrong text, beside the right one."""
        r = self.rule
        signature = f"{r.name}({'*' if r.variadic else ''}{', '.join(r.operands)}; {', '.join(r.parameters)})"
        names = dict(zip((f"d{x}" for x in r.operands), self.derivatives, strict=True))
        return Rule(r.kind, signature, r.value, names, r.symbol, r.samples, r.kinks, r._helpers, RULES)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The row itself with the wrong text, for all Tensors; with no derivative compiled before."""
        before = dict(vars(self.rule))
        try:
            vars(self.rule).update(derivatives=self.derivatives, _readings={})
            vars(self.rule).pop("arrays", None)
            vars(self.rule).pop("keeping", None)
            vars(self.rule).pop("scalars", None)
            yield
        finally:
            vars(self.rule).clear()
            vars(self.rule).update(before)


def mutants_of(rule: Rule) -> Iterator[Mutant]:
    """Every mutant of every operand, those included that happen to mean the same."""
    for position, text in enumerate(rule.derivatives):
        for kind, change in WRONG.items():
            if change(text) != text:
                yield Mutant(rule, position, kind, change(text))
        for other in set(rule.derivatives) - {text}:
            yield Mutant(rule, position, "that of another operand", other)


def smallest_call(rule: Rule) -> Call:
    """The sample that is checked fastest; of an elementwise row, a few of its points."""
    call = min(calls_of(rule), key=lambda call: sum(array.size for array in call.arrays))
    return call._replace(arrays=tuple(array[::3] for array in call.arrays)) if rule.elementwise else call


def leaves_of(call: Call) -> list[Tensor]:
    return [Tensor(array, requires_grad=True) for array in call.arrays]


def gradients_of(call: Call) -> list[Any]:
    """The gradients of a dense, uneven upstream; what a backward pass with a wrong text raises is a result too."""
    leaves = leaves_of(call)
    try:
        out = call(*leaves)
        if not out.requires_grad:
            return []
        out.backward(np.cos(np.arange(out.raw.size)).reshape(out.shape) * 1.7)
    except Exception as error:
        return [str(error)]
    return [None if leaf.grad is None else leaf.grad.raw for leaf in leaves]


def alike(some: list[Any], others: list[Any]) -> bool:
    def same(x: Any, y: Any) -> bool:
        arrays = isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.shape == y.shape
        return np.allclose(x, y, rtol=1e-12, atol=1e-14) if arrays else x is y

    return len(some) == len(others) and all(map(same, some, others))


def caught(report: Report, mutant: Mutant) -> bool:
    """Whether the report is false and blames this operation and this operand, and no other (where one text stands
    for any number of operands: all)."""
    blamed = {(culprit.operation, culprit.operand.partition("[")[0]) for culprit in report.culprits}
    return not report and blamed == {(mutant.rule.name, mutant.operand)}


def checked_tensors(mutant: Mutant) -> Report | None:
    """The check of the public function with the wrong row; None if the mutant means the same as the row."""
    call = smallest_call(mutant.rule)
    right = gradients_of(call)
    with mutant.installed():
        if alike(gradients_of(call), right):
            return None
        return gradcheck(call, leaves_of(call))


def checked_values(mutant: Mutant) -> Report | None:
    """The same among `Value`s, at the first of the row's points where the mutant means something else."""
    wrong, given = mutant.row(), parameters(mutant.rule)
    for point in points(mutant.rule):
        slopes = [rule.scalars.slopes[mutant.position] or (lambda *_: 1.0) for rule in (mutant.rule, wrong)]
        out = mutant.rule.scalars.value(*point, *given)
        right, other = (slope(out, *point, *given) for slope in slopes)
        if abs(right - other) > 1e-4 * abs(right):
            return gradcheck(lambda *xs: apply(wrong, xs, given), [Value(x) for x in point])
    return None


# The place where broadcasting is undone -----------------------------------------------------------------------------


def _unsummed(self: Tensor, contribution: Any) -> Any:
    return contribution


def _first_copy(self: Tensor, contribution: Any) -> Any:
    new = contribution.ndim - self.raw.ndim
    picked = contribution[(0,) * new]
    for i, n in enumerate(self.raw.shape):
        if n == 1 and picked.shape[i] != 1:
            picked = picked.take([0], axis=i) if isinstance(picked, np.ndarray) else picked[(slice(None),) * i + ([0],)]
    return picked


def _mean_of_copies(self: Tensor, contribution: Any) -> Any:
    copies = np.prod(contribution.shape) / max(1, self.raw.size)
    return RIGHT(self, contribution) / float(copies)


RIGHT = Tensor.fitted
UNSUMMED = {"no sum": _unsummed, "the first copy": _first_copy, "the mean": _mean_of_copies}


@contextmanager
def not_summing(kind: str) -> Iterator[None]:
    """The engine without the sum over broadcast copies."""
    Tensor.fitted = UNSUMMED[kind]  # type: ignore[method-assign]
    try:
        yield
    finally:
        Tensor.fitted = RIGHT  # type: ignore[method-assign]


def broadcast_calls() -> Iterator[tuple[str, int, Any]]:
    """(row, operand, a check in which that operand and no other is broadcast) for every elementwise row of two."""
    for rule in RULES.values():
        if rule.elementwise and len(rule.operands) == 2 and any(text != "0" for text in rule.derivatives):
            columns = np.array(points(rule)).T
            for position in range(2):
                if rule.derivatives[position] == "0":
                    continue
                arrays = [np.tile(column[::3], (2, 1)) for column in columns]
                arrays[position] = arrays[position][:1]
                yield rule.name, position, (rule, arrays)


def checked_broadcast(kind: str, rule: Rule, arrays: list[Any]) -> Report:
    with not_summing(kind):
        return gradcheck(lambda *xs: apply(rule, xs, parameters(rule)), [Tensor(a, requires_grad=True) for a in arrays])


def count() -> tuple[int, int, list[str]]:
    """How many mutants there are, how many were caught, and the others."""
    missed, total = [], 0
    for rule in RULES.values():
        for mutant in mutants_of(rule):
            for check in (checked_tensors, checked_values) if rule.elementwise else (checked_tensors,):
                report = check(mutant)
                total += report is not None
                if report is not None and not caught(report, mutant):
                    missed.append(f"{mutant} by {check.__name__}:\n{report}")
    for kind in UNSUMMED:
        for name, position, (rule, arrays) in broadcast_calls():
            report, total = checked_broadcast(kind, rule, arrays), total + 1
            blamed = {(culprit.operation, culprit.position) for culprit in report.culprits}
            if report or blamed != {(name, position)}:
                missed.append(f"{name}, operand {position}, {kind} over copies:\n{report}")
    return total, total - len(missed), missed


if __name__ == "__main__":
    total, found, missed = count()
    print("\n\n".join([*missed, f"mutants caught: {found} of {total}"]))
