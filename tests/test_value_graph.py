"""Graphs of `Value`s: depth, sharing, repeated passes, memory."""

import gc
import tracemalloc

import pytest

from autograd import Value, grad

MILLION = 1_000_000


def test_chain_of_a_million_nodes():
    x = Value(1.0)
    y = x
    for _ in range(MILLION):
        y = y + 1e-6
    y.backward()
    assert y.data == pytest.approx(2.0)
    assert x.grad == 1.0
    del y  # freeing it must not recurse either
    assert x.grad == 1.0


def test_grad_of_a_deep_chain():
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    assert grad(y, x)[0].data == 1.0


def test_second_backward_adds_to_leaves_and_renews_the_interior():
    x = Value(3.0)
    h = x * x
    loss = h + h
    loss.backward()
    assert (x.grad, h.grad, loss.grad) == (12.0, 2.0, 1.0)
    loss.backward()
    assert (x.grad, h.grad, loss.grad) == (24.0, 2.0, 1.0)


def test_two_losses_over_one_node():
    x = Value(3.0)
    h = x * x
    first, second = h * 3, h * 4
    first.backward()
    second.backward()
    assert x.grad == 3 * 6 + 4 * 6
    assert h.grad == 4.0


def test_backward_from_a_leaf_and_with_an_upstream_gradient():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0
    (x * x).backward(0.5)
    assert x.grad == 1.0 + 0.5 * 6.0


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda a: a + a, 2.0),
        (lambda a: a * a, 6.0),
        (lambda a: a - a, 0.0),
        (lambda a: a / a, 0.0),
        (lambda a: a * a * a, 27.0),
        (lambda a: (a + a) * (a + a), 24.0),
        (lambda a: a.maximum(a), 1.0),
    ],
)
def test_one_operand_used_twice(function, slope):
    a = Value(3.0)
    function(a).backward()
    assert a.grad == slope


def diamonds(count):
    x = y = Value(1.0)
    for _ in range(count):
        y = y * 0.5 + y * 0.5
    return x, y


def test_a_thousand_diamonds_take_no_time():
    x, y = diamonds(1000)
    y.backward()
    assert x.grad == 1.0


def values_alive():
    return sum(type(thing) is Value and hasattr(thing, "data") for thing in gc.get_objects())


def test_a_dropped_graph_is_freed_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        before = values_alive()
        x = Value(2.0)
        for _ in range(3):
            y = (x * x + 1).tanh() * 3
            y.backward()
            grad(y * y, x, create_graph=True)
        assert values_alive() > before
        del x, y
        assert values_alive() == before
    finally:
        gc.enable()


def test_at_most_120_bytes_a_node():
    x, count = Value(0.5), 100_000
    tracemalloc.start()
    try:
        y, before = x, tracemalloc.get_traced_memory()[0]
        for _ in range(count // 2):
            y = y * 0.5 + x
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used / count <= 120
