"""Random tensors: the same numbers everywhere from one seed, the distributions they claim, states that come back."""

import numpy as np
import pytest

import autograd
import nn
from autograd import DtypeError, Generator, ShapeError, Tensor, tensor


def seeded(seed=1):
    return Generator().manual_seed(seed)


# Frozen: PCG64 is the same on every platform and in every NumPy, and so must be what is made of it.
GOLDEN = {
    "rand": (lambda g: autograd.rand(3, generator=g), [0.51182163, 0.95046371, 0.14415962]),
    "randn": (lambda g: autograd.randn(3, generator=g), [0.34558418, 0.82161814, 0.33043706]),
    "randint": (lambda g: autograd.randint(0, 100, (5,), generator=g), [47, 51, 75, 95, 3]),
    "randperm": (lambda g: autograd.randperm(6, generator=g), [4, 0, 2, 1, 5, 3]),
    "normal": (lambda g: autograd.normal(tensor([1.0, 2.0]), 0.5, generator=g), [1.1727921, 2.410809]),
    "bernoulli": (lambda g: autograd.bernoulli(autograd.full((6,), 0.5), generator=g), [0.0, 0.0, 1.0, 0.0, 1.0, 1.0]),
    "multinomial": (lambda g: autograd.multinomial(tensor([1.0, 2.0, 3.0]), 3, generator=g), [1, 0, 2]),
    "exponential_": (lambda g: autograd.zeros(2).exponential_(generator=g), [1.073029, 0.30845314]),
    "uniform_": (lambda g: autograd.zeros(2).uniform_(-1, 1, generator=g), [0.02364325, 0.90092736]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_numbers(name):
    call, expected = GOLDEN[name]
    found = call(seeded())
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


def test_golden_weights():
    autograd.manual_seed(0)
    found = nn.Linear(3, 2)
    np.testing.assert_allclose(found.weight.numpy().ravel()[:3], [0.15814973, -0.26582742, -0.53003812], rtol=1e-6)


def test_a_state_put_back_gives_the_same_numbers():
    autograd.manual_seed(5)
    autograd.randint(10, (3,))  # draws of 32 bits leave half a number over, which is part of the state
    state = autograd.get_rng_state()
    first = [autograd.randint(10, (3,)).tolist(), autograd.randn(3).tolist()]
    autograd.set_rng_state(state)
    assert [autograd.randint(10, (3,)).tolist(), autograd.randn(3).tolist()] == first


def test_seed_differs_and_says_which():
    generator = Generator()
    seeds = {generator.seed() for _ in range(5)}
    assert len(seeds) == 5
    assert generator.initial_seed() in seeds


@pytest.mark.parametrize(
    ("numbers", "mean", "std"),
    [
        (lambda g: autograd.rand(100_000, generator=g), 0.5, 12**-0.5),
        (lambda g: autograd.randn(100_000, generator=g), 0, 1),
        (lambda g: autograd.zeros(100_000).normal_(3, 2, generator=g), 3, 2),
        (lambda g: autograd.zeros(100_000).exponential_(4, generator=g), 0.25, 0.25),
        (lambda g: autograd.zeros(100_000).geometric_(0.25, generator=g), 4, 12**0.5),
        (lambda g: autograd.zeros(100_000).log_normal_(0.5, 0.7, generator=g).log(), 0.5, 0.7),
        (lambda g: autograd.zeros(100_000).cauchy_(3, 2, generator=g).sub(3).div(2).atan(), 0, np.pi / 12**0.5),
        (lambda g: autograd.zeros(100_000).bernoulli_(0.2, generator=g), 0.2, 0.4),
        (lambda g: autograd.multinomial(tensor([1.0, 3.0]), 100_000, True, generator=g).float(), 0.75, 0.1875**0.5),
    ],
)
def test_distributions(numbers, mean, std):
    found = numbers(seeded()).numpy()
    assert abs(found.mean() - mean) < 5 * std / len(found) ** 0.5
    assert abs(found.std() / std - 1) < 0.02


def test_multinomial_without_replacement_draws_in_proportion():
    first = autograd.multinomial(tensor([[1.0, 2.0, 5.0, 0.0]] * 20_000), 3, generator=seeded()).numpy()
    assert all(len(set(row)) == 3 for row in first.tolist())
    np.testing.assert_allclose(np.bincount(first[:, 0], minlength=4) / 20_000, [1 / 8, 2 / 8, 5 / 8, 0], atol=0.02)


def test_narrow_uniform_numbers_stay_below_the_end():
    assert autograd.rand(300_000, dtype="float16", generator=seeded()).max().item() < 1
    assert autograd.zeros(300_000).half().uniform_(0, 3, generator=seeded()).max().item() < 3


def test_like():
    x = Tensor(np.zeros((2, 3)))
    for made in (autograd.rand_like(x), autograd.randn_like(x), autograd.randint_like(x, 5), autograd.empty_like(x)):
        assert (made.shape, made.dtype) == ((2, 3), np.float64)
    assert autograd.full_like(x, 7, dtype="int32").tolist() == [[7] * 3] * 2


def test_whole_numbers_may_ask_for_a_gradient_as_floats():
    for made in (
        autograd.randint(5, (2,), dtype=autograd.float64, requires_grad=True),
        autograd.randperm(2, dtype=autograd.float64, requires_grad=True),
        autograd.randint_like(autograd.zeros(2).double(), 5, generator=seeded(), requires_grad=True),
        autograd.normal(0.0, 1.0, (2,), dtype=autograd.float64, requires_grad=True),
    ):
        assert (made.requires_grad, made.dtype, made.shape) == (True, np.float64, (2,))
    with pytest.raises(DtypeError, match="int64 has no gradient"):
        autograd.randperm(3, requires_grad=True)


def test_like_takes_a_generator():
    x = autograd.zeros(3)
    for like, plain in ((autograd.rand_like, autograd.rand), (autograd.randn_like, autograd.randn)):
        assert like(x, generator=seeded()).tolist() == plain(3, generator=seeded()).tolist()


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: autograd.multinomial(tensor([1.0, 0.0]), 2), ValueError, "replacement=True"),
        (lambda: autograd.multinomial(tensor([1.0, -1.0]), 1), ValueError, "not negative"),
        (lambda: autograd.multinomial(tensor([0.0, 0.0]), 1), ValueError, "positive"),
        (lambda: autograd.multinomial(tensor([1, 2]), 1), DtypeError, "float"),
        (lambda: autograd.multinomial(autograd.ones(2, 2, 2), 1), ShapeError, r"\(N, C\)"),
        (lambda: autograd.bernoulli(tensor([2.0])), ValueError, r"\[0, 1\]"),
        (lambda: autograd.bernoulli(tensor([1])), DtypeError, "float"),
        (lambda: autograd.normal(0.0, 1.0), TypeError, "size"),
        (lambda: autograd.normal(0.0, -1.0, (2,)), ValueError, "negative"),
        (lambda: autograd.randint(3, 3, (2,)), ValueError, "no integer"),
        (lambda: autograd.randn(2, generator=np.random.default_rng()), TypeError, "not a Generator"),
        (lambda: autograd.manual_seed(1.5), TypeError, "whole number"),
        (lambda: autograd.set_rng_state(tensor([1, 2])), DtypeError, "get_state"),
        (lambda: autograd.set_rng_state(tensor([1, 2], dtype="uint8")), ShapeError, "get_state"),
        (lambda: tensor([1]).uniform_(), DtypeError, "fractions"),
        (lambda: tensor([1]).cauchy_(), DtypeError, "fractions"),
        (lambda: tensor([True]).geometric_(0.5), DtypeError, "counts"),
        (lambda: autograd.zeros(2).geometric_(1.0), RuntimeError, "between 0 and 1"),
        (lambda: autograd.zeros(2).cauchy_(0, 0), RuntimeError, "positive"),
        (lambda: autograd.zeros(2).log_normal_(0, -1), RuntimeError, "positive"),
        (lambda: autograd.zeros(2).normal_(std=-1), ValueError, "negative"),
        (lambda: autograd.zeros(2, device="cuda:1"), DtypeError, "CPU"),
        (lambda: Generator(device="cuda"), DtypeError, "CPU"),
    ],
)
def test_what_makes_no_sense_is_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int64", "float32", "float64"])
def test_whole_numbers_as_far_as_the_dtype_goes(dtype, torch):
    arguments = [(), (0, None)] if dtype in ("bool", "uint8") else [(), (-10, None)]
    for given in arguments:
        found = autograd.zeros(4000, dtype=dtype).random_(*given, generator=seeded()).numpy().astype(np.float64)
        expected = torch.zeros(4000, dtype=getattr(torch, dtype)).random_(*given).numpy().astype(np.float64)
        assert found.mean() == pytest.approx(expected.mean(), rel=0.1)
        assert found.max() == pytest.approx(expected.max(), rel=0.1)


@pytest.mark.parametrize(
    ("dtype", "given"), [("uint8", (0, 300)), ("int8", (-129, 3)), ("bool", (0, 3)), ("int64", (0,))]
)
def test_whole_numbers_that_do_not_fit_are_refused(dtype, given, torch):
    with pytest.raises(ValueError, match="random_"):
        autograd.zeros(3, dtype=dtype).random_(*given)
    with pytest.raises(RuntimeError):
        torch.zeros(3, dtype=getattr(torch, dtype)).random_(*given)
