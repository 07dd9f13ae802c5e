"""What the checks found, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from autograd.origins import Origin

Index = tuple[int, ...]

SHOWN = 6  # names that are listed


class Mismatch(NamedTuple):
    """The worst element of one block of the Jacobian: d output / d input."""

    output: str
    input: str
    output_index: Index | None  # None where the output was contracted with an upstream gradient
    input_index: Index
    found: float
    expected: float
    disagreeing: int  # how many elements of the block disagree
    size: int
    sides: tuple[float, float] | None = None  # the slopes left and right, where they differ

    @property
    def error(self) -> float:
        return abs(self.found - self.expected)

    @property
    def relative(self) -> float:
        """The error as a share of the larger of the two numbers."""
        return self.error / (max(abs(self.found), abs(self.expected)) or 1.0)

    def __str__(self) -> str:
        output = self.output + _at(self.output_index or ())
        lines = [
            f"d {output} / d {self.input}{_at(self.input_index)}: the graph says {self.found:.10g}, differences say "
            f"{self.expected:.10g}, relative error {self.relative:.1e} "
            f"({self.disagreeing} of {self.size} elements disagree)"
        ]
        if self.sides is not None:
            left, right = self.sides
            lines.append(
                f"  the slope is {left:.6g} to the left and {right:.6g} to the right: a kink or a step, where no "
                "derivative exists; check at another point"
            )
        return "\n".join(lines)


class Culprit(NamedTuple):
    """An operation whose own derivative is wrong at the operands it had."""

    operation: str
    operand: str
    position: int
    shapes: tuple[Index, ...]
    text: str  # the derivative as it stands in the table
    mismatch: Mismatch | None
    error: str  # what its derivative raised, if it did
    origin: Origin | None

    def __str__(self) -> str:
        given = " and ".join(map(str, self.shapes))
        lines = [f"{self.operation} of shape{'s' if len(self.shapes) > 1 else ''} {given}{_line(self.origin)}"]
        lines.append(f"  its derivative for the operand {self.operand}, in the table: {self.text}")
        if self.mismatch is not None:
            m = self.mismatch
            lines.append(
                f"  at {self.operand}{_at(m.input_index)} it gives {m.found:.10g}, differences of its value "
                f"{m.expected:.10g}, relative error {m.relative:.1e}"
            )
        return "\n".join([*lines, *([f"  {self.error}"] if self.error else [])])


class Leak(NamedTuple):
    """An operand that follows the inputs but is a constant to the graph."""

    operation: str
    operand: str
    input: str
    origin: Origin | None

    def __str__(self) -> str:
        return (
            f"{self.operation}{_line(self.origin)}\n  its operand {self.operand} is a constant to the graph, but it "
            f"changed when {self.input} did: it was computed from it outside the graph\n  (.data, .detach(), .item(), "
            "NumPy, Tensor(...) of a result, no_grad)"
        )


@dataclass
class Report:
    """What `gradcheck` found. True if everything was checked and agrees; printed, it says what, where and why."""

    name: str
    outputs: Sequence[str]
    inputs: Sequence[str]
    mismatches: list[Mismatch] = field(default_factory=list)
    vacuous: list[tuple[str, str]] = field(default_factory=list)  # (output, input) with only zeros on both sides
    failures: list[str] = field(default_factory=list)  # whatever else makes the report false
    notes: list[str] = field(default_factory=list)
    culprits: list[Culprit] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    checked: int = 0  # derivatives that were compared

    def __bool__(self) -> bool:
        return not (self.mismatches or self.vacuous or self.failures)

    @property
    def worst(self) -> Mismatch | None:
        """The element with the largest relative error."""
        return max(self.mismatches, key=lambda m: m.relative, default=None)

    def __str__(self) -> str:
        wrong = self.mismatches or any(not failure.startswith("VACUOUS") for failure in self.failures)
        verdict = "WRONG" if wrong else "right" if self else "VACUOUS"
        what = f"d {_listed(self.outputs)} / d {_listed(self.inputs)}"
        lines = [f"{self.name}: {verdict}: {self.checked} derivatives {what}"]
        lines += self.failures
        lines += map(str, sorted(self.mismatches, key=lambda m: -m.relative))
        if self.culprits:
            lines += [
                "The operation that is wrong:",
                *(f"  {culprit}".replace("\n", "\n  ") for culprit in self.culprits),
            ]
        if self.leaks:
            lines += ["Where the graph is left:", *(f"  {leak}".replace("\n", "\n  ") for leak in self.leaks)]
        if self.mismatches and not (self.culprits or self.leaks) and not any(m.sides for m in self.mismatches):
            lines.append("Every recorded operation is right at its own operands; the mistake lies outside the graph.")
        for output in dict.fromkeys(output for output, _ in self.vacuous):
            inputs = [input for by, input in self.vacuous if by == output]
            lines.append(
                f"VACUOUS: d {output} / d {_listed(inputs)} is zero everywhere, in the graph and by differences: "
                "a wrong derivative behind it would not show.\n  Check at other inputs (are there zero weights, dead "
                f"units?), or say allow_zero={inputs if len(inputs) <= SHOWN else True!r} if it is meant to be zero"
            )
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    __repr__ = __str__


def _at(index: Index) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


def _line(origin: Origin | None) -> str:
    return "" if origin is None else f", {origin}:\n    {origin.code}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= SHOWN else f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"
