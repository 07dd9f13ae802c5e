"""Products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.errors import DtypeError, ShapeError
from autograd.functions.contractions import tensordot
from autograd.functions.dims import require_arrays, wrapped_dim
from autograd.functions.pointwise import mul, pow
from autograd.functions.shape import reshape, roll, squeeze, unsqueeze
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "baddbmm",
    "bmm",
    "cross",
    "dot",
    "ger",
    "inner",
    "kron",
    "matmul",
    "mm",
    "mv",
    "outer",
    "vander",
    "vdot",
]


def matmul(input: Any, other: Any) -> Any:
    """The matrix product of the last two dimensions; those before broadcast. A vector is a row on the left of a
    matrix and a column on its right, and the result is then without that dimension.

    >>> import autograd
    >>> (autograd.ones(5, 2, 3) @ autograd.ones(3, 4)).shape
    (5, 2, 4)
    """
    return matrix_product("matmul", input, other)


def matrix_product(name: str, input: Any, other: Any) -> Any:
    require_arrays(name, input, other)
    for operand in (input, other):
        if not operand.ndim:
            raise ShapeError(
                f"{name}: {input.shape} @ {other.shape}: a 0-d operand has no rows or columns; use * instead"
            )
    inner = input.shape[-1], other.shape[-2] if other.ndim > 1 else other.shape[-1]
    if inner[0] != inner[1]:
        raise ShapeError(f"{name}: {input.shape} @ {other.shape}: inner sizes {inner[0]} and {inner[1]} differ")
    if input.dtype != other.dtype:
        raise DtypeError(f"{name}: {input.dtype} @ {other.dtype}: convert one of them with .to(dtype)")
    if input.dtype.kind == "b":
        raise DtypeError(f"{name}: truth values have no sum of products; convert first, as in .float()")
    rows = input if input.ndim > 1 else unsqueeze(input, 0)
    columns = other if other.ndim > 1 else unsqueeze(other, 1)
    if rows.ndim > 2 and columns.ndim == 2:  # one product of all rows, and of its gradients, is faster than a batch
        folded = reshape(rows, (prod(rows.shape[:-1]), rows.shape[-1]))
        out = reshape(apply(RULES["matmul"], (folded, columns)), (*rows.shape[:-1], columns.shape[-1]))
    else:
        out = apply(RULES["matmul"], (rows, columns))
    if input.ndim == 1:
        out = squeeze(out, -2)
    return out if other.ndim > 1 else squeeze(out, -1)


def _require_dims(name: str, x: Any, y: Any, dims: tuple[int, int]) -> None:
    require_arrays(name, x, y)
    if (x.ndim, y.ndim) != dims:
        same = {(1, 1): "two vectors", (2, 2): "two matrices", (3, 3): "two batches of matrices"}
        kinds = same.get(dims, "a matrix and a vector")
        raise ShapeError(f"{name}: {x.shape} @ {y.shape}: must be {kinds}; use matmul for anything else")


def _require_batches(name: str, x: Any, y: Any) -> None:
    _require_dims(name, x, y, (3, 3))
    for what, n, m in (("batches of", x.shape[0], y.shape[0]), ("inner sizes", x.shape[2], y.shape[1])):
        if n != m:
            raise ShapeError(f"{name}: {x.shape} @ {y.shape}: {what} {n} and {m} differ")


def mm(input: Any, mat2: Any) -> Any:
    """The product of two matrices."""
    _require_dims("mm", input, mat2, (2, 2))
    return matrix_product("mm", input, mat2)


def mv(input: Any, vec: Any) -> Any:
    """The product of a matrix and a vector."""
    _require_dims("mv", input, vec, (2, 1))
    return matrix_product("mv", input, vec)


def bmm(input: Any, mat2: Any) -> Any:
    """The products of the matrices of two batches: ``(B, N, K)`` with ``(B, K, M)`` to ``(B, N, M)``."""
    _require_batches("bmm", input, mat2)
    return matrix_product("bmm", input, mat2)


def dot(input: Any, tensor: Any) -> Any:
    """The sum of the products of the elements of two vectors."""
    _require_dims("dot", input, tensor, (1, 1))
    return matrix_product("dot", input, tensor)


def vdot(input: Any, other: Any) -> Any:
    """The sum of the products of the elements of two vectors."""
    _require_dims("vdot", input, other, (1, 1))
    return matrix_product("vdot", input, other)


def inner(input: Any, other: Any) -> Any:
    """The sum of products over the last dimension of both; the others follow each other. A number multiplies."""
    require_arrays("inner", input, other)
    if not input.ndim or not other.ndim:
        return mul(input, other)
    if input.shape[-1] != other.shape[-1]:
        raise ShapeError(
            f"inner: {input.shape} and {other.shape}: the last sizes, {input.shape[-1]} and {other.shape[-1]}, differ"
        )
    return tensordot(input, other, ([-1], [-1]))


def outer(input: Any, vec2: Any) -> Any:
    """Every element of one vector times every element of another: ``(N,)`` and ``(M,)`` to ``(N, M)``."""
    require_arrays("outer", input, vec2)
    if input.ndim != 1 or vec2.ndim != 1:
        raise ShapeError(f"outer: {input.shape} and {vec2.shape}: must be two vectors; flatten them first")
    return unsqueeze(input, 1) * vec2


ger = outer


def cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """The vector at right angles to both, of vectors of size 3 along ``dim`` (default: the first of that size).

    The operands broadcast.
    """
    require_arrays("cross", input, other)
    if dim is None:
        dim = input.shape.index(3) if 3 in input.shape else -1
    return crossed("cross", input, other, dim)


def crossed(name: str, input: Any, other: Any, dim: int) -> Any:
    require_arrays(name, input, other)
    if input.ndim != other.ndim:
        raise ShapeError(f"{name}: shapes {input.shape} and {other.shape} have different numbers of dimensions")
    axis = wrapped_dim(name, dim, input.ndim)
    if not input.ndim or {input.shape[axis], other.shape[axis]} != {3}:
        raise ShapeError(f"{name}: shapes {input.shape} and {other.shape} along dim {dim}; both must have size 3 there")
    return roll(input * roll(other, -1, axis) - roll(input, -1, axis) * other, -1, axis)


def kron(input: Any, other: Any) -> Any:
    """Kronecker's product: every element of ``input`` times the whole of ``other``, as blocks of one array."""
    require_arrays("kron", input, other)
    n = max(input.ndim, other.ndim)
    outside, inside = ((1,) * (n - x.ndim) + tuple(x.shape) for x in (input, other))
    blocks = reshape(input, tuple(m for size in outside for m in (size, 1))) * reshape(
        other, tuple(m for size in inside for m in (1, size))
    )
    return reshape(blocks, tuple(a * b for a, b in zip(outside, inside, strict=True)))


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of the elements of a vector, one a row: from N - 1 (default: as many as elements) to 0, or upwards."""
    require_arrays("vander", x)
    n = (x.shape[0] if x.ndim == 1 else 0) if N is None else N
    if x.ndim != 1 or n < 0:
        raise ShapeError(f"vander: {n} powers of shape {tuple(x.shape)}; it must be a vector, and N not negative")
    return powers(x, range(n) if increasing else range(n - 1, -1, -1))


def powers(x: Any, exponents: Sequence[int]) -> Any:
    """The powers of the elements with these ``exponents``, along a new last dimension."""
    base = x.long() if x.dtype.kind == "b" else x
    return pow(unsqueeze(base, -1), x.wrapped(np.array(exponents, np.int64)))


# beta * input + alpha * a product ------------------------------------------------------------------------------------


def _added(name: str, input: Any, product: Any, beta: float, alpha: float) -> Any:
    """``beta * input + alpha * product``; with ``beta`` 0, NaN and inf in ``input`` do not matter.

    Fractions of integers are refused, as PyTorch's addmm does; its other functions cut them off, 0.6 to 0.
    """
    if product.dtype.kind == "b":
        beta, alpha = bool(beta), bool(alpha)
    require_arrays(name, input)
    for number, what in ((beta, "beta"), (alpha, "alpha")):
        if isinstance(number, float) and product.dtype.kind != "f":
            raise DtypeError(f"{name}: {what}={number} with {product.dtype} operands; give an integer")
    if input.dtype != product.dtype and name != "addr":
        raise DtypeError(f"{name}: {input.dtype} + {product.dtype}: convert one of them with .to(dtype)")
    shape = product.shape
    if input.ndim > len(shape) or any(
        n not in (1, m) for n, m in zip(reversed(input.shape), reversed(shape), strict=False)
    ):
        raise ShapeError(f"{name}: the input, {input.shape}, cannot be broadcast to the product's shape {shape}")
    if alpha != 1:
        product = product * alpha
    if beta == 0:
        return product
    return (input if beta == 1 else input * beta) + product


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * (mat1 @ mat2)."""
    _require_dims("addmm", mat1, mat2, (2, 2))
    return _added("addmm", input, matrix_product("addmm", mat1, mat2), beta, alpha)


def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * (mat @ vec)."""
    _require_dims("addmv", mat, vec, (2, 1))
    return _added("addmv", input, matrix_product("addmv", mat, vec), beta, alpha)


def addr(input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * outer(vec1, vec2)."""
    return _added("addr", input, outer(vec1, vec2), beta, alpha)


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * bmm(batch1, batch2)."""
    return _added("baddbmm", input, bmm(batch1, batch2), beta, alpha)


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * (the sum of bmm(batch1, batch2) over the batch)."""
    _require_batches("addbmm", batch1, batch2)
    return _added("addbmm", input, tensordot(batch1, batch2, ([0, 2], [0, 1])), beta, alpha)
