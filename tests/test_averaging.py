"""Averages of models, and the learning rate that goes with them, beside PyTorch's."""

import pickle

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor
from optim.swa_utils import SWALR, AveragedModel, get_ema_avg_fn, get_ema_multi_avg_fn, update_bn
from tests.comparing import assert_close


def averaged(lib, settings):
    """The state of an averaged model, and what it gives, after a few steps of training."""
    swa = optim.swa_utils if lib is autograd else lib.optim.swa_utils
    net = lib.nn.Sequential(lib.nn.Linear(2, 3, bias=False), lib.nn.BatchNorm1d(3), lib.nn.Linear(3, 1)).double()
    with lib.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(lib.linspace(-1 - i, 2, p.numel(), dtype=lib.float64).reshape(p.shape))
    model = swa.AveragedModel(net, **settings(swa))
    optimizer = lib.optim.SGD(net.parameters(), lr=0.01)
    states = []
    for x in np.random.default_rng(0).normal(size=(4, 5, 2)):
        optimizer.zero_grad()
        net(lib.tensor(x)).square().mean().backward()
        optimizer.step()
        model.update_parameters(net)
        states += [value.detach().clone().numpy() for value in model.state_dict().values()]
    model.eval()
    out = model(lib.ones(1, 2, dtype=lib.float64))
    return [*states, np.asarray(out.detach())], list(model.state_dict())


SETTINGS = {
    "mean": lambda swa: {},
    "mean of buffers": lambda swa: {"use_buffers": True},
    "mean, given": lambda swa: {"avg_fn": swa.get_swa_avg_fn()},
    "mean of lists": lambda swa: {"multi_avg_fn": swa.get_swa_multi_avg_fn(), "device": "cpu"},
    "exponential": lambda swa: {"avg_fn": swa.get_ema_avg_fn(0.7)},
    "exponential of lists": lambda swa: {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.7), "use_buffers": True},
    "one's own": lambda swa: {"avg_fn": lambda averaged, current, n: averaged + current / (n + 2)},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_averages_are_torchs(torch, name):
    (here, names), (there, expected_names) = (averaged(lib, SETTINGS[name]) for lib in (autograd, torch))
    assert names == expected_names
    for found, expected in zip(here, there, strict=True):
        assert found.dtype == expected.dtype
        assert_close(found, expected, rtol=1e-7)  # PyTorch's weight of lists, 1 / n, is a float32


def test_the_model_itself_is_left_alone():
    net = nn.Linear(2, 1)
    model = AveragedModel(net)
    for value in (1.0, 3.0):
        nn.init.constant_(net.weight, value)
        model.update_parameters(net)
    assert net.weight.tolist() == [[3.0, 3.0]]
    assert model.module.weight.tolist() == [[2.0, 2.0]]
    other = AveragedModel(nn.Linear(2, 1))
    other.load_state_dict(pickle.loads(pickle.dumps(model)).state_dict())
    other.update_parameters(net)
    assert other.n_averaged.item() == 3
    assert_close(other.module.weight.numpy(), np.float32([[7 / 3, 7 / 3]]), rtol=1e-6)


def test_statistics_found_anew_are_torchs(torch):
    x = np.random.default_rng(0).normal(2.0, 3.0, size=(3, 5, 2))

    def program(lib):
        swa = optim.swa_utils if lib is autograd else lib.optim.swa_utils
        layers = lib.nn
        net = layers.Sequential(layers.BatchNorm1d(2), layers.Tanh(), layers.BatchNorm1d(2, momentum=0.3))
        net.double().eval()
        swa.update_bn([lib.tensor(x[0]), [lib.tensor(x[1]), "label"], (lib.tensor(x[2]),)], net, device="cpu")
        assert (net[0].momentum, net[2].momentum, net.training) == (0.1, 0.3, False)
        return [np.asarray(value.detach()) for value in net.state_dict().values()]

    for found, expected in zip(program(autograd), program(torch), strict=True):
        assert_close(found, expected)


def test_a_batch_that_does_not_fit_leaves_the_settings_as_they_were():
    net = nn.Sequential(nn.BatchNorm1d(2)).eval()
    with pytest.raises(autograd.ShapeError):
        update_bn([Tensor(np.ones((4, 3)))], net)
    assert (net[0].momentum, net.training) == (0.1, False)
    update_bn(None, nn.Linear(1, 1))  # has nothing to find


RATES = {
    "cos": lambda s, swa, o: [swa.SWALR(o, 0.05, anneal_epochs=7)],
    "linear": lambda s, swa, o: [swa.SWALR(o, [0.05, 0.3], 5, "linear")],
    "at once": lambda s, swa, o: [swa.SWALR(o, 0.05, 0)],
    "beside another": lambda s, swa, o: [s.ExponentialLR(o, 0.9), swa.SWALR(o, 0.05, 7)],
    "after another": lambda s, swa, o: [s.SequentialLR(o, [s.StepLR(o, 3), swa.SWALR(o, 0.05, 4)], [6])],
}


@pytest.mark.parametrize("name", RATES)
def test_rates_are_torchs(torch, name):
    def program(lib):
        schedulers = optim.lr_scheduler if lib is autograd else lib.optim.lr_scheduler
        swa = optim.swa_utils if lib is autograd else lib.optim.swa_utils
        optimizer = lib.optim.SGD([lib.ones(1, requires_grad=True)], lr=0.5)
        optimizer.add_param_group({"params": [lib.ones(1, requires_grad=True)], "lr": 1.0})
        made = RATES[name](schedulers, swa, optimizer)
        rates = [[group["lr"] for group in optimizer.param_groups]]
        for _ in range(12):
            optimizer.step()
            for scheduler in made:
                scheduler.step()
            rates.append([group["lr"] for group in optimizer.param_groups])
        return np.array(rates)

    assert_close(program(autograd), program(torch), rtol=1e-12)


def test_a_schedule_goes_on_where_it_was_saved():
    def made():
        optimizer = optim.SGD([Tensor([1.0], requires_grad=True)], lr=0.5)
        return optimizer, SWALR(optimizer, 0.05, 6)

    (optimizer, one), (other_optimizer, other) = made(), made()
    for _ in range(3):
        one.step()
    other_optimizer.load_state_dict(optimizer.state_dict())
    other.load_state_dict(one.state_dict())
    one.step(), other.step()
    assert one.get_last_lr() == other.get_last_lr()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: get_ema_avg_fn(1.5), "decay is 1.5"),
        (lambda: get_ema_multi_avg_fn(-0.1), "decay is -0.1"),
        (lambda: AveragedModel(nn.Linear(1, 1), avg_fn=max, multi_avg_fn=max), "give one of them"),
        (lambda: SWALR(optim.SGD([Tensor([1.0])], 0.1), 0.1, anneal_strategy="exp"), "'cos' or 'linear'"),
        (lambda: SWALR(optim.SGD([Tensor([1.0])], 0.1), 0.1, anneal_epochs=-1), "whole number from 0 on"),
        (lambda: SWALR(optim.SGD([Tensor([1.0])], 0.1), [0.1, 0.2]), "2 of them for 1 groups"),
    ],
)
def test_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
