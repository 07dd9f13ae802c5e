"""Finite differences: how good they are, and what they refuse."""

import numpy as np
import pytest

from autograd import DtypeError, GraphError, ShapeError, Tensor, Value
from autograd.check import finite_differences


@pytest.mark.parametrize("x", [-2.0, 0.0, 1e-3, 0.7, 30.0])
def test_nine_digits_for_smooth_functions(x):
    (slope,) = finite_differences(lambda v: v.sin() * 2 + v * v, [Value(x)])
    assert slope == pytest.approx(2 * np.cos(x) + 2 * x, rel=1e-9)


def test_several_inputs_and_shapes():
    x, y = Tensor(np.array([[1.0, 2.0]])), Value(3.0)
    dx, dy = finite_differences(lambda x, y: (x * x).sum() * y.data, [x, y])
    np.testing.assert_allclose(dx, [[6.0, 12.0]], rtol=1e-9)
    assert type(dy) is float
    assert dy == pytest.approx(5.0, rel=1e-9)


def test_one_input_needs_no_list():
    assert finite_differences(lambda v: v * v, Value(2.0)) == pytest.approx([4.0])


def test_the_callers_nodes_are_left_alone():
    x = Tensor([1.0, 2.0], dtype="float64", requires_grad=True)
    seen = []
    finite_differences(lambda t: seen.append(t) or (t * t).sum(), x)
    assert all(t is not x and not np.shares_memory(t.numpy(), x.numpy()) for t in seen)
    assert (x.tolist(), x.grad) == ([1.0, 2.0], None)


def test_a_coarser_step_gives_a_coarser_result():
    errors = [abs(finite_differences(Value.exp, Value(0.0), eps)[0] - 1) for eps in (0.5, 0.1)]
    assert errors[0] > errors[1] > 1e-9


@pytest.mark.parametrize(
    ("function", "inputs", "kind", "words"),
    [
        (lambda x: x.sum(), Tensor([1.0]), DtypeError, r"float32.*\.double\(\)"),
        (lambda x: x.sum(), Tensor([1]), DtypeError, r"int64.*\.double\(\)"),
        (lambda x: x * 2, Tensor(np.ones(2)), ShapeError, r"shape \(2,\).*\.sum\(\)"),
        (lambda x: 3.0, Value(1.0), GraphError, "must return a Value or a Tensor, not 3.0"),
        (lambda x: x, [1.0], TypeError, "input 0 must be a Value or a Tensor"),
    ],
)
def test_refused(function, inputs, kind, words):
    with pytest.raises(kind, match=words):
        finite_differences(function, inputs)
