"""Functions of `autograd.linalg` under the names that they have as methods of tensors and in ``autograd`` itself."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.functions import factors, linalg
from autograd.functions.answers import answer
from autograd.functions.indexing import clone
from autograd.functions.pointwise import log
from autograd.functions.shape import mT

__all__ = [
    "chain_matmul",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "det",
    "inverse",
    "logdet",
    "lu",
    "lu_solve",
    "lu_unpack",
    "matrix_exp",
    "matrix_power",
    "pinverse",
    "qr",
    "slogdet",
    "svd",
    "triangular_solve",
]


class SVD(NamedTuple):
    """A = U @ diag(S) @ V.mT."""

    U: Any
    S: Any
    V: Any


class Unpacked(NamedTuple):
    """A = P @ L @ U."""

    P: Any
    L: Any
    U: Any


class Triangular(NamedTuple):
    """The solution, and the coefficients it was found for."""

    solution: Any
    cloned_coefficient: Any


def det(input: Any) -> Any:
    """The determinant, as `autograd.linalg.det`."""
    return linalg.det(input)


def slogdet(input: Any) -> linalg.SlogDet:
    """The sign of the determinant and the logarithm of its magnitude, as `autograd.linalg.slogdet`."""
    return linalg.slogdet(input)


def logdet(input: Any) -> Any:
    """The logarithm of the determinant; NaN where that is negative."""
    sign, logabsdet = linalg.slogdet(input)
    return logabsdet + log(sign.detach())


def inverse(input: Any) -> Any:
    """The inverse, as `autograd.linalg.inv`."""
    return linalg.inv(input)


def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """The pseudoinverse, as `autograd.linalg.pinv`; ``rcond`` is its ``rtol``."""
    return linalg.pinv(input, rtol=rcond)


def cholesky(input: Any, upper: bool = False) -> Any:
    """The Cholesky factor, as `autograd.linalg.cholesky`."""
    return linalg.cholesky(input, upper=upper)


def matrix_power(input: Any, n: int) -> Any:
    """The product of ``n`` times the same matrix, as `autograd.linalg.matrix_power`."""
    return linalg.matrix_power(input, n)


def chain_matmul(*matrices: Any) -> Any:
    """The product of any number of matrices, as `autograd.linalg.multi_dot`."""
    return linalg.multi_dot(matrices) if len(matrices) > 1 else matrices[0]


def cholesky_solve(input: Any, L: Any, upper: bool = False) -> Any:
    """X with A @ X = ``input``, of which ``L`` is the Cholesky factor: A = L @ L.mT, or L.mT @ L where ``upper``."""
    low, high = (mT(L), L) if upper else (L, mT(L))
    return linalg.solve_triangular(high, linalg.solve_triangular(low, input, upper=False), upper=True)


def cholesky_inverse(L: Any, upper: bool = False) -> Any:
    """The inverse of the matrix of which ``L`` is the Cholesky factor."""
    linalg.require_matrices("cholesky_inverse", L, square=True)
    return cholesky_solve(L.wrapped(np.eye(L.shape[-1], dtype=L.dtype)), L, upper)


def triangular_solve(
    input: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Triangular:
    """X with A @ X = ``input`` (``transpose``: A.mT @ X), as `autograd.linalg.solve_triangular`, and a copy of A."""
    triangle = mT(A) if transpose else A
    solution = linalg.solve_triangular(triangle, input, upper=upper != transpose, unitriangular=unitriangular)
    return Triangular(solution, clone(A))


def svd(input: Any, some: bool = True, compute_uv: bool = True) -> SVD:
    """The singular value decomposition, as `autograd.linalg.svd`, but V is not transposed; ``some`` is the opposite of
    ``full_matrices``. Without ``compute_uv``, U and V are zeros."""
    if compute_uv:
        u, s, vh = linalg.svd(input, full_matrices=not some)
        return SVD(u, s, mT(vh))
    s = linalg.svdvals(input)
    u, v = (input.wrapped(np.zeros((*input.shape[:-2], n, n), input.dtype)) for n in input.shape[-2:])
    return SVD(u, s, v)


def qr(input: Any, some: bool = True) -> linalg.QR:
    """The decomposition into Q and R, as `autograd.linalg.qr`, complete unless ``some``."""
    return linalg.qr(input, "reduced" if some else "complete")


def matrix_exp(input: Any) -> Any:
    """The exponential of a matrix, as `autograd.linalg.matrix_exp`."""
    return factors.matrix_exp(input)


def lu(A: Any, pivot: bool = True, get_infos: bool = False) -> Any:
    """`autograd.linalg.lu_factor` as a pair; with ``get_infos`` its ``info``, too, and no error."""
    made = factors.lu_factor_ex(A, pivot=pivot, check_errors=not get_infos)
    return tuple(made) if get_infos else tuple(made)[:2]


def lu_solve(input: Any, LU_data: Any, LU_pivots: Any) -> Any:
    """X with A @ X = ``input``, as `autograd.linalg.lu_solve`."""
    return factors.lu_solve(LU_data, LU_pivots, input)


def lu_unpack(LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True) -> Unpacked:
    """P, L and U of what `lu` gives; what is not to be unpacked is empty."""
    linalg.require_matrices("lu_unpack", LU_data)
    none = LU_data.wrapped(np.zeros(0, LU_data.dtype))
    low, up = factors.unpacked(LU_data) if unpack_data else (none, none)
    if not unpack_pivots:
        return Unpacked(none, low, up)
    order = answer("order_swapped", LU_pivots, parameters=(LU_data.shape[-2],))
    return Unpacked(answer("order_matrix", order).to(LU_data.dtype), low, up)
