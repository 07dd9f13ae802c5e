"""What large arrays are computed by: blocks, products with ones; the samples of the rows are too small for these."""

import numpy as np
import pytest

from autograd import Tensor
from autograd.arrays import ARRAYS, blocks, quietly
from autograd.arrays.blocks import in_blocks
from nn import functional as F
from tests.comparing import check_against_torch

pytestmark = pytest.mark.usefixtures("smaller_blocks")


@pytest.fixture
def smaller_blocks(monkeypatch):
    """Of 64 KB, so that the arrays here can be small."""
    monkeypatch.setattr(blocks, "BLOCK", 1 << 16)


CALLS = {
    "gelu": (lambda f, x: f.gelu(x), (150, 200)),
    "gelu of a transposed array": (lambda f, x: f.gelu(x.permute(1, 2, 0)), (4, 150, 50)),
    "gelu of every second element": (lambda f, x: f.gelu(x[:, ::2]), (150, 400)),
    "gelu by a tanh": (lambda f, x: f.gelu(x, approximate="tanh"), (150, 200)),
    "relu": (lambda f, x: f.relu(x), (150, 201)),
    "relu of a transposed array": (lambda f, x: f.relu(x.permute(1, 2, 0)), (4, 150, 50)),
    "many short lines": (lambda f, x: f.log_softmax(x, -1) * f.softmax(x, 1), (100, 10)),
    "silu": (lambda f, x: f.silu(x), (150, 200)),
    "bce with logits, broadcast": (
        lambda f, x, y: f.binary_cross_entropy_with_logits(x, y.expand(*x.shape)),
        (300, 90),
        (90,),
    ),
    "mish": (lambda f, x: f.mish(x), (30, 1000)),
    "layer_norm": (lambda f, x, w, b: f.layer_norm(x, (96,), w, b), (2, 30, 96), (96,), (96,)),
    "layer_norm over two": (lambda f, x, w, b: f.layer_norm(x, (9, 64), w, b), (10, 9, 64), (9, 64), (9, 64)),
    "softmax": (lambda f, x: f.softmax(x, -1), (70, 70)),
    "log_softmax": (lambda f, x: f.log_softmax(x, -1), (70, 70)),
    "sum": (lambda f, x: x.sum(-1), (70, 70)),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    call, *shapes = CALLS[name]
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in shapes]
    check_against_torch(torch, lambda *x: call(F, *x), lambda *x: call(torch.nn.functional, *x), arrays)


def test_attention_agrees_with_torch(torch):
    def in_torch(q, k, v):
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # which has second derivatives
            return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    arrays = list(np.random.default_rng(0).normal(size=(3, 2, 3, 32, 8)))
    check_against_torch(torch, lambda *x: F.scaled_dot_product_attention(*x, is_causal=True), in_torch, arrays)


SCALES = {"moderate": 1, "too large for exp": 200, "too small": -200}


@pytest.mark.parametrize("shift", SCALES.values(), ids=SCALES)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_masked_softmax_of_any_numbers(dtype, shift):
    x = (np.random.default_rng(0).normal(size=(3, 5, 5)) * 4 + shift).astype(dtype)
    seen = np.tri(5, dtype=bool)
    seen[2] = False
    x[:, 1, 4] = np.nan  # not seen
    exact = np.where(seen, np.exp(np.where(seen, x, 0).astype(np.float64) * 2 - 2 * shift), 0)
    exact /= np.maximum(exact.sum(2, keepdims=True), 1e-300)
    found = quietly.run(ARRAYS["masked_softmax"], x, 2, seen, 2.0)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, exact, rtol=200 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)
    np.testing.assert_array_equal(quietly.run(ARRAYS["masked_softmax"], x[:0], 2, seen, 2.0), exact[:0])


PRODUCTS = {"silu": F.silu, "gelu": F.gelu, "gelu by a tanh": lambda x: F.gelu(x, approximate="tanh")}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_factor_taken_from_the_product_is_right_near_0(name, dtype):
    least = float(np.finfo(dtype).smallest_subnormal)
    tiny = [0.0, -0.0, least, -least, 3 * least, 1000 * least, float(np.finfo(dtype).smallest_normal), 1e-6, np.nan]
    x = Tensor(np.array(tiny, dtype), requires_grad=True)
    PRODUCTS[name](x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [0.5] * 8 + [np.nan], rtol=4 * np.finfo(dtype).eps, atol=1e-6)


@pytest.mark.parametrize("n", [1, 7, 100_000])
def test_normal_cdf_in_float32_is_within_its_rounding_error(n):
    x = np.linspace(-12, 12, n, dtype=np.float32)
    found, exact = (quietly.run(ARRAYS["normal_cdf"], z) for z in (x, x.astype(np.float64)))
    assert abs(found - exact).max() < 1.5e-7


def test_normal_cdf_of_the_largest_numbers():
    x = Tensor(np.array([np.inf, 3e38, -np.inf, -3e38, np.nan, 0], np.float32).repeat(20_000), requires_grad=True)
    out = F.gelu(x)
    np.testing.assert_array_equal(out.numpy()[::20_000], np.float32([np.inf, 3e38, np.nan, 0, np.nan, 0]))
    out.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy()[::20_000][[1, 3, 5]], np.float32([1, 0, 0.5]))


def test_blocks_are_small_and_make_the_whole():
    seen = []

    def doubled(x, y, factor):
        seen.append(x.nbytes)
        return (x + y) * factor

    x = np.arange(100_000.0)
    np.testing.assert_array_equal(in_blocks(doubled)(x, x, 3), 6 * x)
    assert max(seen) == blocks.BLOCK
    assert sum(seen) == x.nbytes


def test_softmax_of_nan_and_infinities_in_short_lines(torch):
    x = np.random.default_rng(0).standard_normal((100, 10)).astype(np.float32)
    x[3, 4], x[5, 6], x[7, 8], x[9] = np.nan, np.inf, -np.inf, -np.inf
    for name in ("softmax", "log_softmax"):
        ours, theirs = getattr(F, name)(Tensor(x), 1), getattr(torch, name)(torch.tensor(x), 1)
        assert np.allclose(ours.numpy(), theirs.numpy(), equal_nan=True)


@pytest.mark.parametrize("n", [3, 4096, 40_001])
def test_relu_keeps_nan_and_the_infinities(n):
    x = np.tile(np.array([np.nan, -np.inf, -1.0, np.inf, 2.0], np.float32), n)[:n]
    expected = np.where(x < 0, np.float32(0), x)
    assert np.array_equal(F.relu(Tensor(x)).numpy(), expected, equal_nan=True)
