"""Parameters computed from others, weight norm and spectral norm: beside PyTorch's, and their states exchanged."""

import copy

import numpy as np
import pytest

import autograd
import nn
from autograd import ShapeError, Tensor
from nn.utils import parametrize
from nn.utils.rnn import pad_sequence, unpad_sequence


def classes(lib):
    module = lib.nn.Module

    class LowRank(module):
        def __init__(self, rows, columns, rank=2):
            super().__init__()
            self.A = lib.nn.Parameter(lib.zeros(rank, columns).normal_())
            self.B = lib.nn.Parameter(lib.zeros(rows, rank))
            self.enabled = True

        def forward(self, weight):
            return weight + self.B @ self.A if self.enabled else weight

    class Skew(module):
        def forward(self, x):
            return x.triu(1) - x.triu(1).transpose(-1, -2)

    class Exp(module):
        def forward(self, x):
            return x.exp()

        def right_inverse(self, x):
            return x.log()

    class Halves(module):
        def forward(self, x, y):
            return x + 2 * y

        def right_inverse(self, x):
            return x / 2, x / 4

    return LowRank, Skew, Exp, Halves


def low_rank(lib, utils):
    LowRank, *_ = classes(lib)
    net = lib.nn.Sequential(lib.nn.Linear(4, 5), lib.nn.ReLU(), lib.nn.Linear(5, 3))
    for layer in (net[0], net[2]):
        utils.parametrize.register_parametrization(layer, "weight", LowRank(*layer.weight.shape))
        layer.parametrizations.weight.original.requires_grad = False
    return net


def several_originals(lib, utils):
    *_, Halves = classes(lib)
    net = lib.nn.Sequential(lib.nn.Linear(4, 3))
    utils.parametrize.register_parametrization(net[0], "weight", Halves())
    return net


def weight_norm(lib, utils):
    norm = utils.parametrizations.weight_norm
    return lib.nn.Sequential(norm(lib.nn.Linear(4, 5)), lib.nn.Tanh(), norm(lib.nn.Linear(5, 3), dim=None))


def weight_norm_of_convolution(lib, utils):
    norm = utils.parametrizations.weight_norm
    return lib.nn.Sequential(
        lib.nn.Unflatten(1, (1, 2, 2)), norm(lib.nn.Conv2d(1, 3, 2), dim=1), lib.nn.Flatten(), norm(lib.nn.Linear(3, 2))
    )


def older_weight_norm(lib, utils):
    return lib.nn.Sequential(utils.weight_norm(lib.nn.Linear(4, 5)), utils.weight_norm(lib.nn.Linear(5, 3), dim=None))


def spectral_norm(lib, utils):
    norm = utils.parametrizations.spectral_norm
    return lib.nn.Sequential(norm(lib.nn.Linear(4, 5)), norm(lib.nn.Linear(5, 3), n_power_iterations=2))


def spectral_norm_of_convolutions(lib, utils):
    norm = utils.parametrizations.spectral_norm
    return lib.nn.Sequential(
        lib.nn.Unflatten(1, (2, 2, 1)), norm(lib.nn.Conv2d(2, 3, 1)), norm(lib.nn.ConvTranspose2d(3, 2, 1))
    )


def older_spectral_norm(lib, utils):
    return lib.nn.Sequential(utils.spectral_norm(lib.nn.Linear(4, 5)), utils.spectral_norm(lib.nn.Linear(5, 3)))


NETS = [
    low_rank,
    several_originals,
    weight_norm,
    weight_norm_of_convolution,
    older_weight_norm,
    spectral_norm,
    spectral_norm_of_convolutions,
    older_spectral_norm,
]


@pytest.fixture
def pair(torch, request):
    """The same network here and there, in float64."""
    theirs = request.param(torch, torch.nn.utils).double()
    ours = request.param(autograd, nn.utils).double()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({name: array.numpy() for name, array in theirs.state_dict().items()})
    return ours, theirs


def steps(lib, net, X):
    optimizer = lib.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss = (net(X) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    return [*losses, (net(X) ** 2).sum().item(), (net(X) ** 2).sum().item()]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pair", NETS, ids=lambda net: net.__name__, indirect=True)
def test_trains_as_in_torch(torch, pair):
    ours, theirs = pair
    X = np.random.default_rng(0).normal(size=(6, 4))
    np.testing.assert_allclose(steps(autograd, ours, Tensor(X)), steps(torch, theirs, torch.tensor(X)), rtol=1e-10)
    for name, array in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name].numpy(), array.numpy(), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pair", NETS, ids=lambda net: net.__name__, indirect=True)
def test_a_copy_is_its_own(pair):
    ours, _ = pair
    X = Tensor(np.random.default_rng(0).normal(size=(6, 4)))
    ours.eval()
    before = ours(X).numpy().copy()
    other = copy.deepcopy(ours)
    steps(autograd, other.train(), X)
    np.testing.assert_array_equal(ours(X).numpy(), before)


def test_low_rank_changes_can_be_switched_off_and_merged(torch):
    LowRank, *_ = classes(autograd)
    layer, X = nn.Linear(4, 3), autograd.randn(5, 4)
    before = layer(X).numpy()
    change = LowRank(3, 4)
    parametrize.register_parametrization(layer, "weight", change)
    np.testing.assert_array_equal(layer(X).numpy(), before)
    change.B.data.fill_(1.0)
    changed = layer(X).numpy()
    assert (changed != before).any()
    layer.parametrizations["weight"][0].enabled = False
    np.testing.assert_array_equal(layer(X).numpy(), before)
    change.enabled = True
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear
    assert list(layer.state_dict()) == ["bias", "weight"]
    np.testing.assert_allclose(layer(X).numpy(), changed, rtol=1e-6)


def test_two_after_another_and_assignment(torch):
    def program(lib, utils):
        _, Skew, Exp, _ = classes(lib)
        layer = lib.nn.Linear(3, 3).double()
        layer.weight.data = lib.tensor(np.arange(9.0).reshape(3, 3))
        utils.parametrize.register_parametrization(layer, "weight", Skew())
        utils.parametrize.register_parametrization(layer, "weight", Exp())
        first = layer.weight.detach().numpy()
        other = lib.nn.Linear(3, 2).double()
        other.weight.data = lib.tensor(np.arange(1.0, 7).reshape(2, 3))
        utils.parametrize.register_parametrization(other, "weight", Exp())
        kept = other.weight.detach().numpy()
        other.weight = lib.tensor(np.full((2, 3), 5.0))
        return first, kept, other.weight.detach().numpy(), other.parametrizations.weight.original.detach().numpy()

    for found, expected in zip(program(autograd, nn.utils), program(torch, torch.nn.utils), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_what_is_asked_of_it(torch):
    _, Skew, _, Halves = classes(autograd)
    layer = nn.Linear(3, 3)
    assert not parametrize.is_parametrized(layer)
    parametrize.register_parametrization(layer, "weight", Skew())
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")
    assert isinstance(layer, nn.Linear)
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    assert layer.weight is not layer.weight
    with parametrize.cached():
        assert layer.weight is layer.weight
    original = layer.parametrizations.weight.original
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert layer.weight is original
    parametrize.register_parametrization(layer, "weight", Halves())
    value = layer.weight.detach().numpy()
    parametrize.remove_parametrizations(layer, "weight")
    np.testing.assert_allclose(layer.weight.detach().numpy(), value)
    assert isinstance(layer.weight, nn.Parameter)


@pytest.mark.parametrize("norm", ["weight_norm", "spectral_norm"])
def test_older_norms_can_be_taken_away(norm):
    layer, X = nn.Linear(4, 3).eval(), autograd.randn(5, 4)
    names = list(layer.state_dict())
    getattr(nn.utils, norm)(layer)
    assert list(layer.state_dict()) != names
    before = layer(X).detach().numpy()
    getattr(nn.utils, f"remove_{norm}")(layer)
    assert sorted(layer.state_dict()) == sorted(names)
    np.testing.assert_allclose(layer(X).detach().numpy(), before, rtol=1e-6)


class Wider(nn.Module):
    def forward(self, x):
        return autograd.cat([x, x])


class Number(nn.Module):
    def forward(self, x):
        return 1.0


def twice(norm):
    layer = norm(nn.Linear(2, 2))
    return norm(layer)


REFUSED = {
    "name": (lambda: parametrize.register_parametrization(nn.Linear(2, 2), "wait", Wider()), ValueError, "'wait'"),
    "shape": (lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Wider()), ShapeError, "unsafe"),
    "kind": (lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Number()), TypeError, "1.0"),
    "remove": (lambda: parametrize.remove_parametrizations(nn.Linear(2, 2), "weight"), ValueError, "not parametrized"),
    "several": (
        lambda: parametrize.remove_parametrizations(
            nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)), "weight", leave_parametrized=False
        ),
        ValueError,
        "2 tensors",
    ),
    "weight norm twice": (lambda: twice(nn.utils.weight_norm), RuntimeError, "already"),
    "spectral norm twice": (lambda: twice(nn.utils.spectral_norm), RuntimeError, "already"),
    "no weight norm": (lambda: nn.utils.remove_weight_norm(nn.Linear(2, 2)), ValueError, "has none"),
    "no weight": (lambda: nn.utils.parametrizations.spectral_norm(nn.ReLU()), ValueError, "no parameter"),
    "iterations": (lambda: nn.utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), ValueError, "at least 1"),
    "dim": (lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2), dim=2), ShapeError, "dim=2"),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_where_it_is_refused_nothing_has_changed():
    layer = nn.Linear(2, 2)
    weight = layer.weight
    with pytest.raises(ShapeError):
        parametrize.register_parametrization(layer, "weight", Wider())
    assert layer.weight is weight
    assert type(layer) is nn.Linear


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("batch_first", [False, True])
def test_padded_sequences_are_those_of_torch(torch, batch_first, side):
    arrays = [np.random.default_rng(n).normal(size=(n, 2)) for n in (3, 1, 4)]
    found = pad_sequence([Tensor(a) for a in arrays], batch_first, 0.5, side)
    expected = torch.nn.utils.rnn.pad_sequence([torch.tensor(a) for a in arrays], batch_first, 0.5, side)
    np.testing.assert_array_equal(found.numpy(), expected.numpy())
    if side == "right":
        for part, array in zip(unpad_sequence(found, [3, 1, 4], batch_first), arrays, strict=True):
            np.testing.assert_array_equal(part.numpy(), array)


def test_sequences_that_do_not_fit():
    with pytest.raises(ShapeError, match="no sequences"):
        pad_sequence([])
    with pytest.raises(ShapeError, match="length alone"):
        pad_sequence([autograd.ones(2, 3), autograd.ones(2, 4)])
    with pytest.raises(ValueError, match="middle"):
        pad_sequence([autograd.ones(2)], padding_side="middle")


def test_what_is_done_to_a_copy_leaves_the_original_alone():
    _, Skew, *_ = classes(autograd)
    layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Skew())
    merged, more = copy.deepcopy(layer), copy.deepcopy(layer)
    parametrize.remove_parametrizations(merged, "weight")
    parametrize.register_parametrization(more, "bias", nn.Tanh())
    weight = layer.weight.detach().numpy()
    np.testing.assert_array_equal(weight, -weight.T)
    assert isinstance(layer.bias, nn.Parameter)
    parametrize.remove_parametrizations(more, "weight")
    assert parametrize.is_parametrized(more, "bias")
    assert isinstance(more.weight, nn.Parameter)


def test_a_refused_one_with_an_inverse_leaves_the_weight():
    class Halved(Wider):
        def right_inverse(self, x):
            return x / 2

    layer = nn.Linear(2, 2)
    weight = layer.weight.numpy().copy()
    with pytest.raises(ShapeError):
        parametrize.register_parametrization(layer, "weight", Halved())
    np.testing.assert_array_equal(layer.weight.numpy(), weight)


def test_a_buffer_stays_in_the_state(torch):
    def program(lib, utils):
        net = lib.nn.BatchNorm1d(3)
        utils.parametrize.register_parametrization(net, "running_mean", lib.nn.Tanh())
        return list(net.state_dict()), [name for name, _ in net.named_parameters()]

    assert program(autograd, nn.utils) == program(torch, torch.nn.utils)


def test_a_class_may_be_called_parametrized():
    class ParametrizedLinear(nn.Linear):
        pass

    assert parametrize.type_before_parametrizations(ParametrizedLinear(2, 2)) is ParametrizedLinear


@pytest.mark.parametrize("given", [3, (3, 4)])
def test_an_inverse_that_gives_no_tensors_is_refused(torch, given):
    for lib in (autograd, torch):
        functions = {"forward": lambda self, *x: x[0], "right_inverse": lambda *x: given}
        inverse = type("Inverse", (lib.nn.Module,), functions)
        layer = lib.nn.Linear(2, 2)
        with pytest.raises(ValueError, match="right_inverse"):
            lib.nn.utils.parametrize.register_parametrization(layer, "weight", inverse())
        assert list(layer.state_dict()) == ["weight", "bias"]
