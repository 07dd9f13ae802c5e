"""Modules called with other numbers than their own, beside PyTorch."""

from contextlib import nullcontext

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from nn.utils.stateless import functional_call
from tests.comparing import assert_close


def model(library):
    return library.Sequential(
        library.Linear(3, 4), library.BatchNorm1d(4), library.Tanh(), library.Linear(4, 2)
    ).double()


def test_a_meta_step_differentiates_through_the_inner_one(torch):
    """MAML: the loss on one batch after a step on another, and its gradients with respect to the first weights."""
    torch.manual_seed(0)
    theirs, ours = model(torch.nn), model(nn)
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    source = np.random.default_rng(0)
    inner, outer = source.normal(size=(2, 5, 3))

    def run(library, call, network, tensor):
        parameters = dict(network.named_parameters())
        loss = (call(network, parameters, (tensor(inner),)) ** 2).mean()
        slopes = library.autograd.grad(loss, tuple(parameters.values()), create_graph=True)
        stepped = {name: p - 0.5 * g for (name, p), g in zip(parameters.items(), slopes, strict=True)}
        meta = (call(network, (stepped, dict(network.named_buffers())), tensor(outer)) ** 2).mean()
        meta.backward()
        return [meta, *(p.grad for p in network.parameters()), *network.buffers()]

    found = run(autograd, autograd.func.functional_call, ours, Tensor)
    expected = run(torch, torch.func.functional_call, theirs, torch.tensor)
    for k, (x, y) in enumerate(zip(found, expected, strict=True)):
        assert_close(x.detach().numpy(), y.detach().numpy(), f"number {k}")


def test_the_module_is_as_before_though_the_call_fails():
    network = nn.Linear(2, 2)
    weight = network.weight
    for x in (Tensor([[1.0, 2.0]]), Tensor([[1.0]])):
        with nullcontext() if x.shape == (1, 2) else pytest.raises(autograd.ShapeError):
            functional_call(network, {"weight": weight * 2}, x)
        assert network.weight is weight


class Tied(nn.Module):
    def __init__(self):
        self.first = nn.Linear(2, 2, bias=False)
        self.second = nn.Linear(2, 2, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.first(x))


def test_tied_weights_are_replaced_together():
    network, x = Tied(), Tensor([[1.0, 1.0]])
    twice = {"first.weight": Tensor([[2.0, 0.0], [0.0, 2.0]])}
    assert functional_call(network, twice, x).tolist() == [[4.0, 4.0]]
    alone = functional_call(network, twice, x, tie_weights=False)
    assert_close(alone.detach().numpy(), (x * 2 @ network.second.weight.T).detach().numpy(), rtol=1e-6)


def test_what_does_not_fit_is_refused():
    network, x = nn.Linear(2, 2), Tensor([[1.0, 2.0]])
    weight = {"weight": network.weight}
    with pytest.raises(KeyError, match="has no"):
        functional_call(network, {"wieght": network.weight}, x)
    with pytest.raises(KeyError, match="not given"):
        functional_call(network, weight, x, strict=True)
    with pytest.raises(ValueError, match="twice"):
        functional_call(network, [weight, weight], x)
