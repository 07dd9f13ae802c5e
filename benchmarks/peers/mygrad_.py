"""MyGrad: tensors, with updates written by the user."""

from __future__ import annotations

from typing import Any

import mygrad as mg
from by_array import training_of
from mygrad.nnet.activations import relu
from mygrad.nnet.layers import conv_nd, max_pool
from mygrad.nnet.losses import softmax_crossentropy
from training import Training

VERSION = f"mygrad {mg.__version__}"


def _trained(logits_of: Any, arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    X, y = arrays["data.X"], arrays["data.y"]

    def value_and_grad(parameters: list[Any]) -> Any:
        tensors = [mg.tensor(p, copy=False) for p in parameters]
        out = logits_of(X, tensors)
        loss = mg.mean(relu(1 - y * out[:, 0])) if out.shape[1] == 1 else softmax_crossentropy(out, y)
        loss.backward()
        return loss.item(), [t.grad for t in tensors]

    return training_of(value_and_grad, arrays, options)


def mlp(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    def logits_of(x: Any, p: list[Any]) -> Any:
        for k in range(0, len(p), 2):
            x = mg.matmul(x, p[k].T) + p[k + 1]
            if k + 2 < len(p):
                x = relu(x)
        return x

    return _trained(logits_of, arrays, options)


def convnet(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    def logits_of(x: Any, p: list[Any]) -> Any:
        for w, b in ((p[0], p[1]), (p[2], p[3])):
            x = max_pool(relu(conv_nd(x, w, stride=1, padding=1) + b.reshape(1, -1, 1, 1)), (2, 2), 2)
        return mg.matmul(x.reshape(len(x), -1), p[4].T) + p[5]

    return _trained(logits_of, arrays, options)
