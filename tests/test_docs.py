"""The pages made from the table are those in the repository, and the guide has all that it walks through."""

import importlib.util
import itertools
import re
from pathlib import Path

from autograd.rules import RULES
from demos import CHAPTERS

DOCS = Path(__file__).parents[1] / "docs"
PATH = DOCS / "operators.py"
SPEC = importlib.util.spec_from_file_location("docs_operators", PATH)
operators = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(operators)


def test_the_page_of_operators_is_not_stale():
    assert operators.PAGE.read_text() == operators.page(), "docs/operators.md is stale: make docs"


def test_every_row_stands_on_the_page():
    assert {rule.name for group in operators.GROUPS for rule in operators.rows_of(group)} == set(RULES)


def test_the_guide_has_every_demo_and_its_pictures():
    guide = (DOCS / "guide.md").read_text(encoding="utf-8")
    chapters = [names for chapter, names in CHAPTERS.items() if chapter not in ("The main job", "Seeing it")]
    for name in itertools.chain.from_iterable(chapters):
        assert f"python -m demos {name}" in guide, name
    pictures = re.findall(r"\]\((images/[^)]+)\)", guide)
    assert len(pictures) > 25
    assert all((DOCS / picture).exists() for picture in pictures)
