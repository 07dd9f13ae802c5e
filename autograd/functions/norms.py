"""``autograd.norm``, which takes vector norms unless told otherwise; ``autograd.linalg.norm`` differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.errors import ShapeError
from autograd.functions.dims import Dim, numpy_spelling, wrapped_dim
from autograd.functions.matrix_norms import matrix_norm
from autograd.functions.pointwise import where
from autograd.functions.vector_norms import vector_norm

__all__ = ["dist", "norm", "renorm"]


@numpy_spelling
def norm(input: Any, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """The vector norm of order ``p`` over ``dim`` (default: all): `autograd.linalg.vector_norm`.

    ``p="fro"``, of Frobenius, means 2; ``p="nuc"`` is the nuclear norm, the sum of a matrix's singular values.
    """
    if p == "fro" and isinstance(dim, Sequence) and len(dim) > 2:
        raise ShapeError(f"norm: the norm of Frobenius is a matrix's, over two dimensions, not dim={dim}; use p=2")
    if p == "nuc":
        return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm("norm", input, 2 if p is None or p == "fro" else p, dim, keepdim, dtype)


def dist(input: Any, other: Any, p: float = 2) -> Any:
    """The ``p``-norm of input - other."""
    return vector_norm("dist", input - other, p, None, False, None)


def renorm(input: Any, p: float, dim: int, maxnorm: float) -> Any:
    """``input`` with each of its slices at an index of ``dim`` made smaller, if its ``p``-norm is above ``maxnorm``."""
    axis = wrapped_dim("renorm", dim, input.ndim)
    if input.ndim < 2 or not p > 0 or not maxnorm >= 0:
        raise ShapeError(
            f"renorm: shape {tuple(input.shape)} with p={p} and maxnorm={maxnorm}; it must have at least 2 dimensions, "
            "p must be positive and maxnorm not negative"
        )
    others = tuple(d for d in range(input.ndim) if d != axis)
    norms = vector_norm("renorm", input, p, others, True, None)
    return input * where(norms > maxnorm, maxnorm / (norms + 1e-7), 1.0)
