"""Optimizers: 100 steps beside PyTorch's, of Tensors and of Values; their groups, and what they refuse."""

import copy
import math
import pickle

import numpy as np
import pytest

import nn
import optim
from autograd import ShapeError, Tensor, Value

SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.01, "momentum": 0.5, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.02}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("Adam", {"lr": 0.01, "maximize": True, "weight_decay": 0.02}),
    ("Adam", {"lr": 0.01, "decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.02, "betas": (0.9, 0.95), "weight_decay": 0.1, "amsgrad": True}),
    ("AdamW", {"lr": 0.01, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.003, "alpha": 0.9, "eps": 1e-6, "weight_decay": 0.02}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"centered": True, "momentum": 0.9, "lr": 0.003, "maximize": True}),
    ("Adagrad", {"lr": 0.1}),
    ("Adagrad", {"lr_decay": 0.05, "weight_decay": 0.02, "initial_accumulator_value": 0.3, "eps": 1e-6}),
    ("Adagrad", {"maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.02, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.02, "momentum_decay": 0.02}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("RAdam", {"lr": 0.01}),
    ("RAdam", {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.02}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.02, "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.05, "lambd": 0.01, "alpha": 0.6, "t0": 10, "weight_decay": 0.02}),
    ("ASGD", {"maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.05, "etas": (0.4, 1.3), "step_sizes": (1e-3, 0.2), "maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.3, "beta2_decay": -0.6, "d": 1.3, "weight_decay": 0.1}),
    ("Adafactor", {"eps": (0.5, 0.7), "maximize": True}),
    ("Lion", {"lr": 0.003}),
    ("Lion", {"lr": 0.003, "betas": (0.8, 0.9), "weight_decay": 0.1, "maximize": True}),
]
IDS = [f"{name}-{'-'.join(map(str, settings))}" for name, settings in SETTINGS]
OF_VALUES = [(name, settings) for name, settings in SETTINGS if name != "Adafactor"]
DATA = np.random.default_rng(0)
X, Y = DATA.normal(size=(20, 4)), DATA.normal(size=(20, 3))
WEIGHTS = [DATA.normal(size=shape) for shape in ((5, 4), (5,), (3, 5), (3,))]


class Lion:
    """Algorithm 2 of arXiv:2302.06675, one parameter at a time, on PyTorch's tensors."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
        self.params, self.lr, self.betas, self.decay = params, lr, betas, weight_decay
        self.momenta = [p.detach() * 0 for p in params]
        self.sign = -1 if maximize else 1

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        for i, p in enumerate(self.params):
            g = self.sign * p.grad
            c = self.betas[0] * self.momenta[i] + (1 - self.betas[0]) * g
            p.data = p.data - self.lr * (c.sign() + self.decay * p.data)
            self.momenta[i] = self.betas[1] * self.momenta[i] + (1 - self.betas[1]) * g


def theirs_named(torch, name):
    return Lion if name == "Lion" else getattr(torch.optim, name)


@pytest.fixture
def double(torch):
    """PyTorch's counts and NAdam's product of momenta have its default dtype."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def gradient(w, k):
    """That of step ``k`` at ``w``: it feeds back, changes sign, and never comes to rest."""
    return (np.cos(3 * w + 0.1 * k) + 0.1 * w).astype(w.dtype)


def take_steps(make, optimizer, params, steps):
    """The parameters after each step, as arrays."""
    for k in steps:
        optimizer.zero_grad()
        for p in params:
            p.grad = make(gradient(p.detach().numpy(), k))
        optimizer.step()
        yield [np.array(p.detach().numpy()) for p in params]


def loss_of(x, y, w1, b1, w2, b2):
    """A network with a hidden layer; the same lines for our Tensors and PyTorch's."""
    return ((((x @ w1.T + b1).tanh() @ w2.T + b2) - y) ** 2).mean()


def both(torch, dtype=np.float64):
    ours = [Tensor(w.astype(dtype), requires_grad=True) for w in WEIGHTS]
    return ours, [torch.tensor(w.astype(dtype), requires_grad=True) for w in WEIGHTS]


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_100_steps_are_at_torchs_parameters(torch, double, name, settings):
    ours, theirs = both(torch)
    here, there = getattr(optim, name)(ours, **settings), theirs_named(torch, name)(theirs, **settings)
    steps = (take_steps(Tensor, here, ours, range(100)), take_steps(torch.tensor, there, theirs, range(100)))
    for mine, reference in zip(*steps, strict=True):
        for p, q in zip(mine, reference, strict=True):
            np.testing.assert_allclose(p, q, rtol=1e-10, atol=1e-10)


def test_training_a_network(torch):
    ours, theirs = both(torch)
    here, there = optim.Adam(ours, lr=0.01), torch.optim.Adam(theirs, lr=0.01)
    for _ in range(100):
        for make, params, optimizer in ((Tensor, ours, here), (torch.tensor, theirs, there)):
            optimizer.zero_grad()
            loss_of(make(X), make(Y), *params).backward()
            optimizer.step()
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_float32_stays_float32_and_near_torch(torch, name, settings):
    ours, theirs = both(torch, np.float32)
    here, there = getattr(optim, name)(ours, **settings), theirs_named(torch, name)(theirs, **settings)
    *_, mine = take_steps(Tensor, here, ours, range(20))
    *_, reference = take_steps(torch.tensor, there, theirs, range(20))
    for p, q in zip(mine, reference, strict=True):
        assert p.dtype == np.float32
        np.testing.assert_allclose(p, q, rtol=1e-4, atol=1e-4)
    state = here.state_dict()["state"]
    assert all(t.dtype == np.float32 for entry in state.values() for t in entry.values() if t.ndim)


@pytest.mark.parametrize(("name", "settings"), OF_VALUES, ids=[i for i in IDS if "Adafactor" not in i])
def test_values_take_the_same_steps_as_tensors(name, settings):
    start = np.array([1.5, -0.7, 0.2])
    tensor, values = Tensor(start, requires_grad=True), [Value(x) for x in start]
    of_tensor, of_values = getattr(optim, name)([tensor], **settings), getattr(optim, name)(values, **settings)
    for _ in range(50):
        of_tensor.zero_grad()
        (tensor.cos() + 0.1 * tensor * tensor).sum().backward()
        of_tensor.step()
        of_values.zero_grad()
        sum(v.cos() + 0.1 * v * v for v in values).backward()
        of_values.step()
        np.testing.assert_allclose([v.data for v in values], tensor.numpy(), rtol=1e-12, atol=1e-12)
    assert all(type(v.data) is float for v in values)


# Muon ----------------------------------------------------------------------------------------------------------


def muon_step(p, buffer, g, lr, weight_decay, momentum, nesterov, adjust, steps=5):
    """One step as published (github.com/KellerJordan/Muon), in float64; the new parameter and momentum."""
    buffer = momentum * buffer + (1 - momentum) * g
    x = (1 - momentum) * g + momentum * buffer if nesterov else buffer
    if tall := x.shape[0] > x.shape[1]:
        x = x.T
    x = x / max(np.sqrt((x * x).sum()), 1e-7)
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x - 4.7750 * a @ x + 2.0315 * a @ a @ x
    x = x.T if tall else x
    rows, columns = p.shape
    ratio = 0.2 * max(rows, columns) ** 0.5 if adjust == "match_rms_adamw" else max(1, rows / columns) ** 0.5
    return p * (1 - lr * weight_decay) - lr * ratio * x, buffer


@pytest.mark.parametrize("nesterov", [True, False])
@pytest.mark.parametrize("adjust", [None, "original", "match_rms_adamw"])
def test_muon(torch, nesterov, adjust):
    matrices = [WEIGHTS[0], WEIGHTS[2]]
    settings = {"lr": 0.02, "weight_decay": 0.1, "nesterov": nesterov, "adjust_lr_fn": adjust}
    ours = [Tensor(w, requires_grad=True) for w in matrices]
    theirs = [torch.tensor(w, requires_grad=True) for w in matrices]
    plain, buffers = [w.copy() for w in matrices], [np.zeros_like(w) for w in matrices]
    here, there = optim.Muon(ours, **settings), torch.optim.Muon(theirs, **settings)
    for k in range(100):
        for p, q in zip(ours, theirs, strict=True):
            p.grad = None
            ((p - 1) ** 2 * (p + 2).cos()).sum().backward()
            q.grad = torch.tensor(p.grad.numpy())  # of the same gradients, since rounding to bfloat16 adds up
        for i, p in enumerate(ours):
            plain[i], buffers[i] = muon_step(plain[i], buffers[i], p.grad.numpy(), 0.02, 0.1, 0.95, nesterov, adjust)
        before = [p.numpy().copy() for p in ours], [q.detach().numpy().copy() for q in theirs]
        here.step()
        for p, reference in zip(ours, plain, strict=True):
            np.testing.assert_allclose(p.numpy(), reference, rtol=1e-10, atol=1e-10)
        if k == 0:
            there.step()
            for p, q, old, theirs_old in zip(ours, theirs, *before, strict=True):
                taken, expected = p.numpy() - old, q.detach().numpy() - theirs_old
                np.testing.assert_allclose(taken, expected, atol=0.05 * np.abs(expected).max())


# Which parameters are updated, and with what ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SGD", "Adam", "Adagrad"])
def test_groups_with_settings_of_their_own(torch, double, name):
    ours, theirs = both(torch)
    groups = [[{"params": ps[:2], "lr": 0.05}, {"params": ps[2:], "weight_decay": 0.1}] for ps in (ours, theirs)]
    here, there = (getattr(o, name)(g, lr=0.02) for o, g in zip((optim, torch.optim), groups, strict=True))
    *_, mine = take_steps(Tensor, here, ours, range(50))
    *_, reference = take_steps(torch.tensor, there, theirs, range(50))
    for p, q in zip(mine, reference, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-10, atol=1e-10)


def test_settings_of_groups_may_change():
    fast, slow = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([{"params": [fast], "lr": 0.5}, {"params": [slow]}], lr=0.1)
    (fast + slow).sum().backward()
    optimizer.step()
    assert fast.item() == 0.5
    assert slow.item() == pytest.approx(0.9)
    optimizer.param_groups[1]["lr"] = 0.2
    optimizer.step()
    assert slow.item() == pytest.approx(0.7)


@pytest.mark.parametrize("name", ["SGD", "Adam", "NAdam", "Adagrad", "RMSprop"])
def test_gradients_that_come_and_go(torch, double, name):
    """Each parameter has its own count of steps; those without a gradient keep what they have."""
    ours, theirs = both(torch)
    settings = {"lr": 0.01, **({"momentum": 0.9} if name == "SGD" else {})}
    here, there = getattr(optim, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings)
    rng = np.random.default_rng(1)
    for k in range(40):
        wanted = rng.integers(0, 2, size=4) if k % 10 else [1, 0, 1, 0] if k < 20 else [1] * 4
        for p, q, w in zip(ours, theirs, wanted, strict=True):
            gradient = rng.normal(size=p.shape)
            p.grad, q.grad = (Tensor(gradient), torch.tensor(gradient)) if w else (None, None)
        here.step()
        there.step()
        if k == 0:
            assert {id(p) for p in here.state if "exp_avg" in here.state[p]} <= {id(ours[0]), id(ours[2])}
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-10, atol=1e-10)


def test_a_parameter_without_a_gradient_is_left_alone():
    used, unused = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([used, unused], lr=0.1, weight_decay=0.5, momentum=0.9)
    used.sum().backward()
    optimizer.step()
    assert unused.item() == 1.0
    assert used.item() != 1.0
    assert list(optimizer.state_dict()["state"]) == [0]


def test_frozen_parameters_stay():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    model[0].requires_grad_(False)
    before = [p.numpy().copy() for p in model.parameters()]
    optimizer = optim.AdamW(model.parameters(), lr=0.1)
    model(Tensor([[1.0, 2.0]])).sum().backward()
    optimizer.step()
    changed = [not np.array_equal(p.numpy(), old) for p, old in zip(model.parameters(), before, strict=True)]
    assert changed == [False, False, True, True]


def test_two_optimizers_over_the_same_parameters_keep_their_own_moments():
    p, alone = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    first, other, reference = optim.Adam([p], lr=0.1), optim.SGD([p], lr=0.0, momentum=0.9), optim.Adam([alone], lr=0.1)
    for _ in range(5):
        for parameter in (p, alone):
            parameter.grad = None
            (parameter * parameter).sum().backward()
        first.step()
        other.step()
        reference.step()
    assert p.item() == alone.item()


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (200, 100)])
def test_every_size(torch, shape):
    """Of one element, of none, and so large that it is a block by itself."""
    start, gradient = np.full(shape, 2.0), np.full(shape, 0.5)
    ours, theirs = Tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    ours.grad, theirs.grad = Tensor(gradient), torch.tensor(gradient)
    kept = []
    for o, p in ((optim, ours), (torch.optim, theirs)):
        optimizer = o.RMSprop([p], momentum=0.9, centered=True, weight_decay=0.1)
        sgd = o.SGD([p], momentum=0.9, weight_decay=0.1)
        for _ in range(5):
            optimizer.step()
            sgd.step()
        kept.append(sgd.state[p]["momentum_buffer"].numpy())
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-10)
    np.testing.assert_allclose(*kept, rtol=1e-10)


def test_parameters_that_are_views_of_others():
    """Each is updated in turn, as in a loop; transposed ones too."""
    whole = Tensor(np.ones((3, 2)), requires_grad=True)
    part, turned = nn.Parameter(whole.data[0]), nn.Parameter(whole.data.T)
    optimizer = optim.SGD([whole, part, turned], lr=0.1)
    for p in (whole, part, turned):
        p.grad = Tensor(np.ones(p.shape))
    optimizer.step()
    np.testing.assert_allclose(whole.numpy(), [[0.7, 0.7], [0.8, 0.8], [0.8, 0.8]])


def test_parameters_keep_their_memory_and_may_get_another():
    w = Tensor(np.ones(3), requires_grad=True)
    other = Tensor(np.ones(2), requires_grad=True)
    seen = w.detach()
    optimizer = optim.SGD([w, other], lr=0.1, momentum=0.5)
    for p in (w, other):
        p.grad = Tensor(np.ones(p.shape))
    optimizer.step()
    assert seen.tolist() == w.tolist() == pytest.approx([0.9] * 3)
    w.data = np.zeros(3)
    optimizer.step()
    assert w.tolist() == pytest.approx([-0.15] * 3)
    assert other.tolist() == pytest.approx([0.75] * 2)


def test_small_parameters_are_put_one_after_the_other_and_updated_there():
    model = nn.MLP(3, [4, 2], dtype="float64")
    params = list(model.parameters())
    before = [p.tolist() for p in params]
    whole = optim.SGD(params, lr=0.1)
    arrays = [p.numpy() for p in params]
    assert [array.tolist() for array in arrays] == before
    assert arrays[0].base.size == sum(map(np.size, arrays))
    assert {id(array.base) for array in arrays} == {id(arrays[0].base)}
    middle = optim.SGD(params[1:3], lr=0.1)  # a stretch of them
    ends = optim.SGD([params[0], params[3]], lr=0.1)  # which do not lie together
    model(Tensor(np.ones((1, 3)))).sum().backward()
    expected = [array - 0.2 * p.grad.numpy() for array, p in zip(arrays, params, strict=True)]
    for optimizer in (whole, middle, ends):
        optimizer.step()
    for p, array, new in zip(params, arrays, expected, strict=True):
        assert p.numpy() is array
        np.testing.assert_allclose(array, new)


def test_a_parameter_whose_array_somebody_holds_stays_where_it_is():
    held, free, other = (Tensor(np.ones(2), requires_grad=True) for _ in range(3))
    array, view = held.numpy(), other.numpy()[:1]
    optimizer = optim.SGD([held, free, other], lr=0.1)
    for p in (held, free, other):
        p.grad = Tensor(np.ones(2))
    optimizer.step()
    assert held.numpy() is array
    assert np.shares_memory(other.numpy(), view)
    assert held.tolist() == free.tolist() == other.tolist() == pytest.approx([0.9] * 2)


def test_state_of_another_dtype_or_shape_is_refused():
    model = nn.Linear(2, 1)
    optimizer = optim.Adam(model.parameters())
    model(Tensor([[1.0, 2.0]])).sum().backward()
    optimizer.step()
    model.double()
    before = model.weight.tolist()
    with pytest.raises(TypeError, match="dtype float64 has exp_avg of dtype float32"):
        optimizer.step()
    model.float()
    model.weight.data = np.ones((3, 1), np.float32)
    with pytest.raises(ValueError, match=r"shape \(3, 1\) has a gradient of shape \(1, 2\)"):
        optimizer.step()
    assert before != [[1.0, 1.0]]


def test_parameters_by_name_and_keys_of_ones_own():
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    optimizer = optim.SGD([{"params": model.parameters(), "name": "all", "lr_scale": 0.5}, {"params": []}], lr=0.1)
    assert optimizer.param_groups[0]["name"] == "all"
    assert optimizer.state_dict()["param_groups"][0]["lr_scale"] == 0.5


def test_step_returns_the_loss_of_its_closure():
    p = Tensor([3.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9.0
    assert p.item() == pytest.approx(2.4)


def test_zero_grad_forgets_or_zeroes():
    p, v = Tensor([1.0], requires_grad=True), Value(1.0)
    optimizer = optim.SGD([{"params": [p]}, {"params": [v]}], lr=0.1)
    (p * p).sum().backward(create_graph=True)
    (v * 2).backward()
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0]
    assert not p.grad.requires_grad
    assert v.grad == 0.0
    optimizer.zero_grad()
    assert p.grad is None


def test_a_graph_from_before_a_step_is_refused_if_it_needs_the_old_weights():
    model = nn.Linear(2, 1)
    loss = model(Tensor([[1.0, 2.0]])).square().sum()
    loss.backward()
    optim.SGD(model.parameters(), lr=0.1).step()
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    again = model(x).sum()
    again.backward()  # recorded after the step: fine
    before = (model.weight * model.weight).sum()
    optim.SGD(model.parameters(), lr=0.1).step()
    with pytest.raises(RuntimeError, match="changed in place"):
        before.backward()


def test_an_optimizer_of_ones_own_as_in_pytorch():
    class Halving(optim.Optimizer):
        def __init__(self, params, lr=0.5):
            super().__init__(params, {"lr": lr})

        def step(self):
            for group in self.param_groups:
                for p in group["params"]:
                    state = self.state[p]
                    state["step"] = state.get("step", 0) + 1
                    p.data.mul_(group["lr"])

    p = Tensor([8.0], requires_grad=True)
    optimizer = Halving([p])
    optimizer.step()
    optimizer.step()
    assert p.item() == 2.0
    assert optimizer.state_dict()["state"] == {0: {"step": 2}}


# State -----------------------------------------------------------------------------------------------------------

KEPT = [(name, settings) for name, settings in SETTINGS if name != "Lion"]


def to_torch(torch, state_dict):
    state = {i: {k: torch.tensor(np.array(v)) for k, v in entry.items()} for i, entry in state_dict["state"].items()}
    return {"state": state, "param_groups": state_dict["param_groups"]}


@pytest.mark.parametrize(("name", "settings"), KEPT, ids=[i for i in IDS if "Lion" not in i])
def test_state_is_exchanged_with_torch(torch, double, name, settings):
    ours, theirs = both(torch)
    here, there = getattr(optim, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings)
    *_, first = take_steps(Tensor, here, ours, range(7))
    continued = [torch.tensor(p, requires_grad=True) for p in first]
    after = getattr(torch.optim, name)(continued)  # whose settings are loaded, too
    after.load_state_dict(to_torch(torch, here.state_dict()))
    *_, second = take_steps(torch.tensor, after, continued, range(7, 14))
    back = [Tensor(p, requires_grad=True) for p in second]
    again = getattr(optim, name)(back)
    again.load_state_dict(after.state_dict())
    *_, third = take_steps(Tensor, again, back, range(14, 21))
    *_, reference = take_steps(torch.tensor, there, theirs, range(21))
    for p, q in zip(third, reference, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-10, atol=1e-10)
    assert there.state_dict()["state"].keys() == again.state_dict()["state"].keys()
    for i, entry in there.state_dict()["state"].items():
        kept = again.state_dict()["state"][i]
        assert entry.keys() == kept.keys()
        for key, tensor in entry.items():
            np.testing.assert_allclose(kept[key].numpy(), tensor.numpy(), rtol=1e-10, atol=1e-10)
    missing = there.state_dict()["param_groups"][0].keys() - again.state_dict()["param_groups"][0].keys()
    assert missing <= {"foreach", "fused", "capturable", "differentiable"}


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))], ids=["deepcopy", "pickle"])
def test_copies_of_an_optimizer_go_on_by_themselves(copied):
    params = [Tensor(w, requires_grad=True) for w in WEIGHTS]
    optimizer = optim.NAdam(params, lr=0.01)
    list(take_steps(Tensor, optimizer, params, range(3)))
    other = copied(optimizer)
    theirs = other.param_groups[0]["params"]
    *_, expected = take_steps(Tensor, optimizer, params, range(3))
    *_, reached = take_steps(Tensor, other, theirs, range(3))
    for p, q in zip(expected, reached, strict=True):
        np.testing.assert_array_equal(p, q)
    assert other.state[theirs[0]]["step"].item() == 6


def test_state_that_is_written_to_counts():
    p, q = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([p, q], lr=1.0, momentum=0.5)
    for x in (p, q):
        x.grad = Tensor([1.0])
    optimizer.step()
    optimizer.state[p]["momentum_buffer"].zero_()  # 0.5 * 0 + 1
    optimizer.state[q]["momentum_buffer"] = Tensor([4.0])  # 0.5 * 4 + 1
    optimizer.step()
    assert (p.item(), q.item()) == (-1.0, -3.0)
    optimizer.state.clear()
    optimizer.step()
    assert (p.item(), q.item()) == (-2.0, -4.0)
    given = np.array([4.0], np.float32)
    optimizer = optim.SGD([p], lr=1.0, momentum=0.5)
    optimizer.state[p]["momentum_buffer"] = given
    optimizer.step()
    assert (p.item(), given.tolist()) == (-5.0, [4.0])  # it is taken over, not changed


def test_loading_copies_and_refuses_what_does_not_fit():
    params = [Tensor(w, requires_grad=True) for w in WEIGHTS]
    optimizer = optim.Adam(params, lr=0.01)
    list(take_steps(Tensor, optimizer, params, range(2)))
    saved = optimizer.state_dict()
    other = optim.Adam([Tensor(w, requires_grad=True) for w in WEIGHTS])
    other.load_state_dict(saved)
    assert other.param_groups[0]["lr"] == 0.01
    other.state[other.param_groups[0]["params"][0]]["exp_avg"].zero_()
    assert np.any(optimizer.state[params[0]]["exp_avg"].numpy())
    for cls, sizes, words in [
        (optim.Adam, [(5, 4)], r"its groups have \[4\] parameters, those of this Adam have \[1\]"),
        (optim.RMSprop, [w.shape for w in WEIGHTS], "'exp_avg' of parameter 0 is nothing that RMSprop remembers"),
        (optim.Adam, [(2, 2)] * 4, r"'exp_avg' of parameter 0 has shape \(5, 4\), the parameter \(2, 2\)"),
    ]:
        unlike = cls([Tensor(np.ones(size), requires_grad=True) for size in sizes], lr=0.5)
        with pytest.raises(ValueError, match=words):
            unlike.load_state_dict(saved)
        assert unlike.param_groups[0]["lr"] == 0.5


# Adafactor -------------------------------------------------------------------------------------------------------


def test_adafactor_of_every_number_of_dimensions(torch, double):
    weights = [DATA.normal(size=shape) for shape in ((), (1,), (2, 3, 4), (2, 1, 3, 2), (1, 5))]
    ours, theirs = ([make(w, requires_grad=True) for w in weights] for make in (Tensor, torch.tensor))
    here, there = optim.Adafactor(ours), torch.optim.Adafactor(theirs)
    steps = (take_steps(Tensor, here, ours, range(20)), take_steps(torch.tensor, there, theirs, range(20)))
    for mine, reference in zip(*steps, strict=True):
        for p, q in zip(mine, reference, strict=True):
            np.testing.assert_allclose(p, q, rtol=1e-10, atol=1e-10)
    for p, q in zip(ours, theirs, strict=True):
        for key, kept in there.state[q].items():
            np.testing.assert_allclose(here.state[p][key].numpy(), kept.numpy(), rtol=1e-10)


# Functions around steps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SGD", "LBFGS", "Distributed"])
def test_hooks_around_steps(name):
    p = Tensor([3.0], requires_grad=True)
    optimizer = (
        optim.Distributed(optim.SGD([p], lr=0.1)) if name == "Distributed" else getattr(optim, name)([p], lr=0.1)
    )
    seen = []

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    before = optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append((o, args, kwargs, p.item())))
    after = optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(p.item()))
    loss = optimizer.step(closure)
    assert loss.item() == 9.0
    assert seen == [(optimizer, (optimizer, closure), {}, 3.0), p.item()]
    assert p.item() < 3.0
    before.remove()
    optimizer.step(closure=closure)
    assert len(seen) == 3
    after.remove()
    optimizer.step(closure)
    assert len(seen) == 3


def test_a_hook_may_give_the_step_other_arguments(torch):
    for make, SGD in ((Tensor, optim.SGD), (torch.tensor, torch.optim.SGD)):
        p = make([1.0], requires_grad=True)
        optimizer, calls = SGD([p], lr=0.1), []

        def counting(calls=calls):
            calls.append(1)
            return 7.0

        optimizer.register_step_pre_hook(lambda o, args, kwargs, f=counting: ((o, f), {}))
        assert optimizer.step() == 7.0
        assert calls == [1]
        optimizer.register_step_pre_hook(lambda o, args, kwargs: "nothing")
        with pytest.raises(RuntimeError, match="None"):
            optimizer.step()


def test_hooks_run_once_and_stay_with_their_optimizer():
    class Twice(optim.SGD):
        def step(self, closure=None):
            super().step()
            return super().step(closure)

    p, seen = Tensor([1.0], requires_grad=True), []
    p.grad = Tensor([1.0])
    optimizer = Twice([p], lr=0.25)
    optimizer.register_step_post_hook(lambda *given: seen.append(p.item()))
    optimizer.step()
    assert seen == [0.5]
    copied = copy.deepcopy(optimizer)
    copied.step()
    assert seen == [0.5]


# What is refused -------------------------------------------------------------------------------------------------

LEAF = Tensor([1.0], requires_grad=True)
MATRIX = Tensor([[1.0]], requires_grad=True)
REFUSED = [
    (lambda: optim.SGD([], lr=0.1), ValueError, "no parameters"),
    (lambda: optim.Adam(iter([]), lr=0.1), ValueError, "no parameters"),
    (lambda: optim.SGD([LEAF], lr=-0.1), ValueError, "lr is -0.1; it must not be negative"),
    (lambda: optim.SGD([LEAF], lr=float("nan")), ValueError, "lr is nan"),
    (lambda: optim.SGD([LEAF], lr=Tensor(0.1)), TypeError, "lr is a Tensor"),
    (lambda: optim.AdamW([LEAF], betas=(0.9, Tensor(0.99))), TypeError, "betas is a Tensor"),
    (lambda: optim.SGD([LEAF, ("matrix", MATRIX)]), ValueError, "some parameters come with a name"),
    (lambda: optim.SGD([("leaf", LEAF), MATRIX]), ValueError, "come with a name and some without"),
    (
        lambda: optim.SGD([{"params": [LEAF]}, {"params": [("matrix", MATRIX)]}]),
        ValueError,
        "some groups have names of parameters and some have none",
    ),
    (lambda: optim.Adam([LEAF], lr=-1), ValueError, "lr is -1"),
    (lambda: optim.SGD([LEAF], weight_decay=-1), ValueError, "weight_decay"),
    (lambda: optim.AdamW([LEAF], weight_decay=float("nan")), ValueError, "AdamW: weight_decay is nan"),
    (lambda: optim.SGD([LEAF], momentum=-0.5), ValueError, "momentum"),
    (lambda: optim.SGD([LEAF], momentum=0.5, dampening=float("nan")), ValueError, "dampening is nan"),
    (lambda: optim.SGD([LEAF], nesterov=True), ValueError, "needs momentum > 0"),
    (lambda: optim.Adam([LEAF], betas=(0.9, 1.0)), ValueError, "betas"),
    (lambda: optim.Lion([LEAF], betas=(float("nan"), 0.9)), ValueError, "Lion: betas"),
    (lambda: optim.Adam([LEAF], eps=-1e-8), ValueError, "eps"),
    (lambda: optim.RMSprop([LEAF], alpha=-1), ValueError, "alpha is -1"),
    (lambda: optim.RMSprop([LEAF], momentum=float("nan")), ValueError, "RMSprop: momentum is nan"),
    (lambda: optim.Adadelta([LEAF], rho=1.5), ValueError, r"rho is 1.5; it must lie in \[0, 1\]"),
    (lambda: optim.Adagrad([LEAF], lr_decay=-1), ValueError, "lr_decay"),
    (lambda: optim.Adagrad([LEAF], initial_accumulator_value=-1), ValueError, "initial_accumulator_value"),
    (lambda: optim.NAdam([LEAF], momentum_decay=-1), ValueError, "momentum_decay"),
    (lambda: optim.RAdam([LEAF], lr=float("nan")), ValueError, "RAdam: lr is nan"),
    (lambda: optim.ASGD([LEAF], weight_decay=-1), ValueError, "ASGD: weight_decay is -1"),
    (lambda: optim.Rprop([LEAF], etas=(1.0, 0.5)), ValueError, r"Rprop: etas are \(1.0, 0.5\)"),
    (lambda: optim.Rprop([LEAF], step_sizes=(2, 1)), ValueError, "the first must not be the larger one"),
    (lambda: optim.Adamax([LEAF], eps=float("nan")), ValueError, "Adamax: eps is nan"),
    (lambda: optim.Muon([LEAF]), ValueError, r"parameter 0 has shape \(1,\); Muon is for matrices"),
    (lambda: optim.Muon([Value(1.0)]), ValueError, "parameter 0 is a Value"),
    (lambda: optim.Muon([MATRIX], adjust_lr_fn="other"), ValueError, "adjust_lr_fn is 'other'"),
    (lambda: optim.Muon([MATRIX], ns_steps=100), ValueError, "100"),
    (lambda: optim.Rprop([LEAF], etas=(0.5, 0.9)), ValueError, "etas are"),
    (lambda: optim.Rprop([LEAF], step_sizes=(2, 1)), ValueError, "step_sizes are"),
    (lambda: optim.ASGD([LEAF], lr=-1), ValueError, "ASGD: lr is -1"),
    (lambda: optim.ASGD([LEAF], capturable=True), ValueError, "capturable=True is not possible"),
    (lambda: optim.Adafactor([LEAF], beta2_decay=0.8), ValueError, "beta2_decay is 0.8"),
    (lambda: optim.Adafactor([LEAF], eps=(None, -1)), ValueError, "eps are"),
    (lambda: optim.Adafactor([LEAF], d=0.5), ValueError, "d is 0.5"),
    (lambda: optim.Adafactor([Value(1.0)]), ValueError, "the parameters are Values"),
    (lambda: optim.SGD(LEAF), TypeError, "put it in a list"),
    (lambda: optim.SGD([1.0]), TypeError, "parameter 0 is 1.0"),
    (lambda: optim.SGD({LEAF}.union([MATRIX]) and [{"params": {LEAF}}]), TypeError, "a set of parameters"),
    (lambda: optim.SGD([LEAF * 2]), ValueError, "only leaves"),
    (lambda: optim.SGD([LEAF, LEAF]), ValueError, "stands there twice"),
    (lambda: optim.SGD([{"params": [LEAF]}, {"params": LEAF}]), ValueError, "stands there twice"),
    (lambda: optim.SGD([LEAF, Value(1.0)]), ValueError, "all Tensors or all Values"),
    (lambda: optim.SGD([{"params": [LEAF], "learning_rate": 1}]), ValueError, "'learning_rate'; is 'lr' meant"),
    (lambda: optim.SGD([{"params": [LEAF], "weightdecay": 1}]), ValueError, "is 'weight_decay' meant"),
    (lambda: optim.SGD([{"parameters": [LEAF]}]), ValueError, "the key 'params'"),
    (lambda: optim.Adam([LEAF], capturable=True), ValueError, "capturable=True is not possible"),
    (lambda: optim.Adam([LEAF], differentiable=True), ValueError, "differentiable=True is not possible"),
    (lambda: optim.Adam([LEAF], learning_rate=0.1), TypeError, "Adam: there is no argument 'learning_rate'"),
    (lambda: optim.Optimizer([LEAF], {}).step(LEAF.sum().backward), TypeError, "does not say how it updates"),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
    assert LEAF.tolist() == [1.0]


def test_flags_of_pytorch_that_ask_for_what_is_done_anyway():
    optimizer = optim.AdamW([LEAF], lr=0.1, fused=True, foreach=None, capturable=False)
    assert "fused" not in optimizer.param_groups[0]


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop"])
def test_a_step_that_is_refused_changes_nothing(name):
    first, second = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    optimizer = getattr(optim, name)([first, second], lr=0.1)
    first.grad = Tensor([1.0, 1.0])
    second.grad = Tensor([1.0, 1.0])
    second.data = Tensor([1.0, 2.0, 3.0])  # its gradient is still that of two numbers
    with pytest.raises(ShapeError, match="has a gradient of shape"):
        optimizer.step()
    assert first.tolist() == [1.0, 2.0]


def test_a_subclass_of_sgd_may_remember():
    class Counting(optim.SGD):
        def update(self, p, g, state, group):
            state["seen"] += 1
            super().update(p, g, state, group)

    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = Counting([w], lr=0.1)
    for _ in range(3):
        w.grad = Tensor([1.0, 1.0])
        optimizer.step()
    assert optimizer.state[w]["seen"].tolist() == [3.0, 3.0]
    assert w.tolist() == pytest.approx([0.7, 1.7])


def test_numbers_of_values_are_those_of_now():
    """The numbers that a step wrote are known to the next; not if somebody changed one, or a step failed."""

    class Halved(optim.Optimizer):
        fails = False

        def update(self, p, g, state, group):
            p *= 0.5
            if self.fails:
                raise ArithmeticError("in the middle")

    values = [Value(1.0), Value(2.0)]
    optimizer = Halved(values, {"lr": 1.0}, {})

    def after(number=None):
        if number is not None:
            values[0].data = number
        optimizer.step()
        return [value.data for value in values]

    assert after() == [0.5, 1.0]
    assert after() == [0.25, 0.5]
    assert after(8.0) == [4.0, 0.25]
    optimizer.fails = True
    with pytest.raises(ArithmeticError):
        after()
    optimizer.fails = False
    assert after() == [2.0, 0.125]
    assert after(0.0) == [0.0, 0.0625]
    assert math.copysign(1.0, after(-0.0)[0]) == -1.0
