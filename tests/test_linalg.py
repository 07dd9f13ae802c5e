"""Determinants, inverses, decompositions, norms: signatures, edge cases, degenerate matrices, errors."""

from math import inf, nan

import numpy as np
import pytest

import autograd
from autograd import GraphError, Tensor, grad, linalg
from tests.comparing import assert_close, check_against_torch, check_first, check_second

RANDOM = np.random.default_rng(5)
A, T, S, V = (RANDOM.uniform(-2, 2, shape) for shape in [(3, 3), (4, 2), (2, 3, 3), (3,)])
P = A @ A.T + np.eye(3)


def symmetric(x):
    return (x + x.mT) / 2


CALLS = {
    "det of nothing": (lambda t, a: t.linalg.det(a[:0, :0]) + a.sum(), (A,)),
    "det of a batch": (lambda t, s: t.linalg.det(s[:, None]) * s.det()[:, None], (S,)),
    "slogdet": (lambda t, s: t.linalg.slogdet(s).logabsdet * s.slogdet()[0], (S,)),
    "logdet": (lambda t, p: t.logdet(p), (P,)),
    "inv": (lambda t, s: t.linalg.inv(s) + s.inverse(), (S,)),
    "pinv": (lambda t, x: t.linalg.pinv(x) + x.pinverse(), (T,)),
    "pinv of deficient rank": (lambda t, x: t.linalg.pinv(x[:, :1] @ x[:3, :1].mT), (T,)),
    "pinv of symmetric ones": (lambda t, s: t.linalg.pinv(symmetric(s), hermitian=True), (S,)),
    "solve": (lambda t, s, a: t.linalg.solve(s, a), (S, A)),
    "solve, a vector": (lambda t, a, v: t.linalg.solve(a, v), (A, V)),
    "solve, a batch and a vector": (lambda t, s, v: t.linalg.solve(s, v), (S, V)),
    "solve, a batch of vectors": (lambda t, s, a: t.linalg.solve(s, a[:2]), (S, A)),
    "solve, unknown on the left": (lambda t, s, a: t.linalg.solve(s, a[:2], left=False), (S[:1], A)),
    "solve_triangular": (lambda t, s, a: t.linalg.solve_triangular(s, a, upper=False), (S, A)),
    "solve_triangular, 1 on the diagonal": (
        lambda t, s, a: t.linalg.solve_triangular(s, a, upper=True, left=False, unitriangular=True),
        (S, A),
    ),
    "cholesky": (lambda t, p: t.linalg.cholesky(symmetric(p)), (P,)),
    "cholesky, upper": (lambda t, p: t.linalg.cholesky(p, upper=True), (P,)),
    "eigh": (lambda t, p: t.linalg.eigh(p, UPLO="U").eigenvectors.abs(), (P,)),
    "eigvalsh": (lambda t, s: t.linalg.eigvalsh(s), (S,)),
    "svd": (lambda t, s: t.linalg.svd(s)[2].abs(), (S,)),
    "svd, more rows": (lambda t, x: t.linalg.svd(x, full_matrices=False).U.abs(), (T,)),
    "svd, more columns": (lambda t, x: t.linalg.svd(x.mT).Vh[:2].abs(), (T,)),
    "svd, full": (lambda t, x: t.linalg.svd(x, full_matrices=True).U[:, :2] @ t.linalg.svd(x)[2], (T,)),
    "svdvals": (lambda t, s: t.linalg.svdvals(s), (S,)),
    "qr": (lambda t, x: t.linalg.qr(x).R.abs(), (T,)),
    "qr, more columns": (lambda t, x: t.cat([part.abs() for part in t.linalg.qr(x.mT)], -1), (T,)),
    "qr, complete": (lambda t, a: t.linalg.qr(a, mode="complete")[1].abs(), (A,)),
    "matrix_power": (lambda t, s: t.linalg.matrix_power(s, 5) - s.matrix_power(-2), (S,)),
    "matrix_power 0": (lambda t, s: t.linalg.matrix_power(s, 0) + s, (S,)),
    "multi_dot": (lambda t, v, a, x: t.linalg.multi_dot([v, a, x[:3], x[0]]), (V, A, T)),
    "multi_dot of matrices": (lambda t, a, x: t.linalg.multi_dot((x.mT[:, :3], a, x[:3])), (A, T)),
    "cond": (lambda t, s: t.linalg.cond(s), (S,)),
    "norm": (lambda t, s: t.linalg.norm(s), (S,)),
    "norm of a matrix": (lambda t, a: t.linalg.norm(a, 2) + t.linalg.norm(a, -2) + t.linalg.norm(a, "nuc"), (A,)),
    "norm over a dimension": (lambda t, s: t.linalg.norm(s, 3, dim=1, keepdim=True), (S,)),
    "norm over two": (lambda t, s: t.linalg.norm(s, 1, dim=(2, 0), keepdim=True), (S,)),
    "matrix_norm": (lambda t, s: t.linalg.matrix_norm(s) * t.linalg.matrix_norm(s, -inf), (S,)),
    "matrix_norm, nuclear": (lambda t, s: t.linalg.matrix_norm(s, "nuc", dim=(0, 2), keepdim=True), (S,)),
}


@pytest.mark.parametrize("name", CALLS)
def test_value_and_derivatives_are_torchs(torch, name):
    call, arrays = CALLS[name]
    check_against_torch(torch, lambda *x: call(autograd, *x), lambda *x: call(torch, *x), arrays)


@pytest.mark.parametrize("name", [n for n in CALLS if n != "cond"])
def test_float32_stays_float32(name):
    call, arrays = CALLS[name]
    leaves = [Tensor(array, dtype="float32", requires_grad=True) for array in arrays]
    out = call(autograd, *leaves)
    assert out.dtype == np.float32
    (out * out).sum().backward()
    assert all(x.grad.dtype == np.float32 for x in leaves)


# Determinants of singular matrices: their cofactors are finite -----------------------------------------------------


SINGULAR = {
    "rank 2": np.diag([1.0, 2.0, 0.0]),
    "rank 2, dense": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    "rank 1": np.outer([1.0, -2.0, 0.5], [2.0, 1.0, 3.0]),
    "zeros": np.zeros((3, 3)),
    "zeros, 2 by 2": np.zeros((2, 2)),
    "zero": np.zeros((1, 1)),
    "rank 2 of 4": np.diag([3.0, 0.0, -2.0, 0.0]) @ RANDOM.uniform(-1, 1, (4, 4)),
}


@pytest.mark.parametrize("name", SINGULAR)
def test_gradient_of_det_at_singular_matrices_is_the_cofactors(name):
    x = Tensor(SINGULAR[name], requires_grad=True)
    n = x.shape[0]
    minors = [[np.delete(np.delete(x.numpy(), i, 0), j, 1) for j in range(n)] for i in range(n)]
    expected = [[(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in range(n)] for i in range(n)]
    (found,) = grad(linalg.det(x), x)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-13)


@pytest.mark.parametrize("name", SINGULAR)
def test_second_derivative_of_det_at_singular_matrices(name):
    check_second(linalg.det, [Tensor(SINGULAR[name], requires_grad=True)])


def test_nan_passes_through_det():
    x = Tensor(np.array([np.eye(2), np.full((2, 2), nan)]), requires_grad=True)
    out = linalg.det(x)
    out.sum().backward()
    assert np.isnan(out.numpy()).tolist() == [False, True]
    assert x.grad[0].tolist() == [[1, 0], [0, 1]]
    assert np.isnan(x.grad[1].numpy()).all()


def test_logarithm_of_the_determinant_does_not_overflow():
    x = Tensor(np.eye(400) * 1e-3, requires_grad=True)
    assert linalg.det(x).item() == 0
    linalg.slogdet(x).logabsdet.backward()
    assert_close(x.grad.numpy(), np.eye(400) * 1e3)
    assert np.isnan(autograd.logdet(Tensor(np.diag([1.0, -1.0]))).item())
    assert autograd.logdet(Tensor(np.zeros((2, 2)))).item() == -inf


# Equal eigenvalues and singular values: their vectors are not unique -------------------------------------------------


def test_eigenvalues_that_are_equal_have_gradients():
    x = Tensor(np.eye(3), requires_grad=True)
    (linalg.eigvalsh(x) ** 2).sum().backward()
    assert_close(x.grad.numpy(), 2 * np.eye(3))
    y = Tensor(np.diag([2.0, 2.0, 0.0]), requires_grad=True)
    linalg.svdvals(y).sum().backward()
    assert_close(y.grad.numpy(), np.eye(3))


@pytest.mark.parametrize(
    "of",
    [
        lambda x: linalg.eigh(x).eigenvectors[0, 2],
        lambda x: linalg.svd(x).U[1, 0],
        lambda x: linalg.svd(x).Vh[0, 1],
        lambda x: linalg.svd(x[:, :2] * 0).U[2, 0],
    ],
)
def test_vectors_of_equal_values_have_none(of):
    base = np.linalg.qr(A)[0]
    x = Tensor(base @ np.diag([1.0, 1.0, 0.0]) @ base.T, requires_grad=True)
    with pytest.raises(GraphError, match="not unique and have no gradient"):
        of(x).backward()
    assert x.grad is None


def test_a_vector_of_its_own_value_has_a_gradient_beside_equal_ones(torch):
    base = np.linalg.qr(A)[0]
    x, there = (t(base @ np.diag([1.0, 1.0, 3.0]) @ base.T, requires_grad=True) for t in (Tensor, torch.tensor))
    weights = np.array([1.0, 2.0, 4.0])
    ((linalg.eigh(x).eigenvectors[:, 2] * weights) ** 2).sum().backward()
    y = torch.linalg.matrix_power(there, 60)  # its projection on that vector, to 1e-28
    y = y / torch.trace(y)
    (torch.diagonal(y) * torch.tensor(weights) ** 2).sum().backward()
    assert_close(x.grad.numpy(), symmetric(there.grad).numpy(), rtol=1e-8)


def test_what_does_not_depend_on_the_basis_has_a_gradient():
    """The orthogonal factor of the polar decomposition, of a matrix whose singular values are all 1."""

    def polar(x):
        u, _, vh = linalg.svd(x)
        return ((u @ vh) * Tensor(A)).sum()

    x = Tensor(np.linalg.qr(A)[0], requires_grad=True)
    (slope,) = grad(polar(x), x)
    q = x.numpy()
    assert_close(slope.numpy(), (A - q @ A.T @ q) / 2, rtol=1e-8)


def test_second_derivative_of_one_of_two_equal_eigenvalues_is_refused():
    x = Tensor(np.eye(2), requires_grad=True)
    (slope,) = grad(linalg.eigvalsh(x)[0], x, create_graph=True)
    with pytest.raises(GraphError, match="no gradient"):
        grad(slope[0, 1], x)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3), (2, 5, 3), (0, 3), (3, 0), (0, 3, 2)])
@pytest.mark.parametrize("full", [True, False])
def test_svd_and_qr_give_the_matrix_back(shape, full):
    x = RANDOM.uniform(-1, 1, shape)
    m, n = shape[-2:]
    k = min(m, n)
    u, s, vh = (part.numpy() for part in linalg.svd(Tensor(x), full_matrices=full))
    q, r = (part.numpy() for part in linalg.qr(Tensor(x), "complete" if full else "reduced"))
    assert (u.shape[-2:], vh.shape[-2:]) == (((m, m), (n, n)) if full else ((m, k), (k, n)))
    assert (q.shape[-2:], r.shape[-2:]) == (((m, m), (m, n)) if full else ((m, k), (k, n)))
    np.testing.assert_allclose(u[..., :k] * s[..., None, :] @ vh[..., :k, :], x, atol=1e-14)
    np.testing.assert_allclose(q @ r, x, atol=1e-14)
    for columns in (u, np.swapaxes(vh, -1, -2), q):
        gram = np.swapaxes(columns, -1, -2) @ columns
        np.testing.assert_allclose(gram, np.broadcast_to(np.eye(gram.shape[-1]), gram.shape), atol=1e-14)


# Norms ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ord", [None, 2, 1, 3, 0.5, inf, 0])
def test_norm_of_zero_has_the_subgradient_0(ord):
    x = Tensor(np.zeros(3), requires_grad=True)
    linalg.norm(x, ord).backward()
    assert x.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize("ord", [1, 2, inf, "fro", "nuc"])
@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_norm_of_an_empty_matrix_is_0(ord, shape):
    assert linalg.norm(Tensor(np.zeros(shape)), ord).item() == 0


@pytest.mark.parametrize("p", [1, -1, inf, "fro", "nuc", 2, -2, None])
def test_cond(torch, p):
    x = np.stack([A, S[0], np.zeros((3, 3))])
    assert_close(linalg.cond(Tensor(x[:2]), p).numpy(), torch.linalg.cond(torch.tensor(x[:2]), p).numpy())
    if p not in (None, 2, -2):
        assert linalg.cond(Tensor(x), p).tolist()[2] == inf
    check_second(lambda a: linalg.cond(a, p), [Tensor(A, requires_grad=True)])


def test_matrix_rank(torch):
    x = np.stack([np.outer(V, V), np.diag([1.0, 1e-3, 0.0]), np.zeros((3, 3))])
    for arguments in ({}, {"rtol": 1e-2}, {"atol": 0.5}, {"atol": 1e-4, "rtol": 1e-8}, {"hermitian": True}):
        out = linalg.matrix_rank(Tensor(x), **arguments)
        assert out.tolist() == torch.linalg.matrix_rank(torch.tensor(x), **arguments).tolist()
        assert out.dtype == np.int64


# Errors --------------------------------------------------------------------------------------------------------------


def batch(*matrices):
    return Tensor(np.stack(matrices))


N = np.diag([1.0, -1.0, 1.0])
Z = np.zeros((3, 3))
ERRORS = {
    "inv: shape (3, 3): the matrix is singular": lambda: linalg.inv(Tensor(Z)),
    "inv: shape (3, 3, 3), matrix 1 of the batch: the matrix is singular": lambda: linalg.inv(batch(A, Z, A)),
    "solve: shape (2, 3, 3), matrix 1 of the batch": lambda: linalg.solve(batch(A, Z), Tensor(V)),
    "cholesky: shape (1, 2, 3, 3), matrix (0, 1) of the batch: the matrix is not positive definite": lambda: (
        linalg.cholesky(batch(P, N)[None])
    ),
    "svd: shape (3, 3): no convergence": lambda: linalg.svd(Tensor(A * nan)),
    "det: shape (4, 2): the matrices must be square, not 4 by 2": lambda: linalg.det(Tensor(T)),
    "det: shape (3,) has no matrices": lambda: linalg.det(Tensor(V)),
    "det: not defined for int64": lambda: linalg.det(Tensor([[1]])),
    "inv: not defined for float16": lambda: linalg.inv(Tensor(A, dtype="float16")),
    "solve: A of shape (3, 3) and B of shape (4, 2): 3 columns for 4 rows": lambda: linalg.solve(Tensor(A), Tensor(T)),
    "solve: A of shape (2, 3, 3) and B of shape (5, 3, 1): the batches": lambda: linalg.solve(
        Tensor(S), autograd.ones(5, 3, 1, dtype="float64")
    ),
    "solve: float64 and float32": lambda: linalg.solve(Tensor(A), autograd.ones(3)),
    "solve: B of shape (3,) is a vector": lambda: linalg.solve(Tensor(A), Tensor(V), left=False),
    "solve: takes Tensors, not a float": lambda: linalg.solve(Tensor(A), 2.0),
    "det: takes Tensors, not a list": lambda: linalg.det([[1.0]]),
    "eigh: UPLO is 'X'": lambda: linalg.eigh(Tensor(A), "X"),
    "qr: mode is 'full'": lambda: linalg.qr(Tensor(A), "full"),
    "multi_dot: needs at least 2 tensors, not 1": lambda: linalg.multi_dot([Tensor(A)]),
    "multi_dot: shapes [(3, 3), (3,), (3, 3)]": lambda: linalg.multi_dot([Tensor(A), Tensor(V), Tensor(A)]),
    "multi_dot: (3, 3) @ (4, 2): inner sizes 3 and 4": lambda: linalg.multi_dot([Tensor(A), Tensor(T)]),
    "norm: shape (2, 3, 3) is no vector and no matrix": lambda: linalg.norm(Tensor(S), 2),
    "norm: ord='fro' over dim (0,)": lambda: linalg.norm(Tensor(V), "fro"),
    "matrix_norm: ord is 3": lambda: linalg.norm(Tensor(A), 3),
    "matrix_norm: dim (0, 0) names one dimension twice": lambda: linalg.matrix_norm(Tensor(A), dim=(0, 0)),
    "matrix_norm: dim 3 is out of range": lambda: linalg.matrix_norm(Tensor(A), dim=(0, 3)),
    "matrix_norm: not defined for int64": lambda: linalg.matrix_norm(Tensor([[1]])),
}


@pytest.mark.parametrize("message", ERRORS)
def test_errors(message):
    with pytest.raises((ValueError, TypeError)) as caught:
        ERRORS[message]()
    assert message in str(caught.value)
    assert isinstance(caught.value, RuntimeError) or "is '" in message or "ord is" in message


def test_methods():
    p, s, x = Tensor(P), Tensor(S), Tensor(T)
    for found, expected in (
        (p.cholesky(), linalg.cholesky(p)),
        (p.cholesky(upper=True), linalg.cholesky(p).mT),
        (s.det(), linalg.det(s)),
        (s.inverse(), linalg.inv(s)),
        (x.pinverse(), linalg.pinv(x)),
        (s.matrix_power(2), s @ s),
        (p.logdet(), p.slogdet().logabsdet),
    ):
        assert_close(found.numpy(), expected.numpy())


def test_linalg_error_is_what_either_librarys_programs_catch():
    for kind in (np.linalg.LinAlgError, RuntimeError, autograd.LinAlgError, linalg.LinAlgError):
        with pytest.raises(kind, match="pinv"):
            linalg.inv(Tensor(Z))


def test_finite_differences_of_a_composition():
    x = Tensor(P, requires_grad=True)

    def energy(p):
        lower = linalg.cholesky(symmetric(p))
        return (linalg.solve(p, lower) ** 2).sum() + linalg.slogdet(p).logabsdet * linalg.det(lower)

    check_first(energy, [x])
