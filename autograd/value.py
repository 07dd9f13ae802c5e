"""`Value`: one number that remembers how it was computed.

A node keeps five things: the number, its gradient, the operation that made it, and that operation's one or
two operands. Slopes are not kept: the reverse pass reads them from the table. A node refers only to its
operands, so a graph has no cycles, and dropping the result frees all of it at once.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from copy import copy
from functools import cache
from types import CodeType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autograd import anomaly, functions, graph, origins, scalar_methods
from autograd.backward import backpropagate
from autograd.blanks import Blanks
from autograd.errors import DtypeError, shortened
from autograd.functions.made import MADE
from autograd.graph import Node, Operation
from autograd.rule import Reading, Rule
from autograd.rules import RULES
from autograd.scalar_pass import backward_floats


class ScalarOperation(Operation):
    """An `Operation` with its step of the reverse pass of floats, which depends on which operands are nodes.

    ``both``: there are two, and both are nodes.
    """

    __slots__ = ("both", "label", "step")

    def __init__(self, rule: Rule, are_nodes: tuple[bool, ...], parameters: tuple[Any, ...] = ()) -> None:
        super().__init__(rule, parameters)
        self.step = scalar_methods.step(rule, are_nodes)
        self.both = are_nodes == (True, True)
        self.label = ""


_operation = cache(ScalarOperation)  # one for all nodes that are made in the same way


def _number(name: str, given: Any) -> Any:
    """``given`` as a float; NotImplemented if it is a type that may know better how to operate with a Value."""
    if given.__class__ is int or isinstance(given, float):  # NumPy's float64 is one
        return float(given)
    if isinstance(given, numbers.Real | np.bool_) or (isinstance(given, np.ndarray) and not given.ndim):
        return float(given)
    if isinstance(given, np.ndarray | list | tuple):
        what = f"an array of shape {given.shape}" if isinstance(given, np.ndarray) else f"a {type(given).__name__}"
        raise DtypeError(
            f"{name}: {what} and a Value, which is one number; use a Tensor for arrays, "
            "or operate on each element: [x * value for x in array]"
        )
    if isinstance(given, Node):
        raise DtypeError(f"{name}: a {type(given).__name__} and a Value do not mix; make both Values or both Tensors")
    return NotImplemented


def _required_number(name: str, given: Any) -> float:
    number = _number(name, given)
    if number is NotImplemented:
        raise DtypeError(
            f"{name}: needs one real number, not {shortened(given)}, a {type(given).__name__}; convert it first, "
            "as in float(...)"
        )
    return number


def _watched(node: Value) -> Value:
    """``node``, which was just made, while something is switched on or off."""
    op = cast(ScalarOperation, node.op)
    operands = node.operands
    recording = graph.is_recording()
    if anomaly.is_looking():
        numbers = [x.data if isinstance(x, Value) else x for x in operands]
        anomaly.check_result(op.rule, numbers, op.parameters, node.data)
    if recording:
        node.op = origins.stamped(op)
    else:
        node.op = node.left = node.right = None
    tape = graph.tape.get()
    if tape is not None:
        tape.add(node, op, operands, recording)
    return node


_OPERATIONS: dict[
    str, dict[str, tuple[bool, ...]]
] = {  # the names by which the forms of a method know its operations, and which operands are then nodes
    "unary": {"_op": (True,)},
    "binary": {"_op": (True, True), "_op_number": (True, False)},
    "reflected": {"_number_op": (False, True)},
}
METHOD_CODES: dict[int, CodeType] = {}  # of the methods that are written, by id


class _Method:
    """A method of `Value` that applies a row, written (`scalar_methods`) at its first use: there are a hundred.

    ``form`` is unary, binary, or reflected: with a number on the left.
    """

    def __init__(self, row: str, form: str, name: str = "") -> None:
        self._rule = RULES[row]
        self._form = form
        self._name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Callable[..., Value]:
        method = self._written()
        METHOD_CODES[id(method.__code__)] = method.__code__
        setattr(Value, self._name, method)
        return method.__get__(instance, owner)

    def _written(self) -> Any:
        names = {name: _operation(self._rule, are_nodes) for name, are_nodes in _OPERATIONS[self._form].items()}
        nodes = {"_Value": Value, "_blank": _blanks.take, "_more": _blanks.more, "_watched": _watched}
        method = scalar_methods.method(
            self._rule, self._form, {**names, **nodes, "_number": _number, "_switched": graph.switched}
        )
        method.__doc__ = getattr(functions, self._rule.name).__doc__
        return method


def _compared(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def method(self: Value, other: Any) -> bool:
        other = other.data if isinstance(other, Value) else other
        return compare(self.data, float(other)) if isinstance(other, numbers.Real | np.bool_) else NotImplemented

    return method


class Value(Node):
    """A number that records how it was computed, and its gradient.

    ``data`` and ``grad`` are floats; ``grad`` is 0 until a `backward` reaches it. Arithmetic with numbers and
    other Values gives Values; ``<``, ``max`` and ``sorted`` compare the numbers. ``label`` is a name for pictures.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> loss = a * b + a**2
    >>> loss.backward()
    >>> loss.data, a.grad, b.grad
    (-2.0, 1.0, 2.0)
    """

    __slots__ = ("data", "grad", "left", "op", "right")

    data: float
    grad: float
    op: ScalarOperation | None
    left: Any  # the operands: Values, and floats where the operand was a plain number; None where there is none
    right: Any

    shape = ()
    ndim = 0
    requires_grad = True
    __array_ufunc__ = None  # array * value must ask Value, not make an array of Values

    def __init__(self, data: float, label: str = "") -> None:
        if isinstance(data, Node):
            raise DtypeError(f"Value({data!r}): it would lose its history; use it as it is, or .data for its number")
        if isinstance(data, np.ndarray | list | tuple) and np.ndim(data):
            raise DtypeError(
                f"Value({data!r}): an array of shape {np.shape(data)} is not one number; make a Tensor of it"
            )
        self.data = data if data.__class__ is float else _required_number("Value", data)
        self.grad = 0.0
        self.op = self.left = self.right = None
        if label:
            self.label = label

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def item(self) -> float:
        """The number."""
        return self.data

    # The graph -------------------------------------------------------------------------------------------

    @property
    def operands(self) -> tuple[Any, ...]:
        if self.op is None:
            return ()
        return (self.left,) if self.right is None else (self.left, self.right)

    @property
    def parents(self) -> tuple[Node, ...]:
        left, right = self.left, self.right
        if isinstance(right, Value):
            return (left, right) if isinstance(left, Value) else (right,)
        return (left,) if isinstance(left, Value) else ()

    @property
    def label(self) -> str:
        """A name for pictures. It is kept where the node has room, since nearly all nodes have no name:
        a leaf's in place of its operand, a result's with its operation."""
        return self.op.label if self.op is not None else self.left or ""

    @label.setter
    def label(self, name: str) -> None:
        if self.op is None:
            self.left = str(name)
        else:
            self.op = copy(self.op)
            self.op.label = str(name)

    def backward(self, gradient: float = 1.0) -> None:
        """Give every Value that this one was computed from its ``grad``: d self / d it, times ``gradient``.

        Those made by the user accumulate over calls, until set to 0; those computed hold the last call's.
        """
        upstream = _required_number("backward", gradient)
        if graph.switched and anomaly.is_looking():
            backpropagate((self,), (upstream,), False, None, "backward")  # raises before anything is changed
        backward_floats(self, upstream, Value, _steps())

    # The names by which programs written for micrograd look into a graph -----------------------------------------

    @property
    def _prev(self) -> set[Node]:
        """The operands that are Values."""
        return set(self.parents)

    @property
    def _op(self) -> str:
        """The operation's symbol, and the exponent of a power."""
        if self.op is None:
            return ""
        symbol = self.op.rule.symbol
        return f"{symbol}{self.right:g}" if symbol == "**" and isinstance(self.right, float) else symbol

    def _backward(self) -> None:
        """One step of the reverse pass, by hand: give the operands their contributions, from this node's ``grad``."""
        if self.op is None:
            return
        values = [x.data if isinstance(x, Value) else x for x in self.operands]
        for operand, vjp in zip(self.operands, self.reading.vjps, strict=True):  # type: ignore[arg-type]
            if isinstance(operand, Value):
                operand.grad += vjp(self.grad, self.data, *values, *self.op.parameters)

    # What the general reverse pass asks of a node ------------------------------------------------------------

    @property
    def raw(self) -> float:
        return self.data

    @property
    def reading(self) -> Reading:
        return cast(ScalarOperation, self.op).rule.scalars

    def seed(self, upstream: Any, create_graph: bool, name: str) -> Any:
        if upstream is None:
            return 1.0
        if isinstance(upstream, Value):
            return upstream if create_graph else upstream.data
        return _required_number(name, upstream)

    def wrapped(self, gradient: Any) -> Value:
        return gradient if isinstance(gradient, Value) else Value(gradient)

    # Operations: rows of the table ---------------------------------------------------------------------------

    @classmethod
    def apply(cls, rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...]) -> Value:
        if not rule.elementwise:
            raise DtypeError(f"{rule.name}: a Value is one number, with no dimensions to work on; use a Tensor")
        are_nodes = tuple(isinstance(operand, Value) for operand in operands)
        kept = [x if is_node else _number(rule.name, x) for x, is_node in zip(operands, are_nodes, strict=True)]
        if any(operand is NotImplemented for operand in kept):
            raise DtypeError(f"{rule.name}: cannot be computed from {operands}; the operands must be Values or numbers")
        numbers = (x.data if isinstance(x, Value) else x for x in kept)
        node = object.__new__(Value)
        node.data = rule.scalars.value(*numbers, *parameters)
        node.grad = 0.0
        node.op = ScalarOperation(rule, are_nodes, parameters) if parameters else _operation(rule, are_nodes)
        node.left, node.right = kept if len(kept) == 2 else (*kept, None)
        return _watched(node) if graph.switched else node

    __add__, __radd__ = _Method("add", "binary"), _Method("add", "reflected")
    __sub__, __rsub__ = _Method("sub", "binary"), _Method("sub", "reflected")
    __mul__, __rmul__ = _Method("mul", "binary"), _Method("mul", "reflected")
    __truediv__, __rtruediv__ = _Method("div", "binary"), _Method("div", "reflected")
    __pow__, __rpow__ = _Method("pow", "binary"), _Method("pow", "reflected")
    __mod__, __rmod__ = _Method("remainder", "binary"), _Method("remainder", "reflected")
    __floordiv__, __rfloordiv__ = _Method("floor_divide", "binary"), _Method("floor_divide", "reflected")
    __neg__ = _Method("neg", "unary")
    __abs__ = _Method("abs", "unary")
    __pos__ = functions.positive

    # == asks whether two names are one node, as in micrograd; the others compare the numbers
    __lt__ = _compared(lambda x, y: x < y)
    __le__ = _compared(lambda x, y: x <= y)
    __gt__ = _compared(lambda x, y: x > y)
    __ge__ = _compared(lambda x, y: x >= y)

    pow = _Method("pow", "binary")
    max = _Method("maximum", "binary")
    min = _Method("minimum", "binary")

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


_blanks = Blanks(Value)


@cache  # written at its first use, like the methods
def _steps() -> Callable[[list[Any], float], None]:
    return scalar_methods.steps(*(_operation(RULES[name], (True, True)) for name in ("add", "mul")))


for _name, _function in functions.OF_ELEMENTS.items():
    if _name not in vars(Value):
        _rule = MADE.get(_function)
        _form = "unary" if _rule and len(_rule.operands) == 1 else "binary"
        setattr(Value, _name, _Method(_rule.name, _form, _name) if _rule else _function)
