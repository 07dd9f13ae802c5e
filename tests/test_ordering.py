"""Extremes, medians, sorting: PyTorch's values, choices among ties and gradients; NaN counts as the largest."""

from math import inf, nan

import numpy as np
import pytest

import autograd
from autograd import Tensor, grad
from tests.comparing import assert_close, check_against_torch, loss_of, weights

X = np.random.default_rng(4).permutation(24).reshape(2, 3, 4) / 7.0
TIES = np.array([[1.0, 3.0, 3.0, 2.0], [2.0, 2.0, 2.0, 2.0], [3.0, 3.0, 1.0, 1.0], [2.0, 1.0, 2.0, 1.0]])
MISSING = np.array([[3.0, nan, 1.0, nan], [1.0, 2.0, 5.0, 4.0], [nan, nan, nan, nan], [inf, nan, -inf, 2.0]])

ALONG = {
    "max": lambda x, d: x.max(d),
    "min": lambda x, d: x.min(d),
    "median": lambda x, d: x.median(d),
    "nanmedian": lambda x, d: x.nanmedian(d),
    "cummax": lambda x, d: x.cummax(d),
    "cummin": lambda x, d: x.cummin(d),
    "sort": lambda x, d: x.sort(dim=d, stable=True),
    "sort descending": lambda x, d: x.sort(dim=d, descending=True, stable=True),
}


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ALONG)
def test_derivatives(name, dim, torch):
    check_against_torch(torch, lambda x: ALONG[name](x, dim).values, lambda x: ALONG[name](x, dim)[0], [X])


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("array", [TIES, MISSING, TIES.astype(int)], ids=["ties", "nan", "integers"])
@pytest.mark.parametrize("name", ALONG)
def test_choices(name, array, dim, torch):
    if name == "nanmedian":
        array = array[:2]  # of NaN alone PyTorch chooses at random
    floats = array.dtype.kind == "f"
    here, there = Tensor(array, requires_grad=floats), torch.tensor(array, requires_grad=floats)
    (values, indices), (expected, places) = ALONG[name](here, dim), ALONG[name](there, dim)
    np.testing.assert_array_equal(indices.numpy(), places.numpy())
    np.testing.assert_array_equal(values.numpy(), expected.detach().numpy())
    assert (indices.dtype, values.dtype) == (np.int64, array.dtype)
    if floats:
        values.sum().backward()
        expected.sum().backward()
        assert here.grad.tolist() == there.grad.tolist()


@pytest.mark.parametrize("array", [TIES, TIES[0], MISSING, MISSING[0], MISSING[1], MISSING[2]], ids=range(6))
@pytest.mark.parametrize("name", ["max", "min", "median", "nanmedian"])
def test_of_all(name, array, torch):
    here, there = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    out, expected = getattr(here, name)(), getattr(there, name)()
    assert_close(out.numpy(), expected.detach().numpy())
    out.backward()
    expected.backward()
    assert_close(here.grad.numpy(), there.grad.numpy())


@pytest.mark.parametrize("name", ["amax", "amin", "max", "min", "median"])
def test_shares_are_exact_in_double_precision_when_differentiated_again(name):
    x = Tensor(np.array([2.0, 2.0, 2.0, 1.0, 3.0]) if name == "median" else np.ones(3), requires_grad=True)
    (slope,) = grad(getattr(x, name)() ** 2, x, create_graph=True)
    value = 2.0 if name == "median" else 1.0
    assert_close(slope.numpy(), np.where(x.numpy() == value, 2 * value / 3, 0.0), rtol=1e-15)
    (second,) = grad(slope.sum(), x)
    assert_close(second.numpy(), np.where(x.numpy() == value, 2 / 3, 0.0), rtol=1e-15)


def test_values_and_indices_are_named_as_torchs(torch):
    for name in ("max", "median", "cummax", "sort"):
        assert getattr(Tensor(X), name)(1)._fields == ("values", "indices")
        assert torch.equal(
            getattr(torch.tensor(X), name)(1).values, torch.tensor(getattr(Tensor(X), name)(1).values.numpy())
        )


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("name", ["max", "min", "median", "nanmedian"])
def test_keepdim(name, keepdim, torch):
    found, expected = getattr(Tensor(X), name)(1, keepdim), getattr(torch.tensor(X), name)(1, keepdim)
    assert [t.tolist() for t in found] == [t.tolist() for t in expected]


@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize(("k", "dim"), [(1, -1), (2, 0), (3, 1), (0, 1)])
def test_topk(k, dim, largest, torch):
    found, expected = Tensor(X).topk(k, dim, largest), torch.tensor(X).topk(k, dim, largest)
    assert [t.tolist() for t in found] == [t.tolist() for t in expected]
    if k:
        check_against_torch(
            torch, lambda x: x.topk(k, dim, largest).values, lambda x: x.topk(k, dim, largest).values, [X]
        )


def test_topk_of_nan_and_ties():
    values, indices = Tensor([3.0, nan, 1.0, 3.0]).topk(3)
    assert np.isnan(values.tolist()[0])
    assert indices.tolist() == [1, 0, 3], "of those that tie the first"


@pytest.mark.parametrize("call", [*ALONG, "topk", "argsort"])
def test_of_a_number(call, torch):
    run = {**ALONG, "topk": lambda x, d: x.topk(1, d), "argsort": lambda x, d: (x.argsort(d),)}[call]
    for dim in (0, -1):
        found = run(Tensor(np.array(1.5)), dim)
        assert [t.tolist() for t in found] == [t.tolist() for t in run(torch.tensor(1.5, dtype=torch.float64), dim)]
        with pytest.raises(IndexError, match="out of range"):
            run(Tensor(np.array(1.5)), 1)


@pytest.mark.parametrize("k", [1, 3])
def test_kthvalue(k, torch):
    for dim, keepdim in ((1, True), (-1, False)):
        check_against_torch(torch, *2 * [lambda x, d=dim, keep=keepdim: x.kthvalue(k, d, keep)[0]], [X])
        assert Tensor(X).kthvalue(k, dim)[1].tolist() == torch.tensor(X).kthvalue(k, dim)[1].tolist()
    np.testing.assert_array_equal(Tensor(MISSING).kthvalue(k)[0], torch.tensor(MISSING).kthvalue(k)[0])


def test_aminmax(torch):
    for dim, keepdim in ((None, False), (0, True), (1, False)):
        found = Tensor(TIES).aminmax(dim=dim, keepdim=keepdim)
        expected = torch.tensor(TIES).aminmax(dim=dim, keepdim=keepdim)
        assert (found.min.tolist(), found.max.tolist()) == (expected.min.tolist(), expected.max.tolist())


def test_argsort(torch):
    for dim, descending in ((0, False), (-1, True)):
        found = autograd.argsort(Tensor(TIES), dim, descending, stable=True)
        assert found.tolist() == torch.argsort(torch.tensor(TIES), dim=dim, descending=descending, stable=True).tolist()


def test_of_nothing(torch):
    for name in ALONG:
        assert tuple(ALONG[name](Tensor(np.zeros((0, 3))), 1)[0].shape) == tuple(
            ALONG[name](torch.zeros(0, 3), 1)[0].shape
        )
    assert Tensor([]).median().isnan()
    assert Tensor([]).sort().values.shape == (0,)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Tensor(np.zeros((0, 3))).median(0), r"median: shape \(0, 3\) has no elements along dim"),
        (lambda: Tensor(np.zeros((0, 3))).max(), "no max either"),
        (lambda: Tensor(X).topk(5), "0 <= k <= 4"),
        (lambda: Tensor(X).topk(-1), "k is -1"),
        (lambda: Tensor([True]).median(), "not defined for booleans"),
        (lambda: Tensor([True]).topk(1), "not defined for booleans"),
        (lambda: Tensor(X).kthvalue(0), "k is 0, .* 1 <= k <= 4"),
        (lambda: Tensor(X).sort(3), "sort: dim 3 is out of range"),
        (lambda: autograd.max(2, Tensor(X)), "needs a Tensor, not a int"),
    ],
)
def test_refused(call, words):
    with pytest.raises(RuntimeError, match=words):
        call()


def test_the_derivative_of_a_choice_has_a_second(torch):
    check_against_torch(
        torch, lambda x: loss_of(x.sort(0).values[1]), lambda x: _loss(torch, x.sort(0).values[1]), [X[0]]
    )


def _loss(torch, out):
    return (out * out * torch.tensor(weights(out.shape))).sum()
