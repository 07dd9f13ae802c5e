"""Chains of additions, and the products within them, as one sum each: ``b + w1 * x1 + w2 * x2``.

A sum is differentiated as its two-term additions are: every term gets the upstream gradient, and the factors of a
product get it times the other factor.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.compile.record import Node, Recording
from autograd.rule import Rule
from autograd.rules import RULES

ADD, MUL, SQUARE = RULES["add"], RULES["mul"], RULES["square"]


class Sum(NamedTuple):
    """left[0] * right[0] + left[1] * right[1] + ... + terms[0] + terms[1] + ..."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    terms: tuple[int, ...]
    attached: bool

    rule: Rule | None = None

    @property
    def operands(self) -> tuple[int, ...]:
        return self.left + self.right + self.terms


def collapse(recording: Recording, outputs: list[int]) -> dict[int, Node | Sum]:
    """The operations that the outputs need, by number and in order, with chains of additions made sums."""
    first, nodes = recording.leaves, recording.nodes
    uses = [0] * (first + len(nodes))
    for number in outputs:
        uses[number] += 1
    for k in range(len(nodes) - 1, -1, -1):
        if uses[first + k]:
            for number in nodes[k].operands:
                uses[number] += 1
    zeros = {first - len(recording.constants) + k for k, x in enumerate(recording.constants) if x == 0}

    def part(number: int, whole: Node) -> Node | None:
        """The node of that number, if it is used by ``whole`` alone: then it need not exist."""
        if number < first or uses[number] != 1 or number in kept:
            return None
        node = nodes[number - first]
        return node if node.attached == whole.attached else None

    def summed(whole: Node) -> Sum:
        products: list[tuple[int, ...]] = []
        terms: list[int] = []
        stack = list(reversed(whole.operands))
        while stack:
            number = stack.pop()
            node = part(number, whole)
            if node is not None and node.rule is ADD:
                stack += reversed(node.operands)
                within[number] = 1
            elif node is not None and node.rule in (MUL, SQUARE):
                products.append((node.operands * 2)[:2])
                within[number] = 1
            else:
                terms.append(number)
        if products or len(terms) > 1:  # sum() begins with 0
            terms = [number for number in terms if number not in zeros] or ([] if products else terms[:1])
        left, right = zip(*products, strict=True) if products else ((), ())
        return Sum(left, right, tuple(terms), whole.attached)

    kept = set(outputs)
    within = bytearray(first + len(nodes))  # 1 for the nodes that became part of a sum
    found: dict[int, Node | Sum] = {}
    for k in range(len(nodes) - 1, -1, -1):
        number = first + k
        if uses[number] and not within[number]:
            found[number] = summed(nodes[k]) if nodes[k].rule is ADD else nodes[k]
    return dict(reversed(found.items()))
