"""The pages made from the table are those in the repository."""

import importlib.util
from pathlib import Path

from autograd.rules import RULES

PATH = Path(__file__).parents[1] / "docs" / "operators.py"
SPEC = importlib.util.spec_from_file_location("docs_operators", PATH)
operators = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(operators)


def test_the_page_of_operators_is_not_stale():
    assert operators.PAGE.read_text() == operators.page(), "docs/operators.md is stale: make docs"


def test_every_row_stands_on_the_page():
    assert {rule.name for group in operators.GROUPS for rule in operators.rows_of(group)} == set(RULES)
