"""Why the order of the walk matters: a naive depth-first backward pass, shown wrong beside ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from autograd import Value
from autograd.graph import Node, topological
from demos.moons import loss_of_scalars, twins
from demos.report import Options, Report

Gradients = dict[Node, float]

# A result that is used twice gets its gradient from two sides, and they add up:
#
#     dL/da = sum over the uses u of a:  dL/du * du/da
#
# Each factor stands in the table of derivatives. What is left to decide is when a node hands its gradient on.


def contributions(node: Node, gradient: float) -> Iterator[tuple[Node, float]]:
    """What a node of this gradient gives each of its operands: the gradient times the local derivative."""
    if node.op is None:
        return
    numbers = [operand.raw if isinstance(operand, Node) else operand for operand in node.operands]
    for operand, vjp in zip(node.operands, node.reading.vjps, strict=False):
        if isinstance(operand, Node):
            yield operand, vjp(gradient, node.raw, *numbers, *node.op.parameters)


# The first idea that everyone has: start at the loss, and go on from each node to its operands. Depth first, the walk
# comes back to a node from its second use when that node has handed on what it got from the first, and is done.
# Whether that happens depends on how a sum happens to be written, which makes it all the harder to find.


def depth_first(loss: Node) -> tuple[Gradients, int]:
    """WRONG: a node hands on what it has when it is first reached. Also how often a node was visited."""
    gradients, stack = {loss: 1.0}, [loss]
    visits = 0
    while stack:
        node = stack.pop()
        visits += 1
        for operand, contribution in contributions(node, gradients[node]):
            if operand not in gradients:
                stack.append(operand)
            gradients[operand] = gradients.get(operand, 0.0) + contribution
    return gradients, visits


# Handing on again at each later visit repairs that, if only the new contribution is handed on: this follows each path
# from the loss to a leaf by itself. It is right, and hopeless: where paths part and join n times, there are 2^n.


def every_path(loss: Node) -> tuple[Gradients, int]:
    """Right, but exponential: each contribution travels alone."""
    gradients: Gradients = {}
    stack, visits = [(loss, 1.0)], 0
    while stack:
        node, gradient = stack.pop()
        visits += 1
        gradients[node] = gradients.get(node, 0.0) + gradient
        stack += contributions(node, gradient)
    return gradients, visits


# The answer: a node's turn comes when all its uses have had theirs. An order with operands before results, walked
# backwards, does that with one visit to each node. Every framework's backward pass is this loop.


def in_order(loss: Node) -> tuple[Gradients, int]:
    """Right, and one visit to each node."""
    gradients, order = {loss: 1.0}, topological([loss])
    for node in reversed(order):
        for operand, contribution in contributions(node, gradients[node]):
            gradients[operand] = gradients.get(operand, 0.0) + contribution
    return gradients, len(order)


WALKS: dict[str, Callable[[Node], tuple[Gradients, int]]] = {
    "depth first": depth_first,
    "every path": every_path,
    "in order": in_order,
}


def diamonds(n: int, sine_first: bool = True) -> tuple[Value, Value]:
    """x, and what becomes of it when n times over a number is used twice: h <- sin(h) + h, or h + sin(h)."""
    x = h = Value(0.5)
    for _ in range(n):
        h = h.sin() + h if sine_first else h + h.sin()
    return x, h


def network(options: Options) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The gradients of the two moons' network, by layer: depth first, and by `backward`."""
    X, labels = make_moons(n_samples=10 if options.quick else 100, noise=0.1, random_state=options.seed)
    model = twins(options.seed)[0]
    loss = loss_of_scalars(model, X, 2.0 * labels - 1.0)
    naive = depth_first(loss)[0]
    loss.backward()
    layers = [layer.parameters() for layer in model.layers]
    return [np.array([naive[p] for p in ps]) for ps in layers], [np.array([p.grad for p in ps]) for ps in layers]


def run(options: Options) -> Report:
    """Two diamonds by each walk, how the visits grow, and which weights of a network would learn nonsense."""
    report = Report()
    for sine_first, written in ((True, "sin(h) + h"), (False, "h + sin(h)")):
        for name, walk in WALKS.items():
            x, result = diamonds(2, sine_first)
            slope = walk(result)[0][x]
            result.backward()
            number = f"walk_order_{name.replace(' ', '_')}{'' if sine_first else '_swapped'}"
            verdict = "right" if abs(slope - x.grad) < 1e-12 else f"WRONG, it is {x.grad:.4f}"
            report.found(number, slope - x.grad, f"{written}, twice; {name:11}: slope {slope:.4f}, {verdict}")
    depths = np.arange(1, 11 if options.quick else 16)
    visits = {name: [walk(diamonds(n)[1])[1] for n in depths] for name, walk in WALKS.items()}
    report.found(
        "walk_order_visits",
        visits["every path"][-1] / visits["in order"][-1],
        f"{depths[-1]} times: every path takes {visits['every path'][-1]:,} visits, in order {visits['in order'][-1]}",
    )
    naive, right = network(options)
    wrong = [np.abs(one - other) > 1e-9 * np.abs(other).max() for one, other in zip(naive, right, strict=True)]
    for k, share in enumerate(map(np.mean, wrong), start=1):
        report.found(f"walk_order_layer{k}", float(share), f"layer {k} of 3, depth first: {share:.0%} of weights wrong")
    report.pictures.append(options.save(picture(depths, visits, naive, right), "walk_order.png"))
    return report


def picture(depths: np.ndarray, visits: dict[str, Any], naive: list[np.ndarray], right: list[np.ndarray]) -> Figure:
    """The naive gradient of each weight over the right one; the visits over the depth."""
    figure = Figure(figsize=(8.0, 3.8), layout="constrained")
    left, growth = figure.subplots(1, 2)
    colours = ("#C44E52", "#4C72B0", "#55A868")
    for k in range(3):
        left.plot(right[k], naive[k], "o", color=colours[k], markersize=4, alpha=0.7, label=f"layer {k + 1}")
    left.axline((0, 0), slope=1, color="#999999", linewidth=1, zorder=0)
    left.set(title="A network's gradients, depth first", xlabel="right (backward)", ylabel="depth first")
    left.legend(frameon=False)
    for (name, counts), colour, line in zip(visits.items(), colours, ("--", "-", "-"), strict=True):
        growth.semilogy(depths, counts, line, color=colour, label=name, zorder=3 if line == "--" else 2)
    growth.set(title="sin(h) + h, again and again", xlabel="times", ylabel="visits to nodes", xticks=depths[::2])
    growth.legend(frameon=False)
    return figure
