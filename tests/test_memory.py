"""Memory: flat over many graphs without the garbage collector, and long chains are freed without recursion."""

import gc
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import nn
import optim
from autograd import AnomalyError, ShapeError, Tensor, Value, cat, detect_anomaly, grad, no_grad, ones

STATM = Path("/proc/self/statm")


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def resident():
    """Megabytes of this process that are in memory."""
    return int(STATM.read_text().split()[1]) * 4096 / 1e6


MODEL = nn.Sequential(nn.Linear(50, 50), nn.Tanh(), nn.Linear(50, 50))
OPTIMIZER = optim.Adam(MODEL.parameters(), lr=1e-4)
INPUT = ones(20, 50)


def step():
    OPTIMIZER.zero_grad()
    MODEL(INPUT).square().mean().backward()
    OPTIMIZER.step()


def of_values():
    x = Value(0.5)
    y = x
    for _ in range(100):
        y = (y * x + 1.0).tanh()
    y.backward()


def twice_differentiated():
    w = Tensor(np.ones((30, 30)), requires_grad=True)
    (g,) = grad((w @ w).tanh().sum(), w, create_graph=True)
    grad((g * g).sum(), w)


def without_recording():
    with no_grad():
        MODEL(INPUT)


def under_detect_anomaly():
    with detect_anomaly():
        MODEL(INPUT).square().mean().backward()
    MODEL.zero_grad()


def failing():
    """An exception holds its frames, and so the graph, until it is dropped; not longer."""
    try:
        MODEL(MODEL(INPUT)[:, :3])
    except ShapeError:
        pass
    else:
        raise AssertionError("this should not fit")


def anomalous():
    x = Tensor(np.zeros((50, 50)), requires_grad=True)
    try:
        with detect_anomaly():
            x.sqrt().sum().backward()
    except AnomalyError:
        pass
    else:
        raise AssertionError("this should be infinite")


@pytest.mark.skipif(not STATM.exists(), reason="this system does not say how much memory is resident")
@pytest.mark.parametrize(
    "make",
    [step, of_values, twice_differentiated, without_recording, under_detect_anomaly, failing, anomalous],
    ids=lambda make: make.__name__,
)
def test_a_thousand_graphs_leave_memory_flat(make, without_collector):
    for _ in range(100):
        make()
    before = resident()
    for _ in range(1_000):
        make()
    assert resident() - before < 2.0  # one graph kept a time would be 30 to 300
    assert gc.collect() < 100  # unreachable objects: none that each graph leaves behind


def chain(leaf, length):
    out = leaf
    for _ in range(length):
        out = out * 1.0
    return out


def test_a_million_values_are_freed_without_recursion(without_collector):
    end = chain(Value(1.0), 1_000_000)
    before = sys.getallocatedblocks()
    del end
    assert before - sys.getallocatedblocks() > 1_000_000


@pytest.mark.parametrize(
    "link",
    [
        lambda x: x * 1.0,
        lambda x: 1.0 * x + x,
        lambda x: x.reshape(2, 1).reshape(2),
        lambda x: cat([x[:1], x[1:]]),
        lambda x: x[[1, 0]],
    ],
    ids=["mul", "add", "views", "cat", "getitem"],
)
def test_long_chains_of_tensors_are_freed_without_recursion(link, without_collector):
    end = Tensor([1.0, 2.0], requires_grad=True)
    for _ in range(8_000):
        end = link(end)
    end.sum().backward()
    del end


def test_two_hundred_thousand_tensors(without_collector):
    end = chain(Tensor(1.0, requires_grad=True), 200_000)
    before = sys.getallocatedblocks()
    del end
    assert before - sys.getallocatedblocks() > 400_000


@pytest.mark.parametrize("leaf", [Value(1.0), Tensor(1.0, requires_grad=True)], ids=["Value", "Tensor"])
def test_long_chains_in_a_thread_with_a_small_stack(leaf):
    """64 kB, where the interpreter's main thread has 8 MB: a recursion of a few hundred frees would end the process.

    Python 3.13 frees objects within objects, lists too, by a recursion of up to 10,000, which needs 1 MB.
    """
    done = []

    def work():
        end = chain(leaf, 30_000)
        end.backward()
        del end
        done.append(True)

    previous = threading.stack_size((64 if sys.version_info < (3, 13) else 1024) * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
    finally:
        threading.stack_size(previous)
    thread.join()
    assert done == [True]


def test_a_long_chain_let_go_by_a_backward_pass():
    x = Tensor([1.0], requires_grad=True)
    end = chain(x, 20_000)
    end.backward(retain_graph=False)
    assert end.operands == ()


def test_a_long_chain_of_gradients_of_gradients():
    x = Value(1.0)
    (slope,) = grad(chain(x, 5_000), x, create_graph=True)
    assert slope.data == 1.0
    del slope
