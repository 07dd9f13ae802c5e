"""One row of the table of derivatives, and how it is read in a number system.

The texts of a row ("1 - out * out") are Python expressions. Reading a row in a number system means
compiling those texts with the system's names: ``exp`` is ``math.exp`` among floats, ``numpy.exp`` among
arrays, and ``autograd.exp`` among nodes, where taking a derivative records a graph of its own.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from types import CodeType
from typing import Any, NamedTuple

from autograd.arrays import ARRAYS
from autograd.arrays.blocks import in_blocks, operations
from autograd.scalars import SCALARS, guarded

Function = Callable[..., Any]

CAN_RAISE = {*"/%("}  # texts that divide or call: among floats, where IEEE has an answer, these may raise


class Reading(NamedTuple):
    """A row compiled for one number system, to be called as

    ``value(*operands, *parameters)``, ``slope(out, *operands, *parameters)``, ``vjp(g, out, *operands, *parameters)``;
    there is one slope and one vjp for each operand. Structural rows have no slopes. None stands for the slope 1:
    the upstream gradient passes through unchanged.
    """

    value: Function
    slopes: tuple[Function | None, ...]
    vjps: tuple[Function, ...] | _EachOperand


class Sample(NamedTuple):
    """Inputs that a row is tested on: the shapes of its operands, the keyword arguments of the call, and of which
    numbers: "any", "positive", or "positive definite" matrices."""

    shapes: tuple[tuple[int, ...], ...]
    arguments: Mapping[str, Any]
    of: str = "any"


class Rule:
    """One operation: its value and the derivative with respect to each operand.

    ``signature`` is ``"name(operands; parameters)"``; a derivative is taken for operands only. A single
    operand written ``*xs`` stands for any number of them. ``derivatives`` maps ``dx`` to a text for the
    operand ``x``: a slope for elementwise rows, a vector-Jacobian product for structural ones. ``kept`` is a part of
    the value of a structural row that its derivatives read, too: a Tensor keeps it, so that it is computed once.
    """

    kept = ""
    own = False  # whether a user wrote it, as a `Function`: its derivative may have none of its own

    def __init__(
        self,
        kind: str,
        signature: str,
        value: str,
        derivatives: Mapping[str, str],
        symbol: str,
        samples: tuple[Any, ...],
        kinks: tuple[float, ...],
        helpers: Mapping[str, Any],
        rows: Mapping[str, Rule] | None = None,
        kept: str = "",
    ) -> None:
        self.name, _, arguments = signature.rstrip(")").partition("(")
        operands, _, parameters = arguments.partition(";")
        self.kind = kind
        self.operands = tuple(operands.replace("*", "").replace(" ", "").split(","))
        self.parameters = tuple(parameters.replace(" ", "").split(",")) if parameters.strip() else ()
        self.variadic = operands.startswith("*")
        self.value = value
        self.derivatives = tuple(derivatives[f"d{operand}"] for operand in self.operands) if derivatives else ()
        self.symbol = symbol or self.name
        self.samples = samples
        self.kinks = kinks
        self.given: tuple[Any, ...] = ()  # the parameters that an elementwise row is tested with
        self.kept = kept
        self._helpers = helpers
        self._rows = rows or {}  # the table: what a number system lacks and a row computes is a word, too
        self._readings: dict[int, Reading] = {}  # by the id of a number system; these live as long as the program

    def __repr__(self) -> str:
        return f"<rule {self.name}>"

    @property
    def elementwise(self) -> bool:
        return self.kind in ("arithmetic", "analytic")

    @cached_property
    def scalars(self) -> Reading:
        return self.read(SCALARS)

    @cached_property
    def arrays(self) -> Reading:
        return self.read(ARRAYS)

    @cached_property
    def keeping(self) -> Reading:
        """`arrays` of a row with a part that is ``kept``: ``value`` gives it and the value, vjps take it last."""
        value, *vjps = (text.replace(self.kept, "kept") for text in (self.value, *self.derivatives))
        return Reading(
            self._function(ARRAYS, "value", "", f"((kept := {self.kept}), {value})"),
            (),
            tuple(
                self._function(ARRAYS, f"d{x}", "g, out, ", text, ", kept")
                for x, text in zip(self.operands, vjps, strict=True)
            ),
        )

    def derivative(self, position: int) -> str:
        """The text of the derivative with respect to the operand at ``position``, as it stands in the table."""
        return self.derivatives[0 if self.variadic else position]

    def reads(self, position: int) -> frozenset[str]:
        """The words whose *values* that derivative needs: of ``x.shape`` and ``x.dtype`` it needs no value."""
        return words(self.derivative(position))

    def read(self, names: Mapping[str, Any]) -> Reading:
        """This row compiled with the names of one number system."""
        if id(names) not in self._readings:
            self._readings[id(names)] = self._compile(names)
        return self._readings[id(names)]

    def _compile(self, names: Mapping[str, Any]) -> Reading:
        value = self._function(names, "value", "", self.value)
        if self.variadic:
            n = len(self.parameters)
            vjp = self._function(names, "derivative", "i, g, out, ", self.derivatives[0])
            return Reading(lambda *arguments: value(arguments[:-n], *arguments[-n:]), (), _EachOperand(vjp, n))
        if not self.derivatives:
            return Reading(value, (), ())
        first = "out, " if self.elementwise else "g, out, "
        derivatives = tuple(
            None if self.elementwise and text == "1" else self._function(names, f"d{x}", first, text)
            for x, text in zip(self.operands, self.derivatives, strict=True)
        )
        if not self.elementwise:
            return Reading(value, (), derivatives)  # type: ignore[arg-type]
        if names is SCALARS:
            value = self._guarded(self.value, value, lambda: self.arrays.value)
            derivatives = tuple(
                self._guarded(text, slope, lambda i=i: self.arrays.slopes[i])
                for i, (text, slope) in enumerate(zip(self.derivatives, derivatives, strict=True))
            )
        vjps = tuple(_times_upstream(slope) for slope in derivatives)
        if names is ARRAYS:
            value = in_blocks(value) if operations(self.value, names) > 2 else value
            vjps = tuple(
                in_blocks(vjp) if operations(text, names) > 1 else vjp
                for vjp, text in zip(vjps, self.derivatives, strict=True)
            )
        return Reading(value, derivatives, vjps)

    def _guarded(self, text: str, function: Any, among_arrays: Any) -> Any:
        return guarded(function, among_arrays) if CAN_RAISE.intersection(text) else function

    def _function(self, names: Mapping[str, Any], label: str, first: str, text: str, last: str = "") -> Function:
        where = f"<rule {self.name}: {label}>"
        source = f"lambda {first}{', '.join(self.operands + self.parameters)}{last}: {text}"
        quicker = names is ARRAYS and ("@" in text or "maximum(" in text)
        tree = _Quicker().visit(ast.parse(source, mode="eval")) if quicker else None
        compiled: Function = eval(_compiled(source, where, "eval", tree), self._meanings(names, text))
        return compiled

    def function(self, name: str, label: str, source: str, names: Mapping[str, Any]) -> Function:
        """The function ``name`` of floats that ``source`` defines, which may use the words of this row's texts."""
        meanings = self._meanings(SCALARS, *{self.value, *self.derivatives})
        meanings.update(names, _rule=self)
        exec(_compiled(source, f"<rule {self.name}: {label}>", "exec"), meanings)
        compiled: Function = meanings.pop(name)
        return compiled

    def _meanings(self, names: Mapping[str, Any], *texts: str) -> dict[str, Any]:
        """What the words in ``texts`` mean in a number system that has ``names``."""
        calling = (text for text in texts if "(" in text)  # the others use no rows, and to know the words takes time
        used = frozenset[str]().union(*map(words, calling)) - names.keys()
        rows = {word: self._rows[word].read(names).value for word in self._rows.keys() & used}
        return {**names, **self._helpers, **rows}


class _Quicker(ast.NodeTransformer):
    """Words for what they do quicker among arrays: ``matmul`` for two matrices ``x @ y``, ``positive_part``."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return _call(node, "matmul", node.left, node.right) if isinstance(node.op, ast.MatMult) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name("maximum"), [x, ast.Constant(0)]):
                return _call(node, "positive_part", x)
        return node


def _call(instead: ast.expr, word: str, *arguments: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(word, ast.Load()), list(arguments), []), instead)


def _compiled(source: str, where: str, mode: str, tree: ast.AST | None = None) -> CodeType:
    """``source`` compiled, or the ``tree`` that was made of it, so that tracebacks show the formula."""
    lines = source.splitlines(True)
    while linecache.getlines(where) not in ([], lines):
        where += "'"  # another row of the same name, as the tests of the tests make
    linecache.cache[where] = (len(source), None, lines, where)
    return compile(source if tree is None else ast.fix_missing_locations(tree), where, mode)  # type: ignore[arg-type]


@cache
def words(text: str) -> frozenset[str]:
    """The words whose values a text needs."""
    nodes = list(ast.walk(ast.parse(text)))
    shapes = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in shapes)


def _times_upstream(slope: Function | None) -> Function:
    """The chain rule for an elementwise operation: upstream gradient times local slope."""
    if slope is None:
        return lambda g, *_: g
    return lambda g, *arguments: g * slope(*arguments)


class _EachOperand:
    """The vjps of a row of any number of operands: one text for all, told by ``i`` which operand is asked."""

    def __init__(self, vjp: Function, parameters: int) -> None:
        self._vjp, self._parameters = vjp, parameters

    def __getitem__(self, i: int) -> Function:
        n = self._parameters
        return lambda g, out, *arguments: self._vjp(i, g, out, arguments[:-n], *arguments[-n:])
