"""The report of a `nn.Monitor`: its panels as SVG, as a page, and by matplotlib as a picture."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from autograd.arrays import quietly

Monitor = Any  # that of monitor.py, which calls this file
POINTS = 400  # drawn of a series at most: means of equal stretches
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400, 220, 52, 10, 32, 34
COLOURS = ("#2f6fbd", "#c8553d", "#3a8f5c", "#8a5cc2", "#b8860b", "#1f8a99", "#c2478f", "#6b7785")
DASHES = ("", "6 3", "2 3")


@dataclass
class Panel:
    """One diagram: named series over the steps, and levels to compare them with."""

    title: str
    series: dict[str, tuple[list[float], list[float]]]
    log: bool = False
    levels: dict[str, float] = field(default_factory=dict)
    share: bool = False  # from 0 to 1


def panels(monitor: Monitor) -> list[Panel]:
    """What there is to draw."""
    steps = list(range(1, monitor.steps + 1))
    positive = all(loss > 0 for loss in monitor.losses if math.isfinite(loss))
    chance = {} if monitor.chance is None else {f"chance: log {monitor.classes} = {monitor.chance:.3g}": monitor.chance}
    found = [Panel("Loss", {"loss": shortened(steps, monitor.losses)}, positive, chance)]
    if not all(map(math.isnan, monitor.accuracies)):
        guess = {} if monitor.classes is None else {f"chance: 1 / {monitor.classes}": 1 / monitor.classes}
        series = {"accuracy": shortened(steps, monitor.accuracies)}
        found.append(Panel("Accuracy", series, levels=guess, share=True))
    for title, kept, levels in (
        ("Norm of each gradient", monitor.gradient_norms, {}),
        ("Update / weight of each parameter", monitor.update_ratios, {"about right: 1e-3": 1e-3}),
    ):
        series = {name: shortened(monitor.measured, numbers) for name, numbers in kept.items()}
        found.append(Panel(title, series, True, levels))
    if monitor.dead:
        shares = {}
        for name, numbers in monitor.dead.items():
            width = len(monitor._units[name].last)
            shares[f"{name}: {numbers[-1]} of {width}"] = shortened(monitor.measured, [n / width for n in numbers])
        found.append(Panel(f"Dead units (0 throughout {monitor.window} batches)", shares, share=True))
    if len(set(monitor.rates)) > 1:
        found.append(Panel("Learning rate", {"lr": shortened(steps, monitor.rates)}))
    return found


def shortened(steps: list[Any], numbers: list[Any]) -> tuple[list[float], list[float]]:
    """At most POINTS of them: the means of equal stretches."""
    pieces = min(POINTS, len(numbers))

    def means(values: list[Any]) -> list[float]:
        parts = np.array_split(np.asarray(values, dtype=float), pieces)
        return [float(quietly.run(np.mean, part)) for part in parts]

    return means(steps), means(numbers)


def findings(monitor: Monitor) -> list[str]:
    """What a practitioner would look into."""
    found = []
    bad = [k for k, loss in enumerate(monitor.losses, 1) if not math.isfinite(loss)]
    if bad:
        found.append(
            f"The loss is {monitor.losses[bad[0] - 1]} at step {bad[0]}: lower the learning rate, or look for the "
            "operation with autograd.detect_anomaly()."
        )
    late = [loss for loss in monitor.losses[-max(1, monitor.steps // 10) :] if math.isfinite(loss)]
    if monitor.chance is not None and monitor.steps >= 100 and late and np.mean(late) >= 0.98 * monitor.chance:
        found.append(f"After {monitor.steps} steps the loss is no better than chance, {monitor.chance:.3g}.")
    for name, series in monitor.gradient_norms.items():
        if all(math.isnan(number) for number in series):
            found.append(f"{name} never had a gradient: the loss does not depend on it, or record() came too late.")
        elif not any(series):
            found.append(f"The gradient of {name} was always 0.")
    for name, series in monitor.update_ratios.items():
        recent = [ratio for ratio in series[-10:] if math.isfinite(ratio)]
        typical = float(np.median(recent)) if recent else math.nan
        if typical > 0.1:
            found.append(f"{name} changes by {typical:.0%} of its size in a step: the learning rate is high for it.")
    for name, dead in monitor.dead.items():
        width = len(monitor._units[name].last)
        if 2 * dead[-1] >= width:
            found.append(f"{dead[-1]} of {width} units of {name} are dead: they were 0 for {monitor.window} batches.")
    return found


# SVG -------------------------------------------------------------------------------------------------------------


def svg(monitor: Monitor) -> str:
    """All panels beneath one another, as one SVG."""
    drawn = panels(monitor)
    places = [_height(panel) for panel in drawn]
    bodies = [f'<g transform="translate(0 {sum(places[:k])})">{_drawn(p)}</g>' for k, p in enumerate(drawn)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {sum(places)}" width="{WIDTH}" '
        f'height="{sum(places)}"><style>{STYLE}\nsvg {{ background: var(--ground); }}</style>{"".join(bodies)}</svg>\n'
    )


def _height(panel: Panel) -> int:
    return HEIGHT + 16 * len(_rows(panel)) - 6


def _rows(panel: Panel) -> list[list[tuple[int, str]]]:
    """The names of the series, numbered, in the lines of the legend."""
    rows: list[list[tuple[int, str]]] = []
    room = 0.0
    for k, name in enumerate([*panel.series, *panel.levels]):
        width = 34 + 6.2 * len(name)
        if not rows or room < width:
            rows.append([])
            room = WIDTH - LEFT - RIGHT
        rows[-1].append((k, name))
        room -= width
    return rows


def _ticks(low: float, high: float, log: bool) -> list[tuple[float, str]]:
    """Places (as logarithms, if ``log``) and their labels."""
    if log and high - low >= 1:
        stride = max(1, math.ceil((high - low) / 5))
        return [
            (k, f"1e{k}" if abs(k) > 2 else f"{10.0**k:g}") for k in range(math.ceil(low), math.floor(high) + 1, stride)
        ]
    stride = 10 ** math.floor(math.log10((high - low) / 3))
    stride *= max((m for m in (1, 2, 5) if (high - low) / (stride * m) >= 3), default=1)
    places = [k * stride for k in range(math.ceil(low / stride), math.floor(high / stride) + 1)]
    return [(y, f"{10**y:.3g}" if log else f"{y:.6g}") for y in places]


def _drawn(panel: Panel) -> str:
    def scaled(y: float) -> float:
        return (math.log10(y) if y > 0 else math.nan) if panel.log else y

    xs = [x for steps, _ in panel.series.values() for x in steps]
    ys = [scaled(y) for _, numbers in panel.series.values() for y in numbers if math.isfinite(y)]
    ys = [y for y in [*ys, *map(scaled, panel.levels.values())] if math.isfinite(y)] or [0.0]
    low, high = (0.0, 1.0) if panel.share else (min(ys), max(ys))
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    first, last = min(xs, default=0), max(xs, default=1)
    last += first == last

    def across(x: float) -> float:
        return LEFT + (x - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM)

    end = WIDTH - RIGHT
    parts = [f'<text class="title" x="{LEFT}" y="18">{escape(panel.title)}</text>']
    for y, label in _ticks(low, high, panel.log):
        parts.append(f'<path class="grid" d="M{LEFT} {down(y):.1f}H{end}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 7}" y="{down(y) + 4:.1f}" text-anchor="end">{label}</text>')
    for x, label in _ticks(first, last, False):
        parts.append(f'<text class="tick" x="{across(x):.1f}" y="{HEIGHT - 14}" text-anchor="middle">{label}</text>')
    for level in panel.levels.values():
        parts.append(f'<path class="level" d="M{LEFT} {down(scaled(level)):.1f}H{end}"/>')
    for k, (name, (steps, numbers)) in enumerate(panel.series.items()):
        line, pen = [], "M"
        for x, y in zip(steps, map(scaled, numbers), strict=True):
            if math.isfinite(y):
                line.append(f"{pen}{across(x):.1f} {down(y):.1f}")
            pen = "L" if math.isfinite(y) else "M"
        if len(line) == 1:
            line.append("h2")
        parts.append(f'<path {_pen(k)} d="{"".join(line)}"><title>{escape(name)}</title></path>')
    for i, row in enumerate(_rows(panel)):
        x, y = float(LEFT), HEIGHT + 2 + 16 * i
        for k, name in row:
            pen = _pen(k) if k < len(panel.series) else 'class="level"'
            parts.append(f'<path {pen} d="M{x:.0f} {y - 4}h18"/><text class="tick" x="{x + 23:.0f}" y="{y}">')
            parts.append(f"{escape(name)}</text>")
            x += 34 + 6.2 * len(name)
    return "".join(parts)


def _pen(k: int) -> str:
    dash = DASHES[k // len(COLOURS) % len(DASHES)]
    return f'class="line" stroke="{COLOURS[k % len(COLOURS)]}"' + (f' stroke-dasharray="{dash}"' if dash else "")


STYLE = """
:root { color-scheme: light dark; --page: #f4f5f7; --ground: #fcfcfd; --ink: #1d2733; --muted: #5b6672; --rule: #d5dae0; --good: #19713c; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #11161c; --ground: #171d25; --ink: #e4e9ef; --muted: #9aa6b3; --rule: #2e3844; --good: #7ed09a; --bad: #ff8a80; } .line { filter: brightness(1.35); } }
svg { font: 12px system-ui, Helvetica, Arial, sans-serif; fill: var(--ink); } .title { font-size: 14px; font-weight: 600; } .tick { font-size: 11px; fill: var(--muted); }
.grid { stroke: var(--rule); fill: none; } .level { stroke: var(--muted); stroke-dasharray: 3 3; fill: none; } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
"""  # noqa: E501

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A training run of {steps} steps</title>
<style>{style}
body {{ margin: 0 auto; padding: 16px; max-width: 1260px; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, Helvetica, Arial, sans-serif; }}
h1 {{ font-size: 20px; margin: 0 0 4px; }} h2 {{ font-size: 16px; margin: 18px 0 6px; }} p {{ margin: 2px 0; overflow-wrap: anywhere; }} .quiet {{ color: var(--muted); }} ul {{ margin: 4px 0; padding-left: 20px; color: var(--bad); }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 370px), 1fr)); gap: 12px; margin-top: 14px; }}
figure, .wide {{ margin: 0; background: var(--ground); border: 1px solid var(--rule); border-radius: 10px; padding: 6px; overflow: auto; }}
figure svg {{ display: block; width: 100%; height: auto; }}
table {{ border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; width: 100%; }} th, td {{ text-align: right; padding: 4px 10px; white-space: nowrap; border-bottom: 1px solid var(--rule); }} th:first-child, td:first-child {{ text-align: left; }}
</style></head><body>
<h1>A training run of {steps} steps</h1><p class="quiet">{line}</p>{findings}
<main>{figures}</main>
<h2>At step {measured}</h2><div class="wide"><table><thead><tr><th>parameter<th>shape<th>norm of the gradient<th>update / weight</tr></thead><tbody>{rows}</tbody></table></div>
</body></html>
"""  # noqa: E501


def page(monitor: Monitor) -> str:
    """The report in one file, without network, in light and dark."""
    figures = [
        f'<figure><svg viewBox="0 0 {WIDTH} {_height(p)}" role="img" aria-label="{escape(p.title)}">{_drawn(p)}</svg>'
        "</figure>"
        for p in panels(monitor)
    ]
    shapes = {name: tuple(p.shape) for name, p in monitor.model.named_parameters()}
    rows = [
        f"<tr><td>{escape(name)}<td>{shapes.get(name, '')}<td>{norms[-1]:.3g}<td>{monitor.update_ratios[name][-1]:.1e}"
        for name, norms in monitor.gradient_norms.items()
    ]
    found = "".join(f"<li>{escape(sentence)}</li>" for sentence in findings(monitor))
    return PAGE.format(
        style=STYLE,
        steps=monitor.steps,
        line=escape(str(monitor)),
        findings=f"<ul>{found}</ul>" if found else "",
        figures="".join(figures),
        measured=monitor.measured[-1],
        rows="".join(rows),
    )


# By matplotlib ---------------------------------------------------------------------------------------------------


def picture(monitor: Monitor, form: str) -> bytes:
    """All panels in two columns."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f'Monitor.save: .{form} needs matplotlib: pip install "chainrule[demos]"; .svg and .html need nothing'
        ) from None
    drawn = panels(monitor)
    rows = (len(drawn) + 1) // 2
    figure = Figure(figsize=(11, 3.3 * rows), layout="constrained")
    grid: Any = figure.subplots(rows, 2, squeeze=False).ravel()
    for axes in grid[len(drawn) :]:
        axes.set_axis_off()
    for axes, panel in zip(grid, drawn, strict=False):
        for k, (name, (steps, numbers)) in enumerate(panel.series.items()):
            style = ("-", "--", ":")[k // len(COLOURS) % 3]
            axes.plot(steps, numbers, style, color=COLOURS[k % len(COLOURS)], linewidth=1.3, label=name)
        for name, level in panel.levels.items():
            axes.axhline(level, color="#777777", linestyle=":", label=name)
        axes.set(title=panel.title, xlabel="step")
        shown = [y for _, numbers in panel.series.values() for y in numbers if math.isfinite(y) and y > 0]
        if panel.log and shown:
            axes.set_yscale("log")
        if panel.share:
            axes.set_ylim(-0.02, 1.02)
        axes.legend(framealpha=0.7, fontsize="x-small", ncols=1 + len(panel.series) // 8)
    content = io.BytesIO()
    figure.savefig(content, format=form, dpi=120)
    return content.getvalue()
