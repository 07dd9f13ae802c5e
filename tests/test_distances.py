"""Distances and angles beside PyTorch's, at vectors of length 0 too."""

import numpy as np
import pytest

from autograd import Tensor, float32
from nn import functional as F
from tests.comparing import assert_close, check_against_torch

SOURCE = np.random.default_rng(4)
X, Y = SOURCE.normal(size=(4, 3)), SOURCE.normal(size=(4, 3))
CALLS = {
    "cosine_similarity": (lambda F, x, y: F.cosine_similarity(x, y), X, Y),
    "cosine_similarity dim": (lambda F, x, y: F.cosine_similarity(x, y, dim=0), X, Y),
    "cosine_similarity broadcast": (lambda F, x, y: F.cosine_similarity(x, y, dim=-1), X, Y[0]),
    "cosine_similarity of all pairs": (lambda F, x, y: F.cosine_similarity(x[:, None], y[None], dim=2), X, Y),
    "normalize": (lambda F, x: F.normalize(x), X),
    "normalize p": (lambda F, x: F.normalize(x, p=3, dim=0), X),
    "pairwise_distance": (lambda F, x, y: F.pairwise_distance(x, y), X, Y),
    "pairwise_distance p": (lambda F, x, y: F.pairwise_distance(x, y, p=1, keepdim=True), X, Y),
    "pairwise_distance broadcast": (lambda F, x, y: F.pairwise_distance(x, y, eps=0.1), X[0], Y),
    "pdist": (lambda F, x: F.pdist(x), X),
    "pdist p": (lambda F, x: F.pdist(x, p=1.5), X),
    "pdist of one": (lambda F, x: F.pdist(x), X[:1]),
}


@pytest.mark.parametrize("name", CALLS)
def test_distance(name, torch):
    function, *arrays = CALLS[name]
    functional = torch.nn.functional
    if name == "pdist p" or name.startswith("pdist"):  # whose second derivative PyTorch lacks
        check_first_against_torch(torch, function, arrays)
    else:
        check_against_torch(torch, lambda *xs: function(F, *xs), lambda *xs: function(functional, *xs), arrays)


def check_first_against_torch(torch, function, arrays):
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    found, expected = function(F, *leaves), function(torch.nn.functional, *tensors)
    assert_close(found.numpy(), expected.detach().numpy(), "value")
    found.sum().backward()
    expected.sum().backward()
    for leaf, tensor in zip(leaves, tensors, strict=True):
        assert_close(leaf.grad.numpy(), tensor.grad.numpy(), "gradient")


SHORT = np.array([[0.0, 0.0], [1e-9, 2e-9], [1e-13, 0.0], [3.0, 4.0]])
OTHER = np.array([[1.0, 1.0], [1.0, 2.0], [0.0, 1.0], [3.0, 4.0]])
ZERO = {
    "cosine_similarity": (lambda F, x, y: F.cosine_similarity(x, y), SHORT, OTHER),
    "cosine_similarity of both": (lambda F, x, y: F.cosine_similarity(x, y), SHORT, SHORT[:, ::-1].copy()),
    "normalize": (lambda F, x: F.normalize(x), SHORT),
    "normalize p=1": (lambda F, x: F.normalize(x, p=1), SHORT),
    "pairwise_distance": (lambda F, x, y: F.pairwise_distance(x, y), SHORT, SHORT),
    "pairwise_distance eps=0": (lambda F, x, y: F.pairwise_distance(x, y, eps=0), SHORT, SHORT),
    "pdist": (lambda F, x: F.pdist(x), np.zeros((3, 2))),
}


@pytest.mark.parametrize("name", ZERO)
def test_vectors_of_no_length(name, torch):
    function, *arrays = ZERO[name]
    check_first_against_torch(torch, function, arrays)


def test_float32_stays_float32():
    x = Tensor(X, dtype=float32)
    for out in (F.normalize(x), F.cosine_similarity(x, x * 2), F.pairwise_distance(x, x * 2), F.pdist(x)):
        assert out.dtype == np.float32


def test_refused():
    with pytest.raises(TypeError, match=r"cosine_similarity: dtypes int64 and int64"):
        F.cosine_similarity(Tensor([[1]]), Tensor([[1]]))
    with pytest.raises(ValueError, match=r"pdist: shape \(3,\) is not a matrix"):
        F.pdist(Tensor(X[0]))
