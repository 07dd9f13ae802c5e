"""Who holds which memory, and for how long: graphs let go, gradients of one's own, no half-made changes."""

import signal
import tracemalloc

import numpy as np
import pytest

import autograd
import nn
from autograd import DtypeError, ShapeError, StateDictError, Tensor, Value, grad, no_grad, value_and_grad, where


def megabytes_kept(make, count):
    """How much memory ``count`` results of ``make``, kept, hold."""
    tracemalloc.start()
    try:
        kept = [make() for _ in range(count)]
        return tracemalloc.get_traced_memory()[0] / 1e6, kept
    finally:
        tracemalloc.stop()


W = Tensor(np.ones(50_000), requires_grad=True)  # 0.4 MB


def test_a_detached_result_lets_its_graph_go():
    assert megabytes_kept(lambda: (W * W).sum().detach(), 20)[0] < 1.0
    assert megabytes_kept(lambda: value_and_grad(lambda w: (w * w).sum())(W)[0], 20)[0] < 1.0


def test_a_detached_state_carried_on_lets_its_past_go():
    h = Tensor(np.ones(50_000))
    tracemalloc.start()
    for _ in range(20):
        h = (h * W + 1).detach()
    kept = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    assert kept < 2.0


def test_a_pass_does_not_keep_the_gradients_of_all_results():
    x = W
    for _ in range(40):
        x = -x
    loss = x.sum()
    tracemalloc.start()
    grad(loss, W)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert peak < 4.0  # 40 gradients of 0.4 MB would be 16


@pytest.mark.filterwarnings("ignore:Using backward")
@pytest.mark.parametrize("create_graph", [False, True])
def test_who_holds_grad_sees_it_grow_as_in_pytorch(torch, create_graph):
    found = []
    for module in (autograd, torch):
        x = module.tensor([1.0, 2.0], requires_grad=True)
        (x * x).sum().backward()
        held, view = x.grad, x.grad[:1]
        (x * x * x).sum().backward(create_graph=create_graph)
        found.append((held is x.grad, held.tolist(), view.tolist(), x.grad.tolist()))
        module.autograd.backward(x.sum(), inputs=[x])
        found[-1] += (held.tolist(), x.grad.tolist())
    assert found[0] == found[1]


def test_gradients_are_added_up_in_memory_given_for_them(torch):
    found = []
    for module in (autograd, torch):
        buffer = module.zeros(5)
        leaves = [module.ones(2, requires_grad=True), module.ones(3, requires_grad=True)]
        leaves[0].grad, leaves[1].grad = buffer[:2], buffer[2:]
        for _ in range(2):
            (leaves[0].sum() * 3 + (leaves[1] * module.arange(3)).sum()).backward()
        found.append(buffer.tolist())
    assert found[0] == found[1] == [6.0, 6.0, 0.0, 2.0, 4.0]


def test_a_compiled_function_adds_up_there_too():
    x = Tensor([1.0, 2.0], requires_grad=True)
    square = autograd.compile(lambda x: (x * x).sum())
    x.grad = held = Tensor([10.0, 10.0])
    for _ in range(3):
        square(x).backward()
    assert held is x.grad
    assert held.tolist() == [16.0, 22.0]


def test_a_gradient_that_a_graph_needs_is_not_overwritten_unnoticed():
    x, w = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    (x * x).sum().backward()
    loss = (x.grad * w).sum()
    (x * x).sum().backward()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_a_gradient_that_cannot_be_written_to_is_replaced():
    x = Tensor([1.0, 2.0], requires_grad=True)
    x.grad = held = Tensor([5.0]).expand(2)
    (x * x).sum().backward()
    assert x.grad.tolist() == [7.0, 9.0]
    assert held.tolist() == [5.0, 5.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_share_no_memory(create_graph):
    x, y = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    upstream = Tensor([1.0, 1.0])
    found = grad((x + y) * 1.0 + (x + y), (x, y), upstream, create_graph=create_graph)
    (same,) = grad(x, x, upstream, create_graph=create_graph)
    (spread,) = grad((x + 0.0).sum(), x, create_graph=create_graph)
    with no_grad():
        found[0].mul_(0.5)
        same.mul_(3.0)
        spread.mul_(2.0)
    assert found[1].tolist() == [2.0, 2.0]
    assert upstream.tolist() == [1.0, 1.0]
    assert spread.tolist() == [2.0, 2.0]


def test_a_parameter_shares_its_tensors_memory_and_notices_its_changes():
    tensor = Tensor([1.0, 2.0])
    p = nn.Parameter(tensor)
    y = (p * p).sum()
    tensor.add_(5.0)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_a_gradient_must_fit_its_tensor_and_a_failed_pass_changes_nothing():
    x, y = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    for wrong, kind in ((0, DtypeError), (Tensor([1.0]), ShapeError), (Tensor([1, 2]), ShapeError)):
        with pytest.raises(kind, match="grad: a gradient"):
            x.grad = wrong
    y.grad = Tensor([1.0, 1.0])
    y.data = Tensor([1.0, 2.0, 3.0])
    with pytest.raises(ShapeError):
        (x.sum() * y.sum()).backward()
    assert x.grad is None
    with pytest.raises(DtypeError, match="requires a gradient"):
        x.data = Tensor([1, 2])


def test_where_of_a_python_boolean_is_a_new_tensor():
    x = Tensor([1.0, 2.0])
    y = where(True, x, 0.0)
    y.add_(1)
    assert x.tolist() == [1.0, 2.0]
    assert where(True, x, Tensor(np.zeros((2, 2), np.float32))).shape == (2, 2)
    v = Value(1.0)
    assert where(True, v, 0.0) is v


def test_the_repair_of_where_leaves_other_branches_alone():
    x, z = (Tensor([0.0], requires_grad=True) for _ in range(2))
    (alone,) = grad((x.sqrt() * 0).sum(), x)
    (beside,) = grad((x.sqrt() * 0).sum() + where(z > 0, z, 0.0).sum(), x)
    assert np.isnan(alone.item())
    assert np.isnan(beside.item())


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
def test_a_signal_handler_may_compute_in_the_middle_of_a_computation():
    results = []

    def interrupt_again():  # one signal at a time: a timer that repeats can outrun a handler on a slow machine
        signal.setitimer(signal.ITIMER_REAL, 0.001 if len(results) < 20 else 0)

    def handler(*_):
        results.append((Tensor([1.0]) / 0).item())
        interrupt_again()

    previous = signal.signal(signal.SIGALRM, handler)
    try:
        interrupt_again()
        x = Tensor(np.ones(200_000))
        while len(results) < 20:
            x.sigmoid()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert set(results) == {np.inf}


def test_a_state_of_something_else_than_numbers_changes_nothing():
    model = nn.Linear(2, 1)
    before = model.weight.tolist()
    with pytest.raises(StateDictError, match="bias has dtype <U1"):
        model.load_state_dict({"weight": np.zeros((1, 2)), "bias": np.array(["a"])})
    assert model.weight.tolist() == before


def test_numpy_functions_that_would_lose_the_history_are_refused():
    with pytest.raises(TypeError):
        np.exp(W)
    assert isinstance(np.ones(50_000) * W, Tensor)
