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
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autograd import anomaly, functions, graph, origins
from autograd.backward import backpropagate, backward_floats
from autograd.errors import DtypeError, shortened
from autograd.functions.made import MADE
from autograd.graph import Node, Operation
from autograd.rule import Reading, Rule
from autograd.rules import RULES


class ScalarOperation(Operation):
    """An `Operation` with the slopes that the reverse pass of floats calls; None is the slope 1."""

    __slots__ = ("dx", "dy", "label", "value")

    def __init__(self, rule: Rule, parameters: tuple[Any, ...] = (), label: str = "") -> None:
        super().__init__(rule, parameters)
        reading = rule.scalars
        self.value = _bound(reading.value, parameters)
        self.dx, self.dy, *_ = (*(slope and _bound(slope, parameters) for slope in reading.slopes), None)
        self.label = label


@cache
def _operation(rule: Rule) -> ScalarOperation:
    return ScalarOperation(rule)  # one for all nodes, since it has no parameters


def _bound(function: Callable[..., Any], parameters: tuple[Any, ...]) -> Callable[..., Any]:
    return (lambda *numbers: function(*numbers, *parameters)) if parameters else function


def _number(name: str, given: Any) -> Any:
    """``given`` as a float; NotImplemented if it is a type that may know better how to operate with a Value."""
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


_new = object.__new__


def _result(data: float, op: ScalarOperation, left: Any, right: Any = None) -> Value:
    node = _new(Value)  # not Value(...): a result needs none of the checks that a caller's number does
    node.data = data
    node.grad = 0.0
    if graph.switched:
        return _watched(node, op, left, right)
    node.op = op
    node.left = left
    node.right = right
    return node


def _watched(node: Value, op: ScalarOperation, left: Any, right: Any) -> Value:
    """The rest of `_result` while something is switched on or off."""
    operands = (left,) if right is None else (left, right)
    if anomaly.is_looking():
        numbers = [x.data if isinstance(x, Value) else x for x in operands]
        anomaly.check_result(op.rule, numbers, op.parameters, node.data)
    if graph.is_recording():
        node.op, node.left, node.right = origins.stamped(op), left, right
    else:
        node.op = node.left = node.right = None
    tape = graph.tape.get()
    if tape is not None:
        tape.add(node, op, operands, graph.is_recording())
    return node


def _unary(name: str) -> Callable[[Any], Value]:
    op = _operation(RULES[name])
    value = op.value

    def method(self: Value) -> Value:
        return _result(value(self.data), op, self)

    return _documented(method, name)


def _binary(name: str) -> Callable[[Any, Any], Value]:
    op = _operation(RULES[name])
    value = op.value

    def method(self: Value, other: Any) -> Value:
        if isinstance(other, Value):
            return _result(value(self.data, other.data), op, self, other)
        number = _number(name, other)
        if number is NotImplemented:
            return number
        return _result(value(self.data, number), op, self, number)

    return _documented(method, name)


def _reflected(name: str) -> Callable[[Any, Any], Value]:
    op = _operation(RULES[name])
    value = op.value

    def method(self: Value, other: Any) -> Value:
        number = _number(name, other)
        if number is NotImplemented:
            return number
        return _result(value(number, self.data), op, number, self)  # other * self

    return _documented(method, name)


def _documented(method: Callable[..., Value], name: str) -> Callable[..., Value]:
    method.__doc__ = getattr(functions, name).__doc__
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
        self.data = _required_number("Value", data)
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
        backward_floats(self, upstream)

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
        op = ScalarOperation(rule, parameters) if parameters else _operation(rule)
        kept = [operand if isinstance(operand, Value) else _number(rule.name, operand) for operand in operands]
        if any(operand is NotImplemented for operand in kept):
            raise DtypeError(f"{rule.name}: cannot be computed from {operands}; the operands must be Values or numbers")
        return _result(op.value(*(x.data if isinstance(x, Value) else x for x in kept)), op, *kept)

    __add__, __radd__ = _binary("add"), _reflected("add")
    __sub__, __rsub__ = _binary("sub"), _reflected("sub")
    __mul__, __rmul__ = _binary("mul"), _reflected("mul")
    __truediv__, __rtruediv__ = _binary("div"), _reflected("div")
    __pow__, __rpow__ = _binary("pow"), _reflected("pow")
    __mod__, __rmod__ = _binary("remainder"), _reflected("remainder")
    __floordiv__, __rfloordiv__ = _binary("floor_divide"), _reflected("floor_divide")
    __neg__ = _unary("neg")
    __abs__ = _unary("abs")
    __pos__ = functions.positive

    # == asks whether two names are one node, as in micrograd; the others compare the numbers
    __lt__ = _compared(lambda x, y: x < y)
    __le__ = _compared(lambda x, y: x <= y)
    __gt__ = _compared(lambda x, y: x > y)
    __ge__ = _compared(lambda x, y: x >= y)

    pow = _binary("pow")
    max = _binary("maximum")
    min = _binary("minimum")

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class _Later:
    """Stands in `Value` for a method that is made of its row when it is first asked for."""

    def __init__(self, name: str, rule: Rule) -> None:
        self.name, self.rule = name, rule

    def __get__(self, instance: Value | None, owner: type[Value]) -> Any:
        make = _unary if len(self.rule.operands) == 1 else _binary
        setattr(Value, self.name, make(self.rule.name))
        return getattr(owner if instance is None else instance, self.name)


for _name, _function in functions.OF_ELEMENTS.items():
    if _name not in vars(Value):
        setattr(Value, _name, _Later(_name, MADE[_function]) if _function in MADE else _function)
