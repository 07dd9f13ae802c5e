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
from autograd.compile.steps import Array, Elementwise, Matrix, Ragged, Step, Sums

FEW = 4  # dot products are done as matrix products if these have as many elements ...
MANY = 800  # ... and as many products of numbers in all: then they are worth a step of their own


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
                key: tuple[Any, ...] = ("sum", bool(operation.left), bool(operation.terms))
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
        """Sums of as many products each as matrix products, where these are large; the others together."""
        alike: dict[tuple[int, int], list[int]] = defaultdict(list)
        for k, x in enumerate(group):
            alike[len(x.left), len(x.terms)].append(k)
        rest: list[tuple[list[int], Array, Array, Array, list[bool]]] = []
        for chosen in alike.values():
            left, right, terms, wanted = self._factors([group[k] for k in chosen])
            left_over = list(range(len(chosen)))
            for blocks in _blocks(left, right, len(alike) == 1) if left.size else ():
                batch, rows, columns = blocks.shape
                place = Matrix(
                    left[blocks[:, :, 0]],
                    right[blocks[:, 0]],
                    terms[blocks].reshape(batch, rows, columns, -1),
                    self.size,
                    wanted,
                )
                yield place, np.asarray(chosen)[blocks.ravel()]
                taken = set(blocks.ravel().tolist())
                left_over = [k for k in left_over if k not in taken]
            if left_over:
                chosen = [chosen[k] for k in left_over]
                rest.append((chosen, left[left_over], right[left_over], terms[left_over], wanted))
        if len(rest) == 1:
            ((chosen, left, right, terms, wanted),) = rest
            order = np.lexsort([*right.T[::-1], *left.T[::-1], *terms.T[::-1]])
            yield Sums(left[order], right[order], terms[order], self.size, wanted), np.asarray(chosen)[order]
        elif rest:
            order = np.concatenate([chosen for chosen, *_ in rest])
            left_rows, right_rows, term_rows = ([row for part in rest for row in part[side]] for side in (1, 2, 3))
            wanted = [any(part[4][side] for part in rest) for side in range(3)]
            yield Ragged(left_rows, right_rows, term_rows, self.size, wanted), order

    def _factors(self, group: list[Sum]) -> tuple[Array, Array, Array, list[bool]]:
        """Where the left and right factors and the terms of ``group`` stand, a row for each sum; which are wanted."""
        n = len(group)
        left, right = (np.array([getattr(x, side) for x in group], int).reshape(n, -1) for side in ("left", "right"))
        terms = np.array([x.terms for x in group], int).reshape(n, -1)
        # of the two factors, the one that was there first: weights before activations, parameters before inputs
        swapped = self._rank(left) > self._rank(right)
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
        wanted = [bool(self._wanted[side].any()) for side in (left, right, terms)]
        return self._position[left], self._position[right], self._position[terms], wanted

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
    for partners, same in alike.items():
        by_shape[len(same), len(partners)].append([[met[row][column] for column in partners] for row in same])
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
