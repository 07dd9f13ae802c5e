"""Weights held at 0 by masks, beside PyTorch's, and their states exchanged."""

import copy
import re
from importlib import import_module

import numpy as np
import pytest

import autograd
import nn
from autograd import ShapeError, Tensor
from nn.utils import prune
from tests.comparing import assert_close

RNG = np.random.default_rng(0)
WEIGHTS = [RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=3), RNG.normal(size=(2, 12)), RNG.normal(size=2)]
X = RNG.normal(size=(2, 2, 4, 4))
SCORES = RNG.normal(size=(2, 12))


@pytest.fixture
def torch(torch):
    import_module("torch.nn.utils.prune")  # which `import torch` leaves out
    return torch


def made(lib):
    layers = lib.nn
    net = layers.Sequential(layers.Conv2d(2, 3, 3), layers.Flatten(), layers.Linear(12, 2)).double()
    with lib.no_grad():
        for p, weight in zip(net.parameters(), WEIGHTS, strict=True):
            p.copy_(lib.tensor(weight))
    return net


def every_other(lib):
    class EveryOther(lib.nn.utils.prune.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    return EveryOther


def both(*steps):
    """Several steps, one after the other."""
    return lambda lib, net, prune: [step(lib, net, prune) for step in steps]


def at_once(lib, net, prune):
    pairs = [(net[0], "weight"), (net[2], "weight"), (net[2], "bias")]
    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=0.4)


def at_once_by_scores(lib, net, prune):
    scores = {(net[2], "weight"): lib.tensor(SCORES)}
    pairs = ((net[i], "weight") for i in (0, 2))
    prune.global_unstructured(list(pairs), prune.L1Unstructured, scores, amount=20)


def by_a_mask(lib, net, prune):
    prune.custom_from_mask(net[2], "bias", lib.tensor([0, 1]))


def l1(amount, i=2, name="weight"):
    return lambda lib, net, prune: prune.l1_unstructured(net[i], name, amount)


def ln(amount, n, dim, i=0):
    return lambda lib, net, prune: prune.ln_structured(net[i], "weight", amount, n=n, dim=dim)


PRUNED = {
    "a share of elements": l1(0.3),
    "a number of elements": l1(5),
    "nothing": l1(0),
    "all": l1(1.0),
    "a share of slices": ln(0.5, 2, 0),
    "slices, by another norm, counted from the end": ln(1, 1, -1),
    "slices, by the largest": ln(2, float("inf"), 2),
    "by scores": lambda lib, net, prune: prune.l1_unstructured(net[2], "weight", 7, lib.tensor(SCORES)),
    "slices by scores": lambda lib, net, prune: prune.ln_structured(net[2], "weight", 4, 2, 1, lib.tensor(SCORES)),
    "by a mask": by_a_mask,
    "by a method of one's own": lambda lib, net, prune: every_other(lib).apply(net[0], "weight"),
    "identity": lambda lib, net, prune: prune.identity(net[0], "bias"),
    "elements twice": both(l1(0.5), l1(0.5)),
    "slices after elements": both(l1(0.5, 0), ln(1, 2, 0)),
    "elements after slices": both(ln(1, 2, 1), l1(0.25, 0)),
    "slices three times": both(ln(1, 2, 0), ln(0.5, 2, 0), ln(1, 2, 3)),
    "by a mask after elements": both(l1(0.5, 2, "bias"), by_a_mask),
    "one's own twice": both(*[lambda lib, net, prune: every_other(lib).apply(net[0], "weight")] * 2),
    "several at once": at_once,
    "several at once by scores": at_once_by_scores,
    "several at once after one": both(l1(3), at_once),
}


def trained(lib, change):
    """What a pruned network holds and computes before and after a step, and once it is no longer pruned."""
    net, prune = made(lib), lib.nn.utils.prune
    change(lib, net, prune)
    told = [list(net.state_dict()), [type(h).__name__ for m in net.modules() for h in m._forward_pre_hooks.values()]]
    told += [prune.is_pruned(net), prune.is_pruned(net[0]), [name for name, _ in net.named_buffers()]]
    numbers = [net(lib.tensor(X))]
    numbers[0].square().sum().backward()
    numbers += [p.grad for p in net.parameters()]
    optimizer = (autograd.optim if lib is autograd else lib.optim).SGD(net.parameters(), lr=0.1)
    optimizer.step()
    numbers += [net(lib.tensor(X)), *net.state_dict().values()]
    for layer in (net[0], net[2]):
        for name in ("weight", "bias"):
            if hasattr(layer, f"{name}_mask"):
                prune.remove(layer, name)
    told += [list(net.state_dict()), prune.is_pruned(net)]
    return told, [*numbers, net(lib.tensor(X)), *net.state_dict().values()]


@pytest.mark.parametrize("name", PRUNED)
def test_pruned_networks_compute_what_pytorchs_do(torch, name):
    ours, theirs = trained(autograd, PRUNED[name]), trained(torch, PRUNED[name])
    assert ours[0] == theirs[0]
    for here, there in zip(ours[1], theirs[1], strict=True):
        assert_close(here.detach(), there.detach())


@pytest.mark.parametrize("name", ["elements twice", "slices after elements", "several at once"])
def test_states_are_exchanged(torch, name):
    ours, theirs = made(autograd), made(torch)
    PRUNED[name](autograd, ours, prune)
    PRUNED[name](torch, theirs, torch.nn.utils.prune)
    with torch.no_grad():
        for p in theirs.parameters():
            p += 1
    ours.load_state_dict({path: t.numpy() for path, t in theirs.state_dict().items()})
    assert_close(ours(Tensor(X)), theirs(torch.tensor(X)).detach())
    again = copy.deepcopy(ours)
    ours[0].bias.data.zero_()
    assert_close(again(Tensor(X)), theirs(torch.tensor(X)).detach())


@pytest.mark.parametrize("amount", [0.25, 3, 0, 1.0])
def test_pruning_by_lot(torch, amount):
    masks = []
    for seed in range(8):
        autograd.manual_seed(seed)
        layer = prune.random_unstructured(nn.Linear(4, 6), "weight", amount)
        there = torch.nn.utils.prune.random_unstructured(torch.nn.Linear(4, 6), "weight", amount)
        assert int(layer.weight_mask.sum()) == int(there.weight_mask.sum())
        masks.append(layer.weight_mask.tolist())
    assert all(mask == masks[0] for mask in masks) == (amount in (0, 1.0))


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_pruning_slices_by_lot(dim):
    masks = []
    for seed in range(8):
        autograd.manual_seed(seed)
        layer = prune.random_structured(nn.Linear(4, 6), "weight", 2, dim)
        rows = layer.weight_mask.movedim(dim, 0)
        assert sorted(rows.sum(1).tolist()) == [0.0, 0.0, *[rows.shape[1]] * (len(rows) - 2)]
        prune.random_structured(layer, "weight", 1, dim)
        assert int((layer.weight_mask.movedim(dim, 0).sum(1) == 0).sum()) == 3
        masks.append(rows.tolist())
    assert any(mask != masks[0] for mask in masks)


def test_methods_prune_tensors_alone(torch):
    def program(lib):
        prune = lib.nn.utils.prune
        t, mask = lib.tensor(SCORES), lib.tensor((SCORES > -0.5) * 1.0)
        method = prune.LnStructured(amount=2, n=2, dim=1)
        return [method.prune(t), method.prune(t, default_mask=mask), prune.L1Unstructured(3).prune(t, None, t.flip(0))]

    for here, there in zip(program(autograd), program(torch), strict=True):
        assert_close(here, there)


def test_containers_of_methods(torch):
    def program(lib):
        net, prune = made(lib), lib.nn.utils.prune
        prune.l1_unstructured(net[2], "weight", 3)
        prune.ln_structured(net[2], "weight", 1, 2, 0)
        (held,) = net[2]._forward_pre_hooks.values()
        return [len(held), [type(method).__name__ for method in held], held[1].amount, held._tensor_name]

    assert program(autograd) == program(torch)


def test_recurrent_layers_are_pruned(torch):
    def program(lib):
        layer = lib.nn.LSTM(2, 3).double()
        with lib.no_grad():
            for i, p in enumerate(layer.parameters()):
                p.copy_(lib.linspace(-1, 1 + i, p.numel(), dtype=lib.float64).reshape(p.shape))
        lib.nn.utils.prune.l1_unstructured(layer, "weight_ih_l0", 0.5)
        return layer(lib.tensor(X.reshape(8, 4, 2)))[0].detach()

    assert_close(program(autograd), program(torch))


REFUSED = {
    "no number": (lambda lib, net, prune: prune.l1_unstructured(net[2], "weight", "half"), TypeError, "'half'"),
    "below 0": (lambda lib, net, prune: prune.l1_unstructured(net[2], "weight", -1), ValueError, "amount=-1"),
    "more than all": (lambda lib, net, prune: prune.L1Unstructured(1.5), ValueError, "amount=1.5"),
    "too many": (lambda lib, net, prune: prune.l1_unstructured(net[2], "bias", 3), ValueError, "only 2 are left"),
    "no slices": (lambda lib, net, prune: prune.ln_structured(net[2], "bias", 1, 2, 0), ValueError, "no slices"),
    "no such dim": (lambda lib, net, prune: prune.ln_structured(net[2], "weight", 1, 2, 2), IndexError, "dim=2"),
    "no such name": (lambda lib, net, prune: prune.identity(net[2], "wieght"), AttributeError, "wieght"),
    "not pruned": (lambda lib, net, prune: prune.remove(net[2], "weight"), ValueError, "'weight' of Linear"),
    "other scores": (
        lambda lib, net, prune: prune.l1_unstructured(net[2], "weight", 1, lib.ones(2)),
        AssertionError,
        r"importance_scores \(2,\)",
    ),
    "another mask": (
        lambda lib, net, prune: prune.custom_from_mask(net[2], "bias", lib.ones(3)),
        AssertionError,
        r"mask \(3,\)",
    ),
    "slices of all": (
        lambda lib, net, prune: prune.global_unstructured([(net[2], "weight")], prune.LnStructured, amount=1, n=2),
        TypeError,
        "not unstructured",
    ),
    "a method alone": (lambda lib, net, prune: prune.Identity().apply_mask(net[2]), Exception, "no module yet"),
    "no method": (lambda lib, net, prune: prune.PruningContainer().add_pruning_method(3), TypeError, "3 is no"),
    "nothing defined": (lambda lib, net, prune: prune.BasePruningMethod(), TypeError, "compute_mask"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_pruned_is_refused_and_nothing_changes(torch, name):
    call, error, words = REFUSED[name]
    for lib in (autograd, torch):
        net = made(lib)
        before = list(net.state_dict())
        with pytest.raises(error) as caught:
            call(lib, net, lib.nn.utils.prune)
        assert lib is torch or re.search(words, str(caught.value))
        assert sorted(net.state_dict()) == sorted(before)
        assert lib is torch or list(net.state_dict()) == before
        assert not lib.nn.utils.prune.is_pruned(net)


def test_a_method_that_gives_another_shape_is_refused():
    class Wrong(prune.BasePruningMethod):
        PRUNING_TYPE = "global"

        def compute_mask(self, t, default_mask):
            return autograd.ones(1)

    net = made(autograd)
    with pytest.raises(ShapeError, match=r"Wrong gave a mask \(1,\) for 'bias' of Linear, which is \(2,\)"):
        Wrong.apply(net[2], "bias")
    assert isinstance(net[2].bias, nn.Parameter)
    with pytest.raises(TypeError, match="a Parameter can be pruned"):
        prune.identity(nn.BatchNorm1d(2), "running_mean")
