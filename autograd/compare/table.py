"""What `compare` found, number by number, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.origins import Origin

Array = np.ndarray[Any, Any]

RTOL = {"float16": 1e-2, "float32": 1e-5, "float64": 1e-9}


def close(ours: Array, theirs: Array, rtol: float, scale: float = 0.0) -> bool:
    """Equal to ``rtol`` of the largest element, or of ``scale``; NaN and infinities exactly."""
    if ours.shape != theirs.shape:
        return False
    finite = np.abs(theirs[np.isfinite(theirs)]) if theirs.dtype.kind == "f" else np.abs(theirs.astype(np.float64))
    return bool(np.allclose(ours, theirs, rtol=0, atol=rtol * finite.max(initial=scale), equal_nan=True))


@dataclass
class Row:
    """One number or array, ours and PyTorch's."""

    name: str
    ours: Array
    theirs: Array
    rtol: float
    scale: float = 0.0  # the largest number that there was under this name before

    @property
    def agrees(self) -> bool:
        return not self.trouble

    @property
    def trouble(self) -> str:
        """What is different, in words."""
        if self.ours.shape != self.theirs.shape:
            return f"shape {self.ours.shape} here, {self.theirs.shape} in PyTorch"
        if self.ours.dtype != self.theirs.dtype:
            return f"{self.ours.dtype} here, {self.theirs.dtype} in PyTorch"
        if close(self.ours, self.theirs, self.rtol, self.scale):
            return ""
        at = self.worst_index
        where = f"at [{', '.join(map(str, at))}]: " if at else ""
        return f"{where}{self.ours[at]:.9g} here, {self.theirs[at]:.9g} in PyTorch"

    @property
    def worst_index(self) -> tuple[int, ...]:
        """Where the absolute error is largest."""
        error = np.where(np.isnan(self._errors), np.inf, self._errors)
        return tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape)) if error.ndim else ()

    @property
    def _errors(self) -> Array:
        with np.errstate(all="ignore"):
            error = np.abs(self.ours.astype(np.float64) - self.theirs.astype(np.float64))
        same = (self.ours == self.theirs) | (np.isnan(self.ours) & np.isnan(self.theirs))
        return np.where(same, 0.0, error)

    @property
    def absolute(self) -> float:
        """The largest absolute error."""
        return float(np.max(self._errors, initial=0.0)) if self.ours.shape == self.theirs.shape else np.inf

    @property
    def relative(self) -> float:
        """The largest relative error."""
        return self._largest(np.maximum(np.abs(self.ours), np.abs(self.theirs)))

    @property
    def ulps(self) -> float:
        """The largest error in units of the last place: distances between neighbouring numbers of the dtype."""
        if self.ours.dtype.kind != "f":
            return self.absolute
        return self._largest(np.spacing(np.maximum(np.abs(self.ours), np.abs(self.theirs)).astype(self.ours.dtype)))

    def _largest(self, units: Any) -> float:
        if self.ours.shape != self.theirs.shape:
            return np.inf
        with np.errstate(all="ignore"):
            return float(np.max(np.where(self._errors == 0, 0.0, self._errors / units.astype(np.float64)), initial=0.0))

    def __str__(self) -> str:
        ulps = f"{self.ulps:.3g}" if self.ulps < 1e6 else f"{self.ulps:.0e}"
        numbers = f"{self.absolute:9.1e} {self.relative:9.1e} {ulps:>9}"
        return f"{self.name:28} {self.ours.shape!s:12} {numbers}{'  DIFFERS ' + self.trouble if self.trouble else ''}"


@dataclass
class Divergence:
    """The first node that is not PyTorch's though all it was computed from is."""

    of: str  # "value" or "gradient"
    operation: str
    origin: Origin | None
    shape: tuple[int, ...]
    detail: str

    def __str__(self) -> str:
        place = f" at {self.origin}:\n    {self.origin.code}" if self.origin else ""
        what = f"the {self.of} of" if self.of == "value" else "the backward of"
        return f"First divergence: {what} {self.operation}, shape {self.shape},{place}\n  {self.detail}"


@dataclass
class Comparison:
    """What `compare` found: true if every number agrees; printed, it is a table and the first divergence."""

    name: str
    rows: list[Row] = field(default_factory=list)
    divergence: Divergence | None = None
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    steps: int | None = None  # of a training run, how many were compared

    def __bool__(self) -> bool:
        return not self.troubles and all(row.agrees for row in self.rows)

    @property
    def differing(self) -> list[Row]:
        return [row for row in self.rows if not row.agrees]

    def __str__(self) -> str:
        verdict = "agrees with PyTorch" if self else "DIFFERS from PyTorch"
        after = "" if self.steps is None else f" over {self.steps} steps" if self else f" at step {self.steps}"
        lines = [f"{self.name}: {verdict}{after}"]
        lines.append(f"{'':28} {'shape':12} {'abs err':>9} {'rel err':>9} {'ULPs':>9}")
        lines += map(str, self.rows)
        lines += self.troubles
        lines += [str(self.divergence)] if self.divergence else []
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    __repr__ = __str__
