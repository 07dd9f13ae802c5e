"""`Tensor.register_hook`, beside PyTorch's: functions that see a gradient, or put another in its place."""

import copy
import pickle
from contextvars import ContextVar

import numpy as np
import pytest

import autograd
from autograd import DtypeError, GraphError, ShapeError, Tensor, compile

VARIABLE = ContextVar("variable", default="nobody's")
X, W = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]), np.array([0.3, -0.2, 2.0])


def of_a_leaf(x, w, lib):
    w.register_hook(lambda g: g.clamp(-1, 1))
    (x * w).sum().backward()
    (x * x * w).sum().backward()
    return x.grad, w.grad


def of_a_result(x, w, lib):
    hidden = x * w
    hidden.register_hook(lambda g: 2 * g)
    hidden.retain_grad()
    (hidden * hidden).sum().backward()
    return x.grad, w.grad, hidden.grad


def of_one_that_is_used_twice(x, w, lib):
    seen, hidden = [], x * w
    hidden.register_hook(lambda g: seen.append(g.clone()))
    (hidden.exp() + hidden.sin()).sum().backward()
    return x.grad, *seen


def one_after_the_other(x, w, lib):
    for hook in (lambda g: g + 1, lambda g: None, lambda g: g * g):
        w.register_hook(hook)
    (x * w).sum().backward()
    return (w.grad,)


def of_the_last(x, w, lib):
    loss = (x * w).sum()
    loss.register_hook(lambda g: g * 3)
    loss.backward()
    return x.grad, w.grad


def taken_away(x, w, lib):
    first, second = w.register_hook(lambda g: g * 2), w.register_hook(lambda g: g + 1)
    first.remove()
    (x * w).sum().backward()
    second.remove()
    (x * w).sum().backward()
    return (w.grad,)


def asked_for_by_grad(x, w, lib):
    hidden = x * w
    hidden.register_hook(lambda g: g * g)
    x.register_hook(lambda g: -g)
    grad = getattr(lib.autograd, "grad", None) or lib.grad
    return grad((hidden**3).sum(), [x, w])


def differentiated_again(x, w, lib):
    hidden = x * w
    hidden.register_hook(lambda g: g * hidden)
    grad = getattr(lib.autograd, "grad", None) or lib.grad
    (slope,) = grad((hidden**3).sum(), x, create_graph=True)
    (slope * slope).sum().backward()
    return x.grad, w.grad


@pytest.mark.parametrize(
    "program",
    [
        of_a_leaf,
        of_a_result,
        of_one_that_is_used_twice,
        one_after_the_other,
        of_the_last,
        taken_away,
        asked_for_by_grad,
        differentiated_again,
    ],
)
def test_as_in_torch(torch, program):
    ours = program(Tensor(X, requires_grad=True), Tensor(W, requires_grad=True), autograd)
    theirs = program(torch.tensor(X, requires_grad=True), torch.tensor(W, requires_grad=True), torch)
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-12)


def test_a_hook_is_given_an_array_of_its_own():
    """Here the sum hands one array to both, of which one is changed in place."""
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)

    def overwritten(g):
        g.zero_()

    x.register_hook(lambda g: g.mul_(10))
    hidden = x * 1.0
    hidden.register_hook(overwritten)
    (hidden + y).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([10.0, 10.0], [1.0, 1.0])


@pytest.mark.parametrize("result", [False, True], ids=["leaf", "result"])
def test_a_hook_runs_in_the_context_of_its_caller(result):
    x, seen = Tensor([1.0, 2.0], requires_grad=True), []
    hidden = x * x
    (hidden if result else x).register_hook(lambda g: seen.append(VARIABLE.get()))
    token = VARIABLE.set("the caller's")
    hidden.sum().backward()
    autograd.grad(hidden.sum(), x)
    VARIABLE.reset(token)
    assert seen == ["the caller's"] * 2


def test_what_a_hook_computes_is_not_recorded():
    x, recorded = Tensor([1.0, 2.0], requires_grad=True), []
    x.register_hook(lambda g: recorded.append((g * x).requires_grad))
    (x * x).sum().backward()
    assert recorded == [False]


@pytest.mark.parametrize("result", [False, True], ids=["leaf", "result"])
def test_what_a_hook_may_not_return(result):
    x = Tensor([1.0, 2.0], requires_grad=True)
    hidden = x * x
    node = hidden if result else x
    for wrong, kind, words in (
        (lambda g: 1.0, DtypeError, "returned 1.0; return None"),
        (lambda g: g.sum(), ShapeError, r"shape \(\) and dtype float32 for a tensor of shape \(2,\)"),
        (lambda g: g.double(), ShapeError, "dtype float64"),
    ):
        handle = node.register_hook(wrong)
        with pytest.raises(kind, match=words):
            hidden.sum().backward()
        assert x.grad is None
        handle.remove()
    hidden.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_hooks_of_what_a_compiled_function_reads():
    w = Tensor([1.0, 2.0], requires_grad=True)
    function = compile(lambda x: (w * x).sum())
    for _ in range(2):
        w.grad = None
        handle = w.register_hook(lambda g: g * 10)
        function(Tensor([3.0, 4.0])).backward()
        assert w.grad.tolist() == [30.0, 40.0]
        handle.remove()
    w.grad = None
    out = function(Tensor([3.0, 4.0]))
    out.register_hook(lambda g: -g)
    out.backward()
    assert w.grad.tolist() == [-3.0, -4.0]
    x = Tensor([3.0, 4.0], requires_grad=True)
    x.register_hook(lambda g: g + 1)
    function(x).backward()
    assert x.grad.tolist() == [2.0, 3.0]


def test_a_hook_within_a_compiled_function_is_refused():
    def hooking(x):
        hidden = x * x
        hidden.register_hook(print)
        return hidden.sum()

    with pytest.raises(GraphError, match="register_hook, whose function a replay would not call"):
        compile(hooking)(Tensor([1.0], requires_grad=True))


def test_copies_have_no_hooks():
    x = Tensor([1.0], requires_grad=True)
    x.register_hook(lambda g: g * 10)
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        (other * 2).sum().backward()
        assert other.grad.tolist() == [2.0]


def test_hooks_after_accumulation_are_called_with_the_leaf(torch):
    """A step of SGD for each parameter, as soon as it has its gradient."""
    for lib in (autograd, torch):
        leaves = [lib.tensor([float(n), 1.0], requires_grad=True) for n in (2, 3)]
        seen = []

        def step(leaf, seen=seen, lib=lib):
            assert not lib.is_grad_enabled()
            seen.append(leaf.grad.tolist())
            leaf.sub_(0.5 * leaf.grad)
            leaf.grad = None

        handles = [leaf.register_post_accumulate_grad_hook(step) for leaf in leaves]
        (leaves[0] * leaves[1]).sum().backward()
        assert sorted(seen) == [[2.0, 1.0], [3.0, 1.0]]
        assert [leaf.tolist() for leaf in leaves] == [[0.5, 0.5], [2.0, 0.5]]
        assert lib.autograd.grad((leaves[0] * 2).sum(), leaves[0])[0].tolist() == [2.0, 2.0]
        handles[0].remove()
        leaves[0].sum().backward()
        assert len(seen) == 2
        with pytest.raises(RuntimeError):
            (leaves[0] * 2).register_post_accumulate_grad_hook(step)


def test_a_hook_after_accumulation_returns_nothing():
    x = Tensor([1.0], requires_grad=True)
    x.register_post_accumulate_grad_hook(lambda leaf: leaf.grad * 2)
    with pytest.raises(DtypeError, match="return None"):
        x.sum().backward()
