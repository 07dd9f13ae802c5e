"""Measures how training scales over this machine's cores, fits a model, and writes it into docs/scaling.md.

``make scaling`` runs it, in a few minutes; the machine should have nothing else to do. It starts itself under mpiexec,
once for each number of ranks, each with one thread.
"""

from __future__ import annotations

import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nn
import optim
from autograd import Generator, manual_seed, randint
from autograd.distributed import Ranks, world
from demos.gpt import GPT, Sizes
from optim.distributed import Flat

PAGE = Path(__file__).with_name("scaling.md")
PICTURE = Path(__file__).parent / "images" / "scaling.svg"
CONTEXT, BATCH, VOCABULARY = 64, 16, 103  # the batch of the whole job (strong scaling) or of each rank (weak)
MODELS = [Sizes(VOCABULARY, CONTEXT, *sizes) for sizes in ((2, 2, 32), (4, 4, 64), (4, 4, 128), (4, 4, 256))]
BYTES = [2**k for k in range(3, 26, 2)]  # of messages
SECONDS = 2.5  # for each measurement of steps
NODES = [1, 2, 4, 8, 16, 32, 64]
NETWORKS = {  # seconds for a message, seconds for a byte: what such networks are good for in practice
    "100 Gb/s InfiniBand": (2e-6, 1 / 10e9),
    "10 Gb/s Ethernet": (40e-6, 1 / 1.1e9),
}


# Measuring, in a job of its own ------------------------------------------------------------------------------------


def times(ranks: Ranks, run: Callable[[], Any], seconds: float, most: int = 2000) -> list[float]:
    """How long each of many calls took, for as long as rank 0 says; the first two do not count."""
    found: list[float] = []
    begin = time.perf_counter()
    while ranks.broadcast(len(found) < 7 or (time.perf_counter() - begin < seconds and len(found) < most)):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return found[2:]


def summing(ranks: Ranks) -> list[float]:
    """The median seconds of one sum over the ranks, for each of BYTES."""
    found = []
    for size in BYTES:
        array = np.zeros(size // 4, np.float32)
        found.append(float(np.median(times(ranks, lambda array=array: ranks.sum_marked_(array, "a sum"), 0.7))))
    return found


def training(ranks: Ranks, sizes: Sizes, batch: int) -> dict[str, float]:
    """Median seconds of the parts of a GPT's steps, with ``batch`` pieces on each rank; means over the ranks."""
    manual_seed(0)
    model = GPT(sizes)
    optimizer = optim.Distributed(optim.AdamW(model.parameters()), model, ranks)
    generator = Generator().manual_seed(ranks.rank)
    clocks: list[list[float]] = []

    def step() -> None:
        clock = [time.perf_counter()]
        optimizer.zero_grad()
        model.loss(randint(0, VOCABULARY, (batch, CONTEXT + 1), generator=generator)).backward()
        clock.append(time.perf_counter())
        optimizer.reduce(batch)
        clock.append(time.perf_counter())
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        clocks.append([*clock, time.perf_counter()])

    times(ranks, step, SECONDS)
    flat = Flat(list(model.parameters()), np.float32, 1)
    copying = times(ranks, lambda: (flat.gather(1.0), flat.scatter(1.0)), 0.2)
    parts = [*np.median(np.diff(clocks[2:], axis=1), axis=0).tolist(), float(np.median(copying))]
    computing, reducing, updating, copying_ = ranks.mean(parts)
    size = sum(p.numel() for p in model.parameters())
    return {
        "parameters": size, "batch": batch, "computing": computing, "reducing": reducing, "updating": updating,
        "copying": copying_,
    }  # fmt: skip


def measure(path: Path) -> None:
    """All of it, by one rank of a job; rank 0 writes it down."""
    ranks = world(timeout=60)
    batches = (BATCH // 4, BATCH // 2, BATCH) if ranks.size == 1 else (BATCH // ranks.size, BATCH)
    found = {
        "sums": summing(ranks) if ranks.size > 1 else [],
        "steps": [training(ranks, sizes, batch) for sizes in MODELS for batch in batches],
    }
    if ranks.first:
        path.write_text(json.dumps(found))


def job(ranks: int) -> dict[str, Any]:
    """What so many ranks measured."""
    mpiexec = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if mpiexec is None:
        raise SystemExit("there is no mpiexec: pip install 'chainrule[mpi]'")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [mpiexec, "-n", str(ranks), sys.executable, __file__, str(path)]
        subprocess.run(command, check=True, env={**os.environ, **single})
        return json.loads(path.read_text())


# The model ---------------------------------------------------------------------------------------------------------


def fit(sums: list[float]) -> tuple[float, float]:
    """alpha and beta of alpha + beta n, the smallest relative errors squared; neither below 0."""
    t = np.array(sums)
    rows = np.stack([np.ones(len(BYTES)), np.array(BYTES, float)], axis=1) / t[:, None]
    alpha, beta = np.linalg.lstsq(rows, np.ones(len(BYTES)), rcond=None)[0]
    return float(max(alpha, 0)), float(max(beta, 0))


def allreduce(nodes: int, size: float, alpha: float, beta: float) -> float:
    """Seconds to add up ``size`` bytes: the better of the two ways that MPICH has (Thakur et al. 2005).

    Recursive doubling exchanges everything log2(p) times; Rabenseifner's, halves of halves, there and back.
    """
    rounds = math.log2(nodes)
    doubling = rounds * (alpha + size * beta)
    halving = 2 * rounds * alpha + 2 * (nodes - 1) / nodes * size * beta
    return min(doubling, halving)


class Modelled:
    """A step of one model: c0 + c1 b seconds of computing for b pieces, and what does not depend on b."""

    def __init__(self, steps: list[dict[str, float]]) -> None:
        self.parameters = int(steps[0]["parameters"])
        batches, seconds = (np.array([s[key] for s in steps]) for key in ("batch", "computing"))
        self.c1, self.c0 = np.polyfit(batches, seconds, 1).tolist()
        if self.c0 < 0:  # too small to be measured
            self.c1, self.c0 = float(np.mean(seconds / batches)), 0.0
        self.updating = float(np.median([s["updating"] for s in steps]))
        self.copying = float(np.median([s["copying"] for s in steps]))

    def communicating(self, nodes: int, network: tuple[float, float]) -> float:
        """Seconds in `Distributed.reduce`."""
        return 0.0 if nodes == 1 else self.copying + allreduce(nodes, 4 * self.parameters, *network)

    def step(self, nodes: int, batch: float, network: tuple[float, float]) -> float:
        """Seconds of a step with ``batch`` pieces on each node."""
        return self.c0 + self.c1 * batch + self.updating + self.communicating(nodes, network)

    def strong(self, nodes: int, network: tuple[float, float], batch: int = BATCH) -> float:
        """How much faster than one node, with one batch for all."""
        return self.step(1, batch, network) / self.step(nodes, batch / nodes, network)

    def weak(self, nodes: int, network: tuple[float, float], batch: int = BATCH) -> float:
        """The efficiency, with a batch for each."""
        return self.step(1, batch, network) / self.step(nodes, batch, network)

    def pays_to(self, network: tuple[float, float], batch: int) -> int:
        """The largest number of nodes, up to 64, that are used at least by half, with one batch for all."""
        return max(nodes for nodes in NODES if nodes <= batch and self.strong(nodes, network, batch) >= nodes / 2)


# Writing -----------------------------------------------------------------------------------------------------------


def table(head: list[str], rows: list[list[str]]) -> str:
    """In Markdown."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms"


def measured_table(found: dict[int, dict[str, Any]]) -> str:
    rows = []
    for i in range(len(MODELS)):

        def of(ranks: int, batch: int, i: int = i) -> dict[str, float]:
            each = found[ranks]["steps"]
            per_model = len(each) // len(MODELS)
            return next(s for s in each[i * per_model : (i + 1) * per_model] if s["batch"] == batch)

        def whole(step: dict[str, float]) -> float:
            return step["computing"] + step["reducing"] + step["updating"]

        one = of(1, BATCH)
        for ranks in (n for n in found if n > 1):
            strong, weak = of(ranks, BATCH // ranks), of(ranks, BATCH)
            rows.append([
                f"{int(one['parameters']):,}", str(ranks), ms(whole(one)),
                ms(whole(strong)), f"{whole(one) / whole(strong):.2f}", f"{strong['reducing'] / whole(strong):.0%}",
                ms(whole(weak)), f"{whole(one) / whole(weak):.0%}", f"{weak['reducing'] / whole(weak):.0%}",
            ])  # fmt: skip
    head = ["parameters", "ranks", "one rank's step", "strong: step", "times faster", "communicating",
            "weak: step", "efficiency", "communicating"]  # fmt: skip
    return table(head, rows)


def extended_table(models: list[Modelled], networks: dict[str, tuple[float, float]]) -> str:
    rows = []
    for model in models:
        for name, network in networks.items():
            comm = model.communicating(64, network)
            rows.append([
                f"{model.parameters:,}", name, ms(comm),
                f"{comm / model.step(64, BATCH, network):.0%}", f"{model.weak(64, network):.0%}",
                str(model.pays_to(network, 64)), f"{model.strong(64, network, 64):.1f}",
                str(model.pays_to(network, 1024)), f"{model.strong(64, network, 1024):.1f}",
            ])  # fmt: skip
    share = f"its share of a step of {BATCH} pieces each"
    strong = [f"batch {batch}: {what}" for batch in (64, 1024) for what in ("pays to", "64 nodes are times faster")]
    head = ["parameters", "network", "a sum over 64 nodes", share, "weak: efficiency", *strong]
    return table(head, rows)


def draw(found: dict[int, dict[str, Any]], models: list[Modelled], networks: dict[str, tuple[float, float]]) -> None:
    """Three plots: the sums and their model; where a step's time goes; how much faster up to 64 nodes."""
    import matplotlib

    matplotlib.rcParams.update({"svg.hashsalt": "scaling", "svg.fonttype": "none", "font.size": 9})
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.6), layout="constrained")
    sums, shares, speed = figure.subplots(1, 3)
    alpha, beta = networks["this machine"]
    for ranks, color in zip((n for n in found if n > 1), ("#4C72B0", "#55A868", "#8172B2"), strict=False):
        sums.loglog(BYTES, found[ranks]["sums"], "o", color=color, markersize=4, label=f"{ranks} ranks, measured")
        line = [allreduce(ranks, size, alpha, beta) for size in BYTES]
        sums.loglog(BYTES, line, color=color, linewidth=1, label=f"{ranks} ranks, alpha + beta n")
    sums.set(xlabel="bytes", ylabel="seconds", title="A sum over the ranks of this machine")
    sums.legend(frameon=False)
    most = max(found)
    steps = [s for s in found[most]["steps"] if s["batch"] == BATCH]
    bottom = np.zeros(len(steps))
    parts = (("computing", "#4C72B0"), ("reducing", "#C44E52"), ("updating", "#CCB974"))
    totals = np.array([sum(s[part] for part, _ in parts) for s in steps])
    for part, color in parts:
        share = np.array([s[part] for s in steps]) / totals
        shares.bar(range(len(steps)), share, bottom=bottom, color=color, label=part, width=0.6)
        bottom += share
    shares.set_xticks(range(len(steps)), [f"{int(s['parameters']):,}" for s in steps])
    shares.set(xlabel="parameters", ylabel="share of a step", title=f"Where a step goes, {most} ranks x {BATCH} pieces")
    shares.set_ylim(0, 1.2)
    shares.legend(frameon=False, ncol=3, loc="upper center", fontsize=8, handlelength=1, columnspacing=1)
    for model, color in zip(models, ("#CCB974", "#55A868", "#4C72B0", "#C44E52"), strict=True):
        for name, style in zip(networks, ("-", "--", ":"), strict=True):
            label = f"{model.parameters:,} parameters" if style == "-" else None
            speed.loglog(NODES, [model.strong(n, networks[name], 64) for n in NODES], style, color=color, label=label)
    speed.plot(NODES, NODES, color="#bbbbbb", linewidth=0.8)
    speed.set_xticks(NODES, [str(n) for n in NODES])
    speed.set_yticks(NODES, [str(n) for n in NODES])
    speed.minorticks_off()
    speed.set(xlabel="nodes", ylabel="times faster", title="Modelled: a batch of 64 pieces for all")
    handles = [
        matplotlib.lines.Line2D([], [], color="#555555", linestyle=s, label=n)
        for n, s in zip(networks, ("-", "--", ":"), strict=True)
    ]
    speed.legend(handles=[*speed.get_legend_handles_labels()[0], *handles], frameon=False, fontsize=7)
    figure.savefig(PICTURE, metadata={"Date": None})


def page(found: dict[int, dict[str, Any]]) -> dict[str, str]:
    """The parts of docs/scaling.md that are measured, by name."""
    per_model = len(found[1]["steps"]) // len(MODELS)
    models = [Modelled(found[1]["steps"][i * per_model : (i + 1) * per_model]) for i in range(len(MODELS))]
    alpha, beta = fit(found[2]["sums"])
    networks = {"this machine": (alpha, beta), **NETWORKS}
    error = max(abs(allreduce(2, n, alpha, beta) / t - 1) for n, t in zip(BYTES, found[2]["sums"], strict=True))
    draw(found, models, networks)
    sums = [[f"{n:,}", *(ms(found[p]["sums"][i]) for p in found if p > 1), ms(allreduce(2, n, alpha, beta))]
            for i, n in enumerate(BYTES)]  # fmt: skip
    largest = models[-1]
    half = {name: 2 * 4 * largest.parameters * b / largest.c1 for name, (_, b) in networks.items()}
    listed = "; ".join(f"{pieces:.2g} on {name}" for name, pieces in half.items())
    return {
        "machine": f"Measured on {os.cpu_count()} cores ({cpu()}), one thread a rank, Python "
        f"{platform.python_version()}, NumPy {np.__version__}.",
        "sums": table(["bytes", *(f"{p} ranks" for p in found if p > 1), "alpha + beta n"], sums)
        + f"\n\nFitted for two ranks: alpha = {alpha * 1e6:.1f} µs, 1 / beta = {1 / beta / 1e9:.2f} GB/s; the largest "
        f"relative error is {error:.0%}.",
        "steps": measured_table(found),
        "extended": extended_table(models, networks)
        + f"\n\nFor the largest of these, a sum over many nodes takes as long as computing this many pieces: {listed}.",
    }


def cpu() -> str:
    info = Path("/proc/cpuinfo")
    match = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    return match[1] if match else platform.machine()


def main() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 2:
        raise SystemExit("scaling is measured on at least two cores")
    found = {ranks: job(ranks) for ranks in (1, 2, 4) if ranks <= cores}
    text = PAGE.read_text(encoding="utf-8")
    for name, content in page(found).items():
        between = rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)"
        text, count = re.subn(between, lambda m, c=content: f"{m[1]}\n{c}\n\n{m[2]}", text, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"docs/scaling.md has no place for {name!r}")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
