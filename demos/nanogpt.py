"""nanoGPT: a GPT learns to write Python's language reference, one character after the other.

``mpiexec -n 4 python -m demos nanogpt`` trains on four processes, which share each batch, to the same end.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import numpy as np
from matplotlib.figure import Figure

from autograd import Generator, Tensor
from demos.report import Options, Report
from demos.training import Training, checkpoint_of


def bigram_loss(learned: Tensor, held_out: Tensor, V: int) -> float:
    """Of the model that knows only how often each character follows each, every pair counted once more than seen."""
    counts = np.ones((V, V))
    np.add.at(counts, (learned.numpy()[:-1], learned.numpy()[1:]), 1)
    chances = counts / counts.sum(axis=1, keepdims=True)
    return float(-np.log(chances[held_out.numpy()[:-1], held_out.numpy()[1:]]).mean())


def run(
    options: Options,
    *,
    data: Annotated[Path | None, "a text file to learn from instead"] = None,
    resume: Annotated[bool, "go on from the checkpoint under --out"] = False,
    temperature: Annotated[float, "of the sample: below 1 careful, above 1 bold"] = 0.8,
    top_k: Annotated[int, "draw from so many of the likeliest characters"] = 20,
) -> Report:
    """Train, measure against the bigram model, write a page of its own."""
    training, checkpoint = Training(options, data), checkpoint_of(options)
    if resume:
        training.resume(checkpoint)
    training.run(checkpoint)
    V, learned, held_out = len(training.characters), training.learned, training.held_out
    chance, bigram, ours = math.log(V), bigram_loss(learned, held_out, V), training.held_out_loss()
    if not training.ranks.first:
        return Report()
    size = sum(p.numel() for p in training.model.parameters())
    start = Tensor(training.characters.encode("\n"))[None]
    length = 100 if options.quick else 600
    sample = training.model.generate(start, length, temperature, top_k, Generator().manual_seed(options.seed))
    report = Report()
    report.found("nanogpt_chance", chance, f"chance, log {V}: {chance:.3f} nats a character on the held-out tenth")
    report.found("nanogpt_bigram", bigram, f"a bigram model: {bigram:.3f}")
    report.found("nanogpt_loss", ours, f"the GPT of {size:,} parameters after {training.step} steps: {ours:.3f}")
    report.findings.append(f"it writes:\n{training.characters.decode(sample[0].numpy())}")
    report.pictures.append(options.save(curve(training, chance, bigram), "nanogpt_loss.png"))
    return report


def curve(training: Training, chance: float, bigram: float) -> Figure:
    """The loss over the steps, beside what chance and the bigram model reach."""
    figure = Figure(figsize=(6.4, 4.0))
    axes = figure.subplots()
    axes.plot(training.history.losses, color="#4C72B0", alpha=0.35, linewidth=0.8, label="one batch")
    axes.plot(
        *zip(*training.history.measured, strict=True), color="#C44E52", marker="o", markersize=3, label="held-out text"
    )
    axes.axhline(chance, color="#999999", linestyle=":", label="chance")
    axes.axhline(bigram, color="#555555", linestyle="--", label="bigram model")
    axes.set(xlabel="step", ylabel="cross-entropy (nats per character)", title="A GPT learns the language reference")
    axes.legend(frameon=False)
    return figure
