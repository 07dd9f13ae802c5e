"""Both sides of a Jacobian, block by block: the rows from backward passes, the columns from differences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from autograd.backward import grad
from autograd.check.differences import STEP, extrapolated, refined, sides
from autograd.check.report import Mismatch, Report
from autograd.check.subject import Subject, flattened
from autograd.errors import ShapeError
from autograd.graph import Node, topological
from autograd.tensor import Tensor
from autograd.value import Value

Array = np.ndarray[Any, Any]
Named = Sequence[tuple[str, Node]]

ROUNDING = 1e-11  # of the output's size: what is left of it in differences with steps of 5e-4


class Settings(NamedTuple):
    """How a check is made; ``contracted``: only the product of the Jacobian with `weights` is compared."""

    eps: float = STEP
    atol: float = 1e-8
    rtol: float = 1e-6
    allow_zero: bool | Sequence[str] = False
    contracted: bool = False

    def step(self, x: float) -> float:
        return self.eps * max(1.0, abs(x))


@cache
def weights(shape: tuple[int, ...]) -> Array:
    """Fixed numbers, all different and none 0, so that no two errors cancel."""
    fixed = np.asarray(1.0 + 0.37 * np.sin(1.0 + 2.0 * np.arange(int(np.prod(shape))))).reshape(shape)
    fixed.flags.writeable = False
    return fixed


def check(subject: Subject, settings: Settings, together: bool = False) -> Report:
    """Compare the Jacobian of ``subject`` on both sides; an input is VACUOUS if an output does not depend on it or,
    if they are taken ``together``, if none does."""
    allowed = settings.allow_zero
    if not isinstance(allowed, bool) and (unknown := sorted(set(allowed) - set(subject.names))):
        raise ValueError(f"{subject.name}: allow_zero has {unknown}; the inputs are {subject.names}")
    outputs, leaves = subject.record()
    report = Report(subject.name, [name for name, _ in outputs], subject.names)
    if subject.upcast:
        report.notes.append(f"{', '.join(subject.upcast)}: narrower than float64, checked in float64")
    here = flattened(outputs)
    if not here.size:
        report.failures.append("VACUOUS: the function gave no floating-point number, so there is nothing to check")
    elif not np.isfinite(here).all():
        report.failures.append("an output is NaN or infinite here, where no difference can be taken; check elsewhere")
    if report.failures:
        return report
    comparison = _Comparison(subject, settings, outputs, report)
    try:  # before anything else is computed, since parameters are changed then
        found = comparison.rows(outputs, leaves)
    except Exception as error:  # whatever a wrong derivative makes of its operands
        report.failures.append(f"backward raised {type(error).__name__}: {error}")
        return report
    again = [subject.vector(subject.bases) for _ in range(2)]
    apart = max(np.abs(x - here).max() for x in again) if all(x.shape == here.shape for x in again) else np.inf
    if apart > 0:
        report.failures.append(
            f"NONDETERMINISTIC: called again with the same inputs, the function gave numbers that differ by {apart:.1e}"
            "; is there a generator of its own, a counter, a cache?"
        )
        return report
    if subject.draws:
        report.notes.append("the function draws random numbers; each call was given the same ones")
    for j in range(len(found)):
        comparison.input(j, found[j], together)
    return report


class _Comparison:
    """The rows of the Jacobian are the elements of the outputs or, if contracted, one for each output."""

    def __init__(self, subject: Subject, settings: Settings, outputs: Named, report: Report) -> None:
        self.subject, self.settings, self.report = subject, settings, report
        self.shapes = [np.shape(out.raw) for _, out in outputs]
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        self.cuts = np.cumsum(sizes)[:-1]
        counts = [1] * len(sizes) if settings.contracted else sizes
        self.blocks = [slice(sum(counts[:k]), sum(counts[: k + 1])) for k in range(len(counts))]
        self.noise = ROUNDING * np.abs(self.selected(flattened(outputs)))

    def selected(self, vector: Array) -> Array:
        """The numbers of the rows, from those of all outputs."""
        if not self.settings.contracted:
            return vector
        return np.array([weights(part.shape) @ part for part in np.split(vector, self.cuts)])

    # The graph's side ----------------------------------------------------------------------------------------------

    def rows(self, outputs: Named, leaves: list[Any]) -> list[Array]:
        """For each input its block column, by backward passes; the ways to run one are compared with one another."""
        count = self.blocks[-1].stop
        found = [np.zeros((count, base.size)) for base in self.subject.bases]
        for (name, out), rows, shape in zip(outputs, self.blocks, self.shapes, strict=True):
            if not out.requires_grad:
                continue
            dense = weights(shape)
            seeds = dense.reshape(1, -1) if self.settings.contracted else np.eye(dense.size)
            for row, seed in enumerate(seeds, rows.start):
                for j, slope in enumerate(self._slopes(name, out, leaves, seed.reshape(shape))):
                    found[j][row] = slope.ravel()
            share = np.ones(1) if self.settings.contracted else dense.ravel()
            ways = {"by grad() of many elements at once": self._slopes(name, out, leaves, dense)}
            if not any(node.op.rule.own for node in topological([out], False) if node.op):
                ways["with create_graph=True"] = self._slopes(name, out, leaves, dense, create_graph=True)
            if isinstance(out, Value):
                ways["by backward()"] = _by_backward(out, leaves, float(dense))
            for way, slopes in ways.items():
                for j, slope in enumerate(slopes):
                    self._same(f"d {name} / d {self.subject.names[j]} {way}", slope.ravel(), share @ found[j][rows])
        return found

    def _slopes(self, name: str, out: Node, leaves: list[Any], seed: Array, create_graph: bool = False) -> list[Array]:
        upstream = Value(float(seed)) if isinstance(out, Value) else Tensor(seed)
        given = grad(out, leaves, upstream, create_graph=create_graph, allow_unused=True)
        slopes = [
            np.zeros(b.shape) if s is None else np.asarray(s.raw) for s, b in zip(given, self._bases, strict=True)
        ]
        for slope, base, label in zip(slopes, self._bases, self.subject.names, strict=True):
            if slope.shape != base.shape:
                raise ShapeError(f"d {name} / d {label} has shape {slope.shape}, but {label} has {base.shape}")
        return slopes

    @property
    def _bases(self) -> list[Array]:
        return self.subject.bases

    def _same(self, what: str, slope: Array, expected: Array) -> None:
        scale = np.abs(expected).max(initial=1.0)
        if not np.allclose(slope, expected, rtol=1e-9, atol=1e-11 * scale, equal_nan=True):
            apart = np.abs(slope - expected).max()
            self.report.failures.append(f"{what} differs by {apart:.1e} from the sum of its elements' derivatives")

    # The side of differences ---------------------------------------------------------------------------------------

    def at(self, j: int, index: Any, x: float) -> Array:
        """The rows' numbers with one element of input ``j`` at ``x``."""
        return self.selected(self.subject.vector(self.subject.moved(j, index, x)))

    def input(self, j: int, found: Array, together: bool) -> None:
        """Compare the columns of one input; note the worst element of each block, and the blocks that are zero."""
        settings, report, base = self.settings, self.report, self._bases[j]
        expected, allowance = np.empty_like(found), np.empty_like(found)
        for column, (index, x) in enumerate(np.ndenumerate(base)):
            at, h = partial(self.at, j, index), settings.step(float(x))
            slope = extrapolated(at, float(x), h)[0]
            allowed = settings.atol + settings.rtol * np.abs(slope) + self.noise
            if not (np.abs(found[:, column] - slope) <= allowed).all():
                slope = refined(at, float(x), h)
                allowed = settings.atol + settings.rtol * np.abs(slope) + self.noise
            expected[:, column], allowance[:, column] = slope, allowed
        wrong = ~(np.abs(found - expected) <= allowance)
        report.checked += found.size
        moves = np.maximum(np.abs(found), np.abs(expected)) > settings.atol + self.noise[:, None]
        self._note_zeros(j, moves | wrong, together)
        for k, block in enumerate(self.blocks):
            if wrong[block].any():
                report.mismatches.append(self._worst(j, k, found[block], expected[block], wrong[block]))

    def _note_zeros(self, j: int, moves: Any, together: bool) -> None:
        name, allowed = self.subject.names[j], self.settings.allow_zero
        idle = int((~moves.any(axis=0)).sum())
        if 0 < idle < moves.shape[1]:
            self.report.notes.append(f"{idle} of the {moves.shape[1]} elements of {name} move no output here")
        if not moves.size or allowed is True or (not isinstance(allowed, bool) and name in allowed):
            return
        parts = (
            [("any output", moves)]
            if together
            else [(label, moves[block]) for label, block in zip(self.report.outputs, self.blocks, strict=True)]
        )
        self.report.vacuous += [(label, name) for label, part in parts if part.size and not part.any()]

    def _worst(self, j: int, k: int, found: Array, expected: Array, wrong: Array) -> Mismatch:
        with np.errstate(all="ignore"):
            relative = np.abs(found - expected) / np.maximum(np.abs(found), np.abs(expected))
        relative = np.where(wrong, np.where(np.isnan(relative), np.inf, relative), -1.0)
        row, column = (int(i) for i in np.unravel_index(np.argmax(relative), found.shape))
        index, at_output = _unraveled(column, self._bases[j].shape), _unraveled(row, self.shapes[k])
        return Mismatch(
            self.report.outputs[k],
            self.subject.names[j],
            None if self.settings.contracted else at_output,
            index,
            float(found[row, column]),
            float(expected[row, column]),
            int(wrong.sum()),
            int(wrong.size),
            self._jump(j, index, self.blocks[k].start + row),
        )

    def _jump(self, j: int, index: Any, row: int) -> tuple[float, float] | None:
        """The slopes left and right, if they do not approach each other as the step shrinks."""
        x = float(self._bases[j][index])
        steps = self.settings.step(x) / 8, self.settings.step(x) / 64
        far, near = ([float(s[row]) for s in sides(partial(self.at, j, index), x, h)] for h in steps)
        jumps = abs(near[1] - near[0]) > max(0.7 * abs(far[1] - far[0]), 1e-6)
        return (near[0], near[1]) if jumps else None


def _by_backward(out: Value, leaves: list[Any], seed: float) -> list[Array]:
    for leaf in leaves:
        leaf.grad = 0.0
    out.backward(seed)
    return [np.asarray(leaf.grad) for leaf in leaves]


def _unraveled(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()
