"""Functions of functions: gradients, Jacobians, Hessians and their products with vectors.

All are compositions of `grad`, and take functions of `Value`s and of `Tensor`s alike. Signatures are those of
``torch.autograd.functional``: ``inputs`` is one node or a tuple of them, and the result is nested likewise. In a
Jacobian, `Value`s count as having no dimensions; the derivatives of several outputs come as a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd.backward import grad
from autograd.errors import ArgumentError, GraphError, ShapeError
from autograd.functions import reshape, stack
from autograd.graph import Node, enable_grad, topological
from autograd.tensor import Tensor
from autograd.value import Value

__all__ = [
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vhp",
    "vjp",
]

Nodes = tuple[Any, ...]


def value_and_grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., tuple[Any, Any]]:
    """The function that gives ``(function(*args), gradient)``, with respect to the arguments at ``argnums``.

    Arguments may be numbers and arrays; the gradient is a node, or a tuple of them if ``argnums`` is a tuple.

    >>> from autograd import Value
    >>> value, gradient = value_and_grad(lambda x, y: x * y + x**2)(Value(3.0), Value(2.0))
    >>> value.data, gradient.data
    (15.0, 8.0)
    """
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        inputs = list(args)
        for k in positions:
            if not -len(args) <= k < len(args):
                raise TypeError(
                    f"value_and_grad: argnums {k} asks for an argument that was not given; there are {len(args)}"
                )
            inputs[k] = _fresh(args[k])
        with enable_grad():
            output = _one(function(*inputs, **kwargs), "value_and_grad")
        found = gradients((output,), [inputs[k] for k in positions], (None,), False)
        return _results(output, False), found[0] if isinstance(argnums, int) else found

    return both


def vjp(
    function: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """``(function(*inputs), v^T J)``: the vector-Jacobian product, one reverse pass.

    ``v`` has the shape of the output (of several, a tuple) and may be left out where that is a single number.
    ``strict``: refuse an output that does not depend on every input, where else the derivative is 0.
    """
    given, nodes, outputs = _called("vjp", function, inputs, create_graph, strict)
    upstream = tuple(v) if isinstance(v, tuple | list) else (v,) * len(_several(outputs))
    products = gradients(_several(outputs), nodes, upstream, create_graph)
    return _results(outputs, create_graph), products if isinstance(given, tuple) else products[0]


def jvp(
    function: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """``(function(*inputs), J v)``, the product; ``v`` has the inputs' shapes. ``strict``: see `vjp`."""
    given, nodes, outputs = _called("jvp", function, inputs, True, strict)
    direction = _direction(v, given, nodes, "jvp")
    products = tuple(pushed(output, nodes, direction, create_graph) for output in _several(outputs))
    return _results(outputs, create_graph), products if isinstance(outputs, tuple) else products[0]


def hvp(
    function: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """``(function(*inputs), H v)``: the Hessian-vector product of a function that gives a single number.

    ``strict``: refuse a function whose slopes do not depend on every input.
    """
    return _curved("hvp", function, inputs, v, create_graph, strict)


def vhp(
    function: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """``(function(*inputs), v^T H)``: what `hvp` gives, since second derivatives can be taken in either order."""
    return _curved("vhp", function, inputs, v, create_graph, strict)


def _curved(
    name: str, function: Callable[..., Any], inputs: Any, v: Any, create_graph: bool, strict: bool
) -> tuple[Any, Any]:
    given, nodes, output = _called(name, function, inputs, True, strict)
    direction = _direction(v, given, nodes, name)
    slopes = gradients((_one(output, name),), nodes, (None,), True)
    if strict:
        _require_dependence(f"{name}: the slopes", slopes, nodes)
    with enable_grad():
        inner = _inner(slopes, direction)
    products = gradients((inner,), nodes, (None,), create_graph)
    return _results(output, create_graph), products if isinstance(given, tuple) else products[0]


def jacobian(
    function: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The matrix of first derivatives: for a Tensor, of shape ``output.shape + input.shape``.

    A tuple of inputs gives a tuple of Jacobians; a tuple of outputs, a tuple of those. ``strict``: `vjp`. It is found
    a row at a time; ``vectorize`` and ``strategy`` (or "forward-mode"), other ways in PyTorch, change nothing.

    >>> from autograd import tensor
    >>> jacobian(lambda x: x * x, tensor([1.0, 2.0, 3.0]))
    tensor([[2., 0., 0.],
            [0., 4., 0.],
            [0., 0., 6.]])
    """
    _check_strategy("jacobian: strategy", strategy)
    given, nodes, outputs = _called("jacobian", function, inputs, create_graph, strict)
    rows = []
    for output in _several(outputs):
        slopes = _rows(output, nodes, create_graph)
        rows.append(tuple(block(output, node, [row[k] for row in slopes]) for k, node in enumerate(nodes)))
    unnested = tuple(row if isinstance(given, tuple) else row[0] for row in rows)
    return unnested if isinstance(outputs, tuple) else unnested[0]


def hessian(
    function: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The matrix of second derivatives of a function that gives a single number.

    For one Tensor, of shape ``input.shape + input.shape``; for a tuple of inputs, a tuple of rows of blocks. ``strict``
    is as in `hvp`, ``vectorize`` and ``outer_jacobian_strategy`` as in `jacobian`.

    >>> from autograd import Value
    >>> [[h.data for h in row] for row in hessian(lambda x, y: x * x * y, (Value(3.0), Value(2.0)))]
    [[4.0, 6.0], [6.0, 0.0]]
    """
    _check_strategy("hessian: outer_jacobian_strategy", outer_jacobian_strategy)

    def slopes(*nodes: Any) -> Any:
        output = _one(function(*nodes), "hessian")
        if strict:
            _require_dependence("hessian: the output", (output,), nodes)
        found = gradients((output,), nodes, (None,), True)
        return found if isinstance(inputs, tuple | list) else found[0]

    return jacobian(slopes, inputs, create_graph, strict)


# Parts --------------------------------------------------------------------------------------------------------


def _fresh(argument: Any) -> Any:
    """A leaf with the same numbers, so that the caller's own graph and gradients are left alone."""
    if isinstance(argument, Value):
        return Value(argument.data)
    if isinstance(argument, Real):
        return Value(float(argument))
    return Tensor(argument).requires_grad_()


def _check_strategy(name: str, strategy: str) -> None:
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ArgumentError(
            f"{name} is {strategy!r}; it must be 'reverse-mode' or 'forward-mode', which is the same here"
        )


def _called(
    name: str, function: Callable[..., Any], inputs: Any, create_graph: bool, strict: bool
) -> tuple[Any, Nodes, Any]:
    """The inputs as given (a tuple, or one), as a tuple of nodes, and the function's output (or outputs) at these."""
    if not callable(function):
        raise TypeError(f"{name}: needs a function, not {function!r}; give the function itself, not its result")
    given = tuple(inputs) if isinstance(inputs, list | tuple) else inputs
    several = given if isinstance(given, tuple) else (given,)
    attached = create_graph and all(isinstance(node, Node) and node.requires_grad for node in several)
    nodes = several if attached else tuple(map(_fresh, several))
    with enable_grad():
        outputs = function(*nodes)
    outputs = tuple(outputs) if isinstance(outputs, list) else outputs
    for output in _several(outputs):
        _one(output, name)
    if strict:
        _require_dependence(f"{name}: the output", _several(outputs), nodes)
    return given, nodes, outputs


def _several(outputs: Any) -> Nodes:
    return outputs if isinstance(outputs, tuple) else (outputs,)


def _require_dependence(what: str, outputs: Nodes, nodes: Nodes) -> None:
    for i, output in enumerate(outputs):
        reached = set(topological([output])) if output.requires_grad else set()
        for k, node in enumerate(nodes):
            if node not in reached:
                raise GraphError(
                    f"{what} {i} does not depend on input {k}, so that the derivative is 0; without strict=True it is "
                    "what you get"
                )


def _one(output: Any, name: str) -> Any:
    if not isinstance(output, Node):
        raise GraphError(
            f"{name}: the function must return one Value or Tensor computed from its arguments, not {output!r}"
        )
    return output


def gradients(outputs: Sequence[Any], nodes: Sequence[Any], upstream: Sequence[Any], create_graph: bool) -> Nodes:
    """`grad`, with zeros for inputs that the outputs do not depend on."""
    pairs = [(output, g) for output, g in zip(outputs, upstream, strict=True) if output.requires_grad]
    if not pairs:
        return tuple(map(_zeros_like, nodes))
    outputs, upstream = zip(*pairs, strict=True)
    with enable_grad():
        found = grad(outputs, nodes, upstream, create_graph=create_graph, allow_unused=True)
    return tuple(_zeros_like(node) if g is None else g for node, g in zip(nodes, found, strict=True))


def pushed(output: Any, nodes: Sequence[Any], direction: Sequence[Any], create_graph: bool) -> Any:
    """The derivative of ``output`` as ``nodes`` move in a ``direction``.

    Taken by two reverse passes: v^T J is linear in v, and the derivative of that linear function is J.
    """
    dummy = Value(1.0) if isinstance(output, Value) else Tensor(np.ones_like(output.raw), requires_grad=True)
    products = gradients((output,), nodes, (dummy,), True)
    with enable_grad():
        inner = _inner(products, direction)
    (product,) = gradients((inner,), (dummy,), (None,), create_graph)
    return product


def _zeros_like(node: Any) -> Any:
    return Value(0.0) if isinstance(node, Value) else Tensor.of(np.zeros_like(node.raw))


def _direction(v: Any, given: Any, nodes: Nodes, name: str) -> Nodes:
    """The vector of a product as one node for each input, checked against their shapes."""
    if v is None:
        if len(nodes) > 1 or np.size(nodes[0].raw) != 1:
            raise ShapeError(f"{name}: give the vector v, of the inputs' shapes; only one number can do without")
        v = 1.0 if isinstance(nodes[0], Value) else Tensor.of(np.ones_like(nodes[0].raw))
    several = tuple(v) if isinstance(given, tuple) else (v,)
    shapes, expected = [np.shape(_raw(d)) for d in several], [node.shape for node in nodes]
    if shapes != expected:
        raise ShapeError(f"{name}: v has shapes {shapes}, the inputs {expected}; they must agree")
    return several


def _raw(given: Any) -> Any:
    return given.raw if isinstance(given, Node) else given


def _inner(products: Nodes, direction: Sequence[Any]) -> Any:
    """The sum of the products of corresponding elements, over all nodes."""
    total: Any = 0.0
    for p, d in zip(products, direction, strict=True):
        total = total + (p * d if isinstance(p, Value) else (p * d).sum())
    return total


def _rows(output: Any, nodes: Nodes, create_graph: bool) -> list[Nodes]:
    """The gradients of each element of ``output``, in order."""
    if isinstance(output, Value):
        return [gradients((output,), nodes, (None,), create_graph)]
    return [gradients((element,), nodes, (None,), create_graph) for element in elements(output)]


def elements(output: Tensor) -> list[Tensor]:
    """The elements of ``output``, which remember where they come from though nothing else may be recorded."""
    with enable_grad():
        flat = reshape(output, (-1,))
        return [flat[i] for i in range(flat.shape[0])]


def block(output: Any, node: Any, slopes: Sequence[Any]) -> Any:
    """The gradients of all elements of ``output`` with respect to ``node``, as one node."""
    if isinstance(node, Value):
        return slopes[0] if isinstance(output, Value) else tuple(slopes)
    shape = (*output.shape, *node.shape)
    return reshape(stack(slopes), shape) if slopes else Tensor.of(np.zeros(shape, node.dtype))


def _results(outputs: Any, create_graph: bool) -> Any:
    if create_graph:
        return outputs
    found = tuple(output.detach() if isinstance(output, Tensor) else Value(output.data) for output in _several(outputs))
    return found if isinstance(outputs, tuple) else found[0]
