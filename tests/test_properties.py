"""Random programs: a Value, a Tensor and PyTorch agree on them; broadcasting and linearity hold for all shapes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import autograd
from autograd import Tensor, Value, grad
from tests.comparing import assert_close, weights
from tests.rows import counterpart

TAME = {  # operations of one operand and of two that are finite everywhere; products are made so below
    1: ("neg", "tanh", "sin", "cos", "sigmoid", "silu", "softplus", "gelu", "erf", "abs", "relu"),
    2: ("add", "sub", "mul", "maximum", "minimum", "logaddexp"),
}
FIXED = settings(derandomize=True, deadline=None, max_examples=120, database=None)

numbers = st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 3) + 0.0107)
steps = st.lists(
    st.tuples(st.sampled_from(TAME[1] + TAME[2]), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=12
)


def run(program, leaves, function_named):
    """The last of the nodes that a program makes: each step applies an operation to two earlier nodes."""
    nodes = list(leaves)
    for name, i, j in program:
        operands = [nodes[i % len(nodes)], nodes[j % len(nodes)]][: 1 if name in TAME[1] else 2]
        out = function_named(name)(*operands)
        nodes.append(function_named("tanh")(out) if name == "mul" else out)  # so that numbers stay small
    return function_named("add")(nodes[-1], function_named("mul")(nodes[0], nodes[-1]))


@FIXED
@given(steps, st.lists(numbers, min_size=1, max_size=3, unique=True))
def test_value_tensor_and_torch_agree(torch, program, points):
    found = []
    for leaf in (Value, lambda x: Tensor(x, dtype="float64", requires_grad=True)):
        leaves = [leaf(x) for x in points]
        out = run(program, leaves, lambda name: getattr(autograd, name))
        slopes = grad(out, leaves, allow_unused=True, create_graph=True)
        total = sum([slope * slope for slope in slopes if slope is not None], out * 0)
        second = grad(total, leaves, allow_unused=True)
        found.append([x.item() if x is not None else 0.0 for x in (out, *slopes, *second)])
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in points]
    out = run(program, leaves, lambda name: counterpart(torch, name))
    slopes = torch.autograd.grad(out, leaves, create_graph=True, materialize_grads=True)
    total = sum([slope * slope for slope in slopes], out * 0)
    second = torch.autograd.grad(total, leaves, materialize_grads=True)
    expected = [x.item() for x in (out, *slopes, *second)]
    assert_close(found[0], expected, "Value")
    assert_close(found[1], expected, "Tensor")


@FIXED
@given(steps, st.lists(numbers, min_size=2, max_size=2, unique=True))
def test_backward_of_values_is_grad(program, points):
    leaves = [Value(x) for x in points]
    out = run(program, leaves, lambda name: getattr(autograd, name))
    slopes = grad(out, leaves, allow_unused=True)
    out.backward()
    assert_close([x.grad for x in leaves], [0.0 if slope is None else slope.data for slope in slopes], rtol=1e-13)


@FIXED
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0))
def test_broadcasting_is_numpys_and_gradients_sum_over_the_copies(given_shapes):
    x, y = (Tensor(np.full(shape, 1.5 + k), requires_grad=True) for k, shape in enumerate(given_shapes.input_shapes))
    out = x * y
    assert out.shape == given_shapes.result_shape
    upstream = weights(out.shape)
    out.backward(upstream)
    for leaf, other in ((x, y), (y, x)):
        assert leaf.grad.shape == leaf.shape
        full = upstream * other.numpy()
        stretched = tuple(range(full.ndim - leaf.ndim))
        summed = full.sum(axis=stretched)
        for i, n in enumerate(leaf.shape):
            summed = summed.sum(axis=i, keepdims=True) if n == 1 else summed
        assert_close(leaf.grad.numpy(), summed, rtol=1e-12)


@FIXED
@given(steps, st.floats(-3, 3), st.floats(-3, 3))
def test_the_gradient_is_linear_in_the_upstream_gradient(program, a, b):
    x = Tensor(np.linspace(-1.9, 1.7, 6).reshape(2, 3), requires_grad=True)
    out = run(program, [x], lambda name: getattr(autograd, name))
    first, second = weights(out.shape), weights(out.shape)[::-1] - 1.0

    def pulled_back(upstream):
        return grad(out, x, Tensor(upstream))[0].numpy()

    expected = a * pulled_back(first) + b * pulled_back(second)
    assert_close(pulled_back(a * first + b * second), expected, rtol=1e-9)
