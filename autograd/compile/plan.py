"""A plan: the operations of a recording in levels, equal ones in groups, each group one step.

An operation's level is one more than the highest of its operands'. Operations of one level need nothing of each
other, so those that are of the same row can be done at once, in any order; the order chosen is the one in which
their operands already stand side by side, so that nothing need be gathered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.arrays import quietly
from autograd.compile.collapse import Sum, collapse
from autograd.compile.record import Node, Recording
from autograd.compile.steps import Array, Elementwise, Matrix, Step, Sums

FEW = 4  # dot products are done as matrix products if these have as many elements on average


class Plan:
    """The steps that compute the numbers of ``outputs`` from those of the leaves, and where each number stands.

    ``wanted`` is the range of leaves whose gradients are asked for.
    """

    def __init__(self, recording: Recording, outputs: list[int], wanted: range) -> None:
        self.leaves = recording.leaves
        self.inputs = len(recording.inputs)
        self.steps: list[Step] = []
        self.backward_steps: list[Step] = []
        operations = collapse(recording, outputs)
        count = self.leaves + len(recording.nodes)
        self._position = np.full(count, -1)
        self._position[: self.leaves] = np.arange(self.leaves)
        self._level = np.zeros(count, int)
        self._wanted = np.zeros(count, bool)  # whether a gradient is to reach it
        self._wanted[wanted.start : wanted.stop] = True
        self.size = self.leaves
        for key, numbers in self._groups(operations):
            group = [operations[number] for number in numbers]
            for step, order in self._sums(group) if key[0] == "sum" else self._elementwise(group):  # type: ignore
                self._position[np.asarray(numbers)[order]] = np.arange(step.start, step.stop)
                self.size = step.stop
                self.steps.append(step)
                if self._wanted[numbers[0]]:
                    self.backward_steps.append(step)
        self.backward_steps.reverse()
        self.position = {number: int(self._position[number]) for number in outputs}

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.steps))

    def _groups(self, operations: dict[int, Node | Sum]) -> Iterator[tuple[tuple[Any, ...], list[int]]]:
        """Operations that can be done at once, by number; lower levels first."""
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for number, operation in operations.items():
            operands = list(operation.operands)
            level = self._level[number] = 1 + self._level[operands].max()
            wanted = self._wanted[number] = operation.attached and self._wanted[operands].any()
            if isinstance(operation, Sum):
                key: tuple[Any, ...] = ("sum", len(operation.left), len(operation.terms))
            else:
                key = (operation.rule.name, repr(operation.parameters), len(operands))
            groups[level, key, wanted].append(number)
        for (_, key, _), numbers in sorted(groups.items(), key=lambda item: item[0][0]):
            yield key, numbers

    def _elementwise(self, group: list[Node]) -> Iterator[tuple[Step, Array]]:
        numbers = np.array([node.operands for node in group])
        operands = self._position[numbers]
        # sorted by the operand that differs most from one to the next, then by where it stands last
        columns = sorted(operands.T, key=lambda column: (np.unique(column).size, column.max()))
        order = np.lexsort(columns)
        wanted = self._wanted[numbers].any(0).tolist()
        yield Elementwise(group[0].rule, group[0].parameters, operands[order], self.size, wanted), order

    def _sums(self, group: list[Sum]) -> Iterator[tuple[Step, Array]]:
        n = len(group)
        left, right = (np.array([getattr(x, side) for x in group], int).reshape(n, -1) for side in ("left", "right"))
        terms = np.array([x.terms for x in group], int).reshape(n, -1)
        # of the two factors, the one that was there first: weights before activations, parameters before inputs
        swapped = self._rank(left) > self._rank(right)
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
        wanted = [bool(self._wanted[side].any()) for side in (left, right, terms)]
        left, right, terms = self._position[left], self._position[right], self._position[terms]
        blocks = _blocks(left, right) if left.size else None
        if blocks is None:
            order = np.lexsort([*right.T[::-1], *left.T[::-1], *terms.T[::-1]])
            yield Sums(left[order], right[order], terms[order], self.size, wanted), order
            return
        for block in blocks:
            rows, columns = block.shape
            place = Matrix(
                left[block[:, 0]], right[block[0]], terms[block].reshape(rows, columns, -1), self.size, wanted
            )
            yield place, block.ravel()

    def _rank(self, numbers: Array) -> Array:
        return 2 * self._level[numbers] + (numbers < self.inputs)

    def forward(self, leaves: Array) -> Array:
        """All numbers, from those of the leaves."""
        values = np.empty(self.size)
        values[: self.leaves] = leaves
        quietly.run(self._forward, values)
        return values

    def _forward(self, values: Array) -> None:
        for step in self.steps:
            step.forward(values)

    def backward(self, values: Array, output: int, upstream: float) -> Array:
        """The gradients of ``output``, times ``upstream``, with respect to all numbers."""
        grads = np.zeros(self.size)
        grads[self.position[output]] = upstream
        quietly.run(self._backward, values, grads)
        return grads

    def _backward(self, values: Array, grads: Array) -> None:
        for step in self.backward_steps:
            step.backward(values, grads)


def _blocks(left: Array, right: Array) -> list[Array] | None:
    """n dot products as matrix products: in each, every row of ``left`` meets every row of ``right``.

    Each block is a matrix of the numbers of dot products; None if most would be small. Rows of ``left`` belong
    together if they meet the same rows of ``right``.
    """
    row_of, rows = _distinct(left)
    column_of, _ = _distinct(right)
    met: list[dict[int, int]] = [{} for _ in range(rows)]
    for k, (row, column) in enumerate(zip(row_of.tolist(), column_of.tolist(), strict=True)):
        if column in met[row]:
            return None  # the same dot product twice
        met[row][column] = k
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, partners in enumerate(met):
        alike[tuple(sorted(partners))].append(row)
    if len(left) < FEW * len(alike) and left.size < FEW * FEW * len(alike):
        return None
    return [np.array([[met[row][column] for column in partners] for row in same]) for partners, same in alike.items()]


def _distinct(table: Array) -> tuple[Array, int]:
    """For each row which of the distinct rows it is, in sorted order, and how many these are."""
    found, inverse = np.unique(table, axis=0, return_inverse=True)
    return inverse.ravel(), len(found)
