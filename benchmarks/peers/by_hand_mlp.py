"""MLPs in NumPy, by hand: cross-entropy of classes, or the hinge of one score."""

from __future__ import annotations

from typing import Any

import numpy as np
from by_hand_parts import Flat, cross_entropy
from training import Training


def mlp(arrays: dict[str, Any], options: dict[str, Any], decay: float = 0.0) -> Training:
    """``decay`` times the squared parameters is part of the loss."""
    flat = Flat(arrays)
    p, g, X, y = flat.p, flat.g, arrays["data.X"], arrays["data.y"]
    last = len(p) - 2
    layers = [(p[f"{k}.weight"], p[f"{k}.bias"], g[f"{k}.weight"], g[f"{k}.bias"]) for k in range(0, last + 1, 2)]
    with_classes = layers[-1][0].shape[0] > 1

    def loss() -> Any:
        inputs, x = [], X
        for k, (W, b, _, _) in enumerate(layers):
            if k:
                np.maximum(x, 0, out=x)
            inputs.append(x)
            x = x @ W.T
            x += b
        if with_classes:
            found, upstream = cross_entropy(x, y)
        else:
            margins = 1 - y * x[:, 0]
            found, upstream = np.maximum(margins, 0).mean(), (-y * (margins > 0) / x.dtype.type(len(y)))[:, None]
        for k in range(len(layers) - 1, -1, -1):
            W, b, gW, gb = layers[k]
            np.matmul(upstream.T, inputs[k], out=gW)
            np.sum(upstream, axis=0, out=gb)
            if k:
                upstream = upstream @ W
                upstream *= inputs[k] > 0
        if decay:
            found += decay * (flat.flat @ flat.flat)
            flat.flat_g += 2 * decay * flat.flat
        return found

    return flat.training(loss, options)


def moons(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    return mlp(arrays, options, decay=1e-4)
