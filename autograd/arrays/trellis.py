"""Sums over paths: a state is entered from itself, from the one before it, or from the one before that.

A trellis is ``(T, N, S)``: steps, examples, states. Its logarithms are finite: `NEVER` is that of what cannot be.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arrays.windows import windows

Array = np.ndarray[Any, Any]

NEVER = -1e30
REACH = 3  # how many states a state may be entered from


def trellis(x: Array, jumps: Array) -> Array:
    """The logarithm of the sum, over the paths that end in each state at each step, of exp(the sum of ``x`` along it).

    ``jumps`` ``(N, S, 3)``: whether a state is entered from the one two before it, from the one before it, from itself.
    """
    out = np.array(x)
    before = np.full((x.shape[1], x.shape[2] + REACH - 1), NEVER, x.dtype)
    sources = windows(before, (REACH,), (1,), (1,))  # (N, S, 3), a view
    barred = np.where(jumps, 0, NEVER).astype(x.dtype)
    for t in range(1, len(x)):
        before[:, REACH - 1 :] = out[t - 1]
        terms = sources + barred
        most = terms.max(-1)
        terms -= most[..., None]
        out[t] += most + np.log(np.exp(terms).sum(-1))
    return out


def trellis_walk(w: Array, y: Array) -> Array:
    """``y`` and what arrives in each state over the edges ``w`` ``(T, N, S, 3)``, from the step before.

    The edge ``w[t, n, s, j]`` leads from the state s + j - 2 at step t - 1 to s at step t.
    """
    out = np.array(y)
    before = np.zeros((y.shape[1], y.shape[2] + REACH - 1), y.dtype)
    sources = windows(before, (REACH,), (1,), (1,))
    for t in range(1, len(y)):
        before[:, REACH - 1 :] = out[t - 1]
        out[t] += (w[t] * sources).sum(-1)
    return out


def trellis_back(w: Array, y: Array) -> Array:
    """`trellis_walk` against the direction of the edges, from the step after: its adjoint."""
    out = np.array(y)
    states = y.shape[2]
    arrived = np.empty((y.shape[1], states + REACH - 1), y.dtype)
    for t in range(len(y) - 1, 0, -1):
        sent = w[t] * out[t][..., None]
        arrived.fill(0)
        for j in range(REACH):
            arrived[:, j : j + states] += sent[..., j]
        out[t - 1] += arrived[:, REACH - 1 :]
    return out


WORDS: dict[str, Any] = {"trellis": trellis, "trellis_back": trellis_back, "trellis_walk": trellis_walk}
