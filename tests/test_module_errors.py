"""An exception that leaves a module says where in the model it was raised, and the shapes that led there."""

import pickle

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor, no_grad, ones

MISMATCHED = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(12, 4))


class Net(nn.Module):
    def __init__(self):
        self.body = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Tanh(), nn.Linear(5, 1)))
        self.layers = Layers()

    def forward(self, x, scale=1.0):
        h = x * scale
        return self.body(h)


class Layers(nn.Module):
    """Modules that are called without their container being called."""

    def __init__(self):
        self.first = nn.Linear(2, 2)


class Direct(nn.Module):
    def __init__(self):
        self.inner = Layers()

    def forward(self, x):
        return self.inner.first(x)


class Broken(nn.Module):
    def forward(self, x):
        return {}["missing"]


def message_of(kind, model, *args, **kwargs):
    with pytest.raises(kind) as caught:
        model(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize("recorded", [True, False])
def test_the_path_and_the_shapes(recorded):
    if recorded:
        error = message_of(ShapeError, MISMATCHED, ones(8, 4))
    else:
        with no_grad():
            error = message_of(ShapeError, MISMATCHED, ones(8, 4))
    assert str(error).splitlines() == [
        "linear: input (8, 10) with weight (4, 12): the weight must be (out, in), in being 10, the input's last size",
        "  in Sequential.2.Linear, called with Tensor (8, 10) float32",
        "  in Sequential, called with Tensor (8, 4) float32; there, 0.Linear gave (8, 10), 1.ReLU gave (8, 10)",
    ]


def test_modules_within_modules():
    lines = str(message_of(ShapeError, Net(), ones(2, 3), scale=2.0)).splitlines()
    assert lines[1:] == [
        "  in Net.body.1.1.Linear, called with Tensor (2, 4) float32",
        "  in Net.body.1.Sequential, called with Tensor (2, 4) float32; there, 0.Tanh gave (2, 4)",
        "  in Net.body.Sequential, called with Tensor (2, 3) float32; there, 0.Linear gave (2, 4)",
        "  in Net, called with Tensor (2, 3) float32, scale=2.0; there, h (2, 3)",
    ]


def test_a_module_called_past_its_container():
    assert "in Direct.inner.first.Linear, called with" in str(message_of(ShapeError, Direct(), ones(3)))


def test_a_module_alone():
    error = message_of(ShapeError, nn.Linear(2, 3), ones(4))
    assert str(error).splitlines()[1:] == ["  in Linear, called with Tensor (4,) float32"]


def test_a_module_made_on_the_fly():
    class Making(nn.Module):
        def forward(self, x):
            return nn.Linear(2, 3)(x)

    assert "in Making.<made here>.Linear" in str(message_of(ShapeError, Making(), ones(4)))


def test_other_exceptions_keep_their_message_and_get_a_note():
    error = message_of(KeyError, nn.Sequential(nn.Tanh(), Broken()), ones(2))
    assert error.args == ("missing",)
    assert error.__notes__ == [
        "  in Sequential.1.Broken, called with Tensor (2,) float32\n"
        "  in Sequential, called with Tensor (2,) float32; there, 0.Tanh gave (2,)"
    ]


def test_a_note_of_the_users_is_kept():
    class Noting(nn.Module):
        def forward(self, x):
            error = ValueError("mine")
            error.add_note("a note")
            raise error

    error = message_of(ValueError, nn.Sequential(Noting()), ones(2))
    assert error.__notes__[0] == "a note"
    assert "in Sequential.0.Noting" in error.__notes__[1]


def test_the_error_can_be_sent_to_another_process():
    error = message_of(ShapeError, MISMATCHED, ones(8, 4))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_error_caught_inside_does_not_spoil_the_next():
    class Trying(nn.Module):
        def __init__(self):
            self.first, self.second = nn.Linear(2, 2), nn.Linear(3, 3)

        def forward(self, x):
            try:
                return self.first(x)
            except ShapeError:
                return self.second(x)

    assert Trying()(ones(3)).shape == (3,)
    assert "in Trying.second.Linear" in str(message_of(ShapeError, Trying(), ones(4)))


def test_a_class_of_ones_own_keeps_its_constructor():
    class Mine(nn.Module):
        def __init__(self, size):
            self.size = size + 1

    with pytest.raises(TypeError, match="can only concatenate str"):
        Mine("a")


def test_lists_words_and_arrays_among_the_arguments():
    class Odd(nn.Module):
        def forward(self, *args, **kwargs):
            raise ShapeError("odd: no")

    error = message_of(ShapeError, Odd(), [ones(2), 1], "word", np.ones(3), mask=None)
    assert "called with [Tensor (2,) float32, 1], 'word', ndarray (3,) float64, mask=None" in str(error)
    assert "called with nothing" in str(message_of(ShapeError, Odd()))
    assert len(str(message_of(ShapeError, Odd(), list(range(1000))))) < 200


def test_nothing_is_kept_while_nothing_fails():
    model = nn.Sequential(nn.Identity(), nn.Identity())
    model(Tensor([1.0]))
    assert [sorted(vars(module)) for module in model.modules()] == [["0", "1"], [], []]


class Wrapped(nn.Module):
    """Has what the module within it has, as programs for PyTorch wrap one."""

    def __init__(self, module):
        super().__init__()
        self.module = module
        self.register_buffer("count", None)

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.module, name)


class Derived(nn.Linear):
    @property
    def broken(self):
        return self.nowhere


def test_what_a_module_holds_can_be_asked_by_name(torch):
    layer = nn.Linear(2, 3)
    assert layer.__getattr__("weight") is layer.weight
    net = Wrapped(layer)
    assert net.__getattr__("module") is net.module is layer
    assert net.count is net.__getattr__("count") is None
    assert [net.in_features, net.out_features] == [2, 3]
    for name in ("weigth", "nothing_like_it"):
        with pytest.raises(AttributeError):
            torch.nn.Linear(2, 3).__getattr__(name)
        assert not any(hasattr(module, name) for module in (layer, net))


def test_a_missing_attribute_is_named_with_those_close_to_it():
    layer = nn.Linear(2, 3)
    with pytest.raises(AttributeError) as caught:
        layer.weigth
    assert str(caught.value) == "'Linear' object has no attribute 'weigth'; did you mean 'weight'?"
    assert caught.value.name == "weigth"
    with pytest.raises(AttributeError, match=r"^'Linear' object has no attribute 'qqqqq'$"):
        layer.__getattr__("qqqqq")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.raises(AttributeError, match="'Derived' object has no attribute 'nowhere'"):
        Derived(2, 3).broken
