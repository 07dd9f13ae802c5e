"""Layers that find their sizes in their first input, beside PyTorch's: before it, at it, and after it."""

import copy
import inspect
import pickle
import re

import numpy as np
import pytest

import nn
import optim
from autograd import GraphError, ShapeError, StateDictError, Tensor, compile, load, manual_seed, save, zeros
from tests.test_layers import as_theirs, both, check_run, inputs_of

LAYERS = {
    "LazyLinear(3)": [(2, 4, 5)],
    "LazyLinear(3, False)": [(5,)],
    "LazyConv1d(4, 3, padding=1)": [(2, 3, 7)],
    "LazyConv2d(4, (3, 2), stride=2, groups=2, bias=False)": [(2, 6, 5, 6)],
    "LazyConv2d(2, 3, padding='same', padding_mode='reflect')": [(2, 5, 6)],
    "LazyConv3d(2, 2)": [(1, 2, 3, 3, 3)],
    "LazyConvTranspose1d(4, 3, 2)": [(2, 3, 7)],
    "LazyConvTranspose2d(6, 3, stride=2, output_padding=1, groups=3)": [(2, 3, 4, 3)],
    "LazyConvTranspose3d(2, 2, bias=False)": [(2, 2, 2, 3)],
    "LazyBatchNorm1d()": [(4, 5)],
    "LazyBatchNorm2d(1e-3, None, affine=False)": [(3, 4, 2, 2)],
    "LazyBatchNorm2d(track_running_stats=False, bias=False)": [(3, 4, 2, 2)],
    "LazyBatchNorm3d()": [(2, 3, 2, 2, 2)],
    "LazyInstanceNorm1d()": [(2, 3, 4)],
    "LazyInstanceNorm2d(1e-3, track_running_stats=False)": [(2, 3, 4, 5)],
    "LazyInstanceNorm3d()": [(2, 3, 2, 2, 3)],
}


@pytest.mark.parametrize("call", LAYERS)
def test_layers_are_torchs(torch, call):
    ours, theirs = both(torch, call)
    assert repr(ours) == repr(theirs)
    assert ours.has_uninitialized_params() == theirs.has_uninitialized_params()
    kinds = [{k: type(v).__name__.replace("Buffer", "") for k, v in m.state_dict().items()} for m in (ours, theirs)]
    assert kinds[0] == kinds[1]
    kept = dict(ours.named_parameters())
    here, there = inputs_of(torch, LAYERS[call])
    ours(*here)
    theirs(*there)
    assert repr(ours) == repr(theirs)
    assert type(ours).__name__ == type(theirs).__name__ == call[4:].partition("(")[0]
    assert {k: p is kept[k] for k, p in ours.named_parameters()} == dict.fromkeys(kept, True)
    assert {type(p) for p in ours.parameters()} <= {nn.Parameter}
    theirs.load_state_dict(as_theirs(torch, ours))
    check_run(ours, theirs, here, there)


@pytest.mark.parametrize(
    "name", ["LazyLinear", "LazyConv2d", "LazyConvTranspose1d", "LazyBatchNorm3d", "LazyInstanceNorm2d"]
)
def test_signatures_are_torchs(torch, name):

    def parameters(kind):
        given = inspect.signature(kind.__init__).parameters.values()
        return [(p.name, p.kind, p.default) for p in given]

    assert parameters(getattr(nn, name)) == parameters(getattr(torch.nn, name))


def network():
    return nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyBatchNorm1d(), nn.LazyLinear(2))


def ordinary():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.BatchNorm1d(4), nn.Linear(4, 2))


X = Tensor(np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))


def test_starts_with_the_numbers_of_ordinary_layers():
    manual_seed(0)
    lazy = network()
    lazy(X)
    manual_seed(0)
    for name, p in ordinary().named_parameters():
        np.testing.assert_array_equal(lazy.get_parameter(name).numpy(), p.numpy())


@pytest.mark.parametrize("optimizer", [lambda p: optim.SGD(p, lr=0.1, momentum=0.9), optim.Adam])
def test_an_optimizer_from_before_the_first_call(optimizer):
    """As d2l.ai's trainer makes it."""
    lazy, reference = network(), ordinary()
    before = optimizer(lazy.parameters())
    before.step()
    before.zero_grad()
    lazy.eval()(X)
    lazy.train().load_state_dict(reference.state_dict())
    after = optimizer(reference.parameters())
    for _ in range(3):
        for model, o in ((lazy, before), (reference, after)):
            o.zero_grad()
            (model(X) ** 2).sum().backward()
            o.step()
    for p, q in zip(lazy.parameters(), reference.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-6)


def test_initialized_by_a_function_after_a_dry_run():
    def ones(module):
        if type(module) is nn.Linear:
            nn.init.ones_(module.weight)

    lazy = network()
    lazy.apply(ones)  # which finds no Linear yet
    lazy(X)
    lazy.apply(ones)
    assert (lazy[0].weight.numpy() == 1).all()


def test_a_state_loaded_before_the_first_call(torch, tmp_path):
    reference = ordinary()
    reference(X)
    lazy, theirs = network(), torch.nn.Sequential(torch.nn.LazyLinear(4), torch.nn.ReLU(), torch.nn.LazyBatchNorm1d())
    assert lazy.load_state_dict(reference.state_dict()) == ([], [])
    theirs.load_state_dict({k: v for k, v in as_theirs(torch, reference).items() if k[0] != "3"})
    assert repr(lazy[:3]) == repr(theirs)  # it is not the call that told the sizes
    assert lazy[0].weight.shape == (4, 3)
    np.testing.assert_array_equal(lazy.eval()(X).numpy(), reference.eval()(X).numpy())
    assert repr(lazy) == repr(reference)
    assert network().load_state_dict(network().state_dict()) == ([], [])
    save(reference.state_dict(), tmp_path / "model.safetensors")
    assert network().load_state_dict(load(tmp_path / "model.safetensors")) == ([], [])


def test_a_state_that_does_not_fit_changes_nothing():
    lazy = network()
    state = {**ordinary().state_dict(), "unknown": zeros(1)}
    del state["0.bias"]
    with pytest.raises(StateDictError, match=r"missing: 0.bias of no shape yet\n  unexpected: unknown \(1,\)"):
        lazy.load_state_dict(state)
    assert lazy[0].has_uninitialized_params()
    with pytest.raises(ShapeError, match="UninitializedParameter: it has no shape and no numbers yet"):
        ordinary().load_state_dict(lazy.state_dict())


def test_converted_before_the_first_call():
    lazy = network().double()
    assert lazy[0].weight.dtype == lazy[2].running_mean.dtype == np.float64
    assert lazy(X.double()).dtype == np.float64
    assert all(p.dtype == np.float64 for p in lazy.parameters())
    frozen = nn.LazyLinear(2).requires_grad_(False)
    assert not frozen(X).requires_grad


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_copies(copied):
    lazy = network().double()
    other = copied(lazy)
    other(X.double())
    assert other[0].weight.shape == (4, 3)
    assert lazy[0].has_uninitialized_params()
    assert lazy(X[:, :2].double()).dtype == np.float64
    again = copied(lazy)
    np.testing.assert_array_equal(again[0].weight.numpy(), lazy[0].weight.numpy())
    assert type(again[0]) is nn.Linear


def test_uninitialized_parameters(torch):
    for ours, theirs in (
        (nn.UninitializedParameter(), torch.nn.UninitializedParameter()),
        (nn.UninitializedBuffer(), torch.nn.UninitializedBuffer()),
    ):
        assert repr(ours) == repr(theirs)
        assert ours.requires_grad == theirs.requires_grad
        assert ours.grad is None
        for use in (lambda w: w.shape, lambda w: w + 1, lambda w: w.sum(), lambda w: len(w)):
            with pytest.raises((RuntimeError, ValueError)):
                use(theirs)
            with pytest.raises(ShapeError, match="it has no shape and no numbers yet; call the module"):
                use(ours)
        for w in (ours, theirs):
            w.materialize((2, 3))
            assert tuple(w.shape) == (2, 3)
        assert isinstance(ours, nn.Parameter) == isinstance(theirs, torch.nn.Parameter)


REFUSED = {
    "LazyConv2d: input (2, 3) must have 3 or 4 dimensions": lambda: nn.LazyConv2d(4, 3)(zeros(2, 3)),
    "LazyLinear: input () must have 1 or more dimensions": lambda: nn.LazyLinear(4)(zeros(())),
    "Conv2d(3, 4): both must be positive multiples": lambda: nn.LazyConv2d(4, 3, groups=2)(zeros(2, 3, 5, 5)),
    "it has no shape and no numbers yet": lambda: nn.init.ones_(nn.LazyLinear(4).weight),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    with pytest.raises(ValueError, match=re.escape(message)):
        REFUSED[message]()


def test_a_first_call_within_a_compiled_function_is_refused():
    lazy = network().eval()
    quick = compile(lambda x: (lazy(x) ** 2).sum())
    with pytest.raises(GraphError, match="calls LazyLinear for the first time, which gives it parameters"):
        quick(X)
    assert all(isinstance(p, nn.UninitializedParameter) for p in lazy.parameters())
    lazy(X)
    np.testing.assert_allclose(quick(X).item(), (lazy(X) ** 2).sum().item(), rtol=1e-6)


def test_channels_of_one_example():
    """Of which PyTorch's normalization counts the height as channels."""
    layer = nn.LazyInstanceNorm2d()
    assert layer(zeros(3, 4, 5)).shape == (3, 4, 5)
    assert layer.num_features == 3


def test_a_layer_of_ones_own():
    class Doubled(nn.LazyLinear):
        def __init__(self, width):
            super().__init__(2 * width, bias=False)

    layer = Doubled(2)
    assert layer(X).shape == (5, 4)
    assert type(layer) is nn.Linear  # as in PyTorch
