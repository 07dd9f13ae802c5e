"""`detect_anomaly`: the first NaN or infinity becomes an error that says where it came from.

What counts is that an operation *makes* one. An infinity that was given stays allowed (masks are made of -inf), and
so is what follows from it, as long as it is no NaN. A NaN is never allowed: if it was given, the first operation
that passes it on says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd import origins
from autograd.errors import AnomalyError
from autograd.graph import Node, Opened, Switch
from autograd.rule import Rule

_looking: ContextVar[bool] = ContextVar("looking", default=False)
_standing: ContextVar[Opened | None] = ContextVar("standing", default=None)

REMEDIES = {
    "acos": "its slope is infinite at -1 and 1; clamp the input a little within",
    "asin": "its slope is infinite at -1 and 1; clamp the input a little within",
    "div": "keep the divisor away from 0, as in y.clamp(min=1e-8), or use where() on the divisor",
    "exp": "it overflows above 88.7 in float32 and 709.7 in float64; subtract the maximum first, or use logsumexp "
    "or softmax, which do",
    "expm1": "it overflows above 88.7 in float32 and 709.7 in float64",
    "log": "keep the input above 0, as in x.clamp(min=1e-12); for log(softmax(x)) use log_softmax(x)",
    "log1p": "keep the input above -1",
    "log_softmax": "a row of nothing but -inf has no softmax; leave an entry unmasked",
    "pow": "a negative base has no fractional power, and 0 no negative one; clamp the base",
    "reciprocal": "keep the input away from 0",
    "rsqrt": "keep the input above 0, as in (x + 1e-8).rsqrt()",
    "softmax": "a row of nothing but -inf has no softmax; leave an entry unmasked",
    "sqrt": "keep the input above 0, where its slope is infinite: (x + 1e-12).sqrt(), or where() on the input",
    "to": "the number is too large for the dtype; scale it down, or stay in a wider one",
}
OVERFLOW = "if the numbers grew too large, lower the learning rate, clip the gradients or normalize"


def detect_anomaly(check_nan: bool = True) -> Any:
    """Within ``with detect_anomaly():`` the first NaN or infinity, forward or backward, raises `AnomalyError`.

    The message names the operation, the user's line that called it, the shapes, and the place and the values that
    made it; in the backward pass, the derivative and the line of the forward pass that it belongs to, if that ran
    within the block. It holds in this thread and asynchronous task. ``check_nan=False`` only keeps the lines, for
    the messages of other errors in the backward pass. An update by an optimizer is not looked at; what is computed
    from it is.

    >>> from autograd import tensor
    >>> with detect_anomaly():
    ...     tensor([1.0, 0.0]).log()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd.errors.AnomalyError: log: the result is -inf at index (1,) of shape (2,), where x[1] = 0.0...
    """
    return Switch({_looking: bool(check_nan), origins.asked: True})


def set_detect_anomaly(mode: bool, check_nan: bool = True) -> None:
    """`detect_anomaly` for all that follows in this thread, until ``set_detect_anomaly(False)``."""
    _standing.set(Opened() if mode else None)
    _looking.set(bool(mode and check_nan))
    origins.asked.set(bool(mode))


def is_looking() -> bool:
    """Whether anomalies are looked for here. Where speed matters, ask ``graph.switched`` first."""
    return _looking.get()


def paused() -> Switch:
    """Within this block nobody looks: a derivative may pass through infinities, as long as it does not end there."""
    return Switch({_looking: False})


# Forward ---------------------------------------------------------------------------------------------------------


def check_result(rule: Rule, operands: Sequence[Any], parameters: Sequence[Any], result: Any) -> None:
    """Raise if ``result``, of ``rule`` at the operands (floats and arrays), is an anomaly that it made."""
    if not _looking.get():
        return
    given = [*operands, *(p for p in parameters if isinstance(p, float))]
    index = _anomaly(result, given, rule.elementwise)
    if index is None:
        return
    names = _names(rule, operands)
    told = _told(rule, names, operands, np.shape(result) if rule.elementwise else None, index)
    origin = origins.here()
    raise AnomalyError(
        f"{rule.name}: the result is {np.asarray(result)[index]!s} {_at(index, np.shape(result))}, where {told}; it is "
        f"the first NaN or infinity{_lines(names, operands, origin, 'computed at')}\n  {_remedy(rule, operands)}"
    )


def _remedy(rule: Rule, operands: Sequence[Any]) -> str:
    floats = [operand for operand in operands if _is_float(operand)]
    if any(np.isnan(operand).any() for operand in floats):
        return "a NaN was given, not computed here; clean the data"
    if rule.name not in REMEDIES and any(np.isinf(operand).any() for operand in floats):
        return "an infinity was given; times 0, or less another infinity, it has no value: mask it with where()"
    return REMEDIES.get(rule.name, OVERFLOW)


# Backward --------------------------------------------------------------------------------------------------------


def check_backward(node: Node, position: int, g: Any, contribution: Any, before: Any, after: Any) -> None:
    """Look at one contribution of the reverse pass, and at the sum that it enters; see `backward.reverse`."""
    check_contribution(node, position, g, contribution)
    check_sum(node, position, after, (contribution, 0.0 if before is None else before))


def check_contribution(node: Node, position: int, g: Any, contribution: Any) -> None:
    """Raise if what ``node`` contributes to the gradient of an operand is an anomaly that its derivative made."""
    rule = node.op.rule  # type: ignore[union-attr]
    operands = (x if isinstance(x, Node) else node.constant(x) for x in node.operands)
    g, out, contribution, *values = (_raw(given) for given in (g, node, contribution, *operands))
    index = _anomaly(contribution, (g, *values), rule.elementwise)
    if index is None:
        return
    names = _names(rule, values)
    shape = np.shape(contribution) if rule.elementwise else None
    told = _told(rule, ("the upstream gradient", "out", *names), (g, out, *values), shape, index)
    raise AnomalyError(
        f"{rule.name}: in the backward pass, the contribution to the gradient of {names[position]} is "
        f"{np.asarray(contribution)[index]!s} {_at(index, np.shape(contribution))}, where {told}; it is the first NaN "
        f"or infinity, and the derivative is {rule.derivative(position)}"
        f"{_lines(names, values, origins.of(node), 'of the operation at')}\n  {REMEDIES.get(rule.name, OVERFLOW)}"
    )


def check_sum(node: Node, position: int, total: Any, parts: Sequence[Any]) -> None:
    """Raise if contributions that are finite have a sum that is not."""
    rule = node.op.rule  # type: ignore[union-attr]
    parts = [_raw(part) for part in parts]
    total = _raw(total)
    index = _anomaly(total, parts, False)
    if index is not None:
        operands = [_raw(operand) for operand in node.operands]
        names = _names(rule, operands)
        raise AnomalyError(
            f"{rule.name}: in the backward pass, the gradient of {names[position]} is {np.asarray(total)[index]!s} "
            f"{_at(index, np.shape(total))} where contributions, each finite, are added up; it is the first NaN or "
            f"infinity{_lines(names, operands, origins.of(node), 'of the operation at')}\n  {OVERFLOW}"
        )


# Parts -----------------------------------------------------------------------------------------------------------


def _raw(given: Any) -> Any:
    return given.raw if isinstance(given, Node) else given


def _is_float(given: Any) -> bool:
    return isinstance(given, float) or getattr(given, "dtype", np.dtype(bool)).kind == "f"


def _anomaly(result: Any, given: Sequence[Any], elementwise: bool) -> tuple[int, ...] | None:
    """The first index of ``result`` with a NaN, or with an infinity where there is none in what it was computed from;
    element by element, or in the whole."""
    if isinstance(result, float) and math.isfinite(result):
        return None
    array = np.asarray(result)
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return None
    allowed: Any = False
    for operand in given:
        if _is_float(operand):
            infinite = np.isinf(operand)
            allowed = allowed | (infinite if elementwise else infinite.any())
    wrong = np.isnan(array) | (np.isinf(array) & ~np.asarray(allowed))
    if not wrong.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(wrong.argmax()), wrong.shape))


def _names(rule: Rule, operands: Sequence[Any]) -> tuple[str, ...]:
    if rule.variadic:
        return tuple(f"{rule.operands[0]}[{i}]" for i in range(len(operands)))
    return rule.operands


def _at(index: tuple[int, ...], shape: tuple[int, ...]) -> str:
    return f"at index {index} of shape {shape}" if shape else "(one number)"


def _told(
    rule: Rule, names: Sequence[str], operands: Sequence[Any], shape: tuple[int, ...] | None, index: tuple[int, ...]
) -> str:
    """The operands' values at ``index`` of ``shape``; where these have no counterpart (None), what they range over."""
    told = []
    for name, operand in zip(names, operands, strict=False):
        array = np.asarray(operand)
        if not array.ndim:
            told.append(f"{name} = {array[()]!s}")
        elif shape is not None:
            own = tuple(0 if n == 1 else i for n, i in zip(array.shape, index[len(shape) - array.ndim :], strict=True))
            told.append(f"{name}[{', '.join(map(str, own))}] = {array[own]}")
        elif array.size:
            finite = np.isfinite(array) if array.dtype.kind == "f" else np.ones(array.shape, bool)
            if finite.all():
                told.append(f"{name} is within [{array.min()!s}, {array.max()!s}]")
            else:
                first = tuple(int(i) for i in np.argwhere(~finite)[0])
                told.append(f"{name}[{', '.join(map(str, first))}] = {array[first]}")
    return ", ".join(told) or "there are no elements"


def _lines(names: Sequence[str], operands: Sequence[Any], origin: origins.Origin | None, word: str) -> str:
    """The lines of a message that name the operands' shapes and the user's line."""
    arrays = [(name, np.asarray(operand)) for name, operand in zip(names, operands, strict=False)]
    shapes = ", ".join(f"{name} {array.shape} {array.dtype}" for name, array in arrays)
    if origin is None:
        return f"\n  operands: {shapes}\n  {word} a line not known; run the forward pass within detect_anomaly() too"
    within = f", in module {origin.module}" if origin.module else ""
    return f"\n  operands: {shapes}\n  {word} {origin.file}:{origin.line} in {origin.function}{within}: {origin.code}"
