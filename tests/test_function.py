"""`Function`, beside PyTorch's: operations whose value and derivative the user writes."""

from contextvars import ContextVar

import numpy as np
import pytest

import autograd
from autograd import DtypeError, Function, GraphError, ShapeError, Tensor, compile, detect_anomaly, draw, gradcheck
from autograd.function import once_differentiable

VARIABLE = ContextVar("variable", default="nobody's")
X, W = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]), np.array([0.3, -0.2, 2.0])


def functions(lib):
    """The same classes for both libraries."""

    class Relu(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx, grad_output):
            (x,) = ctx.saved_tensors
            grad_input = grad_output.clone()
            grad_input[x < 0] = 0
            return grad_input

    class Exp(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            out = x.exp()
            ctx.save_for_backward(out)
            return out

        @staticmethod
        def backward(ctx, grad_output):
            (out,) = ctx.saved_tensors
            return grad_output * out

    class Affine(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, w, bias=None, scale=1.0):
            ctx.scale = scale
            ctx.save_for_backward(x, w, bias)
            out = x * w * scale
            return out if bias is None else out + bias

        @staticmethod
        def backward(ctx, g):
            x, w, bias = ctx.saved_tensors
            dx = g * w * ctx.scale if ctx.needs_input_grad[0] else None
            dw = (g * x * ctx.scale).sum(0) if ctx.needs_input_grad[1] else None
            db = g.sum(0) if bias is not None and ctx.needs_input_grad[2] else None
            return dx, dw, db, None

    class SinAndCube(lib.autograd.Function):
        @staticmethod
        def forward(x, power):
            return x.sin(), (x**power).sum(), power

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, ctx.power = inputs
            ctx.save_for_backward(x, output[0])

        @staticmethod
        def backward(ctx, g, h, _):
            x, sin = ctx.saved_tensors
            return g * x.cos() + 0 * sin + h * ctx.power * x ** (ctx.power - 1), None

    class Nearest(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, codes):
            index = ((x[:, None] - codes) ** 2).sum(-1).argmin(1)
            near = codes[index]
            ctx.mark_non_differentiable(index)
            ctx.shape = codes.shape
            return near, index

        @staticmethod
        def backward(ctx, g, _):
            return g, lib.zeros(ctx.shape, dtype=g.dtype) + g.sum()

    class Reversed(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, strength):
            ctx.strength = strength
            return x.view_as(x)

        @staticmethod
        def backward(ctx, g):
            return g.neg() * ctx.strength, None

    class Same(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    return Relu, Exp, Affine, SinAndCube, Nearest, Reversed, Same


def relu(x, w, lib):
    Relu, *_ = functions(lib)
    (Relu.apply(x * w) * x).sum().backward()
    return x.grad, w.grad


def twice(x, w, lib):
    _, Exp, *_ = functions(lib)
    y = (Exp.apply(x) * w).sum()
    (first,) = lib.autograd.grad(y, x, create_graph=True)
    (second,) = lib.autograd.grad((first * first).sum(), x, create_graph=True)
    (third,) = lib.autograd.grad(second.sum(), w)
    return y, first, second, third


def with_what_is_no_tensor(x, w, lib):
    _, _, Affine, *_ = functions(lib)
    bias = lib.ones(3, dtype=x.dtype).requires_grad_()
    out = Affine.apply(x, w) + Affine.apply(x, w, bias, 2.5)
    (out**2).sum().backward()
    return x.grad, w.grad, bias.grad


def second_derivative_of_several_inputs(x, w, lib):
    _, _, Affine, *_ = functions(lib)
    grads = lib.autograd.grad((Affine.apply(x, w, None, 3.0) ** 2).sum(), (x, w), create_graph=True)
    return lib.autograd.grad(sum((g**2).sum() for g in grads), (x, w))


def some_inputs_constant(x, w, lib):
    _, _, Affine, *_ = functions(lib)
    (Affine.apply(x.detach(), w) ** 2).sum().backward()
    return (w.grad,)


def several_outputs(x, w, lib):
    *_, SinAndCube, _, _, _ = functions(lib)
    sin, cube, power = SinAndCube.apply(x * w, 3)
    assert power == 3
    grads = lib.autograd.grad((sin * sin).sum() + cube * cube, (x, w), create_graph=True)
    return sin, cube, *grads, *lib.autograd.grad(grads[0].sum(), (x, w))


def one_of_several_outputs(x, w, lib):
    *_, SinAndCube, _, _, _ = functions(lib)
    SinAndCube.apply(x * w, 3)[1].backward()
    return x.grad, w.grad


def an_output_without_gradient(x, w, lib):
    *_, Nearest, _, _ = functions(lib)
    near, index = Nearest.apply(x, lib.eye(3, dtype=x.dtype).requires_grad_())
    assert (near.requires_grad, index.requires_grad) == (True, False)
    (near * w).sum().backward()
    return near, index, x.grad, w.grad


def reversed_gradient(x, w, lib):
    *_, Reversed, _ = functions(lib)
    (Reversed.apply(x, 0.5) * w).sum().backward()
    return x.grad, w.grad


def the_input_itself(x, w, lib):
    *_, Same = functions(lib)
    hidden = x * w
    out = Same.apply(hidden)
    (out * hidden).sum().backward()
    return x.grad, w.grad


def a_gradient_that_is_summed(x, w, lib):
    class Wide(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            return x * w

        @staticmethod
        def backward(ctx, g):
            return g, g  # of w, whose gradients PyTorch adds up

    (Wide.apply(x, w) ** 2).sum().backward()
    return x.grad, w.grad


def one_output_twice(x, w, lib):
    class Pair(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            out = x * 2
            return out, out

        @staticmethod
        def backward(ctx, g, h):
            return 2 * g + 2 * h

    a, b = Pair.apply(x * w)
    (a * a + 3 * b).sum().backward()
    return x.grad, w.grad


def hooks(x, w, lib):
    Relu, *_ = functions(lib)
    out = Relu.apply(x * w)
    out.register_hook(lambda g: g * 2)
    out.retain_grad()
    (out**2).sum().backward()
    return x.grad, w.grad, out.grad


def one_within_another(x, w, lib):
    Relu, Exp, *_ = functions(lib)

    class Both(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return Relu.apply(x) + Exp.apply(x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            with lib.enable_grad():
                x = x.detach().requires_grad_()
                out = Relu.apply(x) + Exp.apply(x)
            return lib.autograd.grad(out, x, g)

    (Both.apply(x * w) ** 2).sum().backward()
    return x.grad, w.grad


PROGRAMS = [
    relu,
    twice,
    with_what_is_no_tensor,
    second_derivative_of_several_inputs,
    some_inputs_constant,
    several_outputs,
    one_of_several_outputs,
    an_output_without_gradient,
    reversed_gradient,
    the_input_itself,
    a_gradient_that_is_summed,
    one_output_twice,
    hooks,
    one_within_another,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_beside_torch(torch, program):
    ours = program(*(Tensor(array, requires_grad=True) for array in (X, W)), autograd)
    theirs = program(*(torch.tensor(array, requires_grad=True) for array in (X, W)), torch)
    assert len(ours) == len(theirs)
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-13, atol=1e-14)


def test_dtypes_stay():
    class Mixed(Function):
        @staticmethod
        def forward(ctx, x, y):
            assert (x.dtype, y.dtype) == (np.float32, np.float64)
            return x * 2, y * 3

        @staticmethod
        def backward(ctx, g, h):
            assert (g.dtype, h.dtype) == (np.float32, np.float64)
            return g * 2, h * 3

    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    y = Tensor(np.ones(3), requires_grad=True)
    a, b = Mixed.apply(x, y)
    assert (a.dtype, b.dtype) == (np.float32, np.float64)
    (a.sum() + b.sum()).backward()
    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, [2, 2])
    assert (y.grad.dtype, y.grad.tolist()) == (np.float64, [3, 3, 3])


def test_nothing_is_recorded_where_nothing_requires_a_gradient():
    Relu, *_ = functions(autograd)
    assert Relu.apply(Tensor(X)).is_leaf
    with autograd.no_grad():
        assert Relu.apply(Tensor(X, requires_grad=True)).is_leaf


def test_backward_runs_in_the_context_of_its_caller():
    seen = []

    class Asking(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            seen.append(VARIABLE.get())
            return g * 2

    x = Tensor(X, requires_grad=True)
    token = VARIABLE.set("the caller's")
    Asking.apply(x).sum().backward()
    VARIABLE.reset(token)
    assert seen == ["the caller's"]


def test_gradients_share_no_memory():
    class Sharing(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x)
            return x + y

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            g.mul_(2)  # not the engine's own array
            return x, x

    x, y = (Tensor(X, requires_grad=True) for _ in range(2))
    out = Sharing.apply(x, y)
    upstream = Tensor(np.ones_like(X))
    out.backward(upstream)
    arrays = [x.grad.numpy(), y.grad.numpy(), x.numpy()]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])
    assert (upstream.numpy() == 1).all()


def test_gradcheck_names_the_wrong_one():
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 2 * x**2

    Relu, Exp, *_ = functions(autograd)
    x = Tensor(X, requires_grad=True)
    assert gradcheck(lambda x: Exp.apply(x) * Relu.apply(x), [x])
    report = gradcheck(lambda x: (Wrong.apply(Exp.apply(x)) + 1).sin(), [x])
    assert not report
    assert [culprit.operation for culprit in report.culprits] == ["Wrong"]


def test_anomalies_name_it():
    class Odd(Function):
        @staticmethod
        def forward(ctx, x):
            return Tensor(np.where(x.numpy() > 0, x.numpy(), np.inf))

        @staticmethod
        def backward(ctx, g):
            return Tensor(g.numpy() * np.nan)

    with detect_anomaly(), pytest.raises(autograd.AnomalyError, match="Odd"):
        Odd.apply(Tensor([1.0, 0.0], requires_grad=True))
    with detect_anomaly(), pytest.raises(autograd.AnomalyError, match="Odd: in the backward pass"):
        Odd.apply(Tensor([1.0, 2.0], requires_grad=True)).sum().backward()


def test_it_is_drawn(tmp_path):
    Relu, *_ = functions(autograd)
    x = Tensor(X, requires_grad=True)
    out = (Relu.apply(x) * 2).sum()
    out.backward()
    drawing = draw(out)
    assert "Relu" in drawing.source
    drawing.save(tmp_path / "relu.html")
    assert "Relu" in (tmp_path / "relu.html").read_text()


def test_it_is_freed_without_the_collector():
    import gc
    import weakref

    _, Exp, *_ = functions(autograd)
    gc.collect()
    gc.disable()
    try:
        x = Tensor(X, requires_grad=True)
        y = Exp.apply(x)
        (first,) = autograd.grad(y.sum(), x, create_graph=True)
        first.sum().backward()
        seen = weakref.ref(y.raw)
        x.grad = None
        del y, first
        assert seen() is None
    finally:
        gc.enable()


def made(forward=lambda ctx, x: x * 2, backward=lambda ctx, g: g * 2, **more):
    return type("Made", (Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward), **more})


def saved_then_changed(x):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    out = made(forward, lambda ctx, g: g * ctx.saved_tensors[0]).apply(x)
    x.data.zero_()
    x.detach().add_(1)
    out.sum().backward()


REFUSED = {
    "instance": (lambda x: made()(), TypeError, "Made.apply"),
    "too few": (lambda x: made(lambda ctx, x, y: x * y).apply(x, x).sum().backward(), GraphError, "1 gradients for 2"),
    "too many": (lambda x: made(backward=lambda ctx, g: (g, g)).apply(x).sum().backward(), GraphError, "2 gradients"),
    "shape": (lambda x: made(backward=lambda ctx, g: g[0, :2]).apply(x).sum().backward(), ShapeError, r"\(2,\)"),
    "number": (lambda x: made(backward=lambda ctx, g: 1.0).apply(x).sum().backward(), DtypeError, "Tensor or None"),
    "saved number": (lambda x: made(lambda ctx, x: ctx.save_for_backward(2)).apply(x), DtypeError, "attribute of ctx"),
    "dirty": (lambda x: made(lambda ctx, x: ctx.mark_dirty(x)).apply(x), GraphError, "return a new tensor"),
    "changed": (saved_then_changed, GraphError, "changed in place"),
    "compiled": (lambda x: compile(made().apply)(x), GraphError, "Made.apply"),
    "no backward": (
        lambda x: type("Bare", (Function,), {"forward": staticmethod(lambda ctx, x: x * 2)}).apply(x).sum().backward(),
        NotImplementedError,
        "backward",
    ),
    "no forward": (lambda x: type("Bare", (Function,), {}).apply(x), NotImplementedError, "forward"),
    "once": (
        lambda x: autograd.grad(
            made(backward=once_differentiable(lambda ctx, g: g * 2)).apply(x).sum(), x, create_graph=True
        ),
        GraphError,
        "create_graph",
    ),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, words):
    x = Tensor(X, requires_grad=True)
    with pytest.raises(error, match=words):
        call(x)
    assert x.grad is None


def test_once_differentiable_gives_first_derivatives():
    x = Tensor(X, requires_grad=True)
    made(backward=once_differentiable(lambda ctx, g: g * 2)).apply(x).sum().backward()
    assert (x.grad.numpy() == 2).all()


def test_none_is_no_gradient(torch):
    for lib in (autograd, torch):

        class Silent(lib.autograd.Function):
            @staticmethod
            def forward(ctx, x, y):
                return x * y

            @staticmethod
            def backward(ctx, g):
                return None, g

        x, y = (lib.tensor([2.0, 3.0], requires_grad=True) for _ in "xy")
        (Silent.apply(x * 2, y) + y).sum().backward()
        assert (x.grad, y.grad.tolist()) == (None, [2.0, 2.0])
        out = Silent.apply(x * 2, y).sum()
        assert lib.autograd.grad(out, x, retain_graph=True, allow_unused=True) == (None,)
        with pytest.raises(RuntimeError):
            lib.autograd.grad(out, x)


def test_setup_context_is_given_the_arguments_that_were_left_out(torch):
    for lib in (autograd, torch):

        class Power(lib.autograd.Function):
            @staticmethod
            def forward(x, power=3):
                return x**power

            @staticmethod
            def setup_context(ctx, inputs, output):
                x, ctx.power = inputs
                ctx.save_for_backward(x)

            @staticmethod
            def backward(ctx, g):
                return g * ctx.power * ctx.saved_tensors[0] ** (ctx.power - 1), None

        x = lib.tensor([2.0, 3.0], requires_grad=True)
        (Power.apply(x) + Power.apply(x, 2)).sum().backward()
        assert x.grad.tolist() == [16.0, 33.0]
