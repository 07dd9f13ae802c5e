"""The reverse pass: the chain rule, applied to a recorded graph from its outputs back to its leaves.

A node's turn comes when all its consumers have had theirs (`topological`, reversed). Its gradient is then
complete, and it gives each operand its contribution: the row's vjp of that gradient. Contributions to one
operand add up. The same pass runs in the three number systems; run with nodes it records a graph of its own,
which is how second and higher derivatives are taken (``create_graph=True``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd import anomaly, graph
from autograd.arrays import ARRAYS
from autograd.errors import DtypeError, GraphError
from autograd.filling import version
from autograd.graph import Node, Operation, enable_grad, recorded, topological
from autograd.hooks import accumulated, hooked
from autograd.nodes import NODES


def reverse(
    seeds: Mapping[Node, Any],
    create_graph: bool,
    inputs: Sequence[Node] | None = None,
    watch: Callable[[Node, int, Any, Any, Any, Any], None] | None = None,
) -> dict[Node, Any]:
    """The gradients of the ``seeds`` (outputs, each with its upstream gradient) with respect to ``inputs``; without
    ``inputs``, to every leaf that requires one and every result that retains its own.

    The gradients are nodes if ``create_graph``, else floats and arrays; contributions are never added in place,
    so two nodes may be handed the same array. ``watch(node, i, upstream, contribution, before, after)`` is told of
    each contribution, to operand ``i`` of ``node``, whose gradient was ``before`` (None: nothing yet).
    """
    order = topological(seeds, False)
    order.sort(key=recorded)  # what adds up to a gradient does so in this order, as in `array_pass`
    needed = None if inputs is None else _leading_to(inputs, order)
    asked = set(inputs or ())
    masked: set[Node] = set()  # what a `where` selects from, and all that it was computed from
    grads = dict(seeds)
    for node in reversed(order):
        rule = node.op.rule  # type: ignore[union-attr] # raises if the graph was let go
        g = grads.get(node)
        if g is None or (needed is not None and node not in needed):
            continue
        if node._wishes is not None:
            grads[node] = g = hooked(node, g, create_graph)
        if not (node._wishes is not None and node._wishes.kept if needed is None else node in asked):
            del grads[node]  # its turn is the last that anything asks for it
        leaky = False
        if rule.name == "where" or node in masked:
            leaky = rule.elementwise and node in masked
            masked.update(node.parents)
        vjps, values = _read(node, create_graph)
        for i, operand in enumerate(node.operands):
            if not isinstance(operand, Node) or not (operand.requires_grad if needed is None else operand in needed):
                continue
            node.check_unchanged(i)
            contribution = vjps[i](g, *values)
            if contribution is None:  # a `Function` says that nothing flows back
                continue
            if leaky:
                contribution = _without_leaks(g, contribution, NODES if create_graph else ARRAYS)
            before, fitted = grads.get(operand), operand.fitted(contribution)
            grads[operand] = after = fitted if before is None else before + fitted
            if watch is not None:
                watch(node, i, g, contribution, before, after)
    for leaf, g in grads.items():
        if leaf.op is None and leaf._wishes is not None:
            grads[leaf] = hooked(leaf, g, create_graph)
    return grads


def _read(node: Node, create_graph: bool) -> tuple[Any, list[Any]]:
    """The vjps of a node's row, and what they take after the upstream gradient: nodes, or floats and arrays."""
    op: Operation = node.op  # type: ignore[assignment]
    if create_graph:
        operands = [x if isinstance(x, Node) else np.float64(x) for x in node.operands]
        return op.rule.read(NODES).vjps, [node, *operands, *op.parameters]
    operands = [x.raw if isinstance(x, Node) else node.constant(x) for x in node.operands]
    if op.rule.kept:
        return op.rule.keeping.vjps, [node.raw, *operands, *op.parameters, op.kept]
    return node.reading.vjps, [node.raw, *operands, *op.parameters]


def _without_leaks(g: Any, contribution: Any, names: Mapping[str, Any]) -> Any:
    """``contribution`` with 0 where the upstream ``g`` is 0, though the slope be infinite there.

    In ``where(x > 0, sqrt(x), 0.0)`` the branch not taken gets the gradient 0; times an infinite slope it would be NaN.
    """
    raw_g, raw = (x.raw if isinstance(x, Node) else x for x in (g, contribution))
    leaked = np.logical_and(raw_g == 0, np.logical_not(np.isfinite(raw)))
    return names["where"](leaked, 0, contribution) if np.any(leaked) else contribution


def _leading_to(inputs: Sequence[Node], order: list[Node]) -> set[Node]:
    """The nodes of ``order`` that were computed from ``inputs``: a gradient anywhere else would be thrown away."""
    needed = set(inputs)
    for node in order:
        if not needed.isdisjoint(node.parents):
            needed.add(node)
    return needed


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``, as a tuple; no ``.grad`` is touched.

    ``outputs`` and ``inputs`` are a `Value` or a `Tensor` or several of them, as ``model.parameters()``; an output
    that is not a single number needs its upstream gradient in ``grad_outputs``, of its shape. With
    ``create_graph=True`` the gradients are themselves functions of the inputs and can be differentiated again, to any
    order.

    An input that the outputs do not depend on raises `GraphError`; with ``allow_unused=True`` its gradient is None,
    with ``materialize_grads=True`` 0. ``only_inputs`` is always so; ``is_grads_batched`` is refused.
    A graph lives as long as its outputs do; ``retain_graph=False`` frees the arrays of a graph of Tensors at once.

    >>> from autograd import Value, grad
    >>> x = Value(3.0)
    >>> (slope,) = grad(x**3, x, create_graph=True)
    >>> (curvature,) = grad(slope, x)
    >>> slope.data, curvature.data
    (27.0, 18.0)
    """
    if is_grads_batched or not only_inputs:
        raise GraphError(
            "grad: only_inputs=False and is_grads_batched=True are not possible; call backward() to fill every leaf, "
            "and grad() once for each upstream gradient"
        )
    outputs, inputs = _nodes(outputs, "outputs", "grad"), _nodes(inputs, "inputs", "grad")
    for k, node in enumerate(inputs):
        if not node.requires_grad:
            raise GraphError(f"grad: input {k} does not require a gradient; make it with requires_grad=True")
    upstream = grad_outputs if isinstance(grad_outputs, list | tuple) else [grad_outputs]
    if grad_outputs is None:
        upstream = [None] * len(outputs)
    grads = backpropagate(outputs, upstream, create_graph, inputs, "grad")
    materialize_grads = materialize_grads and allow_unused is not False
    for k, node in enumerate(inputs):
        if node in grads or (allow_unused and not materialize_grads):
            continue
        if not materialize_grads:
            raise GraphError(
                f"grad: the outputs were not computed from input {k}, so it has no gradient; "
                "check that it is the very object that was used, or pass allow_unused=True to get None for it"
            )
        grads[node] = node.wrapped(0.0 if isinstance(node.raw, float) else np.zeros_like(node.raw))
        if create_graph and isinstance(node.raw, np.ndarray):
            grads[node].requires_grad = True  # it can be differentiated, too, if only by those who want 0
    if retain_graph is False:
        release(outputs)
    return tuple(grads.get(node) for node in inputs)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """``tensor.backward(...)`` of a Tensor or of several in one pass, each with its upstream gradient.

    >>> from autograd import tensor, backward
    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> backward([x.sum(), x * x], [None, tensor([1.0, 10.0])])
    >>> x.grad
    tensor([ 3., 41.])
    """
    outputs = _nodes(tensors, "tensors", "backward")
    for node in outputs:
        if not isinstance(node.raw, np.ndarray):
            raise DtypeError("backward: takes Tensors; call backward() of a Value itself")
    upstream = [grad_tensors] * len(outputs) if grad_tensors is None else grad_tensors
    upstream = [upstream] if isinstance(upstream, Node) else list(upstream)
    wanted = None if inputs is None else _nodes(inputs, "inputs", "backward")
    keep(backpropagate(outputs, upstream, create_graph, wanted, "backward"), wanted, create_graph)
    if retain_graph is False:
        release(outputs)


def keep(grads: dict[Any, Any], inputs: Sequence[Node] | None, create_graph: bool) -> None:
    """Add gradients to ``grad`` of their Tensors, of ``inputs`` alone if given, and tell those who wait for it."""
    if inputs is not None:
        grads = {node: grads[node] for node in {*inputs} & grads.keys()}
    for node, g in grads.items():
        if node._grad is not None:
            grads[node] = node.accumulated(g)
    for node, total in grads.items():
        put_grad(node, total, create_graph)
    for node in grads:
        if node._wishes is not None:
            accumulated(node, create_graph)


def put_grad(node: Any, total: Any, create_graph: bool) -> None:
    """Make ``total`` the ``grad`` of ``node``: in the Tensor that it is already, as in PyTorch, so that whoever holds
    it, or gave memory for it, has the sum; a new one where graphs of gradients are made."""
    held: Any = node._grad
    shared = isinstance(held, Node) and isinstance(held.raw, np.ndarray) and held.raw.flags.writeable
    if shared and not held.requires_grad and not create_graph:
        np.copyto(held.raw, total.raw)
        held.mark_changed()
    else:
        node._grad = total


def backpropagate(
    outputs: Sequence[Node], upstream: Sequence[Any], create_graph: bool, inputs: Sequence[Node] | None, name: str
) -> dict[Node, Any]:
    """`reverse` from ``outputs``, each with its gradient in ``upstream``, or 1 if it is a single number.

    The gradients are nodes, and no two of them share memory, nor one with its upstream.
    """
    if len(upstream) != len(outputs):
        raise GraphError(f"{name}: {len(outputs)} outputs but {len(upstream)} upstream gradients; give one for each")
    seeds: dict[Node, Any] = {}
    for node, given in zip(outputs, upstream, strict=True):
        if not node.requires_grad:
            raise GraphError(
                f"{name}: this {type(node).__name__} was not computed from anything that requires a gradient; "
                "set requires_grad=True on its inputs, and compute it outside no_grad()"
            )
        seed = node.seed(given, create_graph, name)
        seeds[node] = seeds[node] + seed if node in seeds else seed
    watch = anomaly.check_backward if graph.switched and anomaly.is_looking() else None
    recording = enable_grad() if create_graph else nullcontext()  # without, there are no nodes to record
    # not `quietly`, in whose context a hook would miss the variables of the caller's
    with recording, np.errstate(all="ignore"), anomaly.paused() if watch else nullcontext():
        return _gradients(seeds, create_graph, inputs, watch)


def _gradients(seeds: Mapping[Node, Any], *how: Any) -> dict[Node, Any]:
    """What `reverse` gives, as nodes with memory of their own."""
    grads = reverse(seeds, *how)
    taken = set(map(id, seeds.values()))
    for node, g in grads.items():
        grads[node] = node.owned(g, id(g) in taken)
        taken.add(id(g))
    return grads


def release(outputs: Sequence[Node]) -> None:
    """Let the graph of ``outputs`` go: its arrays are freed, and a second backward pass through it is refused."""
    for node in topological(outputs):
        node.forget()


def _nodes(given: Any, what: str, name: str) -> tuple[Node, ...]:
    nodes = (given,) if isinstance(given, Node) else tuple(given) if isinstance(given, Iterable) else ()
    if not nodes or not all(isinstance(node, Node) for node in nodes):
        raise TypeError(f"{name}: {what} must be a Value or a Tensor or several of them, not {given!r}")
    return tuple(map(version, nodes))
