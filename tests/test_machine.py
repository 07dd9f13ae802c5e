"""What programs for PyTorch ask of the machine, and older names of what there is."""

import warnings

import numpy as np
import pytest

import autograd
import nn
from autograd import DtypeError, Tensor, accelerator, amp, backends, cuda
from nn import functional as F


def test_programs_take_the_branch_of_the_cpu():
    device = autograd.accelerator.current_accelerator() if accelerator.is_available() else autograd.device("cpu")
    assert nn.Linear(2, 3).to(device)(autograd.ones(4, 2).to(device)).shape == (4, 3)
    assert not any((cuda.is_available(), cuda.is_bf16_supported(), backends.mps.is_available()))
    assert accelerator.device_count() == cuda.device_count() == cuda.memory_allocated() == 0
    assert accelerator.current_accelerator() is None


def test_settings_of_libraries_that_are_not_used_are_kept():
    backends.cudnn.benchmark = True
    assert backends.cudnn.benchmark
    backends.cudnn.benchmark = False
    assert not backends.cuda.matmul.allow_tf32


MIXED = {
    "autocast": lambda enabled: amp.autocast("cuda", enabled=enabled),
    "older autocast": lambda enabled: cuda.amp.autocast(enabled),
    "scaler": lambda enabled: amp.GradScaler("cuda", enabled=enabled),
    "older scaler": lambda enabled: cuda.amp.GradScaler(enabled=enabled),
}


@pytest.mark.parametrize("made", MIXED.values(), ids=MIXED)
def test_mixed_precision_is_off(made):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made(False)
    with pytest.warns(UserWarning, match="switched off"):
        made(True)


def test_a_scaler_takes_the_settings_of_torch_alone():
    amp.GradScaler("cuda", 2.0**10, 2.0, 0.5, 2000, False)
    cuda.amp.GradScaler(2.0**10, growth_interval=10, enabled=False)
    with pytest.raises(TypeError, match="growth"):
        amp.GradScaler(growth=2.0, enabled=False)


def test_a_training_step_with_mixed_precision_switched_off():
    losses = []
    for scaled in (False, True):
        autograd.manual_seed(0)
        layer, x = nn.Linear(3, 1), autograd.randn(5, 3)
        optimizer, scaler = autograd.optim.SGD(layer.parameters(), lr=0.1), amp.GradScaler(enabled=False)
        for _ in range(3):
            with autograd.autocast("cuda", enabled=False):
                loss = layer(x).square().mean()
            optimizer.zero_grad()
            if scaled:
                scaler.scale(loss).backward()
                scaler.unscale_(optimizer)
                scaler.step(optimizer)
                scaler.update()
            else:
                loss.backward()
                optimizer.step()
        losses.append(loss.item())
    assert losses[0] == losses[1]


REFUSED = {
    "autocast": (lambda: amp.autocast("cpu"), "lower precision"),
    "scaler": (lambda: amp.GradScaler("cpu"), "lower precision"),
    "set_device": (lambda: cuda.set_device(0), "CPU"),
    "current_device": (cuda.current_device, "CPU"),
    "bfloat16": (lambda: autograd.ones(2).to(autograd.bfloat16), "bfloat16"),
    "module": (lambda: nn.Linear(2, 3).cuda(), "CPU"),
    "module without parameters": (lambda: nn.ReLU().to("cuda"), "CPU"),
    "type": (lambda: autograd.ones(2).type("torch.cuda.FloatTenser"), "dtype"),
}


@pytest.mark.parametrize(("call", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(call, words):
    with pytest.raises(DtypeError, match=words):
        call()


@pytest.mark.parametrize("name", sorted(autograd.dtypes.TYPED))
def test_typed_tensors_are_those_of_torch(torch, name):
    ours, theirs = getattr(autograd, name), getattr(torch, name)
    assert ours([1, 2]).dtype == theirs([1, 2]).numpy().dtype
    assert ours(2, 3).shape == tuple(theirs(2, 3).shape)
    x, y = Tensor([0.0, 1.0]).type(ours), torch.tensor([0.0, 1.0]).type(theirs)
    assert x.type() == y.type()
    assert x.type() == Tensor([0.0]).type(y.type()).type()
    assert isinstance(x, ours)
    assert not isinstance(x.to(np.int16 if name != "ShortTensor" else np.int8), ours)


def test_volatile_is_no_more():
    x = autograd.ones(2)
    with pytest.warns(UserWarning, match="no_grad"):
        assert autograd.Variable(x, volatile=True).tolist() == x.tolist()


def test_a_variable_shares_memory_and_has_no_history(torch):
    for module in (autograd, torch):
        x = module.ones(2, requires_grad=True)
        variable = module.autograd.Variable(x * 2)
        assert (variable.requires_grad, variable.is_leaf) == (False, True)
        assert module.autograd.Variable(x, requires_grad=True) is not x
        (module.autograd.Variable(x, requires_grad=True) * 3).sum().backward()
        assert x.grad is None
        start = module.zeros(2)
        module.autograd.Variable(start).add_(1)
        assert start.tolist() == [1.0, 1.0]


def test_a_tensor_of_a_size(torch):
    for sizes in ((2, 3), (4, 1, 2), (2, 3, 4, 5), (np.int64(2), 0)):
        found, expected = Tensor(*sizes), torch.Tensor(*map(int, sizes))
        assert (found.shape, found.dtype) == (tuple(expected.shape), np.float32)
    assert Tensor().shape == tuple(torch.Tensor().shape)
    assert nn.Parameter(Tensor(2, 3)).requires_grad
    with pytest.raises(DtypeError, match="integers alone"):
        Tensor(2, 3.0)


def test_default_tensor_type():
    autograd.set_default_tensor_type(autograd.DoubleTensor)
    try:
        assert Tensor([1.0]).dtype == np.float64
    finally:
        autograd.set_default_tensor_type("torch.FloatTensor")
    assert Tensor([1.0]).dtype == np.float32


@pytest.mark.parametrize("text", ["{}", "{:.2f}", "{:>8}"])
def test_a_0d_tensor_is_formatted_as_its_number(torch, text):
    for number in (2.5, 3, True):
        assert text.format(autograd.tensor(number)) == text.format(torch.tensor(number))
    x = Tensor(1.5, requires_grad=True)
    assert text.format(x * 2) == text.format(3.0)
    assert f"{autograd.ones(2)}" == "tensor([1., 1.])"


def test_dropout_of_channels_reads_dimensions_as_torch_does(torch):
    """How many different factors there are along each dimension: 1, or as many as it has."""
    shapes = {
        F.dropout1d: [(40, 30), (40, 30, 3)],
        F.dropout2d: [(40, 30), (40, 30, 3), (40, 30, 3, 2), (40, 30, 3, 2, 2)],
        F.dropout3d: [(40, 30), (40, 30, 3), (40, 30, 3, 2), (40, 30, 3, 2, 2)],
    }

    def varying(array):
        return [bool((array != array.take([0], axis)).any()) for axis in range(array.ndim)]

    for function, sizes in shapes.items():
        theirs = getattr(torch.nn.functional, function.__name__)
        for size in sizes:
            with warnings.catch_warnings(record=True) as ours_said:
                warnings.simplefilter("always")
                found = function(autograd.ones(*size)).numpy()
            with warnings.catch_warnings(record=True) as torch_said:
                warnings.simplefilter("always")
                expected = theirs(torch.ones(*size)).numpy()
            assert varying(found) == varying(expected), (function.__name__, size)
            assert bool(ours_said) == bool(torch_said), (function.__name__, size)


def test_detach_in_place(torch):
    def program(lib, x):
        hidden = x * 2
        out = (hidden.detach_() * x).sum()
        out.backward()
        return hidden.requires_grad, hidden.is_leaf, x.grad.tolist()

    assert program(autograd, Tensor([1.0, 2.0], requires_grad=True)) == program(
        torch, torch.tensor([1.0, 2.0], requires_grad=True)
    )


def test_older_questions():
    assert autograd.is_tensor(autograd.ones(2))
    assert not autograd.is_tensor(np.ones(2))
    assert not autograd.is_tensor(autograd.Value(1.0))
    assert isinstance(autograd.ones(2).shape, autograd.Size)


def test_arguments_as_attributes():
    """Which programs that subclass layers read."""
    layer = nn.Embedding(5, 3)
    rows = F.embedding(
        autograd.tensor([1, 2]),
        layer.weight,
        layer.padding_idx,
        layer.max_norm,
        layer.norm_type,
        layer.scale_grad_by_freq,
        layer.sparse,
    )
    assert rows.shape == (2, 3)
    with pytest.raises(ValueError, match="sparse"):
        F.embedding(autograd.tensor([1]), layer.weight, sparse=True)
    assert nn.LSTM(2, 3).proj_size == 0
