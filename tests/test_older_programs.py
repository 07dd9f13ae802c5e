"""What programs written for earlier releases of PyTorch say, and what is seldom said: as PyTorch has it."""

import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import DtypeError, GraphError, ShapeError, Tensor

BYTES = np.array([[1, 0, 2], [3, 4, 5]], np.uint8)

CALLS = {
    "new": lambda t, x: x.new(),
    "new of a list": lambda t, x: x.new([1, 2]),
    "new of a tensor": lambda t, x: x.new(x[0]),
    "new of sizes": lambda t, x: x.new(2, 0),
    "new of a size": lambda t, x: x.new(x.size()).zero_(),
    "T of more dimensions": lambda t, x: x.reshape(3, 1, 4).T,
    "reversed": lambda t, x: reversed(x),
    "reversed number": lambda t, x: reversed(x[0, 0]),
    "all of bytes": lambda t, x: t.tensor(BYTES).all(),
    "all of bytes in rows": lambda t, x: t.tensor(BYTES).all(1),
    "any of bytes": lambda t, x: t.any(t.tensor(BYTES), dim=0, keepdim=True),
    "full that wraps around": lambda t, x: t.full((2,), -1, dtype=t.uint8),
    "full that cuts off": lambda t, x: t.full((2,), 1.75, dtype=t.int64),
    "full of doubles": lambda t, x: t.full((2,), 0.1, dtype=t.float64),
    "full_like": lambda t, x: t.full_like(t.tensor(BYTES), -1),
    "resize_": lambda t, x: x.clone().resize_(2, 6),
    "resize_ to less": lambda t, x: x.clone().resize_((2, 3)),
    "resize_ to more": lambda t, x: x.clone().resize_(5, 4)[:3],
    "resize_as_": lambda t, x: t.empty(0).resize_as_(x).copy_(x),
    "empty in a format": lambda t, x: t.empty(2, 3, 1, 1, memory_format=t.channels_last).zero_(),
    "index_put by bytes": lambda t, x: x.index_put((t.tensor([1, 0, 1], dtype=t.uint8),), x[0] * 10),
    "index_put_ by bytes": lambda t, x: x.clone().index_put_((t.tensor([0, 0, 1], dtype=t.uint8),), x[0]),
}


@pytest.mark.filterwarnings("ignore:The use of `x.T`", "ignore:indexing with dtype torch.uint8", "ignore:x\\[mask")
@pytest.mark.parametrize("name", CALLS)
def test_as_in_torch(torch, name):
    array = np.arange(12.0).reshape(3, 4)
    found, expected = (CALLS[name](t, t.tensor(array)) for t in (autograd, torch))
    np.testing.assert_array_equal(found.numpy(), expected.numpy())
    assert (found.numpy().dtype, found.shape) == (expected.numpy().dtype, tuple(expected.shape))


def test_functions_that_change_their_argument(torch):
    array, called = np.array([[0.25, 0.5], [0.75, 0.125]]), set()
    given = {
        "addmv_": (),
        "clamp_": (0.3, 0.6),
        "clamp_max_": (0.3,),
        "clamp_min_": (0.3,),
        "clip_": (0.3,),
        "fill_": (7.0,),
        "ldexp_": (2.0,),
        "xlogy_": (0.5,),
        "gcd_": (6,),
        "lcm_": (6,),
    }
    for name in sorted(autograd._IN_PLACE - {"addmv_", "index_put_", "resize_as_"}):
        found = []
        for t in (autograd, torch):
            dtype = t.int64 if name in ("gcd_", "lcm_") else t.float64
            x = t.tensor(array * 8 + 1 if name in ("acosh_", "arccosh_") or dtype == t.int64 else array).to(dtype)
            others = [t.tensor(y, dtype=dtype) if name in NEED_TENSORS else y for y in given.get(name, ())]
            assert getattr(t, name)(x, *others) is x
            found.append(x.numpy())
        np.testing.assert_allclose(*found, rtol=1e-12, err_msg=name)
        called.add(name)
    assert len(called) > 50
    assert {*dir(autograd)} >= autograd._IN_PLACE
    for t in (autograd, torch):
        x = t.zeros(2, dtype=t.float64)
        t.index_put_(x, (t.tensor([1]),), t.tensor(3.0, dtype=t.float64))
        t.addmv_(x, t.tensor(array), t.tensor(array[0]))
        assert x.tolist() == [0.25 * 0.25 + 0.5 * 0.5, 3 + 0.75 * 0.25 + 0.125 * 0.5]
        assert t.resize_as_(x, t.zeros(1, 2)).shape == (1, 2)


NEED_TENSORS = ("gcd_", "lcm_", "ldexp_", "xlogy_")


@pytest.mark.parametrize("name", ["tanh", "sum", "clamp", "argmax", "zeros", "randn", "sigmoid_", "where"])
def test_functions_are_pickled_by_their_names(name):
    function = getattr(autograd, name)
    assert pickle.loads(pickle.dumps(function)) is function


def test_a_model_that_has_a_function_is_saved(tmp_path):
    model = nn.TransformerEncoderLayer(4, 2, 8, activation=autograd.relu)
    again = pickle.loads(pickle.dumps(model))
    x = autograd.randn(1, 3, 4)
    assert again.eval()(x).tolist() == model.eval()(x).tolist()


def test_the_generator_is_put_back_where_it_stood():
    autograd.random.manual_seed(3)
    with autograd.random.fork_rng():
        first = autograd.rand(3)
        autograd.manual_seed(9)
    assert autograd.rand(3).tolist() == first.tolist()
    with autograd.random.fork_rng(enabled=False):
        autograd.manual_seed(3)
    assert autograd.rand(3).tolist() == first.tolist()
    with pytest.raises(ValueError, match="no GPUs"), autograd.random.fork_rng(devices=[0]):
        pass


def test_negative_seeds_are_those_of_64_bits(torch):
    for seed in (-1, -(2**63)):
        ours, theirs = (t.Generator().manual_seed(seed) for t in (autograd, torch))
        assert ours.initial_seed() == theirs.initial_seed()
    for t in (autograd, torch):
        with pytest.raises((ValueError, RuntimeError)):
            t.Generator().manual_seed(-(2**63) - 1)


def test_the_device_of_a_block_is_the_cpu():
    with autograd.device("cpu") as device:
        assert autograd.zeros(2).device == device == autograd.Generator().device
    with pytest.raises(DtypeError, match="computes on the CPU"), autograd.device("cuda"):
        pass


WINDOWS = {
    "bartlett": {},
    "blackman": {},
    "hamming": {},
    "hamming by numbers": {"alpha": 0.5, "beta": 0.3},
    "hann": {"dtype": "float64"},
    "kaiser": {},
    "kaiser by a number": {"beta": 3.0},
}


@pytest.mark.parametrize("length", [0, 1, 2, 5, 8])
@pytest.mark.parametrize("name", WINDOWS)
def test_windows(torch, name, length):
    for periodic in (True, False):
        found, expected = (
            getattr(t, f"{name.split()[0]}_window")(
                length, periodic, **{k: getattr(t, v) if k == "dtype" else v for k, v in WINDOWS[name].items()}
            )
            for t in (autograd, torch)
        )
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=2e-6, atol=2e-7, strict=True)


def test_a_window_of_whole_numbers_is_refused():
    with pytest.raises(DtypeError, match="hann_window: a window has fractions"):
        autograd.hann_window(4, dtype=autograd.int64)


def test_where_a_tensor_is_and_how_it_lies(torch):
    for t in (autograd, torch):
        x = t.zeros(2, 3, 4, 5)
        last = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
        assert x.is_cpu
        assert not x.is_meta
        assert x.is_contiguous(memory_format=t.contiguous_format)
        assert not x.is_contiguous(memory_format=t.channels_last)
        assert last.is_contiguous(memory_format=t.channels_last)
        assert not last.is_contiguous()


def test_a_resized_tensor_keeps_its_memory_while_it_suffices():
    x = Tensor([1.0, 2.0, 3.0, 4.0])
    start = x.data_ptr()
    assert x.resize_(3, 1).data_ptr() == start
    y = x * Tensor([1.0, 1.0, 2.0], requires_grad=True)
    x.resize_(2)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_what_is_not_resized():
    with pytest.raises(GraphError, match="resize_: this tensor requires a gradient"):
        Tensor([1.0], requires_grad=True).resize_(2)
    with pytest.raises(ShapeError, match=r"resize_: the elements of this tensor of shape \(3, 2\)"):
        Tensor(np.zeros((2, 3))).T.resize_(6)
