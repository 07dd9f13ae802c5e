"""torch.conv2d and the others: PyTorch's functions of layers, called as it has them there."""

import subprocess
import sys

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from nn import spellings
from tests.comparing import assert_close, check_against_torch

SOURCE = np.random.default_rng(0)
X, Y, W = (SOURCE.normal(size=shape) for shape in ((2, 4, 6), (2, 4, 6), (4,)))
IMAGE = SOURCE.normal(size=(2, 4, 5, 6))
SIGNS = np.sign(X)


def numbers(t, array):
    """Constants for either library."""
    return Tensor(array) if t is autograd else t.tensor(array)


CALLS = {
    "conv1d": (lambda t, x: t.conv1d(x, x[:, :, :3], None, 2, 1), X),
    "conv2d": (lambda t, x: t.conv2d(x, x[:, :2, :2, :2], x[0, 0, 0, :2], (1, 2), "valid", 1, 2), IMAGE),
    "conv3d": (lambda t, x: t.conv3d(x[None], x[:, :, None, :2, :2].transpose(0, 1)[:, :2]), IMAGE),
    "conv_transpose1d": (lambda t, x: t.conv_transpose1d(x, x[0][:, None, :3], None, 2, 1, 1), X),
    "conv_transpose2d": (lambda t, x: t.conv_transpose2d(x, x[0][:, None, :2, :2]), IMAGE),
    "conv_transpose3d": (lambda t, x: t.conv_transpose3d(x[None], x[:, :, None, :2, :2]), IMAGE),
    "adaptive_avg_pool1d": (lambda t, x: t.adaptive_avg_pool1d(x, 4), X),
    "adaptive_max_pool1d": (lambda t, x: t.adaptive_max_pool1d(x, 4)[0], X),
    "avg_pool1d": (lambda t, x: t.avg_pool1d(x, 3, 2, 1, True, False), X),
    "max_pool1d": (lambda t, x: t.max_pool1d(x, 3, 2, 1, 1, True), X),
    "max_pool1d_with_indices": (lambda t, x: t.max_pool1d_with_indices(x, 2)[0], X),
    "max_pool2d": (lambda t, x: t.max_pool2d(x, 2), IMAGE),
    "max_pool3d": (lambda t, x: t.max_pool3d(x, 2), IMAGE),
    "channel_shuffle": (lambda t, x: t.channel_shuffle(x, 2), X),
    "pixel_shuffle": (lambda t, x: t.pixel_shuffle(x, 2), IMAGE),
    "pixel_unshuffle": (lambda t, x: t.pixel_unshuffle(x, 2), IMAGE[:, :, :4]),
    "bilinear": (lambda t, x: t.bilinear(x[0], x[1], x[0, 0].reshape(1, 6, 1).expand(3, 6, 6)), X),
    "cosine_similarity": (lambda t, x: t.cosine_similarity(x, x.flip(0), 2, 1e-6), X),
    "pairwise_distance": (lambda t, x: t.pairwise_distance(x, x.flip(0), 3.0), X),
    "hardshrink": (lambda t, x: t.hardshrink(x, 0.3), X),
    "threshold": (lambda t, x: t.threshold(x, 0.2, 3.0), X),
    "threshold_": (lambda t, x: t.threshold_(x * 1, 0.25, 3.0), X),
    "celu_": (lambda t, x: t.celu_(x * 1, 0.5), X),
    "relu_": (lambda t, x: t.relu_(x * 1), X),
    "selu_": (lambda t, x: t.selu_(x * 1), X),
    "rrelu": (lambda t, x: t.rrelu(x, 0.1, 0.3, False, None), X),
    "rrelu_": (lambda t, x: t.rrelu_(x * 1, 0.1, 0.3), X),
    "rms_norm": (lambda t, x: t.rms_norm(x, (6,), x[0, 0], 1e-4), X),
    "layer_norm": (lambda t, x: t.layer_norm(x, (6,), x[0, 0], x[0, 1], 1e-4, False), X),
    "group_norm": (lambda t, x: t.group_norm(x, 2, x[0, :, 0], x[0, :, 1], 1e-4, True), X),
    "batch_norm": (
        lambda t, x: t.batch_norm(x, x[0, :, 0], x[0, :, 1], None, None, True, 0.1, 1e-4, False),
        X,
    ),
    "batch_norm, evaluated": (
        lambda t, x: t.batch_norm(x, x[0, :, 0], x[0, :, 1], numbers(t, W), numbers(t, W * W), False, 0.1, 1e-4, False),
        X,
    ),
    "instance_norm": (
        lambda t, x: t.instance_norm(x, x[0, :, 0], x[0, :, 1], None, None, True, 0.1, 1e-4, True),
        X,
    ),
    "dropout": (lambda t, x: t.dropout(x, 0.5, False), X),
    "alpha_dropout": (lambda t, x: t.alpha_dropout(x, 0.5, False), X),
    "feature_alpha_dropout": (lambda t, x: t.feature_alpha_dropout(x, 0.5, False), X),
    "embedding": (lambda t, x: t.embedding(x[0], numbers(t, np.array([[0, 3], [3, 1]])), 1), X),
    "binary_cross_entropy_with_logits": (
        lambda t, x: t.binary_cross_entropy_with_logits(x, numbers(t, 0.3 * SIGNS**2), None, numbers(t, W[0] ** 2), 0),
        X,
    ),
    "kl_div": (lambda t, x: t.kl_div(x, numbers(t, Y), 2, log_target=True), X),
    "poisson_nll_loss": (lambda t, x: t.poisson_nll_loss(x, numbers(t, Y * Y), True, True, 1e-8, 1), X),
    "cosine_embedding_loss": (
        lambda t, x: t.cosine_embedding_loss(x[0], x[1], numbers(t, SIGNS[0, :, 0]), 0.1, 0),
        X,
    ),
    "hinge_embedding_loss": (lambda t, x: t.hinge_embedding_loss(x, numbers(t, SIGNS), 0.7, 2), X),
    "margin_ranking_loss": (lambda t, x: t.margin_ranking_loss(x, x.flip(0), numbers(t, SIGNS), reduction=0), X),
    "triplet_margin_loss": (
        lambda t, x: t.triplet_margin_loss(x[0], x[1], x[0].flip(1), 2.0, 3.0, 1e-6, True, 2),
        X,
    ),
    "constant_pad_nd": (lambda t, x: t.constant_pad_nd(x, (1, 2, 0, 1), 0.5), X),
    "affine_grid_generator": (lambda t, x: t.affine_grid_generator(x[:, :2, :3], (2, 1, 3, 4), False), X),
}
FIRST = {  # of which PyTorch has no second derivatives, or wrong ones (of embedding)
    "pdist": (lambda t, x: t.pdist(x[0]), X),
    "embedding without padding": (lambda t, x: t.embedding(x[0], numbers(t, np.array([0, 3, 3])), -1, True), X),
    "grid_sampler": (lambda t, x: t.grid_sampler(x, x[:, :2, :, :2], 2, 1, True), IMAGE),
    "ctc_loss": (
        lambda t, x: t.ctc_loss(x.log_softmax(-1), numbers(t, np.array([[1, 2]] * 4)), (2,) * 4, (2,) * 4, 0, 2),
        X,
    ),
}


@pytest.mark.filterwarnings("ignore:.*rms_norm")
@pytest.mark.parametrize("name", CALLS)
def test_as_in_torch(torch, name):
    call, array = CALLS[name]
    check_against_torch(torch, lambda x: call(autograd, x), lambda x: call(torch, x), [array])


@pytest.mark.parametrize("name", FIRST)
def test_first_derivatives_as_in_torch(torch, name):
    call, array = FIRST[name]
    ours, theirs = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    found, expected = call(autograd, ours), call(torch, theirs)
    assert_close(found.numpy(), expected.detach().numpy())
    (found * found).sum().backward()
    (expected * expected).sum().backward()
    assert_close(ours.grad.numpy(), theirs.grad.numpy())


def test_all_of_them_are_called_here():
    called = {name.partition(",")[0].partition(" ")[0] for name in (*CALLS, *FIRST)}
    assert called == autograd._OF_LAYERS - {"native_channel_shuffle"}  # which has no derivative in PyTorch
    assert autograd.native_channel_shuffle is autograd.channel_shuffle
    assert all(getattr(autograd, name) is getattr(spellings, name) for name in autograd._OF_LAYERS)
    assert {*dir(autograd)} >= autograd._OF_LAYERS


def test_dropout_while_training():
    x = autograd.ones(1000)
    for dropout in (autograd.dropout, autograd.alpha_dropout):
        assert 300 < (dropout(x, 0.5, True) != x).sum().item() <= 1000


def test_other_numbers_are_refused():
    for call, words in (
        (lambda: autograd.kl_div(Tensor(X), Tensor(Y), 3), "kl_div: reduction is 3; it must be 0 for 'none', 1 for"),
        (
            lambda: autograd.hinge_embedding_loss(Tensor(X), Tensor(SIGNS), 1.0, 7),
            "hinge_embedding_loss: reduction is 7",
        ),
        (lambda: autograd.grid_sampler(Tensor(IMAGE), Tensor(IMAGE), 3, 0, True), "interpolation_mode is 3"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_the_engine_loads_no_layers_until_asked():
    program = (
        "import sys, autograd; assert 'nn' not in sys.modules; assert not hasattr(autograd, 'conv4d'); "
        "assert 'nn' not in sys.modules; autograd.relu_; assert 'nn' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_program_that_says_torch():
    torch = autograd
    assert torch.nn is nn
    out = torch.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))
    assert torch.max_pool2d(out, 2).tolist() == [[[[4.0]]]]
