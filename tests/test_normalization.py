"""Normalizations: PyTorch's values and derivatives, the running statistics, and what is refused."""

import numpy as np
import pytest

import autograd
from autograd import DtypeError, ShapeError, Tensor, ones, zeros
from nn import functional as F
from tests.comparing import assert_close, assert_close_on_the_whole, check_against_torch

CALLS = {
    "layer_norm": (lambda f, x, w, b: f.layer_norm(x, (3, 4), w, b), (2, 3, 4), (3, 4), (3, 4)),
    "layer_norm plain": (lambda f, x: f.layer_norm(x, (4,), eps=0.1), (2, 3, 4)),
    "rms_norm": (lambda f, x, w: f.rms_norm(x, (4,), w), (2, 3, 4), (4,)),
    "rms_norm eps": (lambda f, x: f.rms_norm(x, (3, 4), eps=0.1), (2, 3, 4)),
    "group_norm": (lambda f, x, w, b: f.group_norm(x, 2, w, b), (2, 4, 3), (4,), (4,)),
    "batch_norm": (lambda f, x, w, b: f.batch_norm(x, None, None, w, b, True), (4, 3, 2, 2), (3,), (3,)),
    "batch_norm of rows": (lambda f, x, w: f.batch_norm(x, None, None, w, training=True), (5, 3), (3,)),
    "instance_norm": (lambda f, x, w, b: f.instance_norm(x, weight=w, bias=b), (2, 3, 4), (3,), (3,)),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name):
    call, *shapes = CALLS[name]
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in shapes]
    check_against_torch(torch, lambda *x: call(F, *x), lambda *x: call(torch.nn.functional, *x), arrays)


def statistics(library):
    return library.zeros(3, dtype=library.float64), library.ones(3, dtype=library.float64)


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_running_statistics(torch, name):
    x = np.random.default_rng(0).normal(2.0, 3.0, size=(3, 4, 3, 2, 2))
    here, there = statistics(autograd), statistics(torch)
    for batch in x:
        getattr(F, name)(Tensor(batch), *here, None, None, True, momentum=0.3)
        getattr(torch.nn.functional, name)(torch.tensor(batch), *there, None, None, True, momentum=0.3)
    for found, expected in zip(here, there, strict=True):
        assert_close(found.numpy(), expected.numpy())
        assert not found.requires_grad
    shape = (1, 1, 3)
    weight, bias = np.arange(1.0, 4.0), np.arange(3.0)
    check_against_torch(
        torch,
        lambda x, w, b: getattr(F, name)(x.reshape(2, 3, 2), *here, w, b, False),
        lambda x, w, b: getattr(torch.nn.functional, name)(x.reshape(2, 3, 2), *there, w, b, False),
        [x[0, 0].reshape(2, 3, 2), weight, bias],
    )
    assert here[0].shape == shape[2:], "evaluation leaves the statistics alone"
    assert_close(here[0].numpy(), there[0].numpy())


def test_running_statistics_may_be_changed_between_forward_and_backward():
    x, mean, var = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True), zeros(2), ones(2)
    first = F.batch_norm(x, mean, var, training=True)
    second = F.batch_norm(x, mean, var, training=True)
    (first * second).sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


def test_far_from_zero_in_float32():
    x = np.random.default_rng(0).normal(size=(8, 64))
    out = F.layer_norm(Tensor((x + 1e4).astype(np.float32)), (64,))
    exact = F.layer_norm(Tensor((x + 1e4).astype(np.float32).astype(np.float64)), (64,))
    assert_close_on_the_whole(out.numpy(), exact.numpy(), "", rtol=1e-3)  # E[x^2] - E[x]^2 would be off by 100%


def test_empty():
    assert F.layer_norm(zeros(0, 3), (3,)).shape == (0, 3)
    assert F.batch_norm(zeros(0, 3), None, None, training=True).shape == (0, 3)


REFUSED = {
    "normalized_shape=(3,) must be the last sizes of the input, (2, 4)": lambda: F.layer_norm(zeros(2, 4), (3,)),
    "normalized_shape=() must be": lambda: F.rms_norm(zeros(2, 4), ()),
    "weight (3,) must have the shape normalized_shape=(4,)": lambda: F.layer_norm(zeros(2, 4), (4,), zeros(3)),
    "with C a multiple of num_groups=3": lambda: F.group_norm(zeros(2, 4, 5), 3),
    "has one value per channel": lambda: F.batch_norm(zeros(1, 4), None, None, training=True),
    "running_mean (3,) for input (2, 4)": lambda: F.batch_norm(zeros(2, 4), zeros(3), zeros(4)),
    "must be (N, C, ...)": lambda: F.instance_norm(zeros(4)),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    with pytest.raises(ShapeError) as error:
        REFUSED[message]()
    assert message in str(error.value)


def test_evaluation_without_statistics_is_refused():
    with pytest.raises(ValueError, match="running_mean and running_var must be given"):
        F.batch_norm(zeros(2, 4), None, None)


@pytest.mark.parametrize(("eps", "training"), [(0.0, True), (-1.0, True), (-1e-5, False)])
def test_batch_norm_needs_a_positive_eps(eps, training, torch):
    for f, x, one in ((F, zeros(2, 4), zeros(4)), (torch.nn.functional, torch.zeros(2, 4), torch.zeros(4))):
        with pytest.raises((ValueError, RuntimeError), match="batch_norm"):
            f.batch_norm(x, one, one, training=training, eps=eps)
        f.batch_norm(x, one, one, eps=0.0)


def test_integers_are_refused():
    with pytest.raises(DtypeError, match="int64"):
        F.layer_norm(Tensor([[1, 2]]), (2,))


def statistics_left_alone(lib, name, shape):
    """What a layer gives, and its state, when it is told after it was made to keep no statistics any more."""
    layers, (x, y) = lib.nn, np.random.default_rng(0).normal(1.0, 2.0, (2, *shape))
    layer = getattr(layers, name)(shape[1], track_running_stats=True).double()
    outputs = [layer(lib.tensor(x))]
    layer.track_running_stats = False
    outputs += [layer(lib.tensor(y)), layer.eval()(lib.tensor(y))]
    return [np.asarray(out.detach()) for out in (*outputs, *layer.state_dict().values())]


@pytest.mark.parametrize(("name", "shape"), [("BatchNorm1d", (5, 3)), ("InstanceNorm1d", (2, 3, 4))])
def test_statistics_that_are_tracked_no_longer(torch, name, shape):
    both = (statistics_left_alone(lib, name, shape) for lib in (autograd, torch))
    for found, expected in zip(*both, strict=True):
        assert_close(found, expected)
