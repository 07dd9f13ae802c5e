"""Functions of one operand or two, element by element; the operands broadcast."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.indexing import as_index, to
from autograd.functions.made import binary, unary
from autograd.graph import Node, apply
from autograd.rules import RULES

__all__ = [
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "addcdiv",
    "addcmul",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "ceil",
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "copysign",
    "cos",
    "cosh",
    "deg2rad",
    "div",
    "divide",
    "eq",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "fix",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frac",
    "heaviside",
    "hypot",
    "ldexp",
    "lerp",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logit",
    "masked_fill",
    "maximum",
    "minimum",
    "mul",
    "multiply",
    "nan_to_num",
    "neg",
    "negative",
    "nextafter",
    "positive",
    "pow",
    "rad2deg",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "rsub",
    "sgn",
    "sign",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "square",
    "sub",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
    "where",
    "xlogy",
]


abs = absolute = unary("abs")
acos = arccos = unary("acos")
acosh = arccosh = unary("acosh")
asin = arcsin = unary("asin")
asinh = arcsinh = unary("asinh")
atan = arctan = unary("atan")
atanh = arctanh = unary("atanh")
ceil = unary("ceil")
cos = unary("cos")
cosh = unary("cosh")
erf = unary("erf")
exp = unary("exp")
exp2 = unary("exp2")
expm1 = unary("expm1")
floor = unary("floor")
frac = unary("frac")
log = unary("log")
log10 = unary("log10")
log1p = unary("log1p")
log2 = unary("log2")
neg = negative = unary("neg")
reciprocal = unary("reciprocal")
rsqrt = unary("rsqrt")
sign = sgn = unary("sign")
sin = unary("sin")
sinc = unary("sinc")
sinh = unary("sinh")
sqrt = unary("sqrt")
tan = unary("tan")
tanh = unary("tanh")
trunc = fix = unary("trunc")

atan2 = arctan2 = binary("atan2")
copysign = binary("copysign")
clamp_max = binary("clamp_max")
clamp_min = binary("clamp_min")
floor_divide = binary("floor_divide")
fmax = binary("fmax")
fmin = binary("fmin")
fmod = binary("fmod")
hypot = binary("hypot")
ldexp = binary("ldexp")
logaddexp = binary("logaddexp")
maximum = binary("maximum")
minimum = binary("minimum")
mul = multiply = binary("mul")
nextafter = binary("nextafter")
remainder = binary("remainder")
xlogy = binary("xlogy")


def add(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """input + alpha * other, element by element."""
    return apply(RULES["add"], (input, other if alpha == 1 else _times("add", alpha, input, other)))


def sub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """input - alpha * other, element by element."""
    return apply(RULES["sub"], (input, other if alpha == 1 else _times("sub", alpha, input, other)))


def _times(name: str, alpha: float, input: Any, other: Any) -> Any:
    """``alpha * other``, of the kind of numbers that ``input`` and ``other`` are."""
    kinds = {getattr(x, "dtype", np.dtype(type(x))).kind for x in (input, other)}
    if isinstance(alpha, float) and kinds <= {*"bui"}:
        raise DtypeError(f"{name}: alpha is {alpha}, and the numbers are whole; use .float() first")
    return (bool(alpha) if kinds == {"b"} else alpha) * other


subtract = sub


def rsub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """other - alpha * input, element by element."""
    return sub(other, input, alpha=alpha)


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """input / other, element by element, as it is or rounded: "floor" downwards, "trunc" towards 0."""
    if rounding_mode is None:
        return apply(RULES["div"], (input, other))
    if rounding_mode == "floor":
        return floor_divide(input, other)
    if rounding_mode != "trunc":
        raise ArgumentError(f"div: rounding_mode is {rounding_mode!r}; it must be None, 'floor' or 'trunc'")
    if all(getattr(operand, "dtype", np.dtype(type(operand))).kind in "bui" for operand in (input, other)):
        down = floor_divide(input, other)  # exact for integers of any size, but one too low for a negative fraction
        return down + ((down < 0) & (down * other != input))
    return trunc(apply(RULES["div"], (input, other)))


divide = true_divide = div


def positive(input: Any) -> Any:
    """``input`` itself."""
    if getattr(input, "dtype", None) == np.bool_:
        raise DtypeError("positive: booleans have no sign; convert first, as in .int()")
    return input


def pow(input: Any, other: Any) -> Any:
    """input ** other, element by element."""
    if isinstance(other, int) and other < 0 and getattr(input, "dtype", np.dtype(float)).kind in "bui":
        raise DtypeError(f"pow: {input.dtype} to the power {other} is not whole; convert first, as in .float()")
    return apply(RULES["pow"], (input, other))


def float_power(input: Any, exponent: Any) -> Any:
    """input ** exponent, computed in float64 whatever the dtypes."""
    wide = (x.to(np.float64) if hasattr(x, "to") else x for x in (input, exponent))
    return pow(*wide)


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
        raise DtypeError("clamp: give min or max or both")
    if isinstance(min, Node) or isinstance(max, Node):  # limits that have gradients of their own
        low = input if min is None else clamp_min(input, min)
        return low if max is None else clamp_max(low, max)
    low, high = (limit.item() if isinstance(limit, np.generic) else limit for limit in (min, max))
    if isinstance(low, float) or isinstance(high, float):
        input = input * 1.0 if getattr(input, "dtype", np.dtype(float)).kind != "f" else input
    return apply(RULES["clip"], (input,), (low, high))


clamp = clip


def logit(input: Any, eps: float | None = None) -> Any:
    """log(input / (1 - input)), the inverse of sigmoid; the input is first limited to [eps, 1 - eps]."""
    return apply(RULES["logit"], (input if eps is None else clip(input, float(eps), 1 - eps),))


def nan_to_num(input: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Any:
    """``input`` with ``nan`` (None: 0) for NaN, ``posinf`` and ``neginf`` (None: the largest number and its negative)
    for the infinities; where it was replaced, the slope is 0.
    """
    return apply(RULES["nan_to_num"], (input,), (nan or 0.0, posinf, neginf))


def where(condition: Any, input: Any, other: Any) -> Any:
    """``input`` where ``condition`` is true, ``other`` elsewhere; the three broadcast.

    >>> import autograd
    >>> x = autograd.tensor([-1.0, 2.0])
    >>> autograd.where(x > 0, x, 0.0)
    tensor([0., 2.])
    """
    if isinstance(condition, bool | np.bool_) and not any(hasattr(x, "dtype") for x in (input, other)):
        return input if condition else other  # of Values and plain numbers
    if isinstance(condition, Node) and getattr(condition, "dtype", None) == np.uint8:  # a mask of older programs
        condition = to(condition, np.bool_)
    array = np.asarray(as_index(condition))  # of its own: it may change later
    if array.dtype != bool:
        raise DtypeError(
            f"where: the condition has dtype {array.dtype}, not bool; compare first, as in where(x > 0, ...)"
        )
    owner = next((operand for operand in (input, other, condition) if isinstance(operand, Node)), None)
    if owner is None:
        raise DtypeError("where: none of the three is a Tensor; use numpy.where for arrays")
    return owner.apply(RULES["where"], (input, other), (array,))


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """``input`` with ``value``, one number, wherever ``mask`` is true, in the input's dtype."""
    if getattr(value, "ndim", 0):
        raise ShapeError(f"masked_fill: value has shape {value.shape}, not (); for many values use where(mask, ...)")
    dtype = getattr(input, "dtype", None)
    if dtype is None or dtype.kind == "f":
        return where(mask, value.to(dtype) if hasattr(value, "to") else value, input)
    number = value.item() if hasattr(value, "item") else value
    if dtype.kind != "b" and number % 1:  # of an infinity, too: that is NaN
        raise DtypeError(f"masked_fill: {number} does not fit into {dtype}; convert the input first, as in .float()")
    return where(mask, input.wrapped(np.array(number).astype(dtype)), input)


def heaviside(input: Any, values: Any) -> Any:
    """0 below 0, 1 above, and ``values`` at 0, to which alone a gradient passes; 0 for NaN."""
    step = input if getattr(input, "dtype", None) == np.bool_ else fmax(sign(input), 0)
    return where(eq(input, 0), values, step)


# Compositions --------------------------------------------------------------------------------------------------------


def deg2rad(input: Any) -> Any:
    """An angle in degrees as one in radians."""
    return input * (math.pi / 180)


def rad2deg(input: Any) -> Any:
    """An angle in radians as one in degrees."""
    return input * (180 / math.pi)


def lerp(input: Any, end: Any, weight: Any) -> Any:
    """input + weight * (end - input): ``input`` at weight 0, ``end`` at weight 1, both exactly; between them a line."""
    if getattr(input, "dtype", np.dtype(float)).kind != "f":
        raise DtypeError(f"lerp: between numbers of dtype {input.dtype} lie some that are not; use .float() first")
    step = end - input
    near_input = (weight < 0.5) & (weight > -0.5)
    if isinstance(near_input, bool):
        return input + weight * step if near_input else end - (1 - weight) * step
    return where(near_input, input + weight * step, end - (1 - weight) * step)


def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """input + value * tensor1 * tensor2, element by element."""
    return add(input, tensor1 * tensor2, alpha=value)


def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """input + value * tensor1 / tensor2, element by element."""
    if all(getattr(x, "dtype", np.dtype(float)).kind in "bui" for x in (tensor1, tensor2)):
        raise DtypeError("addcdiv: both tensors are of integers, whose quotient is not; use .float() first")
    return add(input, tensor1 / tensor2, alpha=value)
