"""Nodes know the user's line while a tool asks, and only then."""

import threading

import pytest

import nn
from autograd import Tensor, Value, graph, no_grad, origins


@pytest.mark.parametrize("leaf", [Value(2.0), Tensor([2.0], requires_grad=True)], ids=["Value", "Tensor"])
def test_a_node_keeps_the_users_line(leaf):
    with origins.recording():
        made = leaf * 2.0  # this line
        reduced = made.exp() if isinstance(leaf, Value) else nn.Tanh()(made)
    found = origins.of(made)
    assert found.code == "made = leaf * 2.0  # this line"
    assert str(found) == f"test_origins.py:{found.line} in test_a_node_keeps_the_users_line"
    assert (origins.of(reduced).line, origins.of(reduced).order) == (found.line + 1, found.order + 1)
    assert origins.of(leaf) is None


def test_a_network_of_values_keeps_the_users_line():
    model = nn.scalar.MLP(2, [2, 1])
    with origins.recording():
        out = model([Value(1.0), 2.0])  # this line
    for node, module in ((out, "MLP.layers[1].neurons[0]"), (out.left.right.right, "MLP.layers[0].neurons[0]")):
        found = origins.of(node)
        assert (found.code, found.module) == ("out = model([Value(1.0), 2.0])  # this line", module)


def test_nobody_asked():
    assert origins.of(Value(2.0) * 2.0) is None
    with no_grad(), origins.recording():
        assert origins.of(Value(2.0) * 2.0) is None
    assert not graph.switched


def test_other_operations_of_a_row_are_not_stamped():
    x = Tensor([2.0], requires_grad=True)
    with origins.recording():
        x * x
    assert origins.of(x * x) is None


def test_the_path_of_modules():
    x = Value(2.0)
    with origins.recording(), origins.entered("Sequential"), origins.entered("2"):
        y = x * x
    assert origins.of(y).module == "Sequential.2"
    assert str(origins.of(y)).endswith(", Sequential.2")


def test_a_label_keeps_the_origin():
    with origins.recording():
        y = Value(2.0) * 3.0
    y.label = "y"
    assert (y.label, origins.of(y).function) == ("y", "test_a_label_keeps_the_origin")


def test_other_threads_are_left_alone():
    found = []
    with origins.recording():
        thread = threading.Thread(target=lambda: found.append(origins.of(Value(2.0) * 3.0)))
        thread.start()
        thread.join()
    assert found == [None]


def test_an_exception_switches_off():
    with pytest.raises(ZeroDivisionError), origins.recording(), origins.entered("here"):
        1 / 0
    assert (graph.switched, origins.is_recording(), origins.of(Value(1.0) + 1.0)) == (set(), False, None)
