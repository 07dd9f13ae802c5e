"""Modules: their names, state and appearance; micrograd's networks."""

import random

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, manual_seed
from nn import functional as F


class Block(nn.Module):
    def __init__(self):
        self.inner = nn.Linear(3, 3)
        self.scale = nn.Parameter([2.0])
        self.again = self.inner

    def forward(self, x):
        return self.again(self.inner(x)) * self.scale


def test_parameters_have_paths_and_come_once():
    model = nn.Sequential(Block(), nn.ReLU(), nn.Linear(3, 1, bias=False))
    assert [name for name, _ in model.named_parameters()] == ["0.scale", "0.inner.weight", "0.inner.bias", "2.weight"]
    assert sum(p.numel() for p in model.parameters()) == 1 + 12 + 3


def test_a_misspelt_name_is_an_error():
    with pytest.raises(AttributeError, match="wieght"):
        _ = nn.Linear(2, 2).wieght


def test_train_and_eval_reach_all_modules():
    model = nn.Sequential(nn.Sequential(nn.Linear(2, 2)))
    assert model.training
    assert not any(module.training for module in model.eval().modules())
    assert all(module.training for module in model.train().modules())


def test_zero_grad_forgets_or_zeroes():
    model = nn.Linear(2, 1)
    model(Tensor([[1.0, 2.0]])).sum().backward()
    model.zero_grad(set_to_none=False)
    assert model.weight.grad.tolist() == [[0.0, 0.0]]
    model.zero_grad()
    assert model.weight.grad is None


def test_state_goes_from_one_model_to_another():
    one, other = nn.MLP(3, [4, 2]), nn.MLP(3, [4, 2])
    other.load_state_dict(one.state_dict())
    x = Tensor(np.eye(3, dtype=np.float32))
    np.testing.assert_array_equal(one(x).numpy(), other(x).numpy())
    assert list(one.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda s: s.pop("0.weight"), KeyError, r"missing: 0.weight \(4, 3\)"),
        (lambda s: s.update(extra=Tensor(1.0)), KeyError, r"unexpected: extra \(\)"),
        (
            lambda s: s.update({"2.bias": Tensor([1.0])}),
            RuntimeError,
            r"another shape: 2.bias is \(2,\) here, and \(1,\)",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, kind, words):
    model, state = nn.MLP(3, [4, 2]), nn.MLP(3, [4, 2]).state_dict()
    before = {name: p.numpy().copy() for name, p in model.named_parameters()}
    change(state)
    with pytest.raises(kind, match=words):
        model.load_state_dict(state)
    for name, p in model.named_parameters():
        np.testing.assert_array_equal(p.numpy(), before[name])


def test_models_look_like_torchs(torch):
    ours = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), nn.Flatten(), nn.LeakyReLU(0.2), nn.Softmax(dim=1))
    t = torch.nn
    theirs = t.Sequential(t.Sequential(t.Linear(2, 3), t.ReLU()), t.Flatten(), t.LeakyReLU(0.2), t.Softmax(dim=1))
    assert repr(ours) == repr(theirs)


def test_the_same_seed_gives_the_same_weights():
    manual_seed(7)
    one = nn.Linear(4, 4).weight.numpy().copy()
    manual_seed(7)
    np.testing.assert_array_equal(nn.Linear(4, 4).weight.numpy(), one)


@pytest.mark.parametrize("name", ["xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"])
def test_initial_weights_have_the_spread_of_torchs(torch, name):
    manual_seed(0)
    torch.manual_seed(0)
    ours, theirs = Tensor(np.zeros((300, 200))), torch.zeros(300, 200)
    getattr(nn.init, name)(ours)
    getattr(torch.nn.init, name)(theirs)
    assert ours.numpy().std() == pytest.approx(theirs.numpy().std(), rel=0.02)
    assert np.abs(ours.numpy()).max() == pytest.approx(np.abs(theirs.numpy()).max(), rel=0.2)


def test_a_layer_refuses_an_input_of_the_wrong_size():
    with pytest.raises(ValueError, match=r"linear: input \(2, 4\) with weight \(1, 3\)"):
        nn.Linear(3, 1)(Tensor(np.zeros((2, 4), np.float32)))
    with pytest.raises(TypeError, match="not a module"):
        nn.Sequential(nn.Linear(1, 1), F.relu)
    with pytest.raises(ValueError, match="nouts is empty"):
        nn.MLP(3, [])
    with pytest.raises(ValueError, match="at least 1"):
        nn.Linear(0, 3)


# micrograd's networks ---------------------------------------------------------------------------------------------


def test_scalar_networks_are_microgrands():
    random.seed(1337)
    model = nn.scalar.MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    assert model.parameters()[0].data == 0.23550571390294128  # micrograd's first weight under this seed
    assert repr(nn.scalar.MLP(2, [1])) == "MLP of [Layer of [LinearNeuron(2)]]"
    assert repr(nn.scalar.Layer(1, 2)) == "Layer of [ReLUNeuron(1), ReLUNeuron(1)]"
    out = model([1.0, -2.0])
    out.backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_scalar_and_array_networks_agree():
    random.seed(3)
    neuron = nn.scalar.Neuron(3)
    x = [0.5, -1.0, 2.0]
    w, b = Tensor([[p.data for p in neuron.w]], requires_grad=True), Tensor([neuron.b.data], requires_grad=True)
    scalar, array = neuron([Value(xi) for xi in x]), F.relu(F.linear(Tensor([x]), w, b))
    scalar.backward()
    array.backward()
    assert array.item() == pytest.approx(scalar.data)
    np.testing.assert_allclose(w.grad.numpy()[0], [p.grad for p in neuron.w], rtol=1e-6)


def test_a_network_of_one_neuron_layers_runs():
    assert isinstance(nn.scalar.MLP(2, [1, 1])([1.0, 2.0]), Value)


@pytest.mark.parametrize("sizes", [(2, []), (0, [1]), (2, [3, 0])])
def test_a_scalar_network_without_layers_or_neurons_is_refused(sizes):
    with pytest.raises(ValueError, match="sizes of one layer or more"):
        nn.scalar.MLP(*sizes)


@pytest.mark.parametrize("inputs", [[1.0], [1.0, 2.0, 3.0]])
def test_the_wrong_number_of_inputs_is_refused(inputs):
    with pytest.raises(ValueError, match=rf"got {len(inputs)} inputs, but it was made for 2"):
        nn.scalar.MLP(2, [3, 1])(inputs)
    with pytest.raises(ValueError, match=f"got {len(inputs)} inputs, but it has 2 weights"):
        nn.scalar.Neuron(2)(inputs)


def test_names_without_recursion_and_with_duplicates(torch):
    def program(lib):
        shared = lib.nn.Linear(2, 2)
        net = lib.nn.Sequential(shared, lib.nn.BatchNorm1d(2), lib.nn.Sequential(shared))
        net.own = lib.nn.Parameter(lib.zeros(1))
        net.register_buffer("mask", lib.zeros(1))
        return (
            [name for name, _ in net.named_parameters(recurse=False)],
            [name for name, _ in net.named_parameters("net", True, False)],
            [name for name, _ in net.named_buffers(recurse=False)],
            [name for name, _ in net.named_buffers("net")],
            [name for name, _ in net.named_modules(prefix="net")],
            [name for name, _ in net.named_modules(remove_duplicate=False)],
            [name for name, _ in net.named_modules({shared})],
            len(list(net.parameters())),
            len(list(net.parameters(recurse=False))),
            len(list(net.buffers(recurse=False))),
        )

    assert program(autograd) == program(torch)


def test_a_module_that_stands_twice_is_one_child(torch):
    def program(lib):
        seen = []
        shared = lib.nn.Linear(2, 2)
        net = lib.nn.Sequential(shared, lib.nn.Tanh(), shared)
        net.again = shared
        net.apply(seen.append)
        children = [name for name, _ in net.named_children()]
        return children, len(list(net.children())), len(seen), list(net.state_dict()), str(net), list(net._modules)

    assert program(autograd) == program(torch)


def test_a_shared_batch_normalization_is_replaced_wherever_it_stands():
    shared = nn.BatchNorm1d(2)
    net = nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(shared, nn.Tanh(), shared))
    assert [type(net[i]) for i in (0, 2)] == [nn.SyncBatchNorm] * 2
    assert net[0].weight is net[2].weight


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda m: m.add_module("extra", Tensor(1.0)), TypeError, "'extra' is tensor"),
        (lambda m: m.add_module("mark", m[1]), KeyError, "'mark' is there already"),
        (lambda m: m.register_parameter("scale", Tensor(1.0)), TypeError, "make it a Parameter"),
        (lambda m: m.register_parameter("1", m.weight), KeyError, "'1' is there already"),
        (lambda m: m.register_buffer("seen", [1.0]), TypeError, "'seen' is "),
        (lambda m: m.register_buffer("weight", Tensor(1.0)), KeyError, "'weight' is there already"),
        (lambda m: setattr(m, "weight", Tensor(1.0)), TypeError, "would not be learned"),
        (lambda m: setattr(m[0], "bias", m[0].bias * 2), TypeError, "would not be learned"),
        (lambda m: setattr(m, "0", "linear"), TypeError, "is a module"),
        (lambda m: setattr(m, "table", 3.0), TypeError, "is a buffer"),
        (lambda m: m.get_buffer("weight"), AttributeError, "no buffer at 'weight'"),
        (lambda m: m.train("yes"), ValueError, "True or False"),
    ],
)
def test_what_a_module_holds_is_not_replaced_by_something_else(torch, call, kind, words):
    def made(lib):
        net = lib.nn.Sequential(lib.nn.Linear(2, 1), lib.nn.Tanh())
        net.weight, net.mark = lib.nn.Parameter(lib.ones(1)), "a name of one's own"
        net.register_buffer("table", lib.ones(2))
        return net

    net = made(autograd)
    before = str(net), str(net.state_dict())
    with pytest.raises(kind, match=words):
        call(net)
    assert (str(net), str(net.state_dict())) == before
    with pytest.raises(kind):
        call(made(torch))


def test_what_may_be_replaced(torch):
    def program(lib):
        net = lib.nn.Sequential(lib.nn.Linear(2, 1), lib.nn.Tanh())
        net.register_buffer("table", lib.ones(2))
        net.register_parameter("weight", None)
        net[0].bias = None
        net.table = lib.zeros(3)
        net.weight = lib.nn.Parameter(lib.ones(1))
        net[0].weight = lib.nn.Parameter(lib.zeros(1, 2))
        net.add_module("1", lib.nn.ReLU())
        net.register_buffer("table", lib.zeros(4))
        state = [(name, value.tolist()) for name, value in net.state_dict().items()]
        return state, str(net), net.get_buffer("table").tolist()

    assert program(autograd) == program(torch)


def test_a_prefix_is_taken_off_a_state(torch):
    """As the state of a model within `DataParallel` has it."""
    for layers in (nn, torch.nn):
        state = {"module.weight": 1, "module.bias": 2, "other": 3, "modules": 4}
        layers.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
        assert state == {"weight": 1, "bias": 2, "other": 3, "modules": 4}


def test_small_things_of_modules_are_pytorchs(torch):
    def program(lib):
        layers = lib.nn
        net = layers.Module()
        net.register_buffer("kept", lib.ones(1), persistent=False)
        net.kept = None
        net.kept = lib.ones(2)
        told = [len(list(net.buffers())), list(net.state_dict())]
        net.kept = layers.Parameter(lib.ones(1))
        told += [len(list(net.buffers())), len(list(net.parameters())), list(net.state_dict())]
        told += [tuple(layers.Parameter().shape), layers.Parameter(requires_grad=False).requires_grad]
        told += [str(net.load_state_dict(net.state_dict())), str(net.load_state_dict({}, strict=False))[-43:]]
        table = layers.Embedding.from_pretrained(lib.tensor([[1, 2], [3, 4]]), sparse=False)
        told += [table(lib.tensor([1])).tolist(), table.weight.requires_grad]
        hooked = layers.Identity()
        hooked.register_forward_hook(lambda *given: 3)
        told.append(hooked(1))
        hooked._forward_hooks = {}
        told.append(hooked(1))
        row = layers.Sequential(layers.Tanh()).insert(1, layers.ReLU()).insert(-1, layers.Sigmoid())
        return [*told, str(row)]

    assert program(autograd) == program(torch)


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (IndexError, lambda layers: layers.Sequential(layers.Tanh()).insert(2, layers.Tanh())),
        (IndexError, lambda layers: layers.Sequential(layers.Tanh()).insert(-2, layers.Tanh())),
        (TypeError, lambda layers: layers.Linear(1, 1).load_state_dict([1, 2])),
        (ValueError, lambda layers: layers.init.calculate_gain("leaky_relu", "much")),
        (ValueError, lambda layers: layers.init.calculate_gain("leaky_relu", True)),
    ],
)
def test_what_modules_refuse_as_pytorchs_do(torch, error, wrong):
    for layers in (nn, torch.nn):
        with pytest.raises(error):
            wrong(layers)
