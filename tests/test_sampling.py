"""Images read at any places: PyTorch's values and gradients, within and beyond the edges."""

from itertools import product

import numpy as np
import pytest

from autograd import DtypeError, ShapeError, Tensor, compile
from nn import functional as F
from tests.comparing import assert_close, check_against_torch

RANDOM = np.random.default_rng(0)
IMAGE, GRID = RANDOM.normal(size=(2, 2, 4, 5)), RANDOM.uniform(-2.5, 2.5, (2, 3, 2, 2))
VOLUME, PLACES = RANDOM.normal(size=(1, 1, 3, 2, 4)), RANDOM.uniform(-2.5, 2.5, (1, 2, 2, 2, 3))
HOW = list(product(["bilinear", "nearest", "bicubic"], ["zeros", "border", "reflection"], [True, False]))


@pytest.mark.parametrize(("mode", "padding_mode", "align_corners"), HOW)
def test_grid_sample(mode, padding_mode, align_corners, torch):
    how = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    pairs = [(IMAGE, GRID)] + [(VOLUME[..., :1], PLACES)] * (mode != "bicubic")
    for arrays in pairs:
        check_against_torch(
            torch,
            lambda x, g: F.grid_sample(x, g, **how) + 0.0 * g.sum(),  # the nearest element's has no slope
            lambda x, g: torch.nn.functional.grid_sample(x, g, **how),
            arrays,
        )


@pytest.mark.filterwarnings("ignore:Since version 1.3.0, affine_grid")
@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 3), (2, 1, 3, 2, 4)])
def test_affine_grid(size, align_corners, torch):
    n = len(size) - 2
    theta = RANDOM.normal(size=(2, n, n + 1))
    check_against_torch(
        torch,
        lambda x: F.affine_grid(x, size, align_corners),
        lambda x: torch.nn.functional.affine_grid(x, size, align_corners),
        [theta],
    )


def test_the_identity_reads_every_element():
    for align_corners in (True, False):
        grid = F.affine_grid(Tensor(np.eye(2, 3)[None]), (1, 2, 4, 5), align_corners)
        out = F.grid_sample(Tensor(IMAGE[:1]), grid, align_corners=align_corners)
        assert_close(out.numpy(), IMAGE[:1])


def test_a_replay_reads_other_places():
    replayed = compile(F.grid_sample)
    for grid in (GRID, GRID[::-1].copy() / 2):
        found = replayed(Tensor(IMAGE), Tensor(grid))
        assert_close(found.numpy(), F.grid_sample(Tensor(IMAGE), Tensor(grid)).numpy())
    assert replayed.recordings == 1


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x, g: F.grid_sample(x, g, "linear"), ValueError, "mode='linear'"),
        (lambda x, g: F.grid_sample(x, g, padding_mode="wrap"), ValueError, "padding_mode='wrap'"),
        (lambda x, g: F.grid_sample(x, g[:1]), ShapeError, r"input \(2, 2, 4, 5\) and grid \(1, 3, 2, 2\)"),
        (lambda x, g: F.grid_sample(x[..., :0], g), ShapeError, "has no elements to read"),
        (lambda x, g: F.grid_sample(x, g.float()), DtypeError, "input float64 and grid float32"),
        (lambda x, g: F.grid_sample(Tensor(VOLUME), Tensor(PLACES), "bicubic"), ShapeError, "'bicubic' is for"),
        (lambda x, g: F.affine_grid(x[0, :, :2, :3], (3, 1, 4, 4)), ShapeError, r"theta \(2, 2, 3\) for size"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(IMAGE), Tensor(GRID))
