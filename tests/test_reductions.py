"""Reductions: results, gradients and second derivatives are PyTorch's, for every way to name dimensions."""

import numpy as np
import pytest

import autograd
from autograd import Tensor
from tests.comparing import assert_close, check_against_torch

DIMS = [None, 0, 1, -1, (0,), (0, 2), (-1, 1), (0, 1, 2)]
X = np.random.default_rng(2).uniform(-2, 2, (2, 3, 4))


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "amax", "amin", "logsumexp"])
def test_over_dimensions(name, dim, keepdim, torch):
    if dim is None:
        dim = (0, 1, 2) if name in ("logsumexp", "amax", "amin") else None

    def program(x):
        return getattr(x, name)(dim, keepdim=keepdim)

    check_against_torch(torch, program, program, [X])


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "prod", "max", "min"])
def test_of_everything(name, torch):
    check_against_torch(torch, lambda x: getattr(x, name)(), lambda x: getattr(x, name)(), [X])


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ["prod", "max", "min", "cumsum", "softmax", "log_softmax"])
def test_along_one_dimension(name, dim, keepdim, torch):
    def program(x):
        out = getattr(x, name)(dim, keepdim=keepdim) if name in ("prod", "max", "min") else getattr(x, name)(dim)
        return out.values if name in ("max", "min") else out

    check_against_torch(torch, program, program, [X])


@pytest.mark.parametrize("zeros", [(), (1,), (0, 2), (0, 1, 2)], ids=str)
def test_prod_with_zeros(zeros, torch):
    row = np.array([1.5, -2.0, 3.0])
    row[list(zeros)] = 0.0
    check_against_torch(torch, lambda x: x.prod(), lambda x: x.prod(), [row])
    check_against_torch(torch, lambda x: x.prod(1), lambda x: x.prod(1), [np.stack([row, row + 1])])


NAMES_0D = ["sum", "mean", "prod", "amax", "amin", "logsumexp", "softmax", "log_softmax", "cumsum"]


@pytest.mark.parametrize("dim", [0, -1])
@pytest.mark.parametrize("name", NAMES_0D)
def test_of_a_number(name, dim, torch):
    check_against_torch(torch, lambda x: getattr(x, name)(dim), lambda x: getattr(x, name)(dim), [np.array(1.5)])


@pytest.mark.parametrize(("shape", "dim"), [((0,), 0), ((0, 3), 0), ((2, 0), 1), ((0, 3), 1), ((0,), None)], ids=str)
@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "softmax", "log_softmax", "logsumexp"])
def test_of_nothing(name, shape, dim, torch):
    if dim is None and name not in ("sum", "prod"):
        dim = 0

    def program(x):
        return getattr(x, name)(dim) if dim is not None else getattr(x, name)()

    check_against_torch(torch, program, program, [np.zeros(shape)])


def test_mean_of_nothing_is_nan(torch):
    assert np.isnan(Tensor(np.zeros(0)).mean().item())
    assert torch.zeros(0).mean().isnan()
    assert Tensor(np.zeros((2, 0))).mean(1).isnan().all()


@pytest.mark.filterwarnings("ignore:(var|std)\\(\\). degrees of freedom:UserWarning")
@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize(
    "options", [{"unbiased": False}, {"unbiased": True}, {"correction": 0}, {"correction": 2}], ids=str
)
def test_spread(name, options, torch):
    check_against_torch(torch, lambda x: getattr(x, name)(1, **options), lambda x: getattr(x, name)(1, **options), [X])


def test_spread_without_a_dimension(torch):
    check_against_torch(torch, lambda x: x.var(unbiased=False), lambda x: x.var(unbiased=False), [X])
    check_against_torch(torch, lambda x: x.std(False), lambda x: x.std(False), [X])


@pytest.mark.filterwarnings("ignore:(var|std)\\(\\). degrees of freedom:UserWarning")
@pytest.mark.parametrize(
    ("shape", "correction"), [((1,), 1), ((3,), 3), ((3,), 5), ((0,), 0), ((0,), 1), ((1,), 0)], ids=str
)
def test_spread_without_freedom(shape, correction, torch):
    array = np.linspace(1, 2, int(np.prod(shape))).reshape(shape)
    assert_close(
        Tensor(array).var(0, correction=correction).numpy(), torch.tensor(array).var(0, correction=correction).numpy()
    )


TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [5.0, 1.0, 0.0]])


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ["max", "min"])
def test_max_and_min_with_indices(name, dim, keepdim, torch):
    here, there = Tensor(TIES, requires_grad=True), torch.tensor(TIES, requires_grad=True)
    values, indices = getattr(here, name)(dim, keepdim)
    expected, positions = getattr(there, name)(dim, keepdim)
    assert (values.tolist(), indices.tolist()) == (expected.tolist(), positions.tolist())
    assert (indices.dtype, indices.requires_grad, values.requires_grad) == (np.int64, False, True)
    (values * values).sum().backward()
    (expected * expected).sum().backward()
    assert here.grad.tolist() == there.grad.tolist()


@pytest.mark.parametrize("name", ["max", "min"])
def test_nan_wins_in_max_and_min(name, torch):
    array = np.array([1.0, np.nan, 3.0])
    values, indices = getattr(Tensor(array), name)(0)
    assert np.isnan(values.item())
    assert indices.item() == getattr(torch.tensor(array), name)(0).indices.item() == 1


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, 1, -2])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_positions(name, dim, keepdim, torch):
    found = getattr(Tensor(TIES), name)(dim, keepdim)
    expected = getattr(torch.tensor(TIES), name)(dim, keepdim)
    assert found.tolist() == expected.tolist()
    assert found.dtype == np.int64


@pytest.mark.parametrize("dim", [None, 0, -1, (0, 1)], ids=str)
def test_all_and_any(dim, torch):
    array = np.array([[0.0, 1.0], [2.0, 3.0]])
    for name in ("all", "any"):
        found, expected = getattr(Tensor(array), name), getattr(torch.tensor(array), name)
        assert found(dim).tolist() == (expected(dim) if dim is not None else expected()).tolist()
        assert found(dim).dtype == bool


def test_extremes_of_two_tensors(torch):
    check_against_torch(torch, autograd.max, torch.max, [X, X[::-1].copy()])
    check_against_torch(torch, autograd.min, torch.min, [X, X[0]])


GRADIENTS_AT_EDGES = {
    "std of equal elements": ([3.0, 3.0], lambda x: x.std()),
    "std of equal elements along a dimension": ([3.0, 3.0], lambda x: x.std(0)),
    "amax with nan": ([np.nan, 1.0], lambda x: x.amax()),
    "max with nan along a dimension": ([np.nan, 1.0], lambda x: x.max(0).values),
    "max of ties": ([2.0, 2.0, 1.0], lambda x: x.max()),
    "var of one": ([2.0], lambda x: x.var()),
    "prod of nothing": ([], lambda x: x.prod()),
    "logsumexp of -inf": ([-np.inf, -np.inf], lambda x: x.logsumexp(0)),
    "logsumexp with inf": ([np.inf, 1.0], lambda x: x.logsumexp(0)),
    "log_softmax with -inf": ([-np.inf, 1.0], lambda x: x.log_softmax(0)[1]),
    "softmax with -inf": ([-np.inf, 1.0], lambda x: x.softmax(0)[1]),
}


@pytest.mark.filterwarnings("ignore:(var|std)\\(\\). degrees of freedom:UserWarning")
@pytest.mark.parametrize("name", GRADIENTS_AT_EDGES)
def test_gradient_at_an_edge(name, torch):
    data, program = GRADIENTS_AT_EDGES[name]
    here = Tensor(np.array(data), requires_grad=True)
    there = torch.tensor(data, dtype=torch.float64, requires_grad=True)
    out, expected = program(here), program(there)
    assert_close(out.numpy(), expected.detach().numpy())
    out.backward()
    expected.backward()
    assert_close(here.grad.numpy(), there.grad.numpy())


def test_infinities_and_nan_give_no_warning():
    for numbers in ([-np.inf, -np.inf], [np.inf, 1.0], [np.inf, -np.inf], [np.nan, 1.0]):
        x = Tensor(np.array(numbers), requires_grad=True)  # a warning is an error here
        for out in (x.sum(), x.mean(), x.var(), x.softmax(0)[0], x.log_softmax(0)[0], x.logsumexp(0), x.cumsum(0)[1]):
            out.backward()


# Running products, sums without NaN, spreads ------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [(), (1,), (0, 2), (3,), (0, 1, 2, 3)], ids=str)
def test_cumprod_with_zeros(zeros, torch):
    row = np.array([1.5, -2.0, 3.0, 0.5])
    row[list(zeros)] = 0.0
    check_against_torch(torch, lambda x: x.cumprod(0), lambda x: x.cumprod(0), [row])
    stack = np.stack([row, row + 1])
    check_against_torch(torch, lambda x: x.cumprod(-1), lambda x: x.cumprod(-1), [stack])
    check_against_torch(torch, lambda x: x.prod(0, True), lambda x: x.prod(0, True), [stack])


def test_third_derivative_of_a_product_with_zeros():
    x = Tensor(np.array([0.0, 0.0, 0.0]), requires_grad=True)
    out = x.prod()
    for i in range(3):  # d3 (x y z) / dx dy dz is 1
        (slope,) = autograd.grad(out, x, create_graph=True)
        out = slope[i]
    assert out.item() == 1.0


HOLES = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [0.5, 2.0, -1.0]])


@pytest.mark.parametrize("dim", [None, 0, 1, (0, 1)], ids=str)
@pytest.mark.parametrize("name", ["nansum", "nanmean"])
def test_nan_left_out(name, dim, torch):
    here, there = Tensor(HOLES, requires_grad=True), torch.tensor(HOLES, requires_grad=True)
    out, expected = getattr(here, name)(dim, keepdim=True), getattr(there, name)(dim, keepdim=True)
    assert_close(out.numpy(), expected.detach().numpy())
    out.sum().backward()
    expected.sum().backward()
    assert_close(here.grad.numpy(), there.grad.numpy())


@pytest.mark.filterwarnings("ignore:(var|std)\\(\\). degrees of freedom:UserWarning")
@pytest.mark.parametrize("name", ["var_mean", "std_mean"])
@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), ((False,), {}), ((1,), {}), ((1, False, True), {}), ((), {"dim": (0, 2), "correction": 0})],
    ids=str,
)
def test_spread_and_mean(name, given, named, torch):
    for k in range(2):
        check_against_torch(
            torch,
            lambda x, k=k: getattr(autograd, name)(x, *given, **named)[k],
            lambda x, k=k: getattr(torch, name)(x, *given, **named)[k],
            [X],
        )


def test_derivatives_of_std_of_equal_elements_are_zero():
    x = Tensor(np.full((2, 3), 0.1), requires_grad=True)  # whose mean is not 0.1
    (slope,) = autograd.grad(x.std(1).sum(), x, create_graph=True)
    (second,) = autograd.grad((slope * Tensor(X[0, :2, :3])).sum(), x)
    assert not slope.any()
    assert not second.any()


DTYPES = {
    "sum of booleans": lambda t: t.tensor([True, True]).sum(),
    "sum in bool": lambda t: t.tensor([0.5, 0.5]).sum(dtype=t.tensor(True).dtype),
    "sum in int32": lambda t: t.tensor([1.5, 1.5]).sum(dtype=t.int32),
    "prod of booleans": lambda t: t.tensor([True, True]).prod(),
    "prod in int16": lambda t: t.tensor([300, 300]).prod(dtype=t.int16),
    "cumprod of int32": lambda t: t.tensor([1, 2], dtype=t.int32).cumprod(0),
    "cumprod in float64": lambda t: t.tensor([1, 2]).cumprod(0, dtype=t.float64),
    "cumsum of booleans": lambda t: t.tensor([True, True]).cumsum(0),
    "cumsum in int64": lambda t: t.tensor([1.5, 2.5]).cumsum(0, dtype=t.int64),
    "mean in float64": lambda t: t.tensor([1, 2]).mean(dtype=t.float64),
    "nansum of integers": lambda t: t.tensor([1, 2], dtype=t.int32).nansum(),
    "nansum in float64": lambda t: t.tensor([1, 2]).nansum(dtype=t.float64),
    "nanmean in float64": lambda t: t.tensor([1.0, float("nan")]).nanmean(dtype=t.float64),
    "logsumexp of integers": lambda t: t.tensor([1, 2]).logsumexp(0),
    "trace of int32": lambda t: t.tensor([[1, 2], [3, 4]], dtype=t.int32).trace(),
    "var of float16": lambda t: t.tensor([300.0, -300.0, 5.0], dtype=t.float16).var(correction=1000),
}


@pytest.mark.filterwarnings("ignore:(var|std)\\(\\). degrees of freedom:UserWarning")
@pytest.mark.parametrize("name", DTYPES)
def test_dtypes(name, torch):
    found, expected = DTYPES[name](autograd), DTYPES[name](torch)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6)
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")


@pytest.mark.parametrize("shape", [(100_000, 2), (3, 50_000, 2), (129, 3), (128, 3), (100_001, 3)], ids=str)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-6), (np.float16, 2e-3)])
def test_long_sums_are_accurate(shape, dtype, rtol):
    x = Tensor(np.full(shape, 0.1, dtype))
    for dim in range(len(shape) - 1):
        assert_close(x.mean(dim).numpy().astype(float), np.full(x.mean(dim).shape, float(dtype(0.1))), rtol=rtol)
    if dtype == np.float32:
        expected = x.numpy().astype(float).sum(len(shape) - 2)
        assert_close(x.sum(len(shape) - 2).numpy().astype(float), expected, rtol=rtol)
        assert_close(x.transpose(-1, -2).sum(-1).numpy().astype(float), expected, rtol=rtol)


def test_the_mean_of_large_halves_does_not_overflow():
    assert Tensor(np.full(100, 60000.0, np.float16)).mean().item() == 60000.0


def test_the_gradient_of_a_bias_keeps_its_digits_over_many_rows():
    bias = Tensor(np.zeros(2, np.float32), requires_grad=True)
    (Tensor(np.ones((1_000_000, 2), np.float32)) + bias).backward(np.full((1_000_000, 2), 0.1, np.float32))
    np.testing.assert_allclose(bias.grad.numpy(), 1e5, rtol=1e-6)


@pytest.mark.parametrize("dim", [0, 1])
def test_logcumsumexp_far_from_0(dim, torch):
    array = np.array([[1000.0, -1000.0, 3.0], [-2000.0, -1e5, 4.0], [1001.0, -999.0, -np.inf]])
    here, there = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    found, expected = here.logcumsumexp(dim), torch.logcumsumexp(there, dim)
    assert_close(found.numpy(), expected.detach().numpy())
    weights = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0], [2.0, -0.5, 1.5]])
    (found * Tensor(weights)).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    assert_close(here.grad.numpy(), there.grad.numpy())


def test_logcumsumexp_that_begins_with_minus_infinity_has_the_gradients_of_what_follows():
    """PyTorch's are NaN from the start."""
    x = Tensor([-np.inf, -np.inf, 1.0, 2.0], dtype="float64", requires_grad=True)
    x.logcumsumexp(0)[-1].backward()
    assert_close(x.grad.numpy(), Tensor([-np.inf, -np.inf, 1.0, 2.0], dtype="float64").softmax(0).numpy())
    x = Tensor([1.0, np.inf], requires_grad=True)
    x.logcumsumexp(0).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
