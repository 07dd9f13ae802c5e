"""Python written by rows of the table: the methods of `Value`, and their steps in the reverse pass.

A call of a Python function costs more than the arithmetic of one number, so an operation on Values should be one
function and no more. `method` and `step` write that function around the row's texts, as one would by hand:

    def method(self, other):                                def step(node):
        ...                                                     g = node.grad
        x = self.data                                           left = node.left
        y = other.data                                          right = node.right
        node = _blank()                                         x = left.data
        node.data = x * y                                       y = right.data
        ...                                                     left.grad += g * (y)
        return node                                             right.grad += g * (x)

Tracebacks show the lines. A text that may raise where IEEE has an answer is tried, and read again by the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from autograd.rule import CAN_RAISE, Rule, words

SIDES = ("left", "right")  # the slots of a node where its operands stand

HEADS = {
    "unary": """
def method(self):
    x = self.data
    op = _op
""",
    "binary": """
def method(self, other):
    x = self.data
    if other.__class__ is _Value or isinstance(other, _Value):
        y = other.data
        op = _op
    else:
        other = y = other if other.__class__ is float else _number("{name}", other)
        if y is NotImplemented:
            return y
        op = _op_number
""",
    "reflected": """
def method(self, other):
    x = other if other.__class__ is float else _number("{name}", other)
    if x is NotImplemented:
        return x
    self, other, y = x, self, self.data
    op = _number_op
""",
}

NODE = """
    try:
        node = _blank()
    except IndexError:
        node = _more()
{value}
    node.grad = 0.0
    node.op = op
    node.left = self
    node.right = {right}
    return _watched(node) if _switched else node
"""


def method(rule: Rule, form: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    """The method of `Value` that applies ``rule``: ``form`` is one of ``HEADS``, ``names`` what that refers to."""
    value = _tried("node.data = {}", rule.value, f"_rule.scalars.value({', '.join(rule.operands)})")
    tail = NODE.format(value=_indented(value), right="None" if form == "unary" else "other")
    function = rule.function("method", form, HEADS[form].format(name=rule.name).strip() + tail, names)
    function.__name__, function.__qualname__ = rule.name, f"Value.{rule.name}"
    return function


@cache
def step(rule: Rule, are_nodes: tuple[bool, ...]) -> Callable[[Any], None]:
    """The step of a node in the reverse pass: its ``grad`` times the slopes is added to those of its operands.

    ``are_nodes`` says which operands are nodes; the others are plain numbers.
    """
    lines = _step(rule, are_nodes, "{}.grad += g")
    return rule.function("step", f"step{are_nodes}", "def step(node):\n" + _indented(lines), {})


STEPS = """
def steps(order, zero):
    for node in reversed(order):
        op = node.op
        if op is _add:
{add}
        elif op is _mul:
{mul}
        else:
            op.step(node)
"""
FIRST_OR_ADDED = """if {0}.grad is zero:
    {0}.grad = g
else:
    {0}.grad += g"""


def steps(add: Any, mul: Any) -> Callable[[list[Any], float], None]:
    """The steps of all nodes of an ``order``, whose ``grad`` is that ``zero``. Those of sums and products, ``add`` and
    ``mul`` of two nodes, nearly all in a network of `Value`s, are written into the loop, and no call is spent on them.
    """
    added, multiplied = (_step(op.rule, (True, True), FIRST_OR_ADDED) for op in (add, mul))
    source = STEPS.strip().format(add=_indented(added, 3), mul=_indented(multiplied, 3))
    return mul.rule.function("steps", "steps", source, {"_add": add, "_mul": mul})


def _step(rule: Rule, are_nodes: tuple[bool, ...], add_whole: str) -> list[str]:
    """The lines of a step; ``add_whole`` says how to add ``g`` to an operand where the slope is 1."""
    operands = list(zip(SIDES, rule.operands, rule.derivatives, are_nodes, strict=False))
    texts = [text for _, _, text, is_node in operands if is_node]
    every = ("out", *rule.operands, *rule.parameters)
    needed = every if any(map(CAN_RAISE.intersection, texts)) else {word for text in texts for word in words(text)}
    lines = ["g = node.grad"]
    for side, x, _, is_node in operands:
        if is_node:
            lines.append(f"{side} = node.{side}")
        if x in needed:
            lines.append(f"{x} = {side}.data" if is_node else f"{x} = node.{side}")
    if "out" in needed:
        lines.append("out = node.data")
    if rule.parameters:
        lines.append(f"{', '.join(rule.parameters)}, = node.op.parameters")
    for i, (side, _, text, is_node) in enumerate(operands):
        if is_node and text == "1":
            lines += add_whole.format(side).splitlines()
        elif is_node:
            lines += _tried(f"{side}.grad += g * ({{}})", text, f"_rule.scalars.slopes[{i}]({', '.join(every)})")
    return lines


def _tried(statement: str, text: str, otherwise: str) -> list[str]:
    """Lines with ``text`` in the ``statement``, or in its place ``otherwise`` if the text raises."""
    if not CAN_RAISE.intersection(text):
        return [statement.format(text)]
    return [
        "try:",
        f"    {statement.format(text)}",
        "except (ArithmeticError, ValueError):",
        f"    {statement.format(otherwise)}",
    ]


def _indented(lines: list[str], depth: int = 1) -> str:
    return "\n".join("    " * depth + line for line in lines)
