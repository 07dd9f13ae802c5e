"""Functions of matrices: the last two dimensions of an array, those before them being a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.errors import LinAlgError

Array = np.ndarray[Any, Any]
Term = tuple[str, Array]  # an array with a letter for each dimension

# Products ----------------------------------------------------------------------------------------------------------


def einsum(xs: Sequence[Array], equation: str) -> Array:
    """The contraction ``equation``, pair after pair by matrix products.

    No letter stands twice in a term, and each stands in the output or in several terms (`functions/einsum.py`).
    """
    inputs, output = equation.split("->")
    terms = list(zip(inputs.split(","), xs, strict=True))
    for step in _order(equation, tuple(x.shape for x in xs)):
        chosen = [terms.pop(k) for k in sorted(step, reverse=True)]
        while len(chosen) > 1:
            second, first = chosen.pop(), chosen.pop()
            kept = {*output, *(letter for letters, _ in terms + chosen for letter in letters)}
            chosen.append(_contracted(first, second, kept))
        terms += chosen
    ((letters, out),) = terms
    return np.transpose(out, [letters.index(letter) for letter in output])


@lru_cache
def _order(equation: str, shapes: tuple[tuple[int, ...], ...]) -> list[tuple[int, ...]]:
    """Which terms to contract first; the result of each contraction is put last."""
    if len(shapes) <= 2:
        return [tuple(range(len(shapes)))]
    dummies = (np.broadcast_to(0.0, shape) for shape in shapes)
    return np.einsum_path(equation, *dummies, optimize=("greedy", 2**62))[0][1:]


def _contracted(first: Term, second: Term, kept: set[str]) -> Term:
    (s, x), (t, y) = first, second
    batch = [c for c in s if c in t and c in kept]
    summed = [c for c in s if c in t and c not in kept]
    rows, columns = [c for c in s if c not in t], [c for c in t if c not in s]
    letters = "".join(batch + rows + columns)
    if summed and not rows and not columns:  # a sum of products for each index of the batch
        return letters, np.einsum(f"{s},{t}->{letters}", x, y)
    x = np.transpose(x, [s.index(c) for c in batch + rows + summed])
    y = np.transpose(y, [t.index(c) for c in batch + summed + columns])
    b, r, k = len(batch), len(rows), len(summed)
    shape = x.shape[: b + r] + y.shape[b + k :]
    if not summed:
        return letters, x.reshape(x.shape + (1,) * len(columns)) * y.reshape(y.shape[:b] + (1,) * r + y.shape[b:])
    sums = prod(x.shape[b + r :])
    x = x.reshape((*x.shape[:b], prod(x.shape[b : b + r]), sums))
    y = y.reshape((*y.shape[:b], sums, prod(y.shape[b + k :])))
    return letters, (x @ y).reshape(shape)


# Inverses and decompositions ---------------------------------------------------------------------------------------


def _solver(name: str, function: Callable[..., Any], trouble: str) -> Callable[..., Any]:
    """``function`` of NumPy, whose error says nothing, with one that says which matrix and what to do."""

    def solved(x: Array, *arguments: Any) -> Any:
        try:
            return function(x, *arguments)
        except np.linalg.LinAlgError:
            where = _first_that_fails(function, x, arguments)
            raise LinAlgError(f"{name}: shape {x.shape}{where}: {trouble}") from None

    return solved


def _first_that_fails(function: Callable[..., Any], x: Array, arguments: Any) -> str:
    for index in np.ndindex(x.shape[:-2]):
        try:
            function(x[index], *(np.zeros(a.shape[-2:]) if isinstance(a, np.ndarray) else a for a in arguments))
        except np.linalg.LinAlgError:
            return f", matrix {index if len(index) > 1 else index[0]} of the batch" if index else ""
    return ""


_SINGULAR = "the matrix is singular; add a small multiple of the identity to it, or use linalg.pinv"
_NOT_FINITE = "no convergence; the matrix has elements that are NaN or infinite, or of very different magnitudes"

inv = _solver("inv", np.linalg.inv, _SINGULAR)
solve = _solver("solve", np.linalg.solve, _SINGULAR)
cholesky = _solver(
    "cholesky",
    np.linalg.cholesky,
    "the matrix is not positive definite; check that it is symmetric, or add a small multiple of the identity to it",
)
_eigh = _solver("eigh", np.linalg.eigh, _NOT_FINITE)
_svd = _solver("svd", lambda x: np.linalg.svd(x, full_matrices=False), _NOT_FINITE)


def slogdet(x: Array) -> Array:
    """The sign of the determinant and the logarithm of its magnitude, side by side in the last dimension."""
    return np.stack(np.linalg.slogdet(x), -1)


def eigh(x: Array, uplo: str) -> Array:
    """The eigenvalues in ascending order as the first row, and below them the eigenvectors as columns."""
    values, vectors = _eigh(x, uplo)
    return np.concatenate((values[..., None, :], vectors), -2)


def svd(x: Array) -> Array:
    """x = U diag(s) V^T, packed into one array: U, below it s as a row, and below it V."""
    u, s, vh = _svd(x)
    return np.concatenate((u, s[..., None, :], np.swapaxes(vh, -1, -2)), -2)


def qr(x: Array) -> Array:
    """x = QR, packed into one array: Q, and below it R^T."""
    q, r = np.linalg.qr(x)
    return np.concatenate((q, np.swapaxes(r, -1, -2)), -2)


# L and U -------------------------------------------------------------------------------------------------------------


_PANEL = 32  # columns that are eliminated one by one; what is right of them follows by products of matrices


def _eliminated(x: Array, pivoting: bool) -> tuple[Array, Array]:
    """L and U, in one array, of x with its rows in an order, and the order; all matrices of a batch at once.

    Golub and Van Loan 2013, "Matrix computations", algorithm 3.2.1 and the blocks of 3.2.10.
    """
    out = x.reshape(prod(x.shape[:-2]), *x.shape[-2:]).copy()
    batch, (m, n) = np.arange(len(out)), x.shape[-2:]
    order = np.tile(np.arange(m), (len(out), 1))
    for start in range(0, min(m, n), _PANEL):
        stop = min(start + _PANEL, m, n)
        for k in range(start, stop):
            if pivoting:
                p = k + np.argmax(np.abs(out[:, k:, k]), -1)
                out[batch, p], out[:, k] = out[:, k].copy(), out[batch, p]
                order[batch, p], order[:, k] = order[:, k].copy(), order[batch, p]
            pivot = out[:, k : k + 1, k]
            out[:, k + 1 :, k] /= np.where(pivot == 0, 1, pivot)  # below a pivot of 0 there is nothing
            out[:, k + 1 :, k + 1 : stop] -= out[:, k + 1 :, k, None] * out[:, k, None, k + 1 : stop]
        low = np.tril(out[:, start:stop, start:stop], -1) + np.eye(stop - start, dtype=x.dtype)
        out[:, start:stop, stop:] = np.linalg.solve(low, out[:, start:stop, stop:])
        out[:, stop:, stop:] -= out[:, stop:, start:stop] @ out[:, start:stop, stop:]
    return out.reshape(x.shape), order.reshape(x.shape[:-1])


def order_matrix(order: Array) -> Array:
    """The matrix P with P @ rows-in-order = rows."""
    return order[..., None, :] == np.arange(order.shape[-1])[:, None]


def swaps(order: Array, n: int) -> Array:
    """With which row, counted from 1, each of the first ``n`` is exchanged in turn to reach this order."""
    out = np.empty((*order.shape[:-1], n), np.int32)
    for index in np.ndindex(order.shape[:-1]):
        rows = list(range(order.shape[-1]))
        for k in range(n):
            p = rows.index(order[index][k])
            rows[k], rows[p] = rows[p], rows[k]
            out[(*index, k)] = p + 1
    return out


def order_swapped(pivots: Array, n: int) -> Array:
    """The order of ``n`` rows after these exchanges."""
    out = np.broadcast_to(np.arange(n), (*pivots.shape[:-1], n)).copy()
    for index in np.ndindex(pivots.shape[:-1]):
        rows = out[index]
        for k, p in enumerate(pivots[index] - 1):
            rows[k], rows[p] = rows[p], rows[k]
    return out


def first_zero(x: Array) -> Array:
    """Where on the diagonal the first 0 stands, counted from 1; 0 if nowhere."""
    zero = np.diagonal(x, 0, -2, -1) == 0
    found = zero.any(-1)
    return np.asarray(np.where(found, zero.argmax(-1) + 1 if zero.shape[-1] else 0, 0), np.int32)


def indefinite(x: Array, upper: bool) -> Array:
    """The size of the smallest leading block that is not positive definite, 0 if none is; one triangle is read."""
    out = np.zeros(x.shape[:-2], np.int32)
    low = np.swapaxes(x, -1, -2) if upper else x
    for index in np.ndindex(out.shape):
        if not _is_definite(low[index]):
            out[index] = next(k for k in range(1, x.shape[-1] + 1) if not _is_definite(low[index][:k, :k]))
    return out


def _is_definite(x: Array) -> bool:
    try:
        return bool(np.isfinite(np.linalg.cholesky(x)).all())
    except np.linalg.LinAlgError:
        return False


# The exponential: N. J. Higham 2005, "The scaling and squaring method for the matrix exponential revisited", the Pade
# approximant of degree 13, which is exact to double precision up to the norm _NEAR.
_PADE = (
    *(64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0),
    *(10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0),
)
_NEAR = 5.371920351148152


def matrix_exp(x: Array) -> Array:
    wide = x.astype(np.float64)
    finite = np.isfinite(wide).all((-2, -1), keepdims=True)
    wide = np.where(finite, wide, 0)
    norm = np.abs(wide).sum(-2).max(-1, initial=0)[..., None, None]
    halvings = np.maximum(np.ceil(np.log2(np.maximum(norm, _NEAR) / _NEAR)), 0).astype(np.int64)
    a = np.ldexp(wide, -halvings)
    a2 = a @ a
    a4, one = a2 @ a2, np.eye(x.shape[-1])
    a6, b = a4 @ a2, _PADE
    odd = a @ (a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one)
    even = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    out = np.linalg.solve(even - odd, even + odd)
    for k in range(int(halvings.max(initial=0))):
        out = np.where(halvings > k, out @ out, out)
    return np.where(finite, out, np.nan).astype(x.dtype)


# Cofactors, for singular matrices too ------------------------------------------------------------------------------


def cofactor(x: Array) -> Array:
    """d det(x) / dx, the determinants of x without a row and a column, signed.

    By x = U diag(s) V^T: sign * U diag(product of all s but one) V^T, where nothing is divided by s.
    """
    u, s, vh, sign = _signed_svd(x)
    before, after = _products_before_and_after(s)
    return u * (sign * before * after)[..., None, :] @ vh


def cofactor_slope(x: Array, y: Array) -> Array:
    """The vector-Jacobian product of `cofactor` at ``x`` with ``y``.

    In the bases U and V, where x is diagonal, with p_ij the product of all s but two:
    element (i, i) is sum over j of p_ij y_jj, element (i, j) is -p_ij y_ji.
    """
    u, s, vh, sign = _signed_svd(x)
    n = s.shape[-1]
    before, after = _products_before_and_after(s)
    later = np.triu(np.ones((n, n), bool), 1)
    between = np.where(later, s[..., None, :], 1)  # [i, k]: s_k where k > i
    between = _products_before_and_after(between)[0]  # [i, j]: the product of those between i and j
    p = np.where(later, before[..., :, None] * between * after[..., None, :], 0)
    p = (p + np.swapaxes(p, -1, -2)) * sign[..., None]
    y = np.swapaxes(u, -1, -2) @ y @ np.swapaxes(vh, -1, -2)
    out = -p * np.swapaxes(y, -1, -2)
    i = np.arange(n)
    out[..., i, i] = (p * y[..., None, i, i]).sum(-1)
    return u @ out @ vh


def matmul(x: Array, y: Array) -> Array:
    return x.dot(y) if x.ndim == 2 == y.ndim else x @ y


def magnitudes(x: Array, hermitian: bool) -> Array:
    """The singular values; of a ``hermitian`` matrix those are the magnitudes of its eigenvalues."""
    return np.abs(np.linalg.eigvalsh(x)) if hermitian else np.linalg.svd(x, compute_uv=False)


def rank(x: Array, hermitian: bool, atol: Any, rtol: Any) -> Array:
    """How many singular values are above ``atol`` and ``rtol`` times the largest."""
    values = magnitudes(x, hermitian)
    limit = np.maximum(atol, rtol * values.max(-1, initial=0))
    return np.asarray((values > limit[..., None]).sum(-1))


def _signed_svd(x: Array) -> tuple[Array, Array, Array, Array]:
    """U, s, V^T and det(U) det(V), which is 1 or -1, or NaN for a matrix that is not finite."""
    finite = np.asarray(np.isfinite(x).all((-2, -1), keepdims=True))
    u, s, vh = _svd(np.where(finite, x, 0))
    sign = np.round(np.linalg.det(u) * np.linalg.det(vh))[..., None].astype(x.dtype)
    return u, s, vh, np.where(finite[..., 0], sign, np.nan).astype(x.dtype)


def _products_before_and_after(s: Array) -> tuple[Array, Array]:
    """For each element along the last dimension the product of those before it, and of those after it."""
    ones = np.ones((*s.shape[:-1], 1), s.dtype)
    before = np.cumprod(np.concatenate((ones, s[..., :-1]), -1), -1)
    after = np.cumprod(np.concatenate((ones, s[..., :0:-1]), -1), -1)[..., ::-1]
    return (before, after) if s.shape[-1] else (s, s)


WORDS: dict[str, Any] = {
    "cholesky": cholesky,
    "cofactor": cofactor,
    "cofactor_slope": cofactor_slope,
    "det": np.linalg.det,
    "eigh": eigh,
    "einsum": einsum,
    "swaps": swaps,
    "order_matrix": order_matrix,
    "first_zero": first_zero,
    "indefinite": indefinite,
    "inv": inv,
    "lu_packed": lambda x: _eliminated(x, False)[0],
    "matmul": matmul,
    "matrix_exp": matrix_exp,
    "order_swapped": order_swapped,
    "pinv": np.linalg.pinv,
    "qr": qr,
    "pivoted": lambda x: _eliminated(x, True)[0],
    "rank": rank,
    "row_order": lambda x: _eliminated(x, True)[1],
    "slogdet": slogdet,
    "solve": solve,
    "svd": svd,
}
