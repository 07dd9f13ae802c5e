"""Triangular factors, least squares, equations of tensors, exponentials: PyTorch's values and derivatives."""

import numpy as np
import pytest

import autograd
from autograd import LinAlgError, ShapeError, Tensor
from tests.comparing import assert_close, check_against_torch, check_first, check_second, loss_of

RNG = np.random.default_rng(4)
A, B, TALL, WIDE = (RNG.normal(size=shape) for shape in ((2, 4, 4), (2, 4, 3), (5, 3), (3, 5)))
SINGULAR = np.array([[[1.0, 2.0], [2.0, 4.0]], [[0.0, 1.0], [2.0, 0.0]]])


def lower(t, x):
    return t.linalg.cholesky(x @ x.mT)


CALLS = {
    "lu": (lambda t, a, b: sum(part.sum() * part for part in t.linalg.lu(a)), (A, B)),
    "lu of tall": (lambda t, a, b: t.linalg.lu(a).L @ t.linalg.lu(a)[2], (TALL, B)),
    "lu of wide": (lambda t, a, b: t.linalg.lu(a)[1].sum() * t.linalg.lu(a).U, (WIDE, B)),
    "lu_factor": (lambda t, a, b: t.linalg.lu_factor(a).LU, (A, B)),
    "lu_factor of wide": (lambda t, a, b: t.linalg.lu_factor_ex(a)[0], (WIDE, B)),
    "lu_solve": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b), (A, B)),
    "lu_solve from the left": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b.mT, left=False), (A, B)),
    "lu_solve adjoint": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b[0], adjoint=True), (A, B)),
    "older lu": (lambda t, a, b: b.lu_solve(*t.linalg.lu_factor(a)), (A, B)),
    "lu_unpack": (lambda t, a, b: sum(p @ t.ones(4, 4).double() for p in t.lu_unpack(*t.linalg.lu_factor(a))), (A, B)),
    "triangular_solve": (lambda t, a, b: t.triangular_solve(b, a).solution, (A, B)),
    "triangular_solve transposed": (
        lambda t, a, b: b.triangular_solve(a, upper=False, transpose=True, unitriangular=True)[0],
        (A, B),
    ),
    "cholesky_solve": (lambda t, a, b: t.cholesky_solve(b, lower(t, a)), (A, B)),
    "cholesky_solve upper": (lambda t, a, b: b.cholesky_solve(lower(t, a).mT, upper=True), (A, B)),
    "cholesky_inverse": (lambda t, a, b: t.cholesky_inverse(lower(t, a)), (A, B)),
    "inv_ex": (lambda t, a, b: t.linalg.inv_ex(a).inverse, (A, B)),
    "solve_ex": (lambda t, a, b: t.linalg.solve_ex(a, b)[0], (A, B)),
    "solve_ex of a vector": (lambda t, a, b: t.linalg.solve_ex(a, b[..., 0]).result, (A, B)),
    "cholesky_ex": (lambda t, a, b: t.linalg.cholesky_ex(a @ a.mT + b @ b.mT, upper=True)[0], (A, B)),
    "matrix_exp": (lambda t, a, b: t.linalg.matrix_exp(a), (A, B)),
    "matrix_exp of large": (lambda t, a, b: t.matrix_exp(a[0] * 8) * 1e-6, (A, B)),
    "tensorinv": (lambda t, a, b: t.linalg.tensorinv(a[0].reshape(2, 2, 4)), (A, B)),
    "tensorsolve": (lambda t, a, b: t.linalg.tensorsolve(a[0].reshape(4, 2, 2), b[0, :, 0]), (A, B)),
    "tensorsolve dims": (lambda t, a, b: t.linalg.tensorsolve(a[0].reshape(2, 4, 2), b[0, :, 0], (0, 2)), (A, B)),
    "svd": (lambda t, a, b: t.svd(a, compute_uv=False).S, (A, B)),
    **{
        f"lstsq {name} {driver}": (
            lambda t, a, b, driver=driver: t.linalg.lstsq(a, b, driver=driver).solution,
            (a, RNG.normal(size=(a.shape[-2], 2))),
        )
        for name, a in (("tall", TALL), ("wide", WIDE), ("square", A[0]))
        for driver in (None, "gels", "gelsd")
    },
    "lstsq of a vector": (lambda t, a, b: t.linalg.lstsq(a, b[0, :1].mT[:, 0].repeat(2)[:5])[0], (TALL, B)),
}


@pytest.mark.filterwarnings("ignore:torch:UserWarning", "ignore:.*torch.*is deprecated:UserWarning")
@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    call, arrays = CALLS[name]
    check_against_torch(torch, lambda *x: call(autograd, *x), lambda *x: call(torch, *x), arrays)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4, 2)])
@pytest.mark.parametrize("driver", [None, "gels", "gelsy", "gelsd", "gelss"])
def test_what_lstsq_gives_besides(torch, driver, shape):
    a, b = RNG.normal(size=shape), RNG.normal(size=(*shape[:-1], 3))
    found, expected = (t.linalg.lstsq(t.tensor(a), t.tensor(b), driver=driver) for t in (autograd, torch))
    for ours, theirs in zip(found, expected, strict=True):
        assert_close(ours.numpy(), theirs.numpy())
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")


def test_older_names_of_decompositions():
    for some in (True, False):
        qr = autograd.linalg.qr(Tensor(TALL), "reduced" if some else "complete")
        for found, expected in zip(autograd.qr(Tensor(TALL), some), qr, strict=True):
            assert found.tolist() == expected.tolist()
        u, s, v = autograd.svd(Tensor(TALL), some)
        assert (u.shape, v.shape) == ((5, 3 if some else 5), (3, 3))
        assert_close((u[:, :3] * s @ v.mT).numpy(), TALL)


def test_residuals_have_derivatives():
    leaves = [Tensor(TALL, requires_grad=True), Tensor(RNG.normal(size=(5, 2)), requires_grad=True)]
    for check in (check_first, check_second):
        check(lambda a, b: loss_of(autograd.linalg.lstsq(a, b, driver="gels").residuals), leaves)


def test_what_cannot_be_inverted_or_factored_is_told(torch):
    a, indefinite = Tensor(SINGULAR), Tensor([[[2.0, 1.0], [1.0, -3.0]], [[2.0, 1.0], [1.0, 3.0]]], dtype="float64")
    for found, expected in (
        (autograd.linalg.inv_ex(a), torch.linalg.inv_ex(torch.tensor(SINGULAR))),
        (autograd.linalg.solve_ex(a, a), torch.linalg.solve_ex(*[torch.tensor(SINGULAR)] * 2)),
        (autograd.linalg.cholesky_ex(indefinite), torch.linalg.cholesky_ex(torch.tensor(indefinite.numpy()))),
    ):
        assert (found.info.tolist(), found.info.dtype) == (expected.info.tolist(), np.int32)
        assert np.isnan(found[0].numpy()[0]).all()
        assert_close(found[0].numpy()[1], expected[0].numpy()[1])
    factors = autograd.linalg.lu_factor_ex(a)
    assert factors.info.tolist() == torch.linalg.lu_factor_ex(torch.tensor(SINGULAR)).info.tolist() == [2, 0]
    assert_close((autograd.linalg.lu(a).P @ autograd.linalg.lu(a).L @ autograd.linalg.lu(a).U).numpy(), SINGULAR)
    for refused in (autograd.linalg.inv_ex, autograd.linalg.lu_factor_ex):
        with pytest.raises(LinAlgError, match=r"matrix 0 of the batch.*singular"):
            refused(a, check_errors=True)
    with pytest.raises(LinAlgError, match="not positive definite"):
        autograd.linalg.cholesky_ex(indefinite, check_errors=True)
    with pytest.raises(LinAlgError, match="could not divide"):
        autograd.linalg.lu_factor(a)


@pytest.mark.parametrize("shape", [(70, 70), (2, 40, 50), (50, 40)])
def test_lu_of_many_columns(torch, shape):
    a = RNG.normal(size=shape)
    for found, expected in zip(autograd.linalg.lu(Tensor(a)), torch.linalg.lu(torch.tensor(a)), strict=True):
        assert_close(found.numpy(), expected.numpy())
    found, expected = autograd.linalg.lu_factor(Tensor(a)), torch.linalg.lu_factor(torch.tensor(a))
    assert found.pivots.tolist() == expected.pivots.tolist()


def test_matrix_exp_of_each_its_own_size():
    """Of matrices that differ by many powers of 2, of one that is not finite, and of nothing."""
    large = np.array([[0.0, 400.0], [-400.0, 0.0]])
    found = autograd.linalg.matrix_exp(Tensor(np.stack([large * 1e-9, large, large * np.nan]))).numpy()
    for k, scale in enumerate((1e-9, 1.0)):
        c, s = np.cos(400 * scale), np.sin(400 * scale)
        np.testing.assert_allclose(found[k], [[c, s], [-s, c]], rtol=0, atol=1e-12)
    assert np.isnan(found[2]).all()
    assert autograd.linalg.matrix_exp(autograd.zeros(2, 0, 0)).shape == (2, 0, 0)


@pytest.mark.parametrize("shape", [(9, 6), (6, 9), (2, 7, 6)])
def test_of_low_rank_a_few_products_find_everything(shape):
    a = Tensor(RNG.normal(size=(*shape[:-1], 3)) @ RNG.normal(size=(*shape[:-2], 3, shape[-1])))
    u, s, v = autograd.svd_lowrank(a, q=4)
    assert_close((u * s[..., None, :] @ v.mT).numpy(), a.numpy())
    _, s, v = autograd.pca_lowrank(a, q=5)
    centred = a - a.mean(-2, keepdim=True)
    assert_close(s.numpy()[..., :3], autograd.linalg.svdvals(centred).numpy()[..., :3])
    assert_close(((centred @ v) @ v.mT).numpy(), centred.numpy())
    assert_close(autograd.svd_lowrank(a, 4, M=a.mean(-2, keepdim=True)).S.numpy()[..., :3], s.numpy()[..., :3])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda a: autograd.linalg.lu_solve(a, autograd.zeros(4), a), "as linalg.lu_factor gives them"),
        (lambda a: autograd.linalg.lstsq(a, a[:3]), "as many rows"),
        (lambda a: autograd.linalg.tensorinv(a, ind=3), "has 64 and 1 elements|ind must be positive"),
        (lambda a: autograd.linalg.tensorsolve(a, a[0, :2]), "A must have 2 more elements"),
        (lambda a: autograd.svd_lowrank(a, q=5), "q must be up to 4"),
    ],
)
def test_refused(call, words):
    with pytest.raises(ShapeError, match=words):
        call(Tensor(A[0]))
    for wrong in (lambda a: autograd.linalg.lu(a, pivot=False), lambda a: autograd.linalg.lstsq(a, a, driver="gel")):
        with pytest.raises(RuntimeError, match=r"pivot=False|driver is 'gel'"):
            wrong(Tensor(A))
