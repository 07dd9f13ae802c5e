"""Whole programs in the style of micrograd and microgpt: the same lines run on `Value`s and on PyTorch's numbers."""

import random
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd import Value

VOCABULARY, WIDTH, HEADS = 7, 8, 2


def weights(number):
    """The matrices of a one-layer GPT; ``number`` makes each of their numbers."""
    source = random.Random(42)
    sizes = {"wte": (VOCABULARY, WIDTH), "wpe": (6, WIDTH), "lm_head": (VOCABULARY, WIDTH)}
    sizes |= dict.fromkeys(("wq", "wk", "wv", "wo"), (WIDTH, WIDTH))
    sizes |= {"fc1": (4 * WIDTH, WIDTH), "fc2": (WIDTH, 4 * WIDTH)}
    return {
        name: [[number(source.gauss(0, 0.3)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in sizes.items()
    }


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(wo, x, strict=True)) for wo in w]


def softmax(logits):
    top = max(float(logit.data) for logit in logits)
    exps = [(logit - top).exp() for logit in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rmsnorm(x):
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def attention(x, w, keys, values):
    q, k, v = (linear(x, w[name]) for name in ("wq", "wk", "wv"))
    keys.append(k)
    values.append(v)
    out, size = [], WIDTH // HEADS
    for h in range(HEADS):
        part = slice(h * size, (h + 1) * size)
        scores = [sum(a * b for a, b in zip(q[part], k[part], strict=True)) / size**0.5 for k in keys]
        shares = softmax(scores)
        out += [sum(s * v[part][j] for s, v in zip(shares, values, strict=True)) for j in range(size)]
    return linear(out, w["wo"])


def gpt_loss(w, tokens):
    """The mean of -log p(next token) over a sequence."""
    losses, keys, values = [], [], []
    for position, (token, target) in enumerate(pairwise(tokens)):
        x = rmsnorm([t + p for t, p in zip(w["wte"][token], w["wpe"][position], strict=True)])
        x = [a + b for a, b in zip(x, attention(rmsnorm(x), w, keys, values), strict=True)]
        hidden = [xi.relu() for xi in linear(rmsnorm(x), w["fc1"])]
        x = [a + b for a, b in zip(x, linear(hidden, w["fc2"]), strict=True)]
        losses.append(-softmax(linear(x, w["lm_head"]))[target].log())
    return (1 / len(losses)) * sum(losses)


def test_a_scalar_gpt_has_torchs_loss_and_gradients(torch):
    ours = weights(Value)
    theirs = weights(lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True))
    tokens = [0, 3, 5, 1, 0]
    loss, expected = gpt_loss(ours, tokens), gpt_loss(theirs, tokens)
    loss.backward()
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    for name, matrix in ours.items():
        found = [p.grad for row in matrix for p in row]
        reference = [0.0 if p.grad is None else p.grad.item() for row in theirs[name] for p in row]
        np.testing.assert_allclose(found, reference, rtol=1e-9, atol=1e-14, err_msg=name)


def test_a_scalar_gpt_learns_with_the_update_written_out():
    w = weights(Value)
    parameters = [p for matrix in w.values() for row in matrix for p in row]
    losses = []
    for _ in range(6):
        loss = gpt_loss(w, [0, 3, 5, 1, 0])
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
            p.grad = 0
        losses.append(loss.data)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 2


def test_micrograds_notebook_separates_two_rings():
    """Its cells, with NumPy's integers as labels and its accuracy, loss and update written as there."""
    random.seed(1337)
    source = np.random.default_rng(1)
    angles, y = source.uniform(0, 2 * np.pi, 40), np.repeat([1, -1], 20)
    X = (np.where(y == 1, 0.4, 1.2) * np.stack([np.cos(angles), np.sin(angles)])).T
    model = nn.scalar.MLP(2, [8, 1])
    for k in range(60):
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
    assert all(accuracy)
