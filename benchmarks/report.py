"""What was found: as text for the terminal, as ``docs/benchmarks.md``, and as plots."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.alone import Table, verdict
from benchmarks.cases import Case
from benchmarks.driver import Measured, Ratio, disagreement

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
NOTES = HERE / "notes.md"  # what is written by hand


def _busy(seconds: float = 0.5) -> float:
    """How many cores others use: of a moment if the system tells, else of the last minute."""

    def idle_and_all() -> tuple[float, float]:
        times = [float(t) for t in _lines("/proc/stat")[0].split()[1:9]]
        return times[3] + times[4], sum(times)

    if not Path("/proc/stat").exists():
        return os.getloadavg()[0]
    idle, everything = idle_and_all()
    time.sleep(seconds)
    later, then = idle_and_all()
    return (os.cpu_count() or 1) * (1 - (later - idle) / max(then - everything, 1))


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


BUSY = _busy()  # before anything is measured


def machine() -> str:
    """The processor, its cores, the system and the interpreter; and whether others were using it."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    busy = f", BUSY: others used {BUSY:.1f} of them" if BUSY > 0.3 else ""
    return f"{model}, {os.cpu_count()} cores{busy}, {platform.system()}, Python {platform.python_version()}"


def versions(found: Iterable[Measured]) -> str:
    return "; ".join(sorted({m.version for m in found if m.version}))


# Text ------------------------------------------------------------------------------------------------------------


def rounded(number: float) -> str:
    """Three digits of it, or the whole number."""
    return f"{number:.3g}" if number < 1000 else f"{number:,.0f}"


def times(ratio: Ratio) -> str:
    """``3.1 (2.9 to 3.4)``: the median and the quartiles."""
    return f"{rounded(ratio.median)} ({rounded(ratio.low)} to {rounded(ratio.high)})"


def cells(case: Case, found: Sequence[Measured]) -> list[list[str]]:
    """A table: its headings, then a row for everyone; its time over that of each of ours."""
    ours = [m for m in found if m.contender.ours and not m.failure]
    table = [["", "ms a step", *(f"times {m.contender.name}'s" for m in ours), f"loss {case.steps}"]]
    for m in found:
        if m.failure:
            table.append([m.contender.name, "did not run", *("" for _ in ours), ""])
            continue
        ratios = ["1" if m is own else times(Ratio.of(m, own)) for own in ours]
        table.append([m.contender.name, rounded(m.median * 1e3), *ratios, f"{m.losses[-1]:.10g}"])
    return table


def claims(case: Case, found: Sequence[Measured]) -> list[str]:
    """What became of the goals, whether the losses agree, and who did not run."""
    by_name = {m.contender.name: m for m in found}
    said = []
    for goal in case.goals:
        one, other = by_name[goal.ours], by_name[goal.theirs]
        if one.failure or other.failure:
            continue
        ratio = Ratio.of(one, other)
        faster = (
            f"{rounded(1 / ratio.median)} times faster" if ratio.median < 1 else f"{rounded(ratio.median)} times slower"
        )
        said.append(
            f"{goal.ours} takes {times(ratio)} of the time of {goal.theirs}, is {faster}: "
            f"{verdict(ratio.median, goal.bound)}"
        )
    apart = disagreement(case, found)
    agree = "the losses agree" if apart <= case.tolerance else f"THE LOSSES DIFFER, by more than {case.tolerance:.0e}"
    said.append(f"{agree}: after {case.steps} steps they are {apart:.1e} apart")
    return said + [f"{m.contender.name} did not run: {m.failure}" for m in found if m.failure]


def aligned(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True)).rstrip() for row in table)


def text(case: Case, found: Sequence[Measured]) -> str:
    lines = [case.title, f"{machine()}; {versions(found)}", "", aligned(cells(case, found)), ""]
    return "\n".join([*lines, *(f"- {claim}" for claim in claims(case, found))])


def table_cells(table: Table) -> list[list[str]]:
    return [["", *table.headings], *([row.what, *(rounded(n) for n in row.numbers)] for row in table.rows)]


def table_text(table: Table) -> str:
    return "\n".join([table.title, machine(), "", aligned(table_cells(table)), "", *(f"- {c}" for c in table.claims)])


# The page ---------------------------------------------------------------------------------------------------------


def markdown(table: list[list[str]]) -> str:
    head, *rows = (f"| {' | '.join(row)} |" for row in table)
    return "\n".join([head, "|---" * len(table[0]) + "|", *rows])


def section(title: str, name: str, body: list[str], picture: bool) -> str:
    drawn = [f"![{title}](images/bench-{name}.svg)", ""] if picture else []
    return "\n".join([f"### `{name}`: {title}", "", *drawn, *body, ""])


def page(cases: dict[str, tuple[Case, list[Measured]]], tables: dict[str, Table]) -> str:
    """``docs/benchmarks.md``."""
    everyone = [m for _, found in cases.values() for m in found]
    head = [
        "# Benchmarks",
        "",
        "<!-- Made by `make bench`; what is written by hand stands in benchmarks/notes.md. -->",
        "",
        NOTES.read_text(encoding="utf-8").strip(),
        "",
        "## What was measured",
        "",
        f"{machine()}. {versions(everyone)}. One thread where nothing else is said.",
        "",
    ]
    sections = [
        section(
            case.title,
            name,
            [markdown(cells(case, found)), "", *(f"- {claim}" for claim in claims(case, found))],
            picture=True,
        )
        for name, (case, found) in cases.items()
    ]
    sections += [
        section(table.title, name, [markdown(table_cells(table)), "", *(f"- {c}" for c in table.claims)], picture=False)
        for name, table in tables.items()
    ]
    return "\n".join([*head, *sections])


# Plots --------------------------------------------------------------------------------------------------------------

OURS, THEIRS = "#C44E52", "#8C8C8C"


def plot(case: Case, found: Sequence[Measured]) -> Any:
    """A dot for everyone, at the time of a step, on a logarithmic scale; a line from quartile to quartile."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator

    ran = sorted((m for m in found if m.seconds), key=lambda m: m.median, reverse=True)
    figure = Figure(figsize=(7.2, 1.0 + 0.28 * len(ran)), layout="constrained")
    axes = figure.subplots()
    for at, m in enumerate(ran):
        low, median, high = (seconds * 1e3 for seconds in statistics.quantiles(m.seconds, n=4))
        color = OURS if m.contender.ours else THEIRS
        axes.plot([low, high], [at, at], color=color, linewidth=2)
        axes.plot(median, at, "o", color=color, markersize=7)
        axes.annotate(rounded(median), (high, at), (8, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(range(len(ran)), [m.contender.name for m in ran], fontsize=9)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=30))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlim(ran[-1].median * 1e3 / 2, ran[0].median * 1e3 * 2.5)
    axes.set_ylim(-0.7, len(ran) - 0.3)
    axes.grid(axis="y", color="#E5E5E5")
    axes.set_xlabel("ms a step, logarithmic", fontsize=9)
    axes.set_title(case.title, fontsize=9, loc="left", wrap=True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


def save_plot(name: str, case: Case, found: Sequence[Measured], folder: Path) -> None:
    import matplotlib as mpl

    mpl.rcParams["svg.hashsalt"] = "benchmarks"  # the same file for the same numbers
    plot(case, found).savefig(folder / f"bench-{name}.svg", metadata={"Date": None})
