"""Functions of one operand or two, element by element; the operands broadcast."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from autograd.errors import DtypeError
from autograd.functions.made import binary, unary
from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = [
    "abs",
    "absolute",
    "add",
    "ceil",
    "clamp",
    "clip",
    "cos",
    "div",
    "divide",
    "eq",
    "erf",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "log",
    "log1p",
    "logaddexp",
    "masked_fill",
    "maximum",
    "minimum",
    "mul",
    "multiply",
    "neg",
    "negative",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "sign",
    "sin",
    "sqrt",
    "square",
    "sub",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
    "where",
]


abs = absolute = unary("abs")
ceil = unary("ceil")
cos = unary("cos")
erf = unary("erf")
exp = unary("exp")
expm1 = unary("expm1")
floor = unary("floor")
floor_divide = binary("floor_divide")
log = unary("log")
log1p = unary("log1p")
logaddexp = binary("logaddexp")
maximum = binary("maximum")
minimum = binary("minimum")
mul = multiply = binary("mul")
neg = negative = unary("neg")
pow = binary("pow")
remainder = binary("remainder")
reciprocal = unary("reciprocal")
rsqrt = unary("rsqrt")
sign = unary("sign")
sin = unary("sin")
sqrt = unary("sqrt")
tan = unary("tan")
tanh = unary("tanh")
trunc = unary("trunc")


def add(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """input + alpha * other, element by element."""
    return apply(RULES["add"], (input, other if alpha == 1 else alpha * other))


def sub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """input - alpha * other, element by element."""
    return apply(RULES["sub"], (input, other if alpha == 1 else alpha * other))


subtract = sub


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """input / other, element by element, as it is or rounded: "floor" downwards, "trunc" towards 0."""
    if rounding_mode is None:
        return apply(RULES["div"], (input, other))
    if rounding_mode == "floor":
        return floor_divide(input, other)
    if rounding_mode != "trunc":
        raise ValueError(f"div: rounding_mode is {rounding_mode!r}; it must be None, 'floor' or 'trunc'")
    if all(getattr(operand, "dtype", np.dtype(type(operand))).kind in "bui" for operand in (input, other)):
        down = floor_divide(input, other)  # exact for integers of any size, but one too low for a negative fraction
        return down + ((down < 0) & (down * other != input))
    return trunc(apply(RULES["div"], (input, other)))


divide = true_divide = div


def round(input: Any, *, decimals: int = 0) -> Any:
    """The nearest number with ``decimals`` digits after the point (negative: before it); halves go to the even one."""
    if not decimals:
        return apply(RULES["round"], (input,))
    scale = 10.0 ** builtins.abs(decimals)
    return round(input * scale) / scale if decimals > 0 else round(input / scale) * scale


def square(input: Any) -> Any:
    """input * input, element by element; booleans count as integers."""
    if isinstance(input, Node) and getattr(input, "dtype", None) == np.bool_:
        input = input.wrapped(input.raw.astype(np.int64))
    return apply(RULES["square"], (input,))


def eq(input: Any, other: Any) -> Any:
    """Where the numbers are equal. (``==`` of two Values asks something else: whether they are one node.)"""
    x, y = (o.raw if isinstance(o, Node) and not hasattr(o, "dtype") else o for o in (input, other))
    return x == y


def clip(input: Any, min: Any = None, max: Any = None) -> Any:
    """``input`` limited to [``min``, ``max``]; None is no limit. The slope is 1 within, 0 outside."""
    if min is None and max is None:
        raise TypeError("clamp: give min or max or both")
    if isinstance(min, Node) or isinstance(max, Node):  # limits that have gradients of their own
        low = input if min is None else maximum(input, min)
        return low if max is None else minimum(low, max)
    low, high = (limit.item() if isinstance(limit, np.generic) else limit for limit in (min, max))
    if isinstance(low, float) or isinstance(high, float):
        input = input * 1.0 if getattr(input, "dtype", np.dtype(float)).kind != "f" else input
    return apply(RULES["clip"], (input,), (low, high))


clamp = clip


def where(condition: Any, input: Any, other: Any) -> Any:
    """``input`` where ``condition`` is true, ``other`` elsewhere; the three broadcast.

    >>> import autograd
    >>> x = autograd.tensor([-1.0, 2.0])
    >>> autograd.where(x > 0, x, 0.0)
    tensor([0., 2.])
    """
    if isinstance(condition, bool | np.bool_) and not any(hasattr(x, "dtype") for x in (input, other)):
        return input if condition else other  # of Values and plain numbers
    array = np.array(condition.raw if isinstance(condition, Node) else condition)  # of its own: it may change later
    if array.dtype != bool:
        raise DtypeError(
            f"where: the condition has dtype {array.dtype}, not bool; compare first, as in where(x > 0, ...)"
        )
    owner = next((operand for operand in (input, other, condition) if isinstance(operand, Node)), None)
    if owner is None:
        raise DtypeError("where: none of the three is a Tensor; use numpy.where for arrays")
    return owner.apply(RULES["where"], (input, other), (array,))


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """``input`` with ``value`` wherever ``mask`` is true."""
    return where(mask, value, input)
