"""The contenders of a case take turns, each in a process of its own, and the times of each turn are compared."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.cases import Case, Contender

HERE = Path(__file__).parent
ROUND = 0.06  # seconds; a contender does as many steps in a round as fit, one at least
WARM_UP = 2  # rounds that are not counted


class ContenderError(Exception):
    """What a contender said instead of an answer."""


class Worker:
    """A contender's process."""

    def __init__(self, contender: Contender, case: Case, arrays: Path, python: str = sys.executable) -> None:
        path = [str(HERE / "peers"), *([str(HERE.parent)] if contender.ours else [])]
        kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(contender.threads))
        self.process = subprocess.Popen(
            [python, "-P", str(HERE / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={name: os.environ[name] for name in kept if name in os.environ} | threads,
        )
        options = {**case.options, "threads": contender.threads}
        request = {"peer": contender.peer, "variant": contender.variant, "path": path, "options": options}
        self.send(**request, arrays=str(arrays))
        self.steps = 1

    def send(self, **request: Any) -> None:
        assert self.process.stdin is not None
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise ContenderError("its process has ended") from None

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"its process ended with {self.process.wait()}"}
        if "error" in answer:
            raise ContenderError(answer["error"])
        return answer

    def ask(self, do: str, steps: int) -> Any:
        self.send(do=do, steps=steps)
        return self.answer()[do]

    def seconds(self) -> float:
        """A step's, in a round."""
        return self.ask("seconds", self.steps) / self.steps

    def settle(self) -> None:
        """Find how many steps make a round."""
        while (spent := self.ask("seconds", self.steps)) < ROUND / 2:
            self.steps = max(2 * self.steps, int(self.steps * ROUND / max(spent, 1e-6) / 2))
        self.steps = max(1, round(self.steps * ROUND / spent))

    def end(self) -> None:
        self.process.kill()
        with suppress(BrokenPipeError), self.process:  # closes its pipes, and waits for it
            pass


class Measured(NamedTuple):
    """``seconds`` of a step, a number for each round; ``losses`` of the first steps; or why there are none."""

    contender: Contender
    version: str = ""
    seconds: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()
    failure: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


class Ratio(NamedTuple):
    """How many times the other's time: the median over the rounds, and the quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, one: Measured, other: Measured) -> Ratio:
        paired = [a / b for a, b in zip(one.seconds, other.seconds, strict=True)]
        low, median, high = statistics.quantiles(paired, n=4)
        return cls(median, low, high)


def run(case: Case, seconds: float, python: str = sys.executable) -> list[Measured]:
    """Everyone's losses, then rounds in which all take their turn, for about so many ``seconds``."""
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        np.savez(arrays, **case.arrays())
        workers, done = {}, {}
        try:
            for contender in case.contenders:
                workers[contender] = worker = Worker(contender, case, arrays, python)
                done[contender] = prepared(contender, worker, case.steps)
            timed = [c for c in case.contenders if not done[c].failure]
            rounds = take_turns([workers[c] for c in timed], seconds)
            for contender, spent in zip(timed, zip(*rounds, strict=True), strict=True):
                done[contender] = done[contender]._replace(seconds=spent)
        finally:
            for worker in workers.values():
                worker.end()
    return list(done.values())


def prepared(contender: Contender, worker: Worker, steps: int) -> Measured:
    try:
        version = worker.answer()["version"]
        losses = worker.ask("losses", steps)
        worker.settle()
    except ContenderError as failure:
        return Measured(contender, failure=str(failure))
    return Measured(contender, version, losses=tuple(losses))


def take_turns(workers: list[Worker], seconds: float) -> list[tuple[float, ...]]:
    """The seconds of a step, of each worker in each round; at least 5 rounds."""
    rounds: list[tuple[float, ...]] = []
    start = time.perf_counter()
    while len(rounds) < WARM_UP + 5 or time.perf_counter() - start < seconds:
        rounds.append(tuple(worker.seconds() for worker in workers))
    return rounds[WARM_UP:]


def disagreement(case: Case, found: list[Measured]) -> float:
    """How far the last losses of those that ran are apart, as a part of themselves."""
    last = [m.losses[-1] for m in found if m.losses]
    return (max(last) - min(last)) / max(map(abs, last)) if last else 0.0
