"""Functions of the diagonals and triangles of matrices. Diagonals above the main one have positive numbers."""

from __future__ import annotations

from typing import Any

from autograd.errors import ShapeError
from autograd.functions.dims import wrapped_dim
from autograd.functions.shape import require_matrices, reshape
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "tril",
    "triu",
]


def tril(input: Any, diagonal: int = 0) -> Any:
    """The lower triangle of each matrix, the diagonal numbered ``diagonal`` included; 0 elsewhere."""
    require_matrices("tril", input)
    return apply(RULES["tril"], (input,), (diagonal,))


def triu(input: Any, diagonal: int = 0) -> Any:
    """The upper triangle of each matrix, the diagonal numbered ``diagonal`` included; 0 elsewhere."""
    require_matrices("triu", input)
    return apply(RULES["triu"], (input,), (diagonal,))


def _two_dims(name: str, dim1: int, dim2: int, ndim: int) -> tuple[int, int]:
    first, second = wrapped_dim(name, dim1, ndim), wrapped_dim(name, dim2, ndim)
    if first == second:
        raise ShapeError(f"{name}: dim1={dim1} and dim2={dim2} are the same dimension; a diagonal needs two")
    return first, second


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The elements where index ``dim2`` is index ``dim1`` plus ``offset``, along a new last dimension."""
    dims = _two_dims("diagonal", dim1, dim2, input.ndim)
    return apply(RULES["diagonal"], (input,), (offset, *dims))


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Square matrices, in the dimensions ``dim1`` and ``dim2``, with the last dimension of ``input`` on a diagonal."""
    if not input.ndim:
        raise ShapeError("diag_embed: a 0-d tensor has no dimension to lay on a diagonal; reshape it to (1,) first")
    dims = _two_dims("diag_embed", dim1, dim2, input.ndim + 1)
    shape, n = list(input.shape[:-1]), input.shape[-1] + abs(offset)
    for dim in sorted(dims):
        shape.insert(dim, n)
    return apply(RULES["undiagonal"], (input,), (offset, *dims, tuple(shape)))


def diag(input: Any, diagonal: int = 0) -> Any:
    """The diagonal of a matrix, or the square matrix with a vector on its diagonal."""
    if input.ndim not in (1, 2):
        raise ShapeError(f"diag: shape {input.shape} is neither a vector nor a matrix; use diagonal() or diag_embed()")
    if input.ndim == 1:
        return diag_embed(input, diagonal)
    return apply(RULES["diagonal"], (input,), (diagonal, 0, 1))


def diagflat(input: Any, offset: int = 0) -> Any:
    """The square matrix with the elements of ``input``, in order, on a diagonal."""
    return diag_embed(reshape(input, (-1,)), offset)
