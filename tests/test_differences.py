"""Areas and slopes of sampled curves, covariances, and other functions of several samples: PyTorch's."""

import numpy as np
import pytest

import autograd
from autograd import DtypeError, ShapeError, Tensor
from tests.comparing import check_against_torch, check_first, check_second, loss_of

X = np.random.default_rng(3).uniform(-2, 2, (3, 4))
WHERE = np.array([0.0, 0.5, 2.0, 3.5])
TIMES, WEIGHTS = np.array([1, 3, 0, 2]), np.array([0.5, 1.0, 2.0, 0.3])

CALLS = {
    "trapezoid": lambda t, x: t.trapezoid(x),
    "trapezoid dx": lambda t, x: t.trapz(x, dx=0.3, dim=0),
    "trapezoid at": lambda t, x: t.trapezoid(x, t.tensor(WHERE)),
    "trapezoid at, down": lambda t, x: t.trapezoid(x, x * x, dim=-2),
    "trapezoid of one": lambda t, x: t.trapezoid(x[:, :1]),
    "cumulative_trapezoid": lambda t, x: t.cumulative_trapezoid(x, dx=2, dim=0),
    "cumulative_trapezoid at": lambda t, x: t.cumulative_trapezoid(x, t.tensor(WHERE)),
    "gradient": lambda t, x: t.gradient(x)[0] * t.gradient(x)[1],
    "gradient of parabolas": lambda t, x: t.gradient(x, spacing=0.5, dim=1, edge_order=2)[0],
    "gradient by two": lambda t, x: t.gradient(x, spacing=[0.5, 2], dim=(1, 0))[1],
    "gradient at": lambda t, x: t.gradient(x, spacing=(t.tensor(WHERE),), dim=1)[0],
    "gradient at, of parabolas": lambda t, x: t.gradient(x, spacing=(t.tensor(WHERE),), dim=1, edge_order=2)[0],
    "gradient of two": lambda t, x: t.gradient(x[:, :2], dim=1)[0],
    "cov": lambda t, x: t.cov(x),
    "cov of one": lambda t, x: x[0].cov(correction=0),
    "cov weighted": lambda t, x: x.cov(fweights=t.tensor(TIMES), aweights=t.tensor(WEIGHTS)),
    "cov weighted, biased": lambda t, x: t.cov(x, correction=0, aweights=t.tensor(WEIGHTS)),
    "corrcoef": lambda t, x: t.corrcoef(x),
    "corrcoef of one": lambda t, x: x[0].corrcoef() * x,
    "block_diag": lambda t, x: t.block_diag(x, x[0], x[1, 2], x[:, :0]),
    "combinations": lambda t, x: t.combinations(x[0], 3),
    "combinations with replacement": lambda t, x: t.combinations(x[0], with_replacement=True),
    "combinations of too many": lambda t, x: t.combinations(x[0], 5),
    "linalg.vander": lambda t, x: t.linalg.vander(x, N=3),
    "linalg.vecdot": lambda t, x: t.linalg.vecdot(x, x[0], dim=0),
    "linalg.diagonal": lambda t, x: t.linalg.diagonal(x, offset=1),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    check_against_torch(torch, lambda x: CALLS[name](autograd, x), lambda x: CALLS[name](torch, x), [X])


WHOLE = {
    "trapezoid": lambda t, n: t.trapezoid(n),
    "gradient": lambda t, n: t.gradient(n, spacing=2)[0],
    "gradient beside infinity": lambda t, n: t.gradient(t.tensor([1.0, np.inf, 3.0, np.nan, 5.0, 6.0, 7.0]))[0],
    "gradient of parabolas beside infinity": lambda t, n: t.gradient(
        t.tensor([1.0, 2.0, 3.0, -np.inf, 5.0, 6.0, 7.0]), spacing=2.0, edge_order=2
    )[0],
    "cov": lambda t, n: n.cov(),
    "vander": lambda t, n: t.vander(n),
    "mode": lambda t, n: t.mode(n).indices,
    "mode of NaN": lambda t, n: t.mode(t.tensor([[1.0, np.nan, 1.0, np.nan], [np.nan, 2.0, 1.0, 0.0]])).values,
    "histogram": lambda t, n: t.histogram(n.double(), 4).hist,
    "histogram of equal numbers": lambda t, n: t.histogram(n.double() * 0, 2).bin_edges,
    "histogram by edges": lambda t, n: t.histogram(n.double(), t.tensor([0.0, 2.0, 3.0]).double(), density=True)[0],
    "histogram weighted": lambda t, n: n.double().histogram(3, range=(1.0, 4.0), weight=n.double() + 1)[0],
    "char": lambda t, n: (n * 100).char(),
    "storage_offset": lambda t, n: n * n[2:].storage_offset(),
    "is_signed": lambda t, n: n * n.is_signed() + n.byte().is_signed() + t.is_same_size(n, n[1:]),
}


@pytest.mark.parametrize("name", WHOLE)
def test_of_whole_numbers(torch, name):
    found, expected = (WHOLE[name](t, t.tensor([3, 1, 4, 1, 3])) for t in (autograd, torch))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6)
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")


def test_places_in_an_array_as_indices():
    """NumPy's; PyTorch's takes seconds to load. A place beyond the end is taken from the start again, as there."""
    places = np.array([[5, 0], [23, 7]])
    for found, expected in zip(
        autograd.unravel_index(Tensor(places), (2, 3, 4)), np.unravel_index(places, (2, 3, 4)), strict=True
    ):
        assert found.tolist() == expected.tolist()
    assert autograd.unravel_index(Tensor([30, -1]), (3, 4))[0].tolist() == [1, 2]
    assert autograd.unravel_index(Tensor(7), 12)[0].item() == 7


def test_powers_have_derivatives_at_0_too():
    """PyTorch's vander has none of its third power and above."""
    x = Tensor([0.0, -1.5, 2.0], dtype="float64", requires_grad=True)
    for check in (check_first, check_second):
        check(lambda x: loss_of(autograd.vander(x, 4)), [x])


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda x: autograd.trapezoid(x, x[0, :2]), ShapeError, "as long as y"),
        (lambda x: autograd.trapezoid(x, x, dx=1), DtypeError, "give one of them"),
        (lambda x: autograd.gradient(x[:, :2], edge_order=2), ShapeError, "needs 3 samples along dim 1"),
        (lambda x: autograd.gradient(x, spacing=[1.0]), ShapeError, "1 spacings for the 2 dimensions"),
        (lambda x: autograd.cov(x[None]), ShapeError, "its rows the variables"),
        (lambda x: x.cov(fweights=x[0]), ShapeError, "vector of 4 whole numbers"),
        (lambda x: x.cov(aweights=-autograd.ones(4)), RuntimeError, "negative"),
        (lambda x: autograd.block_diag(x[None]), ShapeError, "at most 2 dimensions"),
        (lambda x: x.rot90(1, (0, 0)), ShapeError, "same dimension"),
        (lambda x: x.hsplit(3), ShapeError, "cannot be cut into 3 equal parts"),
        (lambda x: x.dsplit(2), ShapeError, "too few dimensions"),
        (lambda x: x.sum_to_size(2, 4), ShapeError, "cannot be summed"),
        (lambda x: x[0].renorm(2, 0, 1.0), ShapeError, "at least 2 dimensions"),
        (lambda x: x.histogram(0), RuntimeError, "at least 1"),
        (lambda x: autograd.unravel_index(x, (3, 4)), DtypeError, "whole numbers"),
        (lambda x: autograd.linalg.vander(x, N=1), ShapeError, "more than 1"),
    ],
)
def test_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call(Tensor(X))
