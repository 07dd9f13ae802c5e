"""The figures of docs/compile.md for a scalar GPT: one layer, 16 wide, 4 heads, 4,192 parameters, sequences of names.

``PYTHONPATH=. python docs/compile_timing_gpt.py``. The eager peer is a `Value` with tuples of children and of local
gradients, as in Karpathy's microgpt. Both take turns; medians of processor time of forward, backward and update.
"""

from __future__ import annotations

import gc
import math
import random
import sys
import time

import numpy as np

from autograd import Value, compile

VOCABULARY, WIDTH, HEADS, CONTEXT, RATE = 27, 16, 4, 16, 0.1
END = VOCABULARY - 1  # before and after each name


class Peer:
    """One number with its children and the local gradients."""

    __slots__ = ("children", "data", "grad", "local")

    def __init__(self, data, children=(), local=()):
        self.data, self.grad, self.children, self.local = data, 0.0, children, local

    def __add__(self, other):
        other = other if isinstance(other, Peer) else Peer(other)
        return Peer(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, Peer) else Peer(other)
        return Peer(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent):
        return Peer(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def log(self):
        return Peer(math.log(self.data), (self,), (1 / self.data,))

    def exp(self):
        out = math.exp(self.data)
        return Peer(out, (self,), (out,))

    def relu(self):
        return Peer(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self):
        return self * -1

    def __truediv__(self, other):
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, local in zip(node.children, node.local, strict=True):
                child.grad += local * node.grad


def weights(number):
    source = random.Random(42)
    sizes = {"wte": (VOCABULARY, WIDTH), "wpe": (CONTEXT, WIDTH), "lm_head": (VOCABULARY, WIDTH)}
    sizes |= dict.fromkeys(("wq", "wk", "wv", "wo"), (WIDTH, WIDTH))
    sizes |= {"fc1": (4 * WIDTH, WIDTH), "fc2": (WIDTH, 4 * WIDTH)}
    return {
        name: [[number(source.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in sizes.items()
    }


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def softmax(logits):
    exps = [logit.exp() for logit in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rmsnorm(x):
    scale = (sum(xi * xi for xi in x) * (1 / len(x)) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def attention(x, w, keys, values):
    q = linear(x, w["wq"])
    keys.append(linear(x, w["wk"]))
    values.append(linear(x, w["wv"]))
    out, size = [], WIDTH // HEADS
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        scores = [sum(a * b for a, b in zip(q[part], k[part], strict=True)) * size**-0.5 for k in keys]
        shares = softmax(scores)
        out += [sum(s * v[part][j] for s, v in zip(shares, values, strict=True)) for j in range(size)]
    return linear(out, w["wo"])


def loss_of(w, rows, targets):
    """The mean of -log p(next letter): ``rows`` of the table of letters, ``targets`` with 1 at the next letter."""
    losses, keys, values = [], [], []
    for row, position, target in zip(rows, w["wpe"], targets, strict=False):
        x = rmsnorm([a + b for a, b in zip(row, position, strict=True)])
        x = [a + b for a, b in zip(x, attention(rmsnorm(x), w, keys, values), strict=True)]
        hidden = [xi.relu() for xi in linear(rmsnorm(x), w["fc1"])]
        x = [a + b for a, b in zip(x, linear(hidden, w["fc2"]), strict=True)]
        probabilities = softmax(linear(x, w["lm_head"]))
        if isinstance(target, int):  # the peer is given the letter itself
            losses.append(-probabilities[target].log())
        else:
            losses.append(-sum(p * t for p, t in zip(probabilities, target, strict=True)).log())
    return sum(losses) * (1 / len(losses))


def stepper(w, loss_of, targets_of):
    parameters = [p for matrix in w.values() for row in matrix for p in row]

    def step(tokens):
        loss = loss_of([w["wte"][token] for token in tokens[:-1]], targets_of(tokens[1:]))
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.grad = 0.0
        return loss.data

    return step


def main() -> None:
    sys.setrecursionlimit(1_000_000)
    source, eye = random.Random(1), np.eye(VOCABULARY)
    theirs, ours = weights(Peer), weights(Value)
    compiled = compile(lambda rows, targets: loss_of(ours, rows, targets))
    steps = {
        "eager peer": stepper(theirs, lambda rows, targets: loss_of(theirs, rows, targets), lambda tokens: tokens),
        "compiled": stepper(ours, compiled, lambda tokens: eye[tokens]),
    }
    for length in (4, 7, 11, 16):
        names = [[END, *(source.randrange(END) for _ in range(length - 1)), END] for _ in range(8)]
        times, losses = {name: [] for name in steps}, {name: [] for name in steps}
        for tokens, (name, step) in ((tokens, item) for tokens in names for item in steps.items()):
            gc.collect()
            start = time.process_time_ns()
            losses[name].append(step(tokens))
            times[name].append((time.process_time_ns() - start) / 1e6)
        peer, ours_ms = (float(np.median(times[name][1:])) for name in steps)
        apart = max(abs(a - b) for a, b in zip(*losses.values(), strict=True))
        print(
            f"{length:2} letters: peer {peer:6.1f} ms, compiled {ours_ms:.2f} ms, {peer / ours_ms:.0f} times faster; "
            f"recorded in {times['compiled'][0] / 1e3:.1f} s; losses {apart:.0e} apart"
        )
    print(f"{compiled.recordings} recordings for 4 lengths")


if __name__ == "__main__":
    main()
