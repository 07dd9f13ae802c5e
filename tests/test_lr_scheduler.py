"""Schedulers: 100 steps beside PyTorch's, alone, combined, saved and resumed."""

import math
import warnings

import numpy as np
import pytest

import optim
from autograd import Tensor, Value

SCHEDULERS = {
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda epoch: 0.95**epoch),
    "LambdaLR of each group": lambda s, o: s.LambdaLR(o, [lambda epoch: 0.95**epoch, lambda epoch: 1 / (1 + epoch)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 1 - 1 / (epoch + 2)),
    "StepLR": lambda s, o: s.StepLR(o, 7, gamma=0.5),
    "StepLR to 0": lambda s, o: s.StepLR(o, 7, gamma=0),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [3, 30, 30, 60], gamma=0.3),
    "ConstantLR": lambda s, o: s.ConstantLR(o, factor=0.2, total_iters=9),
    "LinearLR": lambda s, o: s.LinearLR(o, start_factor=0.1, end_factor=0.7, total_iters=20),
    "LinearLR to 0": lambda s, o: s.LinearLR(o, start_factor=1.0, end_factor=0, total_iters=20),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.93),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, total_iters=60, power=1.7),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 100, eta_min=0.001),
    "CosineAnnealingLR back up": lambda s, o: s.CosineAnnealingLR(o, 13, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 9),
    "CosineAnnealingWarmRestarts longer": lambda s, o: s.CosineAnnealingWarmRestarts(o, 7, T_mult=2, eta_min=0.01),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=100),
    "OneCycleLR of each group": lambda s, o: s.OneCycleLR(
        o, [0.5, 0.2], epochs=11, steps_per_epoch=10, pct_start=0.25, anneal_strategy="linear", three_phase=True
    ),
    "OneCycleLR momentum": lambda s, o: s.OneCycleLR(o, 0.5, 100, base_momentum=[0.5, 0.6], max_momentum=0.9),
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.01, 0.3, step_size_up=7, step_size_down=5),
    "CyclicLR triangular2": lambda s, o: s.CyclicLR(o, [0.01, 0.1], 0.3, step_size_up=6, mode="triangular2"),
    "CyclicLR exp_range": lambda s, o: s.CyclicLR(o, 0.01, 0.3, 6, mode="exp_range", gamma=0.98, cycle_momentum=False),
    "CyclicLR scale_fn": lambda s, o: s.CyclicLR(o, 0.01, 0.3, 6, scale_fn=lambda x: 1 / x, base_momentum=0.7),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, 0.1, total_iters=10), s.CosineAnnealingLR(o, 40), s.StepLR(o, 5, 0.8)],
        milestones=[10, 50],
    ),
    "SequentialLR of others": lambda s, o: s.SequentialLR(
        o,
        [
            s.ConstantLR(o, 0.5, 4),
            s.LambdaLR(o, lambda epoch: 0.9**epoch),
            s.CosineAnnealingWarmRestarts(o, 5),
            s.MultiStepLR(o, [3, 8], 0.5),
            s.MultiplicativeLR(o, lambda epoch: 0.9),
            s.PolynomialLR(o, 10, 2.0),
        ],
        milestones=[5, 20, 40, 60, 80],
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 10), s.ExponentialLR(o, 0.97), s.LinearLR(o, 0.5, 1.0, 30), s.StepLR(o, 25, 0.5)], o
    ),
    "ChainedScheduler of cosines": lambda s, o: s.ChainedScheduler(
        [s.CosineAnnealingLR(o, 200), s.MultiStepLR(o, [20, 40], 0.5)]
    ),
}
MOMENTUM = ("OneCycleLR", "CyclicLR")


def optimizers(torch, algorithm="SGD"):
    """Ours and PyTorch's with two groups of rates 0.1 and 0.4; no gradients, so nothing moves."""
    pairs = [(optim, Tensor), (torch.optim, torch.tensor)]
    groups = [[{"params": [make([1.0])]}, {"params": [make([1.0])], "lr": 0.4}] for _, make in pairs]
    settings = {"lr": 0.1, **({"momentum": 0.9} if algorithm == "SGD" else {})}
    return [getattr(o, algorithm)(g, **settings) for (o, _), g in zip(pairs, groups, strict=True)]


def both(torch, name, algorithm="SGD"):
    here, there = optimizers(torch, algorithm)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's word on its own deprecations
        theirs = SCHEDULERS[name](torch.optim.lr_scheduler, there)
    return (here, SCHEDULERS[name](optim.lr_scheduler, here)), (there, theirs)


def rates(optimizer, scheduler):
    keys = [k for k in ("momentum", "betas") if k in optimizer.defaults]
    momenta = [np.ravel([group[k] for k in keys])[0] for group in optimizer.param_groups]
    return [group["lr"] for group in optimizer.param_groups], scheduler.get_last_lr(), momenta


def step(optimizer, scheduler):
    optimizer.step()
    scheduler.step()


def check_same(ours, theirs, steps=100):
    for _ in range(steps):
        np.testing.assert_allclose(rates(*ours), rates(*theirs), rtol=1e-10, atol=1e-15)
        step(*ours)
        step(*theirs)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", SCHEDULERS)
def test_100_steps_are_at_torchs_rates(torch, name):
    ours, theirs = both(torch, name)
    check_same(ours, theirs)
    if hasattr(theirs[1], "last_epoch"):
        assert ours[1].last_epoch == theirs[1].last_epoch == 100


@pytest.mark.parametrize("name", [name for name in SCHEDULERS if name.startswith(MOMENTUM)])
def test_cycles_of_the_first_beta(torch, name):
    check_same(*both(torch, name, "Adam"))


CHAINABLE = [name for name in SCHEDULERS if not name.startswith((*MOMENTUM, "Seq", "Chained")) and "to 0" not in name]


@pytest.mark.parametrize("name", CHAINABLE)
def test_rates_changed_by_hand(torch, name):
    """A scheduler multiplies what it finds, or sets what its epoch says: as PyTorch's does."""
    ours, theirs = both(torch, name)
    for optimizer, scheduler in (ours, theirs):
        for _ in range(5):
            step(optimizer, scheduler)
        optimizer.param_groups[0]["lr"] *= 0.5
    check_same(ours, theirs, 40)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", SCHEDULERS)
def test_saved_and_loaded(torch, name):
    ours, theirs = both(torch, name)
    for _ in range(17):
        step(*ours)
        step(*theirs)
    (fresh, other), _ = both(torch, name)
    saved = ours[1].state_dict()
    assert "optimizer" not in saved
    other.load_state_dict(saved)
    fresh.load_state_dict(ours[0].state_dict())
    assert fresh.param_groups[1]["initial_lr"] == ours[0].param_groups[1]["initial_lr"]
    check_same((fresh, other), theirs, 60)


RESUMED = {
    "LambdaLR": lambda s, o, k: s.LambdaLR(o, lambda epoch: 0.95**epoch, k),
    "MultiplicativeLR": lambda s, o, k: s.MultiplicativeLR(o, lambda epoch: 0.95, last_epoch=k),
    "StepLR": lambda s, o, k: s.StepLR(o, 7, 0.5, last_epoch=k),
    "MultiStepLR": lambda s, o, k: s.MultiStepLR(o, [3, 30], 0.5, last_epoch=k),
    "ConstantLR": lambda s, o, k: s.ConstantLR(o, 0.5, 20, last_epoch=k),
    "LinearLR": lambda s, o, k: s.LinearLR(o, 0.5, 1.0, 20, last_epoch=k),
    "ExponentialLR": lambda s, o, k: s.ExponentialLR(o, 0.9, last_epoch=k),
    "PolynomialLR": lambda s, o, k: s.PolynomialLR(o, 40, last_epoch=k),
    "CosineAnnealingLR": lambda s, o, k: s.CosineAnnealingLR(o, 15, last_epoch=k),
    "CosineAnnealingWarmRestarts": lambda s, o, k: s.CosineAnnealingWarmRestarts(o, 9, last_epoch=k),
    "OneCycleLR": lambda s, o, k: s.OneCycleLR(o, 0.5, 100, last_epoch=k),
    "CyclicLR": lambda s, o, k: s.CyclicLR(o, 0.01, 0.3, 7, last_epoch=k),
}


@pytest.mark.parametrize("epoch", [6, 12, 19])
@pytest.mark.parametrize("name", RESUMED)
def test_resumed_after_an_epoch(torch, name, epoch):
    pairs = []
    for scheduler_module, optimizer in zip(
        (optim.lr_scheduler, torch.optim.lr_scheduler), optimizers(torch), strict=True
    ):
        RESUMED[name](scheduler_module, optimizer, -1)  # it leaves initial_lr, max_lr, ... in the groups
        pairs.append((optimizer, RESUMED[name](scheduler_module, optimizer, epoch)))
    check_same(*pairs, 40)


METRICS = (
    [1.0, 0.9, 0.9, 0.95, 0.9, 0.89995, 0.5, 0.6, float("nan"), 0.6, 0.6, 0.4, 0.4, 0.4] + [0.4] * 30 + [-1.0] * 20
)
PLATEAUS = [
    {},
    {"patience": 2},
    {"patience": 1, "factor": 0.5, "cooldown": 3, "threshold": 0.1},
    {"mode": "max", "patience": 3, "threshold_mode": "abs", "threshold": 0.05},
    {"mode": "max", "patience": 1, "min_lr": [0.01, 0.3]},
    {"patience": 0, "threshold_mode": "abs", "min_lr": 1e-3, "eps": 0.01},
]


@pytest.mark.parametrize("settings", PLATEAUS, ids=[str(s) for s in PLATEAUS])
def test_plateaus(torch, settings):
    here, there = optimizers(torch)
    ours = optim.lr_scheduler.ReduceLROnPlateau(here, **settings)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(there, **settings)
    for k, metric in enumerate(METRICS):
        if k == 10:
            fresh, _ = optimizers(torch)
            fresh.load_state_dict(here.state_dict())
            again = optim.lr_scheduler.ReduceLROnPlateau(fresh)
            again.load_state_dict(ours.state_dict())
            here, ours = fresh, again
        ours.step(Tensor(np.array(metric)) if k % 2 else metric)
        theirs.step(metric)
        np.testing.assert_allclose(rates(here, ours), rates(there, theirs), rtol=1e-10)
        assert (ours.num_bad_epochs, ours.last_epoch) == (theirs.num_bad_epochs, theirs.last_epoch)


@pytest.mark.parametrize("factor", [1, 2])
def test_warm_restarts_at_fractions_of_epochs(torch, factor):
    here, there = optimizers(torch)
    ours = optim.lr_scheduler.CosineAnnealingWarmRestarts(here, 5, factor)
    theirs = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(there, 5, factor)
    for epoch in np.arange(0, 60, 0.25).tolist():
        here.step()
        there.step()
        ours.step(epoch)
        theirs.step(epoch)
        np.testing.assert_allclose(rates(here, ours), rates(there, theirs), rtol=1e-10, atol=1e-15)


def test_parameters_move_as_torchs_do(torch):
    """An optimizer and its scheduler together, with values that feed back."""
    start = np.linspace(-1, 1, 5)
    ours, theirs = Tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    pairs = []
    for o, p in ((optim, ours), (torch.optim, theirs)):
        optimizer = o.AdamW([p], lr=0.01)
        pairs.append((optimizer, o.lr_scheduler.OneCycleLR(optimizer, 0.1, 100), p))
    for _ in range(100):
        for optimizer, scheduler, p in pairs:
            optimizer.zero_grad()
            ((p.cos() + p * p) ** 2).sum().backward()
            step(optimizer, scheduler)
        np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-10)


def test_combinations_that_pytorch_gets_wrong():
    """A sequence in a chain, a chain in a sequence: each counts its own epochs."""
    s = optim.lr_scheduler
    optimizer = optim.SGD([Value(1.0)], lr=1.0)
    warm = s.SequentialLR(optimizer, [s.LinearLR(optimizer, 0.5, total_iters=2), s.ExponentialLR(optimizer, 0.5)], [2])
    end = s.ChainedScheduler([s.ConstantLR(optimizer, 0.5, 2), s.ExponentialLR(optimizer, 0.5)])
    scheduler = s.SequentialLR(optimizer, [warm, end], [4])
    seen = []
    for _ in range(8):
        seen += scheduler.get_last_lr()
        step(optimizer, scheduler)
    assert seen == [0.5, 0.75, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125]


def test_rates_come_back_from_0():
    """PyTorch divides by the factor before."""
    optimizer = optim.SGD([Value(1.0)], lr=8.0)
    scheduler = optim.lr_scheduler.ConstantLR(optimizer, factor=0, total_iters=2)
    seen = []
    for _ in range(4):
        seen += scheduler.get_last_lr()
        step(optimizer, scheduler)
    assert seen == [0.0, 0.0, 8.0, 8.0]


def test_a_scheduler_of_ones_own():
    class Halving(optim.lr_scheduler.LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer = optim.SGD([Value(1.0)], lr=8.0)
    scheduler = Halving(optimizer)
    step(optimizer, scheduler)
    step(optimizer, scheduler)
    assert optimizer.param_groups[0]["lr"] == 2.0
    assert scheduler.state_dict()["last_epoch"] == 2


def test_functions_are_not_saved_but_what_objects_know_is():
    class Decay:
        def __init__(self, rate):
            self.rate = rate

        def __call__(self, epoch):
            return self.rate**epoch

    optimizer = optim.SGD([{"params": [Value(1.0)]}, {"params": [Value(1.0)]}], lr=1.0)
    scheduler = optim.lr_scheduler.LambdaLR(optimizer, [Decay(0.5), math.cos])
    saved = scheduler.state_dict()
    assert saved["lr_lambdas"] == [{"rate": 0.5}, {}]
    other = optim.lr_scheduler.LambdaLR(optimizer, [Decay(0.1), math.cos])
    other.load_state_dict(saved)
    other.step()
    assert other.get_last_lr() == [0.5, math.cos(1)]


OPTIMIZER = optim.SGD([Value(1.0)], lr=0.1)
WITHOUT_MOMENTUM = optim.Adagrad([Value(1.0)])
S = optim.lr_scheduler
REFUSED = [
    (lambda: S.StepLR([Value(1.0)], 3), TypeError, "StepLR: the first argument is an optimizer"),
    (lambda: S.StepLR(OPTIMIZER, 0), ValueError, "step_size is 0"),
    (lambda: S.ExponentialLR(optim.SGD([Value(1.0)]), 0.9, last_epoch=3), KeyError, "group 0 needs its 'initial_lr'"),
    (lambda: S.LambdaLR(OPTIMIZER, [abs, abs]), ValueError, "lr_lambda: there are 2 of them for 1 groups"),
    (lambda: S.LinearLR(OPTIMIZER, start_factor=0), ValueError, "start_factor is 0"),
    (lambda: S.LinearLR(OPTIMIZER, total_iters=0), ValueError, "total_iters is 0"),
    (lambda: S.ConstantLR(OPTIMIZER, factor=1.5), ValueError, "factor is 1.5"),
    (lambda: S.PolynomialLR(OPTIMIZER, total_iters=0), ValueError, "total_iters is 0"),
    (lambda: S.CosineAnnealingLR(OPTIMIZER, 0), ValueError, "T_max is 0"),
    (lambda: S.CosineAnnealingWarmRestarts(OPTIMIZER, 1.5), ValueError, "T_0 is 1.5"),
    (lambda: S.CosineAnnealingWarmRestarts(OPTIMIZER, 3).step(-1), ValueError, "epoch is -1"),
    (lambda: S.OneCycleLR(OPTIMIZER, 0.1), ValueError, "give total_steps, or both"),
    (lambda: S.OneCycleLR(OPTIMIZER, 0.1, 10, pct_start=1.5), ValueError, "pct_start is 1.5"),
    (lambda: S.OneCycleLR(OPTIMIZER, 0.1, 10, anneal_strategy="exp"), ValueError, "'exp', not 'cos' or 'linear'"),
    (lambda: S.OneCycleLR(WITHOUT_MOMENTUM, 0.1, 10), ValueError, "Adagrad has no momentum"),
    (lambda: S.CyclicLR(OPTIMIZER, 0.1, 0.2, mode="square"), ValueError, "mode is 'square'"),
    (lambda: S.CyclicLR(OPTIMIZER, 0.1, 0.2, step_size_up=0), ValueError, "step sizes are 0"),
    (lambda: S.ReduceLROnPlateau(OPTIMIZER, factor=1.0), ValueError, "factor is 1.0"),
    (lambda: S.ReduceLROnPlateau(OPTIMIZER, mode="less"), ValueError, "mode is 'less'"),
    (lambda: S.ReduceLROnPlateau(OPTIMIZER, min_lr=[0.1, 0.2]), ValueError, "min_lr: there are 2"),
    (lambda: S.SequentialLR(OPTIMIZER, [], []), ValueError, "there are no schedulers"),
    (lambda: S.SequentialLR(OPTIMIZER, [S.StepLR(OPTIMIZER, 3)], [3]), ValueError, "one milestone less"),
    (lambda: S.ChainedScheduler([S.ReduceLROnPlateau(OPTIMIZER)]), ValueError, "needs a metric"),
    (
        lambda: S.ChainedScheduler([S.StepLR(OPTIMIZER, 3), S.StepLR(WITHOUT_MOMENTUM, 3)]),
        ValueError,
        "must all be those of one optimizer",
    ),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_one_cycle_ends():
    optimizer = optim.SGD([Value(1.0)], lr=0.1, momentum=0.9)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=3)
    for _ in range(3):
        scheduler.step()
    with pytest.raises(ValueError, match="step 4 of a schedule made for 3 steps"):
        scheduler.step()
