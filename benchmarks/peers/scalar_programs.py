"""Programs of numbers, one text for all classes called ``Value``: two moons, and a GPT of microgpt's size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training import nested, weights_of

Values = list[Any]


def moons_parameters(model: Any, arrays: dict[str, Any]) -> Values:
    """The parameters of micrograd's ``nn.MLP``, or of one made like it, set to a case's."""
    for layer, k in zip(model.layers, (0, 2, 4), strict=True):
        for neuron, w, b in zip(layer.neurons, nested(arrays[f"{k}.weight"]), nested(arrays[f"{k}.bias"]), strict=True):
            for weight, number in zip(neuron.w, w, strict=True):
                weight.data = number
            neuron.b.data = b
    return model.parameters()


def moons_loss(model: Any, X: Any, y: Any) -> Any:
    """mean max(0, 1 - y f(x)) + 1e-4 |w|², as in micrograd's demo."""
    scores = [model(x) for x in X]
    hinges = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
    return sum(hinges) * (1.0 / len(hinges)) + 1e-4 * sum(p * p for p in model.parameters())


class ScalarGPT:
    """A transformer of one layer, 16 wide, with 4 heads, over at most 16 letters; the arithmetic is microgpt's."""

    heads = 4

    def __init__(self, value: Callable[[float], Any], arrays: dict[str, Any]) -> None:
        self.state = {
            name: [[value(x) for x in row] for row in nested(array)] for name, array in weights_of(arrays).items()
        }
        self.parameters = [p for matrix in self.state.values() for row in matrix for p in row]

    def loss(self, tokens: list[Values], targets: list[Any]) -> Any:
        """The mean of -log p(next letter). ``tokens`` are rows of the embedding; a target is the letter's number or,
        for who must do the same operations for every letter, a row of zeros with 1 at the letter."""
        keys: list[Values] = []
        values: list[Values] = []
        losses = []
        for position, (token, target) in enumerate(zip(tokens, targets, strict=True)):
            x = [t + p for t, p in zip(token, self.state["wpe"][position], strict=True)]
            probabilities = softmax(self.logits(normalized(x), keys, values))
            if isinstance(target, int):
                chosen = probabilities[target]
            else:
                chosen = sum(p * t for p, t in zip(probabilities, target, strict=True))
            losses.append(-chosen.log())
        return sum(losses) * (1 / len(losses))

    def logits(self, x: Values, keys: list[Values], values: list[Values]) -> Values:
        state = self.state
        before, x = x, normalized(x)
        q = linear(x, state["attn_wq"])
        keys.append(linear(x, state["attn_wk"]))
        values.append(linear(x, state["attn_wv"]))
        size = len(q) // self.heads
        mixed: Values = []
        for start in range(0, len(q), size):
            of_head = slice(start, start + size)
            scores = [sum(a * b for a, b in zip(q[of_head], k[of_head], strict=True)) / size**0.5 for k in keys]
            weights = softmax(scores)
            mixed += [sum(w * v[j] for w, v in zip(weights, values, strict=True)) for j in range(start, start + size)]
        x = [a + b for a, b in zip(linear(mixed, state["attn_wo"]), before, strict=True)]
        before, x = x, normalized(x)
        hidden = [h.relu() for h in linear(x, state["mlp_fc1"])]
        x = [a + b for a, b in zip(linear(hidden, state["mlp_fc2"]), before, strict=True)]
        return linear(x, state["lm_head"])


def linear(x: Values, w: list[Values]) -> Values:
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def softmax(logits: Values) -> Values:
    exps = [x.exp() for x in logits]  # microgpt subtracts the largest first, which compile cannot repeat
    total = sum(exps)
    return [e / total for e in exps]


def normalized(x: Values) -> Values:
    """Divided by the root mean square."""
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def sequences(arrays: dict[str, Any]) -> list[list[int]]:
    """The letters of each name, as numbers from 1; it begins and ends with 0."""
    return [
        row[:length] for row, length in zip(arrays["data.names"].tolist(), arrays["data.lengths"].tolist(), strict=True)
    ]


def adam(parameters: Values, rate: float) -> Callable[[], None]:
    """Adam as microgpt writes it."""
    m, v, step = [0.0] * len(parameters), [0.0] * len(parameters), 0

    def update() -> None:
        nonlocal step
        step += 1
        for i, p in enumerate(parameters):
            m[i] = 0.9 * m[i] + 0.1 * p.grad
            v[i] = 0.999 * v[i] + 0.001 * p.grad**2
            p.data -= rate * (m[i] / (1 - 0.9**step)) / ((v[i] / (1 - 0.999**step)) ** 0.5 + 1e-8)
            p.grad = 0.0

    return update
