"""A plan: the operations of a recording in levels, equal ones in groups, each group one step.

An operation's level is one more than the highest of its operands'. Operations of one level need nothing of each
other, so those that are of the same row can be done at once, in any order; the order chosen is the one in which
their operands already stand side by side, so that nothing need be gathered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.compile.collapse import Sum, collapse
from autograd.compile.numbers import Numbers
from autograd.compile.record import Node, Recording
from autograd.compile.steps import Array, Elementwise, Matrix, Ragged, Step, Sums

FEW = 4  # dot products are done as matrix products if these have as many elements ...
MANY = 800  # ... and as many products of numbers in all: then they are worth a step of their own


class Plan:
    """The steps that compute the numbers of ``outputs`` from those of the leaves, and where each number stands.

    ``wanted`` is the range of leaves whose gradients are asked for. Of the leaves that are ``batched`` there is one for
    each of so many ``examples``, and so of all that is computed from these.
    """

    def __init__(
        self, recording: Recording, outputs: list[int], wanted: range, batched: Array | None = None, examples: int = 1
    ) -> None:
        self.inputs = len(recording.inputs)
        self.examples = examples
        self.steps: list[Step] = []
        self.backward_steps: list[Step] = []
        leaves, count = recording.leaves, recording.leaves + len(recording.nodes)
        operations = collapse(recording, outputs)
        self._mapped = np.zeros(count, bool)  # whether each example has one of its own
        if batched is not None:
            self._mapped[:leaves] = batched
        each = np.where(self._mapped[:leaves], examples, 1)
        self.leaves = int(each.sum())  # how many numbers they are
        self._position = np.full((count, examples), -1)
        self._position[:leaves] = (np.cumsum(each) - each)[:, None]
        self._position[np.flatnonzero(self._mapped)] += np.arange(examples)
        self._level = np.zeros(count, int)
        self._wanted = np.zeros(count, bool)  # whether a gradient is to reach it
        self._wanted[wanted.start : wanted.stop] = True
        self.size = self.leaves
        for key, numbers in self._groups(operations):
            group = [operations[number] for number in numbers]
            mapped = bool(self._mapped[numbers[0]])
            found = self._sums(group, mapped) if key[0] == "sum" else self._elementwise(group, mapped)  # type: ignore
            for step, order in found:
                ours, places = np.asarray(numbers), np.arange(step.start, step.stop)
                if mapped:
                    self._position[ours[order // examples], order % examples] = places
                else:
                    self._position[ours[order]] = places[:, None]
                self.size = step.stop
                self.steps.append(step)
                if self._wanted[numbers[0]]:
                    self.backward_steps.append(step)
        self.backward_steps.reverse()
        self.position = {
            number: self._position[number, : examples if self._mapped[number] else 1].copy() for number in outputs
        }
        del self._position, self._level, self._mapped, self._wanted
        self._free: list[Numbers] = []  # as many as calls ran at once

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.steps))

    def _groups(self, operations: dict[int, Node | Sum]) -> Iterator[tuple[tuple[Any, ...], list[int]]]:
        """Operations that can be done at once, by number; lower levels first."""
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        # lists while they are read number by number, and arrays again for the groups
        levels, wanted, mapped = self._level.tolist(), self._wanted.tolist(), self._mapped.tolist()
        for number, operation in operations.items():
            operands = operation.operands
            levels[number] = 1 + max(map(levels.__getitem__, operands))
            wanted[number] = operation.attached and any(map(wanted.__getitem__, operands))
            mapped[number] = any(map(mapped.__getitem__, operands))
            if isinstance(operation, Sum):
                key: tuple[Any, ...] = ("sum", bool(operation.left), bool(operation.terms))
            else:
                key = (operation.rule.name, repr(operation.parameters) if operation.parameters else "", len(operands))
            groups[levels[number], key, wanted[number], mapped[number]].append(number)
        self._level[:], self._wanted[:], self._mapped[:] = levels, wanted, mapped
        del levels, wanted, mapped
        for (_, key, _, _), numbers in sorted(groups.items(), key=lambda item: item[0][0]):
            yield key, numbers

    def _places(self, numbers: Array, mapped: bool) -> Array:
        """Where those numbers (n x k) stand: n x k, or n * examples x k."""
        places = self._position[numbers]
        n, k, examples = places.shape
        return places.transpose(0, 2, 1).reshape(n * examples, k) if mapped else places[:, :, 0]

    def _elementwise(self, group: list[Node], mapped: bool) -> Iterator[tuple[Step, Array]]:
        numbers = np.array([node.operands for node in group])
        operands = self._places(numbers, mapped)
        # sorted by the operand that differs most from one to the next, then by where it stands last
        columns = sorted(operands.T, key=lambda column: (np.unique(column).size, column.max()))
        order = np.lexsort(columns)
        wanted = self._wanted[numbers].any(0).tolist()
        yield Elementwise(group[0].rule, group[0].parameters, operands[order], self.size, wanted), order

    def _sums(self, group: list[Sum], mapped: bool) -> Iterator[tuple[Step, Array]]:
        """Sums of as many products each as matrix products, where these are large; the others together."""
        alike: dict[tuple[int, int], list[int]] = defaultdict(list)
        for k, x in enumerate(group):
            alike[len(x.left), len(x.terms)].append(k)
        rest: list[tuple[Array, Array, Array, Array, list[bool]]] = []
        for same in alike.values():
            left, right, terms, wanted = self._factors([group[k] for k in same], mapped)
            chosen = np.asarray(same)
            if mapped:
                chosen = (chosen[:, None] * self.examples + np.arange(self.examples)).ravel()
            left_over = np.ones(len(chosen), bool)
            for blocks in _blocks(left, right, len(alike) == 1) if left.size else ():
                batch, rows, columns = blocks.shape
                place = Matrix(
                    left[blocks[:, :, 0]],
                    right[blocks[:, 0]],
                    terms[blocks].reshape(batch, rows, columns, -1),
                    self.size,
                    wanted,
                )
                yield place, chosen[blocks.ravel()]
                left_over[blocks.ravel()] = False
            if left_over.any():
                rest.append((chosen[left_over], left[left_over], right[left_over], terms[left_over], wanted))
        if len(rest) == 1:
            ((chosen, left, right, terms, wanted),) = rest
            order = np.lexsort([*right.T[::-1], *left.T[::-1], *terms.T[::-1]])
            yield Sums(left[order], right[order], terms[order], self.size, wanted), chosen[order]
        elif rest:
            order = np.concatenate([chosen for chosen, *_ in rest])
            left_rows, right_rows, term_rows = (_rows(rest, side) for side in (1, 2, 3))
            wanted = [any(part[4][side] for part in rest) for side in range(3)]
            yield Ragged(left_rows, right_rows, term_rows, self.size, wanted), order

    def _factors(self, group: list[Sum], mapped: bool) -> tuple[Array, Array, Array, list[bool]]:
        """Where the left and right factors and the terms of ``group`` stand, a row for each sum; which are wanted."""
        n = len(group)
        left, right = (np.array([getattr(x, side) for x in group], int).reshape(n, -1) for side in ("left", "right"))
        terms = np.array([x.terms for x in group], int).reshape(n, -1)
        # of the two factors, the one that was there first: weights before activations, parameters before inputs
        swapped = self._rank(left) > self._rank(right)
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
        wanted = [bool(self._wanted[side].any()) for side in (left, right, terms)]
        return self._places(left, mapped), self._places(right, mapped), self._places(terms, mapped), wanted

    def _rank(self, numbers: Array) -> Array:
        return 2 * self._level[numbers] + (numbers < self.inputs)

    @contextmanager
    def loaded(self, leaves: Array) -> Iterator[Numbers]:
        """The plan's arrays, filled with the numbers that follow from those of the leaves, for the time of a block."""
        try:
            numbers = self._free.pop()  # the last that was used: for backward, mostly the one that holds them already
        except IndexError:
            forward = [step.forward for step in self.steps]
            backward = [step.backward for step in self.backward_steps]
            numbers = Numbers(self.position, self.size, self.leaves, forward, backward)
        try:
            numbers.load(leaves)
            yield numbers
        finally:
            self._free.append(numbers)


def _rows(parts: list[Any], side: int) -> list[Array]:
    return [row for part in parts for row in part[side]]


def _blocks(left: Array, right: Array, alone: bool) -> list[Array]:
    """Dot products as matrix products: in each, every row of ``left`` meets every row of ``right``.

    Each array (batch x rows x columns) numbers the dot products of matrix products of one size. Small ones are left
    out; if these sums are ``alone`` on their level, only very small ones. Rows of ``left`` belong together if they
    meet the same rows of ``right``.
    """
    row_of, rows = _distinct(left)
    column_of, _ = _distinct(right)
    met: list[dict[int, int]] = [{} for _ in range(rows)]
    for k, (row, column) in enumerate(zip(row_of.tolist(), column_of.tolist(), strict=True)):
        if column in met[row]:
            return []  # the same dot product twice
        met[row][column] = k
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, partners in enumerate(met):
        alike[tuple(sorted(partners))].append(row)
    by_shape: dict[tuple[int, int], list[list[list[int]]]] = defaultdict(list)
    for columns, same in alike.items():
        by_shape[len(same), len(columns)].append([[met[row][column] for column in columns] for row in same])
    alone = alone and len(by_shape) == 1
    found = []
    for (height, width), blocks in by_shape.items():
        size = height * width * left.shape[1]
        large = height * width >= FEW or size >= FEW * FEW
        if height * width > 1 and large and (alone or size * len(blocks) >= MANY):
            found.append(np.array(blocks))
    return found


def _distinct(table: Array) -> tuple[Array, int]:
    """For each row which of the distinct rows it is, in sorted order, and how many these are."""
    found, inverse = np.unique(table, axis=0, return_inverse=True)
    return inverse.ravel(), len(found)
