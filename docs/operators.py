"""Writes docs/operators.md: every row of the table, and every function made of rows. ``make docs`` runs it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import autograd
from autograd import Tensor, functions
from autograd.functions import made
from autograd.rule import Rule
from autograd.rules import RULES, activations, indexing, layers, linalg, losses, pointwise, reductions, shape, special
from nn import functional
from tests.rows import calls_of

PAGE = Path(__file__).with_name("operators.md")
GROUPS = (pointwise, special, activations, reductions, shape, indexing, linalg, layers, losses)
HEAD = """# The operators

Made from the table in `autograd/rules/` by `make docs`; a test fails when this page is stale. A derivative is the
slope d out / d x for operators that work element by element, and, in `g = d loss / d out`, the whole d loss / d x for
the others. The head of [the table](../autograd/rules/__init__.py) defines the words.
"""


def rows_of(group: ModuleType) -> list[Rule]:
    """The rows that stand in the file of a group, in its order."""
    names = re.findall(r'^(?:arithmetic|analytic|structural)\(\s*"(\w+)\(', inspect.getsource(group), re.MULTILINE)
    return [RULES[name] for name in names]


def signature(rule: Rule) -> str:
    operands = ", ".join(rule.operands) if not rule.variadic else f"*{rule.operands[0]}"
    return f"{rule.name}({operands}{'; ' if rule.parameters else ''}{', '.join(rule.parameters)})"


def shapes(rule: Rule) -> str:
    """The shapes of a sample: operands -> result."""
    if rule.elementwise:
        return "broadcast" if len(rule.operands) > 1 else "any"
    call = calls_of(rule)[0]
    out = call(*map(Tensor, call.arrays))
    return f"{', '.join(str(array.shape) for array in call.arrays)} -> {out.shape}"


def cell(text: str) -> str:
    return "`` " + text.replace("|", "\\|") + " ``" if "`" in text else "`" + text.replace("|", "\\|") + "`"


def table(group: ModuleType) -> Iterator[str]:
    title = group.__name__.rpartition(".")[2].capitalize()
    yield f"## {title}\n\n{inspect.getdoc(group)}\n\n| operator | value | derivative | shapes |\n|---|---|---|---|"
    for rule in rows_of(group):
        derivatives = "<br>".join(
            f"d{operand}: {cell(text)}" for operand, text in zip(rule.operands, rule.derivatives, strict=True)
        )
        yield f"| {cell(signature(rule))} | {cell(rule.value)} | {derivatives} | {shapes(rule)} |"
    yield ""


def parameters(function: Callable[..., Any]) -> str:
    given = inspect.signature(function)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in given.parameters.values()]
    return str(given.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def listing(title: str, module: ModuleType, names: Iterable[str]) -> Iterator[str]:
    """The functions that do more than apply the row of their name."""
    yield f"## {title}\n\n| function | what it gives |\n|---|---|"
    for name in sorted(names):
        function = getattr(module, name)
        if inspect.isfunction(function) and function not in made.MADE:
            said = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
            yield f"| `{module.__name__}.{name}{parameters(function)}` | {said} |"
    yield ""


def page() -> str:
    lines = [HEAD, *(line for group in GROUPS for line in table(group))]
    lines += listing("Functions of arrays", autograd, (name for module in functions.MODULES for name in module.__all__))
    of_layers = (name for name, f in vars(functional).items() if str(getattr(f, "__module__", "")).startswith("nn."))
    lines += listing("Functions of layers and losses", functional, of_layers)
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
