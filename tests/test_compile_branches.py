"""`compile`: comparisons are checked by every replay; and one example's graph is replayed for a batch."""

import random
from contextlib import nullcontext

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import GraphError, ShapeError, Tensor, Value, compile
from autograd.compile.compiled import KEPT


def gradients(loss, parameters):
    for p in parameters:
        p.grad = 0.0
    loss.backward()
    return [p.grad for p in parameters]


# Branches ----------------------------------------------------------------------------------------------------------


def test_each_branch_is_recorded_once():
    f = compile(lambda x: x * 2 if x > 0 else x * x)
    for number, expected, recordings in ((3.0, 6.0, 1), (-2.0, 4.0, 2), (5.0, 10.0, 2), (-4.0, 16.0, 2)):
        x = Value(number)
        out = f(x)
        out.backward()
        assert (out.data, x.grad, f.recordings) == (expected, 2.0 if number > 0 else 2 * number, recordings)


def test_a_parameter_decides():
    w, limit = Value(1.0), Value(3.0)
    f = compile(lambda x: w * x if w < limit else limit * x)
    assert f(2.0).data == 2.0
    w.data = 5.0
    assert (f(2.0).data, f.recordings) == (6.0, 2)
    w.data, limit.data = 7.0, 8.0
    assert (f(2.0).data, f.recordings) == (14.0, 2)


def test_max_sorted_and_chains_of_comparisons():
    def function(xs):
        low, *_, high = sorted(xs)
        return max(xs) * 2 + low * high + (xs[0] if low <= xs[0] < high else xs[1] * 3)

    f, source = compile(function), np.random.default_rng(0)
    for _ in range(60):
        numbers = source.normal(size=3).tolist()
        given, plain = [Value(x) for x in numbers], [Value(x) for x in numbers]
        fast, slow = f(given), function(plain)
        assert fast.data == pytest.approx(slow.data, rel=1e-12)
        assert gradients(fast, given) == pytest.approx(gradients(slow, plain), rel=1e-12)
    assert f.recordings == 6  # orders of three


def test_a_comparison_of_what_is_not_returned_is_checked_too():
    f = compile(lambda x: 1.0 * x if (x * x).exp() - 3 >= x else -1.0 * x)
    for x in (0.0, 1.5, 0.1, 2.0, float("nan")):
        assert f(x).data == pytest.approx(x if np.exp(x * x) - 3 >= x else -x, nan_ok=True)
    assert f.recordings == 2


def test_branches_are_bounded_and_said():
    f, source = compile(lambda xs: sorted(xs)[3] * 1.0), np.random.default_rng(1)
    for k in range(3 * KEPT):
        numbers = source.normal(size=8).tolist()
        expected = (
            pytest.warns(RuntimeWarning, match="how its comparisons come out") if k == KEPT - 1 else nullcontext()
        )
        with expected:
            assert f(numbers).data == sorted(numbers)[3]
    assert sum(map(len, f._programs.values())) == KEPT


def test_a_value_is_compared_with_numbers_only():
    with pytest.raises(TypeError, match="not supported"):
        compile(lambda x: x if x > "a" else -x)(1.0)
    with pytest.raises(GraphError, match=r"test_compile_branches.py:\d+.*looks at a Value's number"):
        compile(lambda x: x if float(x.data) > 0 else -x)(1.0)


# A batch -----------------------------------------------------------------------------------------------------------


def network():
    random.seed(0)
    model = nn.scalar.MLP(3, [4, 4, 1])
    source = np.random.default_rng(0)
    X = source.normal(size=(10, 3))
    return model, X, np.sign(X[:, 0])


def test_a_batch_is_the_mean_the_sum_or_each_of_its_examples():
    model, X, y = network()
    parameters = model.parameters()

    def hinge(x, target, scale=1.0):
        return (1 - target * model(x) * scale).relu() + 0.01 * sum(p * p for p in parameters)

    each = [hinge(list(map(float, x)), float(t)) for x, t in zip(X, y, strict=True)]
    expected = sum(each)
    slopes = np.array(gradients(expected, parameters))
    for reduction, total in (("mean", 10), ("sum", 1)):
        f = compile(hinge, in_axes=(0, 0), reduction=reduction)
        for _ in range(2):
            loss = f(X, y)
            assert loss.data == pytest.approx(expected.data / total, rel=1e-13)
            np.testing.assert_allclose(gradients(loss, parameters), slopes / total, rtol=1e-12, atol=1e-14)
        assert f.recordings == 1
        assert f(X[:4], y[:4]).data == pytest.approx(sum(x.data for x in each[:4]) / (4 if total > 1 else 1))
        assert f.recordings == 2
    losses = compile(hinge, in_axes=0, reduction="none")(X, y)
    assert [x.data for x in losses] == pytest.approx([x.data for x in each], rel=1e-13)
    assert gradients(losses[7], parameters) == pytest.approx(gradients(each[7], parameters), rel=1e-12)


def test_what_examples_share_and_other_axes():
    w = Value(2.0)
    f = compile(lambda x, shared, pair: (w * x[0] + shared) * pair[1] + shared, in_axes=(1, None, 0), reduction="sum")
    X, pairs, shared = np.arange(6.0).reshape(2, 3), [[0.0, 1.0], [0.0, 2.0], [0.0, -1.5]], Value(0.5)
    for _ in range(2):
        loss = f(X, shared, pairs)
        assert loss.data == sum((2 * x + 0.5) * p[1] + 0.5 for x, p in zip(X[0], pairs, strict=True))
        assert gradients(loss, [w, shared]) == [sum(x * p[1] for x, p in zip(X[0], pairs, strict=True)), 1.5 + 3]
    assert f(X, 0.5, pairs).data == loss.data
    alone = compile(lambda x: w * 3, in_axes=0)(np.ones(4))
    assert (alone.data, gradients(alone, [w])) == (6.0, [3.0])
    assert [x.data for x in compile(lambda x: w * 3, in_axes=0, reduction="none")(np.ones(2))] == [6.0, 6.0]


def test_examples_take_one_branch():
    f = compile(lambda x: x * 2 if x > 0 else x * x, in_axes=0)
    assert f(np.array([1.0, 2.0])).data == 3.0
    assert f(np.array([-1.0, -2.0])).data == 2.5
    with pytest.raises(GraphError, match="the examples of a batch take different branches"):
        f(np.array([1.0, -2.0]))


def test_within_detect_anomaly_a_batch_is_a_loop():
    w = Value(2.0)
    f = compile(lambda x, y: w * x + y, in_axes=(0, None))
    with autograd.detect_anomaly():
        assert f(np.arange(3.0), 1.0).data == 3.0
    g = compile(lambda x: w / x, in_axes=0, reduction="none")
    with autograd.detect_anomaly(), pytest.raises(autograd.AnomalyError, match="div"):
        g(np.array([1.0, 0.0]))[1].backward()


@pytest.mark.parametrize(
    ("args", "in_axes", "words"),
    [
        ((np.ones(3), np.ones(2)), 0, "they must be as many"),
        ((np.ones(3),), (0, 0), "for 1 arguments"),
        ((np.ones(3),), 1, r"its shape is \(3,\)"),
        ((1.0,), 0, r"its shape is \(\)"),
        (([Value(1.0)],), 0, "needs an array of floats"),
        ((np.ones(3),), (None,), "must be as many"),
        ((np.ones((0, 3)),), 0, "must be as many"),
    ],
)
def test_wrong_batches(args, in_axes, words):
    with pytest.raises((ShapeError, autograd.DtypeError), match=words):
        compile(lambda *xs: xs[0], in_axes=in_axes)(*args)
    with pytest.raises(ValueError, match="it is 'mean', 'sum' or 'none'"):
        compile(abs, reduction="average")


# Functions of Tensors -----------------------------------------------------------------------------------------------


def halved_until_small(x):
    while x.norm() > 1:
        x = x / 2
    return x


def finite(x):
    assert x.isfinite().all(), "a number is not finite"
    return x * x


X, Y = [1.0, -2.0, 0.5], [3.0, 1.0, 2.0]
SCORES, OTHERS = np.random.default_rng(0).normal(size=(2, 4, 3))


@pytest.mark.parametrize(
    ("function", "calls", "recordings"),
    [
        (lambda x: x * 2 if x.sum() > 0 else x * x, ([X], [Y], [X], [Y]), 2),
        (lambda x: x.exp() if (x > 0).all() else -x, ([X], [Y], [X]), 2),
        (lambda x: x.exp() if 0.5 in x else -x, ([X], [Y]), 2),
        (lambda x, y: x * y if autograd.equal(x, y) else x + y, ([X, X], [X, Y], [Y, Y]), 2),
        (lambda x, y: x * y if x.allclose(y) else x + y, ([X, X], [X, Y], [Y, Y]), 2),
        (lambda x: x * x if x[0] > x[1] and x[1] > x[2] else x.exp(), ([X], [Y], [[3.0, 2.0, 1.0]], [X]), 2),
        (lambda x: sorted(x)[1] * 2.0, ([X], [Y], [[3.0, 2.0, 1.0]], [X]), 2),
        (halved_until_small, ([X], [[0.1, 0.2, 0.3]], [[8.0, 8.0, 8.0]], [X]), 3),
        (finite, ([X], [[np.inf, 1.0, 1.0]], [X]), 1),
        (lambda x: F.binary_cross_entropy(x, x.detach()), ([[0.1, 0.9]], [[0.2, 0.3]], [[0.2, 1.3]]), 1),
        (lambda x, y: F.mse_loss(x, y), ([X, Y], [Y, X], [X, [np.nan, 1.0, 1.0]]), 1),
        (lambda x, y: F.hinge_loss(x, y), ([[0.1, 0.9], [1.0, -1.0]], [[0.1, 0.9], [1.0, 0.0]]), 1),
        (lambda x, y: F.gaussian_nll_loss(x, x, y), ([X, Y], [Y, Y], [Y, X]), 1),
    ],
)
def test_a_question_about_tensors_is_asked_again(function, calls, recordings):
    f = compile(function)
    for call in calls:
        alike(f, function, call)
    assert f.recordings == recordings


@pytest.mark.parametrize(
    ("function", "calls", "recordings"),
    [
        (F.cross_entropy, ([0, 1, 2, 1], [2, 2, 0, 1], [2, -100, 0, 1], [-1, 0, 0, 0], [3, 0, 0, 0]), 2),
        (lambda x, y: F.cross_entropy(x, y, ignore_index=0), ([1, 2, 1, 2], [1, 2, 0, 0], [0, 2, 0, 1]), 2),
        (lambda x, y: F.nll_loss(x, y, reduction="sum"), ([0, 1, 2, 1], [2, -100, 0, 1], [-1, 0, 0, 0]), 2),
        (
            lambda x, y: F.cross_entropy(x, y, Tensor([1.0, 2.0, 3.0]), 1, label_smoothing=0.1),
            ([0, 1, 2, 1], [1, 2, 0, 0], [0, 2, 0, 2], [0, -1, 0, 0]),
            2,
        ),
        (lambda x, y: F.cross_entropy(x.T[None], y[None]), ([0, 1, 2, 1], [2, 2, 0, 1], [2, -100, 0, 1]), 2),
        (F.multi_margin_loss, ([0, 1, 2, 1], [1, 2, 0, 0], [-1, 2, 0, 0]), 1),
        (lambda x, y: F.embedding(y, x), ([0, 1], [3, 1], [-1, 0], [4, 0]), 1),
        (lambda x, y: F.embedding(y, x, padding_idx=0), ([0, 1], [3, 1], [1, 0], [-1, 0]), 1),
        (lambda x, y: x * F.one_hot(y, 3), ([0, 1, 2, 1], [1, 2, 0, 0], [1, 3, 0, 0]), 1),
        (lambda x, y: x.gather(1, y[:, None]), ([0, 1, 2, 1], [1, 2, 0, 0], [-1, 0, 0, 0], [3, 0, 0, 0]), 1),
        (lambda x, y: x.index_select(0, y), ([0, 1], [3, 2], [-1, 0], [4, 0]), 1),
        (lambda x, y: x.take_along_dim(y[:, None], 0), ([0, 1], [3, 2], [-1, 0], [-4, 3], [4, 0]), 2),
        (lambda x, y: x.take(y), ([0, 1], [-12, 2], [12, 0], [-13, 0]), 1),
    ],
)
def test_places_and_classes_are_checked_again(function, calls, recordings):
    f = compile(function)
    for places in calls:
        for scores in (SCORES, OTHERS):
            alike(f, function, (scores, places))
    assert f.recordings == recordings


def alike(compiled, function, arrays):
    """Both give the same value and gradients, or the same error."""
    found = []
    for f in (compiled, function):
        given = [Tensor(x, requires_grad=np.asarray(x).dtype.kind == "f") for x in arrays]
        try:
            out = f(*given)
            out.backward(Tensor(np.ones(out.shape)))
            found.append([out.numpy(), *(x.grad.numpy() for x in given if x.grad is not None)])
        except (AssertionError, LookupError, ValueError) as error:
            found.append(str(error))
    assert type(found[0]) is type(found[1])
    if isinstance(found[0], str):
        assert found[0] == found[1]
    else:
        for a, b in zip(*found, strict=True):
            np.testing.assert_allclose(a, b, 1e-12, 1e-15)


def test_a_loop_that_never_goes_the_same_way_warns():
    f = compile(halved_until_small)
    for k in range(KEPT - 1):
        assert f(Tensor([2.0**k])).item() == 1.0
    with pytest.warns(RuntimeWarning, match="16 calls in a row were recorded"):
        f(Tensor([2.0**KEPT]))
