"""Pooling: PyTorch's values, indices and derivatives, its choice among equals, and what is refused."""

import inspect

import numpy as np
import pytest

import nn
from autograd import DtypeError, ShapeError, Tensor, zeros
from nn import functional as F
from tests.comparing import assert_close, check_against_torch

CALLS = {
    "max_pool1d": (lambda f, x: f.max_pool1d(x, 3, 2, 1, 1, True), (2, 3, 6)),
    "max_pool2d": (lambda f, x: f.max_pool2d(x, 2), (2, 3, 5, 4)),
    "max_pool2d overlapping": (lambda f, x: f.max_pool2d(x, (3, 2), stride=1, padding=(1, 0)), (2, 2, 4, 5)),
    "max_pool2d dilated": (lambda f, x: f.max_pool2d(x, 2, dilation=(2, 3), ceil_mode=True), (3, 6, 5)),
    "max_pool3d": (lambda f, x: f.max_pool3d(x, 2, stride=(1, 2, 1)), (1, 2, 3, 4, 2)),
    "avg_pool1d": (lambda f, x: f.avg_pool1d(x, 3, 2, 1, True, False), (2, 3, 6)),
    "avg_pool2d": (lambda f, x: f.avg_pool2d(x, 2), (2, 3, 5, 4)),
    "avg_pool2d ceil": (lambda f, x: f.avg_pool2d(x, 3, 2, 1, ceil_mode=True), (2, 3, 6, 5)),
    "avg_pool2d divisor": (lambda f, x: f.avg_pool2d(x, (3, 2), 1, divisor_override=-5), (3, 4, 5)),
    "avg_pool3d": (lambda f, x: f.avg_pool3d(x, 2, padding=1, count_include_pad=False), (1, 2, 3, 4, 2)),
    "lp_pool1d": (lambda f, x: f.lp_pool1d(x, 2, 3, 2, True), (2, 3, 6)),
    "lp_pool2d of odd power": (lambda f, x: f.lp_pool2d(x * x, 3.0, (3, 2), 1), (2, 3, 4, 5)),
    "lp_pool3d": (lambda f, x: f.lp_pool3d(x, 4, 2, stride=(1, 2, 1)), (2, 3, 4, 2)),
    "lp_pool2d of the smallest": (lambda f, x: f.lp_pool2d(x, -float("inf"), 2), (2, 5, 4)),
    "adaptive_avg_pool1d": (lambda f, x: f.adaptive_avg_pool1d(x, 3), (2, 3, 7)),
    "adaptive_avg_pool2d": (lambda f, x: f.adaptive_avg_pool2d(x, (3, None)), (2, 3, 7, 4)),
    "adaptive_avg_pool2d even": (lambda f, x: f.adaptive_avg_pool2d(x, 2), (3, 6, 4)),
    "adaptive_avg_pool2d of all": (lambda f, x: f.adaptive_avg_pool2d(x, 1), (2, 3, 5, 4)),
    "adaptive_avg_pool2d more than there are": (lambda f, x: f.adaptive_avg_pool2d(x, 5), (1, 2, 3, 4)),
    "adaptive_max_pool1d": (lambda f, x: f.adaptive_max_pool1d(x, 3), (2, 3, 7)),
    "adaptive_max_pool2d": (lambda f, x: f.adaptive_max_pool2d(x, (3, None)), (2, 3, 7, 4)),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    call, shape = CALLS[name]
    array = np.random.default_rng(0).normal(size=shape)
    check_against_torch(torch, lambda x: call(F, x), lambda x: call(torch.nn.functional, x), [array])


TIES = {
    "equal": np.ones((1, 1, 4, 4)),
    "nothing but -inf": np.full((1, 1, 4, 4), -np.inf),
    "NaN": np.where(np.arange(16).reshape(1, 1, 4, 4) % 3, 1.0, np.nan),
    "integers": np.random.default_rng(0).integers(-3, 3, (2, 2, 5, 4)),
    "the smallest integers": np.full((1, 1, 4, 4), np.iinfo(np.int64).min),
}


@pytest.mark.parametrize("name", TIES)
@pytest.mark.parametrize("settings", [{}, {"stride": 1, "padding": 1}, {"padding": 1, "ceil_mode": True}])
def test_choice_is_torchs(torch, name, settings):
    values, indices = F.max_pool2d(Tensor(TIES[name]), 3, **settings, return_indices=True)
    expected = torch.nn.functional.max_pool2d(torch.tensor(TIES[name]), 3, **settings, return_indices=True)
    np.testing.assert_array_equal(values.numpy(), expected[0].numpy())
    np.testing.assert_array_equal(indices.numpy(), expected[1].numpy())
    assert values.numpy().dtype == TIES[name].dtype
    assert indices.dtype == np.int64


@pytest.mark.parametrize("size", [1, 3, (2, None), 0])
def test_adaptive_indices(torch, size):
    x = np.random.default_rng(0).normal(size=(3, 5, 4))
    values, indices = F.adaptive_max_pool2d(Tensor(x), size, return_indices=True)
    expected = torch.nn.functional.adaptive_max_pool2d(torch.tensor(x), size, return_indices=True)
    np.testing.assert_array_equal(values.numpy(), expected[0].numpy())
    np.testing.assert_array_equal(indices.numpy(), expected[1].numpy())


def test_window_of_many_places(torch):
    x = np.random.default_rng(0).normal(size=(2, 1, 20, 17))
    for settings in ({"kernel_size": 16}, {"kernel_size": 17, "stride": 1}):
        _, found = F.max_pool2d(Tensor(x), **settings, return_indices=True)
        _, expected = torch.nn.functional.max_pool2d(torch.tensor(x), **settings, return_indices=True)
        np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_the_gradient_goes_to_the_element_that_was_chosen():
    x = Tensor([[1.0, 2.0, 2.0, 0.0]], requires_grad=True)
    F.max_pool1d(x, 3, stride=1).backward(Tensor([[1.0, 10.0]]))
    assert x.grad.tolist() == [[0, 11, 0, 0]]


def test_integer_means_are_cut_off(torch):
    x = np.array([[[-3, -2, 0, 5]]])
    out, expected = F.avg_pool1d(Tensor(x), 2), torch.nn.functional.avg_pool1d(torch.tensor(x), 2)
    assert out.dtype == np.int64
    assert out.tolist() == expected.tolist()


def test_infinity_stays_in_its_windows():
    x = Tensor([[1.0, 2.0, np.inf]])
    assert F.adaptive_avg_pool1d(x, 2).tolist() == [[1.5, np.inf]]
    assert F.avg_pool1d(x, 2, 1).tolist() == [[1.5, np.inf]]


def test_empty_batch():
    assert F.max_pool2d(zeros(0, 3, 4, 4), 2).shape == F.avg_pool2d(zeros(0, 3, 4, 4), 2).shape == (0, 3, 2, 2)
    assert F.adaptive_avg_pool2d(zeros(0, 3, 5, 4), 3).shape == (0, 3, 3, 3)


REFUSED = {
    "padding=(2,) must be at most half of what a window spans": lambda: F.max_pool1d(zeros(1, 2, 8), 3, padding=2),
    "has nothing in it": lambda: F.avg_pool1d(zeros(2, 3, 0), 1),
    "a window that spans (9,)": lambda: F.max_pool1d(zeros(1, 2, 8), 5, dilation=2),
    "kernel_size=0 must not be below 1": lambda: F.avg_pool1d(zeros(1, 2, 8), 0),
    "input (8,) must be (N, C, L) or, without a batch, (C, L)": lambda: F.avg_pool1d(zeros(8), 2),
    "output_size=() must be one integer": lambda: F.adaptive_avg_pool2d(zeros(1, 2, 8, 8), ()),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    with pytest.raises(ShapeError) as error:
        REFUSED[message]()
    assert message in str(error.value)


def test_booleans_are_refused():
    for pool in (F.max_pool1d, F.avg_pool1d):
        with pytest.raises(DtypeError, match="bool"):
            pool(zeros(1, 2, 8).bool(), 2)


def test_mean_of_large_window_in_float32():
    x = np.full((1, 1, 64, 64), 0.1, np.float32)
    assert_close(F.avg_pool2d(Tensor(x), 64).numpy(), np.full((1, 1, 1, 1), 0.1), rtol=1e-4)


@pytest.mark.parametrize("size", [2, (1, 3), (3, 2), 1])
def test_of_equal_elements_the_first_gets_the_gradient_and_of_nans_the_last(torch, size):
    source = np.random.default_rng(0)
    x = source.integers(0, 3, (4, 2, 5, 7)).astype(float)
    x[1][source.random(x[1].shape) < 0.4] = np.nan
    x[0, 0, 1, 2], x[2, 1, 4, :3] = np.nan, [np.inf, np.nan, -np.inf]
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    out, expected = F.max_pool2d(ours, size), torch.nn.functional.max_pool2d(theirs, size)
    np.testing.assert_array_equal(out.numpy(), expected.detach().numpy())
    out.backward(Tensor(np.arange(1.0, out.numpy().size + 1).reshape(out.shape)))
    expected.backward(torch.arange(1.0, out.numpy().size + 1, dtype=torch.float64).reshape(out.shape))
    np.testing.assert_array_equal(ours.grad.numpy(), theirs.grad.numpy())


def test_of_nothing_but_zeros_the_power_has_the_gradient_0(torch):
    x = np.array([[[0.0, 0.0, 3.0, -4.0]]])
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    F.lp_pool1d(ours, 2, 2).sum().backward()
    torch.nn.functional.lp_pool1d(theirs, 2, 2).sum().backward()
    assert_close(ours.grad.numpy(), theirs.grad.numpy())


@pytest.mark.parametrize("n", [1, 2, 3])
def test_with_indices(torch, n):
    x = Tensor(np.random.default_rng(0).normal(size=(2, 3, *(5, 4, 6)[:n])))
    for name, *given in ((f"max_pool{n}d", 2, 1), (f"adaptive_max_pool{n}d", 3)):
        pool, both = getattr(F, name), getattr(F, f"{name}_with_indices")
        for found, expected in zip(both(x, *given), pool(x, *given, return_indices=True), strict=True):
            np.testing.assert_array_equal(found.numpy(), expected.numpy())
        assert both.__name__ == f"{name}_with_indices"
        theirs = getattr(torch.nn.functional, both.__name__)
        assert list(inspect.signature(both).parameters) == list(inspect.signature(theirs).parameters)


# Unpooling ---------------------------------------------------------------------------------------------------------

UNPOOLED = {
    "side by side": ((2, 3, 6, 4), {"kernel_size": 2}, {}),
    "without a batch": ((3, 6, 4), {"kernel_size": (3, 2)}, {}),
    "padded": ((2, 2, 6, 5), {"kernel_size": 2, "stride": 3, "padding": 1}, {"output_size": (6, 5)}),
    "of another size": ((1, 2, 5, 7), {"kernel_size": 2}, {"output_size": (1, 2, 5, 7)}),
    "of a line": ((2, 3, 7), {"kernel_size": 2}, {"output_size": (7,)}),
    "of a volume": ((1, 2, 4, 2, 3), {"kernel_size": (2, 1, 3)}, {}),
}


@pytest.mark.parametrize("name", UNPOOLED)
def test_unpooling(torch, name):
    shape, settings, wanted = UNPOOLED[name]
    n = 1 if "line" in name else 3 if "volume" in name else 2
    x = np.random.default_rng(0).normal(size=shape)
    modules = [
        (getattr(place, f"MaxPool{n}d")(**settings, return_indices=True), getattr(place, f"MaxUnpool{n}d")(**settings))
        for place in (nn, torch.nn)
    ]
    assert repr(modules[0][1]) == repr(modules[1][1])
    _, indices = modules[0][0](Tensor(x))

    def through(pool, unpool):
        return lambda x: unpool(*pool(x), **wanted)

    check_against_torch(torch, through(*modules[0]), through(*modules[1]), [x])
    values = np.random.default_rng(1).normal(size=indices.shape)
    at = torch.tensor(indices.numpy())
    check_against_torch(
        torch,
        lambda v: getattr(F, f"max_unpool{n}d")(v, indices, **settings, **wanted),
        lambda v: getattr(torch.nn.functional, f"max_unpool{n}d")(v, at, **settings, **wanted),
        [values],
    )


def test_an_element_of_several_windows_is_put_once():
    x = Tensor([[[0.0, 5.0, 1.0]]], requires_grad=True)
    values, indices = F.max_pool1d(x, 2, 1, return_indices=True)
    out = F.max_unpool1d(values, indices, 2, 1)
    assert out.tolist() == [[[0, 5, 0]]]
    out.sum().backward()
    assert x.grad.tolist() == [[[0, 1, 0]]]


V, AT = zeros(1, 2, 2, 2), zeros(1, 2, 2, 2).long()
WRONG = {
    "index 20 is out of range: the output (4, 4) has 16": (ShapeError, lambda: F.max_unpool2d(V, AT + 20, 2)),
    "with indices (1, 1, 2, 2); they must have one shape": (ShapeError, lambda: F.max_unpool2d(V, AT[:, :1], 2)),
    "the indices have dtype int32": (DtypeError, lambda: F.max_unpool2d(V, AT.int(), 2)),
    "must be positive and differ from (4, 4) by less": (
        ShapeError,
        lambda: F.max_unpool2d(V, AT, 2, output_size=(9, 9)),
    ),
    "must have 2 sizes": (ShapeError, lambda: F.max_unpool2d(V, AT, 2, output_size=(4,))),
    "norm_type=0 is no power": (ValueError, lambda: F.lp_pool2d(V, 0, 2)),
    "its 2 channels must be a multiple of groups=3": (ShapeError, lambda: F.channel_shuffle(V, 3)),
    "input (2, 2) must be (N, C, L, ...)": (ShapeError, lambda: F.channel_shuffle(V[0, 0], 2)),
    "with size=0: it must be": (ShapeError, lambda: F.local_response_norm(V, 0)),
}


@pytest.mark.parametrize("message", WRONG)
def test_refused_by_the_others(message):
    kind, call = WRONG[message]
    with pytest.raises(kind) as error:
        call()
    assert message in str(error.value)
