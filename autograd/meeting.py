"""How operands of several dtypes meet in one, by PyTorch's rules, before a row of the table is applied to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import dtypes, functions
from autograd.errors import DivisionError
from autograd.functions.answers import holds
from autograd.rule import Rule

_DIVIDING = ("floor_divide", "fmod", "remainder")  # rows of two operands that keep whole numbers whole


def met(rule: Rule, operands: tuple[Any, ...], kind: Any) -> tuple[Any, ...]:
    """The operands as Tensors and Python numbers in one dtype; where one must change, that is a recorded operation.

    ``kind`` is `Tensor`, which applies rows to what this gives. Raises `DivisionError` for a whole number through 0.
    """
    plain = tuple(operand.item() if isinstance(operand, np.generic) else operand for operand in operands)
    given: tuple[Any, ...] = tuple(
        operand if isinstance(operand, int | float) else kind.operand(operand, rule.name) for operand in plain
    )
    dtype = dtypes.result_type(*(operand.raw if isinstance(operand, kind) else operand for operand in given))
    if rule.kind == "analytic" and dtype.kind != "f":
        dtype = dtypes.get_default_dtype()
    if not any(isinstance(operand, kind) for operand in given):
        return tuple(kind(operand, dtype=dtype) for operand in given)
    if dtype.kind in "ui":  # a Python integer beyond the dtype wraps around
        given = tuple(kind.of(np.array(n).astype(dtype)) if isinstance(n, int) else n for n in given)
        if rule.name in _DIVIDING and given[0].raw.size and not holds(np.all, given[1].raw):
            raise DivisionError(f"{rule.name}: a whole number divided by 0; divide .float() numbers, or use where(...)")
    return tuple(
        functions.to(operand, dtype) if isinstance(operand, kind) and operand.dtype != dtype else operand
        for operand in given
    )
