"""`Value` as programs written for micrograd and microgpt use it."""

import math
import operator

import numpy as np
import pytest

import autograd
from autograd import Value, no_grad

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv]
NUMBERS = [3, 2.5, True, np.int64(3), np.int32(2), np.float64(2.5), np.float32(0.5), np.bool_(True), np.array(1.5)]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: type(n).__name__)
@pytest.mark.parametrize("operate", OPERATORS)
def test_operators_with_plain_numbers_on_both_sides(operate, number):
    x = Value(1.7)
    for out, expected in (
        (operate(x, number), operate(1.7, float(number))),
        (operate(number, x), operate(float(number), 1.7)),
    ):
        assert type(out) is Value
        assert type(out.data) is float
        assert out.data == expected


@pytest.mark.parametrize("operate", OPERATORS)
def test_operators_of_two_values(operate):
    out = operate(Value(1.7), Value(2.5))
    assert out.data == operate(1.7, 2.5)
    assert [parent.data for parent in out.parents] == [1.7, 2.5]


def test_gradients_of_operators_with_plain_numbers():
    x = Value(2.0)
    for out, slope in [(x + 3, 1), (3 + x, 1), (x - 3, 1), (3 - x, -1), (x * 3, 3), (3 * x, 3), (x / 4, 0.25)]:
        x.grad = 0
        out.backward()
        assert x.grad == slope
    for out, slope in [(4 / x, -1.0), (x**3, 12.0), (3**x, 9 * math.log(3)), (-x, -1.0), (abs(-x), 1.0)]:
        x.grad = 0
        out.backward()
        assert x.grad == pytest.approx(slope, rel=1e-15)


def test_sum_starts_from_zero():
    values = [Value(float(i)) for i in range(4)]
    total = sum(values)
    total.backward()
    assert total.data == 6.0
    assert [v.grad for v in values] == [1.0] * 4
    assert sum(values, Value(0.5)).data == 6.5


def test_training_step_of_micrograd():
    p, lr = Value(2.0), 0.1
    for _ in range(3):
        loss = (p * 3 - 1) ** 2
        p.grad = 0
        loss.backward()
        p.data -= lr * p.grad
    expected = 2.0
    for _ in range(3):
        expected -= lr * 2 * (expected * 3 - 1) * 3
    assert p.data == pytest.approx(expected, rel=1e-14)
    assert (p.op, type(p.grad)) == (None, float)


def test_training_step_of_microgpt():
    probabilities = [Value(1.0), Value(2.0), Value(0.5)]
    largest = max(v.data for v in probabilities)
    exps = [(v - largest).exp() for v in probabilities]
    total = sum(exps)
    loss = (1 / 2) * sum([-(exps[i] / total).log() for i in (0, 2)])
    loss.backward()
    shares = np.exp([1.0, 2.0, 0.5]) / np.exp([1.0, 2.0, 0.5]).sum()
    assert [v.grad for v in probabilities] == pytest.approx(list(shares - np.array([0.5, 0, 0.5])), abs=1e-15)


def test_prev_and_op():
    a, b = Value(2.0), Value(3.0)
    out = a * b
    assert set(out._prev) == {a, b}
    assert (a + 1)._prev == {a}
    assert (a + a)._prev == {a}
    assert a._prev == set()
    assert [(a + b)._op, out._op, (a**2)._op, (a**b)._op, a.relu()._op, a._op] == ["+", "*", "**2", "**", "ReLU", ""]


def test_one_step_backward_by_hand():
    a, b = Value(2.0), Value(-3.0)
    product = a * b
    out = (product + 7.0).tanh()
    out.grad = 1.0
    for node in (out, *out._prev, product, a):  # the last, a leaf, has nothing to give
        node._backward()
    by_hand = a.grad, b.grad
    a.grad = b.grad = 0.0
    out.backward()
    assert by_hand == (a.grad, b.grad)


def micrograd_sanity_check(leaf, relu):
    x = leaf(-4.0)
    z = 2 * x + 2 + x
    q = relu(z) + z * x
    h = relu(z * z)
    y = h + q + q * x
    y.backward()
    return y, [x]


def micrograd_more_ops(leaf, relu):
    a, b = leaf(-4.0), leaf(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g, [a, b]


@pytest.mark.parametrize("program", [micrograd_sanity_check, micrograd_more_ops])
def test_micrograd_programs_agree_with_torch(program, torch):
    def leaf(x):
        return torch.tensor(x, dtype=torch.float64, requires_grad=True)

    expected, inputs_there = program(leaf, torch.relu)
    found, inputs = program(Value, Value.relu)
    assert found.data == pytest.approx(expected.item(), rel=1e-14)
    assert [x.grad for x in inputs] == pytest.approx([x.grad.item() for x in inputs_there], rel=1e-14)


def test_methods_take_the_table_at_its_word():
    x = Value(0.3)
    names = "exp expm1 log log1p sqrt rsqrt square reciprocal sin cos tan tanh erf sign floor ceil round relu"
    for name in (names + " sigmoid silu gelu softplus abs neg").split():
        out = getattr(x, name)()
        assert out.op.rule.name == name
    assert x.clip(0.0, 0.2).data == x.clamp(max=0.2).data == 0.2
    assert x.max(0.5).data == x.maximum(Value(0.5)).data == 0.5
    assert x.min(0.1).data == x.minimum(Value(0.1)).data == 0.1


def test_comparisons_compare_numbers():
    x = Value(2.0)
    assert x < 3 and x <= Value(2.0) and x > 1 and x >= 2 and not x > 3  # noqa: PT018
    assert max(Value(1.0), x, Value(0.5)) is x
    assert sorted([Value(3.0), x])[0] is x


def test_equality_and_truth_are_of_the_node_as_in_micrograd():
    x, y = Value(2.0), Value(2.0)
    assert x != y
    assert x == x
    assert [x, y].index(y) == 1
    assert y not in [x]
    assert {x: "x", y: "y"}[x] == "x"
    assert bool(Value(0.0)) is True
    assert autograd.eq(x, y) is True
    assert autograd.eq(x, 3) is False


def test_conversions():
    x = Value(2.5)
    assert x.item() == 2.5
    with pytest.raises(TypeError):  # it would lose the gradient silently
        math.exp(x)
    assert repr(x) == "Value(data=2.5, grad=0.0)"
    assert isinstance(Value(3).data, float)
    assert isinstance(Value(np.float32(3)).data, float)
    with no_grad():
        assert (x * x).parents == ()


def test_label_does_not_disturb_the_node():
    x = Value(2.0, "x")
    y = x * x
    y.label = "y"
    y.backward()
    assert (x.label, y.label, x.grad, (x * x).label) == ("x", "y", 4.0, "")


IEEE = [
    (lambda: Value(0.0).log(), -math.inf),
    (lambda: Value(-1.0).log(), math.nan),
    (lambda: 1 / Value(0.0), math.inf),
    (lambda: -1 / Value(0.0), -math.inf),
    (lambda: Value(0.0) / 0, math.nan),
    (lambda: Value(1000.0).exp(), math.inf),
    (lambda: Value(-1.0).sqrt(), math.nan),
    (lambda: Value(1e200) ** 2, math.inf),
    (lambda: Value(0.0) ** -1, math.inf),
    (lambda: Value(-8.0) ** (1 / 3), math.nan),
    (lambda: Value(math.inf).sin(), math.nan),
    (lambda: Value(math.inf) - math.inf, math.nan),
    (lambda: Value(-1000.0).sigmoid(), 0.0),
    (lambda: Value(-1000.0).softplus(), 0.0),
    (lambda: Value(1000.0).softplus(), 1000.0),
    (lambda: Value(math.nan).relu(), math.nan),
    (lambda: Value(math.inf).floor(), math.inf),
]


@pytest.mark.parametrize(("compute", "expected"), IEEE)
def test_numbers_are_ieee_and_nothing_raises(compute, expected):
    out = compute()
    assert out.data == expected or (math.isnan(out.data) and math.isnan(expected))
    out.backward()  # does not raise either


def test_round_half_to_even_and_negative_zero():
    assert [Value(x).round().data for x in (0.5, 1.5, 2.5, -0.5)] == [0.0, 2.0, 2.0, 0.0]
    assert math.copysign(1, (-Value(0.0)).data) == -1
