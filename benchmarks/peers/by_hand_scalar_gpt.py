"""The GPT of microgpt's size in NumPy, by hand, in float64: what its loops over numbers compute, as matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from by_hand_parts import Array, Flat
from scalar_programs import sequences
from training import Training

HEADS, WIDE = 4, 16
SIZE = WIDE // HEADS


def norm(x: Array) -> tuple[Array, Array]:
    scale = ((x * x).sum(1, keepdims=True) / WIDE + 1e-5) ** -0.5
    return x * scale, scale


def norm_back(g: Array, out: Array, scale: Array) -> Array:
    return (g - out * ((g * out).sum(1, keepdims=True) / WIDE)) * scale


def softmax(x: Array) -> Array:
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


def heads(x: Array) -> Array:
    return x.reshape(len(x), HEADS, SIZE).swapaxes(0, 1)


def joined(x: Array) -> Array:
    return x.swapaxes(0, 1).reshape(x.shape[1], WIDE)


AHEAD = np.triu(np.full((16, 16), -np.inf), 1)


def forward(p: dict[str, Array], read: Array) -> tuple[Array, tuple[Any, ...]]:
    """The probabilities of the letters that follow, and what the way back needs."""
    n = len(read)
    x0, s0 = norm(p["wte"][read] + p["wpe"][:n])
    x1, s1 = norm(x0)
    q, k, v = (heads(x1 @ p[f"attn_w{name}"].T) for name in "qkv")
    weights = softmax(q @ k.swapaxes(1, 2) / SIZE**0.5 + AHEAD[:n, :n])
    mixed = joined(weights @ v)
    x2 = mixed @ p["attn_wo"].T + x0
    x3, s3 = norm(x2)
    hidden = np.maximum(x3 @ p["mlp_fc1"].T, 0)
    x4 = hidden @ p["mlp_fc2"].T + x2
    return softmax(x4 @ p["lm_head"].T), (x0, s0, x1, s1, q, k, v, weights, mixed, x3, s3, hidden, x4)


def backward(upstream: Array, kept: tuple[Any, ...], p: dict[str, Array], g: dict[str, Array], read: Array) -> None:
    x0, s0, x1, s1, q, k, v, weights, mixed, x3, s3, hidden, x4 = kept
    g["lm_head"][...] = upstream.T @ x4
    g4 = upstream @ p["lm_head"]
    g["mlp_fc2"][...] = g4.T @ hidden
    gh = g4 @ p["mlp_fc2"] * (hidden > 0)
    g["mlp_fc1"][...] = gh.T @ x3
    g2 = g4 + norm_back(gh @ p["mlp_fc1"], x3, s3)
    g["attn_wo"][...] = g2.T @ mixed
    gm = heads(g2 @ p["attn_wo"])
    gw = gm @ v.swapaxes(1, 2)
    gw = (gw - (gw * weights).sum(-1, keepdims=True)) * weights / SIZE**0.5
    g1 = 0.0
    for name, found in (("q", gw @ k), ("k", gw.swapaxes(1, 2) @ q), ("v", weights.swapaxes(1, 2) @ gm)):
        of_heads = joined(found)
        g[f"attn_w{name}"][...] = of_heads.T @ x1
        g1 = g1 + of_heads @ p[f"attn_w{name}"]
    gx = norm_back(g2 + norm_back(g1, x1, s1), x0, s0)
    g["wpe"][...] = 0
    g["wpe"][: len(read)] = gx
    g["wte"][...] = 0
    np.add.at(g["wte"], read, gx)


def scalar_gpt(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    flat = Flat(arrays)
    names, at = sequences(arrays), 0

    def loss() -> Any:
        nonlocal at
        letters = np.array(names[at % len(names)])
        at += 1
        read, next_letters, rows = letters[:-1], letters[1:], np.arange(len(letters) - 1)
        probabilities, kept = forward(flat.p, read)
        found = -np.log(probabilities[rows, next_letters]).mean()
        probabilities[rows, next_letters] -= 1  # of softmax and cross-entropy together
        probabilities /= len(read)
        backward(probabilities, kept, flat.p, flat.g, read)
        return found

    training = flat.training(loss, options)

    def restart() -> None:
        nonlocal at
        at = 0
        training.restart()

    return Training(training.step, restart)
