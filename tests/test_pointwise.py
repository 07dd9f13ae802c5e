"""The elementwise functions beyond their rows: arguments, compositions, integers, numbers of every kind."""

import math

import numpy as np
import pytest

import autograd
from autograd import DtypeError, ShapeError, Tensor, Value, functions
from autograd.arrays import ARRAYS, quietly
from autograd.rules import RULES
from tests.comparing import assert_close

X = np.array([[1.5, -2.5, 0.25], [-7.0, 3.5, 2.0]])
Y = np.array([[0.5, 2.0, -1.0]])
MASK = np.array([[True, False, True]])

CALLS = {
    "rsub": lambda t, x, y: t.rsub(x, y, alpha=2),
    "rsub of a number": lambda t, x, y: t.rsub(x, 3),
    "positive": lambda t, x, y: t.positive(x) * +y,
    "deg2rad": lambda t, x, y: t.deg2rad(x),
    "rad2deg": lambda t, x, y: x.rad2deg(),
    "logit with eps": lambda t, x, y: t.logit(x, eps=0.2),
    "logit at eps": lambda t, x, y: t.logit(x * 0 + 0.2, 0.2),
    "float_power": lambda t, x, y: t.float_power(x * x, y),
    "float_power of a number": lambda t, x, y: t.float_power(2, y),
    "lerp": lambda t, x, y: t.lerp(x, x * x, 0.3),
    "lerp beyond a half": lambda t, x, y: x.lerp(x * x, 0.8),
    "lerp by tensors": lambda t, x, y: t.lerp(x, x * x, weight=y),
    "addcmul": lambda t, x, y: t.addcmul(x, x, y, value=-2),
    "addcdiv": lambda t, x, y: x.addcdiv(x, y, value=0.5),
    "nan_to_num": lambda t, x, y: t.nan_to_num(x / (y - 0.5), nan=1.0, posinf=2.0),
    "nan_to_num by default": lambda t, x, y: (x / (y - 0.5)).nan_to_num(),
    "clamp at tensors": lambda t, x, y: t.clamp(x, y, y + 3),
    "clamp at ties": lambda t, x, y: t.clamp(x, x, y + 9),
    "clamp from above at ties": lambda t, x, y: t.clamp(x, max=x + 0 * y),
    "clamp_min": lambda t, x, y: t.clamp_min(x, y),
    "clamp_max": lambda t, x, y: x.clamp_max(y),
    "xlogy at 0": lambda t, x, y: t.xlogy(x * 0, y.detach() - 0.5),
    "atan2": lambda t, x, y: t.arctan2(x, y),
    "hypot": lambda t, x, y: x.hypot(y),
    "copysign": lambda t, x, y: t.copysign(x, y.detach()) * x.copysign(-2.0) * t.copysign(x, y.detach() * -0.0),
    "copysign of whole numbers": lambda t, x, y: x * t.tensor([1, 2, 0]).copysign(t.tensor([-1, 0, -3])),
    "frac": lambda t, x, y: x.frac() * y,
    "heaviside": lambda t, x, y: t.heaviside(x.detach() - 2, y.detach()) * x,
    "heaviside of NaN": lambda t, x, y: x * t.heaviside(t.tensor(math.nan), t.tensor(7.0)),
    "ldexp": lambda t, x, y: t.ldexp(x, y) * x.ldexp(t.tensor([1.0, -2.0, 3.0])),
    "ldexp from the ends": lambda t, x, y: t.ldexp(x.detach() * 1e-300, t.tensor([1990])) * x,
    "nextafter": lambda t, x, y: (t.nextafter(x, y.detach()) - y) * t.nextafter(x, x.detach()),
    "sgn": lambda t, x, y: t.sgn(x.detach()) * y,
    "sinc near 0": lambda t, x, y: t.sinc(x / 2e3),
    "reflected power": lambda t, x, y: 2**x,
    "reflected remainder": lambda t, x, y: 7.5 % x.detach() * x,
}


@pytest.mark.parametrize("name", CALLS)
def test_torchs_values_and_gradients(name, torch):
    x, y = Tensor(X, requires_grad=True), Tensor(Y, requires_grad=True)
    there = torch.tensor(X, requires_grad=True), torch.tensor(Y, requires_grad=True)
    out, expected = CALLS[name](autograd, x, y), CALLS[name](torch, *there)
    rtol = 1e-6 if name == "sinc near 0" else 1e-12  # PyTorch's slope has few digits there
    assert_close(out.numpy(), expected.detach().numpy())
    out.backward(np.ones(out.shape))
    expected.sum().backward()
    for k, (leaf, leaf_there) in enumerate(zip((x, y), there, strict=True)):
        if leaf_there.grad is not None:
            assert_close(leaf.grad.numpy(), leaf_there.grad.numpy(), f"operand {k}", rtol=rtol)


def test_aliases_are_the_same_functions(torch):
    for name in autograd.functions.pointwise.__all__:
        assert hasattr(torch, name), name
    for alias, name in (("arccos", "acos"), ("arctan2", "atan2"), ("absolute", "abs"), ("fix", "trunc")):
        assert getattr(autograd, alias) is getattr(autograd, name)


@pytest.mark.parametrize(("x", "y"), [([1], 3), ([1.0], 3), ([1.0], [3]), ([1], [3]), ([1], [0.5])])
def test_ldexp_has_torchs_dtype(x, y, torch):
    for dtype in ("float32", "float64"):
        found = Tensor(x, dtype=dtype if isinstance(x[0], float) else None).ldexp(Tensor(y))
        expected = torch.tensor(x, dtype=getattr(torch, dtype) if isinstance(x[0], float) else None)
        expected = expected.ldexp(torch.tensor(y))
        assert (found.tolist(), str(found.dtype)) == (expected.tolist(), str(expected.dtype).removeprefix("torch."))
    assert Tensor([1, 2]).ldexp(2).dtype == np.float32
    assert_close(Tensor([1e300], dtype="float64").ldexp(-1990.5).numpy() * 2.0**1000, [1e300 * 2.0**-990.5])


# The error function ---------------------------------------------------------------------------------------------

GRID = np.concatenate(
    [np.linspace(-7, 7, 20001), 10.0 ** np.arange(-300, 3), [0.46875, np.nextafter(0.46875, 1), 1e300, 0.0, -0.0]]
)


def test_erf_of_arrays_is_that_of_numbers():
    expected = np.array([math.erf(x) for x in GRID])
    np.testing.assert_allclose(ARRAYS["erf"](GRID), expected, rtol=8e-16, atol=0)
    assert np.signbit(ARRAYS["erf"](GRID)[-2:]).tolist() == [False, True]
    moderate = np.abs(np.log10(np.abs(GRID[:-2]) + 1e-99)) < 30
    single = ARRAYS["erf"](GRID[:-2][moderate].astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected[:-2][moderate], rtol=1e-6)


def test_erf_at_infinity_and_nan_and_of_few_numbers():
    specials = np.array([np.inf, -np.inf, np.nan])
    many = quietly.run(ARRAYS["erf"], np.tile(specials, 500))
    np.testing.assert_array_equal(many, np.tile([1.0, -1.0, np.nan], 500))
    np.testing.assert_array_equal(ARRAYS["erf"](specials), [1.0, -1.0, np.nan])
    assert ARRAYS["erf"](np.zeros((0, 3))).shape == (0, 3)


# Integers and booleans ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [[0, 1, -1, 2, -2], [3], 2, -1])
def test_negative_powers_of_integers_are_cut_to_whole_numbers(base, torch):
    exponents = np.array([-1, -2, -3, 0, 2])
    out = (base if isinstance(base, int) else Tensor(base)) ** Tensor(exponents)
    expected = (base if isinstance(base, int) else torch.tensor(base)) ** torch.tensor(exponents)
    assert (out.tolist(), out.dtype) == (expected.tolist(), np.int64)


def test_an_integer_to_a_negative_number_is_refused():
    with pytest.raises(DtypeError, match=r"pow: int64 to the power -1 is not whole.*\.float\(\)"):
        Tensor([1, 2]) ** -1
    with pytest.raises(DtypeError, match="pow"):
        autograd.pow(Tensor([1, 2]), -1)
    assert (Tensor([1.0, 2.0]) ** -1).tolist() == [1.0, 0.5]


@pytest.mark.parametrize(("numbers", "value"), [([1, 2, 3], 7), ([1, 2, 3], 7.0), ([True, False, True], 10)])
def test_masked_fill_keeps_the_dtype(numbers, value, torch):
    mask = [True, True, False]
    out = Tensor(numbers).masked_fill(Tensor(mask), value)
    expected = torch.tensor(numbers).masked_fill(torch.tensor(mask), value)
    assert out.tolist() == expected.tolist()
    assert str(out.dtype) == str(expected.dtype).removeprefix("torch.")


def test_masked_fill_with_a_wider_tensor_keeps_the_dtype():
    for x in (Tensor(1.0), Tensor([1.0, 2.0])):
        assert x.masked_fill(x > 1, Tensor(3.0, dtype="float64")).dtype == np.float32


def test_masked_fill_with_a_tensor_of_one_number_has_its_gradient():
    x, value = Tensor(X, requires_grad=True), Tensor(2.0, dtype="float64", requires_grad=True)
    (x.masked_fill(Tensor(MASK), value) * Tensor(X)).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.where(MASK, 0, X))
    assert value.grad.item() == X[np.broadcast_to(MASK, X.shape)].sum()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.masked_fill(x > 0, Tensor([1.0])), ShapeError, "masked_fill: value has shape"),
        (lambda x: x.long().masked_fill(x > 0, 2.5), DtypeError, "2.5 does not fit into int64"),
        (lambda x: x.long().masked_fill(x > 0, np.inf), DtypeError, "inf does not fit"),
        (lambda x: x.masked_fill(x, 2.5), DtypeError, "compare first"),
        (lambda x: x.long().lerp(x.long(), 0.5), DtypeError, "lerp"),
        (lambda x: x.addcdiv(x.long(), x.long()), DtypeError, "addcdiv"),
        (lambda x: autograd.positive(x > 0), DtypeError, "booleans have no sign"),
        (lambda x: x.atan2(Tensor(np.ones(2))), ShapeError, "atan2: shapes"),
        (lambda x: x.maximum([1.0, 2.0, 3.0]), DtypeError, "list"),
    ],
)
def test_what_makes_no_sense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X))


# Numbers of every kind -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", functions.OF_ELEMENTS)
def test_values_have_every_elementwise_function_as_a_method(name):
    rule = RULES.get(name)
    given = {"prelu": (Value(0.3),), "masked_fill": (False, 2.0), "clamp": (0, 0.2), "clip": (0, 0.2), "mvlgamma": (1,)}
    given |= {"lerp": (2, 0.3), "addcmul": (2, 3), "addcdiv": (2, 3)}
    others = given.get(name)
    if others is None:
        binary = (rule and len(rule.operands) == 2) or name in (
            *(
                "add",
                "sub",
                "subtract",
                "rsub",
                "multiply",
                "divide",
                "true_divide",
                "eq",
                "float_power",
                "arctan2",
                "heaviside",
            ),
        )
        others = (2.5,) if binary else ()
    x = 1.3 if name in ("acosh", "arccosh") else 0.3
    function = getattr(autograd, name)
    number = function(Tensor(x, dtype="float64"), *(Tensor(0.3) if isinstance(o, Value) else o for o in others))
    out = getattr(Value(x), name)(*others)
    assert isinstance(out, Value | bool)
    assert_close(out.data if isinstance(out, Value) else out, number.item(), rtol=1e-7)
    assert getattr(Value, name).__doc__


def test_the_sign_plus():
    x, t = Value(2.0), Tensor([1.0, 2.0])
    assert +x is x
    assert +t is t


@pytest.mark.parametrize("name", ["maximum", "fmax", "logaddexp", "xlogy", "hypot", "atan2"])
def test_a_number_beside_a_tensor_keeps_float32(name):
    function = getattr(autograd, name)
    x = Tensor([0.5, 2.0], requires_grad=True)
    for out in (function(x, 2), function(2.5, x)):
        assert out.dtype == np.float32
        x.grad = None
        out.sum().backward()
        assert x.grad.dtype == np.float32
    assert function(2.5, 2) == pytest.approx(function(Value(2.5), 2).data)


def test_a_number_and_nan(torch):
    x, y = np.array([np.nan, 1.0, np.nan, 2.0]), np.array([1.0, np.nan, np.nan, 2.0])
    for name in ("fmax", "fmin"):
        out = getattr(autograd, name)(Tensor(x), Tensor(y))
        np.testing.assert_array_equal(out.numpy(), getattr(torch, name)(torch.tensor(x), torch.tensor(y)).numpy())
        numbers = [getattr(autograd, name)(Value(a), b).data for a, b in zip(x, y, strict=True)]
        np.testing.assert_array_equal(numbers, out.numpy())


def test_the_second_derivative_of_sinc_at_0():
    x = Tensor([0.0, 1e-9, 0.005], dtype="float64", requires_grad=True)
    (slope,) = autograd.grad(x.sinc().sum(), x, create_graph=True)
    (curvature,) = autograd.grad(slope.sum(), x)
    assert curvature.numpy()[:2] == pytest.approx(-(math.pi**2) / 3, rel=1e-12)
    assert curvature.numpy()[2] == pytest.approx(-(math.pi**2) / 3 * (1 - 0.3 * (math.pi * 0.005) ** 2), rel=1e-7)


def test_lerp_meets_both_ends_exactly():
    x, end = Tensor([1e8, 0.1]), Tensor([1e-8, 0.3])
    assert x.lerp(end, 0.0).tolist() == x.lerp(end, Tensor(0.0)).tolist() == x.tolist()
    assert x.lerp(end, 1).tolist() == x.lerp(end, Tensor([1.0, 1.0])).tolist() == end.tolist()


@pytest.mark.parametrize("name", ["asin", "acos", "atanh", "acosh"])
def test_slopes_next_to_a_pole_keep_their_digits(name):
    gap = 2.0**-40
    x = Value(1 + gap if name == "acosh" else 1 - gap)
    getattr(x, name)().backward()
    product = gap * (2 + gap if name == "acosh" else 2 - gap)
    assert abs(x.grad) == pytest.approx(1 / product if name == "atanh" else product**-0.5, rel=1e-15)


def test_erfinv_beside_pytorch(torch):
    near_1 = 1 - 2.0 ** -np.arange(1, 53)
    x = np.concatenate([np.linspace(-0.999, 0.999, 501), near_1, -near_1, 10.0 ** -np.arange(20)])
    expected = torch.erfinv(torch.tensor(x)).numpy()
    np.testing.assert_allclose(quietly.run(ARRAYS["erfinv"], x), expected, rtol=2e-14, atol=0)
    special = np.array([1.0, -1.0, 1.5, -2.0, np.nan, 0.0, -0.0])
    found = quietly.run(ARRAYS["erfinv"], special)
    np.testing.assert_array_equal(found, [np.inf, -np.inf, np.nan, np.nan, np.nan, 0.0, -0.0])
    assert np.signbit(found[-2:]).tolist() == [False, True]
    single = quietly.run(ARRAYS["erfinv"], x[:501].astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, torch.erfinv(torch.tensor(x[:501].astype(np.float32))).numpy(), rtol=1e-6)


def test_a_truncated_normal_drawn_as_vision_transformers_do():
    x = Tensor(np.linspace(-0.95, 0.95, 39))
    x.erfinv_().mul_(0.02 * 2**0.5).add_(0.0).clamp_(min=-0.03, max=0.03)
    assert x.abs().max().item() == 0.03
    assert abs(x[19].item()) < 1e-15
