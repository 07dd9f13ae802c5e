"""micrograd's networks, made of `Value`s: a neuron is a dot product, a layer is neurons, an MLP is layers.

Weights are drawn from Python's ``random``, as micrograd draws them: ``random.seed(1337)`` gives its networks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from operator import mul
from typing import Any

from autograd import ShapeError, Value, graph, origins


def _called(module: Any, name: str, x: Any) -> Any:
    """``module(x)``; if nodes keep their origins, those that it makes know it by ``name``."""
    if not (graph.switched and origins.is_recording()):
        return module(x)
    with origins.entered(name):
        return module(x)


class Module:
    """Something with parameters, a list of `Value`s."""

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0."""
        for p in self.parameters():
            p.grad = 0.0

    def parameters(self) -> list[Value]:
        """All parameters; always in the same order."""
        return []


class Neuron(Module):
    """relu(w · x + b), or w · x + b if not ``nonlin``; weights start uniform in [-1, 1), the bias at 0."""

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: Sequence[Any]) -> Value:
        if len(x) != len(self.w):
            raise ShapeError(f"Neuron: got {len(x)} inputs, but it has {len(self.w)} weights; they must agree")
        act = sum(map(mul, self.w, x), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """``nout`` neurons of the same ``nin`` inputs; a layer of one neuron gives a Value, of more a list."""

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        self.neurons = [Neuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x: Sequence[Any]) -> Any:
        out = [_called(n, f"neurons[{i}]", x) for i, n in enumerate(self.neurons)]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        return [p for n in self.neurons for p in n.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(str(n) for n in self.neurons)}]"


class MLP(Module):
    """Layers of the sizes ``nouts`` on ``nin`` inputs, all but the last with relu."""

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        if not nouts or nin < 1 or min(nouts) < 1:
            raise ValueError(
                f"MLP({nin}, {nouts}): give the number of inputs and the sizes of one layer or more, all >= 1"
            )
        sizes = [nin, *nouts]
        self.layers = [
            Layer(inputs, outputs, nonlin=i != len(nouts) - 1)
            for i, (inputs, outputs) in enumerate(zip(sizes, nouts, strict=False))
        ]

    def __call__(self, x: Any) -> Any:
        x = list(x)
        nin = len(self.layers[0].neurons[0].w)
        if len(x) != nin:
            raise ShapeError(
                f"MLP: got {len(x)} inputs, but it was made for {nin}; give as many, or make an MLP({len(x)}, ...)"
            )
        for i, layer in enumerate(self.layers):
            given = [x] if i and isinstance(x, Value) else x  # a layer of one neuron gave it
            x = _called(layer, f"MLP.layers[{i}]", given)
        return x

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(str(layer) for layer in self.layers)}]"
