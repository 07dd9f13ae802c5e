"""SGD and Adam: 50 steps beside PyTorch's, of Tensors and of Values; and what they refuse."""

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor, Value

SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.01, "momentum": 0.5, "maximize": True}),
    ("Adam", {"lr": 0.01}),
    ("Adam", {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.02}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("Adam", {"lr": 0.01, "maximize": True, "weight_decay": 0.02}),
]
IDS = [f"{name}-{'-'.join(map(str, settings))}" for name, settings in SETTINGS]
DATA = np.random.default_rng(0)
X, Y = DATA.normal(size=(20, 4)), DATA.normal(size=(20, 3))
WEIGHTS = [DATA.normal(size=shape) for shape in ((5, 4), (5,), (3, 5), (3,))]


def loss_of(x, y, w1, b1, w2, b2):
    """A network with a hidden layer; the same lines for our Tensors and PyTorch's."""
    return ((((x @ w1.T + b1).tanh() @ w2.T + b2) - y) ** 2).mean()


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_50_steps_end_at_torchs_parameters(torch, name, settings):
    ours = [Tensor(w, requires_grad=True) for w in WEIGHTS]
    theirs = [torch.tensor(w, requires_grad=True) for w in WEIGHTS]
    here, there = getattr(optim, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings)
    for _ in range(50):
        here.zero_grad()
        loss_of(Tensor(X), Tensor(Y), *ours).backward()
        here.step()
        there.zero_grad()
        loss_of(torch.tensor(X), torch.tensor(Y), *theirs).backward()
        there.step()
        for p, reference in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.numpy(), reference.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
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


def test_groups_have_settings_of_their_own_that_may_change():
    fast, slow = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([{"params": [fast], "lr": 0.5}, {"params": [slow]}], lr=0.1)
    (fast + slow).sum().backward()
    optimizer.step()
    assert fast.item() == 0.5
    assert slow.item() == pytest.approx(0.9)
    optimizer.param_groups[1]["lr"] = 0.2
    optimizer.step()
    assert slow.item() == pytest.approx(0.7)


def test_a_parameter_without_a_gradient_is_left_alone():
    used, unused = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([used, unused], lr=0.1, weight_decay=0.5)
    used.sum().backward()
    optimizer.step()
    assert unused.item() == 1.0
    assert used.item() != 1.0


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
    (p * 2).sum().backward()
    (v * 2).backward()
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0]
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


LEAF = Tensor([1.0], requires_grad=True)
REFUSED = [
    (lambda: optim.SGD([], lr=0.1), ValueError, "no parameters"),
    (lambda: optim.Adam(iter([]), lr=0.1), ValueError, "no parameters"),
    (lambda: optim.SGD([LEAF], lr=-0.1), ValueError, "lr is -0.1"),
    (lambda: optim.SGD([LEAF], lr=float("nan")), ValueError, "lr is nan"),
    (lambda: optim.Adam([LEAF], lr=-1), ValueError, "lr is -1"),
    (lambda: optim.SGD([LEAF], weight_decay=-1), ValueError, "weight_decay"),
    (lambda: optim.SGD([LEAF], momentum=-0.5), ValueError, "momentum"),
    (lambda: optim.SGD([LEAF], nesterov=True), ValueError, "needs momentum > 0"),
    (lambda: optim.Adam([LEAF], betas=(0.9, 1.0)), ValueError, "betas"),
    (lambda: optim.Adam([LEAF], eps=-1e-8), ValueError, "eps"),
    (lambda: optim.SGD(LEAF), TypeError, "put it in a list"),
    (lambda: optim.SGD([1.0]), TypeError, "parameter 0 is 1.0"),
    (lambda: optim.SGD([LEAF * 2]), ValueError, "only leaves"),
    (lambda: optim.SGD([LEAF, LEAF]), ValueError, "stands there twice"),
    (lambda: optim.SGD([LEAF, Value(1.0)]), ValueError, "all Tensors or all Values"),
    (lambda: optim.SGD([{"params": [LEAF], "learning_rate": 1}]), ValueError, "learning_rate"),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
    assert LEAF.tolist() == [1.0]
