"""The figures of docs/compile.md: one step of the moons network, with and without `compile`, in micrograd and in NumPy.

``pip install micrograd``, then ``PYTHONPATH=. python docs/compile_timing.py``. The four take turns, so that a busy
machine is busy for all; the medians of processor time are compared.
"""

from __future__ import annotations

import gc
import random
import time
from collections import defaultdict

import micrograd.engine
import micrograd.nn
import numpy as np
from sklearn.datasets import make_moons

import nn
from autograd import compile
from demos.moons import POINTS, SIZES, loss_of_scalars

RATE, ROUNDS, REPEATS = 0.5, 9, 20
X, labels = make_moons(n_samples=POINTS, noise=0.1, random_state=1)
y = 2.0 * labels - 1.0


def network(module):
    random.seed(1337)
    return module.MLP(2, list(SIZES))


def loss_of_micrograd(model, X, y):
    scores = [model(list(map(micrograd.engine.Value, x))) for x in X]
    hinges = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
    return sum(hinges) * (1.0 / len(hinges)) + 1e-4 * sum(p * p for p in model.parameters())


def stepper(model, loss_of):
    """Forward, backward and update, as every program for micrograd writes them."""

    def step():
        loss = loss_of(model, X, y)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad
        return loss.data

    return step


def by_hand(model):
    """The same step written with arrays."""
    weights = [np.array([[w.data for w in neuron.w] for neuron in layer.neurons]) for layer in model.layers]
    biases = [np.array([neuron.b.data for neuron in layer.neurons]) for layer in model.layers]

    def step():
        activations = [X]
        for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
            z = activations[-1] @ W.T + b
            activations.append(np.maximum(z, 0) if k < 2 else z)
        margins = 1 - y * activations[-1][:, 0]
        loss = np.maximum(margins, 0).mean() + 1e-4 * sum((p * p).sum() for p in weights + biases)
        g = (-y * (margins > 0) / len(y))[:, None]
        for k in (2, 1, 0):
            W, b = weights[k], biases[k]
            slopes = g.T @ activations[k] + 2e-4 * W, g.sum(0) + 2e-4 * b
            if k:
                g = g @ W * (activations[k] > 0)
            W -= RATE * slopes[0]
            b -= RATE * slopes[1]
        return loss

    return step


def main() -> None:
    compiled = compile(loss_of_scalars)
    steps = {
        "micrograd": stepper(network(micrograd.nn), loss_of_micrograd),
        "Value": stepper(network(nn.scalar), loss_of_scalars),
        "compiled": stepper(network(nn.scalar), compiled),
        "NumPy, by hand": by_hand(network(nn.scalar)),
    }
    times, losses = defaultdict(list), defaultdict(list)
    for _ in range(ROUNDS):
        for name, step in steps.items():
            gc.collect()  # micrograd's graphs are cycles: none pays for the garbage of the one before
            for _ in range(1 if name in ("micrograd", "Value") else REPEATS):
                start = time.process_time_ns()
                losses[name].append(step())
                times[name].append(time.process_time_ns() - start)
    medians = {name: float(np.median(spent)) for name, spent in times.items()}
    for name, median in medians.items():
        apart = max(abs(a - b) for a, b in zip(losses["micrograd"], losses[name], strict=False))
        ratio = medians["micrograd"] / median
        print(f"{name:15} {median / 1e3:10.0f} us; micrograd takes {ratio:.1f} times as long; losses {apart:.0e} apart")
    print(f"the recording took {times['compiled'][0] / 1e9:.2f} s")
    print(f"compiled takes {medians['compiled'] / medians['NumPy, by hand']:.1f} times as long as NumPy by hand")


if __name__ == "__main__":
    main()
