"""Arguments beyond the first: given by position, by keyword, in PyTorch's spelling or NumPy's."""

import numpy as np
import pytest

import autograd
from autograd import Tensor

X = np.array([[1.5, -2.5, 0.25], [-7.0, 3.5, 2.0]])

CALLS = {
    "add alpha": lambda t, x: t.add(x, x * x, alpha=2),
    "sub alpha": lambda t, x: x.sub(x * x, alpha=-3.5),
    "div floor": lambda t, x: t.div(x, x * x, rounding_mode="floor"),
    "div trunc": lambda t, x: x.div(0.7, rounding_mode="trunc"),
    "div": lambda t, x: t.true_divide(x, 0.7),
    "round": lambda t, x: t.round(x),
    "round after the point": lambda t, x: t.round(x / 7, decimals=2),
    "round before the point": lambda t, x: (x * 100).round(decimals=-2),
    "clamp by position": lambda t, x: t.clamp(x, -1, 2),
    "clamp by keyword": lambda t, x: x.clamp(max=2.0),
    "clamp by tensors": lambda t, x: t.clamp(x, x * 0, x * x),
    "flip by position": lambda t, x: x.flip(0, 1),
    "flip by keyword": lambda t, x: t.flip(x, dims=(0,)),
    "flip nothing": lambda t, x: t.flip(x, dims=()),
    "permute by keyword": lambda t, x: t.permute(x, dims=(1, 0)),
    "permute by position": lambda t, x: x.permute(1, 0),
    "reshape by keyword": lambda t, x: t.reshape(x, shape=(3, -1)),
    "reshape by position": lambda t, x: x.reshape(3, 2),
    "view": lambda t, x: x.view(-1),
    "expand": lambda t, x: x.expand(4, -1, 3),
    "flatten": lambda t, x: t.flatten(x, start_dim=0, end_dim=1),
    "squeeze of no dimensions": lambda t, x: t.squeeze(x.reshape(1, 6, 1), dim=()),
    "squeeze": lambda t, x: x.reshape(1, 6, 1).squeeze((0, 1)),
    "softmax of a number": lambda t, x: t.softmax(x[0, 0], 0),
    "log_softmax of a number": lambda t, x: t.log_softmax(x[0, 0], dim=0),
    "cumsum of a number": lambda t, x: t.cumsum(x[0, 0], dim=-1),
    "cumsum in another dtype": lambda t, x: t.cumsum(x, 0, dtype=t.float32),
    "sum in another dtype": lambda t, x: t.sum(x, dtype=t.float32),
    "sum over a tuple": lambda t, x: x.sum(dim=(0, -1), keepdim=True),
    "mean keepdim": lambda t, x: x.mean(1, keepdim=True),
    "var unbiased": lambda t, x: x.var(1, False),
    "std correction": lambda t, x: t.std(x, dim=0, correction=0),
    "cat with an empty vector": lambda t, x: t.cat([t.tensor([], dtype=t.float64), x, x], 0),
    "stack": lambda t, x: t.stack([x, x * 2], dim=-1),
    "split": lambda t, x: t.split(x, [1, 2], dim=1)[1],
    "chunk": lambda t, x: x.chunk(2, dim=1)[0],
    "tril": lambda t, x: t.tril(x, diagonal=-1),
    "triu": lambda t, x: x.triu(1),
    "max": lambda t, x: t.max(x, dim=1, keepdim=True).values,
    "max of two": lambda t, x: t.max(x, x * x),
    "logsumexp": lambda t, x: t.logsumexp(x, dim=(0, 1)),
    "prod": lambda t, x: x.prod(dim=1, keepdim=True),
    "transpose": lambda t, x: t.transpose(x, dim0=0, dim1=1),
}


@pytest.mark.parametrize("name", CALLS)
def test_torchs_signatures(torch, name):
    here, there = Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    found, expected = CALLS[name](autograd, here), CALLS[name](torch, there)
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy(), rtol=1e-6 if "dtype" in name else 1e-12)
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")
    (found * found).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_allclose(here.grad.numpy(), there.grad.numpy(), rtol=1e-6 if "dtype" in name else 1e-12)


def test_eq_is_elementwise_and_of_numbers(torch):
    for x, y in ((X, X), (X, 1.5), (np.array(2.0), np.array(2.0))):
        found = autograd.eq(Tensor(x), Tensor(y) if isinstance(y, np.ndarray) else y)
        assert isinstance(found, Tensor)
        assert found.tolist() == torch.eq(torch.tensor(x), torch.tensor(y)).tolist()


def test_division_of_integers_rounds_as_torchs(torch):
    x, y = np.array([7, -7, 7, -7, 6, -6, 0]), np.array([2, 2, -2, -2, 3, 3, 5])
    for mode in ("floor", "trunc", None):
        found = autograd.div(Tensor(x), Tensor(y), rounding_mode=mode)
        expected = torch.div(torch.tensor(x), torch.tensor(y), rounding_mode=mode)
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
        assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "var", "std", "logsumexp", "prod", "max", "argmax"])
def test_numpys_spelling_means_the_same(name):
    function = getattr(autograd, name)
    found, expected = (function(Tensor(X), **{k: v}) for k, v in (("axis", 1), ("dim", 1)))
    if name == "max":
        found, expected = found.values, expected.values
    np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_numpys_own_functions_ask_the_tensor():
    assert np.sum(Tensor(X)).item() == X.sum()
    assert np.mean(Tensor(X), axis=1).tolist() == X.mean(axis=1).tolist()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: x.sum(dim=0, axis=0), "the same"),
        (lambda x: x.reshape(3, 2, shape=(2, 3)), "given twice"),
        (lambda x: x.flip(0, dims=(1,)), "given twice"),
    ],
)
def test_an_argument_given_twice_is_refused(call, words):
    with pytest.raises(TypeError, match=words):
        call(Tensor(X))


def test_an_unknown_rounding_is_refused():
    with pytest.raises(ValueError, match="'floor' or 'trunc'"):
        Tensor(X).div(2, rounding_mode="up")
