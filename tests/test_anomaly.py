"""detect_anomaly: the first NaN or infinity names the operation, the user's line, the shapes, the index, the values."""

import asyncio
import math
import pickle
import threading

import numpy as np
import pytest

import nn
from autograd import (
    AnomalyError,
    Tensor,
    Value,
    detect_anomaly,
    grad,
    graph,
    no_grad,
    origins,
    set_detect_anomaly,
    where,
)
from autograd.anomaly import is_looking
from autograd.rules import RULES


def zeros_among(requires_grad=True):
    return Tensor([[1.0, 2.0], [3.0, 0.0]], requires_grad=requires_grad)


def raised(function, *args):
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        function(*args)
    assert (graph.switched, is_looking(), origins.is_recording()) == (set(), False, False)
    return str(caught.value)


def test_forward():
    def loss(p):
        return p.log().mean()  # the user's line

    message = raised(loss, zeros_among())
    assert message.startswith("log: the result is -inf at index (1, 1) of shape (2, 2), where x[1, 1] = 0.0")
    assert "operands: x (2, 2) float32" in message
    assert f"{__file__}:{loss.__code__.co_firstlineno + 1} in loss: return p.log().mean()  # the user's line" in message
    assert "log_softmax" in message


def test_both_operands_with_their_own_indices():
    message = raised(lambda: zeros_among() / Tensor([[1.0], [0.0]]))
    assert "div: the result is inf at index (1, 0) of shape (2, 2), where x[1, 0] = 3.0, y[1, 0] = 0.0" in message
    assert "x (2, 2) float32, y (2, 1) float32" in message


def test_forward_outside_of_any_graph_and_in_place():
    assert "log: the result is -inf" in raised(lambda: zeros_among(requires_grad=False).log())
    assert "div: the result is inf" in raised(lambda: zeros_among(requires_grad=False).div_(0.0))
    with no_grad(), detect_anomaly(), pytest.raises(AnomalyError, match=r"test_anomaly\.py"):
        zeros_among().log()


def test_backward_names_the_forward_line_and_changes_nothing():
    x = zeros_among()

    def run():
        root = x.sqrt()  # forward
        (root * 2.0).sum().backward()

    message = raised(run)
    assert "sqrt: in the backward pass, the contribution to the gradient of x is inf at index (1, 1)" in message
    assert "the upstream gradient[1, 1] = 2.0, out[1, 1] = 0.0, x[1, 1] = 0.0" in message
    assert "the derivative is 0.5 / out" in message
    assert "in run: root = x.sqrt()  # forward" in message
    assert x.grad is None


def test_backward_of_values():
    x = Value(0.0)

    def run():
        y = x.sqrt() * 3.0
        y.backward()

    message = raised(run)
    assert "sqrt: in the backward pass" in message
    assert "the upstream gradient = 3.0, out = 0.0" in message
    assert "in run: y = x.sqrt() * 3.0" in message
    assert x.grad == 0.0


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_derivative_and_not_what_it_is_computed_with_is_named(create_graph):
    x = zeros_among()
    message = raised(lambda: grad(x.sqrt().sum(), x, create_graph=create_graph))
    assert message.startswith("sqrt: in the backward pass")


def test_second_derivatives_are_watched():
    x = Tensor([0.0], requires_grad=True)

    def run():
        (slope,) = grad((x**1.5).sum(), x, create_graph=True)
        grad(slope.sum(), x)

    assert "pow: in the backward pass" in raised(run)


def test_a_sum_of_finite_contributions():
    y = Tensor([1e-30], requires_grad=True)
    assert "each finite, are added up" in raised(lambda: (y * 3e38 + y * 3e38).sum().backward())
    assert "each finite, are added up" in raised(lambda: (y.expand(2, 1) * 3e38).sum().backward())


def test_a_graph_recorded_outside_says_so():
    loss = zeros_among().sqrt().sum()
    assert "a line not known; run the forward pass within detect_anomaly() too" in raised(loss.backward)


def test_infinities_that_were_given_are_allowed_and_nan_is_not():
    scores = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    mask = np.array([[True, False], [False, False]])
    with detect_anomaly():
        weights = scores.masked_fill(mask, -math.inf).softmax(1)
        (weights * weights).sum().backward()
        assert (scores + math.inf).max().item() == math.inf
        assert scores.clip(max=math.inf).sum().item() == 10.0
    assert np.isfinite(scores.grad.numpy()).all()
    assert "softmax: the result is nan" in raised(lambda: scores.masked_fill(~mask, -math.inf).softmax(1))
    assert "a NaN was given, not computed here" in raised(lambda: scores * Tensor([1.0, math.nan]))
    assert "an infinity was given" in raised(lambda: (scores + math.inf) * 0.0)


def test_an_overflow_beside_an_infinity_that_was_given():
    x = Tensor([math.inf, 1e38], requires_grad=True)
    assert "inf at index (1,)" in raised(lambda: x * 100.0)


def test_where_is_repaired_before_it_is_looked_at():
    x = Tensor([0.0, 4.0], requires_grad=True)
    with detect_anomaly():
        where(x > 0, x.sqrt(), 0.0).sum().backward()
    assert x.grad.tolist() == [0.0, 0.25]


def test_the_module_is_named():
    class Head(nn.Module):
        def forward(self, x):
            return x.log()

    message = raised(nn.Sequential(nn.ReLU(), Head()), zeros_among())
    assert "in module Sequential.1: return x.log()" in message
    assert "in Sequential.1.Head, called with Tensor (2, 2) float32" in message


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.elementwise], ids=lambda rule: rule.name)
def test_no_false_alarm_where_rows_are_sampled(rule):
    first = rule.samples[0]
    operands = [Tensor(np.resize(domain, len(first)), requires_grad=True) for domain in rule.samples]
    with detect_anomaly():
        out = Tensor.apply(rule, tuple(operands), rule.given)
        if out.requires_grad:
            grad(out.sum(), operands, create_graph=True, allow_unused=True)


def test_check_nan_false_keeps_the_lines_only():
    x = zeros_among()
    with detect_anomaly(check_nan=False):
        y = x.exp()
        assert x.log()[1, 1].item() == -math.inf
        with no_grad():
            y.zero_()
        with pytest.raises(RuntimeError, match=r"test_anomaly\.py") as caught:
            y.sum().backward()
    assert "y = x.exp()" in str(caught.value)


def test_set_detect_anomaly():
    set_detect_anomaly(True)
    try:
        set_detect_anomaly(True)
        with pytest.raises(AnomalyError):
            Value(0.0).log()
        with pytest.raises(AnomalyError), detect_anomaly():
            Value(0.0).log()
    finally:
        set_detect_anomaly(False)
    assert Value(0.0).log().data == -math.inf
    assert (graph.switched, origins.is_recording()) == (set(), False)


def test_it_holds_in_its_own_thread_only():
    found = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: found.append(Value(0.0).log().data))
        thread.start()
        thread.join()
    assert found == [-math.inf]


def test_it_holds_in_its_own_task_only():
    async def watched():
        with detect_anomaly():
            await asyncio.sleep(0.001)
            with pytest.raises(AnomalyError):
                Tensor([0.0]).log()
            await asyncio.sleep(0.002)
        return Tensor([0.0]).log().item()

    async def unwatched():
        return [Tensor([0.0]).log().item() for _ in range(4) if not await asyncio.sleep(0.001)]

    async def both():
        return await asyncio.gather(watched(), unwatched(), watched())

    assert asyncio.run(both()) == [-math.inf, [-math.inf] * 4, -math.inf]


def test_the_error_can_be_sent_to_another_process():
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        nn.Softmax(0)(Tensor([math.nan]))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_long_chain_of_values():
    x = Value(1.0)
    with detect_anomaly():
        y = x
        for _ in range(3_000):
            y = y * 1.0
        y.backward()
    assert x.grad == 1.0


def test_off_it_costs_a_look_at_one_number(monkeypatch):
    """Nothing of it runs: neither the checks nor the context variables are reached."""

    def never(*_):
        raise AssertionError("the check ran though nothing is switched on")

    for name in ("check_result", "check_backward", "is_looking"):
        monkeypatch.setattr(f"autograd.anomaly.{name}", never)
    monkeypatch.setattr("autograd.broadcasting.check", never)
    monkeypatch.setattr("autograd.origins.stamped", never)
    x, v = zeros_among(), Value(2.0)
    nn.Linear(2, 3)(x.log().exp()).sum().backward()
    (v.log() / 3).backward()
    assert v.grad == pytest.approx(1 / 6)
