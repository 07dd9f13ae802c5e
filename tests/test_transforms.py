"""Gradients, Jacobians, Hessians and their products: PyTorch's, and those of calculus."""

import numpy as np
import pytest

import autograd
from autograd import (
    GraphError,
    ShapeError,
    Tensor,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    transforms,
    value_and_grad,
    vhp,
    vjp,
)
from tests.comparing import assert_close

X = np.array([0.5, -1.2, 2.0])
Y = np.array([[1.0, 0.3, -0.4], [0.2, -0.7, 1.5]])


def scalar(x, y):
    return ((y @ x).tanh() * y.sum(1)).sum() + (x * x).prod()


def vector(x, y):
    return (y @ x).exp() * y.sum(1)


def numbers(result):
    """Nested tuples of Tensors of either library as nested lists of arrays."""
    if isinstance(result, tuple):
        return [numbers(part) for part in result]
    return result.detach().numpy()


def assert_same(found, expected):
    if isinstance(expected, list):
        assert isinstance(found, list)
        assert len(found) == len(expected)
        for f, e in zip(found, expected, strict=True):
            assert_same(f, e)
    else:
        assert_close(found, expected)


def both(torch, name, function, arrays, v=None):
    """The results of one transform here and in torch.autograd.functional."""
    several = isinstance(arrays, tuple)
    here = tuple(map(Tensor, arrays)) if several else Tensor(arrays)
    there = tuple(map(torch.tensor, arrays)) if several else torch.tensor(arrays)
    more, more_there = (), ()
    if v is not None:
        more = (tuple(map(Tensor, v)) if isinstance(v, tuple) else Tensor(v),)
        more_there = (tuple(map(torch.tensor, v)) if isinstance(v, tuple) else torch.tensor(v),)
    found = getattr(autograd, name)(function, here, *more)
    expected = getattr(torch.autograd.functional, name)(function, there, *more_there)
    return numbers(found), numbers(expected)


def test_jacobian(torch):
    assert_same(*both(torch, "jacobian", vector, (X, Y)))
    assert_same(*both(torch, "jacobian", lambda x: x.exp() * x.sum(), X))
    assert_same(*both(torch, "jacobian", scalar, (X, Y)))
    assert_same(*both(torch, "jacobian", lambda y: y.T @ y, Y))


def test_jacobian_of_several_outputs(torch):
    def function(x, y):
        return y @ x, (x * x).sum()

    assert_same(*both(torch, "jacobian", function, (X, Y)))
    assert_same(*both(torch, "jacobian", lambda x: (x.sin(), x.sum()), X))


def test_hessian(torch):
    assert_same(*both(torch, "hessian", scalar, (X, Y)))
    assert_same(*both(torch, "hessian", lambda x: (x * x * x).sum() * x[0], X))


def test_vjp(torch):
    v = np.array([0.3, -2.0])
    assert_same(*both(torch, "vjp", vector, (X, Y), v))
    assert_same(*both(torch, "vjp", lambda x: x.exp(), X, np.ones(3)))
    assert_same(*both(torch, "vjp", scalar, (X, Y)))


def test_jvp(torch):
    assert_same(*both(torch, "jvp", vector, (X, Y), (X[::-1].copy(), Y * 2)))
    assert_same(*both(torch, "jvp", lambda x: x.exp(), X, np.ones(3)))


def test_products_of_several_outputs(torch):
    def function(x, y):
        return y @ x, (x * x).sum()

    assert_same(*both(torch, "vjp", function, (X, Y), (np.array([0.3, -2.0]), np.array(1.5))))
    assert_same(*both(torch, "jvp", function, (X, Y), (X[::-1].copy(), Y * 2)))


def test_vhp(torch):
    assert_same(*both(torch, "vhp", scalar, (X, Y), (X[::-1].copy(), Y * 2)))
    assert_same(*both(torch, "vhp", lambda x: (x * x * x).sum(), X, X))


STRICT = {
    "vjp": (lambda x, y: x * 2, (X,)),
    "jvp": (lambda x, y: x * 2, ((X, Y),)),
    "jacobian": (lambda x, y: (x * y.sum(), y * 2), ()),
    "hessian": (lambda x, y: (x * x).sum(), ()),
    "hessian of a linear function": (lambda x, y: x.sum() + y.sum(), ()),
    "hvp": (lambda x, y: (x**2).sum() + y.sum(), ((X, Y),)),
    "vhp": (lambda x, y: (x**2).sum() + y.sum(), ((X, Y),)),
}


@pytest.mark.parametrize("name", STRICT)
def test_strict_refuses_what_is_independent(torch, name):
    function, v = STRICT[name]
    name = name.partition(" ")[0]
    for module, make in ((autograd, Tensor), (torch.autograd.functional, torch.tensor)):
        transform, inputs = getattr(module, name), (make(X), make(Y))
        more = [tuple(map(make, part)) if isinstance(part, tuple) else make(part) for part in v]
        with pytest.raises(RuntimeError, match=r"independent|does not depend|[Nn]ot require gradients"):
            transform(function, inputs, *more, strict=True)
        more = [tuple(map(make, part)) for part in v if isinstance(part, tuple)]
        transform(lambda x, y: (x**3).sum() * (y**3).sum(), inputs, *more, strict=True)


def test_found_by_pytorchs_name():
    from autograd.functional import hvp as found

    assert found is hvp
    assert autograd.autograd.functional.vhp is vhp
    assert jacobian(lambda x: x * 2, Tensor([1.0]), vectorize=True, strategy="forward-mode").tolist() == [[2.0]]
    with pytest.raises(ValueError, match="jacobian: strategy is 'sideways'"):
        jacobian(lambda x: x * 2, Tensor([1.0]), strategy="sideways")
    with pytest.raises(ValueError, match="hessian: outer_jacobian_strategy is 'sideways'"):
        hessian(lambda x: (x * 2).sum(), Tensor([1.0]), outer_jacobian_strategy="sideways")


def test_hvp(torch):
    assert_same(*both(torch, "hvp", scalar, (X, Y), (X[::-1].copy(), Y * 2)))
    assert_same(*both(torch, "hvp", lambda x: (x * x * x).sum(), X, X))


def test_an_unused_input_has_zeros(torch):
    assert_same(*both(torch, "jacobian", lambda x, y: x * 2, (X, Y)))
    assert_same(*both(torch, "hessian", lambda x, y: (x * x).sum(), (X, Y)))
    assert_same(*both(torch, "vjp", lambda x, y: x * 2, (X, Y), X))
    assert_same(*both(torch, "jvp", lambda x, y: x * 2, (X, Y), (X, Y)))
    assert_same(*both(torch, "hvp", lambda x, y: (x * x).sum(), (X, Y), (X, Y)))


def test_linear_functions_have_no_curvature(torch):
    assert_same(*both(torch, "hessian", lambda x: x.sum(), X))
    assert_same(*both(torch, "hvp", lambda x: x.sum(), X, X))
    assert_same(*both(torch, "jvp", lambda x: x * 2, X, X))


def test_values():
    def f(x, y):
        return x * x * y + y.sin()

    x, y = Value(3.0), Value(2.0)
    assert [d.data for d in jacobian(f, (x, y))] == pytest.approx([12.0, 9.0 + np.cos(2.0)])
    second = [[d.data for d in row] for row in hessian(f, (x, y))]
    np.testing.assert_allclose(second, [[4.0, 6.0], [6.0, -np.sin(2.0)]], rtol=1e-14)
    assert [d.data for d in vjp(f, (x, y))[1]] == pytest.approx([12.0, 9.0 + np.cos(2.0)])
    assert jvp(f, (x, y), (1.0, 0.0))[1].data == pytest.approx(12.0)
    assert [d.data for d in hvp(f, (x, y), (1.0, 2.0))[1]] == pytest.approx([16.0, 6.0 - 2 * np.sin(2.0)])
    assert jacobian(lambda x: x**3, x).data == 27.0
    assert hessian(lambda x: x**3, x).data == 18.0
    assert (x.grad, y.grad) == (0.0, 0.0), "the caller's nodes are left alone"


def test_value_and_grad_of_numbers_values_and_arrays():
    value, gradient = value_and_grad(lambda x: x * x)(3.0)
    assert (value.data, gradient.data) == (9.0, 6.0)
    value, gradients = value_and_grad(lambda x, y: (x * y).sum(), argnums=(0, 1))(X, Tensor(X * 2))
    assert value.item() == pytest.approx(2 * (X * X).sum())
    assert_close(gradients[0].numpy(), X * 2)
    assert_close(gradients[1].numpy(), X)
    value, gradient = value_and_grad(lambda x, scale: (x * scale).sum(), argnums=-2)(X, scale := 3.0)
    assert gradient.tolist() == [scale] * 3
    value, gradient = value_and_grad(lambda x, *, scale: (x * scale).sum())(Tensor(X), scale=2.0)
    assert (gradient.tolist(), value.requires_grad) == ([2.0] * 3, False)


def test_transforms_leave_the_callers_nodes_alone():
    x = Tensor(X, requires_grad=True)
    y = x * 2
    for transform in (jacobian, hessian):
        transform(lambda x: (x * x * x).sum(), y)
    vjp(lambda x: (x * x).sum(), y)
    value_and_grad(lambda x: (x * x).sum())(y)
    assert (x.grad, y.grad) == (None, None)
    assert Tensor(X).requires_grad is False


@pytest.mark.parametrize(
    "leaf", [Value(1.3), Tensor(1.3, dtype="float64", requires_grad=True)], ids=["Value", "Tensor"]
)
def test_derivatives_of_every_order(leaf):
    y, expected = leaf**5, 1.3**5
    for order in range(1, 6):
        (y,) = grad(y, leaf, create_graph=True)
        expected = np.prod(np.arange(5.0, 5 - order, -1)) * 1.3 ** (5 - order)
        assert y.item() == pytest.approx(expected, rel=1e-12)
    third = leaf.sin()
    for _ in range(3):
        (third,) = grad(third, leaf, create_graph=True)
    assert third.item() == pytest.approx(-np.cos(1.3), rel=1e-14)


def test_third_derivatives_against_torch(torch):
    results = []
    for x in (Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)):
        take = grad if isinstance(x, Tensor) else torch.autograd.grad
        y = (x.tanh().softmax(0) * x).prod() + (x[0] * x[1]).exp()
        for _ in range(3):
            (slope,) = take(y, x, create_graph=True)
            y = (slope * slope).sum()
        results.append(slope.detach().numpy())
    assert_close(*results)


def test_hessian_is_symmetric_and_differentiable():
    x = Tensor(X, requires_grad=True)
    h = hessian(lambda x: (x * x).prod(), x, create_graph=True)
    assert_close(h.detach().numpy(), h.detach().numpy().T)
    h.sum().backward()
    assert x.grad is not None
    without = hessian(lambda x: (x * x).prod(), x)
    assert not without.requires_grad


def test_backward_through_a_gradient():
    x = Tensor(X, requires_grad=True)
    (slope,) = grad((x**3).sum(), x, create_graph=True)
    (slope * slope).sum().backward()
    assert_close(x.grad.numpy(), 2 * 3 * X**2 * 6 * X)


def test_several_outputs_add_up():
    x = Tensor(X, requires_grad=True)
    (slope,) = grad([(x * 2).sum(), x * x], [x], [None, Tensor(np.ones(3))])
    assert_close(slope.numpy(), 2 + 2 * X)


def test_unused_inputs_of_grad():
    x, y = Value(1.0), Value(2.0)
    with pytest.raises(GraphError, match="input 1"):
        grad(x * x, (x, y))
    slope, none = grad(x * x, (x, y), allow_unused=True)
    assert (slope.data, none) == (2.0, None)
    (itself,) = grad(x, x)
    assert itself.data == 1.0


def test_grad_touches_no_grad():
    x = Tensor(X, requires_grad=True)
    h = x * x
    dh, dx = grad((h * h).sum(), (h, x))
    assert (x.grad, h.grad) == (None, None)
    assert_close(dh.numpy(), 2 * X**2)
    assert_close(dx.numpy(), 4 * X**3)


def test_shapes_of_vectors_must_agree():
    with pytest.raises(ShapeError, match=r"v has shapes \[\(2,\)\], the inputs \[\(3,\)\]"):
        jvp(lambda x: x * 2, Tensor(X), Tensor(np.ones(2)))
    with pytest.raises(ShapeError, match="give the vector v"):
        hvp(lambda x: (x * x).sum(), Tensor(X))


@pytest.mark.parametrize("leaf", [Value(3.0), Tensor(3.0, requires_grad=True)], ids=["Value", "Tensor"])
def test_create_graph_is_meant_inside_no_grad_too(leaf):
    cube = leaf**3
    with autograd.no_grad():
        (slope,) = grad(cube, leaf, create_graph=True)
    (curvature,) = grad(slope, leaf)
    assert curvature.item() == 18.0


def test_arguments_of_grad(torch):
    def program(lib, make):
        x, y = make([1.0, 2.0]), make([3.0, 4.0])
        penalty = lib.autograd.grad(
            outputs=(x * x).sum(), inputs=x, create_graph=True, retain_graph=True, only_inputs=True
        )[0].norm()
        zero = lib.autograd.grad((x * 2).sum(), (x, y), materialize_grads=True)
        unused = lib.autograd.grad(x.sum(), y, None, None, False, True, True)
        return round(penalty.item(), 5), *(g.tolist() for g in zero), *unused

    ours = program(autograd, lambda data: Tensor(data, requires_grad=True))
    theirs = program(torch, lambda data: torch.tensor(data, requires_grad=True))
    assert ours == theirs
    x = Value(2.0)
    assert [g.data for g in grad(x * x, [x, Value(1.0)], materialize_grads=True)] == [4.0, 0.0]
    for refused in ({"only_inputs": False}, {"is_grads_batched": True}):
        with pytest.raises(GraphError, match="grad: only_inputs"):
            grad(x * x, x, **refused)
    with pytest.raises(GraphError, match="allow_unused"):
        grad(x * x, Value(1.0), materialize_grads=True, allow_unused=False)


def test_derivatives_are_taken_where_nothing_is_recorded():
    x, v = Tensor([0.5, -1.0], requires_grad=True), Tensor([2.0, 3.0])
    with no_grad():
        told = [
            transforms.jvp(lambda x: x**3, x, v)[1],
            transforms.hvp(lambda x: (x**3).sum(), x, v)[1],
            transforms.vjp(lambda x: x**3, x, v)[1],
            transforms.jacobian(lambda x: x**3, x).diagonal(),
            transforms.hessian(lambda x: (x**3).sum(), x).diagonal(),
        ]
        number = transforms.jvp(lambda x: x * x, Value(3.0), Value(2.0))[1]
    expected = [[1.5, 9.0], [6.0, -18.0], [1.5, 9.0], [0.75, 3.0], [3.0, -6.0]]
    assert [t.tolist() for t in told] == expected
    assert not any(t.requires_grad for t in told)
    assert number.data == 12.0
