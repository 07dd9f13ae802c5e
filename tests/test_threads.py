"""Switches hold in their own thread and asynchronous task, and graphs built in many threads at once are right."""

import asyncio
import math
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nn
from autograd import (
    AnomalyError,
    ShapeError,
    Tensor,
    Value,
    detect_anomaly,
    enable_grad,
    grad,
    graph,
    no_grad,
    origins,
    strict_broadcast,
)

THREADS = 8


def at_once(function):
    """``function(k)`` in 8 threads that begin together and take turns as often as the interpreter can."""
    start, interval = threading.Barrier(THREADS), sys.getswitchinterval()

    def work(k):
        start.wait()
        return function(k)

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(work, range(THREADS)))
    finally:
        sys.setswitchinterval(interval)


def of_values(k):
    x, y = Value(0.1 * k), Value(0.5)
    out = x
    for i in range(200):
        out = (out * y + x).tanh() + i * 0.001
    out.backward()
    return out.data, x.grad, y.grad


def of_tensors(k):
    rng = np.random.default_rng(k)
    w = Tensor(rng.standard_normal((5, 5)), requires_grad=True)
    h = Tensor(rng.standard_normal((3, 5)))
    for _ in range(20):
        h = (h @ w).tanh() + h[:, :1]
    (g,) = grad((h * h).sum(), w, create_graph=True)
    (g * g).sum().backward()
    return h.tolist(), g.tolist(), w.grad.tolist()


def switching(k):
    """Some of everything, with the switches of this thread, which are none of the others' business."""
    x, found = Tensor([0.0, 4.0], requires_grad=True), []
    for i in range(60):
        mode = (i + k) % 4
        if mode == 0:
            with no_grad():
                found.append((x.sqrt()).requires_grad)
        elif mode == 1:
            with detect_anomaly(), pytest.raises(AnomalyError):
                x.log()
            found.append(origins.of(x.sqrt()))
        elif mode == 2:
            with strict_broadcast(), pytest.raises(ShapeError):
                x[:, None] - x
        else:
            found.append((x[:, None] - x.log()).requires_grad)
    return found.count(True), found.count(False), found.count(None)


@pytest.mark.parametrize("function", [of_values, of_tensors, switching])
def test_eight_threads_at_once(function):
    alone = [function(k) for k in range(THREADS)]
    assert at_once(function) == alone
    assert not graph.switched


def test_eight_threads_over_one_model():
    model = nn.MLP(3, [8, 1], dtype="float64")
    inputs = [Tensor(np.random.default_rng(k).standard_normal((4, 3))) for k in range(THREADS)]

    def gradients(k):
        loss = model(inputs[k]).square().mean()
        return [g.tolist() for g in grad(loss, list(model.parameters()))]

    alone = [gradients(k) for k in range(THREADS)]
    assert at_once(gradients) == alone
    assert all(p.grad is None for p in model.parameters())


def test_errors_of_eight_threads_name_their_own_shapes():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))

    def message(k):
        with pytest.raises(ShapeError) as caught:
            model(Tensor(np.ones((k + 1, 2), np.float32)))
        return str(caught.value)

    for k, text in enumerate(at_once(message)):
        assert f"in Sequential.1.Linear, called with Tensor ({k + 1}, 3) float32" in text


async def recorded_after(context, steps):
    x = Tensor([1.0], requires_grad=True)
    found = []
    with context():
        for _ in range(steps):
            await asyncio.sleep(0)
            found.append((x * x).requires_grad)
    found.append((x * x).requires_grad)
    return found


def test_no_grad_holds_in_its_own_task():
    async def together():
        return await asyncio.gather(*(recorded_after(no_grad if k % 2 else enable_grad, 5) for k in range(6)))

    for k, found in enumerate(asyncio.run(together())):
        assert found == [k % 2 == 0] * 5 + [True]
    assert not graph.switched


def test_a_task_begun_within_a_block_is_within_it():
    async def begin():
        with no_grad():
            task = asyncio.create_task(recorded_after(enable_grad, 1))
            other = asyncio.create_task(inherited())
        return await task, await other

    async def inherited():
        return (Value(1.0) * 2.0).parents

    assert asyncio.run(begin()) == ([True, False], ())


def test_a_block_that_ended_is_still_that_of_its_tasks():
    """However many blocks are open elsewhere: not even one is, when the tasks run."""

    async def anomaly():
        with pytest.raises(AnomalyError):
            Value(0.0).log()

    async def begin():
        with no_grad():
            tasks = [asyncio.create_task(recorded_after(no_grad, 2)) for _ in range(2)]
        with detect_anomaly():
            tasks.append(asyncio.create_task(anomaly()))
        return await asyncio.gather(*tasks)

    assert asyncio.run(begin()) == [[False] * 3, [False] * 3, None]
    assert not graph.switched
    assert (Value(1.0) * 2.0).parents


def test_a_cancelled_task_leaves_nothing_switched():
    async def forever():
        with detect_anomaly(), no_grad(), strict_broadcast():
            await asyncio.sleep(60)

    async def cancel():
        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return Value(0.0).log().data

    assert asyncio.run(cancel()) == -math.inf
    assert not graph.switched
