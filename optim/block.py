"""How an update reaches many parameters at once.

A call of NumPy costs a microsecond, however few numbers it is about. So the parameters of a group that have a common
history, the same steps in the same dtype, form a `Block`, which is updated as one flat array. That they lie one after
the other in memory is seen to when an optimizer is made (`put_together`); those that somebody else may hold stay where
they are, and are gathered into a flat array and written back in each step. A parameter so large that copying it costs
more than calling is a block by itself.

What an algorithm remembers of a block is flat too. Each parameter's own dictionary in ``optimizer.state`` holds the
views of its part, so what is written there counts; a block is only an arrangement, made anew when something changed.
"""

from __future__ import annotations

import math
import struct
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from operator import is_
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, Value

Array = np.ndarray[Any, Any]

COUNTS = ("step", "mu_product", "eta", "mu")  # remembered once for a parameter, not once for each element
LARGE = 1 << 14  # elements; where copying one array costs about as much as calling the functions of one more


class State(dict[str, Array]):
    """What an algorithm remembers of a block, by name; what it did not write yet is 0."""

    def __init__(self, like: Array) -> None:
        super().__init__()
        self._like = like

    def __missing__(self, name: str) -> Array:
        self[name] = np.zeros(()) if name in COUNTS else np.zeros_like(self._like)
        return self[name]


class Block:
    """Parameters that are updated together; ``memories`` are their dictionaries in ``optimizer.state``."""

    def __init__(self, params: list[Any], memories: list[dict[str, Any]]) -> None:
        self.params, self._memories = params, memories
        self._of_values = isinstance(params[0], Value)
        self._raws: list[Array] = [] if self._of_values else [p.raw for p in params]
        self._alone = len(self._raws) == 1 and self._raws[0].ndim > 0  # results of 0-d arrays are no arrays
        found = self._raws[0] if self._alone else _together(self._raws)
        self._in_place = found is not None  # whether ``p`` is the parameters' own memory
        dtype = np.float64 if self._of_values else self._raws[0].dtype
        self.p = np.empty(sum(map(_size, params)), dtype) if found is None else found
        self._floats = f"{self.p.size}d"  # fills an array faster than NumPy from a list
        self._numbers: list[float] = []  # that stand in ``p``, where they tell the same array: 0.0 is also -0.0
        if self._raws and not self._alone:
            self._g = np.empty_like(self.p)
            self._parts, self._parts_of_g = self._cut(self.p), self._cut(self._g)
        self.state = State(self.p)
        for name in memories[0]:
            arrays = [np.asarray(memory[name]) for memory in memories]
            if name in COUNTS:
                self.state[name] = arrays[0].astype(np.float64).reshape(())
            else:
                self.state[name] = arrays[0].copy() if self._alone else np.concatenate(arrays, axis=None)
        self.share()

    def _cut(self, flat: Array) -> list[Array]:
        """The part of each parameter, in its shape: views."""
        return [flat] if self._alone else _cut(flat, list(map(_shape, self.params)))

    def share(self) -> None:
        """Show each parameter's dictionary its part of what is remembered."""
        for name, flat in self.state.items():
            parts = [flat] * len(self.params) if name in COUNTS else self._cut(flat)
            for memory, part in zip(self._memories, parts, strict=True):
                memory[name] = Tensor.of(part)
        self._shared = [entry for memory in self._memories for entry in memory.values()]
        self._names = len(self.state)

    def remembers(self, state: dict[Any, dict[str, Any]]) -> bool:
        """Whether the dictionaries in ``state`` are still those that this block was made of."""
        entries = list(chain.from_iterable(map(dict.values, self._memories)))
        return (
            all(map(is_, map(state.get, self.params), self._memories))
            and len(entries) == len(self._shared)
            and all(map(is_, entries, self._shared))
        )

    def gathered(self) -> tuple[Array, Array]:
        """The parameters and their gradients, to be updated."""
        if self._of_values:
            g, numbers = np.empty(self.p.size), [value.data for value in self.params]
            if numbers != self._numbers:  # mostly the very objects that were written, which is seen at a glance
                struct.pack_into(self._floats, self.p.data, 0, *numbers)
            self._numbers = []  # until they are written: an update may fail
            struct.pack_into(self._floats, g.data, 0, *[value.grad for value in self.params])
            return self.p, g
        gradients = [g if isinstance(g := p._grad, np.ndarray) else g.raw for p in self.params]
        if self._alone:
            return self.p, gradients[0]
        for part, gradient in zip(self._parts_of_g, gradients, strict=True):
            part[...] = gradient
        if not self._in_place:
            for part, raw in zip(self._parts, self._raws, strict=True):
                part[...] = raw
        return self.p, self._g

    def written(self) -> None:
        """Write the updated numbers back into the parameters."""
        if len(self.state) != self._names:
            self.share()
        if self._of_values:
            numbers = self.p.tolist()
            for value, number in zip(self.params, numbers, strict=True):
                value.data = number
            self._numbers = numbers if self.p.all() else []
            return
        if not self._in_place:
            for raw, part in zip(self._raws, self._parts, strict=True):
                raw[...] = part
        for p in self.params:
            p.mark_changed()


def put_together(params: Iterable[Tensor]) -> None:
    """Let small parameters lie one after the other in memory, unless somebody else holds the array of one."""
    movable = defaultdict(list)
    for p in params:
        if getattr(p, "uninitialized", False):  # of a lazy layer: it has no array yet
            continue
        if p.raw.size < LARGE and sys.getrefcount(p.raw) == 2 and p.raw.flags.owndata and p.raw.flags.c_contiguous:
            movable[p.raw.dtype].append(p)
    for dtype, tensors in movable.items():
        if len(tensors) == 1:
            continue
        flat = np.empty(sum(map(_size, tensors)), dtype)
        for p, part in zip(tensors, _cut(flat, list(map(_shape, tensors))), strict=True):
            part[...] = p.raw
            p.raw = part


def _together(arrays: Sequence[Array]) -> Array | None:
    """The memory of ``arrays`` as one flat array, if they lie one after the other in one."""
    base = arrays[0].base if arrays else None
    if not isinstance(base, np.ndarray) or not base.flags.c_contiguous:
        return None
    start = end = _address(arrays[0])
    for array in arrays:
        same = array.base is base and array.dtype == base.dtype and array.flags.c_contiguous
        if not same or _address(array) != end:
            return None
        end += array.nbytes
    first = (start - _address(base)) // base.itemsize
    return base.reshape(-1)[first : first + (end - start) // base.itemsize]


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _cut(flat: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """The parts of a flat array that arrays of these shapes take up: views."""
    ends = accumulate(map(math.prod, shapes))
    return [flat[end - math.prod(shape) : end].reshape(shape) for shape, end in zip(shapes, ends, strict=True)]


def _shape(p: Any) -> tuple[int, ...]:
    return () if isinstance(p, Value) else p.raw.shape


def _size(p: Any) -> int:
    return 1 if isinstance(p, Value) else p.raw.size


def arranged(optimizer: Any, params: Sequence[Any], state: dict[Any, dict[str, Any]]) -> list[Block]:
    """The blocks of ``params``; each is one by itself unless the ``optimizer`` is elementwise."""
    for p in params:
        _check_fit(optimizer, p, state.setdefault(p, {}))
    apart = set(_overlapping(params))
    blocks: dict[Any, list[Any]] = {}
    for i, p in enumerate(params):
        memory = state[p]
        counts = tuple((key, float(memory[key]) if key in COUNTS else None) for key in sorted(memory))
        if isinstance(p, Value):
            blocks.setdefault(counts, []).append(p)
        elif optimizer.elementwise and p.raw.size < LARGE and id(p) not in apart:
            blocks.setdefault((p.raw.dtype, counts), []).append(p)
        else:
            blocks[i] = [p]
    return [Block(members, [state[p] for p in members]) for members in blocks.values()]


def _check_fit(optimizer: Any, p: Any, memory: dict[str, Any]) -> None:
    if isinstance(p, Value):
        return
    name = type(optimizer).__name__
    for what, given in [("a gradient", p.grad), *memory.items()]:
        array = np.asarray(given)
        if what not in COUNTS and array.shape != optimizer.shape_of(what, p.raw.shape):
            raise ShapeError(
                f"{name}: a parameter of shape {p.raw.shape} has {what} of shape {array.shape}; "
                "if its data was replaced, make a new optimizer"
            )
        if what not in COUNTS and array.dtype != p.raw.dtype:
            raise DtypeError(
                f"{name}: a parameter of dtype {p.raw.dtype} has {what} of dtype {array.dtype}; "
                "convert the model before the first step, or make a new optimizer"
            )


def _overlapping(params: Sequence[Any]) -> Iterator[int]:
    """The ids of those that may share memory with another; their updates must see one another, as in a loop."""
    tensors = [p for p in params if not isinstance(p, Value)]
    extents = sorted((*np.lib.array_utils.byte_bounds(p.raw), id(p)) for p in tensors)
    highest = 0
    for (_, high, one), (low, _, other) in pairwise(extents):
        highest = max(highest, high)
        if low < highest:
            yield from (one, other)
