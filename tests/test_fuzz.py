"""Random programs, shapes and indices: a Value, a Tensor and PyTorch agree, and gradients are what they must be.

``make test`` runs a few hundred examples, always the same; ``make fuzz`` thousands, others each time.
"""

import os

import numpy as np
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    basic_indices,
    broadcastable_shapes,
    integer_array_indices,
    mutually_broadcastable_shapes,
)

from autograd import Tensor, Value, grad
from autograd.rules import RULES
from tests.comparing import assert_close, assert_close_on_the_whole, weights
from tests.programs import grown

ASKED = os.environ.get("CHAINRULE_FUZZ")


def examples(count):
    """Settings for ``count`` examples, or for as many as the environment asks."""
    return settings(
        derandomize=ASKED is None,
        deadline=None,
        max_examples=int(ASKED or count),
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


seeds = st.integers(0, 2**32 - 1)
sizes = st.one_of(st.integers(1, 12), st.integers(1, 40), st.integers(1, 200))
shapes = mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3, min_side=1).map(lambda s: s.input_shapes)


def derivatives(out, leaves, second=True):
    """The output, its gradients and those of the sum of their squares, as numbers."""
    slopes = grad(out, leaves, create_graph=second, allow_unused=True)
    found = [out.raw, *(np.zeros(np.shape(x.raw)) if s is None else s.raw for s, x in zip(slopes, leaves, strict=True))]
    if second:
        total = sum([(s * s).sum() if isinstance(s, Tensor) else s * s for s in slopes if s is not None], out * 0.0)
        found += [0.0 if s is None else s.raw for s in grad(total, leaves, allow_unused=True)]
    return found


def derivatives_in_torch(torch, out, leaves, second=True):
    slopes = torch.autograd.grad(out, leaves, create_graph=second, materialize_grads=True)
    found = [out, *slopes]
    if second:
        total = sum([(s * s).sum() for s in slopes], out * 0.0)
        found += torch.autograd.grad(total, leaves, materialize_grads=True)
    return [x.detach().numpy() for x in found]


def agree(found, expected, program, rtol):
    scale = max(1.0, *(np.abs(x).max(initial=0.0) for x in expected))
    for k, (x, y) in enumerate(zip(found, expected, strict=True)):
        note(f"{program}")
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol * scale, err_msg=f"result {k}")


@examples(40)
@given(seeds, sizes)
def test_value_tensor_and_torch_agree(torch, seed, size):
    program = grown(seed, size)
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in program.leaves]
    expected = derivatives_in_torch(torch, program.run(tensors, torch), tensors)
    for leaf in (Value, lambda x: Tensor(x, requires_grad=True)):
        leaves = [leaf(x) for x in program.leaves]
        agree(derivatives(program.run(leaves), leaves), expected, program, program.tolerance)


@examples(30)
@given(seeds, sizes, shapes)
def test_tensor_and_torch_agree_on_all_rows(torch, seed, size, given_shapes):
    program = grown(seed, size, given_shapes)
    leaves = [Tensor(x, requires_grad=True) for x in program.leaves]
    tensors = [torch.tensor(x, requires_grad=True) for x in program.leaves]
    expected = derivatives_in_torch(torch, program.run(tensors, torch), tensors, second=False)
    agree(derivatives(program.run(leaves), leaves, second=False), expected, program, program.tolerance)


def test_the_programs_use_all_rows():
    used = set()
    for seed in range(100):
        used |= {step.name for step in grown(seed, 40, ((2, 3), (3,), ())).steps}
        if used == set(RULES):
            break
    assert set(RULES) - used == set()


@examples(12)
@given(seeds, sizes, shapes)
def test_the_order_of_building_changes_nothing(seed, size, given_shapes):
    source = np.random.default_rng(seed)
    for program, leaf in ((grown(seed, size), Value), (grown(seed, size, given_shapes), Tensor)):
        results = []
        for order in (None, program.reordered(source), program.reordered(source)):
            leaves = [leaf(x) if leaf is Value else Tensor(x, requires_grad=True) for x in program.leaves]
            results.append(derivatives(program.run(leaves, order=order), leaves, second=False))
        for other in results[1:]:
            agree(other, results[0], program, rtol=1e-10)


@examples(15)
@given(seeds, sizes)
def test_backward_of_values_is_grad(seed, size):
    program = grown(seed, size)
    leaves = [Value(x) for x in program.leaves]
    out = program.run(leaves)
    slopes = grad(out, leaves, allow_unused=True)
    out.backward()
    assert_close([x.grad for x in leaves], [0.0 if slope is None else slope.data for slope in slopes], rtol=1e-13)


@examples(15)
@given(seeds, sizes, shapes, st.floats(-3, 3), st.floats(-3, 3))
def test_the_gradient_is_linear_in_the_upstream_gradient(seed, size, given_shapes, a, b):
    program = grown(seed, size, given_shapes)
    leaves = [Tensor(x, requires_grad=True) for x in program.leaves]
    out = program.run(leaves) * Tensor(weights((2, 3)))
    first, second = weights(out.shape), weights(out.shape)[::-1] - 1.0

    def pulled_back(upstream):
        slopes = grad(out, leaves, Tensor(upstream), allow_unused=True)
        slopes = [np.zeros(x.shape) if s is None else s.raw for s, x in zip(slopes, leaves, strict=True)]
        return np.concatenate([slope.ravel() for slope in slopes])

    parts = pulled_back(first), pulled_back(second)
    scale = max(1.0, *(np.abs(part).max(initial=0.0) for part in parts))
    np.testing.assert_allclose(pulled_back(a * first + b * second), a * parts[0] + b * parts[1], atol=1e-10 * scale)


# Shapes and indices ------------------------------------------------------------------------------------------------


@examples(50)
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
        summed = full.sum(axis=tuple(range(full.ndim - leaf.ndim)))
        for i, n in enumerate(leaf.shape):
            summed = summed.sum(axis=i, keepdims=True) if n == 1 else summed
        assert_close(leaf.grad.numpy(), summed, rtol=1e-12)


@st.composite
def indexed_shapes(draw):
    """A shape and an index into it: slices with any step, integers, None, Ellipsis; arrays of integers; a mask."""
    shape = draw(array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    kind = draw(st.sampled_from(["basic", "integers", "mask"]))
    if kind == "basic":
        return shape, draw(basic_indices(shape, allow_newaxis=True, max_dims=6))
    if kind == "integers":
        return shape, draw(integer_array_indices(shape, result_shape=broadcastable_shapes((2, 3), max_dims=2)))
    return shape, np.random.default_rng(draw(seeds)).random(shape) < 0.5


@examples(100)
@given(indexed_shapes())
def test_indexing_is_numpys_and_torchs(torch, case):
    shape, index = case
    x = Tensor(weights(shape), requires_grad=True)
    out = x[index]
    expected = x.numpy()[index]
    assert out.shape == np.shape(expected)
    assert_close(out.numpy(), expected)
    upstream = np.asarray(weights(out.shape) - 2.0)
    out.backward(upstream)
    scattered = np.zeros(shape)
    np.add.at(scattered, index, upstream)
    assert_close(x.grad.numpy(), scattered)
    parts = index if isinstance(index, tuple) else (index,)
    if all(part.step is None or part.step > 0 for part in parts if isinstance(part, slice)):  # torch has no others
        there = torch.tensor(weights(shape), requires_grad=True)
        convert = lambda part: torch.from_numpy(np.array(part)) if isinstance(part, np.ndarray) else part  # noqa: E731
        there[tuple(map(convert, parts))].backward(torch.from_numpy(upstream))
        assert_close(x.grad.numpy(), there.grad.numpy())


@examples(30)
@given(array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3), st.data())
def test_reductions_of_random_shapes(torch, shape, data):
    name = data.draw(
        st.sampled_from(["sum", "mean", "logsumexp", "amax", "var"] if 0 not in shape else ["sum", "mean"])
    )
    dims = data.draw(st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda d: d % len(shape), min_size=1))
    keepdim = data.draw(st.booleans())
    if name == "var" and np.prod([shape[d] for d in dims]) < 2:
        name = "sum"
    x, there = Tensor(weights(shape), requires_grad=True), torch.tensor(weights(shape), requires_grad=True)
    out, expected = (getattr(t, name)(dim=tuple(dims), keepdim=keepdim) for t in (x, there))
    assert_close(out.numpy(), expected.detach().numpy(), "value")
    out.backward(weights(out.shape))
    expected.backward(torch.tensor(weights(out.shape)))
    assert_close_on_the_whole(x.grad.numpy(), there.grad.numpy(), "gradient", rtol=1e-12)
