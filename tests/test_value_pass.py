"""What makes `Value` fast: written methods and steps, marked nodes, blanks made in batches."""

import gc
import inspect
import sys
import threading
import tracemalloc
from copy import copy

import pytest

from autograd import Value, blanks, compile, scalar_methods, scalar_pass, value
from autograd.rules import RULES


def test_written_functions_can_be_read():
    assert "node.data = x * y" in inspect.getsource(Value.__mul__)
    assert "left.grad += g * (1 - out * out)" in inspect.getsource(Value(0.5).tanh().op.step)
    assert Value.tanh.__qualname__ == "Value.tanh"


def test_sums_and_products_are_written_into_the_loop():
    x, y = Value(2.0), Value(5.0)
    z = x * y + x
    steps = value._steps()
    assert "right.grad += g * (x)" in inspect.getsource(steps)
    asked = []
    for op in (z.op, z.left.op):
        assert scalar_methods.step(op.rule, (True, True)) is op.step
    z.op, z.left.op = copy(z.op), copy(z.left.op)
    z.op.step, z.left.op.step = (
        lambda node, step=op.step: asked.append(node) or step(node) for op in (z.op, z.left.op)
    )
    z.backward()
    assert asked == [z, z.left]
    one_by_one = [x.grad, y.grad]
    again = x * y + x
    x.grad = y.grad = 0.0
    again.backward()
    assert [x.grad, y.grad] == one_by_one == [6.0, 2.0]


def test_a_step_reads_only_what_its_slopes_need():
    source = inspect.getsource(scalar_methods.step(RULES["add"], (True, False)))
    assert [line.strip() for line in source.splitlines()[1:]] == ["g = node.grad", "left = node.left", "left.grad += g"]


def graph():
    x = Value(3.0)
    h = x * x
    return x, h, (h + h * x).tanh() * h


def gradients(out, *nodes):
    out.backward()
    return [node.grad for node in nodes]


@pytest.mark.parametrize("depth", range(4))
def test_a_pass_that_was_interrupted_leaves_the_graph_usable(depth):
    x, h, out = graph()
    expected = gradients(out, x, h)
    node = [out, out.left, out.left.left, h][depth]
    op, node.op = node.op, copy(node.op)

    def interrupted(node):
        raise KeyboardInterrupt

    node.op.step = interrupted
    with pytest.raises(KeyboardInterrupt):
        out.backward()
    node.op, x.grad = op, 0.0
    assert gradients(out, x, h) == expected
    assert not scalar_pass._turn.locked()


def test_a_walk_that_was_interrupted_leaves_the_graph_usable():
    x, h, out = graph()
    expected = gradients(out, x, h)
    product = out.left.left.right
    right, product.right = product.right, object.__new__(Value)  # a blank: the walk comes upon it last
    with pytest.raises(AttributeError):
        out.backward()
    assert [node.grad for node in (out, out.left)] == [0.0, 0.0]  # marked, as can be seen nowhere
    product.right, x.grad = right, 0.0
    assert gradients(out, x, h) == expected


def test_passes_over_one_graph_in_many_threads_take_turns():
    x, _, out = graph()
    (once,) = gradients(out, x)
    threads = [threading.Thread(target=lambda: [out.backward() for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad == pytest.approx(201 * once, rel=1e-12)


class Parameter(Value):
    """A leaf of a program's own class."""

    __slots__ = ()


def test_leaves_of_a_subclass_and_results_of_a_compiled_function_among_the_operands():
    x, w = Value(2.0), Parameter(0.5)
    squared = compile(lambda a: a * a)
    for f in (lambda a: a * a, squared, squared):
        x.grad = w.grad = 0.0
        (f(x * w) * x + 1.0 / w).backward()
        assert (x.grad, w.grad) == (3.0, 8.0 - 4.0)


@pytest.mark.parametrize("collecting", [True, False])
def test_the_collector_is_left_as_it_was(collecting):
    was = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        made = blanks.Blanks(Value)
        made.more()
        assert gc.isenabled() is collecting
        with pytest.raises(TypeError):
            blanks.Blanks(int).more() and blanks.Blanks(abs).more()
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if was else gc.disable)()


def test_the_collector_looks_once_a_batch():
    runs, x = [], Value(1.0)

    def count(phase, info):
        runs.append(phase == "start")

    gc.callbacks.append(count)
    try:
        y = x
        for _ in range(40_000):
            y = y * x
    finally:
        gc.callbacks.remove(count)
    assert sum(runs) <= 25 or not gc.isenabled()  # each 700 nodes it would be 58 times


def test_batches_grow_with_the_graphs():
    made, sizes = blanks.Blanks(Value), []
    for _ in range(50):
        made.more()
        sizes.append(1 + len(made))
        made._nodes.clear()
    assert sizes == sorted(sizes)
    assert sizes[:8] == [blanks.SMALLEST] * 8
    assert blanks.SMALLEST < sizes[15] < blanks.LARGEST == sizes[-1]


def test_at_most_120_bytes_a_node_with_its_gradient():
    x, count, left = Value(0.5), 50_000, len(value._blanks)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        y = x
        for _ in range(count // 2):
            y = y * 0.5 + x
        y.backward()
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert (used + (left - len(value._blanks)) * sys.getsizeof(x)) / count <= 120
