"""Convolutions, plain and transposed: PyTorch's values and derivatives, layout, and what is refused."""

import tracemalloc

import numpy as np
import pytest

from autograd import DtypeError, ShapeError, Tensor, zeros
from nn import functional as F
from tests.comparing import assert_close, check_against_torch

CALLS = {
    "conv1d": (lambda f, x, w, b: f.conv1d(x, w, b, stride=2, padding=1), (2, 3, 7), (4, 3, 3), (4,)),
    "conv1d same": (lambda f, x, w: f.conv1d(x, w, padding="same", dilation=2), (1, 2, 6), (2, 2, 4)),
    "conv1d by position": (lambda f, x, w, b: f.conv1d(x, w, b, 2, 1, 2, 2), (2, 4, 9), (2, 2, 3), (2,)),
    "conv2d": (lambda f, x, w, b: f.conv2d(x, w, b), (2, 3, 5, 4), (4, 3, 3, 2), (4,)),
    "conv2d stride leaves a rest": (lambda f, x, w: f.conv2d(x, w, stride=(3, 2)), (2, 1, 8, 7), (2, 1, 3, 2)),
    "conv2d of one image": (lambda f, x, w: f.conv2d(x, w, padding=(2, 0)), (3, 4, 5), (2, 3, 3, 3)),
    "conv2d groups": (lambda f, x, w: f.conv2d(x, w, groups=2, dilation=(1, 2)), (2, 4, 4, 5), (6, 2, 2, 2)),
    "conv2d depthwise": (lambda f, x, w: f.conv2d(x, w, padding="same", groups=3), (2, 3, 4, 4), (6, 1, 3, 3)),
    "conv2d valid": (lambda f, x, w: f.conv2d(x, w, padding="valid", stride=2), (9, 2, 4, 4), (2, 2, 1, 1)),
    "conv3d": (lambda f, x, w: f.conv3d(x, w, padding=1), (1, 2, 3, 2, 3), (2, 2, 2, 3, 1)),
    "conv_transpose1d": (
        lambda f, x, w, b: f.conv_transpose1d(x, w, b, 3, 1, 2, 1, 2),
        *((2, 3, 4), (3, 2, 3), (2,)),
    ),
    "conv_transpose2d": (
        lambda f, x, w: f.conv_transpose2d(x, w, stride=(3, 2), padding=(1, 2), output_padding=(2, 3), dilation=4),
        *((2, 2, 3, 4), (2, 1, 3, 4)),
    ),
    "conv_transpose2d groups": (
        lambda f, x, w, b: f.conv_transpose2d(x, w, b, stride=2, groups=2, output_padding=1),
        *((4, 3, 2), (4, 3, 2, 2), (6,)),
    ),
    "conv_transpose3d": (lambda f, x, w: f.conv_transpose3d(x, w, stride=2), (1, 2, 2, 1, 2), (2, 1, 2, 2, 2)),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    call, *shapes = CALLS[name]
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in shapes]
    check_against_torch(torch, lambda *x: call(F, *x), lambda *x: call(torch.nn.functional, *x), arrays)


@pytest.mark.parametrize("largest", [1, 300, 2000])
@pytest.mark.parametrize("name", CALLS)
def test_columns_made_part_by_part(torch, monkeypatch, name, largest):
    monkeypatch.setattr("autograd.arrays.layers.LARGEST", largest)
    test_agrees_with_torch(torch, name)


def test_columns_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("autograd.arrays.layers.LARGEST", 1 << 20)
    x = Tensor(np.ones((16, 8, 32, 32), np.float32), requires_grad=True)
    w = Tensor(np.ones((8, 8, 7, 7), np.float32), requires_grad=True)
    tracemalloc.start()
    F.conv2d(x, w, padding=3).sum().backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * x.numpy().nbytes  # all columns are 49 times as large


@pytest.mark.parametrize("batch", [0, 1, 3, 8, 9, 17])
def test_any_batch(torch, batch):
    x, w = np.random.default_rng(0).normal(size=(batch, 2, 4, 3)), np.random.default_rng(1).normal(size=(3, 2, 2, 2))
    here, there = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    out, expected = F.conv2d(here, Tensor(w)), torch.nn.functional.conv2d(there, torch.tensor(w))
    assert_close(out.numpy(), expected.detach().numpy())
    out.square().sum().backward()
    expected.square().sum().backward()
    assert_close(here.grad.numpy(), there.grad.numpy())


def test_operands_in_any_memory_layout():
    x, w = np.random.default_rng(0).normal(size=(3, 2, 5, 4)), np.random.default_rng(1).normal(size=(3, 2, 2, 2))
    expected = F.conv2d(Tensor(x), Tensor(w)).numpy()
    for order in ((0, 1, 2, 3), (1, 2, 3, 0), (0, 2, 3, 1), (3, 2, 1, 0)):
        moved = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
        assert_close(F.conv2d(Tensor.of(moved), Tensor.of(np.asfortranarray(w))).numpy(), expected)


def test_integers_stay_integers():
    out = F.conv1d(Tensor(np.arange(5).reshape(1, 1, 5)), Tensor(np.array([[[1, 10]]])))
    assert out.dtype == np.int64
    assert out.tolist() == [[[10, 21, 32, 43]]]


def test_infinity_stays_in_its_windows():
    x = np.zeros((1, 1, 5))
    x[0, 0, 4] = np.inf
    assert F.conv1d(Tensor(x), Tensor(np.ones((1, 1, 2)))).tolist() == [[[0, 0, 0, np.inf]]]


REFUSED = {
    "conv2d: input (2, 3, 8, 8) with weight (16, 4, 3, 3): the input has 3 channels, the weight wants 4 x groups=1": (
        lambda: F.conv2d(zeros(2, 3, 8, 8), zeros(16, 4, 3, 3))
    ),
    "conv2d: input (3, 8) must be (N, C, H, W) or, without a batch, (C, H, W)": (
        lambda: F.conv2d(zeros(3, 8), zeros(4, 3, 3, 3))
    ),
    "conv1d: weight (3, 3) must be (channels, channels, KL)": lambda: F.conv1d(zeros(2, 3, 8), zeros(3, 3)),
    "must be a positive multiple of groups=3": lambda: F.conv1d(zeros(2, 3, 8), zeros(4, 1, 3), groups=3),
    "bias (3,) must have one number for each of 4": lambda: F.conv1d(zeros(2, 3, 8), zeros(4, 3, 3), zeros(3)),
    "stride=0 must not be below 1": lambda: F.conv1d(zeros(2, 3, 8), zeros(4, 3, 3), stride=0),
    "padding=-1 must not be below 0": lambda: F.conv1d(zeros(2, 3, 8), zeros(4, 3, 3), padding=-1),
    "dilation=(1, 2, 3) must be one integer or one for each of 2": (
        lambda: F.conv2d(zeros(2, 3, 8, 8), zeros(4, 3, 3, 3), dilation=(1, 2, 3))
    ),
    "padding='same' is for stride 1": lambda: F.conv1d(zeros(2, 3, 8), zeros(4, 3, 3), stride=2, padding="same"),
    "the kernel spans (7,)": lambda: F.conv1d(zeros(2, 3, 6), zeros(4, 3, 3), dilation=3),
    "output_padding=(2,) must be smaller than stride=(2,)": (
        lambda: F.conv_transpose1d(zeros(2, 3, 6), zeros(3, 4, 3), stride=2, output_padding=2)
    ),
    "the input has 2 channels, the weight wants 3": lambda: F.conv_transpose1d(zeros(1, 2, 6), zeros(3, 4, 3)),
    "use less padding": lambda: F.conv_transpose1d(zeros(1, 3, 2), zeros(3, 4, 3), padding=2),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    with pytest.raises(ShapeError) as error:
        REFUSED[message]()
    assert message in str(error.value)


def test_unknown_padding_is_refused():
    with pytest.raises(ValueError, match="'valid' or 'same'"):
        F.conv1d(zeros(2, 3, 8), zeros(4, 3, 3), padding="full")


def test_mixed_dtypes_are_refused():
    with pytest.raises(DtypeError, match="input float32, weight float64: the dtypes must be the same"):
        F.conv1d(zeros(2, 3, 8), zeros(4, 3, 3).double())
    with pytest.raises(DtypeError, match="bool"):
        F.conv1d(zeros(2, 3, 8).bool(), zeros(4, 3, 3).bool())
