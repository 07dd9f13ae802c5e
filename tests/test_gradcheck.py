"""`gradcheck` and `gradgradcheck`: what they catch, what they refuse, and what they say."""

import random

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import DtypeError, GradcheckError, GraphError, Tensor, Value, gradcheck, gradgradcheck
from autograd.generator import default_rng
from autograd.graph import apply
from autograd.rule import Rule
from nn import functional as F

X = np.array([[0.5, -1.0], [1.0, 2.0]])


def tensor(data=X, **kwargs):
    return Tensor(np.array(data, dtype=float), requires_grad=True, **kwargs)


def wrong_tanh(x, text="1 - out"):
    return apply(Rule("analytic", "tanh(x)", "tanh(x)", {"dx": text}, "", (), (), {}), (x,))


# What agrees -------------------------------------------------------------------------------------------------------


def test_several_inputs_and_outputs():
    report = gradcheck(lambda x, w: ((x @ w).tanh(), {"sum": w.exp().sum()}), [tensor(), tensor()], allow_zero=["x"])
    assert report
    assert (report.checked, report.outputs, report.inputs) == (16 * 2 + 4 * 2, ["output 0", "output 1.sum"], ["x", "w"])
    assert str(report) == "gradcheck: right: 40 derivatives d output 0, output 1.sum / d x, w"


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_values_and_tensors(check):
    assert check(lambda x, y: x * y.tanh(), [Value(0.3), Value(-1.2)])
    assert check(lambda x, y: (x * y.tanh()).sum(), [tensor(), tensor(X.T)])
    assert check(lambda x: x.exp(), tensor())


def test_constants_are_left_alone():
    seen = []
    report = gradcheck(lambda x, n, c: seen.append((n, c.requires_grad)) or x * n * c, [tensor(), 3, Tensor(X)])
    assert report.inputs == ["x"]
    assert set(seen) == {(3, False)}
    assert gradcheck(lambda x, c: x * c, [Tensor(X), Tensor(X)]).inputs == ["x", "c"], "if none asks, all are checked"


def test_the_callers_nodes_are_left_alone():
    x = tensor()
    x.grad = Tensor(np.ones((2, 2)))
    gradcheck(lambda x: x * x, x)
    assert (x.tolist(), x.grad.tolist()) == (X.tolist(), [[1.0, 1.0], [1.0, 1.0]])


def test_near_a_pole_and_at_the_edge_of_a_domain():
    for function, x in ((Value.log, 1e-5), (Value.sqrt, 1e-6), (Value.reciprocal, 1e-4), (Value.exp, 30.0)):
        assert gradcheck(function, Value(x)), (function, x)


def test_a_large_constant_does_not_drown_the_slope():
    assert gradcheck(lambda x: x * x + 1e6, tensor())


# float32 -----------------------------------------------------------------------------------------------------------


def test_a_function_that_takes_derivatives_itself():
    def slope(x):
        return autograd.grad((x**3).sum(), x, create_graph=True)[0]

    def cut(x):
        return autograd.grad((x**3).sum(), x, create_graph=True)[0].detach() * x

    def watched(x):
        out = x * x
        out.register_hook(lambda gradient: gradient * 2)
        return out

    assert gradcheck(slope, tensor())
    assert gradgradcheck(slope, tensor())
    for wrong in (cut, watched):
        assert not gradcheck(wrong, tensor(), raise_exception=False)
    (found,) = autograd.check.finite_differences(lambda x: slope(x).sum(), tensor())
    np.testing.assert_allclose(found, 6 * X, rtol=1e-9)


def test_float32_is_checked_in_float64_or_refused():
    x = Tensor([0.5, -1.0], requires_grad=True)
    seen = []
    report = gradcheck(lambda x: seen.append(x.dtype) or (x @ autograd.ones(2, 2)).tanh(), x)
    assert report
    assert set(seen) == {np.dtype("float64")}
    assert report.notes == ["x: narrower than float64, checked in float64"]
    assert autograd.get_default_dtype() == np.float32
    with pytest.raises(DtypeError, match=r"input: float32 is too coarse.*\.double\(\)"):
        gradcheck(Tensor.tanh, [x], upcast=False)


def test_a_float32_result_is_refused_with_its_line():
    with pytest.raises(DtypeError, match=r"output is float32.*since to at test_gradcheck.py:\d+.*x\.float\(\)"):
        gradcheck(lambda x: x.float(), tensor())


# VACUOUS -----------------------------------------------------------------------------------------------------------


def test_a_wrong_backward_behind_zero_weights_is_vacuous_where_torch_ticks_it(torch):
    def hidden(x):
        return wrong_tanh(x) * Tensor(np.zeros((2, 2)))

    report = gradcheck(hidden, tensor())
    assert not report
    assert report.vacuous == [("output", "x")]
    assert "VACUOUS: d output / d x is zero everywhere" in str(report)
    assert "allow_zero=['x']" in str(report)

    class WrongTanh(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.tanh()

        @staticmethod
        def backward(ctx, g):
            return 7 * g

    there = torch.tensor(X, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: WrongTanh.apply(x) * torch.zeros(2, 2, dtype=torch.float64), there)


def test_zeros_that_are_meant():
    function = lambda x, y: x.floor() + y  # noqa: E731
    inputs = [tensor(X + 0.3), tensor()]
    assert gradcheck(function, inputs).vacuous == [("output", "x")]
    assert gradcheck(function, inputs, allow_zero=["x"])
    assert gradcheck(function, inputs, allow_zero=True)
    with pytest.raises(ValueError, match=r"allow_zero has \['z'\]; the inputs are \['x', 'y'\]"):
        gradcheck(function, inputs, allow_zero=["z"])


def test_zero_but_for_rounding_is_vacuous():
    assert gradcheck(lambda x: x.softmax(dim=1).sum(), tensor()).vacuous == [("output", "x")]


def test_elements_that_move_nothing_are_noted():
    report = gradcheck(lambda x: x.relu(), tensor())
    assert report
    assert report.notes == ["1 of the 4 elements of x move no output here"]


def test_a_linear_function_has_no_second_derivative():
    report = gradgradcheck(lambda x: x * 3.0, tensor())
    assert report.vacuous == [("any output", "x")]
    assert gradgradcheck(lambda x: x * 3.0, tensor(), allow_zero=["x"])


def test_nothing_to_check():
    with pytest.raises(GraphError, match="there is nothing to check"):
        gradcheck(lambda n: n, [3])
    report = gradcheck(lambda x: x.argmax() if hasattr(x, "argmax") else x > 0, tensor())
    assert "gave no floating-point number" in str(report)
    assert not report


# What is wrong, where, and why -------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaf", [Value(0.7), tensor([[0.7, -0.3]])], ids=["Value", "Tensor"])
@pytest.mark.parametrize("text", ["out * out - 1", "1 - out", "1 - x * x", "1"])
def test_the_wrong_operation_is_named_with_its_line(leaf, text):
    def loss(x):
        h = (x * 2.0).exp()
        h = wrong_tanh(h, text)
        return h * x

    report = gradcheck(loss, leaf)
    assert not report
    (culprit,) = report.culprits
    assert (culprit.operation, culprit.operand, culprit.text) == ("tanh", "x", text)
    assert culprit.origin.function == "wrong_tanh"
    assert culprit.mismatch.relative > 0.1
    assert str(report).count("tanh of shape") == 1


def test_the_worst_element_is_named():
    right = np.tanh(X)
    report = gradcheck(wrong_tanh, tensor())
    found, expected = 1 - right, 1 - right**2
    relative = np.abs(found - expected) / np.maximum(np.abs(found), np.abs(expected))
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(relative), (2, 2)))
    assert (report.worst.output_index, report.worst.input_index) == (worst, worst)
    assert report.worst.found == pytest.approx(found[worst], rel=1e-9)
    assert report.worst.expected == pytest.approx(expected[worst], rel=1e-9)
    assert report.worst.relative == pytest.approx(relative.max(), rel=1e-6)
    assert f"d output{list(worst)} / d x{list(worst)}" in str(report)


def test_what_left_the_graph_is_named():
    def loss(x):
        scale = x.detach().exp().sum()
        return (x * scale).sum()

    report = gradcheck(loss, tensor())
    (leak,) = report.leaks
    assert (leak.operation, leak.operand, leak.input, report.culprits) == ("mul", "y", "x", [])
    assert leak.origin.code == "return (x * scale).sum()"


def test_a_kink_is_called_a_kink():
    report = gradcheck(lambda x: x.relu(), tensor([0.0, 1.0]))
    assert report.worst.sides == pytest.approx((0.0, 1.0))
    assert report.culprits == []
    assert "a kink or a step" in str(report)
    assert gradcheck(lambda x: x * x, tensor([0.0]), allow_zero=True), "a parabola has none"


def test_a_backward_that_raises_is_reported():
    report = gradcheck(lambda x: wrong_tanh(x, "1 / 0 + nonsense(x)"), tensor())
    assert not report
    assert "backward raised" in str(report)
    assert [culprit.operation for culprit in report.culprits] == ["tanh"]


def test_a_detached_slope_is_found_by_the_second_derivative():
    cut = Rule("analytic", "tanh(x)", "tanh(x)", {"dx": "cut(1 - out * out)"}, "", (), (), {"cut": _cut})
    for leaf in (Value(0.7), tensor()):
        assert gradcheck(lambda x: apply(cut, (x,)), leaf)
        report = gradgradcheck(lambda x: apply(cut, (x,)), leaf)
        assert not report
        assert [(culprit.operation, culprit.operand) for culprit in report.culprits] == [("tanh", "x")]


def _cut(x):
    return x.data if isinstance(x, Value | Tensor) else x


def test_raise_exception():
    with pytest.raises(GradcheckError, match="tanh of shape"):
        gradcheck(wrong_tanh, tensor(), raise_exception=True)
    with pytest.raises(AssertionError, match="VACUOUS"):
        gradgradcheck(lambda x: x * 2.0, tensor(), raise_exception=True)


def test_infinite_outputs_are_not_checked():
    assert "NaN or infinite here" in str(gradcheck(lambda x: x.log(), tensor([0.0, 1.0])))


# Randomness --------------------------------------------------------------------------------------------------------


def test_random_numbers_are_the_same_in_every_call_and_left_as_they_were():
    autograd.manual_seed(5)
    before = default_rng().bit_generator.state
    report = gradcheck(lambda x: x * autograd.randn(2, 2, dtype="float64"), tensor())
    assert report
    assert "the function draws random numbers" in str(report)
    assert default_rng().bit_generator.state == before


def test_what_differs_from_call_to_call_is_reported():
    report = gradcheck(lambda x: x * random.random(), tensor())
    assert not report
    assert "NONDETERMINISTIC" in str(report)


# Modules -----------------------------------------------------------------------------------------------------------


class Averaging(nn.Module):
    """Divides by its parameter, and keeps a running mean and a count."""

    def __init__(self):
        self.scale = nn.Parameter([1.5, 0.5])
        self.frozen = nn.Parameter([2.0, 3.0], requires_grad=False)
        self.running = Tensor([0.0, 0.0])
        self.calls = 0

    def forward(self, input):
        self.calls += 1
        self.running = self.running * 0.9 + input.detach().mean(dim=0) * 0.1
        return input / self.scale * self.frozen


def test_a_module_is_checked_with_its_parameters_and_left_as_it_was():
    module = Averaging()
    module.scale.grad = Tensor([7.0, 7.0])
    before = {name: (value, getattr(value, "raw", None)) for name, value in vars(module).items()}
    report = gradcheck(module, tensor())
    assert report
    assert report.inputs == ["input", "scale"]
    for name, (value, raw) in before.items():
        assert vars(module)[name] is value
        assert getattr(value, "raw", None) is raw
    assert module.scale.tolist() == [1.5, 0.5]
    assert (module.scale.dtype, module.scale.grad.tolist(), module.running.tolist()) == (np.float32, [7, 7], [0, 0])
    assert gradgradcheck(module, tensor())


def test_parameters_have_their_names_and_wrong_ones_are_found():
    class Wrong(nn.Module):
        def forward(self, input):
            return wrong_tanh(input)

    model = nn.Sequential(nn.Linear(2, 3), Wrong(), nn.Linear(3, 1))
    report = gradcheck(model, Tensor(X))
    assert {m.input for m in report.mismatches} == {"0.weight", "0.bias"}
    assert [culprit.operation for culprit in report.culprits] == ["tanh"]


def test_a_function_of_a_module_names_the_module():
    model = nn.Linear(2, 1)
    report = gradcheck(lambda x: F.mse_loss(model(x), Tensor(np.zeros((2, 1)))), [tensor()], module=model)
    assert report.inputs == ["x", "weight", "bias"]
    assert report


def test_what_a_function_refers_to_is_widened_too_and_put_back():
    model, y = nn.Linear(2, 1), Tensor([[1.0], [2.0]])
    report = gradcheck(lambda x: F.mse_loss(model(x), y), tensor())
    assert report
    assert report.inputs == ["x"]
    assert (model.weight.dtype, y.dtype) == (np.float32, np.float32)


def test_a_network_of_values():
    random.seed(3)
    network = nn.scalar.MLP(2, [2, 1])
    before = [(p.data, p.grad) for p in network.parameters()]
    report = gradcheck(network, [[Value(1.0), Value(-2.0)]], allow_zero=True)
    assert report
    assert report.inputs[0] == "parameter 0"
    assert [(p.data, p.grad) for p in network.parameters()] == before


# Optimizers --------------------------------------------------------------------------------------------------------


def model_and_loss():
    autograd.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    x, y = Tensor(X.tolist()), Tensor([[1.0], [0.0]])
    return model, lambda: F.mse_loss(model(x), y)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        lambda p: optim.SGD(p, lr=0.1, maximize=True),
        lambda p: optim.Adam(p, lr=0.01),
        lambda p: optim.Adam(p, lr=0.01, weight_decay=0.1, amsgrad=True),
    ],
)
def test_an_optimizers_steps_are_those_with_differences(make):
    model, loss = model_and_loss()
    optimizer = make(model.parameters())
    loss().backward()
    optimizer.step()
    before = [p.tolist() for p in model.parameters()], [p.grad.tolist() for p in model.parameters()], repr(optimizer)
    report = gradcheck(optimizer, loss, module=model)
    assert report, report
    assert report.inputs == ["0.weight", "0.bias", "2.weight", "2.bias"]
    after = [p.tolist() for p in model.parameters()], [p.grad.tolist() for p in model.parameters()], repr(optimizer)
    assert after == before


class Uphill(optim.SGD):
    def update(self, p, g, state, group):
        p += group["lr"] * g


class Greedy(optim.SGD):
    def update(self, p, g, state, group):
        g *= group["lr"]
        p -= g


class Idle(optim.SGD):
    def update(self, p, g, state, group):
        pass


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Uphill, "so that the loss grows: Uphill.update has a wrong sign"),
        (Greedy, "step 1 changed the gradient of parameter 0"),
        (Idle, "VACUOUS: parameter 0 has a gradient, but the first step does not move it"),
    ],
)
def test_a_wrong_update_rule_is_found(kind, words):
    model, loss = model_and_loss()
    report = gradcheck(kind([model[0].weight], lr=0.1), loss)  # of several, update() would see copies of the gradients
    assert not report
    assert words in str(report)


def test_an_optimizer_of_values_and_of_wrong_gradients():
    x = Value(0.4)
    assert gradcheck(optim.Adam([x], lr=0.1), lambda: (x * 3.0).tanh())
    report = gradcheck(optim.Adam([x], lr=0.1), lambda: wrong_tanh(x * 3.0))
    assert not report
    assert "after step 1 parameter 0 is" in str(report) or report.mismatches
    assert [culprit.operation for culprit in report.culprits] == ["tanh"]
