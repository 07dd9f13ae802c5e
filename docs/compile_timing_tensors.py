"""The figures of docs/compile.md for Tensors: a training step of two networks, eager, compiled, in PyTorch, in NumPy.

``PYTHONPATH=. python docs/compile_timing_tensors.py``, with OMP_NUM_THREADS=1 for one thread. The four take turns;
medians of wall-clock time of forward, loss and backward, float32. What is written by hand uses ``out=`` everywhere.
"""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import pairwise

import numpy as np
import torch

import nn
from autograd import Tensor, compile

ROUNDS, REPEATS = 15, 40


def network(library, sizes):
    layers = [layer for a, b in pairwise(sizes) for layer in (library.Linear(a, b), library.ReLU())]
    return library.Sequential(*layers[:-1])


def stepper(model, loss_of, X, y):
    parameters = list(model.parameters())

    def step():
        loss = loss_of(X, y)
        for p in parameters:
            p.grad = None
        loss.backward()
        return loss.item()

    return step


def by_hand(model, X, y):
    """The same step written with arrays that are made once."""
    weights = [p.detach().numpy() for p in model.parameters()]
    Ws, bs = weights[0::2], weights[1::2]
    activations = [X, *(np.empty((len(X), len(b)), np.float32) for b in bs)]
    upstream = [np.empty_like(a) for a in activations]
    slopes = [(np.empty_like(W), np.empty_like(b)) for W, b in zip(Ws, bs, strict=True)]
    masks = [np.empty(a.shape, bool) for a in activations]
    squares = np.empty_like(y)

    def step():
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            z = activations[k + 1]
            np.matmul(activations[k], W.T, out=z)
            np.add(z, b, out=z)
            if k < len(Ws) - 1:
                np.maximum(z, 0, out=z)
        g = upstream[-1]
        np.subtract(activations[-1], y, out=g)
        np.square(g, out=squares)
        loss = squares.mean()
        np.multiply(g, np.float32(2 / g.size), out=g)
        for k in range(len(Ws) - 1, -1, -1):
            g = upstream[k + 1]
            np.matmul(g.T, activations[k], out=slopes[k][0])
            np.add.reduce(g, 0, out=slopes[k][1])
            if k:
                np.matmul(g, Ws[k], out=upstream[k])
                np.greater(activations[k], 0, out=masks[k])
                np.multiply(upstream[k], masks[k], out=upstream[k])
        return float(loss)

    return step


def measured(batch: int, sizes: list[int]) -> None:
    source = np.random.default_rng(0)
    X = source.normal(size=(batch, sizes[0])).astype(np.float32)
    y = source.normal(size=(batch, sizes[-1])).astype(np.float32)
    theirs, ours = network(torch.nn, sizes), network(nn, sizes)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        p.data = Tensor(q.detach().numpy().copy())

    def loss_of(X, y):
        return ((ours(X) - y) ** 2).mean()

    compiled, given = compile(loss_of), (Tensor(X), Tensor(y))
    steps = {
        "eager": stepper(ours, loss_of, *given),
        "compiled": stepper(ours, compiled, *given),
        "torch": stepper(theirs, lambda X, y: ((theirs(X) - y) ** 2).mean(), torch.tensor(X), torch.tensor(y)),
        "NumPy, by hand": by_hand(theirs, X, y),
    }
    times, losses = defaultdict(list), {}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            for _ in range(REPEATS):
                start = time.perf_counter_ns()
                losses[name] = step()
                times[name].append(time.perf_counter_ns() - start)
    medians = {name: float(np.median(spent)) for name, spent in times.items()}
    print(f"{batch} x {sizes}, {torch.get_num_threads()} thread(s)")
    for name, median in medians.items():
        ratios = ", ".join(f"{median / medians[other]:.2f} of {other}" for other in medians if other != name)
        print(f"  {name:15} {median / 1e3:8.1f} us; {ratios}; loss {losses[name]:.7f}")


if __name__ == "__main__":
    measured(100, [2, 16, 16, 1])
    measured(32, [64, 32, 10])
    measured(128, [784, 128, 10])
