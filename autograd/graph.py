"""The computation graph: what a node is, when operations are recorded, and the one walk over what was.

A graph is nothing but nodes that remember how they were made: which row of the table (`Operation`) and which
operands. There is no list of nodes anywhere; a graph is reachable from its result and is freed, by reference
counting, when its result is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from functools import wraps
from inspect import isgeneratorfunction
from numbers import Real
from operator import attrgetter
from typing import Any

from autograd.errors import DtypeError, GraphError
from autograd.rule import Reading, Rule


class Operation:
    """A row of the table with its parameters fixed: what a node records about how it was made."""

    __slots__ = ("kept", "origin", "parameters", "rule")

    def __init__(self, rule: Rule, parameters: tuple[Any, ...] = ()) -> None:
        self.rule = rule
        self.parameters = parameters
        self.kept: Any = None  # the part of the value that the row keeps for its derivatives
        self.origin: Any = None  # the user's line that made the node, where a tool asked for it (origins.py)

    @property
    def name(self) -> str:
        return self.rule.name

    def __repr__(self) -> str:
        given = ", ".join(
            f"{name}={value!r}" for name, value in zip(self.rule.parameters, self.parameters, strict=True)
        )
        return f"{self.rule.name}({given})"


class _Released(Operation):
    """What stands in a node for its operation once the graph was let go."""

    __slots__ = ()

    def __init__(self) -> None:
        self.origin = None

    name = "released"

    def __repr__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:  # type: ignore[override]
        raise GraphError(
            "backward: this graph was let go by an earlier pass with retain_graph=False; "
            "leave that out there, or compute the output again"
        )


RELEASED = _Released()


class Node:
    """What a `Value` and a `Tensor` have in common: each is the result of an operation on operands, or a leaf."""

    __slots__ = ()

    op: Operation | None  # None: a leaf, made by the user and not by an operation
    requires_grad: bool
    _recorded: int = 0  # when, if that is known: operands come before results
    _wishes: Any = None  # what is asked of its gradient (`hooks.Wishes`)

    @property
    def operands(self) -> tuple[Any, ...]:
        """The operands in order: nodes, and the plain numbers among them as they were given."""
        raise TypeError(f"{type(self).__name__} does not say what its operands are")

    @property
    def parents(self) -> tuple[Node, ...]:
        """The operands that are nodes; one that was used twice stands here twice."""
        return tuple(operand for operand in self.operands if isinstance(operand, Node))

    @property
    def raw(self) -> Any:
        """The float or the array itself."""
        raise TypeError(f"{type(self).__name__} does not say what it holds")

    @property
    def reading(self) -> Reading:
        """The operation's row, in the number system of ``raw``."""
        raise TypeError(f"{type(self).__name__} does not say which number system it computes in")

    def seed(self, upstream: Any, create_graph: bool, name: str) -> Any:
        """The upstream gradient given by a caller (None: 1) as the reverse pass wants it: raw, or a node."""
        raise TypeError(f"{type(self).__name__} does not say how it starts a reverse pass")

    def constant(self, number: float) -> Any:
        """A plain number among the operands as a rule can compute with it: 1 / 0 is infinite and not an error."""
        return number

    def fitted(self, contribution: Any) -> Any:
        """A contribution to this node's gradient in this node's shape and dtype."""
        return contribution

    def wrapped(self, gradient: Any) -> Any:
        """A gradient as a node of this class."""
        return gradient

    def owned(self, gradient: Any, shared: bool) -> Any:
        """A gradient, which somebody else holds too if it is ``shared``, as a node with memory of its own."""
        return self.wrapped(gradient)

    def check_unchanged(self, position: int) -> None:
        """Raise if what the derivative for the operand at ``position`` reads has changed since it was recorded."""

    def forget(self) -> None:
        """Let go of what is kept for the reverse pass."""

    @classmethod
    def apply(cls, rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
        """The result of ``rule`` on operands of which at least one is a node of this class."""
        raise TypeError(f"{cls.__name__} does not say how it applies {rule.name}")


def apply(rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...] = ()) -> Any:
    """Apply a row of the table to nodes, or to plain numbers."""
    for operand in operands:
        if isinstance(operand, Node):
            return operand.apply(rule, operands, parameters)
    if not rule.elementwise or not all(isinstance(operand, Real) for operand in operands):
        given = " and ".join(type(operand).__name__ for operand in operands)
        raise DtypeError(
            f"{rule.name}: takes Values, Tensors and numbers, not {given}; make it a Tensor, as in Tensor(...)"
        )
    return rule.scalars.value(*operands, *parameters)


# Recording --------------------------------------------------------------------------------------------------

_recording: ContextVar[bool] = ContextVar("recording", default=True)
switched: set[int] = set()  # not empty while a block that switches something is open anywhere; nearly always empty


class Opened:
    """Stands in ``switched`` as long as it lives: in the contexts of a block and of the tasks begun within it.

    A task may outlive the block that it was begun in, and is within it nevertheless.
    """

    def __init__(self) -> None:
        switched.add(id(self))

    def __del__(self, forget: Callable[[int], None] = switched.discard) -> None:
        forget(id(self))


tape: ContextVar[Any] = ContextVar("tape", default=None)  # what `compile` is recording here, if it is

_opened: ContextVar[Opened | None] = ContextVar("opened", default=None)


def is_recording() -> bool:
    """Whether operations are recorded here: in this thread, in this asynchronous task.

    Where every operation asks, it asks ``switched and not is_recording()``: a global is cheaper to look up
    than a context variable.
    """
    return _recording.get()


class Switch(ContextDecorator):
    """Gives context variables values for a block or, as a decorator, for a function: in this thread, this task."""

    def __init__(self, values: Mapping[ContextVar[Any], Any]) -> None:
        self._values = values
        self._tokens: list[list[Token[Any]]] = []

    def _recreate_cm(self) -> Switch:
        return Switch(self._values)  # a decorated function may run in several threads at once

    def __call__(self, function: Callable[..., Any]) -> Any:
        return self._within(function) if isgeneratorfunction(function) else super().__call__(function)

    def _within(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A generator whose own steps are within the block, and not those of who asks it for the next."""

        @wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            steps = function(*args, **kwargs)
            step, given = steps.send, None
            try:
                while True:
                    with self._recreate_cm():
                        found = step(given)
                    try:
                        step, given = steps.send, (yield found)
                    except GeneratorExit:
                        with self._recreate_cm():
                            steps.close()
                        raise
                    except BaseException as error:
                        step, given = steps.throw, error
            except StopIteration as end:
                return end.value

        return generator

    def __enter__(self) -> None:
        values = {_opened: Opened(), **self._values}
        self._tokens.append([variable.set(value) for variable, value in values.items()])

    def __exit__(self, *exc_info: object) -> None:
        for token in self._tokens.pop():
            token.var.reset(token)


def no_grad(function: Callable[..., Any] | None = None) -> Any:
    """Within ``with no_grad():``, or in a function decorated with it, operations are not recorded.

    >>> from autograd import Value, no_grad
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.parents
    ()
    """
    return _recorded(False) if function is None else _recorded(False)(function)


def enable_grad(function: Callable[..., Any] | None = None) -> Any:
    """Within ``with enable_grad():`` operations are recorded again, inside a `no_grad` block too."""
    return _recorded(True) if function is None else _recorded(True)(function)


def inference_mode(mode: Any = True) -> Any:
    """`no_grad`, or with ``mode=False`` `enable_grad`: PyTorch's is quicker than its `no_grad`, ours is not."""
    return no_grad(mode) if callable(mode) else _recorded(not mode)


def _recorded(mode: bool) -> Switch:
    return Switch({_recording: mode})


class set_grad_enabled(Switch):
    """``with set_grad_enabled(mode):`` records in the block if ``mode`` is true; without ``with``, from now on."""

    def __init__(self, mode: bool) -> None:
        super().__init__({_recording: bool(mode)})
        super().__enter__()
        self._begun = True

    def __enter__(self) -> None:
        if not self._begun:
            super().__enter__()
        self._begun = False

    def __call__(self, function: Callable[..., Any]) -> Any:
        self.__exit__()  # it is for the function alone
        return self._recreate_cm()(function)


# The walk ---------------------------------------------------------------------------------------------------


recorded = attrgetter("_recorded")


def topological(outputs: Iterable[Node], leaves: bool = True) -> list[Node]:
    """Every node that ``outputs`` were computed from, operands before results; leaves are nodes too, if wanted.

    The order is what makes backpropagation right: walked backwards, a node's turn comes only when all its
    consumers have contributed to its gradient. Depth-first and iterative, since a chain of a million nodes
    would exhaust the interpreter's stack.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | None] = [node for node in outputs if leaves or node.op is not None]
    while stack:
        node = stack.pop()
        if node is None:  # the mark below: all operands of the node under it are in the order
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node not in seen:
            seen.add(node)
            if node.op is None:
                order.append(node)
            else:
                stack += (node, None)
                for operand in node.operands:
                    if isinstance(operand, Node) and (leaves or operand.op is not None):
                        stack.append(operand)
    return order
