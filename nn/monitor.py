"""Watching a training run: what to look at in every step, kept, shown in one line, and written as a report."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from autograd.arrays import quietly
from autograd.files import write_whole
from nn import report
from nn.activation import ReLU
from nn.module import Module

__all__ = ["Monitor"]

BARS = "▁▂▃▄▅▆▇█"


class Monitor:
    """Keeps loss, accuracy, and for each parameter its gradient's norm and its update relative to its size; for each
    ReLU the units that are dead.

    >>> import nn, optim
    >>> from autograd import Tensor, manual_seed
    >>> _ = manual_seed(0)
    >>> model = nn.MLP(2, [8, 3])
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> monitor = nn.Monitor(model, optimizer, classes=3, live=False)
    >>> for _ in range(5):
    ...     loss = nn.functional.cross_entropy(model(Tensor([[1.0, 2.0], [0.5, -1.0]])), Tensor([0, 2]))
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    ...     monitor.record(loss)  # after step() and before the next zero_grad()
    >>> monitor.steps, len(monitor.losses), list(monitor.gradient_norms)
    (5, 5, ['0.weight', '0.bias', '2.weight', '2.bias'])

    ``classes``: how many there are; the loss is shown beside log(classes), the cross-entropy of who guesses.
    ``every``: the norms and updates are taken at steps 1, 1 + every, ...; loss and accuracy at every step.
    ``window``: a unit is dead when its output was 0 for all elements of so many batches in a row.
    ``activations``: the classes of modules watched for that. Units lie along the last dimension, of outputs with four
    or more dimensions along dimension 1. Only modules are seen, not ``F.relu`` within a forward; and only training
    mode counts. An update is what changed since the `record` before: call it once after each ``optimizer.step()``.

    With ``live``, a terminal shows one line that renews itself; other streams get a line every ``lines`` steps.
    What it costs, on networks of 350 to 535,000 parameters: 2 to 5% of a step's time, and with ``every=1`` 13 to 22%.
    `save` writes a picture or a report; `close` (or leaving ``with monitor:``) takes the hooks out of the model.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Any = None,
        classes: int | None = None,
        *,
        every: int = 10,
        window: int = 50,
        lines: int = 100,
        live: bool = True,
        stream: Any = None,
        activations: type[Module] | Sequence[type[Module]] = (ReLU,),
    ) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"Monitor: the model is a {type(model).__name__}, not a Module")
        for name, number in {"every": every, "window": window, "lines": lines}.items():
            if number < 1:
                raise ValueError(f"Monitor: {name} is {number}; it must be at least 1")
        if classes is not None and classes < 2:
            raise ValueError(f"Monitor: classes is {classes}; a choice needs at least 2")
        self.model, self.optimizer, self.classes = model, optimizer, classes
        self.every, self.window, self.lines, self.live, self.stream = every, window, lines, live, stream
        self.chance = math.log(classes) if classes else None
        self.losses: list[float] = []
        self.accuracies: list[float] = []  # NaN where none was given
        self.rates: list[float] = []  # the learning rate of the optimizer's first group
        self.measured: list[int] = []  # the steps of which the following were taken
        self.gradient_norms: dict[str, list[float]] = {}
        self.update_ratios: dict[str, list[float]] = {}
        self.dead: dict[str, list[int]] = {}
        self._before: dict[str, Any] = {}
        self._units: dict[str, _Units] = {}
        self._shown, self._width = 0.0, 0
        self._handles = []
        for path, module in model.named_modules():
            if isinstance(module, activations if isinstance(activations, type) else tuple(activations)):
                self._handles.append(module.register_forward_hook(self._watch(path or type(module).__name__)))
        self._keep()

    # Recording -------------------------------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        """How many were recorded."""
        return len(self.losses)

    def record(self, loss: Any, accuracy: Any = None) -> None:
        """Keep one step, after ``optimizer.step()`` and before the gradients are forgotten.

        ``loss`` is a number or a Tensor with one; ``accuracy``, as well, the share that was right, from 0 to 1.
        """
        number = _number("loss", loss)
        share = math.nan if accuracy is None else _number("accuracy", accuracy)
        if not (0 <= share <= 1 or math.isnan(share)):
            raise ValueError(f"Monitor.record: accuracy is {share}; it is a share, from 0 to 1")
        self.losses.append(number)
        self.accuracies.append(share)
        if self.optimizer is not None:
            self.rates.append(float(self.optimizer.param_groups[0]["lr"]))
        if (self.steps - 1) % self.every == 0:
            quietly.run(self._measure)
        if self.steps % self.every == 0:
            self._keep()
        if self.live:
            self._show()

    def _keep(self) -> None:
        for name, p in self.model.named_parameters():
            if self._before.get(name) is None or self._before[name].shape != p.raw.shape:
                self._before[name] = p.raw.copy()
            else:
                np.copyto(self._before[name], p.raw, casting="same_kind")

    def _measure(self) -> None:
        self.measured.append(self.steps)
        for name, p in self.model.named_parameters():
            norm = math.nan if p.grad is None else _norm(p.grad.raw)
            before = self._before.get(name)
            ratio = math.nan
            if before is not None and before.shape == p.raw.shape and p.grad is not None and (size := _norm(before)):
                ratio = _norm(p.raw - before) / size
            self._add(self.gradient_norms, name, norm)
            self._add(self.update_ratios, name, ratio)
        for name, units in self._units.items():
            self._add(self.dead, name, units.dead(self.window), 0)

    def _add(self, kept: dict[str, list[Any]], name: str, number: Any, absent: Any = math.nan) -> None:
        series = kept.setdefault(name, [])
        series += [absent] * (len(self.measured) - 1 - len(series))  # a layer may come late
        series.append(number)

    def _watch(self, path: str) -> Any:
        def hook(module: Module, _: Any, output: Any) -> None:
            raw = getattr(output, "raw", None)
            if not module.training or raw is None or raw.ndim == 0:
                return
            dim = 1 if raw.ndim >= 4 else raw.ndim - 1
            width = raw.shape[dim]
            name = path
            if path in self._units and len(self._units[path].last) != width:
                name = f"{path} ({width} wide)"  # one module used for layers of several sizes
            units = self._units.get(name)
            if units is None:
                units = self._units[name] = _Units(width)
            units.count += 1
            axes = 0 if raw.ndim == 2 else tuple(d for d in range(raw.ndim) if d != dim)
            np.copyto(units.last, units.count, where=raw.any(axis=axes))

        return hook

    # Showing ---------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        """One line: the last step, its loss with the course of all losses, and the largest of what was measured."""
        if not self.losses:
            return "nothing recorded yet"
        parts = [f"step {self.steps}", f"loss {self.losses[-1]:.4g} {sparkline(self.losses)}"]
        if self.chance is not None:
            parts.append(f"chance {self.chance:.4g}")
        if not math.isnan(self.accuracies[-1]):
            parts.append(f"accuracy {self.accuracies[-1]:.1%}")
        if self.measured:
            norms = [series[-1] for series in self.gradient_norms.values() if not math.isnan(series[-1])]
            ratios = [series[-1] for series in self.update_ratios.values() if not math.isnan(series[-1])]
            parts += [f"grad {math.hypot(*norms):.2g}"] if norms else []
            parts += [f"update/weight {min(ratios):.0e}..{max(ratios):.0e}"] if ratios else []
        if self._units:
            total = sum(len(units.last) for units in self._units.values())
            parts.append(f"dead {sum(units.dead(self.window) for units in self._units.values())}/{total}")
        return "  ".join(parts)

    def _show(self) -> None:
        stream = sys.stdout if self.stream is None else self.stream
        if not getattr(stream, "isatty", lambda: False)():
            if self.steps == 1 or self.steps % self.lines == 0:
                print(self, file=stream)
        elif (now := time.monotonic()) - self._shown > 0.1:
            self._shown = now
            self._renew(stream)

    def _renew(self, stream: Any) -> None:
        line = str(self)[: shutil.get_terminal_size().columns - 1]
        stream.write("\r" + line.ljust(self._width))
        stream.flush()
        self._width = len(line)

    def findings(self) -> list[str]:
        """What a practitioner would look into, in sentences; none is a good sign, no proof."""
        return report.findings(self)

    def save(self, path: Any) -> Path:
        """Write ``.html`` (a report in one file, without network), ``.svg``, or by matplotlib ``.png`` or ``.pdf``."""
        path = Path(path)
        if not self.losses:
            raise ValueError("Monitor.save: nothing recorded yet; call record() after each optimizer.step()")
        suffix = path.suffix.lower()
        if suffix == ".html":
            content = report.page(self).encode()
        elif suffix == ".svg":
            content = report.svg(self).encode()
        elif suffix in (".png", ".pdf"):
            content = report.picture(self, suffix[1:])
        else:
            raise ValueError(f"Monitor.save: {path.name!r} must end in .html, .svg, .png or .pdf")
        write_whole(path, content)
        return path

    def close(self) -> None:
        """Take the hooks out of the model, and end the live line."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        if self._width:
            stream = sys.stdout if self.stream is None else self.stream
            self._renew(stream)
            stream.write("\n")
            self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Units:
    """Of each unit, the last batch in which any element of its output was not 0."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self.last = np.zeros(width, dtype=np.int64)

    def dead(self, window: int) -> int:
        """How many were 0 throughout the last ``window`` batches."""
        return int((self.count - self.last >= window).sum())


def sparkline(numbers: Sequence[float], width: int = 20) -> str:
    """``numbers`` as a row of bars: at most ``width`` means of equal stretches, on a log scale if all are positive;
    × stands where one is not finite.

    >>> sparkline([8.0, 4.0, 2.0, 1.0])
    '█▆▃▁'
    """
    stretches = np.array_split(np.asarray(numbers, dtype=float), min(width, len(numbers)))
    means = np.array([quietly.run(np.mean, stretch) for stretch in stretches])
    finite = np.isfinite(means)
    if finite.any() and (means[finite] > 0).all():
        means = np.log(means, where=finite, out=means)
    low, high = (means[finite].min(), means[finite].max()) if finite.any() else (0.0, 0.0)
    levels = (means - low) / ((high - low) or 1.0) * (len(BARS) - 1)
    return "".join(BARS[round(level)] if ok else "×" for level, ok in zip(levels.tolist(), finite, strict=True))


def _number(what: str, given: Any) -> float:
    try:
        return float(given.item() if hasattr(given, "item") else given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"Monitor.record: {what} must be one number: {error}") from None


def _norm(array: np.ndarray[Any, Any]) -> float:
    flat = array.reshape(-1)
    return math.sqrt(float(np.dot(flat, flat)))
