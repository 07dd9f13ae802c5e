"""Changing a tensor in place: ``x.add_(1)``, ``x += 1``, ``x[0] = 0``.

The reverse pass needs the arrays that an operation read, so a tensor in a recorded graph is not changed: that is
refused, and the message names what to do instead. Outside a graph, and under `no_grad`, it is allowed; should a
graph recorded earlier still need the old array, its backward says so (`Tensor.check_unchanged`). The new array is
computed whole before the old one is overwritten, so an error leaves the tensor as it was.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import functions, graph
from autograd.errors import DtypeError, GraphError, ShapeError
from autograd.graph import Node, no_grad


class _Changes:
    """Orders recordings and changes in place, so that a change in between is noticed."""

    clock = itertools.count(1)
    last = 0  # when an array was last changed


changes = _Changes()


def _in_place(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The method that computes ``function`` and stores the result in its first operand."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._refuse_in_graph(name, (*args, *kwargs.values()))
        with no_grad():
            result = function(self, *args, **kwargs)
        return self._store(name, result.raw if isinstance(result, Node) else result)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"``{name.strip('_').removeprefix('i')}`` of this tensor and the arguments, stored in this tensor."
    return method


class InPlace:
    """The in-place methods of `Tensor`; all return the tensor."""

    __slots__ = ()

    raw: np.ndarray[Any, Any]
    _requires: bool
    _owner: Callable[[], Any]

    def _refuse_in_graph(self, name: str, others: tuple[Any, ...]) -> None:
        if graph.switched and not graph.is_recording():
            return
        if self._requires or any(isinstance(other, Node) and other.requires_grad for other in others):
            raise GraphError(
                f"{name}: a tensor of a recorded graph cannot be changed in place; compute a new one "
                "(x = x + y, where, stack, masked_fill), or, to update it outside the graph, do so under no_grad()"
            )

    def _store(self, name: str, new: Any, at: Any = ...) -> Any:
        """Overwrite the elements at the index ``at``; nothing is changed if that cannot be."""
        target = self.raw
        new = np.asarray(new)
        if at is ... and np.broadcast_shapes(new.shape, target.shape) != target.shape:
            raise ShapeError(
                f"{name}: a result of shape {new.shape} does not fit into a tensor of shape {target.shape}"
            )
        if not np.can_cast(new.dtype, target.dtype, "same_kind") and new.dtype.kind == "f":
            raise DtypeError(f"{name}: a {new.dtype} result does not fit into {target.dtype}; convert the tensor first")
        try:
            self.raw[at] = new
        except ValueError as error:
            raise ShapeError(f"{name}: shape {new.shape} into {self.raw.shape} at {at!r}: {error}") from None
        self.mark_changed()
        return self

    def mark_changed(self) -> None:
        """Say that the array behind `numpy` was written to, so that a graph that needs the old one notices."""
        self._owner()._changed = changes.last = next(changes.clock)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._refuse_in_graph("x[index] = value", (value,))
        new = value.raw if isinstance(value, Node) else np.asarray(value)
        if new.dtype.kind == "f" and self.raw.dtype.kind == "f":
            new = new.astype(self.raw.dtype)
        self._store("x[index] = value", new, functions.as_index(index))

    def zero_(self) -> Any:
        """Set every element to 0."""
        self._refuse_in_graph("zero_", ())
        return self._store("zero_", self.raw.dtype.type(0))

    def fill_(self, value: Any) -> Any:
        """Set every element to ``value``."""
        self._refuse_in_graph("fill_", (value,))
        return self._store("fill_", self.raw.dtype.type(value))

    def copy_(self, source: Any) -> Any:
        """Take over the elements of ``source``, which is converted to this tensor's dtype and broadcast."""
        self._refuse_in_graph("copy_", (source,))
        array = source.raw if isinstance(source, Node) else np.asarray(source)
        return self._store("copy_", array.astype(self.raw.dtype))

    add_, __iadd__ = _in_place(functions.add, "add_"), _in_place(functions.add, "+=")
    sub_, __isub__ = _in_place(functions.sub, "sub_"), _in_place(functions.sub, "-=")
    mul_, __imul__ = _in_place(functions.mul, "mul_"), _in_place(functions.mul, "*=")
    div_, __itruediv__ = _in_place(functions.div, "div_"), _in_place(functions.div, "/=")
    pow_, __ipow__ = _in_place(functions.pow, "pow_"), _in_place(functions.pow, "**=")
    clamp_ = clip_ = _in_place(functions.clip, "clamp_")
    masked_fill_ = _in_place(functions.masked_fill, "masked_fill_")
    neg_, abs_ = _in_place(functions.neg, "neg_"), _in_place(functions.abs, "abs_")
    exp_, log_, sqrt_ = (
        _in_place(functions.exp, "exp_"),
        _in_place(functions.log, "log_"),
        _in_place(functions.sqrt, "sqrt_"),
    )
    relu_, sigmoid_, tanh_ = (
        *(
            _in_place(functions.relu, "relu_"),
            _in_place(functions.sigmoid, "sigmoid_"),
            _in_place(functions.tanh, "tanh_"),
        ),
    )
