"""Where the time of one of our training steps goes: ``python -m benchmarks NAME --profile``.

Python's profiler tells function from function by file and line. The texts of the table are functions of the file
``<rule NAME: ...>``, so their time, with NumPy's below it, is that of an operation: of its value, forward, or of a
derivative, backward. An optimizer's ``step`` is the update. What remains is the engine, by function, and the program.
The profiler slows calls down, and arrays not: shares are of its time; the time of a step is measured without it.
"""

from __future__ import annotations

import cProfile
import gc
import importlib
import pstats
import re
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.cases import Case

HERE = Path(__file__).parent
ROW = re.compile(r"<rule ([\w, ]+?)(?:: (.*))?>")
FORWARD = ("value", "unary", "binary", "reflected")  # what computes a row's value; the others compute derivatives
SMALL = 0.005  # shares below it are one line


def text(case: Case) -> str:
    """The shares of a step, for each way in which this library takes part."""
    sys.path[:0] = [str(HERE / "peers")]
    ours = importlib.import_module("ours")
    arrays, said = case.arrays(), [case.title]
    for contender in case.contenders:
        if not contender.ours or contender.threads > 1:
            continue
        training = getattr(ours, contender.variant)(arrays, {**case.options, "threads": 1})
        training.step()
        seconds, collected = plain(training)
        said += ["", f"{contender.name}: {seconds * 1e3:.3g} ms a step"]
        shares = profiled(training, count(seconds))
        said += [f"  {share:6.1%}  {what}" for what, share in sorted(shares.items(), key=lambda item: -item[1])]
        said.append(f"  {collected:6.1%}  of all this is Python's garbage collector, which interrupts the others")
    return "\n".join(said)


def count(seconds: float) -> int:
    """As many steps as take about a second."""
    return max(3, min(1000, int(1 / seconds)))


def plain(training: Any) -> tuple[float, float]:
    """The seconds of a step, without the profiler; the share of them that the garbage collector takes."""
    training.restart()
    started, spent = 0.0, 0.0

    def watch(phase: str, info: dict[str, int]) -> None:
        nonlocal started, spent
        if phase == "start":
            started = time.perf_counter()
        else:
            spent += time.perf_counter() - started

    start = time.perf_counter()
    training.step()
    steps = count(time.perf_counter() - start)
    gc.callbacks.append(watch)
    try:
        start = time.perf_counter()
        for _ in range(steps):
            training.step()
        seconds = time.perf_counter() - start
    finally:
        gc.callbacks.remove(watch)
    return seconds / steps, spent / seconds


def profiled(training: Any, steps: int) -> dict[str, float]:
    """The share of each operation, of the optimizer, and of each part of the engine."""
    training.restart()
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(steps):
        training.step()
    profiler.disable()
    spent = attributed(pstats.Stats(profiler).stats)  # type: ignore[attr-defined]
    total = sum(spent.values())
    shares: defaultdict[str, float] = defaultdict(float)
    for what, seconds in spent.items():
        shares[what if seconds >= SMALL * total else f"all that is below {SMALL:.1%}"] += seconds / total
    return dict(shares)


def attributed(stats: dict[Any, Any]) -> dict[str, float]:
    """Each function's own time, given to what it belongs to; functions of no part of ours, as NumPy's, give theirs to
    those that called them, in proportion to the calls' times."""
    owners: dict[Any, dict[str, float]] = {}
    spent: defaultdict[str, float] = defaultdict(float)
    for function, (_, _, own, _, _) in stats.items():
        for what, share in owner(function, stats, owners, ()).items():
            spent[what] += own * share
    return dict(spent)


def owner(
    function: Any, stats: dict[Any, Any], owners: dict[Any, dict[str, float]], above: tuple[Any, ...]
) -> dict[str, float]:
    """The parts that a function works for, with their shares; they add up to 1."""
    if function in owners:
        return owners[function]
    what = named(function)
    if what:
        owners[function] = {what: 1.0}
        return owners[function]
    callers = {c: spent[3] for c, spent in stats[function][4].items() if c not in above and c != function}
    total = sum(callers.values())
    shares: defaultdict[str, float] = defaultdict(float)
    for caller, time_there in callers.items():
        part = time_there / total if total else 1 / len(callers)
        for what, share in owner(caller, stats, owners, (*above, function)).items():
            shares[what] += part * share
    found = dict(shares) or {"the program": 1.0}
    if not above:
        owners[function] = found
    return found


def named(function: Any) -> str:
    """What a function of this file and name belongs to; "" if to whoever calls it."""
    file, _, name = function
    row = ROW.match(file)
    if row:
        return f"{row[1]}, {'forward' if row[2] in FORWARD else 'backward'}"
    path = Path(file)
    root = HERE.parent
    if not path.is_relative_to(root):
        return ""
    inside = path.relative_to(root).as_posix()
    if inside.startswith("optim/"):
        return "optimizer"
    if inside.startswith("autograd/arrays/") or name == "<lambda>":
        return ""
    if inside.startswith("autograd/"):
        return f"engine: {path.name}, {name}"
    return "nn" if inside.startswith("nn/") else "the program"
