"""The nonlinearities of networks as PyTorch has them: arguments, corners, large numbers in both precisions."""

import inspect

import numpy as np
import pytest

import autograd
from autograd import DimensionError, DtypeError, Generator, ShapeError, Tensor, Value
from nn import functional as F
from tests.comparing import assert_close

X = np.array([[1.5, -2.5, 0.25, -0.75], [-7.0, 3.5, 2.0, 0.1]])

CALLS = {
    "celu": lambda F, x, w: F.celu(x, alpha=0.5),
    "elu": lambda F, x, w: F.elu(x, 0.5),
    "gelu": lambda F, x, w: F.gelu(x),
    "gelu tanh": lambda F, x, w: F.gelu(x, approximate="tanh"),
    "glu": lambda F, x, w: F.glu(x),
    "glu dim": lambda F, x, w: F.glu(x, dim=0),
    "hardtanh": lambda F, x, w: F.hardtanh(x, -0.5, 2.0),
    "hardtanh by keyword": lambda F, x, w: F.hardtanh(x, max_val=0.2, min_val=-3.0),
    "leaky_relu": lambda F, x, w: F.leaky_relu(x, negative_slope=0.3),
    "prelu": lambda F, x, w: F.prelu(x, w),
    "prelu of one weight": lambda F, x, w: F.prelu(x, weight=w[:1]),
    "prelu of a number": lambda F, x, w: F.prelu(x, w[1]),
    "prelu of images": lambda F, x, w: F.prelu(x.reshape(1, 4, 2, 1), w),
    "prelu of a vector": lambda F, x, w: F.prelu(x[0], w[:1]),
    "relu6": lambda F, x, w: F.relu6(x * 3),
    "selu": lambda F, x, w: F.selu(x),
    "softmin": lambda F, x, w: F.softmin(x, dim=1),
    "softplus": lambda F, x, w: F.softplus(x, 2.0, 3.0),
    "softplus by default": lambda F, x, w: F.softplus(x * 10),
}


@pytest.mark.parametrize("name", CALLS)
def test_torchs_values_and_gradients(name, torch):
    weight = np.array([0.25, 0.5, -1.0, 2.0])
    x, w = Tensor(X, requires_grad=True), Tensor(weight, requires_grad=True)
    there = torch.tensor(X, requires_grad=True), torch.tensor(weight, requires_grad=True)
    out, expected = CALLS[name](F, x, w), CALLS[name](torch.nn.functional, *there)
    # PyTorch rounds celu's 1 / alpha to float32; a half is exact
    assert_close(out.numpy(), expected.detach().numpy())
    (out * out).sum().backward()
    (expected * expected).sum().backward()
    assert_close(x.grad.numpy(), there[0].grad.numpy())
    if there[1].grad is not None:
        assert_close(w.grad.numpy(), there[1].grad.numpy())


def test_the_arguments_are_torchs(torch):
    """In their order."""
    for name in ("celu", "elu", "glu", "hardsigmoid", "hardswish", "hardtanh", "mish", "relu6", "selu", "silu"):
        there = inspect.signature(getattr(torch.nn.functional, name)).parameters
        assert list(there) == list(inspect.signature(getattr(F, name)).parameters), name


SMOOTH = ["sigmoid", "logsigmoid", "softplus", "silu", "mish", "gelu", "selu", "elu", "celu", "tanhshrink", "softsign"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SMOOTH)
def test_large_numbers(name, dtype, torch):
    """Neither NaN nor a warning, which is an error here."""
    array = np.array([-1000.0, -100, -30, 30, 100, 1000, 1e30], dtype)
    x, there = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    out, expected = getattr(F, name)(x), getattr(torch.nn.functional, name)(there)
    assert out.dtype == dtype
    tolerance = {"rtol": 1e-6, "atol": 1e-37} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-300}
    np.testing.assert_allclose(out.numpy(), expected.detach().numpy(), **tolerance)
    out.sum().backward()
    slopes = x.grad.numpy()
    assert np.isfinite(slopes).all()
    limits = {"tanhshrink": (1, 1), "softsign": (0, 0), "sigmoid": (0, 0), "logsigmoid": (1, 0)}
    below, above = limits.get(name, (0, 1.0507009873554805 if name == "selu" else 1))
    assert slopes[[0, -1]] == pytest.approx([below, above], abs=2e-6)


def test_softplus_does_not_overflow_below_its_threshold():
    x = Tensor([1000.0], requires_grad=True)
    out = F.softplus(x, threshold=1e9)
    out.backward()
    assert (out.item(), x.grad.item()) == (1000.0, 1.0)
    assert F.softplus(Value(1000.0), threshold=1e9).data == 1000.0


def test_gelu_by_a_tanh_keeps_its_digits_far_below_0():
    assert F.gelu(Value(-10.0), approximate="tanh").data == pytest.approx(-1.2040923482098e-37, rel=1e-12)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_limits_of_integers_are_integers(dtype, torch):
    x, there = Tensor(np.arange(10), dtype=dtype), torch.arange(10, dtype=getattr(torch, dtype))
    for function, expected in (
        (F.relu6(x), torch.nn.functional.relu6(there)),
        (F.hardtanh(x, 1.5, 4.0), torch.nn.functional.hardtanh(there, 1.5, 4.0)),
    ):
        assert function.tolist() == expected.tolist()
        assert str(function.dtype) == dtype


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: F.glu(x[:, :3]), ShapeError, r"glu: size 3 of dim -1 of shape \(2, 3\)"),
        (lambda x: F.glu(x[0, 0]), ShapeError, "glu"),
        (lambda x: F.glu(x, dim=2), DimensionError, "glu: dim 2"),
        (lambda x: F.prelu(x, Tensor([1.0, 2.0])), ShapeError, r"prelu: weight has shape \(2,\).*1 number or 4"),
        (lambda x: F.prelu(x, Tensor([[1.0]])), ShapeError, "prelu"),
        (lambda x: F.prelu(x[0], Tensor([1.0] * 4)), ShapeError, "prelu"),
        (lambda x: F.hardtanh(x, 1, -1), ValueError, "min_val 1 is above max_val -1"),
        (lambda x: F.celu(x, 0.0), ValueError, "alpha is 0"),
        (lambda x: F.softmin(x.long(), 0), DtypeError, "softmax"),
        (lambda x: F.softshrink(x, -1.0), ValueError, "lambd is -1.0"),
        (lambda x: F.rrelu(x, 0.5, 0.1), ValueError, "lower 0.5 is above upper 0.1"),
        (lambda x: F.gumbel_softmax(x, 0), ValueError, "tau is 0; it must be above 0"),
        (lambda x: F.elu(x.long(), inplace=True), DtypeError, "elu: a float32 result does not fit"),
    ],
)
def test_what_makes_no_sense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X))


def test_a_value_has_no_dimensions():
    assert not hasattr(Value(1.0), "softmax")
    assert not hasattr(Value(1.0), "glu")


def test_gumbel_softmax_keeps_an_argument_without_effect():
    with pytest.warns(UserWarning, match="eps has no effect"):
        assert F.gumbel_softmax(autograd.zeros(3), 1.0, False, 1e-9, -1).shape == (3,)


def test_gumbel_softmax_draws_classes_as_often_as_softmax_says():
    logits = Tensor(np.tile([0.0, 1.0, 2.0], (20_000, 1)), requires_grad=True)
    hard = F.gumbel_softmax(logits, tau=0.5, hard=True, generator=Generator().manual_seed(0))
    assert sorted(set(hard.round(decimals=5).numpy().ravel().tolist())) == [0.0, 1.0]
    np.testing.assert_allclose(hard.detach().mean(0).numpy(), np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum(), atol=0.01)
    weights = Tensor(np.random.default_rng(0).normal(size=logits.shape))
    gradients = []
    for draw in (hard, F.gumbel_softmax(logits, 0.5, generator=Generator().manual_seed(0))):
        gradients += autograd.grad((draw * weights).sum(), logits)
    np.testing.assert_allclose(*[g.numpy() for g in gradients], rtol=1e-12)


def test_gumbel_softmax_along_another_dimension():
    soft = F.gumbel_softmax(Tensor(np.zeros((3, 4), np.float32)), dim=0)
    assert soft.dtype == np.float32
    np.testing.assert_allclose(soft.sum(0).numpy(), np.ones(4), rtol=1e-6)
