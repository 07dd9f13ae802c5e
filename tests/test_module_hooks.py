"""Functions that modules call, in a backward pass and with their state, beside PyTorch's."""

import copy
import gc
import warnings

import numpy as np
import pytest

import autograd
import nn
from autograd import GraphError, ShapeError, StateDictError, Tensor, compile
from tests.comparing import assert_close

X = np.random.default_rng(0).normal(size=(3, 2))


class Pair(nn.Module):
    def forward(self, x, times, y=None):
        return x * times, "between", x.sum() if y is None else (x * y).sum()


def made(lib):
    """The same network here and there."""
    layers = autograd if lib is autograd else lib
    pair = type("Pair", (layers.nn.Module,), {"forward": Pair.forward})()
    net = layers.nn.Sequential(layers.nn.Linear(2, 3), layers.nn.Tanh(), layers.nn.Linear(3, 1)).double()
    with lib.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(lib.linspace(-1 - i, 2, p.numel(), dtype=lib.float64).reshape(p.shape))
    return net, pair


def seen_in_a_network(net, pair, x, lib):
    seen = []
    for layer in (net, net[0], net[1]):
        layer.register_full_backward_hook(lambda m, given, gave: seen.extend([*given, *gave]))
    net(x).exp().sum().backward()
    return seen


def replaced(net, pair, x, lib):
    net[2].register_full_backward_hook(lambda m, given, gave: (given[0] * 2,))
    net[1].register_full_backward_hook(lambda m, given, gave: None)
    net[1].register_full_backward_hook(lambda m, given, gave: (given[0] + gave[0],))
    net(x).exp().sum().backward()
    return []


def replaced_before(net, pair, x, lib):
    seen = []
    net[1].register_full_backward_pre_hook(lambda m, gave: seen.extend(gave))
    net[1].register_full_backward_pre_hook(lambda m, gave: (gave[0].clamp(-0.1, 0.1),))
    net[1].register_full_backward_hook(lambda m, given, gave: seen.extend([*given, *gave]))
    net(x).exp().sum().backward()
    return seen


def of_several(net, pair, x, lib):
    seen = []
    pair.register_full_backward_hook(lambda m, given, gave: seen.append((given, gave)))
    big, word, total = pair(x.exp(), 3.0)
    assert word == "between"
    (big.sin().sum() * total).backward()
    ((given, gave),) = seen
    assert [g is None for g in given] == [False, True]
    assert [g is None for g in gave] == [False, True, False]
    return [given[0], gave[0], gave[2]]


def of_one_without_a_gradient(net, pair, x, lib):
    seen = []
    pair.register_full_backward_hook(lambda m, given, gave: seen.append((given, gave)))
    constant = x.detach().exp()
    big, _, total = pair(x, constant)
    (big.sin().sum() * total).backward()
    return [*seen[0][0], seen[0][1][0]]


def twice_in_one_pass(net, pair, x, lib):
    seen = []
    net[1].register_full_backward_hook(lambda m, given, gave: seen.extend(given))
    (net[1](x) + net[1](net[1](x) * 2)).sum().backward()
    return sorted(seen, key=lambda g: float(g.sum()))


def taken_away_and_in_front(net, pair, x, lib):
    order = []
    first = net.register_full_backward_hook(lambda m, given, gave: order.append(1))
    net.register_full_backward_hook(lambda m, given, gave: order.append(2))
    net.register_full_backward_hook(lambda m, given, gave: order.append(3), prepend=True)
    net.register_forward_hook(lambda m, given, gave: order.append(4))
    net.register_forward_hook(lambda m, given, gave: order.append(5), prepend=True)
    net(x).sum().backward()
    first.remove()
    net(x).sum().backward()
    assert order == [5, 4, 3, 1, 2, 5, 4, 3, 2]
    return []


def differentiated_again(net, pair, x, lib):
    net[1].register_full_backward_hook(lambda m, given, gave: (given[0] * gave[0],))
    (slope,) = lib.autograd.grad(net(x).exp().sum(), x, create_graph=True)
    (slope**2).sum().backward()
    return [slope]


PROGRAMS = [seen_in_a_network, replaced, replaced_before, of_several, of_one_without_a_gradient, twice_in_one_pass]
PROGRAMS += [taken_away_and_in_front, differentiated_again]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_as_in_torch(torch, program):
    results = []
    for lib, make in ((autograd, Tensor), (torch, torch.tensor)):
        x = make(X, requires_grad=True)
        net, pair = made(lib)
        seen = program(net, pair, x, lib)
        results.append([*seen, x.grad, *(p.grad for p in net.parameters() if p.grad is not None)])
    assert len(results[0]) == len(results[1])
    for found, expected in zip(*results, strict=True):
        assert_close(found.detach().numpy(), expected.detach().numpy())


def test_where_nothing_that_was_given_has_a_gradient():
    net, seen = nn.Sequential(nn.Linear(2, 1)).double(), []
    net.register_full_backward_hook(lambda m, given, gave: seen.append((given, gave[0].shape)))
    net(Tensor(X)).sum().backward()
    assert seen == [((None,), (3, 1))]
    with autograd.no_grad():
        net(Tensor(X))
    assert len(seen) == 1


def test_an_output_that_is_no_tensor_is_told():
    class Dictionary(nn.Module):
        def forward(self, x):
            return {"x": x * 2}

    model = Dictionary()
    model.register_full_backward_hook(lambda *given: None)
    with pytest.warns(UserWarning, match="backward hooks are not called for an output that is a dict") as told:
        out = model(Tensor(X, requires_grad=True))
    assert told[0].filename == __file__
    out["x"].sum().backward()


@pytest.mark.parametrize(
    ("returned", "kind", "words"),
    [
        ((), GraphError, "returned 0 gradients for 1"),
        ((Tensor(np.ones((2, 2))),), ShapeError, r"of shape \(2, 2\) for argument 1, of shape \(3, 2\)"),
    ],
    ids=["none", "another shape"],
)
def test_what_a_hook_may_not_return(returned, kind, words):
    layer = nn.Linear(2, 1).double()
    layer.register_full_backward_hook(lambda m, given, gave: returned)
    loss = layer(Tensor(X, requires_grad=True)).sum()
    with pytest.raises(kind, match=words):
        loss.backward()


def test_none_in_the_place_of_a_gradient_is_none(torch):
    for module, made in ((nn, Tensor), (torch.nn, torch.tensor)):
        layer, x = module.Linear(2, 1).double(), made(X, requires_grad=True)
        layer.register_full_backward_hook(lambda m, given, gave: (None,))
        layer(x).sum().backward()
        assert (x.grad, layer.bias.grad.tolist()) == (None, [3])


def test_a_gradient_for_what_has_none_is_refused():
    layer = nn.Linear(2, 1).double()
    layer.register_full_backward_hook(lambda m, given, gave: (gave[0],))
    with pytest.raises(GraphError, match="where nothing that was given has one"):
        layer(Tensor(X)).sum().backward()


def test_a_graph_is_freed_at_once():
    layer = nn.Linear(2, 1).double()
    layer.register_full_backward_hook(lambda m, given, gave: None)
    x = Tensor(X, requires_grad=True)
    layer(x).sum().backward()
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(20):
            layer(x).sum().backward()
        assert len(gc.get_objects()) < before + 20
    finally:
        gc.enable()


def test_within_a_compiled_function_it_is_refused():
    layer = nn.Linear(2, 1).double()
    layer.register_full_backward_hook(lambda m, given, gave: None)
    quick = compile(lambda x: layer(x).sum())
    with pytest.raises(Exception, match="whose backward a replay would not call"):
        quick(Tensor(X, requires_grad=True))


# State -----------------------------------------------------------------------------------------------------------


def test_before_a_state_is_made(torch):
    for lib in (autograd, torch):
        net, _ = made(lib)
        told = []
        handle = net[0].register_state_dict_pre_hook(lambda m, prefix, keep, told=told: told.append((prefix, keep)))
        net.register_state_dict_pre_hook(lambda m, prefix, keep, lib=lib: m[2].bias.data.fill_(7.0))
        assert float(net.state_dict()["2.bias"]) == 7.0
        net[0].state_dict(keep_vars=True, prefix="a.")
        handle.remove()
        net.state_dict()
        assert told == [("0.", False), ("a.", True)]


def test_after_a_state_is_loaded(torch):
    for lib in (autograd, torch):
        net, _ = made(lib)
        told = []

        def found(module, keys, told=told):
            told.append((type(module).__name__, list(keys.missing_keys), list(keys.unexpected_keys)))
            keys.missing_keys.clear()

        handle = net.register_load_state_dict_post_hook(found)
        net[1].register_load_state_dict_post_hook(lambda m, keys, told=told: told.append(type(m).__name__))
        state = {name: value * 2 for name, value in net.state_dict().items() if name != "0.bias"}
        keys = net.load_state_dict(state)
        assert told == ["Tanh", ("Sequential", ["0.bias"], [])]
        assert keys.missing_keys == []
        assert_close(net[2].bias.detach().numpy(), state["2.bias"].numpy())
        handle.remove()
        with pytest.raises(RuntimeError, match=r"0\.bias"):
            net.load_state_dict(state)
        with pytest.raises(RuntimeError, match="unknown"):
            net.load_state_dict({**net.state_dict(), "unknown": state["2.bias"]})


def test_a_state_of_another_shape_is_refused_before_hooks():
    net, told = nn.Linear(2, 1), []
    net.register_load_state_dict_post_hook(lambda m, keys: told.append(keys))
    with pytest.raises(StateDictError, match="another shape: weight"):
        net.load_state_dict({"weight": np.ones((3, 3)), "bias": np.ones(1)})
    assert told == []
    net.register_load_state_dict_post_hook(lambda m, keys: "something")
    with pytest.raises(TypeError, match="a hook returns nothing"):
        net.load_state_dict(net.state_dict())


def test_copies_have_the_hooks_of_their_originals(torch):
    for lib, make in ((autograd, Tensor), (torch, torch.tensor)):
        net, _ = made(lib)
        seen = []
        net.register_full_backward_hook(lambda m, given, gave, seen=seen: seen.append(1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            copy.deepcopy(net)(make(X, requires_grad=True)).sum().backward()
        assert seen == [1]


def renamed(state_dict, prefix, *_):
    for name in [name for name in state_dict if name.startswith(prefix + "old_")]:
        state_dict[prefix + name.removeprefix(prefix + "old_")] = state_dict.pop(name)


def renamed_within(module, *arguments):
    renamed(*arguments)


@pytest.mark.parametrize("register", ["register_load_state_dict_pre_hook", "_register_load_state_dict_pre_hook"])
def test_before_a_state_is_loaded(torch, register):
    """A hook takes a state of an earlier version of a model for one of this."""
    for lib in (autograd, torch):
        net, _ = made(lib)
        public = not register.startswith("_")
        handle = getattr(net[0], register)(renamed_within if public else renamed)
        state = {name.replace("0.", "0.old_"): value * 2 for name, value in net.state_dict().items()}
        names = list(state)
        assert net.load_state_dict(state).missing_keys == []
        assert list(state) == names, "what is given is left alone"
        assert_close(net[0].bias.detach().numpy(), state["0.old_bias"].numpy())
        handle.remove()
        with pytest.raises(RuntimeError, match=r"0\.old_bias"):
            net.load_state_dict(state)


def test_a_hook_is_told_where_its_module_stands_in_the_state(torch):
    for lib in (autograd, torch):
        net, _ = made(lib)
        told = []

        def found(module, state, prefix, metadata, strict, missing, unexpected, errors, told=told):
            told.append((type(module).__name__, prefix, strict, metadata.get("other")))

        net.register_load_state_dict_pre_hook(found)
        net[1].register_load_state_dict_pre_hook(found)
        net.load_state_dict(net.state_dict(), strict=False)
        assert told == [("Sequential", "", True, None), ("Tanh", "1.", True, None)]


class Versioned(nn.Linear):
    """Takes the names of an earlier version, as programs for PyTorch do it in a method."""

    def _load_from_state_dict(self, state_dict, prefix, *others):
        renamed(state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *others)


def test_a_method_may_change_the_state_before_it_is_loaded():
    net = nn.Sequential(Versioned(2, 1), nn.Tanh())
    net[0].register_load_state_dict_pre_hook(lambda m, state, prefix, *_: state.update({prefix + "bias": np.ones(1)}))
    net.load_state_dict({"0.old_weight": np.full((1, 2), 3.0)})
    assert (net[0].weight.tolist(), net[0].bias.tolist()) == ([[3.0, 3.0]], [1.0])


def test_an_error_that_a_hook_tells_refuses_the_state(torch):
    for lib, kind in ((autograd, StateDictError), (torch, RuntimeError)):
        net, _ = made(lib)

        def wrong(module, state, prefix, metadata, strict, missing, unexpected, errors):
            errors.append("a state of version 1")

        net.register_load_state_dict_pre_hook(wrong)
        before = net[0].bias.tolist()
        with pytest.raises(kind, match="a state of version 1"):
            net.load_state_dict({name: value + 1 for name, value in net.state_dict().items()})
        assert lib is torch or net[0].bias.tolist() == before


def test_after_a_state_is_made(torch):
    for lib in (autograd, torch):
        net, _ = made(lib)

        def without_bias(module, state, prefix, metadata):
            del state[prefix + "bias"]

        net[0].register_state_dict_post_hook(without_bias)
        handle = net[2].register_state_dict_post_hook(without_bias)
        assert list(net.state_dict()) == ["0.weight", "2.weight"]
        handle.remove()
        net._register_state_dict_hook(lambda module, state, prefix, metadata: {"all": len(state)})
        assert net.state_dict() == {"all": 3}
        other, _ = made(lib)
        other.register_state_dict_post_hook(lambda module, state, prefix, metadata: {})
        with pytest.raises(RuntimeError):
            other.state_dict()


def test_a_handle_takes_its_hook_away_at_the_end_of_a_block(torch):
    for lib in (autograd, torch):
        net, _ = made(lib)
        x, seen = lib.tensor(X, requires_grad=True), []
        with net.register_forward_hook(lambda *_, seen=seen: seen.append("forward")):
            net(x)
        with net[1].register_backward_hook(lambda m, given, gave, seen=seen: seen.append(gave[0].shape)):
            net(x).sum().backward()
        with x.register_hook(lambda g, seen=seen: seen.append("x")) as handle:
            net(x).sum().backward()
        net(x).sum().backward()
        handle.remove()
        assert seen == ["forward", (3, 3), "x"]


def always_called(lib, failing):
    """What hooks are called with, if forward, a hook before it or one after it raises."""
    layers, seen = lib.nn, []

    def broken(*given):
        raise ArithmeticError("broken")

    net = layers.Identity() if failing != "forward" else type("Broken", (layers.Module,), {"forward": broken})()
    if failing == "before":
        net.register_forward_pre_hook(broken)
    net.register_forward_hook(lambda m, args, out: seen.append(("first", args, out)), always_call=True)
    net.register_forward_hook(lambda m, args, out: seen.append(("plain", args, out)))
    if failing == "after":
        net.register_forward_hook(broken)
    elif failing == "always":
        net.register_forward_pre_hook(broken)
        net.register_forward_hook(broken, always_call=True)
    last = net.register_forward_hook(
        lambda m, args, kwargs, out: seen.append(("last", args, kwargs, out)), with_kwargs=True, always_call=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if failing:
            with pytest.raises(ArithmeticError):
                net(1)
            last.remove()
            with pytest.raises(ArithmeticError):
                net(2)
        else:
            net(1)
    return seen


@pytest.mark.parametrize("failing", [None, "forward", "before", "after", "always"])
def test_hooks_that_are_always_called(torch, failing):
    assert always_called(autograd, failing) == always_called(torch, failing)


def for_all_modules(lib, where):
    layers, seen = lib.nn, []
    net = layers.Sequential(layers.Linear(2, 2), layers.Tanh()).double()
    with lib.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(lib.linspace(-1 - i, 2, p.numel(), dtype=lib.float64).reshape(p.shape))

    def note(m, what, *gradients):
        seen.append((type(m).__name__, what, *(round(float(g.sum()), 9) for g in gradients)))

    net[1].register_forward_hook(lambda m, args, out: seen.append("its own") or out * 2)
    net[1].register_forward_pre_hook(lambda m, args: seen.append("its own before"))
    handles = [
        where.register_module_forward_pre_hook(lambda m, args: seen.append(("before", type(m).__name__))),
        where.register_module_forward_hook(lambda m, args, out: seen.append("after") or out + 1),
        where.register_module_forward_hook(lambda m, args, kwargs, out: seen.append(len(kwargs)), with_kwargs=True),
        where.register_module_full_backward_pre_hook(lambda m, gave: note(m, "gave", *gave)),
        where.register_module_full_backward_hook(lambda m, given, gave: note(m, "given", *given, *gave)),
    ]
    try:
        x = lib.tensor([[0.5, -1.0]], dtype=lib.float64, requires_grad=True)
        net(x).sum().backward()
    finally:
        for handle in handles:
            handle.remove()
    called = len(seen)
    net(x)
    return seen, len(seen) - called


def test_hooks_of_all_modules(torch):
    from nn import module

    ours, theirs = for_all_modules(autograd, module), for_all_modules(torch, torch.nn.modules.module)
    assert ours == theirs
    assert ours[1] == 2


def test_hooks_are_found_and_taken_out_under_pytorchs_names(torch):
    def program(lib):
        net, seen = lib.nn.Identity(), []
        first = net.register_forward_hook(lambda m, args, out: seen.append("first"))
        net.register_forward_hook(lambda m, args, out: seen.append("second"))
        before = net.register_forward_pre_hook(lambda m, args: seen.append("before"))
        told = [first.id in net._forward_hooks, before.id in net._forward_pre_hooks, len(net._backward_hooks)]
        net(1)
        for key, hook in list(net._forward_pre_hooks.items()):
            hook(net, ())
            del net._forward_pre_hooks[key]
        hook = net._forward_hooks.pop(first.id)
        net(2)
        net._forward_hooks[first.id] = hook
        net(3)
        net._forward_hooks.clear()
        net(4)
        return [*told, seen]

    assert program(autograd) == program(torch)
