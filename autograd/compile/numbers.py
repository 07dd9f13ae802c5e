"""All numbers of a plan, and their gradients, in arrays that are kept; and the lines that compute them.

The steps of a plan write the lines (`emit.py`), once: most of what they read is a view of ``values``, and what they
compute goes straight to where it belongs in ``values``, or to where it is the first contribution to ``grads``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.arrays import quietly
from autograd.compile.emit import Emitter, Ref
from autograd.compile.place import Place

Array = np.ndarray[Any, Any]

_add_at: Any = np.add.at
_add_up: Any = np.add.reduce
_add_stretches: Any = np.add.reduceat


Writers = Sequence[Callable[["Numbers"], None]]


class Numbers:
    """The arrays of one plan. One call at a time uses them; what they hold is known by its array of ``leaves``.

    ``position``: where each node's number stands, the ``leaves`` first. Each of the steps ``forward`` and ``backward``
    writes its lines when it is called.
    """

    def __init__(self, position: dict[int, Array], size: int, leaves: int, forward: Writers, backward: Writers) -> None:
        self._backward, self._position, self._leaf_count = backward, position, leaves
        self.values, self.grads = np.zeros(size), np.zeros(size)
        self._leaves: Any = None
        self._read: dict[int, Ref] = {}
        self._names: dict[str, Any] = {}
        self._programs: dict[int, Any] = {}  # backwards, for each output
        self._touched = np.zeros(size, bool)  # by a contribution, as far as the lines are written
        self._forward = self._written(forward)

    def load(self, leaves: Array) -> None:
        """Compute all numbers from those of the leaves, unless they are there already."""
        if self._leaves is not leaves:
            self._leaves = None
            self.values[: self._leaf_count] = leaves
            self._forward()
            self._leaves = leaves

    def backward(self, output: int, upstream: Any) -> Array:
        """The gradients of ``output``, times ``upstream`` (one for each example), with respect to all numbers, in an
        array that is overwritten by the next."""
        if output not in self._programs:
            self._touched[:] = False
            self._touched[self._position[output]] = True
            self._programs[output] = self._written(self._backward)
        self.grads.fill(0)
        self.grads[self._position[output]] = upstream
        self._programs[output]()
        return self.grads

    def _written(self, steps: Writers) -> Callable[[], None]:
        """The lines of the steps, as a function."""
        self.lines = Emitter(self._names)

        def write() -> None:
            for step in steps:
                step(self)

        quietly.run(write)
        return self.lines.function()

    # What steps write lines with -----------------------------------------------------------------------------------

    def read(self, place: Place) -> Ref:
        """The numbers at a place, with 1 for the axes along which they are the same."""
        ref = self._read.get(id(place))
        if ref is None:
            block = place.block is not None
            ref = self.lines.ref(place.view(self.values)) if block else self.gathered(self.values, place.positions)
            self._read[id(place)] = ref
        return ref

    def whole(self, place: Place) -> Ref:
        """The numbers at a place, in its shape."""
        ref = self.read(place)
        return self.lines.ref(np.broadcast_to(ref.value, place.shape)) if place.copied else ref

    def turned(self, place: Place) -> Ref:
        """The matrices at a place, transposed."""
        return self.lines.ref(self.whole(place).value.swapaxes(1, 2))

    def gathered(self, array: Array, positions: Array) -> Ref:
        out = self.lines.ref(array.take(positions))
        known = self.lines.known
        self.lines.lines.append(f"{known(array.take)}({known(positions)}, None, {out.name}, 'clip')")
        return out

    def stretches(self, ref: Ref, first: Array) -> Ref:
        """The sums of the stretches of a row that begin at ``first``."""
        out = self.lines.ref(_add_stretches(ref.value, first), spare=True)
        self.lines.lines.append(
            f"{self.lines.known(_add_stretches)}({ref.name}, {self.lines.known(first)}, out={out.name})"
        )
        return out

    def summed(self, ref: Ref, axes: tuple[int, ...], keepdims: bool) -> Ref:
        out = self.lines.ref(np.asarray(_add_up(ref.value, axes, keepdims=keepdims)), spare=True)
        self.lines.lines.append(
            f"{self.lines.known(_add_up)}({ref.name}, {axes}, None, keepdims={keepdims}, out={out.name})"
        )
        return out

    def reshaped(self, ref: Ref, shape: tuple[int, ...]) -> Ref:
        return self.lines.call(_reshaped, ref, shape, word="reshape")

    def pull(self, place: Place, contribution: Ref, order: tuple[int, ...] | None = None) -> None:
        """Add to each number's gradient what every use of it contributes; ``order``: after transposing it."""
        if order is not None and (place.copied or not place.block):
            contribution, order = self.lines.ref(contribution.value.transpose(order)), None
        if place.copied or (contribution.value.shape != place.shape and not order):
            contribution = self._spread(contribution, place.shape)
        if place.copied:
            contribution = self.summed(contribution, place.copied, True)
        if place.block:
            here = slice(*place.block[:2])
            view = place.view(self.grads)
            view = view if order is None else view.transpose(np.argsort(order))
            if self._touched[here].any():
                name = self.lines.known(view)
                self.lines.lines.append(f"{self.lines.known(np.add)}({name}, {contribution.name}, out={name})")
            else:
                self.lines.into(contribution, view)
            self._touched[here] = True
            return
        flat = self.reshaped(contribution, (-1,))
        grads, positions = self.lines.known(self.grads), self.lines.known(place.positions.ravel())
        if place.repeats or self._touched[place.positions].any():
            self.lines.lines.append(f"{self.lines.known(_add_at)}({grads}, {positions}, {flat.name})")
        else:
            self.lines.lines.append(f"{grads}[{positions}] = {flat.name}")
        self._touched[place.positions] = True

    def _spread(self, ref: Ref, shape: tuple[int, ...]) -> Ref:
        return self.lines.ref(np.broadcast_to(ref.value, shape)) if ref.value.shape != shape else ref


def _reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    return x.reshape(shape)
