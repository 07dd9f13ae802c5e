"""`func`, beside ``torch.func``: nested, over dictionaries, of modules, example by example."""

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import DtypeError, GraphError, ShapeError, StateDictError, Tensor, func, manual_seed, no_grad, tensor
from tests.comparing import assert_close

X = np.random.default_rng(0).normal(size=(4, 3))
W = np.random.default_rng(1).normal(size=(3, 3))


def layers(lib, make):
    return {"w": make(W), "b": [make(W[0]), make(W[1])]}


def network(lib, state, x):
    hidden = lib.tanh(x @ state["w"] + state["b"][0])
    return (hidden * state["b"][1]).sum(-1)


def per_example(f, lib, make):
    def loss(state, x):
        return network(lib, state, x) ** 2

    return f.vmap(f.grad(loss), in_dims=(None, 0))(layers(lib, make), make(X))


def tuple_of_jacobians(f, lib, make):
    return f.jacrev(lambda x, y: (x.sin() * y, {"sum": (x * y).sum()}), argnums=(0, 1))(make(X[0]), make(X[1]))


def used_from_outside(f, lib, make):
    x = make(X[0])
    outer = lambda x: f.grad(lambda y: (y * y * x).sum())(x).sum()  # noqa: E731
    return f.grad(outer)(x)


def upstream_of_a_dictionary(f, lib, make):
    output, pull = f.vjp(lambda x, y: {"a": x @ y, "b": x.exp()}, make(W), make(X[0]))
    return output, pull({"a": make(X[1]), "b": make(W.T.copy())})


def with_rest(f, lib, make):
    gradient, rest = f.grad(lambda x: (x.exp().sum(), {"seen": x * 2}), has_aux=True)(make(X[0]))
    other, (value, more) = f.grad_and_value(lambda x: (x.exp().sum(), x * 2), has_aux=True)(make(X[0]))
    return gradient, rest, other, value, more


PROGRAMS = {
    "a third derivative": lambda f, lib, make: f.grad(f.grad(f.grad(lambda x: x**5)))(make(1.5)),
    "a dictionary": lambda f, lib, make: f.grad(lambda s: network(lib, s, make(X)).sum())(layers(lib, make)),
    "examples": per_example,
    "two arguments": lambda f, lib, make: f.grad(lambda x, y: (x * y**2).sum(), (1, 0))(make(X[0]), make(X[1])),
    "with the rest": with_rest,
    "the same tensor outside": used_from_outside,
    "pulled back": upstream_of_a_dictionary,
    "pushed": lambda f, lib, make: f.jvp(lambda x, y: x @ y, (make(W), make(X[0])), (make(W * 2), make(X[1]))),
    "pushed with the rest": lambda f, lib, make: f.jvp(
        lambda x: (x.sin(), x), (make(X),), (make(X * X),), has_aux=True
    ),
    "Jacobians": tuple_of_jacobians,
    "a Jacobian forward": lambda f, lib, make: f.jacfwd(lambda x: x.softmax(-1))(make(X[0])),
    "a Hessian": lambda f, lib, make: f.hessian(lambda x: (x.sin().outer(x)).sum() ** 2)(make(X[0])),
    "Hessians of examples": lambda f, lib, make: f.vmap(f.hessian(lambda x: x.prod().exp()))(make(X)),
    "along other dimensions": lambda f, lib, make: f.vmap(
        lambda x, y: (x * y["b"].sum(), y["a"]), in_dims=(1, {"a": None, "b": 0}), out_dims=(-1, None)
    )(make(X), {"a": make(X[0]), "b": make(W)}),
    "one within another": lambda f, lib, make: f.vmap(f.vmap(lambda x, y: x * y, (0, None)), (None, 0))(
        make(X[0]), make(X[:, 0].copy())
    ),
    "by keyword": lambda f, lib, make: f.vmap(lambda x, y: y @ x)(make(X), y=make(X * X)),
}


def numbers(tree, kind):
    if isinstance(tree, dict):
        return [x for key in sorted(tree) for x in numbers(tree[key], kind)]
    if isinstance(tree, list | tuple):
        return [x for part in tree for x in numbers(part, kind)]
    assert not tree.requires_grad
    return [tree.numpy()]


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # which torch.func itself uses
@pytest.mark.parametrize("name", PROGRAMS)
def test_beside_torch(name, torch):
    ours = PROGRAMS[name](func, autograd, lambda a: Tensor(np.array(a)))
    theirs = PROGRAMS[name](torch.func, torch, lambda a: torch.tensor(a, dtype=torch.float64))
    found, expected = numbers(ours, Tensor), numbers(theirs, torch.Tensor)
    for a, b in zip(found, expected, strict=True):
        assert_close(a, b, name)


def test_gradients_go_on_to_what_is_outside(torch):
    def outcome(lib, f, make):
        w, x = make(W), make(X[0])
        w.requires_grad_()
        x.requires_grad_()
        slope = f.grad(lambda x: (w @ x).sin().sum())(x)
        slope.square().sum().backward()
        return slope, w.grad, x.grad

    found = outcome(autograd, func, lambda a: Tensor(np.array(a)))
    for ours, theirs in zip(found, outcome(torch, torch.func, torch.tensor), strict=True):
        assert_close(ours.detach(), theirs.detach())
    with no_grad():
        assert not func.grad(lambda x: (x * Tensor(W, requires_grad=True)).sum())(Tensor(X[0])).requires_grad


def model(library):
    return library.Sequential(
        library.Linear(3, 4), library.BatchNorm1d(4), library.Tanh(), library.Linear(4, 2)
    ).double()


def test_a_meta_step_differentiates_through_the_inner_one(torch):
    """MAML: the loss on one batch after a step on another, and its gradients with respect to the first weights."""
    torch.manual_seed(0)
    theirs, ours = model(torch.nn), model(nn)
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    source = np.random.default_rng(0)
    inner, outer = source.normal(size=(2, 5, 3))

    def run(library, call, network, tensor):
        parameters = dict(network.named_parameters())
        loss = (call(network, parameters, (tensor(inner),)) ** 2).mean()
        slopes = library.autograd.grad(loss, tuple(parameters.values()), create_graph=True)
        stepped = {name: p - 0.5 * g for (name, p), g in zip(parameters.items(), slopes, strict=True)}
        meta = (call(network, (stepped, dict(network.named_buffers())), tensor(outer)) ** 2).mean()
        meta.backward()
        return [meta, *(p.grad for p in network.parameters()), *network.buffers()]

    found = run(autograd, func.functional_call, ours, Tensor)
    expected = run(torch, torch.func.functional_call, theirs, torch.tensor)
    for k, (x, y) in enumerate(zip(found, expected, strict=True)):
        assert_close(x.detach().numpy(), y.detach().numpy(), f"number {k}")


def test_an_ensemble(torch):
    def outcome(lib, f, make):
        models = [lib.nn.Linear(3, 2).double() for _ in range(3)]
        source = np.random.default_rng(3)
        for model in models:
            model.load_state_dict({"weight": make(source.normal(size=(2, 3))), "bias": make(source.normal(size=2))})
        parameters, buffers = f.stack_module_state(models)
        assert all(p.requires_grad for p in parameters.values())
        assert buffers == {}
        out = f.vmap(lambda p, b, x: f.functional_call(models[0], (p, b), x), in_dims=(0, 0, None))(
            parameters, buffers, make(X)
        )
        out.square().sum().backward()
        return out.detach(), parameters["weight"].grad

    found = outcome(autograd, func, lambda a: Tensor(np.array(a)))
    for ours, theirs in zip(found, outcome(torch, torch.func, torch.tensor), strict=True):
        assert_close(ours, theirs)


class Raising:
    def __rmul__(self, other):
        raise ZeroDivisionError


class Tied(nn.Module):
    def __init__(self):
        self.first = nn.Linear(2, 2, bias=False)
        self.second = nn.Linear(2, 2, bias=False)
        self.second.weight = self.first.weight
        self.register_buffer("shift", tensor([1.0, 2.0]))

    def forward(self, x, scale=1.0):
        return self.second(self.first(x)) * scale + self.shift


def test_a_module_with_other_parameters_is_as_it_was_afterwards():
    model, double = Tied(), 2 * autograd.eye(2)
    own = dict(model.named_parameters(), **dict(model.named_buffers()))
    x = tensor([1.0, 10.0])
    both = func.functional_call(model, {"first.weight": double}, x, {"scale": 10.0})
    assert both.tolist() == [41.0, 402.0]
    with pytest.raises(ZeroDivisionError):
        func.functional_call(model, {"shift": double}, (x,), {"scale": Raising()})
    one = func.functional_call(
        model, [{"first.weight": double, "shift": tensor([0.0, 0.0])}, {"second.weight": double * 2}], x
    )
    assert one.tolist() == [8.0, 80.0]
    assert dict(model.named_parameters(), **dict(model.named_buffers())) == own
    alone = func.functional_call(model, {"second.weight": double}, x, tie_weights=False)
    assert alone.tolist() == pytest.approx((model.first(x) * 2 + model.shift).tolist())
    optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(StateDictError, match="has no"):
        func.functional_call(model, {"third.weight": double}, x)
    with pytest.raises(StateDictError, match="not given: \\['shift'\\]"):
        func.functional_call(model, {"first.weight": double}, x, strict=True)
    with pytest.raises(ValueError, match="stands in two"):
        func.functional_call(model, ({"shift": x}, {"shift": x}), x)


def test_random_numbers_of_examples():
    def noisy(x):
        return x + autograd.rand(2, dtype=x.dtype)

    x = Tensor(np.zeros((3, 2)))
    with pytest.raises(GraphError, match="draws random numbers"):
        func.vmap(noisy)(x)
    manual_seed(0)
    same, after = func.vmap(noisy, randomness="same")(x), autograd.rand(1)
    manual_seed(0)
    once = noisy(x[0])
    assert same.tolist() == [once.tolist()] * 3
    assert after.tolist() == autograd.rand(1).tolist()
    assert len({tuple(row) for row in func.vmap(noisy, randomness="different")(x).tolist()}) == 3
    assert func.vmap(lambda x: x * 2)(x).shape == (3, 2)


def test_what_does_not_depend_on_the_inputs():
    x = Tensor([1.0, 2.0])
    assert func.grad(lambda x: Tensor(3.0))(x).tolist() == [0.0, 0.0]
    assert func.jacrev(lambda x: (x, Tensor([5.0])))(x)[1].tolist() == [[0.0, 0.0]]
    assert func.jacrev(lambda x: x[:0])(x).shape == (0, 2)
    assert func.jvp(lambda x: Tensor(3.0), (x,), (x,))[1].item() == 0.0
    with pytest.raises(GraphError, match="does not depend"):
        func.jvp(lambda x: Tensor(3.0), (x,), (x,), strict=True)


WITHOUT_RECORDING = {
    "jvp": lambda f, x: f.jvp(lambda x: x.sin() * x, (x,), (x * 2,))[1],
    "jacrev": lambda f, x: f.jacrev(lambda x: x.sin() * x.sum())(x),
    "jacfwd": lambda f, x: f.jacfwd(lambda x: x.sin() * x.sum())(x),
    "hessian": lambda f, x: f.hessian(lambda x: (x.sin() * x.sum()).sum())(x),
    "grad of grad": lambda f, x: f.grad(lambda x: f.grad(lambda x: (x**3).sum())(x).sum())(x),
    "hvp": lambda f, x: f.jvp(f.grad(lambda x: (x**3).sum()), (x,), (x,))[1],
    "vjp": lambda f, x: f.vjp(lambda x: x.sin(), x)[1](x)[0],
    "jacobians of examples": lambda f, x: f.vmap(f.jacrev(lambda x: x.sin()))(x.reshape(3, 1)),
}


@pytest.mark.parametrize("wanted", [False, True])
@pytest.mark.parametrize("name", WITHOUT_RECORDING)
def test_derivatives_are_taken_where_nothing_is_recorded(torch, name, wanted):
    take = WITHOUT_RECORDING[name]
    x, y = Tensor(X[0], requires_grad=wanted), torch.tensor(X[0], requires_grad=wanted)
    with no_grad(), torch.no_grad():
        here, there = take(func, x), take(torch.func, y)
    assert_close(here, there)
    assert here.requires_grad is there.requires_grad is False


def test_a_derivative_within_a_function_of_ones_own():
    class Sine(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return -func.jvp(lambda x: x.cos(), (x,), (autograd.ones_like(x),))[1]

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * func.jacrev(lambda x: x.sin())(x).diagonal()

    x = Tensor(X[0], requires_grad=True)
    y = Sine.apply(x)
    y.sum().backward()
    assert_close(y.detach(), np.sin(X[0]))
    assert_close(x.grad, np.cos(X[0]))


def test_a_pullback_records_nothing_where_nothing_is_recorded():
    _, pull = func.vjp(lambda x: x**2, Tensor(X[0], requires_grad=True))
    with no_grad():
        (found,) = pull(Tensor(X[1]))
    assert not found.requires_grad
    assert_close(found, 2 * X[0] * X[1])


def test_results_that_are_the_same_for_all_examples(torch):
    def program(lib, f):
        x, y = lib.tensor(X), lib.tensor(X[0])
        told = f.vmap(lambda x: (x * 2, "a word", None, [y]), out_dims=(1, None, None, [None]))(x)
        return [told[0].tolist(), *told[1:3], told[3][0].tolist(), f.vmap(lambda x: x.sin(), out_dims=(1,))(x).tolist()]

    ours, theirs = program(autograd, func), program(torch, torch.func)
    assert ours[1:4] == theirs[1:4]
    assert_close(ours[0], theirs[0])
    assert_close(ours[4], theirs[4])
    for lib, f in ((autograd, func), (torch, torch.func)):
        with pytest.raises(ValueError, match=r"(?i)out_dim"):
            f.vmap(lambda x: x, out_dims=None)(lib.tensor(X))


def test_linearized_functions(torch):
    calls = []

    def function(x, state):
        calls.append(1)
        return x.sin() * state["a"], {"sum": (x * state["a"]).sum()}

    (x, a), (y, b) = ([make(X[0]), make(X[1])] for make in (Tensor, torch.tensor))
    value, push = func.linearize(function, x, {"a": a})
    for k in (1.0, -2.0):
        found = push(a * k, {"a": x * k})
        expected, moved = torch.func.jvp(function, (y, {"a": b}), (b * k, {"a": y * k}))
        assert_close(value[0], expected[0])
        assert_close(found[0], moved[0])
        assert_close(found[1]["sum"], moved[1]["sum"])
    assert len(calls) == 3


def test_batch_normalization_without_running_statistics(torch):
    def program(lib, f):
        net = lib.nn.Sequential(lib.nn.BatchNorm1d(3), lib.nn.Sequential(lib.nn.BatchNorm1d(3, affine=False))).double()
        assert f.replace_all_batch_norm_modules_(net) is net
        return list(net.state_dict()), net.eval()(lib.tensor(X)).detach()

    ours, theirs = program(autograd, func), program(torch, torch.func)
    assert ours[0] == theirs[0]
    assert_close(ours[1], theirs[1])


WRONG = {
    "no argument": lambda f, lib, x: f.jacrev(lib.sin, argnums=())(x),
    "an argument twice": lambda f, lib, x: f.jacrev(lib.mul, argnums=(0, 0))(x, x),
    "half an argument": lambda f, lib, x: f.grad(lib.sum, argnums=0.5)(x),
    "a number": lambda f, lib, x: f.jacrev(lambda x: 3)(x),
    "a number among others": lambda f, lib, x: f.jacrev(lambda x: (x.sum(), 3))(x),
    "nothing": lambda f, lib, x: f.vjp(lambda x: (), x),
    "no Tensors forward": lambda f, lib, x: f.jvp(lambda x: 3, (x,), (x,)),
    "models in other modes": lambda f, lib, x: f.stack_module_state([lib.nn.Linear(1, 1), lib.nn.Linear(1, 1).eval()]),
    "models frozen and not": lambda f, lib, x: f.stack_module_state(
        [lib.nn.Linear(1, 1), lib.nn.Linear(1, 1).requires_grad_(False)]
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_refused_by_both(torch, name):
    for f, lib in ((func, autograd), (torch.func, torch)):
        with pytest.raises(RuntimeError):
            WRONG[name](f, lib, lib.tensor(X[0]))


@pytest.mark.parametrize("size", [0, -1])
def test_chunks_of_no_examples_are_refused(torch, size):
    for f, lib in ((func, autograd), (torch.func, torch)):
        with pytest.raises(ValueError, match="chunk_size"):
            f.vmap(lib.sin, chunk_size=size)(lib.tensor(X))
        with pytest.raises(ValueError, match="chunk_size"):
            f.jacrev(lib.sin, chunk_size=size)(lib.tensor(X[0]))


REFUSED = {
    "a vector": (ShapeError, "single number", lambda x: func.grad(lambda x: x)(x)),
    "no function": (TypeError, "needs a function", lambda x: func.grad(x)(x)),
    "whole numbers": (DtypeError, "has no gradient", lambda x: func.grad(lambda x: x.sum())(x.long())),
    "an argument that is not there": (TypeError, "argnums 1", lambda x: func.grad(lambda x: x.sum(), 1)(x)),
    "a number": (DtypeError, "must be a Tensor", lambda x: func.grad(lambda x, y: x.sum(), 1)(x, 2.0)),
    "no pair": (TypeError, "must return a pair", lambda x: func.grad(lambda x: x.sum(), has_aux=True)(x)),
    "upstream of another shape": (ShapeError, "must agree", lambda x: func.vjp(lambda x: x.sum(), x)[1](x)),
    "tangents of another shape": (ShapeError, "must agree", lambda x: func.jvp(lambda x: x, (x,), (x[0],))),
    "other numbers of examples": (ShapeError, "examples", lambda x: func.vmap(lambda x, y: x)(x, x[:1])),
    "no examples": (ShapeError, "examples", lambda x: func.vmap(lambda x: x)(x[:0])),
    "no such dimension": (ShapeError, "no dimension 1", lambda x: func.vmap(lambda x: x, in_dims=1)(x)),
    "dimensions that do not fit": (ValueError, "in_dims", lambda x: func.vmap(lambda x: x, in_dims=(0, 0))(x)),
    "results that are no Tensors": (DtypeError, "must give Tensors", lambda x: func.vmap(lambda x: x.item())(x)),
    "a randomness that there is not": (ValueError, "randomness", lambda x: func.vmap(lambda x: x, randomness="no")),
    "models of two kinds": (
        ValueError,
        "one class",
        lambda x: func.stack_module_state([nn.Linear(1, 1), nn.Bilinear(1, 1, 1)]),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    kind, words, call = REFUSED[what]
    with pytest.raises(kind, match=words):
        call(Tensor([1.0, 2.0]))


def test_found_by_torchs_names():
    assert autograd.vmap is func.vmap
    assert func.functional_call is nn.utils.stateless.functional_call
    with pytest.raises(AttributeError, match="linearise"):
        func.linearise
