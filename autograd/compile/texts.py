"""Texts of rows and helpers as syntax trees, and as functions of arrays."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from autograd.arrays import ARRAYS
from autograd.rule import Rule


@cache
def tree(text: str) -> ast.AST:
    return ast.parse(text, mode="eval").body


@cache
def expression(helper: Callable[..., Any]) -> tuple[list[str], ast.AST | None]:
    """The parameters of a helper and the one expression that it returns; None if it does more."""
    function: Any = ast.parse(inspect.getsource(helper)).body[0]
    body = function.body[bool(ast.get_docstring(function)) :]
    alone = len(body) == 1 and isinstance(body[0], ast.Return)
    return [argument.arg for argument in function.args.args], body[0].value if alone else None


@cache
def function(rule: Rule, text: str, names: tuple[str, ...]) -> Callable[..., Any]:
    rows = {name: row.arrays.value for name, row in rule._rows.items()}
    function: Callable[..., Any] = eval(f"lambda {', '.join(names)}: {text}", {**rows, **ARRAYS, **rule._helpers})
    return function


def python(kind: type, arguments: tuple[Any, ...]) -> Any:
    names = "xy"[: len(arguments)]
    tree = ast.BinOp(ast.Name("x", ast.Load()), kind(), ast.Name("y", ast.Load())) if len(names) == 2 else None
    if tree is None:
        return -arguments[0]
    if issubclass(kind, ast.cmpop):
        tree = ast.Compare(ast.Name("x", ast.Load()), [kind()], [ast.Name("y", ast.Load())])  # type: ignore[assignment]
    code = compile(ast.fix_missing_locations(ast.Expression(tree)), "<row>", "eval")
    return eval(code, dict(zip(names, arguments, strict=True)))
