"""``autograd.testing``: `assert_close`, for the tests of programs, as ``torch.testing`` has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays import quietly
from autograd.dtypes import promote_types
from autograd.tensor import Tensor

__all__ = ["assert_close"]

DEFAULTS = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}  # rtol, atol; of others 0
Message = str | Callable[[str], str] | None


class _Settings(NamedTuple):
    tolerances: tuple[float, float] | None
    equal_nan: bool
    check_dtype: bool
    check_stride: bool
    allow_subclasses: bool


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """Raise AssertionError unless |actual - expected| <= atol + rtol * |expected| everywhere, and shapes are equal.

    Tensors, numbers, None, and sequences and mappings of them, which must have as many items under the same keys.
    ``rtol`` and ``atol``, given both or neither, are by default those of the dtype: 1.3e-6 and 1e-5 for float32, 1e-7
    twice for float64 and Python's numbers, 0 for whole numbers. ``check_dtype``: dtypes are to be equal, too;
    ``check_stride``: so are strides. There is one device and one layout, so that what ``check_device`` and
    ``check_layout`` ask for holds always. ``msg`` takes the message's place, or makes another of it.

    Raises ValueError if one tolerance is missing, and TypeError for what cannot be compared.

    >>> import autograd
    >>> assert_close(autograd.tensor([1.0, 2.0]), autograd.tensor([1.0, 2.000001]))
    >>> assert_close([1, 2.5], [1, 2.6], msg="these differ")
    Traceback (most recent call last):
    ...
    AssertionError: these differ
    """
    if (rtol is None) != (atol is None):
        raise ValueError(f"assert_close: rtol={rtol} and atol={atol}; give both tolerances, or neither")
    tolerances = None if rtol is None or atol is None else (rtol, atol)
    if tolerances is not None and min(tolerances) < 0:
        raise ValueError(f"assert_close: rtol={rtol} and atol={atol}; neither may be negative")
    settings = _Settings(tolerances, equal_nan, check_dtype, check_stride, allow_subclasses)
    trouble = _difference(actual, expected, settings, "")
    if trouble is not None:
        message = f"assert_close: {trouble}"
        raise AssertionError(msg(message) if callable(msg) else message if msg is None else msg)


def _difference(actual: Any, expected: Any, settings: _Settings, where: str) -> str | None:
    """What differs; None if nothing does."""
    given = actual, expected
    if actual is None and expected is None:
        return None
    if all(isinstance(x, Tensor | np.ndarray) for x in given):
        return _of_arrays(actual, expected, settings, where)
    if all(isinstance(x, Mapping) for x in given):
        if actual.keys() != expected.keys():
            return f"The keys of the mappings do not match: {[*actual]} and {[*expected]}{_at(where)}"
        items = ((key, actual[key], expected[key]) for key in expected)
        return _first_difference(items, settings, where)
    if all(isinstance(x, Sequence) and not isinstance(x, str) for x in given):
        if len(actual) != len(expected):
            return f"The length of the sequences mismatch: {len(actual)} != {len(expected)}{_at(where)}"
        return _first_difference(zip(range(len(expected)), actual, expected, strict=True), settings, where)
    if all(isinstance(x, bool | int | float | np.generic) for x in given):
        return _of_numbers(actual, expected, settings, where)
    if actual is None or expected is None:
        return f"None mismatch: {actual!r:.60} and {expected!r:.60}{_at(where)}"
    raise TypeError(
        f"assert_close: cannot compare {type(actual).__name__} and {type(expected).__name__}{_at(where)}; give two "
        "tensors, two numbers, or sequences or mappings of them"
    )


def _first_difference(items: Any, settings: _Settings, where: str) -> str | None:
    troubles = (_difference(a, b, settings, f"{where}[{key!r}]") for key, a, b in items)
    return next((trouble for trouble in troubles if trouble is not None), None)


def _at(where: str) -> str:
    return f"\n\nThe failure occurred for item {where}" if where else ""


def _of_arrays(actual: Any, expected: Any, settings: _Settings, where: str) -> str | None:
    ours, theirs = type(actual), type(expected)
    related = issubclass(ours, theirs) or issubclass(theirs, ours) if settings.allow_subclasses else ours is theirs
    if not related:
        raise TypeError(
            f"assert_close: {ours.__name__} and {theirs.__name__} are not of one type{_at(where)}; convert one"
        )
    x, y = (given.raw if isinstance(given, Tensor) else given for given in (actual, expected))
    for what, found, wanted, asked in (
        ("shape", x.shape, y.shape, True),
        ("dtype", x.dtype, y.dtype, settings.check_dtype),
        ("stride()", x.strides, y.strides, settings.check_stride),
    ):
        if asked and found != wanted:
            return f"The values for attribute '{what}' do not match: {found} != {wanted}.{_at(where)}"
    return _of_values(x, y, settings, where)


def _of_numbers(actual: Any, expected: Any, settings: _Settings, where: str) -> str | None:
    if isinstance(actual, bool) and isinstance(expected, bool):
        return None if actual == expected else f"Booleans mismatch: {actual} is not {expected}{_at(where)}"
    if settings.check_dtype and type(actual) is not type(expected):
        return f"The (d)types do not match: {type(actual)} != {type(expected)}.{_at(where)}"
    return _of_values(np.asarray(actual), np.asarray(expected), settings, where)


def _of_values(x: Any, y: Any, settings: _Settings, where: str) -> str | None:
    defaults = [DEFAULTS.get(str(array.dtype), (0.0, 0.0)) for array in (x, y)]
    rtol, atol = settings.tolerances or (max(d[0] for d in defaults), max(d[1] for d in defaults))
    common = np.promote_types(promote_types(x.dtype, y.dtype), np.int64 if x.dtype.kind in "bui" else np.float64)
    x, y = x.astype(common), y.astype(common)
    apart = np.asarray(quietly.run(lambda: np.abs(x - y)))
    allowed = np.asarray(quietly.run(lambda: atol + rtol * np.abs(y)))
    close = (x == y) | ((apart <= allowed) & np.isfinite(y))
    if settings.equal_nan:
        close |= (x != x) & (y != y)
    if close.all():
        return None
    relative = quietly.run(lambda: apart / np.abs(y))
    exactly = rtol == atol == 0
    lines = [f"{'Tensor-likes' if x.ndim else 'Scalars'} are not {'equal' if exactly else 'close'}!", ""]
    if x.ndim:
        lines.append(f"Mismatched elements: {(~close).sum()} / {close.size} ({(~close).mean():.1%})")
    else:
        lines.append(f"Expected {y.item()} but got {x.item()}.")
    for name, numbers, limit in (("absolute", apart, atol), ("relative", relative, rtol)):
        allowance = "" if exactly else f" (up to {limit} allowed)"
        lines.append(f"{_greatest(name, numbers, close)}{allowance}")
    return "\n".join(lines) + _at(where)


def _greatest(name: str, numbers: Any, close: Any) -> str:
    """The greatest difference among those elements that are not close; NaN counts as greater than every number."""
    if not close.ndim:
        return f"{name.capitalize()} difference: {numbers.item()}"
    found = np.where(close, -1, np.nan_to_num(numbers, nan=np.inf))
    index = tuple(map(int, np.unravel_index(np.argmax(found), found.shape)))
    return f"Greatest {name} difference: {numbers[index].item()} at index {index}"
