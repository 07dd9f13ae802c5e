"""Where no derivative exists, or the formula meets an infinity: value and derivative are what PyTorch chooses."""

from itertools import product
from math import inf, nan

import numpy as np
import pytest

from autograd import Tensor, Value, grad
from autograd.compare.counterparts import counterpart
from autograd.rules import RULES
from tests.comparing import assert_close
from tests.rows import calls_of, function_of

SPECIAL = (-inf, -1000.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 1000.0, inf)

NOT_COMPARED = {
    "bce": {(x, y) for x, y in product(SPECIAL, SPECIAL) if not (0 <= x <= 1 and 0 <= y <= 1)},  # PyTorch refuses them
    "copysign": {(x, y) for x in (-inf, inf) for y in SPECIAL},  # the slope is its limit 1 or -1; PyTorch's NaN
    "digamma": {(-1000.0,), (-2.0,), (-1.0,)},  # poles: the slope is infinite; PyTorch's as large as rounding has it
    "exp_gap": {(inf, inf), (-inf, -inf)},  # whose difference is NaN, and which this row is for
    "gamma_density": {(inf,)},  # the density is 0; the formula in PyTorch gives NaN, and as its slope
    "gammainc": {(inf,)},
    "gammaincc": {(inf,)},
    "i0": {(-inf,), (inf,)},  # infinite; PyTorch's NaN
    "i1": {(-inf,), (inf,)},
    "log_ndtr": {(-inf,)},  # the slope is infinite; PyTorch's NaN
    "logaddexp2": {(-1.0, -1.0)},  # 0; PyTorch has 5e-17
    "polygamma": {(-inf,), (-1000.0,), (-2.0,), (-1.0,), (inf,)},  # as of digamma; and at inf the slope is 0
    "pow": {(-inf, 0.5)},  # NumPy says sqrt(-inf)
    "softsign": {(-inf,), (inf,)},  # the slope is its limit 0; PyTorch's NaN
    "stirling": {(inf,)},  # PyTorch takes inf from inf
}

KINKS = [pytest.param(rule, x, id=f"{rule.name} at {x}") for rule in RULES.values() for x in rule.kinks]
UNARY = [pytest.param(rule, id=name) for name, rule in RULES.items() if rule.elementwise and len(rule.operands) == 1]
BINARY = [pytest.param(rule, id=name) for name, rule in RULES.items() if rule.elementwise and len(rule.operands) == 2]


def torch_slopes(torch, rule, point):
    """The value and the first derivatives at ``point``; 0 where PyTorch says that there is no dependence."""
    operands = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    out = counterpart(torch, rule.name)(*operands, *rule.given)
    slopes = torch.autograd.grad(out, operands, allow_unused=True, materialize_grads=True)
    return out.item(), [slope.item() for slope in slopes]


def differences(torch, rule, point):
    """Where our value or slope at ``point`` is not PyTorch's, one line each."""
    value, expected = torch_slopes(torch, rule, point)
    function, parameters = function_of(rule.name), rule.given
    for leaf in (Value, lambda x: Tensor(x, dtype="float64", requires_grad=True)):
        operands = [leaf(x) for x in point]
        out = function(*operands, *parameters)
        where = f"{rule.name}{point} of {type(out).__name__}s"
        if not alike(out, value):
            yield f"{where} is {out.item()}, not {value}"
        for create_graph in (False, True):
            slopes = grad(out, operands, create_graph=create_graph)
            for k, slope in enumerate(slopes):
                if not alike(slope, expected[k]):
                    yield f"{where}, operand {k}, create_graph={create_graph}: {slope.item()}, not {expected[k]}"


def alike(found, expected):
    return np.isclose(found.item(), expected, rtol=1e-8, atol=1e-300, equal_nan=True)


def check_points(torch, rule, points):
    with np.errstate(all="ignore"):
        assert [line for point in points for line in differences(torch, rule, point)] == []


@pytest.mark.parametrize(("rule", "x"), KINKS)
def test_kink(rule, x, torch):
    check_points(torch, rule, [(x,)])


@pytest.mark.parametrize("rule", [*UNARY, *BINARY])
def test_special_numbers(rule, torch):
    points = set(product(SPECIAL, repeat=len(rule.operands)))
    check_points(torch, rule, points - NOT_COMPARED.get(rule.name, set()))


TAKE_THE_NUMBER = ("copysign", "fmax", "fmin", "nan_to_num")  # where one is NaN: what they are for, or it has a sign


@pytest.mark.parametrize("rule", [rule for rule in [*UNARY, *BINARY] if rule.id not in TAKE_THE_NUMBER])
def test_nan_is_not_lost(rule):
    function, parameters = function_of(rule.name), rule.given
    for position in range(len(rule.operands)):
        point = [-3.0] * len(rule.operands)
        point[position] = nan
        assert np.isnan(function(*map(Value, point), *parameters).data)
        assert np.isnan(function(*map(Tensor, point), *parameters).item())


@pytest.mark.parametrize("rule", [*UNARY, *BINARY])
def test_infinities_and_nan_give_no_warning(rule):
    function, parameters = function_of(rule.name), rule.given
    columns = np.array(list(product((*SPECIAL, nan), repeat=len(rule.operands)))).T
    operands = [Tensor(column, requires_grad=True) for column in columns]
    for create_graph in (False, True):  # a warning is an error here
        function(*operands, *parameters).backward(np.ones(columns.shape[1]), create_graph=create_graph)


def test_overflow_gives_infinity_and_no_warning():
    x = Tensor([1e30], requires_grad=True)
    assert (x * x).item() == x.square().item() == (x**2).item() == (x @ x).item() == inf
    largest = Tensor([3e38, 3e38], requires_grad=True)
    assert (largest + largest).sum().item() == largest.sum().item() == (largest - -largest).sum().item() == inf
    assert Tensor([1e300], dtype="float64").float().item() == inf


@pytest.mark.parametrize("name", ["amax", "amin"])
def test_extremes_that_tie_share_the_gradient(name, torch):
    array = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]) * (1 if name == "amax" else -1)
    x, there = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    getattr(x, name)(1).sum().backward()
    getattr(there, name)(1).sum().backward()
    assert_close(x.grad.numpy(), there.grad.numpy())


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_large_numbers_do_not_overflow(name, torch):
    array = np.array([1000.0, -1000.0, 999.0, 1000.0])
    x, there = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    out, expected = getattr(x, name)(0), getattr(there, name)(0)
    upstream = np.linspace(1, 2, out.numel()).reshape(out.shape)
    out.backward(upstream)
    expected.backward(torch.tensor(upstream))
    assert_close(out.numpy(), expected.detach().numpy(), "value")
    assert_close(x.grad.numpy(), there.grad.numpy(), "gradient")


def test_every_unary_row_is_sampled_away_from_its_kinks():
    for rule in RULES.values():
        if rule.elementwise and rule.kinks:
            assert not set(rule.kinks) & set(calls_of(rule)[0].arrays[0].tolist()), rule.name
