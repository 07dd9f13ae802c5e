"""Points in the plane, with classes: four kinds that are made here, and the user's own CSV."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from demos.playground.settings import Settings, SettingsError

POINTS = 300
ROWS, CLASSES, SIZE = 5000, 5, 500_000  # at most, in a CSV


@dataclass(frozen=True)
class Points:
    """``X`` (N, 2) in its own units, ``y`` (N,) the number of its class; the first ``held_out`` are not learned."""

    X: Any
    y: Any
    classes: list[str]
    held_out: int
    columns: tuple[str, str] = ("x", "y")

    def scaled(self, X: Any) -> Any:
        """What the network is given: each column with mean 0 and deviation 1 over the points."""
        spread = self.X.std(axis=0)
        return ((X - self.X.mean(axis=0)) / np.where(spread > 0, spread, 1)).astype(np.float32)

    def extent(self) -> list[float]:
        """Left, right, bottom and top of the picture."""
        low, high = self.X.min(axis=0), self.X.max(axis=0)
        edge = np.where(high > low, 0.12 * (high - low), 1.0)
        return [float(low[0] - edge[0]), float(high[0] + edge[0]), float(low[1] - edge[1]), float(high[1] + edge[1])]


def points(settings: Settings) -> Points:
    """The points of these settings, in an order of chance; a quarter is held out, if there are 20 or more."""
    rng = np.random.default_rng(settings.seed)
    if settings.data == "csv":
        X, y, classes, columns = read(settings.csv)
    else:
        t = np.linspace(0, 1, POINTS // 2)
        X, y = KINDS[settings.data](t, rng)
        X = X + rng.normal(0, settings.noise, X.shape)
        classes, columns = ["A", "B"], ("x", "y")
    order = rng.permutation(len(X))
    return Points(X[order], y[order], classes, len(X) // 4 if len(X) >= 20 else 0, columns)


def _two(first: Any, second: Any) -> tuple[Any, Any]:
    X = np.concatenate([np.stack(first, axis=1), np.stack(second, axis=1)])
    return X, np.repeat([0, 1], len(first[0]))


def _moons(t: Any, _: Any) -> tuple[Any, Any]:
    return _two((np.cos(math.pi * t), np.sin(math.pi * t)), (1 - np.cos(math.pi * t), 0.5 - np.sin(math.pi * t)))


def _circles(t: Any, _: Any) -> tuple[Any, Any]:
    x, y = np.cos(2 * math.pi * t), np.sin(2 * math.pi * t)
    return _two((x, y), (x / 2, y / 2))


def _spirals(t: Any, _: Any) -> tuple[Any, Any]:
    radius, angle = 0.1 + 1.2 * t, 3.5 * math.pi * t
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return _two((x, y), (-x, -y))


def _xor(t: Any, rng: Any) -> tuple[Any, Any]:
    X = rng.uniform(0.05, 1, (2 * len(t), 2)) * rng.choice([-1, 1], (2 * len(t), 2))
    return X, (X[:, 0] * X[:, 1] < 0).astype(np.int64)


KINDS = {"moons": _moons, "circles": _circles, "spirals": _spirals, "xor": _xor}


def read(text: str) -> tuple[Any, Any, list[str], tuple[str, str]]:
    """Two columns of numbers and one of labels, after a line of names or none; commas, semicolons or tabs."""

    def wrong(message: str) -> SettingsError:
        return SettingsError("csv", f"CSV: {message}")

    if len(text) > SIZE:
        raise wrong(f"it has {len(text):,} characters; at most {SIZE:,} can be taken.")
    text = text.lstrip("\ufeff")
    separator = max(",;\t", key=text.strip().partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise wrong(f"it cannot be read: {error}.") from None
    if not lines:
        raise wrong("it is empty.")
    names = ("column 1", "column 2")
    if len(lines[0][1]) == 3 and not any(map(_is_number, lines[0][1][:2])):
        names = (lines[0][1][0].strip(), lines[0][1][1].strip())
        lines = lines[1:]
    numbers, labels = [], []
    for k, row in lines:
        if len(row) != 3:
            raise wrong(f"line {k} has {len(row)} column{'s' * (len(row) != 1)}; it must have 3: x, y, label.")
        for cell in row[:2]:
            if not _is_number(cell) or abs(float(cell)) > 1e30:
                raise wrong(f"line {k}: {cell.strip()!r:.40} is no number; the first two columns must be numbers.")
        if not row[2].strip():
            raise wrong(f"line {k} has no label in its third column.")
        numbers.append([float(cell) for cell in row[:2]])
        labels.append(row[2].strip())
    classes = sorted(set(labels))
    if len(labels) > ROWS:
        raise wrong(f"it has {len(labels):,} points; at most {ROWS:,} can be taken.")
    if not 2 <= len(classes) <= CLASSES:
        hint = "; is the third column a number to predict?" if len(classes) > CLASSES else ""
        count = f"{len(classes)} different labels" if len(classes) != 1 else f"only the label {classes[0]!r:.40}"
        raise wrong(f"it has {count}; there must be 2 to {CLASSES}{hint or '.'}")
    return np.array(numbers), np.array([classes.index(label) for label in labels]), classes, names


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
