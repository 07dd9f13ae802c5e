"""`checkpoint`: the same numbers as without it, fewer of them kept."""

import tracemalloc

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, manual_seed
from autograd.recompute import checkpoint, checkpoint_sequential

X, W = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]), np.array([0.3, -0.2, 2.0])


def gradients(program, wrapped):
    x, w = Tensor(X, requires_grad=True), Tensor(W, requires_grad=True)
    manual_seed(0)
    loss = program(x, w, checkpoint if wrapped else lambda function, *args, **kwargs: function(*args, **kwargs))
    loss.backward()
    return loss.item(), x.grad.numpy(), w.grad.numpy(), autograd.rand(2).numpy()


def of_arguments(x, w, via):
    return via(lambda x, w: (x * w).tanh().exp(), x, w).sum()


def of_what_it_refers_to(x, w, via):
    hidden = (x * 2).sin()
    return (via(lambda: (hidden * w).tanh() * hidden) * x).sum()


def one_within_another(x, w, via):
    return via(lambda x: via(lambda y: (y * w).exp(), x.sin()).cos(), x).sum()


def several_results(x, w, via):
    a, b = via(lambda x: ((x * w).exp(), x.detach() * w), x)
    return (a * b).sum()


def random_numbers(x, w, via):
    return (via(lambda x: nn.functional.dropout(x * w, 0.5).exp(), x) * autograd.rand(3).double()).sum()


def a_result_that_needs_no_gradient(x, w, via):
    a, b = via(lambda x: (x * w, autograd.ones(3).double()), x)
    return (a * b * x).sum()


def keywords(x, w, via):
    return via(lambda x, power: x**power * w, x, power=2).sum()


PROGRAMS = [
    of_arguments,
    of_what_it_refers_to,
    one_within_another,
    several_results,
    random_numbers,
    a_result_that_needs_no_gradient,
    keywords,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_as_without(program):
    for found, expected in zip(gradients(program, True), gradients(program, False), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_second_derivatives():
    def slope(wrapped):
        x = Tensor(X, requires_grad=True)
        y = checkpoint(lambda x: x.exp().sin(), x) if wrapped else x.exp().sin()
        (first,) = autograd.grad(y.sum(), x, create_graph=True)
        return autograd.grad((first * first).sum(), x)[0].numpy()

    np.testing.assert_allclose(slope(True), slope(False), rtol=1e-13)


def test_of_a_network_as_in_torch(torch):
    ours = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    tnn = torch.nn
    theirs = tnn.Sequential(tnn.Linear(3, 8), tnn.Tanh(), tnn.Linear(8, 8), tnn.Tanh(), tnn.Linear(8, 1)).double()
    ours.load_state_dict({name: array.numpy() for name, array in theirs.state_dict().items()})
    found = checkpoint_sequential(ours, 2, Tensor(X, requires_grad=True), use_reentrant=False)
    expected = torch.utils.checkpoint.checkpoint_sequential(
        theirs, 2, torch.tensor(X, requires_grad=True), use_reentrant=False
    )
    found.square().sum().backward()
    expected.square().sum().backward()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-12)
    with pytest.raises(ValueError, match="6 segments of 5"):
        checkpoint_sequential(ours, 6, Tensor(X))


def test_a_module_that_stands_twice_is_called_twice():
    twice = nn.Tanh()
    found = checkpoint_sequential(nn.Sequential(twice, nn.ReLU(), twice), 3, Tensor(X))
    np.testing.assert_array_equal(found.numpy(), np.tanh(np.maximum(np.tanh(X), 0)))


def test_less_is_kept():
    def kept(wrapped):
        def deep(x):
            for _ in range(20):
                x = (x * 1.01).sin()
            return x

        x = Tensor(np.ones(20_000), requires_grad=True)
        tracemalloc.start()
        y = checkpoint(deep, x) if wrapped else deep(x)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        y.sum().backward()
        return size / x.numpy().nbytes

    assert kept(True) < 2.5
    assert kept(False) > 20


def test_without_gradients_it_is_the_function():
    x = Tensor(X)
    assert checkpoint(lambda x: x * 2, x).is_leaf
    with autograd.no_grad():
        assert checkpoint(lambda x: x * 2, Tensor(X, requires_grad=True)).is_leaf
    assert checkpoint(lambda: "nothing") == "nothing"
    assert autograd.utils.checkpoint.checkpoint is checkpoint
