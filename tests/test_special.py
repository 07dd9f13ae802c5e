"""Special functions over their whole range: beside PyTorch, and at numbers known to more digits than float64 has."""

import math
from math import inf, nan

import numpy as np
import pytest

import autograd
from autograd import DtypeError, GraphError, ShapeError, Tensor, Value, special
from autograd.arrays import ARRAYS
from tests.comparing import assert_close

RNG = np.random.default_rng(0)
ANY = np.concatenate([RNG.uniform(-6, 6, 300), RNG.uniform(-38, 38, 100), -(10.0 ** RNG.uniform(-20, 0, 50))])
POSITIVE = np.concatenate([RNG.uniform(0, 3, 300), 10.0 ** RNG.uniform(-8, 8, 200)])
WITHIN_1 = np.concatenate(
    [RNG.uniform(-1, 1, 300), 1 - 10.0 ** -RNG.uniform(0, 15, 100), 10.0 ** -RNG.uniform(0, 20, 50)]
)
SHAPES = 10.0 ** RNG.uniform(-2, 3, 500)
ON = {  # where each is compared, and to how many digits PyTorch's have them
    "digamma": (POSITIVE, 1e-12),
    "entr": (POSITIVE, 1e-15),
    "erf": (ANY, 1e-14),
    "erfc": (ANY, 1e-13),
    "erfcx": (ANY[ANY > -26], 1e-13),
    "erfinv": (WITHIN_1, 1e-12),
    "exp2": (ANY, 1e-14),
    "expit": (ANY, 1e-14),
    "expm1": (ANY, 1e-14),
    "gammainc": (POSITIVE, 1e-12),
    "gammaincc": (POSITIVE, 1e-12),
    "gammaln": (POSITIVE, 1e-12),
    "i0": (ANY, 1e-14),
    "i0e": (ANY, 1e-14),
    "i1": (ANY, 1e-14),
    "i1e": (ANY, 1e-14),
    "log1p": (POSITIVE, 1e-14),
    "log_ndtr": (ANY, 1e-13),
    "log_softmax": (ANY, 1e-13),
    "logit": (abs(WITHIN_1), 1e-14),
    "logsumexp": (ANY, 1e-14),
    "multigammaln": (POSITIVE + 1.5, 1e-12),
    "ndtr": (ANY, 1e-12),
    "ndtri": (abs(WITHIN_1), 1e-13),
    "polygamma": (POSITIVE, 1e-13),
    "psi": (POSITIVE, 1e-12),
    "round": (ANY, 0),
    "sinc": (ANY, 1e-12),
    "softmax": (ANY, 1e-13),
    "xlog1py": (ANY, 1e-14),
    "xlogy": (ANY, 1e-14),
}


def called(lib, name, x, tensor):
    """The function ``name`` of ``lib.special`` at ``x``, which is an array made by ``tensor`` there."""
    function = getattr(lib.special, name)
    if name in ("softmax", "log_softmax", "logsumexp"):
        return function(x, 0)
    if name.startswith("gammainc"):
        return function(tensor(SHAPES[: x.shape[0]]), x)
    if name == "polygamma":
        return function(2, x)
    return function(x, *{"xlogy": (2.0,), "xlog1py": (2.0,), "multigammaln": (3,)}.get(name, ()))


def test_each_is_compared():
    assert set(ON) == set(special.__all__)


@pytest.mark.parametrize("name", special.__all__)
def test_special_functions_are_those_of_torch(torch, name):
    array, rtol = ON[name]
    x, there = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    out, expected = called(autograd, name, x, Tensor), called(torch, name, there, torch.tensor)
    np.testing.assert_allclose(out.numpy(), expected.detach().numpy(), rtol=rtol, atol=rtol / 10)
    out.sum().backward()
    expected.sum().backward()
    few = {"digamma": 1e-8, "psi": 1e-8, "sinc": 1e-6}  # digits that the slopes of PyTorch have
    np.testing.assert_allclose(x.grad.numpy(), there.grad.numpy(), rtol=few.get(name, 1e-11), atol=few.get(name, 1e-10))


@pytest.mark.parametrize("name", special.__all__)
def test_in_single_precision_as_in_double(name):
    array = ON[name][0].astype(np.float32)
    narrow = called(autograd, name, Tensor(array), lambda a: Tensor(a.astype(np.float32)))
    wide = called(
        autograd, name, Tensor(array.astype(np.float64)), lambda a: Tensor(a.astype(np.float32).astype(float))
    )
    assert narrow.dtype == np.float32
    small = name in ("entr", "sinc", "softmax", "log_softmax", "logit")  # those not among the special ones
    with np.errstate(over="ignore"):
        expected = wide.numpy().astype(np.float32)
    np.testing.assert_allclose(narrow.numpy(), expected, rtol=1e-4 if small else 1e-6, atol=1e-6 if small else 1e-43)


KNOWN = {  # computed with fifty digits, and rounded
    "erfc": [(10.0, 2.0884875837625448e-45), (26.5, 2.2109076642637343e-307), (-3.0, 1.9999779095030014)],
    "erfcx": [(1e10, 5.6418958354775629e-11), (0.25, 0.77034654773099674), (-5.0, 144009798674.66104)],
    "ndtr": [(-37.5, 4.6053530095819548e-308), (-10.0, 7.6198530241605261e-24)],
    "ndtri": [(1e-300, -37.047096299361199), (0.975, 1.9599639845400539)],
    "erfinv": [(0.5, 0.47693627620446987), (1e-20, 8.8622692545275797e-21), (1 - 2.0**-53, 5.8635847487551679)],
    "lgamma": [
        *((1e-5, 11.512919692895826), (0.5, 0.57236494292470009), (1.0009765625, -0.00056290317999120463)),
        *((1e10, 220258509288.81058), (-0.5, 1.2655121234846454)),
    ],
    "digamma": [
        (1.0, -0.57721566490153286),
        (1.4616321449683622, -9.2412655217294275e-17),
        (-0.25, 2.9141391202135278),
    ],
    "i0": [(1.0, 1.2660658777520083), (710.0, 3.345334558619656e306)],
    "i1": [(1e-10, 5.0000000000000002e-11), (1.0, 0.56515910399248503)],
}
INCOMPLETE = [
    (1e-3, 1e-5, 0.98912304469578267, 0.010876955304217331),
    (0.5, 0.25, 0.52049987781304654, 0.47950012218695346),
    (10.0, 10.0, 0.54207028552814779, 0.45792971447185221),
    (19.5, 30.0, 0.98307785133616397, 0.016922148663836035),
    (150.0, 120.0, 0.004563441304151243, 0.99543655869584876),
    (1e5, 1.002e5, 0.73666201000519871, 0.26333798999480129),
]


@pytest.mark.parametrize("name", KNOWN)
def test_known_numbers(name):
    for x, y in KNOWN[name]:
        for n in (1, 700):
            np.testing.assert_allclose(ARRAYS[name](np.full(n, x)), np.full(n, y), rtol=3e-15)


@pytest.mark.parametrize(("shape", "x", "lower", "upper"), INCOMPLETE)
def test_known_incomplete_gammas(shape, x, lower, upper):
    assert special.gammainc(shape, x) == pytest.approx(lower, rel=5e-15)
    assert special.gammaincc(shape, x) == pytest.approx(upper, rel=5e-15)


def test_incomplete_gammas_at_the_ends(torch):
    a, x = np.array(np.meshgrid([0, 0.5, 1, 30, inf, -1], [0, 0.5, 40, inf, -1.0])).reshape(2, -1)
    for name in ("igamma", "igammac"):
        found = getattr(Tensor(a), name)(Tensor(x)).numpy()
        np.testing.assert_allclose(found, getattr(torch, name)(torch.tensor(a), torch.tensor(x)).numpy(), rtol=1e-13)
        assert np.isnan(getattr(Tensor([nan, 1.0, 0.0]), name)(Tensor([0.0, nan, nan])).numpy()).all()


def test_the_derivative_by_the_shape_is_refused():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GraphError, match=r"gammainc: .*not known.*detach"):
        autograd.igamma(x, x)
    with pytest.raises(GraphError, match="gammaincc"):
        special.gammaincc(Value(1.0), Value(2.0))
    with autograd.no_grad():
        assert autograd.igamma(x, x).shape == (2,)
    autograd.igamma(x.detach(), x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [math.exp(-1), 2 * math.exp(-2)], rtol=1e-6)


def test_incomplete_gammas_broadcast_and_take_numbers(torch):
    a, x = RNG.uniform(0.5, 3, (2, 1)), RNG.uniform(0, 3, 3)
    here, there = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    out, expected = autograd.igamma(Tensor(a), here), torch.igamma(torch.tensor(a), there)
    out.sum().backward()
    expected.sum().backward()
    assert_close(out.numpy(), expected.detach().numpy(), rtol=1e-13)
    assert_close(here.grad.numpy(), there.grad.numpy(), rtol=1e-13)
    assert autograd.igamma(Tensor([2.0]), 1.5).dtype == np.float32
    assert special.gammainc(2.0, Value(1.5)).data == pytest.approx(1 - 2.5 * math.exp(-1.5))
    with pytest.raises(ShapeError, match="do not fit"):
        autograd.igamma(autograd.ones(2), autograd.ones(3))


def test_polygammas_left_of_0(torch):
    x = RNG.uniform(-4, 0, 50)
    for n in range(5):
        out = autograd.polygamma(n, Tensor(x))
        np.testing.assert_allclose(out.numpy(), torch.polygamma(n, torch.tensor(x)).numpy(), rtol=1e-9, atol=1e-9)
    assert Tensor([0.0, -1.0, -2.0]).polygamma(2).tolist() == [-inf] * 3
    assert Tensor([0.0, -1.0, -2.0]).polygamma(1).tolist() == [inf] * 3
    assert Tensor([1e-3]).polygamma(201).item() == inf


def test_derivatives_of_any_order():
    for function in (special.i1, special.i1e, special.log_ndtr):
        assert autograd.gradgradcheck(function, Tensor(np.array([0.0, 1e-3, -2.0, 40.0]), requires_grad=True))
    x = Tensor(np.array([0.7, 3.0]), requires_grad=True)
    slope = x.lgamma()
    for n in range(4):
        (slope,) = autograd.grad(slope.sum(), x, create_graph=True)
        np.testing.assert_allclose(slope.detach().numpy(), autograd.polygamma(n, x.detach()).numpy(), rtol=1e-13)


def test_the_tail_of_the_normal_distribution_keeps_its_digits(torch):
    x = Tensor(np.array([-1e3, -50.0, 50.0]), requires_grad=True)
    special.log_ndtr(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy()[:2], [1000.000999998, 50.019984031906], rtol=1e-12)
    there = torch.tensor([-1e3, -50.0, 50.0], dtype=torch.float64)
    np.testing.assert_allclose(special.log_ndtr(x.detach()).numpy(), torch.special.log_ndtr(there).numpy(), rtol=1e-14)


def test_acosh_next_to_1_and_left_of_it(torch):
    x = np.float32(1) + np.float32(2) ** -np.arange(23, 0, -1, dtype=np.float32)
    here, there = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    np.testing.assert_allclose(here.acosh().detach().numpy(), np.arccosh(x.astype(float)), rtol=3e-7)
    here.acosh().sum().backward()
    there.acosh().sum().backward()
    exact = 1 / np.sqrt((x.astype(float) - 1) * (x.astype(float) + 1))
    np.testing.assert_allclose(here.grad.numpy(), exact, rtol=3e-7)  # PyTorch's differ from these by 6e-5
    np.testing.assert_allclose(here.grad.numpy(), there.grad.numpy(), rtol=1e-4)


def test_compiled():
    def loss(a, x):
        return (autograd.igamma(a, x) * x.lgamma() + special.ndtri(x / 9)).sum()

    compiled = autograd.compile(loss)
    for shift in (0.0, 0.5, 1.0):
        a = Tensor(RNG.uniform(0.5, 3, 4) + shift)
        x, y = (Tensor(np.linspace(0.5, 3, 4) + shift, requires_grad=True) for _ in range(2))
        compiled(a, x).backward()
        loss(a, y).backward()
        np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: autograd.polygamma(-1, Tensor(1.0)), ValueError, "counts derivatives"),
        (lambda: autograd.polygamma(1.5, Tensor(1.0)), ValueError, "whole number"),
        (lambda: autograd.mvlgamma(Tensor(1.0), 0), ValueError, "counts dimensions"),
        (lambda: autograd.lgamma([1.0]), DtypeError, "list"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
