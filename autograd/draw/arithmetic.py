"""Formulas with their numbers plugged in, and the chain rule's ``upstream x local = contribution``, as text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.draw import text
from autograd.draw.flow import Step
from autograd.graph import Node
from autograd.rule import Rule

LONGEST = 60  # of a parameter as text


def formula(rule: Rule) -> str:
    """The value's text, as it stands in the table."""
    return " ".join(rule.value.split())


def described(a: Any) -> str:
    """A number, or an array in one line."""
    return "; ".join(text.array(np.asarray(a)))


def plugged(formula: str, node: Node, name: Callable[[Node], str]) -> str:
    """``formula``, of the row that made ``node``, with numbers for its words; arrays stand there by their names."""
    assert node.op is not None
    rule = node.op.rule
    given = [_said(x, name) for x in node.operands]
    given = [f"({', '.join(given)})"] if rule.variadic else given
    words = dict(zip(rule.operands, given, strict=True))
    words |= {word: _shortened(x) for word, x in zip(rule.parameters, node.op.parameters, strict=True)}
    words["out"] = _said(node, name)
    return ast.unparse(_Plugging(words).visit(ast.parse(formula, mode="eval").body))


def slope(node: Node, i: int) -> Any:
    """The local derivative of an elementwise row: a float or an array; None where the row is not elementwise."""
    assert node.op is not None
    if not node.op.rule.elementwise:
        return None
    found = node.reading.slopes[i]
    if found is None:
        return 1.0
    operands = tuple(x.raw if isinstance(x, Node) else node.constant(x) for x in node.operands)
    with np.errstate(all="ignore"):
        return found(node.raw, *operands, *node.op.parameters)


def chain_rule(node: Node, i: int, step: Step) -> str:
    """``upstream x local = contribution`` in numbers; of arrays for the element where most flows, then in all."""
    local = slope(node, i)
    given = described(step.contribution)
    if local is None:
        return f"g = {described(step.upstream)}; contribution {given}"
    upstream, local = np.broadcast_arrays(np.asarray(step.upstream), np.asarray(local))
    with np.errstate(all="ignore"):
        products = np.asarray(upstream * local)
    if not products.size:
        return f"contribution {given}"
    at = np.unravel_index(int(np.argmax(np.abs(np.nan_to_num(products)))), products.shape)
    factor, other, result = (text.number(float(a[at])) for a in (upstream, local, products))
    product = f"{factor} × {other} = {result}"
    if np.isnan(products[at]) and not np.isnan(np.asarray(step.contribution)).any():
        product += ", which counts as 0: where() did not take this branch"
    if products.size == 1:
        return product
    summed = ", summed over its copies" if products.size != np.size(step.contribution) else ""
    return f"at [{', '.join(str(int(k)) for k in at)}]: {product}; contribution{summed}: {given}"


def _said(x: Any, name: Callable[[Node], str]) -> str:
    """A number as such; an array by its name."""
    if not isinstance(x, Node):
        return text.number(x)
    return text.number(float(x.raw)) if np.ndim(x.raw) == 0 and np.asarray(x.raw).dtype.kind == "f" else name(x)


def _shortened(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return described(x)
    said = str(x) if isinstance(x, np.dtype) else repr(x)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


class _Plugging(ast.NodeTransformer):
    """Puts texts for words; a negative number among operators stands in parentheses."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.words.get(node.id, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._within(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        return self._within(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        return self._within(node)

    def _within(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        for field, part in ast.iter_fields(node):
            if isinstance(part, ast.Name) and part.id.startswith("-"):
                setattr(node, field, ast.Name(f"({part.id})"))
        return node
