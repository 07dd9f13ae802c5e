"""`strict_broadcast`: refuse the broadcasting that turns a column and a row into a table by accident."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import FrameType
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.graph import Switch
from autograd.origins import is_ours
from autograd.rule import Rule

_strict: ContextVar[bool] = ContextVar("strict", default=False)


def strict_broadcast(function: Callable[..., Any] | None = None) -> Any:
    """Within ``with strict_broadcast():``, or in a function decorated with it, operands may not both be stretched.

    ``(N, 1) - (N,)`` is ``(N, N)``: each operand is repeated along a dimension of the other. That is how a wrong loss
    comes about without an error. Here it raises `ShapeError`. One operand may still be stretched to the shape of
    the other, as a bias ``(D,)`` is to ``(N, D)``; and so may a single number. It holds for every operation that
    broadcasts (for the batches of a matrix product too), in this thread and asynchronous task. A function that makes
    a table of all pairs by its own doing is not meant.

    >>> import autograd
    >>> with strict_broadcast():
    ...     autograd.ones(3, 1) - autograd.ones(3)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd.errors.ShapeError: sub: (3, 1) and (3,) would both be stretched, to (3, 3); ...
    """
    switch = Switch({_strict: True})
    return switch if function is None else switch(function)


def check(rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...] = ()) -> None:
    """Refuse ``rule`` on operands that are both stretched, if that is asked for here."""
    if not _strict.get():
        return
    if rule.elementwise or rule.name == "where":
        check_shapes(rule.name, *map(np.shape, (*operands, *parameters[: rule.name == "where"])))
    elif rule.name == "matmul":
        check_shapes("matmul", *(np.shape(operand)[:-2] for operand in operands), what="batches ")


def check_shapes(name: str, *shapes: tuple[int, ...], what: str = "") -> None:
    """Refuse ``name`` on arrays of these shapes if it would stretch two of them and a caller's program asked for it."""
    if not _strict.get():
        return
    many = [shape for shape in shapes if np.prod(shape) != 1]
    try:
        together = np.broadcast_shapes(*many)
    except ValueError:
        return  # the operation itself says so
    if together in many or not many or not set(many) <= _callers_shapes(bool(what)):
        return
    listed = " and ".join(map(str, many))
    raise ShapeError(
        f"{name}: {what}{listed} would both be stretched, to {together}; reshape one of them to the other's "
        "shape (squeeze, unsqueeze), or expand() it, if a table of all pairs is meant"
    )


def _callers_shapes(batches: bool) -> set[tuple[int, ...]]:
    """The shapes that the user's program gave to the function of this library that it called.

    That function may go on to broadcast arrays that it made for the purpose, as an outer product does.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_back is not None and is_ours(frame.f_back):
        frame = frame.f_back
    if frame is None:
        return set()
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + 2]
    given = [frame.f_locals[name] for name in names if name in frame.f_locals]
    given += [inner for value in given if isinstance(value, tuple | list) for inner in value]
    given += [inner for value in given if isinstance(value, dict) for inner in value.values()]
    shapes = {np.shape(value) for value in given if hasattr(value, "shape")}
    return {shape[:-2] for shape in shapes} if batches else shapes
