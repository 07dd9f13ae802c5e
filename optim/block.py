"""How an update reaches many parameters at once.

A call of NumPy costs a microsecond, however few numbers it is about. So the parameters of a group that have a common
history, the same steps in the same dtype, form a `Block`: they are gathered into one flat array, updated, and written
back to where they lie, which stays their own. A parameter so large that copying it costs more than calling is a block
by itself, updated in place.

What an algorithm remembers of a block is flat too. Each parameter's own dictionary in ``optimizer.state`` holds the
views of its part, so what is written there counts; a block is only an arrangement, made anew when something changed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from operator import is_
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, Value

Array = np.ndarray[Any, Any]

COUNTS = ("step", "mu_product")  # remembered once for a parameter, not once for each element
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
        if self._alone:
            self.p = self._raws[0]
        else:
            dtype = np.float64 if self._of_values else self._raws[0].dtype
            self.p = np.empty(sum(map(_size, params)), dtype)
        self._lines = [raw.reshape(-1) for raw in self._raws if raw.flags.c_contiguous]  # views
        self._floats = f"{self.p.size}d"  # fills an array faster than NumPy from a list
        self._numbers: list[float] = []  # that stand in ``p``, where they tell the same array: 0.0 is also -0.0
        self._parts = [] if self._of_values else self._cut(self.p)
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
        if self._alone:
            return [flat]
        ends = np.cumsum([_size(p) for p in self.params]).tolist()
        return [flat[end - _size(p) : end].reshape(_shape(p)) for p, end in zip(self.params, ends, strict=True)]

    def share(self) -> None:
        """Show each parameter's dictionary its part of what is remembered."""
        for name, flat in self.state.items():
            parts = [flat] * len(self.params) if name in COUNTS else self._cut(flat)
            for memory, part in zip(self._memories, parts, strict=True):
                memory[name] = Tensor.of(part)
        self._shared = [entry for memory in self._memories for entry in memory.values()]
        self._names = len(self.state)

    def holds(self, state: dict[Any, dict[str, Any]], shown: bool) -> bool:
        """Whether the parameters' arrays and dictionaries are still those that this block was made of.

        The dictionaries can be others only if ``state`` was ``shown`` to somebody.
        """
        if self._raws and not all(map(is_, [p.raw for p in self.params], self._raws)):
            return False
        if not shown:
            return True
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
        if self._alone:
            return self.p, self.params[0]._grad.raw
        if len(self._lines) == len(self._raws):
            np.concatenate(self._lines, out=self.p)
        else:
            np.concatenate(self._raws, axis=None, out=self.p)
        return self.p, np.concatenate([p._grad.raw for p in self.params], axis=None)

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
        for p, raw, part in zip(self.params, self._raws, self._parts, strict=True):
            if raw is not part:
                raw[...] = part
            p.mark_changed()


def _shape(p: Any) -> tuple[int, ...]:
    return () if isinstance(p, Value) else p.raw.shape


def _size(p: Any) -> int:
    return 1 if isinstance(p, Value) else p.raw.size


def arranged(name: str, params: Sequence[Any], state: dict[Any, dict[str, Any]], together: bool) -> list[Block]:
    """The blocks of ``params``; each is one by itself unless ``together``."""
    for p in params:
        _check_fit(name, p, state.setdefault(p, {}))
    apart = set(_overlapping(params))
    blocks: dict[Any, list[Any]] = {}
    for i, p in enumerate(params):
        memory = state[p]
        counts = tuple((key, float(memory[key]) if key in COUNTS else None) for key in sorted(memory))
        if isinstance(p, Value):
            blocks.setdefault(counts, []).append(p)
        elif together and p.raw.size < LARGE and id(p) not in apart:
            blocks.setdefault((p.raw.dtype, counts), []).append(p)
        else:
            blocks[i] = [p]
    return [Block(members, [state[p] for p in members]) for members in blocks.values()]


def _check_fit(name: str, p: Any, memory: dict[str, Any]) -> None:
    if isinstance(p, Value):
        return
    for what, given in [("a gradient", p.grad), *memory.items()]:
        array = np.asarray(given)
        if what not in COUNTS and array.shape != p.raw.shape:
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
