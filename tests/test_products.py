"""Products of matrices and vectors, einsum, and distances: signatures, edge cases and errors."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, einsum
from tests.comparing import assert_close, check_against_torch

RANDOM = np.random.default_rng(3)
X, Y, V, W = (RANDOM.uniform(-2, 2, shape) for shape in [(3, 4), (4, 2), (4,), (3,)])
B, C = RANDOM.uniform(-2, 2, (5, 2, 3)), RANDOM.uniform(-2, 2, (5, 3, 4))

CALLS = {
    "matmul, a batch and a matrix": (lambda t, b, x: b @ x, (B, X)),
    "matmul, a matrix and a batch": (lambda t, x, c: x @ c, (B[0], C)),
    "matmul, batches that broadcast": (lambda t, b, c: t.matmul(b[:, None], other=c[None, :3]), (B, C)),
    "matmul of no rows": (lambda t, b, x: b[:, :0] @ x, (B, X)),
    "matmul of nothing": (lambda t, b, x: b[:, :, :0] @ x[:0], (B, X)),
    "matmul of transposes": (lambda t, b, x: x.mT @ b.mT, (B, X)),
    "mv": (lambda t, x, v: t.mv(x, v) * x.mv(vec=v), (X, V)),
    "bmm": (lambda t, b, c: b.bmm(mat2=c), (B, C)),
    "vdot": (lambda t, v, w: t.vdot(v[:3], w) + v[:3].dot(w), (V, W)),
    "inner": (lambda t, x, v: t.inner(x, v) + t.inner(v, x), (X, V)),
    "inner of numbers": (lambda t, x, v: t.inner(v[0], x), (X, V)),
    "outer": (lambda t, v, w: t.outer(v, vec2=w) * v.ger(w), (V, W)),
    "cross": (lambda t, b: t.cross(b, b.flip(0)) * t.linalg.cross(b, b[:1]), (B,)),
    "cross along the first dimension of size 3": (lambda t, x: t.cross(x[:, :3], x[:, 1:]), (X,)),
    "cross of one with many": (lambda t, x: t.cross(x[:1, 1:], x[:, :3]), (X,)),
    "kron": (lambda t, x, v: t.kron(x, v) * v.kron(x), (X, V)),
    "tensordot": (lambda t, b, c: t.tensordot(b, c, dims=([0, 2], [0, 1])), (B, C)),
    "tensordot of one": (lambda t, x, y: t.tensordot(x, y, 1), (X, Y)),
    "tensordot of none": (lambda t, v, w: t.tensordot(v, w, dims=0), (V, W)),
    "tensordot, negative": (lambda t, x, y: t.tensordot(x, y, dims=([-1], [-2])), (X, Y)),
    "addmm": (lambda t, w, x, y: t.addmm(w[:, None], x, y, beta=0.5, alpha=-2), (W, X, Y)),
    "addmv": (lambda t, w, x, v: w.addmv(x, v, alpha=3), (W, X, V)),
    "addr": (lambda t, x, w, v: x.addr(w, v, beta=2), (X, W, V)),
    "baddbmm": (lambda t, v, b, c: v.baddbmm(b, c, beta=2.5), (V, B, C)),
    "addbmm": (lambda t, v, b, c: t.addbmm(v, b, c, alpha=0.5), (V, B, C)),
    "einsum": (lambda t, x, y: t.einsum("ij, jk", x, y), (X, Y)),
    "einsum, operands in a list": (lambda t, x, y: t.einsum("ij,jk->ki", [x, y]), (X, Y)),
    "einsum, lists of subscripts": (lambda t, x, y: t.einsum(x, [0, 51], y, [51, 2], [2, 0]), (X, Y)),
    "einsum, lists and dots": (lambda t, b, c: t.einsum(b, [..., 1, 2], c, [..., 2, 0]), (B, C)),
    "einsum, upper before lower case": (lambda t, x: t.einsum("aB", x), (X,)),
    "einsum, a trace": (lambda t, x: t.einsum("ii", x[:, :3]), (X,)),
    "einsum, a diagonal": (lambda t, b: t.einsum("b i i -> i", b[:, :, :2]), (B,)),
    "einsum, three alike": (lambda t, v: t.einsum("iii,i->i", v[:, None, None] * v[:, None] * v, v), (V,)),
    "einsum, dots of two sizes": (lambda t, b, x: t.einsum("...i,j...->...ij", b, x.mT[:, :2]), (B, X)),
    "einsum, dots summed": (lambda t, b, w: t.einsum("...i,i->i", b, w), (B, W)),
    "einsum, size 1": (lambda t, x, y: t.einsum("ij,jk->ik", x[:, :1], y), (X, Y)),
    "einsum, size 1 in the output": (lambda t, x, y: t.einsum("ij,jk->ikj", x[:, :1], y), (X, Y)),
    "einsum, an operand alone": (lambda t, x, y: t.einsum("ij,kl->", x, y), (X, Y)),
    "einsum, many": (lambda t, x, y, v, w: t.einsum("ij,jk,j,i,lj->kl", x, y, v, w, x), (X, Y, V, W)),
    "einsum, elementwise": (lambda t, x: t.einsum("ij,ij,ij->ij", x, x, x), (X,)),
    "einsum, rows with rows": (lambda t, x: t.einsum("ij,ij->i", x, x), (X,)),
    "einsum, numbers": (lambda t, v: t.einsum(",->", v[0], v[1]), (V,)),
    "einsum, nothing to sum": (lambda t, x, y: t.einsum("ij,jk->ik", x[:, :0], y[:0]), (X, Y)),
}


@pytest.mark.filterwarnings("ignore:Using torch.cross without specifying the dim")
@pytest.mark.parametrize("name", CALLS)
def test_value_and_derivatives_are_torchs(torch, name):
    call, arrays = CALLS[name]
    check_against_torch(torch, lambda *x: call(autograd, *x), lambda *x: call(torch, *x), arrays)


def test_tensordot_keeps_the_dtype_where_a_size_of_1_is_stretched(torch):
    x, y = np.full((1, 1, 1), 3, np.uint8), np.full((2, 1, 2), 90, np.uint8)
    found = autograd.tensordot(Tensor(x), Tensor(y), ([0, 1], [2, 0]))
    expected = torch.tensordot(torch.tensor(x), torch.tensor(y), dims=([0, 1], [2, 0]))
    assert (found.dtype, found.tolist()) == (np.uint8, expected.tolist())


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float16", "float32", "bool"])
@pytest.mark.parametrize(
    "name", ["einsum", "outer", "kron", "tensordot", "addmm", "matmul, a batch and a matrix", "einsum, a trace"]
)
def test_dtypes(torch, name, dtype):
    call, arrays = CALLS[name]
    arrays = [np.abs(array).round().astype(dtype) for array in arrays]
    if name == "addmm":
        call = lambda t, w, x, y: t.addmm(w[:, None], x, y, beta=2)  # noqa: E731
    try:
        expected = call(torch, *map(torch.tensor, arrays)).numpy()
    except RuntimeError:  # a sum of products of truth values
        with pytest.raises(autograd.DtypeError, match=r"\.float\(\)"):
            call(autograd, *map(Tensor, arrays))
        return
    out = call(autograd, *map(Tensor, arrays)).numpy()
    assert out.dtype == expected.dtype
    assert_close(out, expected)


E, F = Tensor(X), Tensor(Y)
N, H = Tensor([1, 2]), Tensor([[1.0, 2.0]])
ERRORS = {
    "matmul: (4, 2) @ (3, 4): inner sizes 2 and 3": lambda: F @ E,
    "mm: (3, 4) @ (4,): must be two matrices": lambda: autograd.mm(E, E[0]),
    "mv: (3, 4) @ (3,): inner sizes 4 and 3": lambda: autograd.mv(E, E[:, 0]),
    "bmm: (5, 2, 3) @ (4, 3, 4): batches of 5 and 4": lambda: autograd.bmm(Tensor(B), Tensor(C[:4])),
    "dot: (2,) @ (1, 2): must be two vectors": lambda: autograd.dot(N, H),
    "matmul: float32 @ int64: convert": lambda: H @ N,
    "matmul: truth values": lambda: (N > 0) @ (N > 0),
    "inner: (3, 4) and (4, 2): the last sizes, 4 and 2": lambda: autograd.inner(E, F),
    "outer: (3, 4) and (2,): must be two vectors": lambda: autograd.outer(E, N),
    "tensordot: dims [1] and [0, 1] must be equally many": lambda: autograd.tensordot(E, F, ([1], [0, 1])),
    "tensordot: shapes (3, 4) and (4, 2) have no 3": lambda: autograd.tensordot(E, F, 3),
    "tensordot: dim 2 is out of range": lambda: autograd.tensordot(E, F, ([2], [0])),
    "addmm: the input, (2, 2), cannot": lambda: autograd.addmm(Tensor(np.ones((2, 2))), E, F),
    "cross: shapes (3, 4) and (3, 4) along dim 1; both": lambda: autograd.cross(E, E, 1),
    "cross: shapes (4,) and (4,) along dim -1": lambda: autograd.linalg.cross(E[0], E[0]),
    "cross: shapes (3, 4) and (3,) have different": lambda: autograd.cross(E, E[:, 0]),
    "addmm: beta=0.5 with int64": lambda: autograd.addmm(N, N[None].T, N[None], beta=0.5),
    "addmm: float32 + float64": lambda: autograd.addmm(H, E, F),
    "'ij,jk' has 2 terms for 1 operands": lambda: einsum("ij,jk", E),
    "'ijk' has 3 letters for the 2 dimensions": lambda: einsum("ijk->", E),
    "'i' has 1 letters for the 2 dimensions": lambda: einsum("i", E),
    "the dimension 'j' has the sizes 4 and 2": lambda: einsum("ij,kj->ik", E, F),
    "a dimension of '...' has the sizes 4 and 2": lambda: einsum("i...,j...->ij", E, F),
    "the dimension 'i' is repeated, but shape (3, 4)": lambda: einsum("ii", E),
    "the dimension 'i' stands twice in the output": lambda: einsum("ij->ii", E),
    "the dimension 'k' of the output stands in no term": lambda: einsum("ij->k", E),
    "'i-j' may have letters": lambda: einsum("i-j", E),
    "einsum: takes Tensors, not a list": lambda: einsum("i,i", E[0], [1.0]),
    "matmul: takes Tensors, not a float": lambda: autograd.matmul(E, 2.0),
    "outer: takes Tensors, not a Value": lambda: autograd.outer(E[0], autograd.Value(2.0)),
    "was given no operands": lambda: einsum("ij"),
    "subscript 52 is out of range": lambda: einsum(E, [0, 52]),
    "give an equation and operands": lambda: einsum(1, 2),
    "cdist: points of 4 and of 2 numbers": lambda: autograd.cdist(E, F),
    "cdist: shape (4,) is no set": lambda: autograd.cdist(E[0], E),
    "cdist: p is -1": lambda: autograd.cdist(E, E, -1),
    "compute_mode is 'fast'": lambda: autograd.cdist(E, E, compute_mode="fast"),
    "cdist: not defined for int64": lambda: autograd.cdist(N[None], N[None]),
}


@pytest.mark.parametrize("message", ERRORS)
def test_errors(message):
    with pytest.raises((ValueError, TypeError)) as caught:
        ERRORS[message]()
    assert message in str(caught.value)


def test_an_input_that_does_not_count_may_be_nan():
    x, y = Tensor(X), Tensor(Y)
    out = autograd.addmm(Tensor([np.nan], dtype="float64"), x, y, beta=0)
    assert_close(out.numpy(), X @ Y)


def test_chain_matmul():
    x, y = Tensor(X), Tensor(Y)
    assert_close(autograd.chain_matmul(x, y, x[:2], y).numpy(), X @ Y @ X[:2] @ Y)
    assert autograd.chain_matmul(x) is x


def test_operands_are_left_as_they_are():
    x, y = Tensor(X, requires_grad=True), Tensor(Y, requires_grad=True)
    for out in (einsum("ij->ji", x), einsum("ij,jk->ik", x, y), einsum("ij,ij->ij", x, x), autograd.kron(x, y)):
        out.backward(np.ones(out.shape))
    np.testing.assert_array_equal(x.numpy(), X)
    np.testing.assert_array_equal(y.numpy(), Y)


def test_an_operand_of_einsum_that_was_changed_afterwards_is_noticed():
    x, y = Tensor(X, requires_grad=True), Tensor(Y)
    out = einsum("ij,jk->ik", x, y).sum()
    y.mul_(2)
    with pytest.raises(autograd.GraphError, match="einsum needs the value"):
        out.backward()


def test_many_operands_are_contracted_in_a_good_order():
    """Contracted as written, this would need 10 ** 12 products."""
    chain = [Tensor(np.eye(100)[:, :n]) for n in (100, 100, 100, 100, 100, 1)]
    assert einsum("ab,bc,cd,de,ef,fg->ag", *chain).shape == (100, 1)


# Distances ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, np.inf])
@pytest.mark.parametrize("shapes", [((3, 4), (5, 4)), ((2, 3, 4), (5, 4)), ((2, 1, 3, 2), (4, 1, 2)), ((3, 4), (0, 4))])
def test_cdist(torch, p, shapes):
    arrays = [RANDOM.uniform(-2, 2, shape) for shape in shapes]
    ours, theirs = ([t(array, requires_grad=True) for array in arrays] for t in (Tensor, torch.tensor))
    out, expected = autograd.cdist(*ours, p), torch.cdist(*theirs, p)
    assert_close(out.numpy(), expected.detach().numpy(), "value")
    upstream = RANDOM.uniform(-1, 1, out.shape)
    out.backward(upstream)
    expected.backward(torch.tensor(upstream))
    for x, y in zip(ours, theirs, strict=True):
        assert_close(x.grad.numpy(), y.grad.numpy(), "gradient")


@pytest.mark.parametrize("mode", ["use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"])
@pytest.mark.parametrize("p", [0, 0.5, 1, 2, 3, np.inf])
def test_cdist_at_points_that_coincide(p, mode):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    out = autograd.cdist(x, x.detach(), p, mode)
    assert out.numpy().diagonal().tolist() == [0, 0]
    out[[0, 1], [0, 1]].sum().backward()
    assert x.grad.tolist() == [[0, 0], [0, 0]]


def test_cdist_of_points_of_no_numbers():
    for p in (0.5, 2, np.inf):
        assert autograd.cdist(autograd.zeros(3, 0), autograd.zeros(2, 0), p).tolist() == [[0, 0]] * 3


def test_cdist_is_exact_where_a_matrix_product_is_not():
    x, y = Tensor([[1e6, 1.0]], dtype="float64"), Tensor([[1e6, 1.0 + 1e-6]], dtype="float64")
    assert autograd.cdist(x, y).item() == pytest.approx(1e-6, rel=1e-9)
    assert autograd.cdist(x, y, compute_mode="use_mm_for_euclid_dist").item() != pytest.approx(1e-6, rel=1e-2)
