"""Tensors are printed as PyTorch prints them."""

import numpy as np
import pytest

from autograd import Tensor, set_printoptions, tensor

SOURCE = np.random.default_rng(0)
ARRAYS = {
    "a number": 3.0,
    "a large number": 1234567.0,
    "a larger number": 12345678910.0,
    "a small number": 1e-7,
    "whole numbers": [1.0, 2.0, 3.0],
    "large and small whole numbers": [1001.0, 1.0],
    "large and small numbers": [1.5, 2e4],
    "not so different": [0.1, -100.0],
    "small and middling": [1e-5, 1.0],
    "not finite": [1.0, np.nan, np.inf],
    "neither finite nor whole": [-np.inf, 0.5],
    "none that is finite": [np.nan, np.inf],
    "zeros": [0.0, -0.0],
    "nothing": [],
    "no rows": np.zeros((0, 3)),
    "no columns": np.zeros((2, 0)),
    "a matrix": SOURCE.normal(size=(3, 4)),
    "more dimensions": SOURCE.normal(size=(2, 1, 3, 4)) * 1e-3,
    "long": SOURCE.normal(size=40),
    "longer": SOURCE.normal(size=1500),
    "long rows": SOURCE.normal(size=(2, 30)),
    "a large matrix": SOURCE.normal(size=(40, 40)),
    "large in one dimension": SOURCE.normal(size=(3, 2, 400)),
    "large in the first": SOURCE.integers(-1000, 1000, (700, 2, 1)),
    "integers": SOURCE.integers(-1000, 1000, (3, 30)),
    "many integers": np.arange(2000),
    "a whole number": 5,
    "truth": [True, False],
    "one truth": True,
}
OPTIONS = [
    {},
    {"precision": 2, "linewidth": 40},
    {"threshold": 10, "edgeitems": 1},
    {"profile": "full", "sci_mode": True},
    {"profile": "short", "sci_mode": False},
]


@pytest.fixture(autouse=True)
def as_before(request):
    yield
    set_printoptions(profile="default")
    if "torch" in request.fixturenames:
        request.getfixturevalue("torch").set_printoptions(profile="default", sci_mode=None)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", ARRAYS)
def test_beside_torch(name, options, torch):
    array = np.asarray(ARRAYS[name])
    set_printoptions(**options)
    torch.set_printoptions(**options)
    converted = array.astype("float32" if array.dtype.kind == "f" else array.dtype)
    assert repr(Tensor(converted)) == repr(torch.tensor(converted))


def test_what_follows_the_numbers():
    x = tensor([[1.5, 2.0]], requires_grad=True)
    assert repr(x) == "tensor([[1.5000, 2.0000]], requires_grad=True)"
    assert repr(x * 2) == "tensor([[3., 4.]], grad_fn=<mul>)"
    assert repr(x.double() * 1e4) == "tensor([[15000., 20000.]], dtype=float64, grad_fn=<mul>)"
    long = repr(tensor(np.arange(6) / 8 + 100, requires_grad=True))
    assert long.endswith(" 100.6250],\n       dtype=float64, requires_grad=True)")
    assert repr(tensor(np.zeros((2, 0)))) == "tensor([], size=(2, 0), dtype=float64)"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"profile": "tall"}, "default, short, full"),
        ({"precision": -1}, "precision is -1"),
        ({"edgeitems": -1}, "edgeitems"),
    ],
)
def test_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        set_printoptions(**wrong)
    assert repr(tensor([0.5])) == "tensor([0.5000])"
    set_printoptions(threshold=3, edgeitems=0)
    assert repr(tensor([1.0, 2.0, 3.0, 4.0])) == "tensor([ ...])"
