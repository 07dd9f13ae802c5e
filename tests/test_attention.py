"""Attention, dropout, lookup and linear maps: PyTorch's values and derivatives, and what is refused."""

import numpy as np
import pytest

import autograd
from autograd import DtypeError, Generator, ShapeError, Tensor, manual_seed, ones, zeros
from nn import functional as F
from tests.comparing import assert_close, check_against_torch

QKV = (2, 3, 4), (2, 5, 4), (2, 5, 3)
CALLS = {
    "attention": (lambda f, *x: f.scaled_dot_product_attention(*x), *QKV),
    "attention causal": (lambda f, *x: f.scaled_dot_product_attention(*x, is_causal=True), *QKV),
    "attention mask": (lambda f, *x: f.scaled_dot_product_attention(*x), *QKV, (3, 5)),
    "attention scale": (lambda f, *x: f.scaled_dot_product_attention(*x, scale=0.1), *QKV),
    "attention heads": (
        lambda f, *x: f.scaled_dot_product_attention(*x, enable_gqa=True),
        *((2, 4, 3, 4), (2, 2, 5, 4), (2, 2, 5, 3)),
    ),
    "linear": (lambda f, *x: f.linear(*x), (2, 3, 4), (5, 4), (5,)),
    "linear of one output": (lambda f, *x: f.linear(*x), (2, 3), (3,)),
    "bilinear": (lambda f, *x: f.bilinear(*x), (2, 3), (2, 4), (5, 3, 4), (5,)),
    "bilinear of vectors": (lambda f, *x: f.bilinear(*x), (3,), (4,), (5, 3, 4)),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    call, *shapes = CALLS[name]
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in shapes]
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # the others lack second derivatives
        check_against_torch(torch, lambda *x: call(F, *x), lambda *x: call(torch.nn.functional, *x), arrays)


@pytest.mark.parametrize("numbers", [False, True])
def test_a_query_that_sees_nothing_gives_0(torch, numbers):
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in QKV]
    seen = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    mask = np.where(seen, 0.5, -np.inf) if numbers else seen
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        check_against_torch(
            torch,
            lambda *x: F.scaled_dot_product_attention(*x, Tensor(mask)),
            lambda *x: torch.nn.functional.scaled_dot_product_attention(*x, torch.tensor(mask)),
            arrays,
        )
    out = F.scaled_dot_product_attention(*map(Tensor, arrays), Tensor(mask))
    assert not out.numpy()[:, 1].any()


def test_dropout_keeps_the_mean():
    manual_seed(0)
    x = ones(100, 100).requires_grad_()
    out = F.dropout(x, 0.25)
    kept = out.numpy() != 0
    assert abs(kept.mean() - 0.75) < 0.02
    assert (out.numpy()[kept] == np.float32(1 / 0.75)).all()
    out.sum().backward()
    assert (x.grad.numpy() == out.numpy()).all()
    assert out.dtype == np.float32


def test_dropout_at_its_ends():
    x = Tensor([1.0, np.inf])
    assert F.dropout(x, 0.9, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert np.isnan(F.dropout(x, 1.0).numpy()).tolist() == [False, True]
    assert F.dropout(ones(3), 1.0).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match=r"p=1.5 is a probability"):
        F.dropout(x, 1.5)
    with pytest.raises(DtypeError, match="int64"):
        F.dropout(Tensor([1, 2]))


def test_dropout_draws_from_the_generator():
    masks = [F.dropout(ones(50), generator=Generator().manual_seed(s)).tolist() for s in (1, 1, 2)]
    assert masks[0] == masks[1] != masks[2]
    q, k, v = ones(4, 3), ones(50, 3), Tensor(np.eye(50, dtype=np.float32))
    manual_seed(3)
    weights = F.scaled_dot_product_attention(q, k, v, dropout_p=0.5)
    assert set(np.round(weights.numpy() * 50, 3).ravel()) == {0, 2}


def test_dropout_of_channels():
    out = F.dropout2d(ones(20, 30, 2, 3)).numpy()
    assert (out == out[..., :1, :1]).all()
    assert 0.3 < (out[..., 0, 0] == 0).mean() < 0.7
    assert F.dropout1d(ones(5, 4)).shape == (5, 4)
    with pytest.raises(ShapeError, match="dropout2d"):
        F.dropout2d(ones(5))
    with pytest.raises(ShapeError, match="feature_alpha_dropout"):
        F.feature_alpha_dropout(ones(5), training=True)
    assert F.feature_alpha_dropout(vector := ones(5)) is vector  # as in PyTorch, where only training needs channels


SETTINGS = {
    "plain": {},
    "padding": {"padding_idx": 2},
    "padding from the end": {"padding_idx": -3},
    "frequency": {"scale_grad_by_freq": True},
    "longest": {"max_norm": 1.2},
    "all": {"padding_idx": 1, "scale_grad_by_freq": True, "max_norm": 1.0, "norm_type": 1.0},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_embedding(torch, name):
    table = np.random.default_rng(0).normal(size=(5, 3))
    index = np.array([[1, 2, 2], [4, 2, 1]])
    here, there = Tensor(table, requires_grad=True), torch.tensor(table, requires_grad=True)
    out = F.embedding(Tensor(index), here, **SETTINGS[name])
    expected = torch.nn.functional.embedding(torch.tensor(index), there, **SETTINGS[name])
    assert_close(out.numpy(), expected.detach().numpy())
    assert_close(here.numpy(), there.detach().numpy())
    out.square().sum().backward()
    expected.square().sum().backward()
    assert_close(here.grad.numpy(), there.grad.numpy())


def test_embedding_refuses():
    with pytest.raises(IndexError, match="index 5 is out of range"):
        F.embedding([5], zeros(5, 3))
    with pytest.raises(IndexError, match="index -1"):
        F.embedding([-1], zeros(5, 3))
    with pytest.raises(IndexError, match="padding_idx=7"):
        F.embedding([1], zeros(5, 3), padding_idx=7)
    with pytest.raises(DtypeError, match="integers"):
        F.embedding(Tensor([1.0]), zeros(5, 3))
    with pytest.raises(ShapeError, match=r"\(rows, width\)"):
        F.embedding([1], zeros(5))


REFUSED = {
    "query and key must be of one width": lambda: F.scaled_dot_product_attention(zeros(3, 4), zeros(5, 3), zeros(5, 3)),
    "must be (..., length, width)": lambda: F.scaled_dot_product_attention(zeros(4), zeros(5, 4), zeros(5, 3)),
    "a multiple of the others'": (
        lambda: F.scaled_dot_product_attention(zeros(3, 3, 4), zeros(2, 5, 4), zeros(2, 5, 4), enable_gqa=True)
    ),
    "(out, in1, in2)": lambda: F.bilinear(zeros(2, 3), zeros(2, 4), zeros(5, 4, 3)),
    "the weight must be (out, in)": lambda: F.linear(zeros(2, 3), zeros(4, 2)),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    with pytest.raises(ShapeError) as error:
        REFUSED[message]()
    assert message in str(error.value)


def test_attention_refuses_two_masks_and_strange_ones():
    q, k = zeros(3, 4), zeros(5, 4)
    with pytest.raises(ValueError, match="is_causal=True is a mask"):
        F.scaled_dot_product_attention(q, k, k, autograd.ones(3, 5), is_causal=True)
    with pytest.raises(DtypeError, match="attn_mask is int64"):
        F.scaled_dot_product_attention(q, k, k, Tensor([[1, 1, 1, 1, 0]]))
