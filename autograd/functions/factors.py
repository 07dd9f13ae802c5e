"""Triangular factors of matrices and what is solved with them; equations of tensors; exponentials.

These are functions of ``autograd.linalg``, beside those of `linalg`, which is about the matrices themselves.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ArgumentError, DtypeError, LinAlgError, ShapeError
from autograd.functions.answers import answer, holds
from autograd.functions.diagonals import tril, triu
from autograd.functions.dims import require_arrays, wrapped_dim
from autograd.functions.joining import cat
from autograd.functions.linalg import cholesky, inv, pinv, require_matrices, solve, solve_triangular
from autograd.functions.pointwise import square, where
from autograd.functions.products import powers
from autograd.functions.reductions import require_float, sum
from autograd.functions.shape import broadcast_to, movedim, mT, reshape, squeeze, unsqueeze
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "cholesky_ex",
    "inv_ex",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "matrix_exp",
    "solve_ex",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
]


class LU(NamedTuple):
    """A = P @ L @ U."""

    P: Any
    L: Any
    U: Any


class LUFactor(NamedTuple):
    """L below the diagonal and U above it, and the rows, counted from 1, that were exchanged with the first, ..."""

    LU: Any
    pivots: Any


class LUFactorEx(NamedTuple):
    """`LUFactor`, and where on the diagonal of U the first 0 stands, counted from 1; 0 if nowhere."""

    LU: Any
    pivots: Any
    info: Any


class InvEx(NamedTuple):
    """The inverse; ``info`` is 0, or the column, counted from 1, where the matrix turned out singular."""

    inverse: Any
    info: Any


class SolveEx(NamedTuple):
    """The solution; ``info`` is 0, or the column, counted from 1, where the matrix turned out singular."""

    result: Any
    info: Any


class CholeskyEx(NamedTuple):
    """The factor; ``info`` is 0, or the size of the smallest leading block that is not positive definite."""

    L: Any
    info: Any


class LstSq(NamedTuple):
    """The solution of least squares, and the sums of squares that are left; what a driver does not give is empty."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


# L and U ------------------------------------------------------------------------------------------------------------


def _factored(name: str, A: Any, pivot: bool) -> tuple[Any, Any]:
    """L and U in one array, and the order in which the rows of A are taken."""
    require_matrices(name, A)
    if not pivot:
        raise ArgumentError(f"{name}: pivot=False may divide by 0, and is not done on a CPU; leave it out")
    m, n = A.shape[-2:]
    k = min(m, n)
    order = answer("row_order", A)
    rows = _in_order(A, order)
    square_part = apply(RULES["lu_packed"], (rows[..., :k, :k],))
    if m > n:
        below = solve_triangular(square_part, rows[..., k:, :], upper=True, left=False) if n else rows[..., k:, :]
        return cat([square_part, below], -2), order
    if n > m:
        beside = solve_triangular(square_part, rows[..., k:], upper=False, unitriangular=True) if m else rows[..., k:]
        return cat([square_part, beside], -1), order
    return square_part, order


def _in_order(x: Any, order: Any) -> Any:
    """The rows of each matrix in another order."""
    return apply(RULES["gather"], (x,), (x.ndim - 2, broadcast_to(unsqueeze(order, -1), x.shape).raw))


def lu(A: Any, *, pivot: bool = True) -> LU:
    """A = P @ L @ U, P exchanging rows so that L, which has ones on its diagonal, has no number above 1; U is upper
    triangular."""
    packed, order = _factored("linalg.lu", A, pivot)
    return LU(answer("order_matrix", order).to(A.dtype), *unpacked(packed))


def unpacked(packed: Any) -> tuple[Any, Any]:
    """L and U of both in one array."""
    m, n = packed.shape[-2:]
    k = min(m, n)
    ones = np.eye(m, k, dtype=packed.dtype)
    return tril(packed[..., :k], -1) + ones, triu(packed[..., :k, :])


def lu_factor(A: Any, *, pivot: bool = True) -> LUFactor:
    """`lu` as `lu_solve` takes it; a matrix whose U cannot be divided by raises `LinAlgError`."""
    packed, pivots, info = lu_factor_ex(A, pivot=pivot)
    _refuse_failed("linalg.lu_factor", A, info, "is singular, and lu_solve could not divide by its U; use linalg.lu")
    return LUFactor(packed, pivots)


def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False) -> LUFactorEx:
    """`lu_factor` that says in ``info`` where it cannot be divided, and raises only with ``check_errors``."""
    packed, order = _factored("linalg.lu_factor_ex", A, pivot)
    info = answer("first_zero", packed)
    if check_errors:
        _refuse_failed("linalg.lu_factor_ex", A, info, "is singular; leave out check_errors")
    return LUFactorEx(packed, answer("swaps", order, parameters=(min(A.shape[-2:]),)), info)


def _refuse_failed(name: str, A: Any, info: Any, trouble: str) -> None:
    if not holds(lambda failed: not failed.any(), info.raw):
        first = np.argwhere(np.atleast_1d(info.raw))[0].tolist()
        which = f", matrix {first if len(first) > 1 else first[0]} of the batch," if info.ndim else ""
        raise LinAlgError(f"{name}: shape {tuple(A.shape)}{which} {trouble}")


def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False) -> Any:
    """X with A @ X = B, or X @ A = B (``left`` false), A or its transpose (``adjoint``) having these `lu_factor`s."""
    require_matrices("linalg.lu_solve", LU, square=True)
    require_matrices("linalg.lu_solve", B)
    if pivots.dtype != np.int32 or tuple(pivots.shape) != tuple(LU.shape[:-1]):
        raise ShapeError(
            f"linalg.lu_solve: pivots of shape {tuple(pivots.shape)} and dtype {pivots.dtype} for factors of shape "
            f"{tuple(LU.shape)}; they are int32, as linalg.lu_factor gives them"
        )
    if not left:
        return mT(lu_solve(LU, pivots, mT(B), adjoint=not adjoint))
    order = answer("order_swapped", pivots, parameters=(LU.shape[-1],))
    batch = np.broadcast_shapes(LU.shape[:-2], B.shape[:-2])
    B = B.expand(*batch, *B.shape[-2:])
    order = order.expand(*batch, order.shape[-1])
    if not adjoint:
        y = solve_triangular(LU, _in_order(B, order), upper=False, unitriangular=True)
        return solve_triangular(LU, y, upper=True)
    y = solve_triangular(mT(LU), B, upper=False)
    y = solve_triangular(mT(LU), y, upper=True, unitriangular=True)
    return _in_order(y, answer("order", order, parameters=(-1, False)))


# Inverses that tell of failure ---------------------------------------------------------------------------------------


def _without_failed(A: Any, info: Any) -> tuple[Any, Any]:
    """A with the identity for those that failed, and where these stand; of them the result is NaN."""
    failed = unsqueeze(unsqueeze(info != 0, -1), -1)
    return where(failed, A.wrapped(np.eye(A.shape[-1], dtype=A.dtype)), A), failed


def inv_ex(A: Any, *, check_errors: bool = False) -> InvEx:
    """The inverse; of a singular matrix NaN, said by ``info``, or, with ``check_errors``, an error."""
    require_matrices("linalg.inv_ex", A, square=True)
    if check_errors:
        return InvEx(inv(A), answer("singular", A))
    regular, failed = _without_failed(A, info := answer("singular", A))
    return InvEx(where(failed, math.nan, inv(regular)), info)


def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False) -> SolveEx:
    """`solve`; of a singular matrix NaN, said by ``info``, or, with ``check_errors``, an error."""
    require_matrices("linalg.solve_ex", A, square=True)
    if check_errors:
        return SolveEx(solve(A, B, left=left), answer("singular", A))
    regular, failed = _without_failed(A, info := answer("singular", A))
    result = solve(regular, B, left=left)
    return SolveEx(where(failed if result.ndim >= failed.ndim else squeeze(failed, -1), math.nan, result), info)


def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False) -> CholeskyEx:
    """`cholesky`; of one that is not positive definite NaN, said by ``info``, or, with ``check_errors``, an error."""
    require_matrices("linalg.cholesky_ex", A, square=True)
    info = answer("indefinite", A, parameters=(bool(upper),))
    if check_errors:
        return CholeskyEx(cholesky(A, upper=upper), info)
    definite, failed = _without_failed(A, info)
    return CholeskyEx(where(failed, math.nan, cholesky(definite, upper=upper)), info)


# Least squares ------------------------------------------------------------------------------------------------------

DRIVERS = ("gels", "gelsy", "gelsd", "gelss")  # of LAPACK; all of them find the same solution, by pinv here


def lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> LstSq:
    """X for which the sum of the squares of A @ X - B is least, and of several such the one that is least itself.

    ``B`` as for `solve`. Singular values up to ``rcond`` (default: the rounding error of the larger size) times the
    largest count as 0. ``driver`` decides what is given besides: "gels" no rank, which it takes to be full; "gelsd" and
    "gelss" the singular values, too. ``residuals`` are empty unless there are more rows than columns, and full rank.
    """
    require_matrices("linalg.lstsq", A)
    require_arrays("linalg.lstsq", B)
    if A.dtype != B.dtype:
        raise DtypeError(f"linalg.lstsq: {A.dtype} and {B.dtype}: convert one of them with .to(dtype)")
    if driver not in (None, *DRIVERS):
        raise ArgumentError(f"linalg.lstsq: driver is {driver!r}; it must be one of {', '.join(DRIVERS)}")
    m, n = A.shape[-2:]
    vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    columns = unsqueeze(B, -1) if vector else B
    if not B.ndim or columns.ndim < 2 or columns.shape[-2] != m:
        raise ShapeError(
            f"linalg.lstsq: A of shape {tuple(A.shape)} and B of shape {tuple(B.shape)}: they must have as many rows"
        )
    limit = max(m, n) * np.finfo(A.dtype).eps if rcond is None else rcond
    none = A.wrapped(np.zeros(0, A.dtype))
    rank = answer("rank", A, parameters=(False, 0.0, limit))
    solution = pinv(A, rtol=limit) @ columns
    residuals = reshape(solution, (-1,))[:0]
    if m > n and driver != "gelsy" and driver is not None and holds(lambda r: (r == n).all(), rank.raw):
        residuals = sum(square(A @ solution - columns), -2)
    return LstSq(
        squeeze(solution, -1) if vector else solution,
        residuals,
        A.wrapped(np.zeros(0, np.int64)) if driver == "gels" else rank,
        apply(RULES["svd"], (A.detach(),))[..., m, :] if driver in ("gelsd", "gelss") else none,
    )


# Others --------------------------------------------------------------------------------------------------------------


def matrix_exp(A: Any) -> Any:
    """The sum of A^k / k! over all k >= 0."""
    require_matrices("linalg.matrix_exp", A, square=True)
    return apply(RULES["matrix_exp"], (A,))


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The sum of the products of the elements along ``dim``; the operands broadcast."""
    require_float("linalg.vecdot", x)
    require_float("linalg.vecdot", y)
    return sum(x * y, dim)


def vander(x: Any, *, N: int | None = None) -> Any:
    """The powers from 0 to ``N`` - 1 (default: as many as there are elements) of the last dimension, one a row."""
    require_arrays("linalg.vander", x)
    n = (x.shape[-1] if x.ndim else 1) if N is None else N
    if n <= 1:
        raise ShapeError(f"linalg.vander: {n} powers of shape {tuple(x.shape)}; they must be more than 1")
    return powers(x if x.ndim else reshape(x, (1,)), range(n))


def tensorinv(A: Any, ind: int = 2) -> Any:
    """The inverse with respect to `tensordot` over ``ind`` dimensions; those of A before and after that have as many
    elements."""
    require_arrays("linalg.tensorinv", A)
    rows, columns = math.prod(A.shape[:ind]), math.prod(A.shape[ind:])
    if ind < 1 or rows != columns:
        raise ShapeError(
            f"linalg.tensorinv: shape {tuple(A.shape)} cut at ind={ind} has {rows} and {columns} elements; ind must be "
            "positive, and they as many"
        )
    return reshape(inv(reshape(A, (rows, columns))), (*A.shape[ind:], *A.shape[:ind]))


def tensorsolve(A: Any, B: Any, dims: Any = None) -> Any:
    """X with tensordot(A, X, X.ndim) = B; the dimensions ``dims`` of A are moved to its end first."""
    require_arrays("linalg.tensorsolve", A, B)
    if dims is not None:
        chosen = [wrapped_dim("linalg.tensorsolve", d, A.ndim) for d in dims]
        A = movedim(A, chosen, [A.ndim - len(chosen) + i for i in range(len(chosen))])
    unknown = tuple(A.shape[B.ndim :])
    if math.prod(unknown) != B.raw.size or math.prod(A.shape) != B.raw.size**2:
        raise ShapeError(
            f"linalg.tensorsolve: A of shape {tuple(A.shape)} and B of shape {tuple(B.shape)}: after the {B.ndim} "
            f"dimensions of B, A must have {B.raw.size} more elements"
        )
    return reshape(solve(reshape(A, (B.raw.size, B.raw.size)), reshape(B, (-1,))), unknown)
