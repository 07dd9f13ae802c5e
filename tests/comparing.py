"""How numbers, gradients and second derivatives are compared: with finite differences, and with PyTorch."""

import numpy as np

from autograd import Tensor, grad, gradcheck, gradgradcheck
from autograd.check.jacobian import weights


def assert_close(found, expected, what="", rtol=1e-9):
    """Equal to ``rtol``, and near 0 to a thousandth of that of the largest; shapes, NaN and infinities exactly."""
    found, expected = np.asarray(found), np.asarray(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol / 1000 * _scale(expected), err_msg=what)
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, expected {expected.shape}"


def assert_close_on_the_whole(found, expected, what, rtol):
    """Equal to ``rtol`` of the largest element: for errors that do not shrink with the element."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=rtol * _scale(expected), err_msg=what)


def _scale(expected):
    return max(1.0, np.abs(np.asarray(expected)[np.isfinite(expected)]).max(initial=0.0))


def loss_of(out):
    """A number that every element of ``out`` enters differently, and not linearly."""
    return (out * out * Tensor(weights(out.shape), dtype=out.dtype)).sum()


def slopes(output, inputs):
    """`grad` as a graph; zeros of the inputs' kind where there is no dependence."""
    if not output.requires_grad or output.op is None:
        return [x * 0.0 for x in inputs]
    found = grad(output, inputs, create_graph=True, allow_unused=True)
    return [x * 0.0 if slope is None else slope for slope, x in zip(found, inputs, strict=True)]


def slopes_in_torch(torch, output, inputs):
    if not output.requires_grad:
        return [torch.zeros_like(x) for x in inputs]
    return torch.autograd.grad(output, inputs, create_graph=True, allow_unused=True, materialize_grads=True)


def check_first(function, inputs):
    """The first derivatives of ``function`` are those of finite differences."""
    report = gradcheck(function, list(inputs), atol=1e-9, rtol=1e-9, allow_zero=True)
    assert report, report


def check_second(function, inputs):
    """The derivatives of the first derivatives are those of finite differences."""
    report = gradgradcheck(function, list(inputs), atol=1e-8, rtol=1e-8, allow_zero=True)
    assert report, report


def check_against_torch(torch, ours, theirs, arrays):
    """Value, first and second derivatives are PyTorch's."""
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    out, reference = ours(*leaves), theirs(*tensors)
    assert_close(out.numpy(), reference.detach().numpy(), "value")
    first = slopes(loss_of(out), leaves)
    loss = (reference * reference * torch.tensor(weights(reference.shape))).sum()
    first_there = slopes_in_torch(torch, loss, tensors)
    for k, (found, expected) in enumerate(zip(first, first_there, strict=True)):
        assert_close(found.numpy(), expected.detach().numpy(), f"operand {k}")
        second = slopes(loss_of(found), leaves)
        loss = (expected * expected * torch.tensor(weights(expected.shape))).sum()
        for j, (f, e) in enumerate(zip(second, slopes_in_torch(torch, loss, tensors), strict=True)):
            assert_close(f.numpy(), e.detach().numpy(), f"operand {k}, then operand {j}")
