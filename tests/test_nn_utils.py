"""Clipped gradients and flattened parameters, beside PyTorch's."""

import math

import numpy as np
import pytest

from autograd import Tensor, Value
from nn import utils

GRADIENTS = [np.array([3.0, -4.0, 0.0]), np.array([[1.0], [-0.25]]), np.array(2.0)]
INFINITE = [np.array([1.0, math.inf])]


def parameters(make, gradients=GRADIENTS, dtype=np.float64):
    """Of these gradients; and one without."""
    params = [make(np.zeros(g.shape, dtype), requires_grad=True) for g in (*gradients, np.zeros(2))]
    for p, g in zip(params, gradients, strict=False):
        p.grad = make(g.astype(dtype))
    return params


def both(torch, gradients=GRADIENTS, dtype=np.float64):
    def make(array, **settings):
        return torch.tensor(np.asarray(array), **settings)

    return parameters(Tensor, gradients, dtype), parameters(make, gradients, dtype)


def check_same(ours, theirs):
    for p, q in zip(ours, theirs, strict=True):
        assert (p.grad is None) == (q.grad is None)
        if p.grad is not None:
            np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-6)
            assert p.grad.numpy().dtype == q.grad.numpy().dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", [2.0, 1, 3, 0.5, 0, -1, math.inf, -math.inf])
@pytest.mark.parametrize("largest", [0.5, 100.0, 0])
def test_clip_grad_norm(torch, order, largest, dtype):
    ours, theirs = both(torch, dtype=dtype)
    total = utils.clip_grad_norm_(ours, largest, order)
    reference = torch.nn.utils.clip_grad_norm_(theirs, largest, order)
    np.testing.assert_allclose(total.numpy(), reference.numpy(), rtol=1e-6)
    assert total.dtype == dtype
    check_same(ours, theirs)


def test_infinite_norms(torch):
    ours, theirs = both(torch, INFINITE)
    assert utils.clip_grad_norm_(iter(ours), 1.0).item() == math.inf
    torch.nn.utils.clip_grad_norm_(theirs, 1.0)
    check_same(ours, theirs)
    with pytest.raises(RuntimeError, match="the 2-norm is nan"):
        utils.clip_grad_norm_(ours, 1.0, error_if_nonfinite=True)


def test_norms_and_clipping_apart(torch):
    ours, theirs = both(torch)
    here = utils.get_total_norm([p.grad for p in ours if p.grad is not None])
    there = torch.nn.utils.get_total_norm([p.grad for p in theirs if p.grad is not None])
    assert here.item() == pytest.approx(there.item())
    utils.clip_grads_with_norm_(ours, 2.0, here)
    torch.nn.utils.clip_grads_with_norm_(theirs, 2.0, there)
    check_same(ours, theirs)
    assert utils.get_total_norm([]).item() == 0.0
    assert utils.clip_grad_norm_(ours[-1], 1.0).item() == 0.0


def test_clip_grad_value(torch):
    ours, theirs = both(torch)
    utils.clip_grad_value_(ours, 1.5)
    torch.nn.utils.clip_grad_value_(theirs, 1.5)
    check_same(ours, theirs)


def test_gradients_of_values():
    values = [Value(1.0), Value(2.0)]
    for v, g in zip(values, (3.0, -4.0), strict=True):
        v.grad = g
    assert utils.clip_grad_norm_(values, 1.0).item() == 5.0
    assert [v.grad for v in values] == pytest.approx([0.6, -0.8])
    utils.clip_grad_value_(values, 0.7)
    assert [v.grad for v in values] == pytest.approx([0.6, -0.7])
    assert all(type(v.grad) is float for v in values)


def test_gradients_that_were_recorded():
    w = Tensor([3.0, 4.0], requires_grad=True)
    (w * w).sum().backward(create_graph=True)
    utils.clip_grad_norm_(w, 1.0)
    utils.clip_grad_value_(w, 0.7)
    assert w.grad.tolist() == pytest.approx([0.6, 0.7])


def test_vectors(torch):
    ours = [Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), Tensor(5.0, requires_grad=True)]
    vector = utils.parameters_to_vector(ours)
    assert vector.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    (vector * vector).sum().backward()
    assert ours[0].grad.tolist() == [[2.0, 4.0], [6.0, 8.0]]
    raw = ours[0].numpy()
    utils.vector_to_parameters(vector.detach() * 2, iter(ours))
    assert ours[0].tolist() == raw.tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert ours[1].item() == 10.0
    with pytest.raises(ValueError, match=r"the vector has shape \(4,\), the parameters 5 elements"):
        utils.vector_to_parameters(Tensor([1.0] * 4), ours)
    with pytest.raises(TypeError, match="is a list, not a Tensor"):
        utils.vector_to_parameters([1.0] * 5, ours)
