"""Padding in every mode, windows as columns and back, channels as space: PyTorch's values and derivatives."""

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor, zeros
from nn import functional as F
from tests.comparing import check_against_torch

MODES = ("constant", "reflect", "replicate", "circular")
PADS = [(1, 2), (0, 1), (-1, 2), (2, -1), (-1, -2), (1, 2, 2, 1), (-1, 1, 0, -2), (1, 0, 1, 1, 1, 2), (0, 0)]
CALLS = {
    **{
        f"pad {pad} {mode}": (lambda f, x, pad=pad, mode=mode: f.pad(x, pad, mode), (2, 3, 4, 5)[3 - len(pad) // 2 :])
        for pad in PADS
        for mode in MODES
    },
    "pad cut to nothing": (lambda f, x: f.pad(x, (1, 1, -1, -1), "reflect"), (1, 2, 3)),
    "pad cut to nothing, replicated": (lambda f, x: f.pad(x, (0, 1, 0, 0, -3, 0), "replicate"), (1, 2, 3, 2, 2)),
    "pad cut to nothing all around": (lambda f, x: f.pad(x, (-1, -2), "circular"), (2, 3)),
    "pad no channels": (lambda f, x: f.pad(x, (1, 0, 1, 2)), (1, 0, 3)),
    "pad no examples": (lambda f, x: f.pad(x, (1, 1), "reflect"), (0, 2, 3)),
    "pad with a number": (lambda f, x: f.pad(x, (1, 1), value=2.5), (3,)),
    "pad cut to the last element": (lambda f, x: f.pad(x, (-4, 5), "replicate"), (2, 4)),
    "pad all around": (lambda f, x: f.pad(x, (4, 4), "circular"), (2, 4)),
    "pad many dimensions": (lambda f, x: f.pad(x, (1, 0) * 4), (1, 2, 1, 2)),
    "unfold": (lambda f, x: f.unfold(x, (2, 3), dilation=(2, 1), padding=1, stride=(1, 2)), (2, 3, 4, 5)),
    "unfold by position": (lambda f, x: f.unfold(x, 2, 1, 0, 2), (3, 4, 5)),
    "fold": (lambda f, x: f.fold(x, (4, 5), (2, 3), 1, 1, 2), (2, 12, 9)),
    "fold without a batch": (lambda f, x: f.fold(x, 3, 2), (8, 4)),
    "pixel_shuffle": (lambda f, x: f.pixel_shuffle(x, 2), (2, 8, 2, 3)),
    "pixel_unshuffle": (lambda f, x: f.pixel_unshuffle(x, 2), (2, 2, 4, 6)),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    call, shape = CALLS[name]
    array = np.random.default_rng(0).normal(size=shape)
    check_against_torch(torch, lambda x: call(F, x), lambda x: call(torch.nn.functional, x), [array])


@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ((6,), (0, 3, 2)),
        ((4, 5), (0, 2, 1)),
        ((4, 5), (1, 0, 2)),
        ((), (0, 0, 1)),
        ((4, 5), (-1, 5, 2)),
        ((), (0, 1, 1)),
    ],
)
def test_windows_along_a_dimension(torch, shape, given):
    array = np.random.default_rng(0).normal(size=shape)
    check_against_torch(torch, lambda x: x.unfold(*given), lambda x: x.unfold(*given), [array])


def test_windows_share_memory_and_backward_notices_a_change():
    x = Tensor(np.arange(4.0))
    w = Tensor(np.ones((3, 2)), requires_grad=True)
    seen = x.unfold(0, 2, 1)
    loss = (seen * w).sum()
    x[0] = 7.0
    assert seen.numpy()[0, 0] == 7.0
    with pytest.raises(autograd.GraphError, match="changed in place"):
        loss.backward()


def test_pad_keeps_dtypes():
    assert F.pad(Tensor([True]), (1, 0)).tolist() == [False, True]
    assert F.pad(Tensor([1]), (1, 0), value=7).tolist() == [7, 1]


REFUSED = {
    "give two widths for each dimension": lambda: F.pad(zeros(2, 3), (1,)),
    "and at most 2": lambda: F.pad(zeros(3), (1, 1, 1, 1)),
    "too few elements to cut off": lambda: F.pad(zeros(3), (-2, -2)),
    "must be below the size 3": lambda: F.pad(zeros(2, 3), (3, 0), "reflect"),
    "wraps the size 3 of dim 1 twice": lambda: F.pad(zeros(2, 3), (4, 0), "circular"),
    "nothing is left": lambda: F.pad(zeros(2, 3), (-1, -2), "replicate"),
    "its 3 channels must be a multiple of 2 * 2": lambda: F.pixel_shuffle(zeros(3, 2, 2), 2),
    "has no window of size (3, 3)": lambda: F.unfold(zeros(1, 2, 2, 2), 3),
    "a multiple of 4 rows and 2 x 2 columns": lambda: F.fold(zeros(1, 8, 5), 3, 2),
    "windows of 4 elements": lambda: zeros(3).unfold(0, 4, 1),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    with pytest.raises(ShapeError) as error:
        REFUSED[message]()
    assert message in str(error.value)


def test_modes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="'constant', 'reflect', 'replicate' or 'circular'"):
        F.pad(zeros(2, 3), (1, 1), "mirror")
    with pytest.raises(ValueError, match="leave out value"):
        F.pad(zeros(2, 3), (1, 1), "reflect", 1.0)
    with pytest.raises(NotImplementedError, match="last 1, 2 or 3 dimensions"):
        F.pad(zeros(3), (1, 1), "reflect")


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("widths", [(0, 0), (0, 0, 0, 0), (0, -1), (0, 0, -1, 0), (1, -1)])
def test_what_is_padded_shares_no_memory_with_the_input(mode, widths):
    x = Tensor(np.arange(12.0).reshape(1, 3, 4))
    F.pad(x if len(widths) == 2 else x.unsqueeze(0), widths, mode).fill_(9.0)
    assert x.tolist() == np.arange(12.0).reshape(1, 3, 4).tolist()
