"""Questions about arrays, whose answers have no gradient: comparisons, equality, where the nonzero elements stand."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.answers import answer, answer_of_two, holds, refuse_recording
from autograd.functions.dims import wrapped_dims
from autograd.functions.indexing import to
from autograd.graph import Node

__all__ = [
    "allclose",
    "argwhere",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "conj",
    "conj_physical",
    "count_nonzero",
    "equal",
    "gcd",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "is_same_size",
    "is_signed",
    "is_tensor",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "lcm",
    "le",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "ne",
    "nelement",
    "nonzero",
    "not_equal",
    "numel",
    "real",
    "resolve_conj",
    "resolve_neg",
    "signbit",
]

SIZED_BY_NUMBERS = "whose result is as large as the numbers make it, and a replay's arrays keep their shapes"


def _array(name: str, given: Any) -> np.ndarray[Any, Any]:
    if not isinstance(given, Node) or not hasattr(given, "dtype"):
        raise DtypeError(f"{name}: needs a Tensor, not a {type(given).__name__}; make it one, as in tensor(...)")
    return given.raw


def _comparison(name: str, compare: Callable[[Any, Any], Any] | None = None) -> Callable[[Any, Any], Any]:
    operation = compare or getattr(operator, name)

    def function(input: Any, other: Any) -> Any:
        if compare is None or isinstance(input, Node):
            _array(name, input)
        else:
            _array(name, other)
        return operation(input, other)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{operation.__doc__} Element by element; the operands broadcast."
    return function


ne = not_equal = _comparison("ne")
lt = less = _comparison("lt")
le = less_equal = _comparison("le")
gt = greater = _comparison("gt")
ge = greater_equal = _comparison("ge")
bitwise_and = _comparison("bitwise_and", operator.and_)
bitwise_or = _comparison("bitwise_or", operator.or_)
bitwise_xor = _comparison("bitwise_xor", operator.xor)


def bitwise_not(input: Any) -> Any:
    """The opposite of every truth value, of every bit of a whole number."""
    _array("bitwise_not", input)
    return ~input


def _test(name: str, what: str) -> Callable[[Any], Any]:
    def function(input: Any) -> Any:
        _array(name, input)
        return answer(name, input)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Where the elements are {what}."
    return function


isnan = _test("isnan", "NaN")
isinf = _test("isinf", "infinite")
isfinite = _test("isfinite", "neither infinite nor NaN")
signbit = _test("signbit", "negative, -0.0 included,")
logical_not = _test("logical_not", "zero or false")


def isposinf(input: Any) -> Any:
    """Where the elements are +inf."""
    _array("isposinf", input)
    return input == math.inf


def isneginf(input: Any) -> Any:
    """Where the elements are -inf."""
    _array("isneginf", input)
    return input == -math.inf


def isreal(input: Any) -> Any:
    """True for every element: numbers are real here."""
    return input.wrapped(np.ones(_array("isreal", input).shape, bool))


def _of_whole_numbers(name: str, what: str) -> Callable[[Any, Any], Any]:
    def function(input: Any, other: Any) -> Any:
        owner = input if isinstance(input, Node) else other
        raws = [x if isinstance(x, bool | int) else _array(name, x) for x in (input, other)]
        dtype = dtypes.result_type(_array(name, owner), *raws)
        if dtype.kind not in "iu":
            raise DtypeError(f"{name}: of whole numbers, not of {dtype}; convert first, as in .long()")
        x, y = (
            to(z, dtype) if isinstance(z, Node) else owner.wrapped(np.array(z).astype(dtype)) for z in (input, other)
        )
        return answer_of_two(name, x, y)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{what}, element by element; the operands broadcast."
    return function


gcd = _of_whole_numbers("gcd", "The greatest common divisor of whole numbers")
lcm = _of_whole_numbers("lcm", "The least common multiple of whole numbers")
bitwise_left_shift = _of_whole_numbers("bitwise_left_shift", "The bits of ``input`` moved up by ``other`` places")
bitwise_right_shift = _of_whole_numbers(
    "bitwise_right_shift", "The bits of ``input`` moved down by ``other`` places, its sign kept"
)


def _logical(name: str, what: str) -> Callable[[Any, Any], Any]:
    def function(input: Any, other: Any) -> Any:
        _array(name, input), _array(name, other)
        return answer_of_two(name, input, other)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Where {what} true or nonzero; the operands broadcast."
    return function


logical_and = _logical("logical_and", "both are")
logical_or = _logical("logical_or", "at least one is")
logical_xor = _logical("logical_xor", "exactly one is")


def isclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Where abs(input - other) <= atol + rtol * abs(other)."""
    if not (rtol >= 0 and atol >= 0):
        raise ArgumentError(f"isclose: rtol={rtol} and atol={atol}; neither may be negative")
    x, y = _array("isclose", input), _array("isclose", other)
    if x.dtype != y.dtype:
        raise DtypeError(f"isclose: dtypes {x.dtype} and {y.dtype}; convert one of them with .to(dtype)")
    return answer("isclose", input, other, parameters=(rtol, atol, equal_nan))


def allclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose` has it.

    >>> import autograd
    >>> autograd.allclose(autograd.tensor([1.0, 1e-9]), autograd.tensor([1.0, 0.0]))
    True
    """
    return holds(np.all, isclose(input, other, rtol, atol, equal_nan).raw)


def equal(input: Any, other: Any) -> bool:
    """Whether shapes and all elements are equal."""
    return holds(np.array_equal, _array("equal", input), _array("equal", other))


def is_floating_point(input: Any) -> bool:
    """Whether the dtype is one of the floats, which alone have gradients."""
    return _array("is_floating_point", input).dtype.kind == "f"


def is_complex(input: Any) -> bool:
    """False: numbers are real here."""
    return _array("is_complex", input).dtype.kind == "c"


def real(input: Any) -> Any:
    """``input`` itself: numbers are real here, and their own conjugates."""
    _array("real", input)
    return input


conj = conj_physical = resolve_conj = resolve_neg = real


def is_signed(input: Any) -> bool:
    """Whether the dtype has negative numbers."""
    return _array("is_signed", input).dtype.kind in "if"


def is_same_size(input: Any, other: Any) -> bool:
    """Whether the shapes are equal."""
    return _array("is_same_size", input).shape == _array("is_same_size", other).shape


def is_tensor(obj: Any) -> bool:
    """Whether it is a Tensor."""
    return hasattr(obj, "raw") and isinstance(obj.raw, np.ndarray)


def numel(input: Any) -> int:
    """The number of elements."""
    return _array("numel", input).size


nelement = numel


def is_nonzero(input: Any) -> bool:
    """Whether the one element is not 0."""
    array = _array("is_nonzero", input)
    if array.size != 1:
        raise ShapeError(f"is_nonzero: shape {array.shape} holds {array.size} numbers, not one; use .any() or .all()")
    return holds(bool, array)


def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many elements over ``dim`` (default: all) are not 0."""
    dims = wrapped_dims("count_nonzero", dim, input.ndim)
    _array("count_nonzero", input)
    return answer("count_nonzero", input, parameters=(dims,))


def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """Where the nonzero elements stand: a row of indices for each, or, ``as_tuple``, a vector for each dimension."""
    array = _array("nonzero", input)
    refuse_recording("nonzero", SIZED_BY_NUMBERS)
    if as_tuple:
        return tuple(map(input.wrapped, np.nonzero(np.atleast_1d(array))))
    return input.wrapped(np.argwhere(array))


def argwhere(input: Any) -> Any:
    """Where the nonzero elements stand: a row of indices for each."""
    return nonzero(input)
