"""Every row of the table, on its own samples: value, first and second derivative, in every number system."""

import numpy as np
import pytest

from autograd import Tensor, Value, grad
from autograd.graph import apply
from autograd.rule import Rule
from autograd.rules import RULES
from tests.comparing import (
    assert_close,
    assert_close_on_the_whole,
    check_against_torch,
    check_first,
    check_second,
    loss_of,
)
from tests.rows import ELEMENTWISE, EVERY_CALL, EVERY_OPERAND, EVERY_ROW, function_of, parameters, points


@pytest.mark.parametrize("rule", EVERY_ROW)
def test_has_samples(rule):
    assert rule.samples, f"{rule.name} has no samples: nothing tests it"
    assert not rule.elementwise or len(rule.samples) == len(rule.operands)


@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_value_first_derivative(rule):
    for point in points(rule):
        check_first(lambda *x: function_of(rule.name)(*x, *parameters(rule)), [Value(x) for x in point])


@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_value_second_derivative(rule):
    for point in points(rule):
        check_second(lambda *x: function_of(rule.name)(*x, *parameters(rule)), [Value(x) for x in point])


@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_value_backward_agrees_with_grad(rule):
    for point in points(rule):
        leaves = [Value(x) for x in point]
        out = function_of(rule.name)(*leaves, *parameters(rule))
        slopes = [s and s.data for s in grad(out, leaves, allow_unused=True)]
        out.backward()
        assert [x.grad for x in leaves] == slopes


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_value_agrees_with_tensor_of_one_element(rule, shape):
    function = function_of(rule.name)
    for point in points(rule):
        numbers = [Value(x) for x in point]
        tensors = [Tensor(np.full(shape, x), requires_grad=True) for x in point]
        scalar, tensor = function(*numbers, *parameters(rule)), function(*tensors, *parameters(rule))
        assert tensor.shape == shape
        assert_close(scalar.data, tensor.item(), f"value at {point}", rtol=1e-14)
        scalar.backward()
        tensor.backward()
        for k, (x, t) in enumerate(zip(numbers, tensors, strict=True)):
            assert t.grad.shape == shape
            assert_close(x.grad, t.grad.item(), f"slope {k} at {point}", rtol=1e-14)


@pytest.mark.parametrize("call", EVERY_CALL)
def test_tensor_first_derivative(call):
    leaves = [Tensor(array, requires_grad=True) for array in call.arrays]
    check_first(lambda *operands: loss_of(call(*operands)), leaves)


@pytest.mark.parametrize("call", EVERY_CALL)
def test_tensor_second_derivative(call):
    leaves = [Tensor(array, requires_grad=True) for array in call.arrays]
    check_second(lambda *operands: loss_of(call(*operands)), leaves)


@pytest.mark.parametrize("call", EVERY_CALL)
def test_agrees_with_torch(call, torch):
    check_against_torch(torch, call, call.in_torch(torch), call.arrays)


@pytest.mark.parametrize("call", EVERY_CALL)
def test_float32_stays_float32(call):
    narrow = [Tensor(array, requires_grad=True, dtype="float32") for array in call.arrays]
    wide = [Tensor(array, requires_grad=True) for array in call.arrays]
    out, expected = call(*narrow), call(*wide)
    assert out.dtype == (np.float64 if call.name == "to" else np.float32)
    assert_close_on_the_whole(out.numpy(), expected.numpy(), "value", rtol=1e-6)
    loss_of(out).backward()
    loss_of(expected).backward()
    for k, (x, y) in enumerate(zip(narrow, wide, strict=True)):
        assert x.grad.dtype == np.float32
        assert_close_on_the_whole(x.grad.numpy(), y.grad.numpy(), f"operand {k}", rtol=5e-6)


@pytest.mark.parametrize(("call", "position"), EVERY_OPERAND)
def test_only_the_operand_that_requires_a_gradient_is_asked(call, position, monkeypatch):
    rule = RULES[call.name]
    reading = "keeping" if rule.kept else "arrays"
    right, asked = getattr(rule, reading), []

    def watched(i):
        def vjp(*arguments):
            asked.append(i)
            return right.vjps[i](*arguments)

        return vjp

    watching = right._replace(vjps=[watched(i) for i in range(len(call.arrays))])
    monkeypatch.setitem(vars(rule), reading, watching)
    operands = [Tensor(array, requires_grad=i == position) for i, array in enumerate(call.arrays)]
    out = call(*operands)
    if rule.name not in ("sum", "mul"):  # with which loss_of itself is computed
        loss_of(out).backward()
    else:
        out.backward(np.ones(out.shape))
    assert asked == [position]
    assert [x.grad is None for x in operands] == [i != position for i in range(len(operands))]


def test_slope_for_a_plain_number_is_not_asked():
    asked = []

    def seen(name, slope):
        asked.append(name)
        return slope

    texts = {"dx": "seen('x', y)", "dy": "seen('y', x)"}
    rule = Rule("arithmetic", "product(x, y)", "x * y", texts, "", (), (), {"seen": seen})
    x = Value(3.0)
    apply(rule, (x, 2.0)).backward()
    assert (asked, x.grad) == (["x"], 2.0)
    apply(rule, (2.0, x)).backward()
    assert (asked, x.grad) == (["x", "y"], 4.0)
    grad(apply(rule, (2.0, x)), x, create_graph=True)
    assert asked == ["x", "y", "y"]


def test_what_a_row_keeps_is_read_by_its_value_and_a_derivative():
    keeping = [rule for rule in RULES.values() if rule.kept]
    assert keeping
    assert all(rule.kept in rule.value and any(rule.kept in text for text in rule.derivatives) for rule in keeping)
