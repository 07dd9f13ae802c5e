"""L-BFGS and its line search, beside PyTorch's."""

import numpy as np
import pytest

import autograd
import optim
from autograd import Tensor, Value


def rosenbrock(params, lib):
    (x,) = params
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def network(params, lib):
    rng = np.random.default_rng(1)
    X, Y = lib.tensor(rng.normal(size=(20, 3))), lib.tensor(rng.normal(size=(20, 1)))
    w, v, b = params
    return (((X @ w).tanh() @ v + b - Y) ** 2).mean()


def bowl(params, lib):
    (x,) = params
    return (x * x * lib.tensor(np.arange(1.0, 7))).sum()


RNG = np.random.default_rng(0)
STARTS = {
    rosenbrock: [RNG.normal(size=6)],
    network: [RNG.normal(size=(3, 5)), RNG.normal(size=(5, 1)), RNG.normal(size=1)],
    bowl: [RNG.normal(size=6)],
}
SETTINGS = [
    {"lr": 0.001},
    {"lr": 1, "max_iter": 5},
    {"lr": 0.5, "max_iter": 4, "history_size": 2},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 7},
    {"line_search_fn": "strong_wolfe", "lr": 0.01, "max_eval": 6},
    {"line_search_fn": "strong_wolfe", "lr": 30.0, "max_iter": 3},
    {"tolerance_grad": 0.5, "tolerance_change": 1e-3},
]


def trained(lib, optimizer, objective, params, steps):
    losses = []

    def closure():
        optimizer.zero_grad()
        loss = objective(params, lib)
        loss.backward()
        losses.append(loss.item())
        return loss

    results = [optimizer.step(closure).item() for _ in range(steps)]
    return losses, results


def apart(losses, others):
    """How far two runs have been apart so far, of the losses' size."""
    a, b = np.array(losses), np.array(others)
    return np.maximum.accumulate(np.abs(a - b) / np.maximum(np.abs(b), 1e-3))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("objective", STARTS, ids=lambda f: f.__name__)
def test_beside_torch(torch, objective, settings):
    """As near to PyTorch's run as that is to itself from a start that is rounded otherwise.

    A long search multiplies rounding errors by a billion, and each processor has its own.
    """
    ours = [Tensor(start, requires_grad=True) for start in STARTS[objective]]
    theirs = [torch.tensor(start, requires_grad=True) for start in STARTS[objective]]
    rounded = [torch.tensor(np.nextafter(start, np.inf), requires_grad=True) for start in STARTS[objective]]
    a, b, c = optim.LBFGS(ours, **settings), *(torch.optim.LBFGS(p, **settings) for p in (theirs, rounded))
    losses, results = trained(autograd, a, objective, ours, 3)
    expected, reference = trained(torch, b, objective, theirs, 3)
    again, _ = trained(torch, c, objective, rounded, 3)
    for key in ("func_evals", "n_iter"):
        assert a.state[ours[0]][key] == b.state[theirs[0]][key]
    bounds = 1e-12 + 100 * apart(again[: len(expected)], expected[: len(again)])
    assert (apart(losses, expected)[: len(bounds)] <= bounds).all()
    np.testing.assert_allclose(results, reference, rtol=1e-12 + bounds[-1])


def test_it_finds_the_lowest_place():
    x = Tensor(STARTS[rosenbrock][0], requires_grad=True)
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe", max_iter=100)
    losses, _ = trained(autograd, optimizer, rosenbrock, [x], 2)
    assert losses[-1] < 1e-10
    np.testing.assert_allclose(x.numpy(), 1, atol=1e-5)


def test_values_take_the_same_steps():
    start = STARTS[bowl][0]
    x, values = Tensor(start, requires_grad=True), [Value(number) for number in start]
    settings = {"max_iter": 6, "line_search_fn": "strong_wolfe"}
    losses, _ = trained(autograd, optim.LBFGS([x], **settings), bowl, [x], 2)
    optimizer = optim.LBFGS(values, **settings)
    found = []

    def closure():
        optimizer.zero_grad()
        loss = sum(v * v * k for k, v in enumerate(values, 1))
        loss.backward()
        found.append(loss.data)
        return loss

    for _ in range(2):
        optimizer.step(closure)
    np.testing.assert_allclose(found, losses, rtol=1e-12, atol=1e-20)


@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
def test_the_state_goes_to_torch_and_back(torch, line_search_fn):
    settings = {"lr": 0.1, "max_iter": 3, "line_search_fn": line_search_fn}
    ours = [Tensor(start, requires_grad=True) for start in STARTS[network]]
    theirs = [torch.tensor(start, requires_grad=True) for start in STARTS[network]]
    a, b = optim.LBFGS(ours, **settings), torch.optim.LBFGS(theirs, **settings)
    trained(torch, b, network, theirs, 3)
    a.load_state_dict(b.state_dict())
    for p, q in zip(ours, theirs, strict=True):
        p.data = Tensor(q.detach().numpy())
    again = [Tensor(p.numpy().copy(), requires_grad=True) for p in ours]
    c = optim.LBFGS(again, **settings)
    c.load_state_dict(a.state_dict())
    expected, _ = trained(torch, b, network, theirs, 2)
    for optimizer, params in ((a, ours), (c, again)):
        losses, _ = trained(autograd, optimizer, network, params, 2)
        np.testing.assert_allclose(losses, expected, rtol=1e-9)


def test_where_the_closure_fails_nothing_is_half_done():
    x = Tensor(STARTS[bowl][0], requires_grad=True)
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe")
    calls = []

    def closure():
        calls.append(x.numpy().copy())
        if len(calls) == 2:
            raise KeyError("data")
        optimizer.zero_grad()
        loss = bowl([x], autograd)
        loss.backward()
        return loss

    with pytest.raises(KeyError):
        optimizer.step(closure)
    assert (x.numpy() == calls[0]).all()
    assert (x.numpy() != calls[1]).any()


def test_not_a_number_ends_the_search():
    x = Tensor([2.0], requires_grad=True)
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe", lr=10.0, max_iter=5)
    losses, _ = trained(autograd, optimizer, lambda params, lib: x[0] - x[0].log(), [x], 3)
    assert np.isfinite(losses[-1])
    np.testing.assert_allclose(x.numpy(), 1, atol=1e-4)


REFUSED = {
    "closure": (lambda x: optim.LBFGS([x]).step(), TypeError, "step needs a function"),
    "groups": (lambda x: optim.LBFGS([{"params": [x]}, {"params": [x * 1]}]), ValueError, "one group"),
    "search": (lambda x: optim.LBFGS([x], line_search_fn="wolfe"), ValueError, "'wolfe'"),
    "lr": (lambda x: optim.LBFGS([x], lr=-1), ValueError, "lr"),
    "history": (lambda x: optim.LBFGS([x], history_size=0), ValueError, "at least 1"),
    "tolerance": (lambda x: optim.LBFGS([x], tolerance_grad=-1), ValueError, "tolerance_grad"),
    "state": (
        lambda x: optim.LBFGS([x]).load_state_dict(
            {"state": {0: {"momentum": 1}}, "param_groups": [{"params": [0], "lr": 1}]}
        ),
        ValueError,
        "momentum",
    ),
    "size": (
        lambda x: optim.LBFGS([x]).load_state_dict(
            {"state": {0: {"d": np.ones(3)}}, "param_groups": [{"params": [0], "lr": 1}]}
        ),
        ValueError,
        r"\(3,\)",
    ),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor([1.0, 2.0], requires_grad=True))
