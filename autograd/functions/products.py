"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

from autograd.errors import DtypeError, ShapeError
from autograd.functions.shape import squeeze, unsqueeze
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "dot",
    "matmul",
    "mm",
]


def matmul(input: Any, other: Any) -> Any:
    """The matrix product of the last two dimensions; those before broadcast. A vector is a row on the left of a
    matrix and a column on its right, and the result is then without that dimension.

    >>> import autograd
    >>> (autograd.ones(5, 2, 3) @ autograd.ones(3, 4)).shape
    (5, 2, 4)
    """
    for operand in (input, other):
        if not operand.ndim:
            raise ShapeError(
                f"matmul: {input.shape} @ {other.shape}: a 0-d operand has no rows or columns; use * instead"
            )
    inner = input.shape[-1], other.shape[-2] if other.ndim > 1 else other.shape[-1]
    if inner[0] != inner[1]:
        raise ShapeError(f"matmul: {input.shape} @ {other.shape}: inner sizes {inner[0]} and {inner[1]} differ")
    if input.dtype != other.dtype:
        raise DtypeError(f"matmul: {input.dtype} @ {other.dtype}: convert one of them with .to(dtype)")
    rows = input if input.ndim > 1 else unsqueeze(input, 0)
    columns = other if other.ndim > 1 else unsqueeze(other, 1)
    out = apply(RULES["matmul"], (rows, columns))
    if input.ndim == 1:
        out = squeeze(out, -2)
    return out if other.ndim > 1 else squeeze(out, -1)


def mm(input: Any, mat2: Any) -> Any:
    """The product of two matrices."""
    if input.ndim != 2 or mat2.ndim != 2:
        raise ShapeError(f"mm: {input.shape} @ {mat2.shape}: both must be matrices; use matmul for anything else")
    return matmul(input, mat2)


def dot(input: Any, tensor: Any) -> Any:
    """The sum of the products of the elements of two vectors."""
    if input.ndim != 1 or tensor.ndim != 1:
        raise ShapeError(f"dot: {input.shape} and {tensor.shape}: both must be vectors; use matmul for anything else")
    return matmul(input, tensor)
