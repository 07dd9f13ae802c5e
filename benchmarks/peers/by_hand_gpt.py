"""The character GPT in NumPy, by hand, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
from by_hand_parts import Array, Flat, cross_entropy
from training import Training

B, T, HEADS, WIDE = 12, 64, 4, 128
SIZE = WIDE // HEADS
GELU = np.float32(np.sqrt(2 / np.pi))
AHEAD = np.triu(np.full((T, T), -np.inf, np.float32), 1)
SCALE = np.float32(SIZE**-0.5)


def norm(x: Array, w: Array, b: Array) -> tuple[Array, tuple[Array, Array]]:
    centered = x - x.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt(np.einsum("ij,ij->i", centered, centered)[:, None] / np.float32(WIDE) + np.float32(1e-5))
    centered *= scale
    return centered * w + b, (centered, scale)


def norm_back(g: Array, kept: tuple[Array, Array], w: Array, gw: Array, gb: Array) -> Array:
    x, scale = kept
    np.einsum("ij,ij->j", g, x, out=gw)
    np.sum(g, axis=0, out=gb)
    g = g * w
    g -= g.mean(axis=1, keepdims=True) + x * (np.einsum("ij,ij->i", g, x)[:, None] / np.float32(WIDE))
    g *= scale
    return g


def gelu(x: Array) -> tuple[Array, Array]:
    """The value, and the tanh in it."""
    t = x * x
    t *= 0.044715
    t += 1
    t *= x
    t *= GELU
    np.tanh(t, out=t)
    return 0.5 * x * (1 + t), t


def gelu_back(g: Array, x: Array, t: Array) -> Array:
    inner = x * x
    inner *= 3 * 0.044715
    inner += 1
    inner *= GELU
    inner *= x
    inner *= 1 - t * t
    inner += 1
    inner += t
    inner *= 0.5
    inner *= g
    return inner


def heads(x: Array) -> Array:
    """(B T, 3 WIDE) as (3, B, HEADS, T, SIZE)."""
    return x.reshape(B, T, 3, HEADS, SIZE).transpose(2, 0, 3, 1, 4)


def block(x: Array, p: dict[str, Array], at: str) -> tuple[Array, tuple[Any, ...]]:
    a, norm1 = norm(x, p[f"{at}.norm1.weight"], p[f"{at}.norm1.bias"])
    qkv = a @ p[f"{at}.qkv.weight"].T
    qkv += p[f"{at}.qkv.bias"]
    q, k, v = heads(qkv)
    weights = q @ k.swapaxes(2, 3)
    weights *= SCALE
    weights += AHEAD
    weights -= weights.max(axis=3, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=3, keepdims=True)
    mixed = (weights @ v).transpose(0, 2, 1, 3).reshape(B * T, WIDE)
    x = x + mixed @ p[f"{at}.out.weight"].T
    x += p[f"{at}.out.bias"]
    c, norm2 = norm(x, p[f"{at}.norm2.weight"], p[f"{at}.norm2.bias"])
    h = c @ p[f"{at}.up.weight"].T
    h += p[f"{at}.up.bias"]
    e, t = gelu(h)
    x = x + e @ p[f"{at}.down.weight"].T
    x += p[f"{at}.down.bias"]
    return x, (a, norm1, q, k, v, weights, mixed, c, norm2, h, e, t)


def linear_back(upstream: Array, x: Array, name: str, p: dict[str, Array], g: dict[str, Array]) -> Array:
    np.matmul(upstream.T, x, out=g[f"{name}.weight"])
    np.sum(upstream, axis=0, out=g[f"{name}.bias"])
    return upstream @ p[f"{name}.weight"]


def block_back(up: Array, kept: tuple[Any, ...], p: dict[str, Array], g: dict[str, Array], at: str) -> Array:
    a, norm1, q, k, v, weights, mixed, c, norm2, h, e, t = kept
    gh = gelu_back(linear_back(up, e, f"{at}.down", p, g), h, t)
    gc = linear_back(gh, c, f"{at}.up", p, g)
    n = f"{at}.norm2"
    up = up + norm_back(gc, norm2, p[f"{n}.weight"], g[f"{n}.weight"], g[f"{n}.bias"])
    gm = linear_back(up, mixed, f"{at}.out", p, g).reshape(B, T, HEADS, SIZE).transpose(0, 2, 1, 3)
    gqkv = np.empty((B, T, 3, HEADS, SIZE), np.float32)
    gq, gk, gv = gqkv.transpose(2, 0, 3, 1, 4)
    gv[...] = weights.swapaxes(2, 3) @ gm
    gw = gm @ v.swapaxes(2, 3)
    gw -= np.einsum("bhij,bhij->bhi", gw, weights)[..., None]
    gw *= weights
    gw *= SCALE
    gq[...] = gw @ k
    gk[...] = gw.swapaxes(2, 3) @ q
    ga = linear_back(gqkv.reshape(B * T, 3 * WIDE), a, f"{at}.qkv", p, g)
    n = f"{at}.norm1"
    return up + norm_back(ga, norm1, p[f"{n}.weight"], g[f"{n}.weight"], g[f"{n}.bias"])


def gpt(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    flat = Flat(arrays)
    p, g, X, y = flat.p, flat.g, arrays["data.X"], arrays["data.y"].ravel()

    def loss() -> Any:
        x = (p["wte.weight"][X] + p["wpe.weight"]).reshape(B * T, WIDE)
        kept = []
        for k in range(4):
            x, of_block = block(x, p, f"blocks.{k}")
            kept.append(of_block)
        out, normed = norm(x, p["norm.weight"], p["norm.bias"])
        found, upstream = cross_entropy(out @ p["head.weight"].T, y)
        np.matmul(upstream.T, out, out=g["head.weight"])
        up = upstream @ p["head.weight"]
        up = norm_back(up, normed, p["norm.weight"], g["norm.weight"], g["norm.bias"])
        for k in (3, 2, 1, 0):
            up = block_back(up, kept[k], p, g, f"blocks.{k}")
        np.sum(up.reshape(B, T, WIDE), axis=0, out=g["wpe.weight"])
        g["wte.weight"][...] = 0
        np.add.at(g["wte.weight"], X.ravel(), up)
        return found

    return flat.training(loss, options)
