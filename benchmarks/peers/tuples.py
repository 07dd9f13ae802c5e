"""A `Value` as microgpt has it: slots, with a tuple of children and a tuple of local gradients on every node."""

from __future__ import annotations

import math
from typing import Any

import scalar_programs
from training import Training, restarted

VERSION = "a Value with tuples, written here"


class Value:
    __slots__ = ("children", "data", "grad", "slopes")

    def __init__(self, data: float, children: tuple[Value, ...] = (), slopes: tuple[float, ...] = ()) -> None:
        self.data, self.grad, self.children, self.slopes = data, 0.0, children, slopes

    def __add__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> Value:
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def log(self) -> Value:
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def exp(self) -> Value:
        e = math.exp(self.data)
        return Value(e, (self,), (e,))

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Any) -> Value:
        return self + (-other)

    def __truediv__(self, other: Any) -> Value:
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order: list[Value] = []
        seen: set[Value] = set()

        def visit(node: Value) -> None:
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, slope in zip(node.children, node.slopes, strict=True):
                child.grad += slope * node.grad


class Neuron:
    def __init__(self, inputs: int, nonlinear: bool) -> None:
        self.w, self.b, self.nonlinear = [Value(0.0) for _ in range(inputs)], Value(0.0), nonlinear

    def __call__(self, x: list[Any]) -> Value:
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlinear else act


class Layer:
    def __init__(self, inputs: int, outputs: int, nonlinear: bool) -> None:
        self.neurons = [Neuron(inputs, nonlinear) for _ in range(outputs)]

    def __call__(self, x: list[Any]) -> list[Value]:
        return [neuron(x) for neuron in self.neurons]


class MLP:
    def __init__(self) -> None:
        self.layers = [Layer(2, 16, True), Layer(16, 16, True), Layer(16, 1, False)]

    def __call__(self, x: list[Any]) -> Value:
        for layer in self.layers:
            x = layer(x)
        return x[0]

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for neuron in layer.neurons for p in (*neuron.w, neuron.b)]


def moons(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    model = MLP()
    parameters = scalar_programs.moons_parameters(model, arrays)
    X, y = arrays["data.X"].tolist(), arrays["data.y"].tolist()
    start = [p.data for p in parameters]

    def step() -> float:
        loss = scalar_programs.moons_loss(model, X, y)
        loss.backward()
        for p in parameters:
            p.data -= options["rate"] * p.grad
            p.grad = 0.0
        return loss.data

    return Training(step, lambda: restarted(parameters, start))


def scalar_gpt(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    model = scalar_programs.ScalarGPT(Value, arrays)
    update = scalar_programs.adam(model.parameters, options["rate"])
    embedding, names, start = model.state["wte"], scalar_programs.sequences(arrays), [p.data for p in model.parameters]
    at = 0

    def step() -> float:
        nonlocal at
        letters = names[at % len(names)]
        at += 1
        loss = model.loss([embedding[letter] for letter in letters[:-1]], letters[1:])
        loss.backward()
        update()
        return loss.data

    def restart() -> None:
        nonlocal at
        at = 0
        restarted(model.parameters, start)

    return Training(step, restart)
