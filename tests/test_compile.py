"""`compile`: the same numbers and gradients as the function itself, from a recording; what it cannot repeat is said."""

import copy
import doctest
import gc
import pickle
import random
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import GraphError, Value, compile, grad, graph, no_grad
from autograd.compile.compiled import KEPT
from autograd.compile.numbers import Numbers
from autograd.compile.place import Place
from autograd.compile.plan import Plan
from autograd.compile.steps import Elementwise, Matrix, Sums
from autograd.rules import RULES
from demos.moons import loss_of_scalars
from tests import test_programs
from tests.programs import ELEMENTWISE, grown
from tests.test_programs import VOCABULARY, attention, linear, rmsnorm, weights


def plan_of(compiled) -> Plan:
    assert compiled.plan is not None
    return compiled.plan


def leaves(numbers):
    return [Value(float(x)) for x in numbers]


def agree(compiled, function, args, parameters=()):
    """One call of each: equal results, equal gradients of the arguments and of the parameters."""
    results = []
    for f in (compiled, function):
        given = [Value(x) for x in args]
        for p in parameters:
            p.grad = 0.0
        out = f(*given)
        out.backward()
        results.append([out.data, *(x.grad for x in given), *(p.grad for p in parameters)])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12, atol=1e-12)
    return results[0][0]


# The same as the function ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed):
    program = grown(seed, 30)
    source = np.random.default_rng(seed)

    def function(*xs):
        return program.run(xs)

    compiled = compile(function)
    agree(compiled, function, program.leaves)
    for _ in range(2):
        agree(compiled, function, program.leaves + source.uniform(-1e-3, 1e-3, len(program.leaves)))
    assert compiled.recordings == 1


@pytest.mark.parametrize("name", ["clamp", "leaky_relu", "elu", "softplus", "nan_to_num", "hardtanh"])
def test_a_changing_parameter_is_an_operand_or_refused(name):
    """A float argument is a Value while recording; frozen within an operation it may not be."""
    function = getattr(autograd, name, None) or getattr(nn.functional, name)
    f = compile(lambda x, parameter: function(x, parameter))
    try:
        f(0.7, 0.5)
    except (GraphError, autograd.DtypeError):
        return
    for parameter in (0.3, 0.9, 1.9):
        assert f(0.7, parameter).data == function(Value(0.7), parameter).data


@pytest.mark.parametrize("seed", range(30))
def test_random_programs_over_a_batch(seed):
    """The same operations many times, on some leaves of their own and some that all share; and products across."""
    program = grown(seed, 12)
    source = np.random.default_rng(seed)
    points, shared = 5, int(source.integers(0, 3))
    spread = [Value(x) for x in source.uniform(-1, 1, 3)]

    def function(*xs):
        common, own = xs[:shared], np.reshape(np.array(xs[shared:], object), (points, 3 - shared))
        outs = [program.run([*common, *row]) for row in own]
        crossed = [sum(w * (out + x) for w, x in zip(spread, row, strict=False)) for out in outs for row in own]
        return sum(outs) + sum(z.tanh() for z in crossed) / len(crossed)

    compiled = compile(function)
    start = [*program.leaves[:shared], *(program.leaves[shared:] * points)]
    for _ in range(2):
        agree(compiled, function, start + source.uniform(-1e-3, 1e-3, len(start)), spread)
        for w in spread:
            w.data += 0.1
    assert compiled.recordings == 1


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_every_row_at_its_samples_and_kinks(rule):
    """A group of one row: several operands at once, two Values, a Value and a number."""
    points = np.array(np.meshgrid(*rule.samples)).reshape(len(rule.samples), -1).T
    if len(rule.samples) == 1:
        points = np.concatenate([points, np.reshape(rule.kinks, (-1, 1))])

    def applied(*operands):
        return graph.apply(rule, operands, rule.given)

    def function(*xs):
        rows = np.reshape(np.array(xs, object), points.shape)
        outs = [applied(*row) for row in rows]
        if len(rule.samples) == 2:
            outs += [applied(x, float(b)) for (x, _), (_, b) in zip(rows, points, strict=True)]
            outs += [applied(float(a), y) for (_, y), (a, _) in zip(rows, points, strict=True)]
        return sum(weight * out for weight, out in enumerate(outs, 1))

    agree(compile(function), function, points.ravel())


def softmax(logits):
    exps = [logit.exp() for logit in logits]
    total = sum(exps)
    return [e / total for e in exps]


def test_a_gpt_over_names_has_one_recording_for_each_length(monkeypatch):
    """The rows of the table are arguments: leaves that change from call to call, and get their gradients."""
    monkeypatch.setattr(test_programs, "softmax", softmax)  # that one looks at the numbers
    fast_w, slow_w = weights(Value), weights(Value)

    def loss_of(w, rows, targets):
        losses, keys, values = [], [], []
        for row, positional, target in zip(rows, w["wpe"], targets, strict=False):
            x = rmsnorm([a + b for a, b in zip(row, positional, strict=True)])
            x = [a + b for a, b in zip(x, attention(rmsnorm(x), w, keys, values), strict=True)]
            shares = softmax(linear(x, w["lm_head"]))
            losses.append(-sum(p * t for p, t in zip(shares, target, strict=True)).log())
        return sum(losses) / len(losses)

    fast_loss_of = compile(lambda rows, targets: loss_of(fast_w, rows, targets))
    for tokens in ([0, 3, 5, 1, 0], [0, 2, 0], [0, 6, 6, 4, 0], [0, 1, 0]):
        losses = []
        for w, f in ((fast_w, fast_loss_of), (slow_w, lambda rows, targets: loss_of(slow_w, rows, targets))):
            loss = f([w["wte"][token] for token in tokens[:-1]], np.eye(VOCABULARY)[tokens[1:]])
            loss.backward()
            for p in (p for matrix in w.values() for row in matrix for p in row):
                p.data -= 0.1 * p.grad
                p.grad = 0.0
            losses.append(loss.data)
        assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    assert fast_loss_of.recordings == 2
    assert len(plan_of(fast_loss_of).steps) < 40


@pytest.mark.parametrize("batch", [1, 7])
def test_a_network_trains_as_without(batch):
    source = np.random.default_rng(0)
    X, y = source.normal(size=(batch, 3)), source.choice([-1.0, 1.0], batch)
    curves = []
    for f in (compile(loss_of_scalars), loss_of_scalars):
        random.seed(4)
        model, losses = nn.scalar.MLP(3, (5, 4, 1)), []
        for k in range(6):
            loss = f(model, X + 0.1 * k, y)
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.3 * p.grad
            losses.append(loss.data)
        curves.append([*losses, *(p.data for p in model.parameters())])
        if f is not loss_of_scalars:
            assert f.recordings == 1
            sizes = [step.shape[1:] for step in plan_of(f).steps if isinstance(step, Matrix)]
            assert {(4, batch), (5, batch)} <= set(sizes)
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b, c: a,
        lambda a, b, c: a + b,
        lambda a, b, c: a + a + a,
        lambda a, b, c: a * a + b * b + c * c,
        lambda a, b, c: a * b + b * a,
        lambda a, b, c: (a + b) + (a + b),
        lambda a, b, c: (s := a + b) * s + s,
        lambda a, b, c: (p := a * b) + p + c,
        lambda a, b, c: sum([a, b, c]) + 0.0 + 0,
        lambda a, b, c: 0.0 + a,
        lambda a, b, c: sum(a * x for x in (a, b, c)) * sum(b * x for x in (a, b, c)),
        lambda a, b, c: sum(x * y for x in (a, b, c) for y in (a, b, c)),
        lambda a, b, c: sum((a * x + b * x).tanh() for x in (a, b, c, 2 * a, 3 * b)),
        lambda a, b, c: sum((x * w + b * v).exp() for x, v in ((a, b), (b, c)) for w in (0.5, c, a)),
        lambda a, b, c: sum((1.0 * a + 2.0 * b + x).tanh() for x in (a, b, c, a)),
        lambda a, b, c: sum((a - 1) ** 2 for _ in range(5)),
        lambda a, b, c: a.square() + b.square(),
        lambda a, b, c: (a / b - c) / (a % 0.7 + 2 ** (-b)),
        lambda a, b, c: autograd.clamp(a, -0.1, 0.1) + b.clamp(min=0.0) + autograd.softplus(c),
    ],
)
def test_small_functions(function):
    compiled = compile(function)
    for numbers in ([0.3, -0.7, 1.1], [2.0, 0.5, -0.25], [0.0, 1.0, 1.0]):
        agree(compiled, function, numbers)
    assert compiled.recordings == 1


def test_a_block_of_examples_is_one_matrix_product():
    W = [leaves(row) for row in np.arange(6.0).reshape(2, 3)]
    compiled = compile(
        lambda X: sum((sum(w * x for w, x in zip(row, xs, strict=True))).tanh() for xs in X for row in W)
    )
    compiled(np.ones((5, 3)))
    assert list(map(type, plan_of(compiled).steps)) == [Matrix, Elementwise, Sums]
    assert repr(plan_of(compiled)) == "2 x 3 times 3 x 5\ntanh of 10\n1 sums of 0 products"


def test_causal_attention_has_blocks_of_several_sizes():
    def function(*xs):
        rows = [xs[k : k + 3] for k in range(0, len(xs), 3)]
        out = 0.0
        for t, q in enumerate(rows):
            scores = [sum(a * b for a, b in zip(q, k, strict=True)).exp() for k in rows[: t + 1]]
            total = sum(scores)
            out = out + sum((s / total) * k[0] for s, k in zip(scores, rows, strict=False))
        return out

    agree(compile(function), function, np.random.default_rng(0).normal(size=36))


def test_infinite_and_undefined_numbers():
    def function(a, b):
        return a.log() + 1 / b + (a * b).exp()

    compiled = compile(function)
    for numbers in ([0.0, 1.0], [1.0, 0.0], [-1.0, 2.0], [1e3, 1e3], [np.inf, 1.0], [np.nan, 1.0]):
        agree(compiled, function, numbers)


# Leaves, gradients and graphs --------------------------------------------------------------------------------------


def test_gradients_accumulate_and_earlier_results_stay_good():
    w = Value(3.0)
    f = compile(lambda x: w * w * x)
    first, second = f(2.0), f(5.0)
    w.data = 100.0
    first.backward()
    assert w.grad == 12.0
    second.backward()
    assert w.grad == 12.0 + 30.0
    second.backward(2.0)
    assert w.grad == 42.0 + 60.0
    assert (first.data, second.data) == (18.0, 45.0)


def test_two_losses_share_a_recording():
    w, v = Value(3.0), Value(4.0)
    f = compile(lambda x: {"a": (w * x).exp(), "b": [w * v + x, "text", 3, x]})
    out = f(0.5)
    out["b"][0].backward()
    assert (w.grad, v.grad) == (4.0, 3.0)
    (out["a"] * 2 + out["b"][0]).backward()
    assert v.grad == 6.0
    assert w.grad == pytest.approx(4 + 4 + 2 * 0.5 * np.exp(1.5), rel=1e-14)
    assert out["b"][1:3] == ["text", 3]
    assert f(7.0)["b"][3].data == 7.0


def test_an_infinite_slope_of_one_output_leaves_the_other_alone():
    x = Value(0.0)
    root, twice = compile(lambda x: (x.sqrt(), x * 2 + x * x))(x)
    twice.backward()
    assert x.grad == 2.0
    root.backward()
    assert x.grad == np.inf


def test_the_graph_goes_on_before_and_behind():
    a = Value(2.0)
    f = compile(lambda x: x * x)
    loss = f(f(a * 3.0) + 1) * 0.5
    loss.backward()
    expected = Value(2.0)
    h = (expected * 3.0) ** 2 + 1
    (h * h * 0.5).backward()
    assert (loss.data, a.grad) == (684.5, expected.grad)
    assert f.recordings == 1
    (again,) = grad(f(a * 3.0) * 2, a)
    assert again.data == 72.0
    with pytest.raises(GraphError, match="first derivatives only"):
        grad(f(a), a, create_graph=True)


def test_a_result_from_before_is_a_leaf_with_a_past():
    a = Value(2.0)
    h = a * a
    f = compile(lambda x: h * x)
    f(3.0).backward()
    assert (a.grad, h.grad) == (12.0, 3.0)
    a.data = 50.0
    assert f(3.0).data == 12.0  # as without: h was computed when a was 2


def test_an_argument_that_is_also_referred_to():
    w = Value(2.0)
    f = compile(lambda x: w * x + x)
    f(w).backward()
    assert w.grad == 5.0
    x = Value(10.0)
    w.grad = 0.0
    out = f(x)
    out.backward()
    assert (out.data, w.grad, x.grad, f.recordings) == (30.0, 10.0, 3.0, 1)


def test_derivatives_within_a_compiled_function():
    def penalised(a, b):
        loss = (a * b).exp() + a**3
        slopes = grad(loss, (a, b), create_graph=True)
        return loss + sum(slope * slope for slope in slopes)

    f = compile(penalised)
    for numbers in ([0.3, 0.5], [-0.7, 1.2]):
        agree(f, penalised, numbers)
    assert f.recordings == 1


def test_no_grad_outside_and_inside():
    w = Value(2.0)
    f = compile(lambda x: w * x)
    with no_grad():
        assert f(3.0).parents == ()
    f(3.0).backward()
    assert w.grad == 3.0

    def half_blind(x):
        with no_grad():
            scale = (w * w + x).exp()
        return w * scale + x

    f = compile(half_blind)
    for number in (0.1, 0.2):
        assert agree(f, half_blind, [number], [w])
    assert f.recordings == 1


def test_everything_is_freed():
    w = Value(2.0)
    f = compile(lambda x: (w * x).exp())
    out = f(1.0)
    run = weakref.ref(out.left.run)
    gc.disable()
    try:
        del out
        assert run() is None
    finally:
        gc.enable()
    plan = weakref.ref(plan_of(f).steps[0])
    del f
    gc.collect()
    assert plan() is None


# Another recording -------------------------------------------------------------------------------------------------


def test_what_makes_another_recording():
    f = compile(lambda xs, n=2, how="sum": sum(xs) ** n if how == "sum" else xs[0] * n)
    calls = [
        (([1.0, 2.0],), {}, 9.0, 1),
        (([2.0, 2.0],), {}, 16.0, 1),
        (([1.0, 2.0, 3.0],), {}, 36.0, 2),
        (([1.0, 2.0], 3), {}, 27.0, 3),
        (([1.0, 2.0],), {"n": 3}, 27.0, 4),
        (([1.0, 2.0], 3), {"how": "first"}, 3.0, 5),
        ((np.array([1.0, 2.0]),), {}, 9.0, 6),
        ((np.array([2.0, 3.0]),), {}, 25.0, 6),
        (([Value(1.0), 2.0],), {}, 9.0, 7),
        (((1.0, 2.0),), {}, 9.0, 8),
        (([1.0, 2.0], 2.0), {}, 9.0, 9),
        (([1.0, 2.0], 3.0), {}, 27.0, 9),
        (([1, 2.0],), {}, 9.0, 10),
        (([2, 2.0],), {}, 16.0, 11),
        ((np.array([1, 2]), True), {}, 3, 12),
        (([1.0, 2.0],), {}, 9.0, 12),
    ]
    for args, kwargs, expected, recordings in calls:
        out = f(*args, **kwargs)
        assert (out.data if isinstance(out, Value) else out) == expected
        assert f.recordings == recordings


def test_the_recordings_kept_are_bounded():
    f = compile(lambda x, n: x * n)
    for n in range(KEPT + 5):
        assert f(2.0, n).data == 2.0 * n
        f(3.0, n)
    assert len(f._programs) == KEPT
    assert f(2.0, KEPT + 4).data == 2.0 * (KEPT + 4)
    assert f.recordings == KEPT + 5
    assert f(2.0, 0).data == 0.0
    assert f.recordings == KEPT + 6


def test_recordings_that_are_never_replayed_are_said():
    f = compile(lambda x, n: x * n)
    for n in range(KEPT - 1):
        f(2.0, n)
    with pytest.warns(RuntimeWarning, match=r"<compiled .*: 16 calls in a row were recorded and none replayed") as said:
        f(2.0, KEPT)
    assert said[0].filename == __file__
    f(2.0, KEPT + 1)  # said once


def test_objects_count_by_which_they_are():
    models = [nn.scalar.MLP(2, (3, 1)) for _ in range(2)]
    f = compile(lambda model, x: model(x))
    for model in (*models, *models):
        assert f(model, [0.5, -0.5]).data == pytest.approx(model([0.5, -0.5]).data, rel=1e-14)
    assert f.recordings == 2


def test_names_that_come_to_mean_something_else():
    rate, data, w, scale = 0.5, np.array([1.0, 2.0]), Value(3.0), {"rate": 1.0}

    def penalty(x):
        return rate * x

    def function(x):
        return w * penalty(x) + data[0] + scale["rate"]

    f = compile(function)
    for expected in (5.0, 1):
        assert f(2.0).data == expected if isinstance(expected, float) else f.recordings == expected
    rate = 1.0
    assert (f(2.0).data, f(4.0).data, f.recordings) == (8.0, 14.0, 2)
    w = Value(4.0)
    assert (f(2.0).data, f.recordings) == (10.0, 3)
    data[0] = 5.0
    assert (f(2.0).data, f.recordings) == (14.0, 4)
    data = data + 1
    assert (f(2.0).data, f(2.0).data, f.recordings) == (15.0, 15.0, 5)
    rate, rebound = 0.5 + 0.5, w
    w = rebound
    assert (f(2.0).data, f.recordings) == (15.0, 5)


def test_methods_and_names():
    class Scaled:
        def __init__(self, scale):
            self.scale = Value(scale)

        @compile
        def loss(self, x):
            """The loss."""
            return self.scale * x

    assert (Scaled(2.0).loss(3.0).data, Scaled(4.0).loss(3.0).data) == (6.0, 12.0)
    assert (Scaled.loss.__name__, Scaled.loss.__doc__, Scaled.loss.recordings) == ("loss", "The loss.", 2)


def test_arrays_arrive_as_arrays():
    f = compile(lambda X: sum(X[:, 0] * X[:, 1]) + X.T[0, 0] + Value(X[0, 0]))
    X = np.arange(6.0, dtype=np.float32).reshape(3, 2) + 0.5
    assert f(X).data == f(X.T.copy().T).data == (X[:, 0] * X[:, 1]).sum() + 1.0
    assert f(np.asfortranarray(X)).data == f(X).data


def test_a_compiled_function_in_another():
    inner = compile(lambda x: x * x)
    outer = compile(lambda x: inner(x) + 1)
    assert (outer(3.0).data, outer(4.0).data) == (10.0, 17.0)


def test_threads_share_a_compiled_function():
    w = Value(2.0)
    f = compile(lambda x, n: sum(w * x for _ in range(n)))
    wrong = []

    def work(k):
        for i in range(50):
            x, n = float(k + i), 1 + (k + i) % 3
            if f(x, n).data != 2 * x * n or (Value(x) * 2).data != 2 * x:
                wrong.append((k, i))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong
    assert type(vars(Value)["data"]).__name__ == "member_descriptor"


# What is refused ---------------------------------------------------------------------------------------------------

w0 = Value(1.5)


class Holder:
    def __init__(self, x):
        self.x = x


def swallowing(x):
    try:
        return x * 2 if x.data > 0 else x
    except RuntimeError:
        return x


source0, own = np.random.default_rng(0), random.Random(0)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x * 2 if x.data > 0 else x, "its .data"),
        (lambda x: max(y.data for y in [x, w0]) * x, "its .data"),
        (lambda x: x * w0.item(), "its .data"),
        (lambda x: x * w0.raw, "its .data"),
        (lambda x: (x * w0).backward(), "call it on the result|do it outside"),
        (lambda x: x * w0.grad, "its .grad"),
        (lambda x: setattr(w0, "data", 2.0), "sets a Value's .data"),
        (lambda x: setattr(w0, "grad", 0.0), "sets a Value's .grad"),
        (lambda x: x * random.random(), "random"),
        (lambda x: x * np.random.rand(), "random"),
        (lambda x: x * float(autograd.rand(()).item()), "random"),
        (lambda x: x * source0.random(), "random"),
        (lambda x: x * own.random(), "random"),
        (lambda x: swallowing(x), "its .data"),
        (lambda x: grad(x * x, x)[0] * x, "its .data"),
        (lambda x: {x}, "returns a set"),
        (lambda x: Holder(x), "returns a Holder"),
        (lambda x: graph.apply(RULES["leaky_relu"], (w0,), (x,)), "gives leaky_relu a Value as its negative_slope"),
        (lambda x: Value(3.0), "made of a number"),
    ],
)
def test_what_a_replay_could_not_repeat(function, words):
    f = compile(function)
    before = (w0.data, w0.grad)
    with pytest.raises(GraphError, match=words) as raised:
        f(Value(1.0))
    assert str(raised.value).startswith("compile: ")
    if "Value" in str(raised.value) and "return" not in str(raised.value):
        assert "test_compile.py:" in str(raised.value)
        assert "function(x)" not in str(raised.value)
    assert (w0.data, w0.grad, f.recordings) == (*before, 0)
    assert (w0.data * 2, max([w0, Value(0.0)]) is w0) == (3.0, True)  # and the watch is over
    assert type(vars(Value)["data"]).__name__ == "member_descriptor"


def test_what_is_compiled_is_a_function():
    with pytest.raises(TypeError, match="needs a function"):
        compile(3)


def test_iterators_are_refused():
    f = compile(lambda pairs: sum(a * b for a, b in pairs))
    with pytest.raises(GraphError, match="a zip can be gone through once only; give a list"):
        f(zip([1.0, 2.0], [3.0, 4.0], strict=True))
    assert f(list(zip([1.0, 2.0], [3.0, 4.0], strict=True))).data == 11.0


def test_the_page_is_right():
    page = Path(__file__).parents[1] / "docs" / "compile.md"
    assert doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS).failed == 0


def test_a_copy_records_for_itself():
    f = compile(loss_of_scalars)
    for g in (copy.deepcopy(f), pickle.loads(pickle.dumps(f))):
        assert (g.function, g.recordings) == (loss_of_scalars, 0)


def test_it_is_drawn_as_one_box():
    x = Value(2.0, label="x")
    boxes = autograd.draw(compile(lambda x: x.exp() * x)(x) + 1).picture.boxes
    assert sorted(box.symbol for box in boxes) == ["", "", "+", "compiled"]  # x and 1


def test_printing_is_no_reading(capsys):
    f = compile(lambda x: (print(x), x * 2)[1])
    assert (f(1.0).data, f(2.0).data) == (2.0, 4.0)
    assert capsys.readouterr().out == "Value(data=1.0, grad=0.0)\n"


def test_an_error_of_the_function_is_its_own():
    f = compile(lambda x: x * {}["missing"])
    with pytest.raises(KeyError, match="missing"):
        f(1.0)
    assert not f._programs


def test_looking_for_anomalies_runs_the_function_itself():
    f = compile(lambda x: x.log() + w0)
    f(1.0)
    with autograd.detect_anomaly(), pytest.raises(Exception, match="log"):
        f(Value(-1.0))


# Places ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("positions", "block"),
    [
        (np.arange(4, 10), True),
        (np.arange(4, 10).reshape(2, 3).T, True),
        (np.arange(24).reshape(2, 3, 4).transpose(1, 2, 0), True),
        (np.full((3, 4), 5), True),
        (np.repeat(np.arange(3), 4).reshape(3, 4), True),
        (np.arange(0, 12, 2), False),
        (np.array([[1, 2], [2, 1]]), False),
        (np.array([3, 3, 4]), False),
    ],
)
def test_places(positions, block):
    place, source = Place(positions), np.random.default_rng(0)
    assert (place.block is not None) == block
    numbers = Numbers({}, 30, 30, (), ())  # of a plan of 30 leaves and no steps
    seen = []
    reading = numbers._written([lambda numbers: seen.append(numbers.whole(place).value)])
    for contribution in (source.normal(size=positions.shape), np.array(2.0), np.ones((1,) * positions.ndim)):
        numbers.values[:] = source.normal(size=30)
        reading()
        np.testing.assert_array_equal(seen[0], numbers.values[positions])
        for times in (1, 2):  # the first contribution may be written, and the second is added
            numbers._touched[:], numbers.grads[:] = False, 0.0
            pulls = [lambda numbers, it=contribution: numbers.pull(place, numbers.lines.ref(it))] * times
            numbers._written(pulls)()
            expected = np.zeros(30)
            np.add.at(expected, positions, contribution)
            np.testing.assert_allclose(numbers.grads, times * expected, rtol=1e-14)


def test_every_row_of_values_is_tested_above():
    assert {rule.name for rule in RULES.values() if rule.elementwise} == {rule.name for rule in ELEMENTWISE}


def test_the_garbage_collector_rests_while_a_function_is_recorded():
    import gc

    seen = []

    def f(x):
        seen.append(gc.isenabled())
        return x * x

    assert gc.isenabled()
    compile(f)(2.0)
    assert seen == [False]
    assert gc.isenabled()
    gc.disable()
    try:
        compile(f)(2.0)
        assert not gc.isenabled()
    finally:
        gc.enable()
