"""The steps of a plan: array operations that read numbers computed before and write their own beside them.

All numbers of one run stand in a single array, ``values``: leaves first, then the results of each step. Gradients
stand in another of the same layout. A step does not compute: it writes the lines that do (`numbers.py`), once.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compile.numbers import Numbers
from autograd.compile.place import Place
from autograd.rule import Rule

Array = np.ndarray[Any, Any]
SEVERAL = 3  # terms; so few are read and added one after the other, since each may stand in a block


class Step:
    """One array operation of a plan; its results stand from ``start`` to ``stop``."""

    start: int
    stop: int

    def forward(self, numbers: Numbers) -> None:
        """Write the lines that compute the results from numbers that stand before them."""
        raise TypeError(f"{type(self).__name__} does not say how it computes")

    def backward(self, numbers: Numbers) -> None:
        """Write those that give every operand its contributions, from the gradients of the results."""
        raise TypeError(f"{type(self).__name__} does not say what it contributes")


class Elementwise(Step):
    """A row of the table, on each of n pairs of numbers (or single ones)."""

    def __init__(
        self, rule: Rule, parameters: tuple[Any, ...], operands: Array, start: int, wanted: Sequence[bool]
    ) -> None:
        self.start, self.stop = start, start + len(operands)  # operands: n x 1 or n x 2
        self.rule, self.parameters = rule, parameters
        self.shape = next(filter(None, map(_fold, operands.T)), operands.shape[:1])
        self.places = [Place(column.reshape(self.shape)) for column in operands.T]
        self.wanted = wanted

    def __repr__(self) -> str:
        return f"{self.rule.name} of {self.stop - self.start}"

    def _names(self, numbers: Numbers) -> dict[str, Any]:
        operands = map(numbers.read, self.places)
        names: dict[str, Any] = dict(zip(self.rule.operands, operands, strict=True))
        return names | dict(zip(self.rule.parameters, self.parameters, strict=True))

    def forward(self, numbers: Numbers) -> None:
        out = numbers.lines.row(self.rule, self.rule.value, self._names(numbers))
        numbers.lines.into(out, numbers.values[self.start : self.stop].reshape(self.shape))

    def backward(self, numbers: Numbers) -> None:
        lines, names = numbers.lines, self._names(numbers)
        g, out = (lines.ref(x[self.start : self.stop].reshape(self.shape)) for x in (numbers.grads, numbers.values))
        for i, place in enumerate(self.places):
            text = self.rule.derivative(i)
            if self.wanted[i] and text == "1":
                numbers.pull(place, g)
            elif self.wanted[i]:
                slope = lines.row(self.rule, text, {"out": out, **names})
                numbers.pull(place, lines.ufunc(np.multiply, g, slope))


def _fold(positions: Array) -> tuple[int, int] | None:
    """The shape in which they are the same along one axis, if each or the whole row is repeated equally often."""
    n, same = len(positions), np.flatnonzero(positions == positions[0])
    if len(same) < 2 or len(same) == n:
        return None
    each = int(np.argmax(positions != positions[0]))  # how often the first stands in succession
    for width, axis in ((each, 1), (int(same[1]), 0)):
        if width > 1 and n % width == 0:
            table = positions.reshape(-1, width)
            if (table == table.take([0], axis)).all():
                return table.shape
    return None


class Sums(Step):
    """n sums, each of K products and S terms: factors n x K, terms n x S."""

    def __init__(self, left: Array, right: Array, terms: Array, start: int, wanted: Sequence[bool]) -> None:
        self.start, self.stop = start, start + len(terms)
        self.left = Place(left) if left.size else None
        self.right = Place(right) if right.size else None
        few = terms.shape[1] <= SEVERAL
        self.terms = [Place(part) for part in (terms.T[:, :, None] if few else [terms])]  # columns, or all in one
        self.wanted = wanted

    def __repr__(self) -> str:
        return f"{self.stop - self.start} sums of {self.left.shape[1] if self.left else 0} products"

    def forward(self, numbers: Numbers) -> None:
        lines, parts = numbers.lines, []
        if self.left and self.right:
            parts.append(lines.ufunc(np.vecdot, numbers.whole(self.left), numbers.whole(self.right)))
        for place in self.terms:
            term = numbers.whole(place)
            single = place.shape[1] == 1
            parts.append(numbers.reshaped(term, (-1,)) if single else numbers.summed(term, (1,), False))
        total = functools.reduce(functools.partial(lines.ufunc, np.add), parts)
        lines.into(total, numbers.values[self.start : self.stop])

    def backward(self, numbers: Numbers) -> None:
        lines = numbers.lines
        g = lines.ref(numbers.grads[self.start : self.stop, None])
        if self.left and self.right:
            for k, (place, other) in enumerate(((self.left, self.right), (self.right, self.left))):
                if self.wanted[k]:
                    numbers.pull(place, lines.ufunc(np.multiply, g, numbers.read(other)))
        for place in self.terms if self.wanted[2] else ():
            numbers.pull(place, g)


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

    def forward(self, numbers: Numbers) -> None:
        lines, totals = numbers.lines, []
        if self.left and self.right:
            products = lines.ufunc(np.multiply, numbers.whole(self.left), numbers.whole(self.right))
            totals.append(numbers.stretches(products, self.first_product))
        if self.terms:
            totals.append(numbers.stretches(numbers.whole(self.terms), self.first_term))
        total = lines.ufunc(np.add, *totals) if totals[1:] else totals[0]
        lines.into(total, numbers.values[self.start : self.stop])

    def backward(self, numbers: Numbers) -> None:
        lines, g = numbers.lines, numbers.grads[self.start : self.stop]
        if self.left and self.right:
            each = numbers.gathered(g, self.products_of)
            for k, (place, other) in enumerate(((self.left, self.right), (self.right, self.left))):
                if self.wanted[k]:
                    numbers.pull(place, lines.ufunc(np.multiply, each, numbers.read(other)))
        if self.terms and self.wanted[2]:
            numbers.pull(self.terms, numbers.gathered(g, self.terms_of))


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

    def forward(self, numbers: Numbers) -> None:
        lines = numbers.lines
        out = lines.ufunc(np.matmul, numbers.whole(self.left), numbers.turned(self.right))
        if self.terms:
            if self.terms.shape[3] == 1:
                terms = lines.ref(numbers.read(self.terms).value[..., 0])
            else:
                terms = numbers.summed(numbers.whole(self.terms), (3,), False)
            out = lines.ufunc(np.add, out, terms)
        numbers.lines.into(out, numbers.values[self.start : self.stop].reshape(self.shape))

    def backward(self, numbers: Numbers) -> None:
        lines = numbers.lines
        grads = numbers.grads[self.start : self.stop].reshape(self.shape)
        g = lines.ref(grads)
        if self.wanted[0]:
            numbers.pull(self.left, lines.ufunc(np.matmul, g, numbers.whole(self.right)))
        if self.wanted[1]:  # as activations mostly stand: K x C
            product = lines.ufunc(np.matmul, numbers.turned(self.left), g)
            numbers.pull(self.right, product, (0, 2, 1))
        if self.terms and self.wanted[2]:
            numbers.pull(self.terms, lines.ref(grads[..., None]))
