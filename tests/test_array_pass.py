"""The reverse pass of a training step gives what the general one gives, or leaves it to that one."""

import numpy as np
import pytest

import autograd
import nn
from autograd import GraphError, Tensor, no_grad, tensor
from autograd.backward import backpropagate

F = nn.functional


def leaf(*shape):
    return Tensor(np.random.default_rng(sum(shape)).normal(size=shape), requires_grad=True)


def through_a_retained_result(x, w):
    hidden = x @ w
    hidden.retain_grad()
    return hidden.tanh().sum()


GRAPHS = {
    "plain numbers": lambda x, w: (1 / (3 + x.exp()) ** 2).sum() + 2.0,
    "a network": lambda x, w: F.cross_entropy(F.relu(F.linear(x, w.T, w.sum(0))), tensor([0, 2, 1])),
    "used twice": lambda x, w: (x * x + x @ w @ w.T).mean(),
    "broadcast": lambda x, w: (x[:, :1] * w[0] + w[:3]).square().sum(),
    "many operands": lambda x, w: autograd.cat([x, w.T[:, :4], x], 0).tanh().mean(),
    "another dtype": lambda x, w: (x.float() @ w.float()).sigmoid().sum(),
    "behind a where": lambda x, w: autograd.where(x > 0, x.abs().sqrt(), 0 * x).sum() + w.sum(),
    "a retained result": through_a_retained_result,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_same_as_the_general_pass(name):
    x, w = leaf(3, 4), leaf(4, 4)
    loss = GRAPHS[name](x, w)
    general = backpropagate((loss,), (None,), False, None, "backward")
    loss.backward()
    for node, expected in general.items():
        assert node.grad.dtype == node.dtype
        assert np.array_equal(node.grad.numpy(), expected.numpy())
    assert len(general) == 1 + (w.grad is not None) + (name == "a retained result")


def test_a_second_pass_adds_up():
    x = leaf(3)
    loss = x.exp().sum()
    loss.backward()
    loss.backward()
    assert np.allclose(x.grad.numpy(), 2 * np.exp(x.numpy()))


def test_no_two_gradients_share_memory():
    x, y, z, upstream = leaf(3), leaf(3), leaf(3), np.ones(3)
    (x + y + z).backward(Tensor.of(upstream))
    arrays = [upstream, *(t.grad.raw for t in (x, y, z))]
    assert not any(np.may_share_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


def test_what_was_changed_in_place_is_refused_and_nothing_is_changed():
    x, y = leaf(3), leaf(3)
    loss = (x * y).sum() + y.exp().sum()
    with no_grad():
        x.mul_(2)
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()
    assert (x.grad, y.grad) == (None, None)


def test_a_graph_that_was_let_go():
    x = leaf(3)
    loss = x.exp().sum()
    loss.backward(retain_graph=False)
    with pytest.raises(GraphError, match="let go"):
        loss.backward()
