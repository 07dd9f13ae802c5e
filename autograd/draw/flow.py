"""What flows back through a graph: every contribution of one reverse pass, told of as it happens.

No ``.grad`` is touched, so a graph that nobody called ``backward()`` on can be watched too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.backward import reverse
from autograd.graph import Node, no_grad
from autograd.value import Value


class Step(NamedTuple):
    """The chain rule applied once: to one operand of one node. Floats or arrays."""

    upstream: Any  # the node's gradient, which is complete
    contribution: Any  # to the operand's gradient
    total: Any  # the operand's gradient, as far as it has been added up


class Flow:
    """One reverse pass from ``outputs``, each of whose elements has the upstream gradient 1."""

    def __init__(self, outputs: Sequence[Node]) -> None:
        self.steps: dict[tuple[Node, int], Step] = {}  # by node and position of the operand, in the pass's order
        self.outputs = outputs
        self.seeds: dict[Node, Any] = {node: _one(node) for node in outputs if node.requires_grad}
        self.gradients: dict[Node, Any] = dict(self.seeds)
        self.given: dict[Node, list[Any]] = {node: [one] for node, one in self.gradients.items()}  # what adds up
        self.trouble = "" if self.gradients else "nothing here requires a gradient"
        try:
            with no_grad(), np.errstate(all="ignore"):
                reverse(self.seeds, False, watch=self._keep)
        except Exception as error:  # the graph was let go, an array was changed in place: a drawing is made of anything
            self.trouble = str(error)
            self.steps, self.seeds, self.gradients, self.given = {}, {}, {}, {}

    def _keep(self, node: Node, i: int, upstream: Any, contribution: Any, before: Any, after: Any) -> None:
        operand = node.operands[i]
        fitted = operand.fitted(contribution)
        self.steps[node, i] = Step(upstream, fitted, after)
        self.gradients[operand] = after
        self.given.setdefault(operand, []).append(fitted)


def _one(node: Node) -> Any:
    return 1.0 if isinstance(node, Value) else np.ones_like(node.raw)
