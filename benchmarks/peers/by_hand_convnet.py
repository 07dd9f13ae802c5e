"""The ConvNet in NumPy, by hand: windows as the columns of one matrix product, channels last."""

from __future__ import annotations

from typing import Any

import numpy as np
from by_hand_parts import Array, Flat, cross_entropy
from training import Training


def columns(x: Array) -> Array:
    """The 3 x 3 windows of (N, H, W, C), padded by 1, as rows: (N H W, 9 C)."""
    n, h, w, c = x.shape
    padded = np.zeros((n, h + 2, w + 2, c), x.dtype)
    padded[:, 1:-1, 1:-1] = x
    made = np.empty((n, h, w, 9, c), x.dtype)
    for k in range(9):
        i, j = divmod(k, 3)
        made[:, :, :, k] = padded[:, i : i + h, j : j + w]
    return made.reshape(n * h * w, 9 * c)


def scattered(rows: Array, shape: tuple[int, ...]) -> Array:
    """The transpose of `columns`: each window's gradient added to its place."""
    n, h, w, c = shape
    padded = np.zeros((n, h + 2, w + 2, c), rows.dtype)
    windows = rows.reshape(n, h, w, 9, c)
    for k in range(9):
        i, j = divmod(k, 3)
        padded[:, i : i + h, j : j + w] += windows[:, :, :, k]
    return padded[:, 1:-1, 1:-1]


def kernel(w: Array) -> Array:
    """(O, C, 3, 3) as (9 C, O)."""
    return w.transpose(2, 3, 1, 0).reshape(-1, w.shape[0])


def unkernel(g: Array, shape: tuple[int, ...]) -> Array:
    return g.reshape(3, 3, shape[1], shape[0]).transpose(3, 2, 0, 1)


def pooled(x: Array) -> tuple[Array, Array]:
    """The largest of each 2 x 2, and which of the four it was."""
    n, h, w, c = x.shape
    four = x.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 5, 2, 4).reshape(n, h // 2, w // 2, c, 4)
    which = four.argmax(axis=-1)[..., None]
    return np.take_along_axis(four, which, axis=-1)[..., 0], which


def unpooled(g: Array, which: Array) -> Array:
    n, h, w, c = g.shape
    four = np.zeros((n, h, w, c, 4), g.dtype)
    np.put_along_axis(four, which, g[..., None], axis=-1)
    return four.reshape(n, h, w, c, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(n, 2 * h, 2 * w, c)


def convnet(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    flat = Flat(arrays)
    p, g, y = flat.p, flat.g, arrays["data.y"]
    X = np.ascontiguousarray(arrays["data.X"].transpose(0, 2, 3, 1))
    n = len(X)

    def loss() -> Any:
        rows0, w3 = columns(X), kernel(p["3.weight"])
        z0 = rows0 @ kernel(p["0.weight"])
        z0 += p["0.bias"]
        x1, which0 = pooled(np.maximum(z0, 0, out=z0).reshape(n, 8, 8, 16))
        rows3 = columns(x1)
        z3 = rows3 @ w3
        z3 += p["3.bias"]
        x2, which3 = pooled(np.maximum(z3, 0, out=z3).reshape(n, 4, 4, 32))
        x3 = x2.transpose(0, 3, 1, 2).reshape(n, 128)
        found, upstream = cross_entropy(x3 @ p["7.weight"].T + p["7.bias"], y)

        np.matmul(upstream.T, x3, out=g["7.weight"])
        np.sum(upstream, axis=0, out=g["7.bias"])
        g2 = (upstream @ p["7.weight"]).reshape(n, 32, 2, 2).transpose(0, 2, 3, 1)
        gz3 = unpooled(g2, which3).reshape(z3.shape) * (z3 > 0)
        g["3.weight"][...] = unkernel(rows3.T @ gz3, (32, 16))
        np.sum(gz3, axis=0, out=g["3.bias"])
        g1 = scattered(gz3 @ w3.T, x1.shape)
        gz0 = unpooled(g1, which0).reshape(z0.shape) * (z0 > 0)
        g["0.weight"][...] = unkernel(rows0.T @ gz0, (16, 1))
        np.sum(gz0, axis=0, out=g["0.bias"])
        return found

    return flat.training(loss, options)
