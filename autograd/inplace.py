"""Changing a tensor in place: ``x.add_(1)``, ``x += 1``, ``x[0] = 0``.

The reverse pass needs the arrays that an operation read, so a tensor in a recorded graph is not changed: that is
refused, and the message names what to do instead (``+=`` of a result does just that, see `_augmented`). Outside a
graph, and under `no_grad`, it is allowed, and ``x[i] = result`` brings such an ``x`` into the graph (`filling`).
Should a graph recorded earlier still need the old array, its backward says so (`Tensor.check_unchanged`). The new
array is computed whole before the old one is overwritten, so an error leaves the tensor as it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import devices, dtypes, filling, functions, graph
from autograd.arrays import quietly
from autograd.changes import Memory, changes
from autograd.errors import DimensionError, DtypeError, GraphError, ShapeError, shortened
from autograd.functions.dims import as_sizes
from autograd.functions.indexing import as_subscript, displaced
from autograd.graph import Node, no_grad
from autograd.methods import OPERANDS


def _augmented(function: Callable[..., Any], name: str) -> Callable[[Any, Any], Any]:
    """The operator ``name``, such as ``+=``: in place, or, for a result in a recorded graph, computed anew.

    ``loss += term`` then makes ``loss`` a name for a new node, with the gradient that PyTorch gives; other names of
    the old one keep it.
    """
    in_place = _in_place(function, name)

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, OPERANDS):
            return NotImplemented
        leaf = self._requires and self.op is None  # PyTorch refuses to change such a one, too
        return function(self, other) if not leaf and self._in_graph((other,)) else in_place(self, other)

    return method


def _in_place(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The method that computes ``function`` and stores the result in its first operand."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._refuse_in_graph(name, (*args, *kwargs.values()))
        with no_grad():
            result = function(self, *args, **kwargs)
        self.require_room(name, result)
        return self._store(name, result)

    method.__name__, method.__qualname__, method.__module__ = name, f"Tensor.{name}", "autograd"
    method.__doc__ = f"``{name.strip('_').removeprefix('i')}`` of this tensor and the arguments, stored in this tensor."
    return method


def _reshaped(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The method that gives a tensor itself the shape that ``function`` gives a view of it."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self._requires:
            raise GraphError(
                f"{name}: this tensor requires a gradient, and a graph may need its shape {self.shape}; "
                f"use x = x.{name.removesuffix('_')}(...)"
            )
        view = function(self, *args, **kwargs).raw
        self.mark_changed()
        self.raw = view
        return self

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"This tensor, in the shape that ``{name.removesuffix('_')}`` gives; its memory stays."
    return method


class InPlace:
    """The in-place methods of `Tensor`; all return the tensor."""

    __slots__ = ()

    raw: np.ndarray[Any, Any]
    _requires: bool
    op: Any
    memory: Callable[[], Memory]
    _memory: Memory | None

    def _in_graph(self, others: tuple[Any, ...]) -> bool:
        """Whether an operation on this tensor and ``others`` would be recorded."""
        recorded = self._requires or any(isinstance(other, Node) and other.requires_grad for other in others)
        return recorded and (not graph.switched or graph.is_recording())

    def _refuse_in_graph(self, name: str, others: tuple[Any, ...]) -> None:
        if self._in_graph(others):
            raise GraphError(
                f"{name}: a tensor of a recorded graph cannot be changed in place; compute a new one "
                "(x = x + y, where, stack, masked_fill), or, to update it outside the graph, do so under no_grad()"
            )

    def require_room(self, name: str, result: Any) -> None:
        """Refuse to store a ``result`` that would be cut: floats in integers, numbers in truth values."""
        if dtypes.KIND[result.dtype.kind] > dtypes.KIND[self.raw.dtype.kind]:
            raise DtypeError(
                f"{name}: a {result.dtype} result does not fit into {self.raw.dtype}; convert the tensor first"
            )

    def _store(self, name: str, new: Any, at: Any = ...) -> Any:
        """Overwrite the elements at the index ``at``, in this tensor's dtype; nothing is changed if that cannot be."""
        new = new.raw if isinstance(new, Node) else np.asarray(new)
        if at is ... and np.broadcast_shapes(new.shape, self.raw.shape) != self.raw.shape:
            raise ShapeError(
                f"{name}: a result of shape {new.shape} does not fit into a tensor of shape {self.raw.shape}"
            )
        try:
            self.raw[at] = quietly.run(new.astype, self.raw.dtype)
        except (ValueError, IndexError) as error:
            kind = DimensionError if isinstance(error, IndexError) else ShapeError
            raise kind(
                f"{name}: shape {new.shape} into {self.raw.shape} at {shortened(at)}: {error}; give one element for "
                "each place, or one for all"
            ) from None
        self.mark_changed()
        return self

    def mark_changed(self) -> None:
        """Say that the array behind `numpy` was written to, so that a graph that needs the old one notices."""
        memory = self._memory or self.memory()
        memory.changed = changes.last = next(changes.clock)

    def __setitem__(self, index: Any, value: Any) -> None:
        """``x[index] = value``; a tensor outside the graph may be filled with results of the graph (`filling`)."""
        name, at = "x[index] = value", as_subscript(index)
        if at is ...:
            at = (at,)  # leading dimensions of 1 are none
        value = self._turned(value, at)
        if not self._in_graph((value,)):
            self._store(name, value, at)
            return
        if not filling.fillable(self, name):
            self._refuse_in_graph(name, (value,))
        filling.fill(self, name, self.operand(value, name) if isinstance(value, Node) else self.new_tensor(value), at)

    def _turned(self, value: Any, at: Any) -> Any:
        """``value`` with its dimensions where NumPy has those of ``self[at]``."""
        if (ways := displaced(at, self.raw.ndim)) is None:
            return value
        value, there = value if isinstance(value, Node) else self.new_tensor(value), self.raw[at]
        if value.ndim > there.ndim:  # by dimensions of 1
            value = functions.reshape(value, value.shape[value.ndim - there.ndim :])
        return functions.movedim(functions.broadcast_to(value, np.moveaxis(there, *ways).shape), *reversed(ways))

    def zero_(self) -> Any:
        """Set every element to 0."""
        self._refuse_in_graph("zero_", ())
        return self._store("zero_", 0)

    def fill_(self, value: Any) -> Any:
        """Set every element to ``value``."""
        self._refuse_in_graph("fill_", (value,))
        if np.size(value.raw if isinstance(value, Node) else value) != 1:
            raise ShapeError(f"fill_: {value!r} is not one number; copy_() takes over many")
        return self._store("fill_", value)

    def copy_(self, source: Any) -> Any:
        """Take over the elements of ``source``, which is converted to this tensor's dtype and broadcast."""
        self._refuse_in_graph("copy_", (source,))
        return self._store("copy_", source)

    def fill_diagonal_(self, fill_value: float, wrap: bool = False) -> Any:
        """Set the elements whose indices are all the same to ``fill_value``; with ``wrap`` the diagonal of a tall
        matrix begins again below its end, after a row left out."""
        self._refuse_in_graph("fill_diagonal_", ())
        sizes = self.raw.shape
        if len(sizes) < 2 or (len(sizes) > 2 and len(set(sizes)) > 1):
            raise ShapeError(
                f"fill_diagonal_: shape {sizes} is neither a matrix nor of equal sizes; index it, as in x[i, i] = value"
            )
        step = 1 + sum(math.prod(sizes[d:]) for d in range(1, len(sizes)))
        end = self.raw.size if wrap and len(sizes) == 2 else min(sizes) * step
        places = np.unravel_index(np.arange(0, min(end, self.raw.size), step), sizes)
        return self._store("fill_diagonal_", np.full(len(places[0]), fill_value), places)

    def resize_(self: Any, *sizes: Any, memory_format: Any = None) -> Any:
        """Give this tensor another size: the elements in order, cut off at the end or followed by zeros."""
        devices.check_format(memory_format)
        if self._requires:
            raise GraphError("resize_: this tensor requires a gradient; resize a .detach() of it, or use reshape")
        if not self.raw.flags.c_contiguous:
            raise ShapeError(
                f"resize_: the elements of this tensor of shape {self.raw.shape} do not lie in memory in order; "
                "resize a .clone() of it"
            )
        size, flat = as_sizes("resize_", sizes), self.raw.reshape(-1)
        n = math.prod(size)
        if n > flat.size:
            flat = np.concatenate([flat, np.zeros(n - flat.size, flat.dtype)])
        self.mark_changed()
        self.raw = flat[:n].reshape(size)
        return self

    def resize_as_(self, the_template: Any, *, memory_format: Any = None) -> Any:
        """`resize_` to the size of another tensor."""
        return self.resize_(the_template.shape, memory_format=memory_format)

    # Operators -----------------------------------------------------------------------------------------------------

    __iadd__ = _augmented(functions.add, "+=")
    __isub__ = _augmented(functions.sub, "-=")
    __imul__ = _augmented(functions.mul, "*=")
    __itruediv__ = _augmented(functions.div, "/=")
    __ifloordiv__ = _augmented(functions.floor_divide, "//=")
    __imod__ = _augmented(functions.remainder, "%=")
    __ipow__ = _augmented(functions.pow, "**=")
    __iand__ = _augmented(functions.bitwise_and, "&=")
    __ior__ = _augmented(functions.bitwise_or, "|=")
    __ixor__ = _augmented(functions.bitwise_xor, "^=")
    __ilshift__ = _augmented(functions.bitwise_left_shift, "<<=")
    __irshift__ = _augmented(functions.bitwise_right_shift, ">>=")

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


for _name, _function in functions.OF_ELEMENTS.items():  # add_, lerp_, relu_, ...
    setattr(InPlace, f"{_name}_", _in_place(_function, f"{_name}_"))
OUTSIDE = (  # the functions that are methods in place, too, besides those of elements
    *("addbmm", "addmm", "addmv", "addr", "baddbmm", "cumprod", "cumsum", "tril", "triu"),
    *("bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor"),
    *("gcd", "ge", "greater", "greater_equal", "gt", "lcm", "le", "less", "less_equal", "lt", "ne", "not_equal"),
    *("index_add", "index_copy", "index_fill", "index_put", "index_reduce", "masked_scatter", "put"),
    *("logical_and", "logical_not", "logical_or", "logical_xor", "scatter", "scatter_add", "scatter_reduce"),
)
for _name in OUTSIDE:
    setattr(InPlace, f"{_name}_", _in_place(functions.METHODS[_name], f"{_name}_"))
for _name in ("squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze"):
    setattr(InPlace, f"{_name}_", _reshaped(functions.METHODS[_name], f"{_name}_"))
