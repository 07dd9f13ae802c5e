"""Norms of vectors: PyTorch's values and first derivatives, and finite second ones where everything is 0."""

from math import inf, nan

import numpy as np
import pytest

import autograd
from autograd import Tensor, grad, linalg
from tests.comparing import assert_close, check_against_torch, loss_of

X = np.random.default_rng(3).uniform(-2, 2, (2, 3, 4))
EDGES = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, -4.0], [2.0, 2.0, -2.0], [1.0, -5.0, 5.0]])
ORDERS = [0, 0.5, 1, 1.5, 2, 3, 4, -1, -2, inf, -inf]


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 1, -1, (0, 2)], ids=str)
@pytest.mark.parametrize("p", ORDERS)
def test_order(p, dim, keepdim, torch):
    if p == 0:  # whose derivative PyTorch leaves out; it is 0
        found, expected = (t.linalg.vector_norm(t.tensor(X), p, dim, keepdim) for t in (autograd, torch))
        assert found.tolist() == expected.tolist()
        return
    check_against_torch(
        torch,
        lambda x: linalg.vector_norm(x, p, dim, keepdim),
        lambda x: torch.linalg.vector_norm(x, p, dim, keepdim),
        [X],
    )


@pytest.mark.parametrize("p", ORDERS[1:])
def test_zeros_and_ties(p, torch):
    here, there = Tensor(EDGES, requires_grad=True), torch.tensor(EDGES, requires_grad=True)
    out, expected = linalg.vector_norm(here, p, dim=1), torch.linalg.vector_norm(there, p, dim=1)
    assert_close(out.numpy(), expected.detach().numpy())
    (slope,) = grad(out.sum(), here, create_graph=True)
    assert_close(slope.numpy(), torch.autograd.grad(expected.sum(), there)[0].numpy())
    if slope.requires_grad:
        (second,) = grad(loss_of(slope), here, allow_unused=True)
        assert second is None or np.isfinite(second.numpy()).all(), "PyTorch has NaN here"


@pytest.mark.parametrize("p", [0, 0.5, 1, 2, 3])
def test_norm_of_nothing_is_zero(p):
    assert linalg.vector_norm(Tensor(np.zeros((0, 2))), p, dim=0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("p", [-1, inf, -inf])
def test_norm_of_nothing_without_identity_is_refused(p):
    with pytest.raises(RuntimeError, match=r"vector_norm: of no elements, as in shape \(0,\)"):
        linalg.vector_norm(Tensor(np.zeros(0)), p)


@pytest.mark.parametrize("p", [1, 2, 3, inf, -inf])
def test_nan_is_not_lost(p):
    assert linalg.vector_norm(Tensor([1.0, nan]), p).isnan()


NORMS = {
    "of all": lambda x: x.norm(),
    "of a dimension": lambda x: x.norm(2, 1),
    "keepdim": lambda x: x.norm(p=3, dim=(0, 1), keepdim=True),
    "fro": lambda x: x.norm("fro", (0, 1)),
    "None": lambda x: x.norm(None, 0),
    "inf": lambda x: x.norm(inf, -1),
}


@pytest.mark.parametrize("name", NORMS)
def test_norm(name, torch):
    check_against_torch(torch, NORMS[name], NORMS[name], [X])


def test_dtype(torch):
    for t in (autograd, torch):
        assert "float64" in str(t.norm(t.tensor([3.0, 4.0]), dtype=t.float64).dtype)
        with pytest.raises(RuntimeError, match=r"float32|Float"):
            t.norm(t.tensor([3.0, 4.0], dtype=t.float64), dtype=t.float32)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Tensor([1, 2]).norm(), "dtype int64"),
        (lambda: linalg.vector_norm(Tensor([1.0]), "fro"), "must be a number"),
        (lambda: Tensor(X).norm("fro", (0, 1, 2)), "two dimensions"),
        (lambda: Tensor(X).norm(2, 3), "out of range for 3 dimensions"),
        (lambda: linalg.vector_norm(Tensor([1.0]), dtype="int64"), "float dtype"),
    ],
)
def test_refused(call, words):
    with pytest.raises(RuntimeError, match=words):
        call()
