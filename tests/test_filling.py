"""Filling a tensor outside the graph with results of the graph, beside PyTorch."""

import gc
from random import Random

import numpy as np
import pytest

import autograd
from autograd import GraphError, Tensor, compare, grad, gradcheck, no_grad, ones, tensor, zeros
from autograd.changes import filled
from tests.comparing import assert_close

W, V = np.random.default_rng(0).normal(size=(3, 4)), np.random.default_rng(1).normal(size=4)


def leaves(module):
    return [module.tensor(array, requires_grad=True) for array in (W, V)]


FILLED = {
    "one after the other": lambda module, out, w, v: [out.__setitem__(i, w * i) for i in range(5)],
    "from the end": lambda module, out, w, v: out.__setitem__(-1, w.tanh()),
    "a row": lambda module, out, w, v: out.__setitem__((2, 1), v * w[0]),
    "a column": lambda module, out, w, v: out.__setitem__((slice(None), slice(None), 2), w[:, 0]),
    "all": lambda module, out, w, v: out.__setitem__(..., w * v),
    "steps and a new dimension": lambda module, out, w, v: out.__setitem__((slice(1, 4, 2), None, 0), v * w[0]),
    "a mask": lambda module, out, w, v: out.__setitem__(out > 0.5, w.sum()),
    "a list": lambda module, out, w, v: out.__setitem__([0, 3], w),
    "places": lambda module, out, w, v: out.__setitem__(module.tensor([3, 1]), w.exp()[None]),
    "leading dimensions of 1": lambda module, out, w, v: out.__setitem__(1, w[None, None]),
    "another dtype": lambda module, out, w, v: out.__setitem__(1, (w * v).float()),
    "over again": lambda module, out, w, v: [out.__setitem__(k, w * v**k) for k in (1, 2, 1)],
    "with a number after": lambda module, out, w, v: [out.__setitem__(0, w), out.__setitem__((0, 1), 7.0)],
    "with a constant after": lambda module, out, w, v: [out.__setitem__(0, w), out.__setitem__((0, 1), v.detach())],
    "of itself": lambda module, out, w, v: [
        out.__setitem__(0, w),
        out.__setitem__(1, out[0]),
        out.__setitem__(2, out[1] * 2),
    ],
}


@pytest.mark.parametrize("name", FILLED)
def test_agrees_with_torch(torch, name):
    found = []
    for module in (autograd, torch):
        w, v = leaves(module)
        out = module.linspace(0, 1, 60, dtype=module.float64).reshape(5, 3, 4).clone()
        array = out.numpy()
        FILLED[name](module, out, w, v)
        assert (out.requires_grad, out.is_leaf) == (True, False)
        array[0, 0, 0] += 0  # it is the same memory
        assert np.shares_memory(array, out.detach().numpy())
        loss = (out * out.sin()).sum()
        loss.backward(retain_graph=True)
        through = module.autograd.grad(loss, [out, w], create_graph=True)
        second = module.autograd.grad((through[1] ** 2).sum(), w)
        found.append([out, loss, w.grad, *([] if v.grad is None else [v.grad]), *through, *second])
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours.detach().numpy(), theirs.detach().numpy())


READ = [
    lambda out, w, i: out[i],
    lambda out, w, i: out[i] * 2,
    lambda out, w, i: out[i].clone(),
    lambda out, w, i: out.sum(0),
    lambda out, w, i: out[:, :, i % 3].sum(1, keepdim=True).expand(5, 4)[:3],
    lambda out, w, i: out[i] * w,
    lambda out, w, i: out[i] + w,
    lambda out, w, i: out.mean(0).tanh(),
    lambda out, w, i: out[[1, 2]][0],
    lambda out, w, i: out.detach()[i].clone() * w,
    lambda out, w, i: out.transpose(0, 1)[:, i],
    lambda out, w, i: out.reshape(-1, 4)[:3] * 0.5,
]


def drawn(module, seed):
    """A random program that fills a tensor, reads it in between, and holds parts of it; its gradients."""
    draw = Random(seed)
    w, v = leaves(module)
    out = module.zeros(5, 3, 4, dtype=module.float64)
    terms, held = [(w.sum() + v.sum())], []
    for _ in range(draw.randint(2, 8)):
        i, read = draw.randint(-5, 4), draw.choice(READ)
        kind = draw.choice(["part", "row", "column", "term", "itself", "product", "hold", "held", "term of held"])
        if kind == "part":
            out[i] = w * draw.random()
        elif kind == "row":
            out[i, 1] = v * v
        elif kind == "column":
            out[..., 1:3] = w[:, :2]
        elif kind == "term":
            terms.append(read(out, w, i).sum())
        elif kind == "itself":
            out[i] = read(out, w, -i % 5)
        elif kind == "product":
            out[i] = read(out, w, -i % 5) * w.sum()
        elif kind == "hold":
            held.append(read(out, w, i))
        elif kind == "held" and held:
            out[i] = draw.choice(held) + w
        elif kind == "term of held" and held:
            terms.append(draw.choice(held).exp().sum())
    loss = sum(terms) + (out * out).sum()
    through = module.autograd.grad(loss, [w, v], retain_graph=True, create_graph=seed % 2 == 0)
    loss.backward()
    return [out, loss, *through, w.grad, v.grad]


def test_random_programs_agree_with_torch_or_are_refused(torch):
    """Whatever comes between the assignments: never another gradient, and an error wherever PyTorch has one."""
    agreed = 0
    for seed in range(300):
        try:
            ours = drawn(autograd, seed)
        except GraphError:
            continue
        theirs = drawn(torch, seed)  # does not raise, either
        for here, there in zip(ours, theirs, strict=True):
            assert_close(here.detach().numpy(), there.detach().numpy())
        agreed += 1
    assert agreed > 200


def test_checks_see_through_it(torch):
    def function(w):
        out = w.new_zeros(2, 3)
        out[0] = w * 2
        out[1, 1] = w.sum()
        return (out**2).sum()

    w = tensor([1.0, 2.0, 3.0], dtype="float64", requires_grad=True)
    assert compare(function, w.detach())
    assert gradcheck(function, (w,))


def test_its_own_gradient_is_kept_and_hooks_are_called():
    w, seen = ones(3, requires_grad=True), []
    out = zeros(3)
    out[0] = w[0]
    out.retain_grad()
    out.register_hook(lambda g: seen.append(g.tolist()))
    (out * 2).sum().backward()
    assert out.retains_grad
    assert (out.grad.tolist(), seen) == ([2.0] * 3, [[2.0] * 3])
    assert grad((out * w).sum(), out)[0].tolist() == [1.0] * 3
    out.backward(ones(3))
    assert out.grad.tolist() == [3.0] * 3
    del out.grad
    assert out.grad is None


@pytest.mark.parametrize(
    "make",
    [
        lambda w: w.detach().requires_grad_(),
        lambda w: w * 2,
        lambda w: zeros(3).long(),
    ],
    ids=["leaf", "result", "integers"],
)
def test_what_is_in_the_graph_is_refused(make):
    w = ones(3, requires_grad=True)
    out = make(w)
    before = out.tolist()
    with pytest.raises(GraphError, match=r"in place; compute a new one.*stack"):
        out[0] = w[1]
    assert out.tolist() == before


def test_memory_that_somebody_else_has_is_refused():
    w, base = ones(3, requires_grad=True), zeros(2, 3)
    row = base[0]
    for out in (base[1:], base.T, row, base.detach(), base):
        with pytest.raises(GraphError, match=r"shares its memory with a view or a detached tensor.*clone"):
            out[0] = w.sum()
    del row, out
    base[1] = w
    assert base.requires_grad


def test_values_that_do_not_fit_change_nothing():
    w, out = ones(3, requires_grad=True), zeros(2, 3)
    for index, value in ((5, w), (0, ones(4) * w.sum()), (..., ones(3, 2, 3) * w.sum())):
        with pytest.raises((IndexError, ValueError), match=r"x\[index\] = value: shape"):
            out[index] = value
        assert (out.tolist(), out.is_leaf, out.requires_grad) == (zeros(2, 3).tolist(), True, False)


def test_a_view_from_before_is_refused():
    w, out = ones(3, requires_grad=True), zeros(3)
    out[0] = w[0]
    view, copy = out[1:], out[1:].clone()
    out[1] = w[1] * 5
    with pytest.raises(GraphError, match=r"getitem: this view, of shape \(2,\), was taken before x\[index\] = value"):
        view.sum()
    assert copy.sum().item() == 0.0
    assert out[1:].sum().item() == 5.0
    with no_grad():
        constant = out[1:]
    out[2] = w[2] * 7
    assert (constant * w[1:]).sum().item() == 12.0  # without history it has nothing to be wrong about


def test_what_a_derivative_still_needs_is_noticed():
    w, out = ones(3, requires_grad=True), zeros(3)
    out[0] = w[0]
    square = (out * out).sum()
    out[1] = w[1]
    with pytest.raises(GraphError, match=r"derivative of mul .* was changed in place"):
        (square + out.sum()).backward()


def test_under_no_grad_nothing_is_recorded():
    w, out = ones(3, requires_grad=True), zeros(3)
    with no_grad():
        out[0] = w[0]
    assert not out.requires_grad
    out[1] = w[1] * 3
    with no_grad():
        out[2] = 5.0
    out.sum().backward()
    assert w.grad.tolist() == [0.0, 3.0, 0.0]


def test_the_graph_is_freed_with_the_tensor():
    w = ones(3, requires_grad=True)
    before = set(filled)
    gc.disable()
    try:
        out = zeros(3)
        out[0] = w[0]
        out[1] = out[0] + w[1]
        loss = out.sum()
        loss.backward()
        assert len(filled - before) == 1
        del out, loss
        assert filled <= before
    finally:
        gc.enable()


def test_a_compiled_function_refuses_it():
    def function(w):
        out = zeros(3)
        out[0] = w[0]
        return out.sum()

    with pytest.raises(GraphError, match=r"x\[index\] = value"):
        autograd.compile(function)(Tensor([1.0, 2.0], requires_grad=True))
