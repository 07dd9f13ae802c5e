"""Reading images and volumes at places of one's own: PyTorch's values and derivatives, within, at the edge, outside."""

import warnings

import numpy as np
import pytest

from autograd import DtypeError, ShapeError, Tensor, compile, set_default_dtype, zeros
from nn import functional as F
from tests.comparing import assert_close, check_against_torch, check_first, check_second

SOURCE = np.random.default_rng(0)
IMAGE, PLACES = SOURCE.normal(size=(2, 3, 4, 5)), SOURCE.uniform(-1.9, 1.9, (2, 6, 3, 2))
VOLUME, PLACES_3D = SOURCE.normal(size=(2, 2, 3, 4, 2)), SOURCE.uniform(-1.9, 1.9, (2, 2, 3, 2, 3))
PADDING = ["zeros", "border", "reflection"]


def check(torch, arrays, **settings):
    """Value and gradients are PyTorch's, which has no second ones."""
    leaves = [Tensor(a, requires_grad=True) for a in arrays]
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    out, expected = F.grid_sample(*leaves, **settings), torch.nn.functional.grid_sample(*tensors, **settings)
    assert_close(out.numpy(), expected.detach().numpy(), "value")
    weights = SOURCE.normal(size=out.shape)
    out.backward(Tensor(weights))
    expected.backward(torch.tensor(weights))
    for what, ours, theirs in zip(("input", "grid"), leaves, tensors, strict=True):
        assert_close(ours.grad.numpy(), theirs.grad.numpy(), what)


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("padding_mode", PADDING)
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_agrees_with_torch(torch, mode, padding_mode, align_corners):
    settings = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    for far in (0.5, 1, 6):
        check(torch, (IMAGE, far * PLACES), **settings)
    check(torch, (IMAGE[..., :1], PLACES), **settings)
    if mode != "bicubic":
        check(torch, (VOLUME, PLACES_3D), **settings)
        check(torch, (VOLUME[:, :, :, :1], 6 * PLACES_3D), **settings)


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("padding_mode", PADDING)
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_at_elements_and_edges(torch, mode, padding_mode, align_corners):
    """Where torch chooses a slope, and of two neighbours one."""
    line = np.array([-3, -2, -1.5, -1.25, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 1, 1.25, 1.5, 2, 3])
    grid = np.stack(np.meshgrid(line, line), -1)[None]
    for size in (4, 5):
        image = SOURCE.normal(size=(1, 2, 4, size))
        check(torch, (image, grid), mode=mode, padding_mode=padding_mode, align_corners=align_corners)


@pytest.mark.parametrize(("mode", "padding_mode"), [("bilinear", "reflection"), ("bicubic", "zeros")])
def test_second_derivatives(mode, padding_mode):
    """Which PyTorch lacks."""
    leaves = [Tensor(a, requires_grad=True) for a in (IMAGE[:1, :1, :3, :2], PLACES[:1, :1, :2])]

    def read(*operands):
        return F.grid_sample(*operands, mode=mode, padding_mode=padding_mode, align_corners=False)

    check_first(read, leaves)
    check_second(read, leaves)


def test_what_is_outside_does_not_leak():
    image = Tensor([[[[np.inf, np.nan], [1.0, 2.0]]]], requires_grad=True)
    grid = Tensor([[[[0.0, 1.0], [-9.0, 0.0], [np.inf, 1.0]]]], requires_grad=True)
    assert F.grid_sample(image, grid, align_corners=True).tolist() == [[[[1.5, 0, 0]]]]


@pytest.mark.parametrize("padding_mode", PADDING)
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_nan_is_seen_where_torch_sees_it(torch, mode, padding_mode):
    grid = np.array([[[[np.nan, 0.5], [0.5, np.nan]]]])
    out = F.grid_sample(Tensor(IMAGE[:1]), Tensor(grid), mode, padding_mode, False)
    expected = torch.nn.functional.grid_sample(torch.tensor(IMAGE[:1]), torch.tensor(grid), mode, padding_mode, False)
    assert_close(out.numpy(), expected.numpy())


@pytest.mark.parametrize("default", ["float32", "float64"])
@pytest.mark.parametrize("padding_mode", PADDING)
def test_keeps_its_dtype_whatever_the_default(padding_mode, default):
    set_default_dtype(default)
    try:
        for dtype in ("float32", "float64"):
            x, grid = Tensor(IMAGE, dtype=dtype), Tensor(PLACES, dtype=dtype)
            for mode in ("bilinear", "nearest", "bicubic"):
                assert F.grid_sample(x, grid, mode, padding_mode, False).dtype == dtype
            assert F.affine_grid(Tensor(np.ones((2, 2, 3)), dtype=dtype), (2, 3, 4, 5), False).dtype == dtype
    finally:
        set_default_dtype("float32")


def test_an_empty_batch():
    assert F.grid_sample(zeros(0, 3, 4, 4), zeros(0, 2, 5, 2), align_corners=False).shape == (0, 3, 2, 5)


def test_a_recorded_program_reads_at_other_places():
    def read(x, grid):
        return (F.grid_sample(x, grid, padding_mode="reflection", align_corners=False) ** 2).sum()

    quick = compile(read)
    for far in (1, 2, 0.3):
        leaves = [[Tensor(a, requires_grad=True) for a in (IMAGE, far * PLACES)] for _ in range(2)]
        quick(*leaves[0]).backward()
        read(*leaves[1]).backward()
        for found, expected in zip(*leaves, strict=True):
            assert_close(found.grad.numpy(), expected.grad.numpy())


@pytest.mark.filterwarnings("ignore:Since version 1.3.0")  # of which sizes of 1 remind torch
@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 3), (2, 1, 2, 3, 4), (2, 1, 1, 1, 1)])
def test_affine_grid(torch, size, align_corners):
    n = len(size) - 2
    theta = SOURCE.normal(size=(2, n, n + 1))
    check_against_torch(
        torch,
        lambda t: F.affine_grid(t, size, align_corners),
        lambda t: torch.nn.functional.affine_grid(t, size, align_corners),
        [theta],
    )


def test_align_corners_left_out():
    for call in (
        lambda **given: F.affine_grid(Tensor(np.ones((2, 2, 3))), (2, 3, 4, 5), **given),
        lambda **given: F.grid_sample(Tensor(IMAGE), Tensor(PLACES), **given),
    ):
        with pytest.warns(UserWarning, match="align_corners is left out, and False is meant") as told:
            out = call()
        assert told[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert_close(out.numpy(), call(align_corners=False).numpy())


def test_older_names_of_interpolate():
    x = Tensor(IMAGE)
    for name, given, now in (
        ("upsample", {"scale_factor": 2, "mode": "bicubic", "align_corners": True}, {}),
        ("upsample_nearest", {"size": (3, 7)}, {}),
        ("upsample_bilinear", {"scale_factor": 1.7}, {"mode": "bilinear", "align_corners": True}),
    ):
        with pytest.warns(UserWarning, match=f"{name} is an older name; write interpolate") as told:
            out = getattr(F, name)(x, **given)
        assert told[0].filename == __file__
        np.testing.assert_array_equal(out.numpy(), F.interpolate(x, **given, **now).numpy())


REFUSED = {
    "grid (2, 6, 3, 3): they must be": (ShapeError, lambda x: F.grid_sample(x, zeros(2, 6, 3, 3), align_corners=False)),
    "grid (1, 6, 3, 2): they must be": (ShapeError, lambda x: F.grid_sample(x, zeros(1, 6, 3, 2), align_corners=False)),
    "has nothing in it": (ShapeError, lambda x: F.grid_sample(x[:, :0], zeros(2, 6, 3, 2), align_corners=False)),
    "the dtypes must be the same": (
        DtypeError,
        lambda x: F.grid_sample(x, zeros(2, 6, 3, 2).double(), align_corners=False),
    ),
    "mode is 'cubic'": (ValueError, lambda x: F.grid_sample(x, x, "cubic")),
    "padding_mode is 'edge'": (ValueError, lambda x: F.grid_sample(x, x, padding_mode="edge")),
    "is for images": (
        ValueError,
        lambda x: F.grid_sample(x.unsqueeze(2), zeros(2, 1, 6, 3, 3), "bicubic", align_corners=False),
    ),
    "theta (2, 3) with size=(2, 3, 4, 5)": (
        ShapeError,
        lambda x: F.affine_grid(zeros(2, 3), x.shape, align_corners=False),
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    kind, call = REFUSED[message]
    with pytest.raises(kind) as error:
        call(zeros(2, 3, 4, 5))
    assert message in str(error.value)
