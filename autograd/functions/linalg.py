"""Determinants, inverses and decompositions of matrices: the functions of ``autograd.linalg``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.linalg import magnitudes
from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions import diagonals
from autograd.functions.answers import answer
from autograd.functions.diagonals import tril, triu
from autograd.functions.dims import require_arrays
from autograd.functions.joining import cat
from autograd.functions.pointwise import where
from autograd.functions.products import crossed, matmul, matrix_product
from autograd.functions.shape import mT, reshape, squeeze, unsqueeze
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
]


class SlogDet(NamedTuple):
    """det = sign * exp(logabsdet)."""

    sign: Any
    logabsdet: Any


class EigH(NamedTuple):
    """A = eigenvectors @ diag(eigenvalues) @ eigenvectors.mT."""

    eigenvalues: Any
    eigenvectors: Any


class SVD(NamedTuple):
    """A = U @ diag(S) @ Vh."""

    U: Any
    S: Any
    Vh: Any


class QR(NamedTuple):
    """A = Q @ R."""

    Q: Any
    R: Any


def require_matrices(name: str, A: Any, square: bool = False) -> None:
    require_arrays(name, A)
    if A.ndim < 2:
        raise ShapeError(f"{name}: shape {A.shape} has no matrices; it needs at least 2 dimensions")
    if square and A.shape[-1] != A.shape[-2]:
        raise ShapeError(f"{name}: shape {A.shape}: the matrices must be square, not {A.shape[-2]} by {A.shape[-1]}")
    if A.dtype not in (np.float32, np.float64):
        raise DtypeError(f"{name}: not defined for {A.dtype}; convert first, as in .float()")


def det(A: Any) -> Any:
    """The determinant. Its gradient, the matrix of cofactors, exists for singular matrices too."""
    require_matrices("det", A, square=True)
    return apply(RULES["det"], (A,))


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices, as `autograd.diagonal`."""
    return diagonals.diagonal(A, offset, dim1, dim2)


def slogdet(A: Any) -> SlogDet:
    """The sign of the determinant and the logarithm of its magnitude, which does not overflow."""
    require_matrices("slogdet", A, square=True)
    both = apply(RULES["slogdet"], (A,))
    return SlogDet(both[..., 0], both[..., 1])


def inv(A: Any) -> Any:
    """The inverse; a singular matrix raises `LinAlgError`. ``inv(A) @ b`` is better written ``solve(A, b)``."""
    require_matrices("inv", A, square=True)
    return apply(RULES["inv"], (A,))


def pinv(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """The pseudoinverse of Moore and Penrose. Singular values up to ``max(atol, rtol * the largest)`` count as 0."""
    require_matrices("pinv", A, square=hermitian)
    if atol is None:
        fraction = _default_rtol(A, atol, rtol)
    else:
        largest = magnitudes(A.raw, hermitian).max(-1, initial=0)
        limit = np.maximum(getattr(atol, "raw", atol), _default_rtol(A, atol, rtol) * largest)
        fraction = limit / np.where(largest > 0, largest, 1)
    return apply(RULES["pinv"], (A,), (fraction, bool(hermitian)))


def matrix_rank(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """How many singular values are above ``max(atol, rtol * the largest)``, as integers."""
    require_matrices("matrix_rank", A, square=hermitian)
    absolute = 0.0 if atol is None else getattr(atol, "raw", atol)
    return answer("rank", A, parameters=(bool(hermitian), absolute, _default_rtol(A, atol, rtol)))


def _default_rtol(A: Any, atol: Any, rtol: Any) -> Any:
    """``rtol``, or PyTorch's default: the rounding error of the larger size, and 0 where ``atol`` is positive."""
    if rtol is not None:
        return getattr(rtol, "raw", rtol)
    rounding = max(A.shape[-2:]) * np.finfo(A.dtype).eps
    return rounding if atol is None else np.where(np.asarray(getattr(atol, "raw", atol)) > 0, 0.0, rounding)


def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """X with A @ X = B, or with X @ A = B where ``left`` is false.

    ``B`` is a vector, or a batch of vectors if its shape is that of ``A`` without the last dimension; else matrices.
    A singular ``A`` raises `LinAlgError`.
    """
    require_matrices("solve", A, square=True)
    require_arrays("solve", B)
    if A.dtype != B.dtype:
        raise DtypeError(f"solve: {A.dtype} and {B.dtype}: convert one of them with .to(dtype)")
    vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    if vector and not left:
        raise ShapeError(f"solve: B of shape {B.shape} is a vector, which can only stand on the right; unsqueeze it")
    return _solved("solve", A, B, left, vector)


def _solved(name: str, A: Any, B: Any, left: bool, vector: bool = False) -> Any:
    if not B.ndim or (B.ndim < 2 and not vector):
        raise ShapeError(f"{name}: B has shape {B.shape}; it needs at least {1 + (not vector)} dimensions")
    if not left:
        return mT(_solved(name, mT(A), mT(B), True))
    columns = unsqueeze(B, -1) if vector else B
    if A.shape[-1] != columns.shape[-2]:
        raise ShapeError(
            f"{name}: A of shape {A.shape} and B of shape {B.shape}: {A.shape[-1]} columns for "
            f"{columns.shape[-2]} rows; they must be equally many"
        )
    try:
        np.broadcast_shapes(A.shape[:-2], columns.shape[:-2])
    except ValueError:
        raise ShapeError(f"{name}: A of shape {A.shape} and B of shape {B.shape}: the batches do not fit") from None
    out = apply(RULES["solve"], (A, columns))
    return squeeze(out, -1) if vector else out


def solve_triangular(A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Any:
    """X with A @ X = B (``left``) or X @ A = B, of A only the upper or lower triangle being read; with
    ``unitriangular`` its diagonal is taken to be 1."""
    require_matrices("solve_triangular", A, square=True)
    require_matrices("solve_triangular", B)
    if A.dtype != B.dtype:
        raise DtypeError(f"solve_triangular: {A.dtype} and {B.dtype}: convert one of them with .to(dtype)")
    strictly = int(unitriangular)
    triangle = triu(A, strictly) if upper else tril(A, -strictly)
    if unitriangular:
        triangle = triangle + np.eye(A.shape[-1], dtype=A.dtype)
    return _solved("solve_triangular", triangle, B, left)


def cholesky(A: Any, *, upper: bool = False) -> Any:
    """L, lower triangular, with A = L @ L.mT, or U = L.mT where ``upper``. Of A, which is symmetric and positive
    definite, only one triangle is read; the gradient is that of both together."""
    require_matrices("cholesky", A, square=True)
    return mT(apply(RULES["cholesky"], (mT(A),))) if upper else apply(RULES["cholesky"], (A,))


def eigh(A: Any, UPLO: str = "L") -> EigH:
    """Eigenvalues, in ascending order, and eigenvectors, as columns, of symmetric matrices; only the triangle
    ``UPLO`` ("L" or "U") is read. The sign of a vector is free, and nothing should be computed that depends on it."""
    require_matrices("eigh", A, square=True)
    if UPLO.upper() not in ("L", "U"):
        raise ArgumentError(f"eigh: UPLO is {UPLO!r}; it must be 'L' or 'U'")
    both = apply(RULES["eigh"], (A,), (UPLO.upper(),))
    return EigH(both[..., 0, :], both[..., 1:, :])


def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of symmetric matrices, in ascending order."""
    return eigh(A, UPLO).eigenvalues


def svd(A: Any, full_matrices: bool = True) -> SVD:
    """The singular value decomposition: U and Vh orthogonal, S in descending order.

    With ``full_matrices`` U and Vh are square; the columns and rows added for that are any basis of what is left,
    and no gradient flows through them. The signs of the vectors are free.
    """
    require_matrices("svd", A)
    m, n = A.shape[-2:]
    packed = apply(RULES["svd"], (A,))
    u, v = packed[..., :m, :], packed[..., m + 1 :, :]
    if full_matrices and m != n:
        u, v = (_completed(u), v) if m > n else (u, _completed(v))
    return SVD(u, packed[..., m, :], mT(v))


def _completed(columns: Any) -> Any:
    """Orthonormal columns, and after them a basis of the rest of the space."""
    rest = np.linalg.qr(columns.raw, mode="complete").Q[..., columns.shape[-1] :]
    return cat([columns, columns.wrapped(rest)], -1)


def svdvals(A: Any) -> Any:
    """The singular values, in descending order."""
    require_matrices("svdvals", A)
    return apply(RULES["svd"], (A,))[..., A.shape[-2], :]


def qr(A: Any, mode: str = "reduced") -> QR:
    """A = Q @ R with orthonormal columns in Q and R upper triangular. ``mode``: "reduced", "complete" (Q is square;
    has no gradient if A is higher than wide), or "r" (only R, without a gradient; Q is then empty)."""
    require_matrices("qr", A)
    m, n = A.shape[-2:]
    if mode not in ("reduced", "complete", "r"):
        raise ArgumentError(f"qr: mode is {mode!r}; it must be 'reduced', 'complete' or 'r'")
    if mode == "r":
        return QR(A.wrapped(np.zeros(0, A.dtype)), A.wrapped(np.linalg.qr(A.raw, mode="r")))
    if mode == "complete" and m > n:
        return QR(*(A.wrapped(part) for part in np.linalg.qr(A.raw, mode="complete")))
    packed = apply(RULES["qr"], (A if m >= n else A[..., :m],))
    q, r = packed[..., :m, :], mT(packed[..., m:, :])
    return QR(q, r if m >= n else cat([r, mT(q) @ A[..., m:]], -1))


def matrix_power(A: Any, n: int) -> Any:
    """The product of ``n`` times A, by squaring; for negative ``n`` of its inverse."""
    require_arrays("matrix_power", A)
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise ShapeError(f"matrix_power: shape {A.shape}: the matrices must be square")
    if n < 0:
        A, n = inv(A), -n
    if not n:
        identity = np.broadcast_to(np.eye(A.shape[-1], dtype=A.dtype), A.shape)
        return where(np.ones(A.shape, bool), A.wrapped(identity), A)  # with the gradient 0
    out = None
    while True:
        if n % 2:
            out = A if out is None else out @ A
        n //= 2
        if not n:
            return out
        A = A @ A


def multi_dot(tensors: Sequence[Any]) -> Any:
    """The product of two or more matrices, in the order that costs least; the first may be a row, the last a column.

    Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms", 15.2: each product of neighbours is split where
    its two parts and their product cost least.
    """
    matrices = list(tensors)
    require_arrays("multi_dot", *matrices)
    n = len(matrices)
    if n < 2:
        raise ShapeError(f"multi_dot: needs at least 2 tensors, not {n}")
    shapes = [x.shape for x in matrices]
    if any(len(shape) != 2 for shape in shapes[1:-1]) or any(len(shape) not in (1, 2) for shape in shapes):
        raise ShapeError(f"multi_dot: shapes {shapes}: all must be matrices, but the first and last may be vectors")
    row, column = len(shapes[0]) == 1, len(shapes[-1]) == 1
    if row:
        matrices[0] = unsqueeze(matrices[0], 0)
    if column:
        matrices[-1] = unsqueeze(matrices[-1], 1)
    sizes = [x.shape[0] for x in matrices] + [matrices[-1].shape[1]]
    cost = {(i, i): 0 for i in range(n)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], cut[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )

    def product(i: int, j: int) -> Any:
        if i == j:
            return matrices[i]
        return matrix_product("multi_dot", product(i, cut[i, j]), product(cut[i, j] + 1, j))

    out = product(0, n - 1)
    shape = out.shape[int(row) : 2 - int(column)]
    return reshape(out, shape) if row or column else out


def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The vector at right angles to both, of vectors of size 3 along ``dim``; the operands broadcast."""
    return crossed("cross", input, other, dim)
