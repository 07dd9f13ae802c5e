"""Arrays as text, as PyTorch prints them, and `set_printoptions`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

__all__ = ["set_printoptions"]

Array = np.ndarray[Any, Any]


_DEFAULT = SimpleNamespace(
    precision=4,  # digits after the point
    threshold=1000,  # elements; above it only those at the edges are shown
    edgeitems=3,  # at the beginning and at the end of each dimension
    linewidth=80,
    sci_mode=None,  # numbers as 1.2e+03; None: where they are very large, small or different
)
_PROFILES: dict[str, dict[str, float]] = {
    "default": {},
    "short": {"precision": 2, "edgeitems": 2},
    "full": {"threshold": math.inf},
}
_options = _DEFAULT


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how Tensors are printed; what is None stays as it is.

    ``profile`` ("default", "short" or "full") sets the first four before that. ``sci_mode``: whether numbers are
    written as 1.2e+03; None is not "as it is", but where they are very large, small or different.

    >>> from autograd import set_printoptions, tensor
    >>> set_printoptions(precision=2)
    >>> tensor([0.123, 4.0])
    tensor([0.12, 4.00])
    >>> set_printoptions(profile="default")
    """
    global _options
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"set_printoptions: profile is {profile!r}; it must be one of {', '.join(_PROFILES)}")
    given: dict[str, Any] = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    for name, number in given.items():
        if number is not None and not number >= 0:
            raise ValueError(f"set_printoptions: {name} is {number!r}; it must be a number from 0 on")
    chosen = {name: number for name, number in given.items() if number is not None}
    before = vars(_options) if profile is None else {**vars(_DEFAULT), **_PROFILES[profile]}
    _options = SimpleNamespace(**{**before, **chosen, "sci_mode": sci_mode})


def shown(array: Array, prefix: str, notes: Iterable[str]) -> str:
    """``prefix`` and the numbers, then the ``notes``, in lines that are aligned."""
    indent, parts = len(prefix), []
    if array.size:
        short = array.size > _options.threshold
        parts.append(_nested(array, indent, short, _writer(_at_the_edges(array) if short else array)))
    else:
        parts.append("[]")
        notes = ([f"size={array.shape}"] if array.ndim != 1 else []) + list(notes)
    length = indent + len(parts[0]) - parts[0].rfind("\n") - 1
    for note in notes:
        fits = length + len(note) + 2 <= _options.linewidth
        parts.append(f", {note}" if fits else f",\n{' ' * indent}{note}")
        length = (length + 2 if fits else indent) + len(note)
    return f"{prefix}{''.join(parts)})"


def _at_the_edges(array: Array) -> Array:
    """Only the elements that are shown of a large array."""
    edge = _options.edgeitems
    kept = [[*range(edge), *range(n - edge, n)] if n > 2 * edge else range(n) for n in array.shape]
    return array[np.ix_(*kept)]


def _nested(array: Array, indent: int, short: bool, write: Callable[[Any], str]) -> str:
    if not array.ndim:
        return write(array.item())
    edge, dots = _options.edgeitems, short and len(array) > 2 * _options.edgeitems
    places = [*range(edge), *range(len(array) - edge, len(array))] if dots else range(len(array))
    parts = [_nested(array[i], indent + 1, short, write) for i in places]
    margin = " " * (indent + 1)
    if array.ndim > 1:
        if dots:
            parts.insert(edge, "...")
        return f"[{(',' + chr(10) * (array.ndim - 1) + margin).join(parts)}]"
    each = max((_options.linewidth - indent) // (len("".join(parts[:1])) + 2), 1)
    if dots:
        parts.insert(edge, " ...")
    lines = [", ".join(parts[start : start + each]) for start in range(0, len(parts), each)]
    return f"[{f',{chr(10)}{margin}'.join(lines)}]"


def _writer(array: Array) -> Callable[[Any], str]:
    """The function that writes one number, to a width at which all of them align."""
    if array.dtype.kind != "f":
        width = max((len(str(number)) for number in array.ravel().tolist()), default=0)
        return lambda number: str(number).rjust(width)
    numbers = array[np.isfinite(array) & (array != 0)].astype(np.float64)
    if not numbers.size:
        return lambda number: f"{number:.0f}" + "." * math.isfinite(number)
    sizes = np.abs(numbers)
    whole = bool((sizes == np.ceil(sizes)).all())
    scientific = sizes.max() / sizes.min() > 1000 or sizes.max() > 1e8 or sizes.min() < 1e-4
    if scientific if _options.sci_mode is None else _options.sci_mode:
        kind, dot = f".{_options.precision}e", ""
    else:
        kind, dot = (".0f", ".") if whole else (f".{_options.precision}f", "")

    def text(number: float) -> str:
        return f"{number:{kind}}{dot * math.isfinite(number)}"

    width = max(len(text(number)) for number in numbers.tolist())
    return lambda number: text(number).rjust(width)
