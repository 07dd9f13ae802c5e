"""Linear algebra: the last two dimensions are matrices, those before them a batch.

Giles 2008 is "Collected matrix derivative results for forward and reverse mode algorithmic differentiation".

Results of several parts are packed into one array, one below the other (`arrays/linalg.py`). Helpers of this file:
`replaced`, `exchanged`, `values`, `vectors`, `lower`, `symmetric`, `skew`, `total`, `on_diagonal`, `gaps`,
`parted`, `unit_lower`, `lu_core`, `block`, `upper_right`, `svd_slope`, `qr_turned`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.rules.kinds import Shape, helper, on, structural


@helper
def replaced(xs: tuple[Any, ...], i: int, g: Any) -> tuple[Any, ...]:
    """``xs`` with ``g`` in the place of number ``i``."""
    return (*xs[:i], g, *xs[i + 1 :])


@helper
def exchanged(equation: str, i: int) -> str:
    """An equation of einsum with its output in the place of input ``i``, and the other way round.

    >>> exchanged("ij,jk->ik", 1)
    'ij,ik->jk'
    """
    inputs, output = equation.split("->")
    terms = inputs.split(",")
    return f"{','.join(replaced(tuple(terms), i, output))}->{terms[i]}"


@helper
def values(packed: Any) -> Any:
    """The first row."""
    return packed[..., 0, :]


@helper
def vectors(packed: Any) -> Any:
    """What is below the first row."""
    return packed[..., 1:, :]


@helper
def lower(packed: Any, rows: int) -> Any:
    """What is below the first so many rows."""
    return packed[..., rows:, :]


@helper
def symmetric(x: Any) -> Any:
    """The symmetric part of x."""
    return (x + x.mT) / 2


@helper
def skew(x: Any) -> Any:
    """The antisymmetric part of x: symmetric(x) + skew(x) is x."""
    return (x - x.mT) / 2


@helper
def on_diagonal(x: Any) -> Any:
    """Matrices with the vectors x on the diagonal, 0 elsewhere."""
    return x[..., None, :] * np.eye(x.shape[-1], dtype=x.dtype)


@helper
def gaps(x: Any) -> Any:
    """x_j - x_i at (i, j)."""
    return x[..., None, :] - x[..., :, None]


@helper
def parted(x: Any, by: Any, g: Any, values: Any) -> Any:
    """x / by, and 0 where both are 0: how vectors turn within the plane of two whose values differ by ``by``.

    Vectors that belong to one value are any basis of their plane and have no derivative, unless what was computed
    from them is the same for every such basis: then x is 0. What 0 is, ``g`` and ``values`` say by their magnitude.
    """
    raw_x, raw_by, raw_g, raw_values = (getattr(array, "raw", array) for array in (x, by, g, values))
    eps = np.finfo(raw_x.dtype).eps
    closed = abs(raw_by) <= 8 * eps * abs(raw_values).max(-1, initial=0)[..., None, None]
    turned = abs(raw_x) > 64 * eps * abs(raw_g).max((-2, -1), keepdims=True, initial=0)
    if (closed & turned).any():
        raise GraphError(
            "backward: eigenvectors or singular vectors that belong to one and the same value are not unique and have "
            f"no gradient (matrices of shape {raw_x.shape[-2:]}); use the values alone, or perturb the matrix"
        )
    return x * ~closed / (by + closed)


@helper
def total(x: Any) -> Any:
    """The sum over each matrix, kept as a matrix of one element."""
    return x.sum(axis=(-2, -1), keepdims=True)


@helper
def qr_turned(g: Any, out: Any, rows: int) -> Any:
    """gQ + Q M for x = QR, with M symmetric and equal to R gR^T - gQ^T Q on and below the diagonal."""
    (q, r), (gq, gr) = ((p[..., :rows, :], p[..., rows:, :].mT) for p in (out, g))
    m = r @ gr.mT - gq.mT @ q
    low = np.tri(m.shape[-1], dtype=m.dtype)
    return gq + q @ (m * low + (m * (low - np.eye(m.shape[-1], dtype=m.dtype))).mT)


@helper
def unit_lower(x: Any) -> Any:
    """What is below the diagonal, and ones on it."""
    n = x.shape[-1]
    return x * np.tri(n, n, -1, dtype=x.dtype) + np.eye(n, dtype=x.dtype)


@helper
def lu_core(g: Any, out: Any) -> Any:
    """tril(L^T gL) without its diagonal, and triu(gU U^T), of gradients and of factors that are packed."""
    low = np.tri(out.shape[-1], k=-1, dtype=out.dtype)
    return (unit_lower(out).mT @ (g * low)) * low + ((g * (1 - low)) @ (out * (1 - low)).mT) * (1 - low)


@helper
def block(shape: Shape, row: int, column: int) -> tuple[tuple[int, int], ...]:
    """The widths by which a matrix is padded to be this block of two by two."""
    n = shape[-1]
    return ((0, 0),) * (len(shape) - 2) + ((row * n, (1 - row) * n), (column * n, (1 - column) * n))


@helper
def upper_right(x: Any) -> Any:
    """The block of two by two that stands there."""
    n = x.shape[-1] // 2
    return x[..., :n, n:]


@helper
def svd_slope(g: Any, out: Any, rows: int) -> Any:
    """The vector-Jacobian product of x = U diag(s) V^T, ``rows`` being those of x.

    Townsend 2016, "Differentiating the singular value decomposition", with
    (K s_j + s_i J) / (s_j^2 - s_i^2) written as (K + J) / (s_j - s_i) / 2 + (K - J) / (s_j + s_i) / 2,
    the first of which is 0 / 0 for equal values where it does not matter how U and V are turned together.
    """
    (u, s, v), (gu, gs, gv) = ((p[..., :rows, :], p[..., rows, :], p[..., rows + 1 :, :]) for p in (out, g))
    k, j = skew(u.mT @ gu), skew(v.mT @ gv)
    core = on_diagonal(gs) + parted(k + j, gaps(s), g, s) + parted(k - j, s[..., None, :] + s[..., :, None], g, s)
    slope = u @ core @ v.mT
    if rows > s.shape[-1]:  # U turns out of its own column space
        slope = slope + parted(gu - u @ (u.mT @ gu), s[..., None, :], g, s) @ v.mT
    if v.shape[-2] > s.shape[-1]:
        slope = slope + u @ parted(gv - v @ (v.mT @ gv), s[..., None, :], g, s).mT
    return slope


# fmt: off
structural("matmul(x, y)", "x @ y", dx="g @ mT(y)", dy="mT(x) @ g", symbol="@",
           samples=(on((2, 3), (3, 4)), on((5, 2, 3), (5, 3, 4)), on((5, 1, 2, 3), (4, 3, 2)), on((3,), (3,)),
                    on((2, 3), (3,)), on((3,), (5, 3, 2)), on((5, 2, 3), (3, 4)), on((2, 3), (5, 3, 4))))
# a contraction is linear in each operand: what multiplies it there is the contraction of all the others
structural("einsum(*xs; equation)", "einsum(xs, equation)", symbol="Σ·",
           dxs="einsum(replaced(xs, i, g), exchanged(equation, i))",
           samples=(on((2, 3), (3, 4), equation="ij,jk->ki"), on((5, 2, 3), (5, 3), equation="bij,bj->bi"),
                    on((2, 3), (3, 4), (4, 2), equation="ij,jk,kl->il"), on((3,), (3,), equation="a,a->"),
                    on((2, 3), (3, 2), (2,), equation="ij,ji,i->ij")))
# the cofactors, which singular matrices have too; Petersen and Pedersen 2012, "The Matrix Cookbook", 2.1.2
structural("det(x)",      "det(x)",      dx="g[..., None, None] * cofactor(x)",
           samples=(on((3, 3)), on((2, 2, 2)), on((1, 1))))
structural("cofactor(x)", "cofactor(x)", dx="cofactor_slope(x, g)", samples=(on((3, 3)), on((2, 2, 2))))
# linear in y and its own adjoint; as cofactor_slope(x, y) is (sum(y * c) * c - c @ y^T @ c) / det(x), c = cofactor(x),
# dx is the slope of this in c, and in det(x); it exists, but is not a number here, where det(x) is 0
structural("cofactor_slope(x, y)", "cofactor_slope(x, y)", dy="cofactor_slope(x, g)",
           dx="(cofactor_slope(x, y * total(g * cofactor(x)) + g * total(y * cofactor(x))"
              " - g @ mT(cofactor(x)) @ y - y @ mT(cofactor(x)) @ g)"
              " - cofactor(x) * total(g * out)) / det(x)[..., None, None]",
           samples=(on((3, 3), (3, 3)), on((2, 3, 3), (2, 3, 3))))
structural("slogdet(x)",  "slogdet(x)",  dx="g[..., 1, None, None] * mT(inv(x))",  # out: the sign, then the logarithm
           samples=(on((3, 3)), on((2, 2, 2))))
structural("inv(x)",      "inv(x)",      dx="-mT(out) @ g @ mT(out)",  # Giles 2008, 2.2.3
           samples=(on((3, 3)), on((2, 2, 2))))
structural("solve(x, y)", "solve(x, y)", dx="-solve(mT(x), g) @ mT(out)", dy="solve(mT(x), g)",  # Giles 2008, 2.3.1
           samples=(on((3, 3), (3, 2)), on((2, 3, 3), (3, 1)), on((3, 3), (2, 3, 1))))
# Golub and Pereyra 1973, "The differentiation of pseudo-inverses and nonlinear least squares problems", 4.12
structural("pinv(x; rtol, hermitian)", "pinv(x, rtol, hermitian)",
           dx="mT(g) @ out @ mT(out) - x @ (out @ mT(g) @ out @ mT(out)) - mT(out) @ g @ mT(out)"
              " + mT(out) @ out @ mT(g) - mT(out) @ out @ mT(g) @ out @ x",
           samples=(on((4, 2), rtol=1e-15, hermitian=False), on((2, 2, 3), rtol=1e-15, hermitian=False)))
# x = LU, without exchanges; out: L below the diagonal, where it has ones, and U.
# dx = L^-T (tril(L^T gL) + triu(gU U^T)) U^-T
structural("lu_packed(x)", "lu_packed(x)", samples=(on((3, 3)), on((2, 2, 2))),
           dx="solve(mT(unit_lower(out)), mT(solve(triu(out, 0), mT(lu_core(g, out)))))")
# its derivative towards y is the upper right block of exp of [[x, y], [0, x]]; the adjoint that towards g at x^T.
# Van Loan 1978, "Computing integrals involving the matrix exponential"
structural("matrix_exp(x)", "matrix_exp(x)", samples=(on((3, 3)), on((2, 2, 2))),
           dx="upper_right(matrix_exp(pad(mT(x), block(x.shape, 0, 0), 0) + pad(mT(x), block(x.shape, 1, 1), 0)"
              " + pad(g, block(x.shape, 0, 1), 0)))")
# L L^T = x; tril + tril below the diagonal: the diagonal counts half. Murray 2016, arXiv:1602.07527, (10)
structural("cholesky(x)", "cholesky(x)",
           samples=(on((3, 3), of="positive definite"), on((2, 2, 2), of="positive definite")),
           dx="symmetric(mT(inv(out)) @ (tril(mT(out) @ g, 0) + tril(mT(out) @ g, -1)) @ inv(out)) / 2")
# out: the eigenvalues, and below them the eigenvectors; Giles 2008, 3.1
structural("eigh(x; UPLO)", "eigh(x, UPLO)",
           dx="vectors(out) @ (on_diagonal(values(g))"
              " + parted(skew(mT(vectors(out)) @ vectors(g)), gaps(values(out)), vectors(g), values(out)))"
              " @ mT(vectors(out))",
           samples=(on((3, 3), of="positive definite", UPLO="L"), on((2, 2, 2), of="positive definite", UPLO="U")))
structural("svd(x)",      "svd(x)",      dx="svd_slope(g, out, x.shape[-2])",  # out: U, s and V, one below the other
           samples=(on((3, 3)), on((4, 2)), on((2, 2, 3))))
# x is as high as wide, or higher; out: Q and below it R^T. Walter and Lehmann 2018, arXiv:1811.12277
structural("qr(x)",       "qr(x)",       samples=(on((3, 3)), on((2, 4, 2))),
           dx="mT(solve(mT(lower(out, x.shape[-2])), mT(qr_turned(g, out, x.shape[-2]))))")
# fmt: on
