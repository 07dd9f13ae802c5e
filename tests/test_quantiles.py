"""Quantiles: PyTorch's values, places among ties and NaN, and gradients."""

import numpy as np
import pytest

import autograd
from autograd import DtypeError, GraphError, ShapeError, Tensor
from tests.comparing import check_against_torch

X = np.random.default_rng(2).permutation(24).reshape(2, 3, 4) / 7.0
MISSING = np.array([[3.0, np.nan, 1.0, 2.0, 9.0], [1.0, 2.0, 5.0, 4.0, 4.0]])
PARTS = [0.0, 0.37, 1.0, 0.5]


@pytest.mark.parametrize("interpolation", ["linear", "lower", "higher", "nearest", "midpoint"])
@pytest.mark.parametrize("dim", [None, 0, -1])
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantiles(name, dim, keepdim, interpolation, torch):
    def of(t, x):
        how = {"dim": dim, "keepdim": keepdim, "interpolation": interpolation}
        single = getattr(t, name)(x, 0.3, **how)
        return getattr(x, name)(t.tensor(PARTS, dtype=t.float64), **how) * single

    for array in (X, MISSING):
        check_against_torch(torch, lambda x: of(autograd, x), lambda x: of(torch, x), [array])


def test_of_nothing_but_nan():
    assert Tensor([np.nan, np.nan]).nanquantile(0.5).isnan()
    assert Tensor(2.5).quantile(0.9).item() == 2.5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Tensor([1, 2]).quantile(0.5), DtypeError, "quantile: the input has dtype int64"),
        (lambda: Tensor(X).quantile(1.5), ValueError, "q is 1.5; it must be a number from 0 to 1"),
        (lambda: Tensor(X).nanquantile([[0.5]]), ValueError, "or a vector"),
        (lambda: Tensor(X).quantile(0.5, interpolation="cubic"), ValueError, "one of lower, higher, nearest, linear"),
        (lambda: Tensor(np.zeros((0, 2))).quantile(0.5, 0), ShapeError, "no elements along dim 0"),
        (lambda: Tensor(X).quantile(Tensor(0.5, requires_grad=True)), GraphError, r"no gradient here; .* q.detach\(\)"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
