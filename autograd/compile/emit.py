"""From the text of a row to calls that write into kept arrays: ``1 - out * out`` as

    multiply(out, out, out=t)
    subtract(1, t, out=t)

A text is walked as a syntax tree. Each part is computed once while walking, which says what shape and dtype it has; its
result is kept, and the call that computes it again, into that very array, is noted as a line. A part that is a view of
a kept array (``x.reshape(shape)``, ``permute(x, dims)``) needs no line: it shows whatever stands there. A function that
knows no ``out=`` is called as it is, and its result is a new array each time.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.arrays import ARRAYS, quietly
from autograd.arrays.room import Room, takes_room
from autograd.compile.kept import KEPT_WORDS
from autograd.compile.texts import expression, function, python, tree
from autograd.rule import Rule

Array = np.ndarray[Any, Any]

_OPERATORS: dict[type, np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.remainder,
    ast.MatMult: np.matmul,
    ast.BitAnd: np.bitwise_and,
    ast.BitOr: np.bitwise_or,
    ast.USub: np.negative,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_POWERS = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}  # as NumPy's own ``**`` does them
_AS_UFUNC = {"sign": np.sign}  # words that are these for floats


class Ref:
    """An array of the program: what stood there while walking, and the name that it has in the lines.

    ``kept``: every run finds the same array. ``spare``: nothing reads it but what is computed from it next, which may
    stand in its place.
    """

    __slots__ = ("kept", "name", "spare", "value")

    def __init__(self, value: Array, name: str, kept: bool = True, spare: bool = False) -> None:
        self.value, self.name, self.kept, self.spare = value, name, kept, spare


class Emitter:
    """The lines so far, and what their names mean."""

    def __init__(self, names: dict[str, Any] | None = None) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {} if names is None else names  # shared by the programs of one recording
        self.allocating: set[str] = set()  # words whose results are new arrays in each run

    def known(self, thing: Any) -> str:
        """A name for a thing that stays the same."""
        name = f"k{id(thing)}"
        self.names[name] = thing  # which keeps it alive, and its id its own
        return name

    def ref(self, array: Array, spare: bool = False) -> Ref:
        return Ref(array, self.known(array), spare=spare)

    def text(self, argument: Any) -> str:
        """An argument as it stands in a line."""
        if isinstance(argument, Ref):
            return argument.name
        if isinstance(argument, tuple | list) and _refs(argument):
            inner = ", ".join(map(self.text, argument))
            return f"({inner},)" if isinstance(argument, tuple) else f"[{inner}]"
        return repr(argument) if type(argument) in (int, bool, type(None)) else self.known(argument)

    def ufunc(self, function: np.ufunc, *arguments: Any) -> Any:
        """An operation that writes into an array of its own, or into that of an operand that is not needed again."""
        value = np.asarray(quietly.run(function, *map(_plain, arguments)))
        place = None
        if value.dtype.kind == "f":
            alone = function.signature is not None  # of whole rows, as matmul
            arguments = tuple(self._made_like(a, value, alone) if isinstance(a, Ref) else a for a in arguments)
        if function.signature is None:
            same = (a for a in arguments if isinstance(a, Ref) and a.spare)
            place = next((a for a in same if a.value.shape == value.shape and a.value.dtype == value.dtype), None)
        if place is None:
            place = self.ref(value, spare=True)
        else:
            np.copyto(place.value, value)
        self.lines.append(f"{self.known(function)}({', '.join(map(self.text, arguments))}, out={place.name})")
        return place

    def into(self, ref: Ref, place: Array) -> None:
        """Leave ``ref`` in ``place``: by the line that computes it, if that is the last, or by a copy."""
        out = f"out={ref.name})"
        if ref.spare and self.lines and self.lines[-1].endswith(out) and ref.value.shape == place.shape:
            self.lines[-1] = f"{self.lines[-1].removesuffix(out)}out={self.known(place)})"
        else:
            self.lines.append(f"{self.known(np.copyto)}({self.known(place)}, {ref.name})")
        np.copyto(place, ref.value)

    def _made_like(self, ref: Ref, value: Array, alone: bool) -> Ref:
        """A ref in the dtype and, unless it is to be left ``alone``, the shape of ``value``, to which NumPy would else
        bring it piece by piece, in memory of its own."""
        x = ref.value
        if x.dtype == value.dtype and (alone or x.size == 1 or x.shape == value.shape):
            return ref
        place = self.ref(np.empty_like(x if alone else value, value.dtype), spare=True)
        np.copyto(place.value, x)
        self.lines.append(f"{self.known(np.copyto)}({place.name}, {ref.name})")
        return place

    def call(self, function: Callable[..., Any], *arguments: Any, word: str = "") -> Any:
        """Any other function: a view of a kept array, a number made of shapes, or a new array in each run."""
        refs = _refs(arguments)
        if not refs:
            return function(*arguments)
        if word in KEPT_WORDS:
            run, value = KEPT_WORDS[word](*map(_plain, arguments))
            if run is not None:
                quietly.run(run, *map(_plain, arguments))
                self.lines.append(f"{self.known(run)}({', '.join(map(self.text, arguments))})")
                return self.ref(value, spare=True)
        if takes_room(function):
            return self._in_room(function, tuple(a.arrays.value if isinstance(a, Rule) else a for a in arguments))
        value = quietly.run(function, *map(_plain, arguments))
        if not isinstance(value, np.ndarray | np.generic):
            if not _arrays_in(value):
                return value
            return Unwalked.raised(word)
        value = np.asarray(value)
        if all(ref.kept for ref in refs) and any(_is_view(value, ref.value) for ref in refs):
            return self.ref(value)
        name = f"n{len(self.names)}"
        self.names[name] = value
        self.lines.append(f"{name} = {self.known(function)}({', '.join(map(self.text, arguments))})")
        if not any(_is_view(value, ref.value) for ref in refs):
            self.allocating.add(word or getattr(function, "__name__", "?"))
        return Ref(value, name, kept=False)

    def _in_room(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """A function that writes into arrays which it is given, and gives one, or several, that every run finds."""
        room = Room()
        value = quietly.run(function, *map(_plain, arguments), room)
        line = f"{self.known(function)}({', '.join(map(self.text, arguments))}, {self.known(room.again)}())"
        if not isinstance(value, np.ndarray):
            self.lines.append(line)
            return [self.ref(part) for part in value]
        out = self.ref(value, spare=True)
        self.lines.append(f"if (found := {line}) is not {out.name}: {self.known(_brought)}(found, {out.name})")
        return out

    def function(self) -> Callable[[], None]:
        """The lines as one function, to be run without warnings."""
        made = sorted({line.partition(" = ")[0] for line in self.lines if " = " in line.partition("(")[0]})
        made = [name for name in made if "[" not in name]
        body = [f"global {', '.join(made)}"] if made else []
        source = "def run():\n " + "\n ".join([*body, *self.lines, "return"])
        exec(compile(source, "<compiled>", "exec"), self.names)
        function = self.names.pop("run")
        return lambda: quietly.run(function)

    def row(self, rule: Rule, text: str, values: Mapping[str, Any]) -> Any:
        """What the text of a row computes from these operands and parameters."""
        count = len(self.lines)
        try:
            return _Walk(self, rule, values).of(tree(text))
        except Unwalked:
            del self.lines[count:]
            names = list(values)
            return self.call(function(rule, text, tuple(names)), *values.values(), word=rule.name)


class Unwalked(Exception):  # noqa: N818
    """A part of a text that has no lines: then the text is called as a whole."""

    @classmethod
    def raised(cls, word: str) -> Any:
        raise cls(word)


class _Walk:
    """One text, walked."""

    def __init__(self, emitter: Emitter, rule: Rule, values: Mapping[str, Any]) -> None:
        self.emitter, self.rule = emitter, rule
        self.values = values
        for value in _refs(tuple(values.values())):
            value.spare = False  # a name may be read again

    def of(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._word(node.id)
        if isinstance(node, ast.Tuple):
            return tuple(map(self.of, node.elts))
        if isinstance(node, ast.BinOp):
            return self._operator(type(node.op), self.of(node.left), self.of(node.right))
        if isinstance(node, ast.UnaryOp):
            return self._operator(type(node.op), self.of(node.operand))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._operator(type(node.ops[0]), self.of(node.left), self.of(node.comparators[0]))
        if isinstance(node, ast.Attribute):
            return self._attribute(self.of(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return self.emitter.call(_item, self.of(node.value), self.of(node.slice), word="x[index]")
        if isinstance(node, ast.Call):
            return self._call(node)
        raise Unwalked(ast.dump(node))

    def _word(self, name: str) -> Any:
        for words in (self.values, ARRAYS, self.rule._helpers):
            if name in words:
                return words[name]
        if name in self.rule._rows:
            return self.rule._rows[name]
        raise Unwalked(name)

    def _operator(self, kind: type, *arguments: Any) -> Any:
        if not _refs(arguments):
            return python(kind, arguments)
        if kind is ast.Pow:
            base, exponent = arguments
            if isinstance(exponent, int | float) and exponent in _POWERS and base.value.dtype.kind == "f":
                return self.emitter.ufunc(_POWERS[exponent], base)
            return self.emitter.ufunc(np.power, *arguments)
        if kind not in _OPERATORS:
            raise Unwalked(kind.__name__)
        return self.emitter.ufunc(_OPERATORS[kind], *arguments)

    def _attribute(self, owner: Any, name: str) -> Any:
        if not isinstance(owner, Ref):
            return getattr(owner, name)
        if name in ("shape", "dtype", "ndim", "size"):
            return getattr(owner.value, name)
        if name == "mT":
            return self.emitter.call(ARRAYS["mT"], owner, word="mT")
        raise Unwalked(name)

    def _call(self, node: ast.Call) -> Any:
        arguments = [self.of(argument) for argument in node.args]
        if isinstance(node.func, ast.Attribute):
            owner = self.of(node.func.value)
            if node.keywords or not isinstance(owner, Ref) or node.func.attr not in ("reshape", "copy"):
                raise Unwalked(node.func.attr)
            return self.emitter.call(_METHODS[node.func.attr], owner, *arguments, word=node.func.attr)
        if node.keywords:
            raise Unwalked("keywords")
        function = self.of(node.func)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if isinstance(function, Rule):  # a row that another is written with
            given = dict(zip(function.operands + function.parameters, arguments, strict=True))
            return self.emitter.row(function, function.value, given)
        refs = _refs(tuple(arguments))
        if refs and name in self.rule._helpers:
            parameters, text = expression(function)
            if text is not None and len(parameters) == len(arguments):
                count = len(self.emitter.lines)
                try:
                    return _Walk(self.emitter, self.rule, dict(zip(parameters, arguments, strict=True))).of(text)
                except Unwalked:
                    del self.emitter.lines[count:]
        if name == "pow" and refs and refs[0] is arguments[0] and refs[0].value.dtype.kind == "f":
            return self._operator(ast.Pow, *arguments)
        if refs and all(ref.value.dtype.kind == "f" for ref in refs):
            function = _AS_UFUNC.get(name, function)
        if refs and isinstance(function, np.ufunc):
            return self.emitter.ufunc(function, *arguments)
        return self.emitter.call(function, *arguments, word=name)


def _item(x: Any, index: Any) -> Any:
    return x[index]


_METHODS: dict[str, Callable[..., Any]] = {
    "reshape": lambda x, shape: x.reshape(shape),
    "copy": lambda x: x.copy(),
}


def _refs(arguments: Any) -> list[Ref]:
    if isinstance(arguments, Ref):
        return [arguments]
    if isinstance(arguments, tuple | list):
        return [ref for argument in arguments for ref in _refs(argument)]
    return []


def _plain(argument: Any) -> Any:
    if isinstance(argument, Ref):
        return argument.value
    if isinstance(argument, tuple | list) and _refs(argument):
        return type(argument)(map(_plain, argument))
    return argument


def _arrays_in(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(map(_arrays_in, value))
    return isinstance(value, np.ndarray | np.generic)


def _brought(found: Array, place: Array) -> None:
    """Bring to its place what a word has found in another array, if it is another: it may have gone another way."""
    if _owner(found) is not _owner(place):
        np.copyto(place, found)


def _owner(array: Array) -> Any:
    return array if array.base is None else array.base


def _is_view(value: Array, of: Array) -> bool:
    return value is of or (value.base is not None and np.may_share_memory(value, of))
