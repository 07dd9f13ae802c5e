"""tinygrad, on the CPU, with the whole step under ``TinyJit``, as its documentation trains."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
from tinygrad import Context, Tensor, TinyJit, nn
from training import Training, weights_of

VERSION = f"tinygrad {version('tinygrad')}"


def _trained(logits_of: Any, arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    parameters = [Tensor(array).realize() for array in weights_of(arrays).values()]
    optimizer = getattr(nn.optim, options["algorithm"])(parameters, lr=options["rate"])
    X, y = Tensor(arrays["data.X"]).realize(), Tensor(arrays["data.y"]).realize()

    @TinyJit
    def jitted() -> Any:
        optimizer.zero_grad()
        out = logits_of(X, parameters)
        loss = (1 - y * out[:, 0]).relu().mean() if out.shape[1] == 1 else out.sparse_categorical_crossentropy(y)
        loss.backward()
        return loss.realize(*optimizer.schedule_step())

    def restart() -> None:
        for p, array in zip(parameters, weights_of(arrays).values(), strict=True):
            p.assign(Tensor(np.array(array))).realize()

    def step() -> float:
        with Context(TRAINING=1):
            return jitted().item()

    return Training(step, restart)


def mlp(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    def logits_of(x: Any, p: list[Any]) -> Any:
        for k in range(0, len(p), 2):
            x = x.linear(p[k].T, p[k + 1])
            if k + 2 < len(p):
                x = x.relu()
        return x

    return _trained(logits_of, arrays, options)


def convnet(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    def logits_of(x: Any, p: list[Any]) -> Any:
        for w, b in ((p[0], p[1]), (p[2], p[3])):
            x = x.conv2d(w, b, padding=1).relu().max_pool2d((2, 2))
        return x.flatten(1).linear(p[4].T, p[5])

    return _trained(logits_of, arrays, options)
