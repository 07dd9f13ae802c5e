"""Singular values and vectors of large matrices, the largest few, by products with random vectors.

Halko, Martinsson and Tropp 2011, "Finding structure with randomness", algorithms 4.4 and 5.1.
"""

from __future__ import annotations

from typing import Any

from autograd import linalg
from autograd.errors import ShapeError
from autograd.functions.linalg import require_matrices
from autograd.functions.matrices import SVD
from autograd.functions.reductions import mean
from autograd.functions.shape import mT
from autograd.random import randn

__all__ = ["pca_lowrank", "svd_lowrank"]


def svd_lowrank(A: Any, q: int | None = 6, niter: int | None = 2, M: Any = None) -> SVD:
    """About the ``q`` largest singular values of ``A`` (less ``M``, if given) and their vectors, U and V.

    Exact, up to rounding, if the rank is not above ``q``; ``niter`` more products make it more so where it is.
    """
    require_matrices("svd_lowrank", A)
    A = A if M is None else A - M.expand(A.shape)
    m, n = A.shape[-2:]
    count = 6 if q is None else q
    if not 0 <= count <= min(m, n) or (niter or 0) < 0:
        raise ShapeError(
            f"svd_lowrank: q={q} with niter={niter} of shape {tuple(A.shape)}; q must be up to {min(m, n)}"
        )
    if m < n:
        u, s, v = svd_lowrank(mT(A), q, niter)
        return SVD(v, s, u)
    basis = linalg.qr(A @ randn(n, count, dtype=A.dtype)).Q
    for _ in range(2 if niter is None else niter):
        basis = linalg.qr(A @ linalg.qr(mT(A) @ basis).Q).Q
    u, s, vh = linalg.svd(mT(basis) @ A, full_matrices=False)
    return SVD(basis @ u, s, mT(vh))


def pca_lowrank(A: Any, q: int | None = None, center: bool = True, niter: int = 2) -> SVD:
    """About the ``q`` (default: 6, or fewer) principal components of the rows of ``A``: `svd_lowrank` of their
    differences from the mean row, or, without ``center``, of themselves. The components are the columns of V."""
    require_matrices("pca_lowrank", A)
    count = min(6, *A.shape[-2:]) if q is None else q
    return svd_lowrank(A - mean(A, -2, True) if center else A, count, niter)
