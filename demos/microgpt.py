"""microgpt: a GPT of 4,192 single numbers, `Value`s, learns to invent names; its graph is compiled."""

from __future__ import annotations

import math
import random
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

import optim
from autograd import Value, compile, no_grad
from demos.data import Characters, first_names
from demos.report import Options, Report

WIDTH, HEADS, CONTEXT = 16, 4, 16
END = "."  # begins and ends a name

Numbers = list[Any]  # Values: the language of this file has no arrays
Matrix = list[Numbers]


def parameters(V: int) -> dict[str, Matrix]:
    """All weights, each a Value of its own, as rows."""

    def matrix(rows: int, columns: int) -> Matrix:
        return [[Value(random.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

    attention = {name: matrix(WIDTH, WIDTH) for name in ("query", "key", "value", "out")}
    mlp = {"up": matrix(4 * WIDTH, WIDTH), "down": matrix(WIDTH, 4 * WIDTH)}
    return {"token": matrix(V, WIDTH), "place": matrix(CONTEXT, WIDTH), **attention, **mlp, "head": matrix(V, WIDTH)}


# The model: what nn.Linear, nn.RMSNorm and softmax are, number by number ------------------------------------------


def linear(w: Matrix, x: Numbers) -> Numbers:
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def rmsnorm(x: Numbers) -> Numbers:
    mean_square = sum(xi * xi for xi in x) / len(x)
    return [xi / (mean_square + 1e-5).sqrt() for xi in x]


def softmax(logits: Numbers) -> Numbers:
    exps = [logit.exp() for logit in logits]  # of normed numbers: they cannot overflow
    total = sum(exps)
    return [e / total for e in exps]


def add(x: Numbers, y: Numbers) -> Numbers:
    return [xi + yi for xi, yi in zip(x, y, strict=True)]


def attend(q: Numbers, keys: Matrix, values: Matrix) -> Numbers:
    """Of each head, its values averaged by how well their keys answer the query."""
    size = WIDTH // HEADS
    heads: Numbers = []
    for part in (slice(h * size, (h + 1) * size) for h in range(HEADS)):
        weights = softmax([sum(a * b for a, b in zip(q[part], k[part], strict=True)) / size**0.5 for k in keys])
        columns = zip(*(v[part] for v in values), strict=True)
        heads += [sum(w * v for w, v in zip(weights, column, strict=True)) for column in columns]
    return heads


def gpt(w: dict[str, Matrix], rows: Matrix) -> Matrix:
    """The chances of each next token, (T, V), from the rows of the table of tokens, (T, WIDTH)."""
    keys: Matrix = []  # of all tokens so far
    values: Matrix = []
    chances = []
    for row, place in zip(rows, w["place"], strict=False):
        x = rmsnorm(add(row, place))
        normed = rmsnorm(x)
        keys.append(linear(w["key"], normed))
        values.append(linear(w["value"], normed))
        x = add(x, linear(w["out"], attend(linear(w["query"], normed), keys, values)))
        hidden = [h.relu() for h in linear(w["up"], rmsnorm(x))]
        x = add(x, linear(w["down"], hidden))
        chances.append(softmax(linear(w["head"], x)))
    return chances


def loss_of(w: dict[str, Matrix], rows: Matrix, targets: Any) -> Value:
    """The mean cross-entropy; ``targets`` (T, V) are 1 at the right token and 0 elsewhere."""
    pairs = zip(gpt(w, rows), targets, strict=True)
    return -sum(sum(p * t for p, t in zip(chance, target, strict=True)).log() for chance, target in pairs) / len(rows)


# Learning and inventing ---------------------------------------------------------------------------------------------


def example(w: dict[str, Matrix], tokens: Any) -> tuple[Matrix, Any]:
    """The rows of a name's tokens, looked up here so that one recording serves all names of a length; the targets."""
    return [w["token"][token] for token in tokens[:-1]], np.eye(len(w["token"]))[tokens[1:]]


def invent(w: dict[str, Matrix], characters: Characters, temperature: float = 0.5) -> str:
    """A name, letter by letter."""
    tokens = [0]
    with no_grad():
        while len(tokens) < CONTEXT:
            last = gpt(w, [w["token"][token] for token in tokens])[-1]
            weights = [p.data ** (1 / temperature) for p in last]
            tokens += random.choices(range(len(characters)), weights)
            if tokens[-1] == 0:
                break
    return characters.decode(np.array(tokens[1:])).rstrip(END)


def run(
    options: Options, *, data: Annotated[Path | None, "a file of words to learn from, one a line"] = None
) -> Report:
    """Learn name by name with Adam, compare and time one step both ways, invent names."""
    random.seed(options.seed)
    words = first_names() if data is None else data.read_text(encoding="utf-8").lower().split()
    words = [word for word in words if len(word) < (5 if options.quick else CONTEXT)]
    random.shuffle(words)
    characters = Characters(END + "".join(words))
    w = parameters(len(characters))
    weights = [p for matrix in w.values() for row in matrix for p in row]
    optimizer = optim.Adam(weights, lr=0.01, betas=(0.85, 0.99))
    fast_loss_of = compile(loss_of)
    steps, losses = 200 if options.quick else 5000, []
    for k in (progress := tqdm(range(steps), desc="microgpt", unit="name")):
        optimizer.param_groups[0]["lr"] = 0.01 * (1 - k / steps)
        loss = fast_loss_of(w, *example(w, characters.encode(END + words[k % len(words)] + END)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        progress.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}", refresh=False)

    chance, learned = math.log(len(characters)), float(np.mean(losses[-steps // 10 :]))
    name = example(w, characters.encode(END + words[0] + END))
    eager, slow = timed(loss_of, w, name, 3)
    compiled, fast = timed(fast_loss_of, w, name, 30)
    invented = [invent(w, characters) for _ in range(5 if options.quick else 20)]
    report = Report()
    report.found("microgpt_loss", learned, f"cross-entropy {learned:.3f} nats a letter; chance is {chance:.3f}")
    report.found(
        "microgpt_same", abs(eager - compiled), f"compiled and not, a loss differs by {abs(eager - compiled):.0e}"
    )
    report.found("microgpt_faster", slow / fast, f"compiled, a step takes {fast * 1e3:.1f} ms, not {slow * 1e3:.0f}")
    report.findings.append(f"it invents {', '.join(invented)}")
    report.pictures.append(options.save(curve(losses, chance, len(weights)), "microgpt.png"))
    return report


def timed(loss_of: Any, w: dict[str, Matrix], name: Any, times: int) -> tuple[float, float]:
    """The loss of a name, and the seconds that it and its gradients take: the least of a few."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        loss = loss_of(w, *name)
        loss.backward()
        seconds.append(time.perf_counter() - start)
    return loss.item(), min(seconds)


def curve(losses: list[float], chance: float, size: int) -> Figure:
    """The loss of each name, and a running mean."""
    window = max(len(losses) // 25, 1)
    running = np.convolve(losses, np.ones(window) / window, mode="valid")
    figure = Figure(figsize=(6.4, 4.0))
    axes = figure.subplots()
    axes.plot(losses, ".", color="#4C72B0", alpha=0.2, markersize=2, label="one name")
    axes.plot(np.arange(len(running)) + window - 1, running, color="#C44E52", label=f"mean of {window}")
    axes.axhline(chance, color="#999999", linestyle=":", label="chance")
    axes.set(xlabel="names seen", ylabel="cross-entropy (nats per letter)", title=f"A GPT of {size:,} single numbers")
    axes.legend(frameon=False)
    return figure
