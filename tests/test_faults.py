"""Faults seen in other engines, each of which stays out of this one."""

import gc
import math

import numpy as np
import pytest
import safetensors.numpy

import autograd
import nn
import optim
from autograd import (
    AnomalyError,
    GraphError,
    ShapeError,
    Tensor,
    Value,
    array_pass,
    grad,
    gradcheck,
    no_grad,
    scalar_pass,
)
from autograd.graph import topological
from autograd.rule import Rule


def test_micrograd_recursion_dies_at_a_thousand_nodes():
    for leaf in (Value(1.0), Tensor(1.0, requires_grad=True)):
        y = leaf
        for _ in range(20_000):
            y = y + 1.0
        y.backward()
        assert float(leaf.grad) == 1.0


def test_micrograd_second_backward_corrupts_interior_gradients():
    x = Value(3.0)
    h = x * x
    loss = h + h
    loss.backward()
    x.grad = 0.0
    loss.backward()
    assert (x.grad, h.grad) == (12.0, 2.0)


def test_micrograd_two_losses_over_one_node():
    x = Value(3.0)
    h = x * x
    first, second = h * 3, h * 4
    first.backward()
    second.backward()
    assert x.grad == 42.0


@pytest.mark.parametrize("leaf", [Value, lambda x: Tensor(x, requires_grad=True)], ids=["Value", "Tensor"])
def test_micrograd_parents_in_a_set_lose_an_edge(leaf):
    a = leaf(3.0)
    total = a + a
    assert total.parents == (a, a)
    total.backward()
    assert float(a.grad) == 2.0


def test_micrograd_division_is_a_product_with_the_reciprocal():
    assert (Value(49.0) / 49).data == (49 / Value(49.0)).data == (Value(49.0) / Value(49.0)).data == 1.0
    assert (Tensor(49.0) / 49).item() == 1.0


def test_micrograd_nodes_are_reference_cycles():
    gc.collect()
    gc.disable()
    try:
        for leaf in (Value(2.0), Tensor([2.0], requires_grad=True)):
            loss = (leaf * leaf + 1).tanh()
            loss.backward()
            del loss
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("leaf", [Value, lambda x: Tensor(x, requires_grad=True)], ids=["Value", "Tensor"])
def test_micrograd_zero_to_the_zero_breaks_in_backward(leaf):
    for exponent in (0, 0.0, leaf(0.0)):
        x = leaf(0.0)
        y = x**exponent
        y.backward()
        assert (y.item(), float(x.grad)) == (1.0, 0.0)


def test_micrograd_root_of_a_negative_number_is_complex():
    x = Value(-8.0)
    y = x ** (1 / 3)
    assert type(y.data) is float
    assert math.isnan(y.data)
    y.backward()
    assert math.isnan(x.grad)
    assert math.isnan((-(8.0 ** Value(1.0)) * Value(-8.0) ** (1 / 3)).data)


def test_micrograd_relu_loses_nan():
    assert math.isnan(Value(math.nan).relu().data)
    assert np.isnan(Tensor(math.nan).relu().item())


@pytest.mark.parametrize(
    "leaf", [Value, lambda x: Tensor(x, requires_grad=True, dtype="float64")], ids=["Value", "Tensor"]
)
def test_micrograd_number_to_the_power_of_a_value(leaf):
    x = leaf(3.0)
    y = 2**x
    y.backward()
    assert y.item() == 8.0
    assert float(x.grad) == pytest.approx(8 * math.log(2), rel=1e-15)


def test_hips_autograd_prod_with_a_zero():
    x = Tensor([0.0, 2.0, 3.0], requires_grad=True)
    x.prod().backward()
    assert x.grad.tolist() == [6.0, 0.0, 0.0]


def test_hips_autograd_a_missing_rule_is_reported_for_the_wrong_argument():
    with pytest.raises(KeyError, match="dy"):
        Rule("arithmetic", "half_done(x, y)", "x + y", {"dx": "1"}, "", (), (), {})


def fail(*_):
    raise ZeroDivisionError


@pytest.mark.parametrize(
    "interrupted",
    [
        lambda x: autograd.value_and_grad(fail)(x),
        lambda x: autograd.jacobian(fail, x),
        lambda x: autograd.hessian(fail, x),
        lambda x: no_grad(fail)(x),
    ],
)
def test_hips_autograd_an_exception_leaks_state(interrupted):
    x = Tensor([2.0], requires_grad=True)
    with pytest.raises(ZeroDivisionError):
        interrupted(x)
    assert not autograd.graph.switched
    (x * x).backward()
    assert x.grad.tolist() == [4.0]


def test_an_exception_in_backward_changes_no_gradient():
    x, y = Tensor([2.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    z = y * y
    loss = x * z
    with no_grad():
        y.zero_()
    with pytest.raises(GraphError):
        loss.backward()
    assert (x.grad, y.grad, autograd.graph.switched) == (None, None, set())


def test_mygrad_recursive_backward():
    x = Tensor([1.0], requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y * 1.0
    y.backward()
    assert x.grad.tolist() == [1.0]
    del y


def test_mygrad_backward_of_many_numbers_sums_silently():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GraphError, match=r"shape \(2,\).*\.sum\(\)"):
        (x * x).backward()
    assert x.grad is None


@pytest.mark.parametrize("leaf", [Value(1.0), Tensor([1.0], requires_grad=True)], ids=["Value", "Tensor"])
def test_mygrad_stacked_diamonds_are_walked_once(leaf, monkeypatch):
    y = leaf
    for _ in range(16):
        y = y * 0.5 + y * 0.5
    assert len(topological([y])) == 1 + 16 * 3
    visited = []
    if isinstance(leaf, Value):
        walked = scalar_pass._results
        monkeypatch.setattr(scalar_pass, "_results", lambda *given: visited.extend(walked(*given)) or visited)
    else:
        monkeypatch.setattr(array_pass, "recorded", lambda node: visited.append(node) or node._recorded)
    y.backward()
    assert float(leaf.grad) == 1.0
    results = [node for node in visited if node is not leaf]
    assert len(results) == len(set(results)) == 16 * 3


def test_mygrad_stacked_diamonds_ask_each_rule_once():
    asked = []
    halves = Rule("arithmetic", "mean(x, y)", "(x + y) / 2", dict.fromkeys(("dx", "dy"), "seen()"), "", (), (), {})
    halves._helpers = {"seen": lambda: asked.append(1) or 0.5}
    x = y = Value(1.0)
    for _ in range(16):
        y = autograd.graph.apply(halves, (y, y))
    y.backward()
    assert (x.grad, len(asked)) == (1.0, 32)


def test_torch_where_leaks_nan_from_the_branch_not_taken():
    x = Tensor([0.0, -1.0, 4.0], requires_grad=True)
    autograd.where(x > 0, x.sqrt(), 0.0).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.25]


def test_add_hands_one_array_to_both_parents():
    x, y = Tensor([1.0], requires_grad=True), Tensor([2.0], requires_grad=True)
    (x + y).backward()
    assert x.grad is not y.grad
    assert not np.shares_memory(x.grad.numpy(), y.grad.numpy())


def test_pow_asks_for_the_logarithm_of_a_negative_base():
    x = Tensor([-2.0], requires_grad=True)
    (x**2).backward()
    assert x.grad.tolist() == [-4.0]
    base = Value(-2.0)
    (base**2).backward()
    assert base.grad == -4.0
    assert grad(Value(-2.0) ** 2, base, allow_unused=True) == (None,)


def test_micrograd_zip_swallows_inputs_of_the_wrong_length():
    for network in (nn.scalar.Neuron(3), nn.scalar.MLP(3, [2, 1])):
        for inputs in ([1.0, 2.0], [1.0, 2.0, 3.0, 4.0]):
            with pytest.raises(ShapeError, match=f"got {len(inputs)} inputs"):
                network(inputs)


def test_torch_a_column_and_a_row_broadcast_silently_into_a_wrong_loss():
    prediction, target = Tensor([[1.0], [2.0], [3.0]]), Tensor([1.0, 2.0, 3.0])
    for loss in (nn.functional.mse_loss, nn.functional.l1_loss, nn.MSELoss(), nn.L1Loss()):
        with pytest.raises(ShapeError, match=r"\(3, 1\).*\(3,\)"):
            loss(prediction, target)
    with autograd.strict_broadcast(), pytest.raises(ShapeError, match=r"sub: \(3, 1\) and \(3,\)"):
        ((prediction - target) ** 2).mean()


def test_torch_the_gradient_of_a_norm_at_zero_is_a_trap():
    x = Tensor([0.0, 0.0], requires_grad=True)
    with autograd.detect_anomaly(), pytest.raises(AnomalyError, match=r"sqrt: in the backward pass(.|\n)*x\.square"):
        x.square().sum().sqrt().backward()
    assert x.grad is None
    for norm in (autograd.norm, autograd.linalg.vector_norm, autograd.std):
        x.grad = None
        norm(x).backward()
        assert x.grad.tolist() == [0.0, 0.0]


def test_torch_gradcheck_passes_a_wrong_backward_behind_zero_weights():
    wrong = Rule("arithmetic", "cube(x)", "x * x * x", {"dx": "x"}, "", (), (), {})
    x = Tensor(np.array([1.5, -0.5]), requires_grad=True)
    behind = gradcheck(lambda x: (Tensor.apply(wrong, (x,), ()) * 0.0).sum(), (x,), raise_exception=False)
    assert not behind
    assert "VACUOUS" in str(behind)
    assert "WRONG" in str(gradcheck(lambda x: Tensor.apply(wrong, (x,), ()).sum(), (x,), raise_exception=False))


def test_minitorch_a_misspelt_name_is_none():
    model = nn.Linear(2, 1)
    with pytest.raises(AttributeError, match="wieght"):
        model.wieght


def test_minitorch_log_adds_an_epsilon():
    for x in (1e-12, 1e-3, 1.0):
        assert Value(x).log().data == math.log(x)
        assert Tensor(np.array(x)).log().item() == pytest.approx(math.log(x), rel=1e-15)
    assert Tensor(0.0).log().item() == -math.inf


def test_moments_on_the_parameters_a_second_optimizer_zeroes_the_firsts():
    def trained(disturbed):
        w = nn.Parameter([1.0, -2.0])
        first = optim.Adam([w], lr=0.1)
        for step in range(5):
            if disturbed and step == 3:
                optim.Adam([w], lr=0.0)
                second = optim.SGD([w], lr=0.0, momentum=0.9)
                second.step()
            first.zero_grad()
            (w * w).sum().backward()
            first.step()
        return w.tolist()

    assert trained(disturbed=True) == trained(disturbed=False)


@pytest.mark.parametrize("leaf", [Value(2.0), Tensor(2.0, requires_grad=True)], ids=["Value", "Tensor"])
def test_an_absent_gradient_is_drawn_as_zero(leaf):
    def gradients():
        boxes = autograd.draw(leaf * 3.0).picture.boxes
        return [dict(box.rows)["grad"] for box in boxes if "grad" in dict(box.rows)]

    assert gradients() == ["-", "-"]
    (leaf * 3.0).backward()
    assert gradients() == ["3", "-"]


def test_safetensors_corrupts_transposed_arrays_silently(tmp_path):
    array = np.arange(6.0).reshape(2, 3)
    autograd.save(
        {"transposed": Tensor.of(array.T), "backwards": Tensor.of(array[:, ::-1])}, tmp_path / "x.safetensors"
    )
    there = safetensors.numpy.load_file(tmp_path / "x.safetensors")
    np.testing.assert_array_equal(there["transposed"], array.T)
    np.testing.assert_array_equal(there["backwards"], array[:, ::-1])
