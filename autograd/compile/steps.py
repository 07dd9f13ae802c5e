"""The steps of a plan: array operations that read numbers computed before and write their own beside them.

All numbers of one run stand in a single array, ``values``: leaves first, then the results of each step. Gradients
stand in another of the same layout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import permutations
from operator import itemgetter
from typing import Any

import numpy as np

from autograd.rule import Rule

Array = np.ndarray[Any, Any]


class Place:
    """Where the operands of a step stand among all numbers, as an array of positions.

    Three things make reading them cheap. Along an axis where all positions are the same (one bias for all points)
    only one is read, and broadcast. Positions that are a block, transposed or not, are read as a view of it. What is
    left is gathered, number by number.
    """

    def __init__(self, positions: Array) -> None:
        self.shape = positions.shape
        for axis in range(positions.ndim):
            one = positions.take([0], axis)
            positions = one if (positions == one).all() else positions
        self.copied = tuple(k for k, n in enumerate(self.shape) if positions.shape[k] != n)
        self.block = _block(positions)
        self.read = _reader(positions, self.block)
        self.positions, self.flat = positions, positions.ravel()
        self.repeats = np.unique(positions).size < positions.size

    def whole(self, numbers: Array) -> Array:
        """The numbers there, of this place's shape."""
        return np.broadcast_to(self.read(numbers), self.shape) if self.copied else self.read(numbers)

    def pull(self, grads: Array, contribution: Array) -> None:
        """Add to each number's gradient what every use of it contributes."""
        if self.copied:
            if contribution.shape != self.shape:
                contribution = np.broadcast_to(contribution, self.shape)
            contribution = np.add.reduce(contribution, self.copied, keepdims=True)
        if self.block is not None:
            view = self.read(grads)
            view += contribution
        elif self.repeats:  # faster than bincount and than add.reduceat over sorted positions
            if contribution.shape != self.positions.shape:
                contribution = np.broadcast_to(contribution, self.positions.shape)
            np.add.at(grads, self.flat, contribution.ravel())
        else:
            grads[self.positions] += contribution


Block = tuple[int, int, tuple[int, ...], tuple[int, ...]]


def _reader(positions: Array, block: Block | None) -> Callable[[Array], Array]:
    """What gives the numbers at those positions, with 1 for the axes along which they are the same."""
    if block is None:
        return itemgetter(positions)
    start, stop, shape, order = block
    part = slice(start, stop)
    if len(shape) == 1:
        return itemgetter(part)
    if order == tuple(range(len(shape))):
        return lambda numbers: numbers[part].reshape(shape)
    return lambda numbers: numbers[part].reshape(shape).transpose(order)


def _block(positions: Array) -> Block | None:
    """``start, stop, shape, order`` if the positions are those from start to stop, reshaped and transposed."""
    start, n = int(positions.min()), positions.size
    run = np.arange(start, start + n)
    for axes in permutations(range(positions.ndim)):
        moved = positions.transpose(axes)
        if (moved.ravel() == run).all():
            return start, start + n, moved.shape, tuple(np.argsort(axes).tolist())
    return None


class Step:
    """One array operation of a plan; its results stand from ``start`` to ``stop``."""

    start: int
    stop: int

    def forward(self, values: Array) -> None:
        """Compute the results from numbers that stand before them."""
        raise TypeError(f"{type(self).__name__} does not say how it computes")

    def backward(self, values: Array, grads: Array) -> None:
        """Give every operand its contributions, from the gradients of the results."""
        raise TypeError(f"{type(self).__name__} does not say what it contributes")


class Elementwise(Step):
    """A row of the table, on each of n pairs of numbers (or single ones)."""

    def __init__(
        self, rule: Rule, parameters: tuple[Any, ...], operands: Array, start: int, wanted: Sequence[bool]
    ) -> None:
        n, self.start = operands.shape[0], start  # operands: n x 1 or n x 2
        self.stop = start + n
        self.rule, self.parameters = rule, parameters
        self.value, self.slopes, _ = rule.arrays
        self.places = [Place(column) for column in operands.T]
        self.wanted = wanted

    def __repr__(self) -> str:
        return f"{self.rule.name} of {self.stop - self.start}"

    def forward(self, values: Array) -> None:
        operands = (place.read(values) for place in self.places)
        values[self.start : self.stop] = self.value(*operands, *self.parameters)

    def backward(self, values: Array, grads: Array) -> None:
        g, out = grads[self.start : self.stop], values[self.start : self.stop]
        operands = [place.read(values) for place in self.places]
        for place, slope, wanted in zip(self.places, self.slopes, self.wanted, strict=True):
            if wanted:
                place.pull(grads, g if slope is None else g * slope(out, *operands, *self.parameters))


class Sums(Step):
    """n sums, each of K products and S terms: factors n x K, terms n x S."""

    def __init__(self, left: Array, right: Array, terms: Array, start: int, wanted: Sequence[bool]) -> None:
        self.start, self.stop = start, start + len(terms)
        self.left = Place(left) if left.size else None
        self.right = Place(right) if right.size else None
        self.terms = Place(terms) if terms.size else None
        self.wanted = wanted

    def __repr__(self) -> str:
        return f"{self.stop - self.start} sums of {self.left.shape[1] if self.left else 0} products"

    def forward(self, values: Array) -> None:
        out = values[self.start : self.stop]
        if self.left and self.right:
            np.einsum("nk,nk->n", self.left.whole(values), self.right.whole(values), out=out)
            if self.terms:
                out += self.terms.whole(values).sum(1)
        elif self.terms:
            self.terms.whole(values).sum(1, out=out)

    def backward(self, values: Array, grads: Array) -> None:
        g = grads[self.start : self.stop, None]
        if self.left and self.right:
            if self.wanted[0]:
                self.left.pull(grads, g * self.right.read(values))
            if self.wanted[1]:
                self.right.pull(grads, g * self.left.read(values))
        if self.terms and self.wanted[2]:
            self.terms.pull(grads, g)


class Ragged(Step):
    """n sums of different lengths: all products in one row, all terms in another, summed stretch by stretch."""

    def __init__(
        self, left: list[Array], right: list[Array], terms: list[Array], start: int, wanted: Sequence[bool]
    ) -> None:
        self.start, self.stop = start, start + len(terms)
        self.left, self.right, self.terms = (
            Place(np.concatenate(rows)) if rows[0].size else None for rows in (left, right, terms)
        )
        self.products_of, self.first_product = _stretches(left)
        self.terms_of, self.first_term = _stretches(terms)
        self.wanted = wanted

    def __repr__(self) -> str:
        return f"{self.stop - self.start} sums of {len(self.products_of)} products in all"

    def forward(self, values: Array) -> None:
        out = values[self.start : self.stop]
        if self.left and self.right:
            np.add.reduceat(self.left.whole(values) * self.right.whole(values), self.first_product, out=out)
            if self.terms:
                out += np.add.reduceat(self.terms.whole(values), self.first_term)
        elif self.terms:
            np.add.reduceat(self.terms.whole(values), self.first_term, out=out)

    def backward(self, values: Array, grads: Array) -> None:
        g = grads[self.start : self.stop]
        if self.left and self.right:
            each = g[self.products_of]
            if self.wanted[0]:
                self.left.pull(grads, each * self.right.read(values))
            if self.wanted[1]:
                self.right.pull(grads, each * self.left.read(values))
        if self.terms and self.wanted[2]:
            self.terms.pull(grads, g[self.terms_of])


def _stretches(rows: list[Array]) -> tuple[Array, Array]:
    """For each element of the concatenated rows, in which it stands; and where each row begins."""
    lengths = [len(row) for row in rows]
    return np.repeat(np.arange(len(rows)), lengths), np.cumsum([0, *lengths[:-1]])


class Matrix(Step):
    """B times R x C sums, each of a row of ``left`` (B x R x K) times a row of ``right`` (B x C x K), and of terms
    (B x R x C x S)."""

    def __init__(self, left: Array, right: Array, terms: Array, start: int, wanted: Sequence[bool]) -> None:
        self.shape = (*left.shape[:2], right.shape[1])
        self.start, self.stop = start, start + math.prod(self.shape)
        self.left, self.right = Place(left), Place(right)
        self.terms = Place(terms) if terms.size else None
        self.wanted = wanted

    def __repr__(self) -> str:
        batch, rows, columns = self.shape
        times = f"{batch} times " if batch > 1 else ""
        return f"{times}{rows} x {self.left.shape[2]} times {self.left.shape[2]} x {columns}"

    def forward(self, values: Array) -> None:
        out = values[self.start : self.stop].reshape(self.shape)
        np.matmul(self.left.whole(values), self.right.whole(values).swapaxes(1, 2), out=out)
        if self.terms:
            terms = self.terms.read(values)
            out += terms[..., 0] if self.terms.shape[3] == 1 else self.terms.whole(values).sum(3)

    def backward(self, values: Array, grads: Array) -> None:
        g = grads[self.start : self.stop].reshape(self.shape)
        if self.wanted[0]:
            self.left.pull(grads, g @ self.right.whole(values))
        if self.wanted[1]:  # as activations mostly stand: K x C
            self.right.pull(grads, (self.left.whole(values).swapaxes(1, 2) @ g).swapaxes(1, 2))
        if self.terms and self.wanted[2]:
            self.terms.pull(grads, g[..., None])
