"""Self-attention: queries, keys and values, and what the heads of a trained GPT look at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import nn
from autograd import Tensor, manual_seed, no_grad, randn
from demos.report import Options, Report
from demos.training import Training, trained

# Each of T tokens, a vector x, is projected three ways: to a query, what it looks for; to a key, what it offers to be
# found by; to a value, what it hands over when found.
#
#     Q = X Wq    K = X Wk    V = X Wv                X (T, C); Q, K, V (T, d)
#
# How well query i and key j fit is a dot product. A softmax makes of each row of those scores weights that sum to 1,
# and each token takes the weighted mean of the values:
#
#     attention(Q, K, V) = softmax(Q Kᵀ / sqrt(d)) V        (Vaswani et al. 2017, arXiv:1706.03762)
#
# In a GPT no token may look at later ones: those scores are set to -infinity before the softmax.


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The formula, with the mask of a GPT."""
    T, d = q.shape
    scores = q @ k.T / math.sqrt(d)  # (T, T)
    scores = scores.masked_fill(np.triu(np.ones((T, T), dtype=bool), k=1), -math.inf)
    return scores.softmax(dim=1) @ v  # (T, d)


# Why divide by sqrt(d)? A dot product of d independent products has a standard deviation of sqrt(d). At d = 64 the
# scores would differ by 8 and more, the softmax would give nearly all weight to one token, and its derivative, which
# is w (1 - w), would vanish.


def spread(d: int, tokens: int) -> dict[str, tuple[float, float]]:
    """The scores' standard deviation, and the largest weight of a row on average, as they are and divided."""
    scores = randn(tokens, d) @ randn(tokens, d).T
    both = {"as they are": scores, "divided": scores / math.sqrt(d)}
    return {name: (float(s.std()), float(s.softmax(dim=1).amax(dim=1).mean())) for name, s in both.items()}


# A head is free to look where it likes. What it has learned to look at can be read off its weights.


def patterns(text: str) -> dict[str, np.ndarray]:
    """What a head might look at, as masks (T, T): row i is what character i would look at."""
    characters = np.array(list(text))
    i, j = np.indices((len(text), len(text)))

    def last(mark: np.ndarray) -> np.ndarray:
        """Where each character's last marked one up to itself stands, as a column; -1 if there is none."""
        return np.maximum.accumulate(np.where(mark, np.arange(len(text)), -1))[:, None]

    return {
        "the character before": j == i - 1,
        "the word so far": (j > last(~np.char.isalpha(characters))) & (j <= i),
        "the start of the line": j == last(characters == "\n"),
        "the same character, earlier": (characters[:, None] == characters) & (j < i),
    }


def heads(training: Training, tokens: Tensor) -> Tensor:
    """The weights of all heads for one text (T,): (layers, heads, T, T)."""
    model, each = training.model, []
    with no_grad():
        x = model.tokens(tokens[None]) + model.places.weight[: len(tokens)]
        for block in model.blocks:
            each.append(block.attention.weights(block.norm1(x))[0])
            x = block(x)
    return Tensor(np.stack([weights.numpy() for weights in each]))


def looked_at(weights: Tensor, text: str) -> dict[str, tuple[np.ndarray, float]]:
    """For each pattern the share of each head's weight that fits it (layers, heads), and of evenly spread weight."""
    T = len(text)
    even = np.tril(np.ones((T, T))) / np.arange(1, T + 1)[:, None]
    return {
        name: ((weights.numpy() * fits).sum(axis=-1).mean(axis=-1), float((even * fits).sum(axis=-1).mean()))
        for name, fits in patterns(text).items()
    }


def run(options: Options) -> Report:
    """The formula against `nn.functional`, the reason for the square root, and the heads of the trained nanoGPT."""
    report = Report()
    manual_seed(options.seed)
    q, k, v = (randn(6, 16) for _ in range(3))
    library = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    gap = float((attention(q, k, v) - library).abs().max())
    report.found("attention_gap", gap, f"the formula and scaled_dot_product_attention are within {gap:.0e}")
    for name, (deviation, largest) in spread(64, 256).items():
        report.found(
            f"attention_{name.split()[0]}",
            deviation,
            f"scores {name}: deviation {deviation:.2f}; of 256 tokens, one gets {largest:.0%} of the weight",
        )

    training = trained(options)
    length, decode = training.model.sizes.context, training.characters.decode
    starts = range(0, len(training.held_out) - length, len(training.held_out) // 32)
    pieces = [training.held_out[start : start + length] for start in starts]
    found = [looked_at(heads(training, tokens), decode(tokens.numpy())) for tokens in pieces]
    chosen = {}
    for pattern in found[0]:
        shares = np.mean([one[pattern][0] for one in found], axis=0)
        even = float(np.mean([one[pattern][1] for one in found]))
        layer, head = np.unravel_index(shares.argmax(), shares.shape)
        chosen[pattern] = (int(layer), int(head), float(shares.max()))
        report.found(
            "attention_" + pattern.replace(",", "").replace(" ", "_"),
            shares.max() / even,
            f"layer {layer + 1}, head {head + 1} gives {shares.max():.0%} to {pattern}; evenly spread, {even:.0%}",
        )
    texts = [decode(tokens.numpy()[:32]) for tokens in pieces]
    prose = max(range(len(texts)), key=lambda n: ("\n" in texts[n][:12], sum(map(str.isalpha, texts[n]))))
    report.pictures.append(options.save(picture(training, pieces[prose][:32], chosen), "attention.png"))
    return report


def picture(training: Training, tokens: Tensor, chosen: dict[str, tuple[int, int, float]]) -> Figure:
    """For each pattern, the weights of the head that fits it best, over a piece of text."""
    text = list(training.characters.decode(tokens.numpy()).replace("\n", "⏎").replace(" ", "␣"))
    weights = heads(training, tokens).numpy()
    figure = Figure(figsize=(9.0, 9.4), layout="constrained")
    figure.suptitle("Each row: where one character looks")
    grid: Any = figure.subplots(2, 2)
    for axes, (pattern, (layer, head, share)) in zip(grid.ravel(), chosen.items(), strict=True):
        axes.imshow(weights[layer, head], cmap="Blues", vmin=0, vmax=1)
        axes.set_title(f"layer {layer + 1}, head {head + 1}: {share:.0%} to\n{pattern}", fontsize=11)
        axes.set_xticks(range(len(text)), text, fontsize=7, family="monospace")
        axes.set_yticks(range(len(text)), text, fontsize=7, family="monospace")
        axes.tick_params(length=0)
    return figure
