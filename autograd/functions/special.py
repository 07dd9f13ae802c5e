"""Special functions, element by element; `autograd.special` has more of them, under the names they have there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import GraphError
from autograd.functions.made import binary, unary
from autograd.functions.repeating import broadcast_tensors
from autograd.graph import Node, apply, is_recording
from autograd.rules import RULES

__all__ = ["digamma", "erfc", "erfinv", "i0", "igamma", "igammac", "lgamma", "logaddexp2", "mvlgamma", "polygamma"]

digamma = unary("digamma")
erfc = unary("erfc")
erfinv = unary("erfinv")
i0 = unary("i0")
lgamma = unary("lgamma")
logaddexp2 = binary("logaddexp2")


def polygamma(n: int, input: Any) -> Any:
    """The ``n``-th derivative of digamma, element by element; for ``n`` 0, digamma itself."""
    if not isinstance(n, int) or n < 0:
        raise ValueError(f"polygamma: n is {n!r}; it counts derivatives, so it is a whole number from 0 on")
    return apply(RULES["polygamma"], (input,), (n,)) if n else digamma(input)


def igamma(input: Any, other: Any) -> Any:
    """The probability that a draw of the gamma distribution of shape ``input`` is below ``other``, the regularized
    lower incomplete gamma function. It has a derivative with respect to ``other`` alone, as in PyTorch."""
    return _incomplete("gammainc", input, other)


def igammac(input: Any, other: Any) -> Any:
    """1 - igamma(input, other), exact also where that is nearly 0."""
    return _incomplete("gammaincc", input, other)


def _incomplete(name: str, shape: Any, x: Any) -> Any:
    if isinstance(shape, Node) and shape.requires_grad and is_recording():
        raise GraphError(
            f"{name}: its derivative with respect to the first argument, the shape, is not known (nor to PyTorch); "
            "give a number, or .detach() it"
        )
    if not hasattr(shape, "dtype") and not hasattr(x, "dtype"):  # of Values and numbers
        return apply(RULES[name], (x,), (shape.raw if isinstance(shape, Node) else float(shape),))
    like = x if hasattr(x, "dtype") else shape
    shape, x = (y if hasattr(y, "dtype") else like.wrapped(np.array(y, like.dtype)) for y in (shape, x))
    dtype = dtypes.result_type(shape.raw, x.raw)
    dtype = dtype if dtype.kind == "f" else dtypes.get_default_dtype()
    shape, x = broadcast_tensors(shape.detach().to(dtype), x.to(dtype))
    return apply(RULES[name], (x,), (shape.raw,))


def mvlgamma(input: Any, p: int) -> Any:
    """The logarithm of the ``p``-dimensional gamma function: p (p - 1) / 4 log(pi) plus the sum of
    lgamma(input - j / 2) over j from 0 to p - 1."""
    if not isinstance(p, int) or p < 1:
        raise ValueError(f"mvlgamma: p is {p!r}; it counts dimensions, so it is a whole number from 1 on")
    terms = (lgamma(input - j / 2) for j in range(p))
    return sum(terms, p * (p - 1) / 4 * math.log(math.pi))
