"""Weights that are orthogonal, beside PyTorch's."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from nn.utils import parametrizations, parametrize
from tests.comparing import assert_close

RNG = np.random.default_rng(0)
SHAPES = [(4, 4), (5, 3), (3, 5), (2, 4, 3), (2, 3, 3)]
MAPS = ["matrix_exp", "cayley", "householder"]


def held(lib, weight):
    module = lib.nn.Module()
    module.weight = lib.nn.Parameter(lib.tensor(weight))
    return module


def both(torch, weight, *given, **named):
    ours = parametrizations.orthogonal(held(autograd, weight), "weight", *given, **named)
    theirs = torch.nn.utils.parametrizations.orthogonal(held(torch, weight), "weight", *given, **named)
    return ours, theirs


def check_orthogonal(q):
    q = q if q.shape[-2] >= q.shape[-1] else q.mT
    product = (q.mT @ q).detach().numpy()
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(q.shape[-1]), product.shape), atol=1e-12)


@pytest.mark.parametrize("trivialized", [True, False])
@pytest.mark.parametrize("name", [None, *MAPS])
@pytest.mark.parametrize("shape", SHAPES)
def test_values_and_gradients_of_a_state(torch, shape, name, trivialized):
    ours, theirs = both(torch, RNG.normal(size=shape), name, use_trivialization=trivialized)
    check_orthogonal(ours.weight)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    with torch.no_grad():
        original = theirs.parametrizations.weight.original
        original += torch.tensor(RNG.normal(size=shape)).tril(-1) + torch.tensor(RNG.normal(size=shape)).triu(1)
    ours.load_state_dict({path: x.numpy() for path, x in theirs.state_dict().items()})
    check_orthogonal(ours.weight)
    assert_close(ours.weight.detach(), theirs.weight.detach())
    slopes = RNG.normal(size=shape)
    (ours.weight * Tensor(slopes)).sum().backward()
    (theirs.weight * torch.tensor(slopes)).sum().backward()
    found, expected = (m.parametrizations.weight.original.grad for m in (ours, theirs))
    assert_close(found, expected, rtol=1e-8)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_orthogonal_stays_and_may_be_assigned(torch, shape, name):
    def some():
        q = np.linalg.qr(RNG.normal(size=shape if shape[-2] >= shape[-1] else shape[::-1]))[0]
        return q if shape[-2] >= shape[-1] else q.T

    first, second = some(), some()
    ours, theirs = both(torch, first, name)
    for module in (ours, theirs):
        np.testing.assert_allclose(module.weight.detach().numpy(), first, atol=1e-12)
    ours.weight, theirs.weight = Tensor(second), torch.tensor(second)
    for module in (ours, theirs):
        np.testing.assert_allclose(module.weight.detach().numpy(), second, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_reflections_without_a_base_start_where_the_weight_is(torch, shape):
    ours, theirs = both(torch, RNG.normal(size=shape), "householder", use_trivialization=False)
    assert_close(ours.weight.detach(), theirs.weight.detach())
    assert_close(ours.parametrizations.weight.original.detach(), theirs.parametrizations.weight.original.detach())


def test_a_layer_stays_orthogonal_while_it_learns():
    layer = parametrizations.orthogonal(nn.Linear(6, 4).double())
    optimizer = autograd.optim.SGD(layer.parameters(), lr=0.1)
    target, x = Tensor(RNG.normal(size=(8, 4))), Tensor(RNG.normal(size=(8, 6)))
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        losses.append((layer(x) - target).square().mean())
        losses[-1].backward()
        optimizer.step()
        check_orthogonal(layer.weight)
    assert losses[-1].item() < losses[0].item()
    parametrize.remove_parametrizations(layer, "weight")
    check_orthogonal(layer.weight)
    assert isinstance(layer.weight, nn.Parameter)


def test_what_cannot_be_orthogonal_is_refused(torch):
    for lib, utils in ((autograd, nn.utils), (torch, torch.nn.utils)):
        make = utils.parametrizations.orthogonal
        with pytest.raises(ValueError, match="matri"):
            make(lib.nn.Linear(2, 2), "bias")
        with pytest.raises(ValueError, match="nothing"):
            make(lib.nn.Linear(2, 2), "nothing")
        with pytest.raises(ValueError, match="orthogonal_map"):
            make(lib.nn.Linear(2, 2), orthogonal_map="qr")
        layer = make(lib.nn.Linear(2, 2), orthogonal_map="cayley", use_trivialization=False)
        with pytest.raises(NotImplementedError):
            layer.weight = lib.eye(2)
