"""Questions about arrays have PyTorch's answers."""

from contextvars import copy_context

import numpy as np
import pytest

import autograd
from autograd import DtypeError, ShapeError, Tensor

X = np.array([[1.0, -2.0, 0.0], [np.nan, np.inf, 2.0]])
COUNTS = np.array([3, 1, 1, 0, 5, 3])

CALLS = {
    "isnan": lambda t, x, i: t.isnan(x),
    "isinf": lambda t, x, i: x.isinf(),
    "isfinite": lambda t, x, i: t.isfinite(x),
    "eq": lambda t, x, i: t.eq(x, 2),
    "ne": lambda t, x, i: t.ne(x, x),
    "lt": lambda t, x, i: x.lt(1.0),
    "greater_equal": lambda t, x, i: t.greater_equal(x, x),
    "logical_not": lambda t, x, i: t.logical_not(x),
    "logical_and": lambda t, x, i: t.logical_and(x, x[0]),
    "logical_xor": lambda t, x, i: x.logical_xor(x[1]),
    "bitwise_and": lambda t, x, i: t.bitwise_and(i, 6),
    "bitwise_or": lambda t, x, i: t.bitwise_or(x > 0, x[0] > 0),
    "bitwise_xor": lambda t, x, i: t.bitwise_xor(5, i),
    "bitwise_not": lambda t, x, i: t.bitwise_not(i),
    "bitwise_left_shift": lambda t, x, i: t.bitwise_left_shift(i - 2, i),
    "bitwise_left_shift of truth values": lambda t, x, i: (i > 1) << 3,
    "bitwise_right_shift": lambda t, x, i: (i - 9).bitwise_right_shift(1),
    "shifts beyond the bits": lambda t, x, i: t.stack([i >> 64, i << 64, -i >> 99, i >> -1, -i << -2]),
    "shifts of a number": lambda t, x, i: (2 << i) + t.bitwise_right_shift(64, i),
    "shifts of narrow numbers": lambda t, x, i: i.to(t.uint8) << 7,
    "gcd": lambda t, x, i: t.gcd(-4 * i, i[3] + 6) * i.gcd(i * i),
    "lcm": lambda t, x, i: t.lcm(i - 2, t.tensor(6)),
    "gcd of narrow numbers": lambda t, x, i: i.to(t.int8).gcd(i.to(t.int16)),
    "signbit": lambda t, x, i: t.signbit(x * -0.0),
    "signbit of whole numbers": lambda t, x, i: (i - 2).signbit(),
    "isposinf": lambda t, x, i: t.isposinf(x),
    "isneginf": lambda t, x, i: t.isneginf(-x) ^ t.isneginf(i[:3]),
    "isreal": lambda t, x, i: x.isreal(),
    "isclose": lambda t, x, i: t.isclose(x, x + 1e-9),
    "isclose nan": lambda t, x, i: t.isclose(x, x, equal_nan=True),
    "count_nonzero": lambda t, x, i: t.count_nonzero(x),
    "count_nonzero dim": lambda t, x, i: x.count_nonzero(1),
    "nonzero": lambda t, x, i: x.nonzero(),
    "nonzero tuple": lambda t, x, i: t.stack(t.nonzero(x > 0, as_tuple=True)),
    "argwhere": lambda t, x, i: t.argwhere(x),
    "logspace": lambda t, x, i: t.logspace(0, 2, 3),
    "linspace": lambda t, x, i: t.linspace(0, 1, 4),
    "linspace between tensors": lambda t, x, i: t.linspace(t.tensor(4.3), t.tensor(-3), 50, dtype=t.float64),
    "linspace of one": lambda t, x, i: t.linspace(2, 5, 1),
    "linspace of none": lambda t, x, i: t.linspace(2, 5, 0),
    "linspace of whole numbers": lambda t, x, i: t.linspace(4.3, -3, 50, dtype=t.int64),
    "logspace between tensors": lambda t, x, i: t.logspace(0, t.tensor(1.2), 3, dtype=t.float64),
    "logspace of whole numbers": lambda t, x, i: t.logspace(0, 1.2, 4, 3, dtype=t.int64),
    "arange": lambda t, x, i: t.arange(1, 2, 0.25),
    "arange to a tensor": lambda t, x, i: t.arange(i.max()),
    "arange between tensors": lambda t, x, i: t.arange(t.tensor(2), t.tensor(7.5), t.tensor(2)),
    "arange of whole numbers": lambda t, x, i: t.arange(0.0, -8.000001, -4.0, dtype=t.int64),
    "arange of narrow numbers": lambda t, x, i: t.arange(-0.9, 2.1, 2.0, dtype=t.int32),
    "eye": lambda t, x, i: t.eye(2, 3),
    "tril_indices": lambda t, x, i: t.tril_indices(3, 4, -1),
    "triu_indices": lambda t, x, i: t.triu_indices(4, 3, offset=1, dtype=t.int32),
    "full": lambda t, x, i: t.full((2,), 3),
    "scalar_tensor": lambda t, x, i: t.scalar_tensor(3),
    "float": lambda t, x, i: i.to(t.float),
    "bool": lambda t, x, i: i.to(t.bool),
    "to device": lambda t, x, i: x.to(t.device("cpu"), t.float32),
    "finfo": lambda t, x, i: t.full((2,), t.finfo(t.float32).min),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_in_torch(torch, name):
    found = CALLS[name](autograd, Tensor(X), Tensor(COUNTS))
    expected = CALLS[name](torch, torch.tensor(X), torch.tensor(COUNTS))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-7)
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: t.linspace(t.tensor([1.0, 2.0]), 3, 4), "linspace: takes numbers.*not of shape \\(2,\\)"),
        (lambda t: t.arange(t.tensor([5])), "arange: takes numbers.*not of shape \\(1,\\)"),
        (lambda t: t.arange(float("inf")), "arange: from 0 to inf there is no way.*finite"),
        (lambda t: t.arange(float("nan")), "arange: from 0 to nan there is no way.*finite"),
        (lambda t: t.arange(0, 3, 0.5, dtype=t.int64), "arange: from 0 to 3 there is no way in steps of 0"),
    ],
)
def test_ranges_that_are_refused(call, words):
    with pytest.raises(ShapeError, match=words):
        call(autograd)


@pytest.mark.parametrize("name", ["allclose", "equal"])
def test_one_answer(torch, name):
    for x, y in ((X, X), (COUNTS, COUNTS), (COUNTS, COUNTS + 1)):
        found = getattr(autograd, name)(Tensor(x), Tensor(y))
        assert found is getattr(torch, name)(torch.tensor(x), torch.tensor(y))


def test_devices():
    assert autograd.device("cpu").type == autograd.zeros(1).device.type == "cpu"
    assert autograd.zeros(1).device == autograd.device("cpu")
    assert autograd.device("cpu:0").index == 0
    assert not autograd.cuda.is_available()


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps", "cpu:1", "gpu"])
def test_other_devices_are_refused(device):
    for call in (lambda: autograd.zeros(1, device=device), lambda: autograd.device(device)):
        with pytest.raises(DtypeError, match="computes on the CPU"):
            call()


def test_negative_tolerances_are_refused():
    for tolerance in ({"rtol": -0.4}, {"atol": -1e-9}, {"rtol": float("nan")}):
        with pytest.raises(ValueError, match="neither may be negative"):
            Tensor(X).isclose(Tensor(X), **tolerance)


def test_lists_are_refused():
    with pytest.raises(DtypeError, match="isnan: needs a Tensor, not a list"):
        autograd.isnan([1.0])


def test_what_programs_for_torch_find_under_its_other_names():
    assert autograd.nn.Linear(2, 1).weight.shape == (1, 2)
    assert autograd.optim.SGD([Tensor([1.0], requires_grad=True)], lr=0.1)
    assert autograd.autograd.grad is autograd.grad
    assert autograd.utils.data.DataLoader([1, 2], batch_size=2)
    assert autograd.LongTensor([1, 2]).dtype == np.int64
    assert autograd.FloatTensor([1]).dtype == np.float32
    assert autograd.LongTensor(2, 3).shape == (2, 3)
    assert autograd.LongTensor().shape == (0,)
    x = Tensor([1.0], dtype="float64")
    for made in (x.new_zeros(2, 3), x.new_ones((2, 3)), x.new_full((2, 3), 7), x.new_empty(2, 3), x.new(2, 3)):
        assert (made.shape, made.dtype) == ((2, 3), np.float64)
    assert x.new_tensor([1, 2]).tolist() == [1.0, 2.0]
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        autograd.nonsense


def test_small_methods(torch):
    x = Tensor(np.arange(6.0).reshape(2, 3))
    assert (x.nelement(), x.ndimension(), x.stride(), x.t().stride(0)) == (6, 2, (3, 1), 1)
    assert Tensor([2.0]).is_nonzero()
    assert x.clone().fill_diagonal_(9).tolist() == torch.arange(6.0).reshape(2, 3).fill_diagonal_(9).tolist()
    assert set(autograd.zeros(100).random_(3).unique().tolist()) == {0.0, 1.0, 2.0}
    assert Tensor([0.0, 1.0]).multinomial(3, replacement=True).tolist() == [1, 1, 1]
    assert (x.short().dtype, x.byte().dtype) == (np.int16, np.uint8)
    with pytest.raises(DtypeError, match="computes on the CPU"):
        x.cuda()


def test_recording_is_switched_by_a_statement():
    def program():
        x = Tensor([1.0], requires_grad=True)
        autograd.set_grad_enabled(False)
        found = [autograd.is_grad_enabled(), (x * x).requires_grad]
        autograd.set_grad_enabled(True)
        return [*found, autograd.is_grad_enabled(), (x * x).requires_grad]

    assert copy_context().run(program) == [False, False, True, True]  # a statement lasts as long as its context


def test_recording_is_switched_by_a_block_and_a_decorator():
    x = Tensor([1.0], requires_grad=True)
    with autograd.set_grad_enabled(False):
        assert not (x * x).requires_grad
    assert autograd.is_grad_enabled()

    @autograd.set_grad_enabled(False)
    def squared(x):
        return x * x

    assert autograd.is_grad_enabled()
    assert not squared(x).requires_grad
