"""Who is to blame: each operation of a recorded graph checked alone, and operands that left the graph.

An operation is checked at the very operands it had, by its row alone, so a mistake is found where it is made and not
where it comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import origins
from autograd.check.jacobian import Settings
from autograd.check.report import Culprit, Leak, Mismatch, Report
from autograd.check.subject import Subject
from autograd.graph import RELEASED, Node, apply, topological

ELEMENTS = 2000  # an operand with more is not differenced element by element
MOST = 3  # culprits and leaks that are named


class OneOperation(Subject):
    """The operation that made a node, as a function of those of its operands that have a gradient."""

    def __init__(self, node: Node, only: int | None = None) -> None:
        assert node.op is not None
        rule, parameters, operands = node.op.rule, node.op.parameters, node.operands
        asked = [k for k, x in enumerate(operands) if isinstance(x, Node) and x.requires_grad]
        asked = asked if only is None else [only]

        def function(*leaves: Any) -> Any:
            given = list(operands)
            for k, leaf in zip(asked, leaves, strict=True):
                given[k] = leaf
            return apply(rule, tuple(given), parameters)

        super().__init__("gradcheck", function, [operands[k] for k in asked], None, True)
        self.names = [f"{rule.operands[0]}[{k}]" if rule.variadic else rule.operands[k] for k in asked]
        self.positions = dict(zip(self.names, asked, strict=True))


def wrong(subject: Subject, check: Callable[[Subject], Report]) -> list[Culprit]:
    """The first operations of the graph of ``subject``, in the order they were made, that fail the check alone."""
    outputs, _ = subject.record()
    found: list[Culprit] = []
    seen = set()
    for node in _in_order([out for _, out in outputs]):
        shapes = tuple(np.shape(getattr(x, "raw", x)) for x in node.operands)
        origin = origins.of(node)
        key = (node.op.rule, origin and (origin.file, origin.line, origin.module), shapes)
        large = any(int(np.prod(shape)) > ELEMENTS for shape in shapes)
        if key in seen or large:
            continue
        seen.add(key)
        found += _blamed(node, OneOperation(node), shapes, check)
        if len(found) >= MOST:
            break
    return found


def _blamed(node: Node, operation: OneOperation, shapes: Any, check: Callable[[Subject], Report]) -> list[Culprit]:
    """A culprit for each operand whose derivative is wrong, but none at a kink, where there is no right one."""
    assert node.op is not None
    with operation:
        report = check(operation)
    wrong = {m.input: m for m in report.mismatches if m.sides is None and m.input in operation.positions}
    failure = "" if wrong else next(iter(report.failures), "")
    if failure and len(operation.names) > 1:  # which says nothing of the operand
        alone = (OneOperation(node, only=k) for k in operation.positions.values())
        return [culprit for one in alone for culprit in _blamed(node, one, shapes, check)]
    rule = node.op.rule
    return [
        Culprit(rule.name, name, k, shapes, rule.derivative(k), wrong.get(name), failure, origins.of(node))
        for name, k in operation.positions.items()
        if failure or name in wrong
    ]


def leaks(subject: Subject, worst: Mismatch | None, settings: Settings) -> list[Leak]:
    """Constants of the graph that change with the input whose derivative is wrong."""
    if worst is None:
        return []
    j = subject.names.index(worst.input)
    x = float(subject.bases[j][worst.input_index])
    before, after = (
        _constants(subject, subject.moved(j, worst.input_index, number)) for number in (x, x + settings.step(x))
    )
    if [key for key, _ in before] != [key for key, _ in after]:  # the input decides which operations there are
        return []
    found: list[Leak] = []
    for (key, here), (_, there) in zip(before, after, strict=True):
        if not np.array_equal(here, there, equal_nan=True) and len(found) < MOST:
            operation, operand, origin = key
            found.append(Leak(operation, operand, worst.input, origin))
    return found


def _constants(subject: Subject, arrays: Any) -> list[tuple[Any, Any]]:
    """The operands without a gradient, in order, each with its operation, its name and the line."""
    outputs, _ = subject.record(arrays)
    found: list[tuple[Any, Any]] = []
    for node in _in_order([out for _, out in outputs]):
        assert node.op is not None
        rule, origin = node.op.rule, origins.of(node)
        for k, x in enumerate(node.operands):
            if not (isinstance(x, Node) and x.requires_grad):
                name = f"{rule.operands[0]}[{k}]" if rule.variadic else rule.operands[k]
                place = origin and origin._replace(order=0)
                found.append(((rule.name, name, place), np.array(getattr(x, "raw", x))))
    for label, out in outputs:
        if out.op is None:
            found.append((("the function", label, None), np.array(out.raw)))
    return found


def _in_order(outputs: list[Any]) -> list[Any]:
    """The results among all nodes behind ``outputs``, in the order they were made."""
    made = [node for node in topological(outputs) if node.op is not None and node.op is not RELEASED]
    return sorted(made, key=lambda node: getattr(origins.of(node), "order", -1))
