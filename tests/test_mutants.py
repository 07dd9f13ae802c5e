"""The checker is checked: every deliberately wrong derivative of every row is caught, with operation and operand."""

import pytest

from tests.mutants import (
    UNSUMMED,
    broadcast_calls,
    caught,
    checked_broadcast,
    checked_tensors,
    checked_values,
    mutants_of,
)
from tests.rows import EVERY_ROW

LEFT_TO_FUZZING = ("factor 2", "power")  # which are caught as the others are: python -m tests.mutants


@pytest.mark.parametrize("rule", EVERY_ROW)
def test_every_mutant_is_caught(rule):
    found = 0
    for mutant in mutants_of(rule):
        if mutant.kind in LEFT_TO_FUZZING:
            continue
        for check in (checked_tensors, checked_values) if rule.elementwise else (checked_tensors,):
            report = check(mutant)
            if report is not None:
                found += 1
                assert caught(report, mutant), f"{mutant} by {check.__name__}: {report}"
    assert found >= len(rule.derivatives), "at least one mutant of each operand means something else"


@pytest.mark.parametrize("kind", UNSUMMED)
def test_a_missing_sum_over_broadcast_copies_is_caught(kind):
    for name, position, (rule, arrays) in broadcast_calls():
        report = checked_broadcast(kind, rule, arrays)
        assert not report, f"{name}, operand {position}"
        assert {(c.operation, c.position) for c in report.culprits} == {(name, position)}, report
