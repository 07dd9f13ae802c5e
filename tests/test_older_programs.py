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
    "range": lambda t, x: t.range(1, 4),
    "range in steps": lambda t, x: t.range(0, 1, 0.3, dtype=t.float64),
    "range downwards": lambda t, x: t.range(3, -1, -2),
    "range of one": lambda t, x: t.range(2, 2),
    "frombuffer": lambda t, x: t.frombuffer(bytearray(range(16)), dtype=t.int16, count=3, offset=4),
    "frombuffer to the end": lambda t, x: t.frombuffer(bytearray(range(16)), dtype=t.int32, offset=8),
    "fill_diagonal_ of a tall matrix": lambda t, x: t.zeros(7, 2).fill_diagonal_(1),
    "fill_diagonal_ of a tall matrix, wrapped": lambda t, x: t.zeros(7, 2).fill_diagonal_(1, wrap=True),
    "fill_diagonal_ of a wide matrix, wrapped": lambda t, x: t.zeros(2, 7).fill_diagonal_(1, wrap=True),
    "fill_diagonal_ of a cube": lambda t, x: t.zeros(3, 3, 3).fill_diagonal_(2),
    "fill_diagonal_ of a transpose": lambda t, x: x.clone().T.fill_diagonal_(9).contiguous(),
    "multinomial of no rows": lambda t, x: t.multinomial(x[:0], 2),
    "poisson at rate 0": lambda t, x: t.poisson(x * 0),
    "binomial without chance": lambda t, x: t.binomial(x, t.zeros(4, dtype=t.float64)),
    "binomial of the certain": lambda t, x: t.binomial(x, x * 0 + 1),
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
@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
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


def test_counts_have_the_means_and_variances_of_their_distributions():
    rates, n = Tensor([0.5, 4.0, 30.0]), Tensor([3.0, 20.0, 100.0])
    events = autograd.poisson(rates.expand(20_000, 3))
    np.testing.assert_allclose(events.mean(0).numpy(), rates.numpy(), rtol=0.05)
    np.testing.assert_allclose(events.var(0).numpy(), rates.numpy(), rtol=0.1)
    successes = autograd.binomial(n.expand(20_000, 3), Tensor([0.5, 0.1, 0.9]))
    np.testing.assert_allclose(successes.mean(0).numpy(), [1.5, 2.0, 90.0], rtol=0.05)
    np.testing.assert_allclose(successes.var(0).numpy(), [0.75, 1.8, 9.0], rtol=0.1)
    generator = autograd.Generator().manual_seed(4)
    first = autograd.poisson(rates, generator)
    assert autograd.poisson(rates, generator.manual_seed(4)).tolist() == first.tolist()


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: autograd.poisson(Tensor([-1.0])), ValueError, "poisson: a rate is negative"),
        (lambda: autograd.poisson(Tensor([1])), DtypeError, "poisson"),
        (lambda: autograd.binomial(Tensor([1.5]), Tensor([0.5])), ValueError, "binomial: counts are whole numbers"),
        (lambda: autograd.binomial(Tensor([1.0]), Tensor([1.5])), ValueError, "binomial: counts are whole numbers"),
        (lambda: autograd.binomial(Tensor([1.0]), Tensor([0.5]).double()), DtypeError, "binomial: the input has dtype"),
        (lambda: Tensor([1.0]).flip(), TypeError, "flip: needs the dimensions"),
        (lambda: autograd.range(0, 1, -1), ShapeError, "range: from 0 to 1 there is no way"),
        (lambda: Tensor(np.zeros((2, 3, 2))).fill_diagonal_(1), ShapeError, "neither a matrix nor of equal sizes"),
    ],
)
def test_what_is_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_memory_of_a_buffer_is_shared_where_it_can_be_changed():
    memory = bytearray(8)
    autograd.frombuffer(memory, dtype=autograd.float32)[1] = 1.0
    assert np.frombuffer(memory, np.float32).tolist() == [0.0, 1.0]
    x = autograd.frombuffer(bytes(memory), dtype=autograd.float32, requires_grad=True)
    (x * x).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0]


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
