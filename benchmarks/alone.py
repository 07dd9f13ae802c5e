"""Measurements that need a process of their own for each: growth with the size of a graph, peak memory, imports."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parent
LIMIT = 240  # seconds for one process


class ProcessError(RuntimeError):
    """A measurement that did not come to its end, and why."""


class Row(NamedTuple):
    """One line of a table: what was measured, and the numbers under the table's headings."""

    what: str
    numbers: tuple[float, ...]


class Table(NamedTuple):
    title: str
    headings: tuple[str, ...]
    rows: list[Row]
    claims: list[str]


def process(script: str, *arguments: object, threads: int = 1, python: str = sys.executable) -> Any:
    """What ``alone_workers/SCRIPT.py`` prints, which is JSON, run in a process of its own."""
    variables = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    command = [python, "-P", str(HERE / "alone_workers" / f"{script}.py"), *map(str, arguments)]
    try:
        found = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **variables}, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        raise ProcessError(f"took more than {LIMIT} s") from None
    if found.returncode:
        raise ProcessError(found.stderr.strip().rpartition("\n")[2] or f"ended with {found.returncode}")
    return json.loads(found.stdout)


def growth(quick: bool, python: str) -> Table:
    """Time and memory of a node, as graphs of Values grow."""
    largest = {"eager": 10**5 if quick else 10**6, "compiled": 10**6 if quick else 10**7}
    rows, claims = [], []
    for kind, smallest in (("eager", 10**4), ("compiled", 10**5)):
        nodes = smallest
        while nodes <= largest[kind]:
            try:
                found = process("growth", kind, nodes, python=python)
            except ProcessError as error:
                claims.append(f"{kind}, {nodes:,} nodes: {error}")
                break
            label = f"{kind}, {found['nodes']:,} nodes"
            spent, first, size = (found[what] / found["nodes"] for what in ("seconds", "first", "bytes"))
            rows.append(Row(label, (spent * 1e9, first * 1e9, size)))
            nodes *= 10
    for kind in largest:
        times = [row.numbers[0] for row in rows if row.what.startswith(kind)]
        memory = [row.numbers[2] for row in rows if row.what.startswith(kind)]
        claims.append(
            f"{kind}: a node of the largest graph takes {times[-1] / times[0]:.2f} times the time of one of the "
            f"smallest, and {memory[-1] / memory[0]:.2f} times the memory; linear is 1"
        )
    of_eager = max(row.numbers[2] for row in rows if row.what.startswith("eager"))
    claims.append(f"an eager node keeps {of_eager:.0f} bytes at most: {verdict(of_eager, 120)}")
    headings = ("ns a node, a step", "ns a node, the first step", "bytes a node")
    return Table("Growth: chains of multiply-adds and a tanh", headings, rows, claims)


def memory(quick: bool, python: str) -> Table:
    """The peak of a training step over what the process held before it."""
    from benchmarks.cases import CASES

    rows, claims = [], []
    for name in ("mlp_mnist_sgd", "char_gpt") if quick else ("mlp_mnist_sgd", "mlp_wide_adam", "char_gpt", "convnet"):
        peaks = {}
        family = next(c.variant for c in CASES[name].contenders if c.peer == "torch_")
        for peer in ("ours", "torch_"):
            peaks[peer] = process("memory", name, peer, family, python=python)["peak"] / 2**20
        ratio = peaks["ours"] / peaks["torch_"]
        rows.append(Row(name, (peaks["ours"], peaks["torch_"], ratio)))
        claims.append(f"{name}: the step's peak is {ratio:.2f} of PyTorch's: {verdict(ratio, 1.2)}")
    return Table(
        "Memory: the peak of training steps over that before them", ("ours, MiB", "PyTorch, MiB", "ratio"), rows, claims
    )


def imports(quick: bool, python: str) -> Table:
    """The processor time of ``python -c "import ..."``, with bytecode kept from earlier processes, as users have it."""
    spent: dict[str, list[float]] = {"numpy": [], "autograd": []}
    with tempfile.TemporaryDirectory() as cache:
        variables = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": cache}

        def seconds(package: str) -> float:
            child = subprocess.Popen([python, "-c", f"import {package}"], env=variables, cwd=cache)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime

        for package in spent:
            seconds(package)  # writes the bytecode
        for _ in range(11 if quick else 41):
            for package, times in spent.items():
                times.append(seconds(package))
    ratio = statistics.median(a / b for a, b in zip(spent["autograd"], spent["numpy"], strict=True))
    rows = [Row(f"import {package}", (statistics.median(times) * 1e3,)) for package, times in spent.items()]
    claim = f"import autograd takes {ratio:.2f} times import numpy: {verdict(ratio, 1.3)}"
    return Table("Imports", ("ms of processor time",), rows, [claim])


def verdict(found: float, bound: float) -> str:
    return f"{'within' if found <= bound else 'NOT within'} the goal of {bound:.3g}"


ALONE = {"growth": growth, "memory": memory, "imports": imports}
