"""Random programs over all rows of the table, to be run with Values, Tensors and PyTorch alike.

A program is grown with plain numbers, so that what is decided on the way (does this operation fit here?) is decided
once, and is the same in every number system.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Tensor
from autograd.arrays import quietly
from autograd.compare.counterparts import counterpart
from autograd.graph import no_grad
from autograd.rules import RULES
from tests.comparing import weights
from tests.rows import Call, calls_of, function_of

ELEMENTWISE = [rule for rule in RULES.values() if rule.elementwise]
CALLS = [call for rule in RULES.values() if not rule.elementwise for call in calls_of(rule)]

AVOIDED = {
    "pow": lambda x, y: x == 0,  # PyTorch's second derivative of 0 ** 1 is NaN; ours is that of differences
    "sinc": lambda x: x == 0,  # the same
    "bce": lambda x, y: (x < 0) | (x > 1) | (y < 0) | (y > 1),  # PyTorch refuses these
}

IMPRECISE = {"digamma", "lgamma", "polygamma"}  # PyTorch's trigamma errs by 5e-10, which later steps make more

STEEPEST = 8.0  # slopes beyond it are not wanted: errors of rounding would grow along a path
LARGEST = 20.0
NEAR = 1e-5


class Step(NamedTuple):
    """One operation: its row, which earlier nodes it takes, and for each the number near which it takes it (None:
    just as it is); or, for rows that move elements, the call whose arrays are scaled by those nodes."""

    name: str
    taken: tuple[int, ...]
    anchors: tuple[Any, ...]
    call: Call | None = None


class Program(NamedTuple):
    """Leaves, steps, and which nodes are used by no other: these are added up."""

    leaves: list[Any]
    steps: list[Step]

    @property
    def sinks(self) -> list[int]:
        used = {i for step in self.steps for i in step.taken}
        return [i for i in range(len(self.leaves) + len(self.steps)) if i not in used]

    @property
    def tolerance(self) -> float:
        """How far PyTorch may be off, for its size."""
        return 1e-5 if any(step.name in IMPRECISE for step in self.steps) else 1e-8

    def run(self, leaves: Any, torch: Any = None, order: Any = None) -> Any:
        """The sum of all sinks; ``order``: in which to take the steps."""
        nodes: dict[int, Any] = dict(enumerate(leaves))
        for k in range(len(self.steps)) if order is None else order:
            step = self.steps[k]
            nodes[len(leaves) + k] = computed(step, [nodes[i] for i in step.taken], torch)
        total: Any = 0.0
        for i in self.sinks:
            total = total + weighted(nodes[i], torch)
        return total

    def reordered(self, source: Any) -> list[int]:
        """Another order in which every step comes after those it needs."""
        n = len(self.leaves)
        missing = [{i - n for i in step.taken if i >= n} for step in self.steps]
        ready = [k for k, needed in enumerate(missing) if not needed]
        order: list[int] = []
        while ready:
            k = ready.pop(source.integers(len(ready)))
            order.append(k)
            for later in range(k + 1, len(missing)):
                if missing[later] == {k}:
                    ready.append(later)
                missing[later].discard(k)
        return order


def weighted(node: Any, torch: Any) -> Any:
    """A number that every element enters differently."""
    if not getattr(node, "shape", ()):
        return node * 1.25
    fixed = weights(tuple(node.shape))
    return (node * (Tensor(fixed) if torch is None else torch.tensor(fixed))).sum()


def computed(step: Step, operands: list[Any], torch: Any) -> Any:
    """One step, here or in PyTorch."""
    tanh = autograd.tanh if torch is None else torch.tanh
    make = (lambda a: Tensor(a)) if torch is None else torch.from_numpy
    if step.call is not None:
        arrays = [make(array) * (1 + 0.1 * tanh(x.mean())) for array, x in zip(step.call.arrays, operands, strict=True)]
        return (step.call if torch is None else step.call.in_torch(torch))(*arrays)
    near = [x if a is None else a + 0.1 * tanh(x) for x, a in zip(operands, step.anchors, strict=True)]
    function = function_of(step.name) if torch is None else counterpart(torch, step.name)
    return function(*near, *RULES[step.name].given)


def grown(seed: int, size: int, shapes: Any = ((), (), ())) -> Program:
    """A program of up to ``size`` steps over leaves of these shapes; with arrays, of all rows."""
    source = np.random.default_rng(seed)
    leaves = [source.uniform(-2, 2, shape) for shape in shapes]
    arrays = any(shapes)
    values, steps = list(leaves), []
    for _ in range(size):
        step = _drawn(source, values, arrays)
        if step is not None:
            steps.append(step)
            values.append(_value(step, values))
    return Program(leaves, steps)


def _value(step: Step, values: list[Any]) -> Any:
    with no_grad():
        return np.asarray(computed(step, [Tensor(values[i]) for i in step.taken], None).raw)


def _drawn(source: Any, values: list[Any], arrays: bool) -> Step | None:
    """The next step, as the row is if it is tame there, else near a point that the row is sampled at."""
    if arrays and source.random() < 0.4:
        call = CALLS[source.integers(len(CALLS))]
        step = Step(call.name, tuple(source.integers(len(values), size=len(call.arrays)).tolist()), (), call)
        value = _value(step, values)
        tame = value.dtype.kind == "f" and value.size < 200 and np.abs(value).max(initial=0) < LARGEST
        return step if tame and np.isfinite(value).all() else None
    rule = ELEMENTWISE[source.integers(len(ELEMENTWISE))]
    taken = tuple(source.integers(len(values), size=len(rule.operands)).tolist())
    try:
        np.broadcast_shapes(*(np.shape(values[i]) for i in taken))
    except ValueError:
        taken = taken[:1] * len(rule.operands)
    anchors = tuple(float(source.choice(samples)) for samples in rule.samples)
    for chosen in ((None,) * len(taken), anchors):
        near = [
            np.asarray(values[i] if a is None else a + 0.1 * np.tanh(values[i]))
            for i, a in zip(taken, chosen, strict=True)
        ]
        if _is_tame(rule, near):
            return Step(rule.name, taken, chosen)
    return None


def _is_tame(rule: Any, operands: list[Any]) -> bool:
    """Whether the row is smooth, not steep and not large around the operands."""

    def at(k: int, by: float) -> Any:
        moved = [x + by if i == k else x for i, x in enumerate(operands)]
        return quietly.run(rule.arrays.value, *moved, *rule.given)

    if rule.name in AVOIDED and np.any(AVOIDED[rule.name](*operands)):
        return False
    here = at(-1, 0.0)
    if not np.isfinite(here).all() or np.abs(here).max(initial=0) > LARGEST:
        return False
    for k in range(len(operands)):
        up, down = (at(k, NEAR) - here) / NEAR, (here - at(k, -NEAR)) / NEAR
        if not (np.abs(up) < STEEPEST).all() or not (np.abs(up - down) < 1e-2).all():
            return False
    return True
