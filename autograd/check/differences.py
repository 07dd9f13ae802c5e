"""Derivatives from values alone: central differences, extrapolated."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np

from autograd.errors import DtypeError, GraphError, ShapeError
from autograd.graph import Node, enable_grad, no_grad
from autograd.tensor import Tensor
from autograd.value import Value

__all__ = ["finite_differences"]

T = TypeVar("T")

STEP = 5e-4  # the error of the formula falls with its fourth power, that of rounding grows as it shrinks: 1e-12 both


def extrapolated(at: Callable[[float], Any], x: float, h: float) -> tuple[Any, Any]:
    """The slope of ``at`` at ``x``, and how far apart its two approximations are.

    Central differences with the steps h and h/2, combined so that their errors of order h**2 cancel (Richardson).
    """
    coarse, fine = _central(at, x, h), _central(at, x, h / 2)
    return (4 * fine - coarse) / 3, abs(fine - coarse)


def refined(at: Callable[[float], Any], x: float, h: float) -> Any:
    """The slope, from that of the steps h, h/8, ..., h/8**5 whose two approximations lie closest together.

    Near a pole or the edge of a domain a step may be too long; where values are large, too short.
    """
    rounding = 1e-15 * abs(at(x))
    tries = [(*extrapolated(at, x, h / 8**k), rounding * 8**k / h) for k in range(6)]
    doubts = [np.where(np.isfinite(slope), spread + noise, np.inf) for slope, spread, noise in tries]
    best = np.argmin(doubts, axis=0)
    return np.take_along_axis(np.stack([slope for slope, *_ in tries]), best[None], axis=0)[0]


def sides(at: Callable[[float], Any], x: float, h: float) -> tuple[Any, Any]:
    """The slopes to the left and to the right of ``x``; at a kink they differ."""
    here = at(x)
    return (here - at(x - h)) / h, (at(x + h) - here) / h


def _central(at: Callable[[float], Any], x: float, h: float) -> Any:
    above, below = x + h, x - h
    return (at(above) - at(below)) / (above - below)


def finite_differences(function: Callable[..., Any], inputs: Any, eps: float | None = None) -> list[Any]:
    """The gradient of a function that gives a single number, from its values alone.

    ``inputs`` is a `Value` or a `Tensor` of float64, or a sequence of them; the function is called with fresh leaves
    of these numbers, one element moved at a time. The list has a float for each Value and an array for each Tensor.

    The steps are ``eps`` * max(1, abs(x)) and half of that; for smooth functions the result is good to about 9 digits.

    >>> x, y = Tensor(3.0, dtype="float64"), Tensor([1.0, 2.0], dtype="float64")
    >>> dx, dy = finite_differences(lambda x, y: (x * y * y).sum(), [x, y])
    >>> dx.round(8), dy.round(8)
    (np.float64(5.0), array([ 6., 12.]))
    """
    nodes = (inputs,) if isinstance(inputs, Node) else tuple(inputs)
    for k, node in enumerate(nodes):
        if not isinstance(node, Value | Tensor):
            raise TypeError(f"finite_differences: input {k} must be a Value or a Tensor, not {node!r}")
        if isinstance(node, Tensor) and node.dtype != np.float64:
            raise DtypeError(
                f"finite_differences: input {k} has dtype {node.dtype}, too coarse for differences of nearly equal "
                "numbers; convert it with .double()"
            )
    step = STEP if eps is None else eps
    arrays = [np.array(node.raw, dtype=np.float64) for node in nodes]

    def at(k: int, index: Any, x: float) -> float:
        moved = [array.copy() if i == k else array for i, array in enumerate(arrays)]
        moved[k][index] = x
        return _number(without_graph(lambda: function(*map(_leaf_like, nodes, moved))))

    gradients = []
    for k, (node, array) in enumerate(zip(nodes, arrays, strict=True)):
        gradient = np.empty_like(array)
        for index, x in np.ndenumerate(array):
            gradient[index] = extrapolated(partial(at, k, index), float(x), step * max(1.0, abs(x)))[0]
        gradients.append(gradient if isinstance(node, Tensor) else float(gradient))
    return gradients


def without_graph(call: Callable[[], T]) -> T:
    """``call()`` without a graph; with one if it asks for that, as what takes derivatives itself does."""
    try:
        with no_grad():
            return call()
    except GraphError:
        with enable_grad():
            return call()


def _leaf_like(node: Any, array: Any) -> Any:
    return Value(array) if isinstance(node, Value) else Tensor(array, requires_grad=True)


def _number(output: Any) -> float:
    if not isinstance(output, Node):
        raise GraphError(f"finite_differences: the function must return a Value or a Tensor, not {output!r}")
    if np.size(output.raw) != 1:
        raise ShapeError(
            f"finite_differences: the function gave shape {np.shape(output.raw)}, not a single number; "
            "reduce it first, as in .sum()"
        )
    return float(np.asarray(output.raw).item())
