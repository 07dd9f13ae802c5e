"""The texts of the rows keep to the vocabulary that the head of the table defines."""

import ast
import re

import pytest

from autograd import rules
from autograd.arrays import ARRAYS
from autograd.nodes import NODES
from autograd.rule import Rule
from autograd.rules import RULES
from autograd.scalars import SCALARS
from tests.rows import EVERY_ROW

SYMBOLS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.USub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.MatMult: "@",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.Eq: "==",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.LtE: "<=",
}
OPERATORS = re.search(r"^operators +(.*)$", rules.__doc__, re.MULTILINE).group(1)
DOCUMENTED = set(OPERATORS.partition("``")[2].partition("``")[0].split())
ATTRIBUTES = set(re.findall(r"``\.(\w+)``", OPERATORS))
EXPRESSIONS = (
    ast.Expression,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Call,
    ast.Tuple,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
)


def words_outside_the_vocabulary(rule, text):
    """What ``text`` uses that the table's head does not allow."""
    strangers = []
    systems = (SCALARS, ARRAYS, NODES) if rule.elementwise else (ARRAYS, NODES)
    names = {*rule.operands, *rule.parameters, "out", *rule._helpers}
    names |= set() if rule.elementwise else {"g"}
    names |= {"i"} if rule.variadic else set()
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Name):
            if node.id not in names | RULES.keys() and not all(node.id in system for system in systems):
                strangers.append(node.id)
        elif isinstance(node, ast.Attribute):
            strangers += [] if node.attr in ATTRIBUTES else [f".{node.attr}"]
        elif isinstance(node, ast.Subscript):
            strangers += [] if "[]" in DOCUMENTED else ["[]"]
        elif isinstance(node, ast.operator | ast.unaryop | ast.cmpop):
            strangers += [] if SYMBOLS.get(type(node)) in DOCUMENTED else [type(node).__name__]
        elif not isinstance(node, EXPRESSIONS):
            strangers.append(type(node).__name__)
    return strangers


@pytest.mark.parametrize("rule", EVERY_ROW)
def test_derivatives_use_the_vocabulary(rule):
    for text in rule.derivatives:
        assert not words_outside_the_vocabulary(rule, text), f"{rule.name}: {text}"


@pytest.mark.parametrize(
    "text", ["math.exp(x)", "g * x", "xs", "x if x > 0 else 0", "[x]", "x << 2", "x.mean()", "fft(x)"]
)
def test_a_stranger_is_noticed(text):
    assert words_outside_the_vocabulary(RULES["exp"], text)


@pytest.mark.parametrize("rule", EVERY_ROW)
def test_every_operand_has_a_derivative(rule):
    expected = ("xs",) if rule.variadic else rule.operands
    assert len(rule.derivatives) == len(expected)


def test_names_are_kept_with_their_rows():
    assert all(rule.name == name for name, rule in RULES.items())


def test_a_row_without_the_derivative_of_an_operand_is_refused():
    with pytest.raises(KeyError, match="dy"):
        Rule("arithmetic", "mul(x, y)", "x * y", {"dx": "y"}, "", (), (), {})


def test_what_a_derivative_reads_is_taken_from_its_text():
    assert RULES["tanh"].reads(0) == {"out"}
    assert RULES["mul"].reads(0) == {"y"}
    assert "x" not in RULES["sum"].reads(0), "of x.shape no value is read"
