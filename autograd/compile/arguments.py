"""What changes between two calls, and what makes another recording.

Floats, arrays of floats and `Value`s are *inputs*: a replay takes the new ones. Everything else is *static*: whole
numbers, booleans and strings by what they are (a loop may count to one), other objects, as a model, by which they
are. Two calls replay the same recording if their arguments are nested alike, with inputs at the same places and the
same static parts.
"""

from __future__ import annotations

import numbers
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.errors import DtypeError, GraphError, ShapeError, shortened
from autograd.tensor import Tensor
from autograd.value import Value


class Same:
    """An object as part of a key: equal to itself alone, and alive as long as the key."""

    __slots__ = ("it",)

    def __init__(self, it: Any) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.it is other.it


class Examples:
    """An argument of which each example of a batch has its own: an array with the examples first."""

    __slots__ = ("array",)

    def __init__(self, given: Any, axis: int, name: str) -> None:
        try:
            array = np.asarray(given, float)
        except (TypeError, ValueError):
            raise DtypeError(
                f"compile: in_axes maps argument {name} over axis {axis}, which needs an array of floats, not "
                f"{shortened(given)}; Values and what all examples share have None there"
            ) from None
        if not -array.ndim <= axis < array.ndim:
            raise ShapeError(
                f"compile: in_axes maps argument {name} over axis {axis}, and its shape is {array.shape}; give an "
                "array with that axis, or None in in_axes if all examples share it"
            )
        self.array = np.moveaxis(array, axis, 0)


def with_examples(args: tuple[Any, ...], in_axes: Any) -> tuple[Any, ...]:
    """The arguments, those that ``in_axes`` maps as `Examples`, all of as many."""
    axes = in_axes if isinstance(in_axes, list | tuple) else (in_axes,) * len(args)
    if len(axes) != len(args):
        raise ShapeError(f"compile: in_axes={in_axes!r} for {len(args)} arguments; give an axis, or None, for each")
    args = tuple(
        x if axis is None else Examples(x, axis, str(k)) for k, (x, axis) in enumerate(zip(args, axes, strict=True))
    )
    counts = {k: len(x.array) for k, x in enumerate(args) if isinstance(x, Examples)}
    if len(set(counts.values())) != 1 or not all(counts.values()):
        raise ShapeError(f"compile: in_axes={in_axes!r} finds {counts} examples by argument; they must be as many")
    return args


def examples_of(args: tuple[Any, ...]) -> int | None:
    """How many examples the arguments have; None without a batch."""
    return next((len(x.array) for x in args if isinstance(x, Examples)), None)


class Arguments:
    """The arguments of one call, taken apart: a ``key`` of all that is static, ``numbers`` and ``values``."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.numbers: list[Any] = []  # floats, and arrays of them
        self.values: list[Value] = []
        self.tensors: list[Any] = []
        parts: list[Any] = []
        self._take(args, parts)
        self._take(kwargs, parts)
        self.key = tuple(parts)

    def of_arrays(self) -> Any:
        """The key for a function of Tensors, in which plain numbers are static, in this thread."""
        if self.values:
            raise DtypeError("compile: Values and Tensors among the arguments do not mix; make them one kind")
        plain = tuple(x if isinstance(x, float) else x.tobytes() for x in self.numbers)
        return threading.get_ident(), self.key, plain

    def _take(self, x: Any, parts: list[Any]) -> None:
        if isinstance(x, Tensor):
            raw = x.raw
            self.tensors.append(x)
            parts += (Tensor, raw.shape, raw.dtype, x._requires)
            if raw.dtype.kind != "f" and raw.size and raw.item(0) == raw.item(-1) and (raw == raw.item(0)).all():
                parts.append(raw.item(0))  # that shows no difference between two orders: see `disturbance`
        elif type(x) is list or isinstance(x, tuple | list):
            self._take_all(x, parts)
        elif isinstance(x, Value):
            self.values.append(x)
            parts.append(Value)
        elif isinstance(x, Examples):
            self.numbers.append(x.array.reshape(len(x.array), -1).T)
            parts += (Examples, x.array.shape)
        elif isinstance(x, float | np.floating):
            self.numbers.append(float(x))
            parts.append(float)
        elif isinstance(x, np.ndarray):
            self._take_array(x, parts)
        elif isinstance(x, dict):
            parts += (dict, len(x))
            for name, element in x.items():
                parts.append(name)
                self._take(element, parts)
        elif isinstance(x, Iterator):
            raise GraphError(
                f"compile: a {type(x).__name__} can be gone through once only; give a list, as in list(...)"
            )
        else:
            by_value = isinstance(x, int | str | bytes | complex | np.integer | np.bool_ | None)
            parts += (type(x), x if by_value else Same(x))

    def _take_all(self, xs: Any, parts: list[Any]) -> None:
        kinds = set(map(type, xs))
        parts += (type(xs), len(xs))
        if kinds == {Value}:  # a model may have thousands
            self.values += xs
            parts.append(Value)
        elif kinds == {float}:
            self.numbers += xs
            parts.append(float)
        else:
            parts.append(None)
            for element in xs:
                self._take(element, parts)

    def _take_array(self, x: Any, parts: list[Any]) -> None:
        parts += (np.ndarray, x.shape)
        if x.dtype.kind == "f":
            self.numbers.append(x)
            parts.append(float)
        elif x.dtype == object:
            for element in x.ravel().tolist():
                self._take(element, parts)
        else:
            parts += (x.dtype, x.tobytes())


def stand_ins(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any], list[Value], list[Value], list[bool]]:
    """The arguments for a recording: with a Value of its own for each number and each Value; these, in order; and of
    which of them each example has its own."""
    floats: list[Value] = []
    values: list[Value] = []
    batched: list[bool] = []

    def new(x: Any, into: list[Value]) -> Value:
        into.append(Value(x.data if isinstance(x, Value) else float(x)))
        return into[-1]

    def made(x: Any) -> Any:
        if isinstance(x, Value):
            return new(x, values)
        if isinstance(x, Examples):
            batched.extend([False] * (len(floats) - len(batched)))
            first = array(x.array[0])
            batched.extend([True] * (len(floats) - len(batched)))
            return first
        if isinstance(x, float | np.floating):
            return new(x, floats)
        if isinstance(x, np.ndarray):
            return array(x)
        if isinstance(x, list | tuple):
            elements = [made(element) for element in x]
            return type(x)(*elements) if hasattr(x, "_fields") else type(x)(elements)
        return {name: made(element) for name, element in x.items()} if isinstance(x, dict) else x

    def array(x: Any) -> Any:
        x = np.asarray(x)
        if x.dtype.kind != "f" and x.dtype != object:
            return x
        out = np.empty(x.size, object)
        out[:] = [made(element) for element in x.ravel().tolist()]
        return out.reshape(x.shape) if x.ndim else out[0]

    args, kwargs = made(args), made(kwargs)
    batched.extend([False] * (len(floats) + len(values) - len(batched)))
    return args, kwargs, floats, values, batched


def with_tensors(x: Any, function: Callable[[Tensor], Any]) -> Any:
    """``x`` with ``function`` of each Tensor in its lists, tuples and dictionaries."""
    if isinstance(x, Tensor):
        return function(x)
    if isinstance(x, list | tuple):
        elements = [with_tensors(element, function) for element in x]
        return type(x)(*elements) if hasattr(x, "_fields") else type(x)(elements)
    if isinstance(x, dict):
        return {name: with_tensors(element, function) for name, element in x.items()}
    return x


def mapped(function: Callable[[Value], Any], result: Any) -> Any:
    """``result`` with ``function`` of each Value in it."""
    if isinstance(result, Value):
        return function(result)
    if isinstance(result, list | tuple):
        elements = [mapped(function, element) for element in result]
        return type(result)(*elements) if hasattr(result, "_fields") else type(result)(elements)
    if isinstance(result, dict):
        return {name: mapped(function, element) for name, element in result.items()}
    if isinstance(result, np.ndarray) and result.dtype == object:
        out = np.empty(result.size, object)
        out[:] = [mapped(function, element) for element in result.ravel().tolist()]
        return out.reshape(result.shape)
    if result is None or isinstance(result, str | bytes | numbers.Number | np.generic | np.ndarray):
        return result
    raise GraphError(
        f"compile: the function returns a {type(result).__name__}, of which a replay cannot make another; "
        "return Values, and lists, tuples and dictionaries of them"
    )
