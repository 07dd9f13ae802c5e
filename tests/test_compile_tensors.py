"""`compile` for Tensors: the numbers and gradients of the function itself, in arrays that are kept."""

import copy
import itertools
import tracemalloc

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim
from autograd import GraphError, Tensor, Value, compile, grad, no_grad
from autograd.compile.emit import Emitter
from autograd.rules import DISCRETE
from tests.rows import EVERY_CALL

w0 = Tensor([0.5, -1.5], requires_grad=True)


def both(compiled, function, arrays, leaves=()):
    """Values and gradients of one call of each, which are equal."""
    found = []
    for f in (compiled, function):
        given = [Tensor(x, requires_grad=True) if np.asarray(x).dtype.kind == "f" else Tensor(x) for x in arrays]
        for leaf in leaves:
            leaf.grad = None
        out = f(*given)
        weights = Tensor(np.linspace(0.5, 1.5, out.numel()).reshape(out.shape).astype(out.dtype))
        out.backward(weights)
        found.append([out.numpy(), *(x.grad.numpy() for x in (*given, *leaves) if x.grad is not None)])
    assert len(found[0]) == len(found[1])
    for a, b in zip(*found, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        rtol, atol = (1e-12, 1e-12) if a.dtype == np.float64 else (1e-5, 1e-8)  # a zero may be a rounding error
        np.testing.assert_allclose(a, b, rtol, atol)


@pytest.mark.parametrize("call", EVERY_CALL)
def test_every_row(call):
    def function(*operands):
        return call(*operands)

    compiled, source = compile(function), np.random.default_rng(0)
    arrays = [np.asarray(x, float) for x in call.arrays]
    both(compiled, function, arrays)
    for _ in range(2):
        both(compiled, function, [x * (1 + 1e-3 * source.uniform()) for x in arrays])
    assert compiled.recordings == 1


def test_a_word_that_goes_another_way_in_another_run():
    def function(x):
        return F.layer_norm(x, (5,))

    compiled, x = compile(function), np.array([[1.0, -2.0, 0.0, 4.0, -3.0], [2.0, 1.0, -1.0, 0.0, -2.5]])
    for mean, std in ((0, 1), (100, 2), (0.5, 3)):  # `inverse_std` has a way for large means and one for small ones
        both(compiled, function, [std * x + mean])
    assert compiled.recordings == 1


def network(*sizes):
    autograd.manual_seed(0)
    layers = [layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.Tanh())]
    return nn.Sequential(*layers[:-1])


def batch(n, width, classes):
    source = np.random.default_rng(n)
    return Tensor(source.normal(size=(n, width)).astype(np.float32)), Tensor(source.integers(0, classes, n))


def test_a_network_trains_as_without_and_allocates_nothing():
    model = network(6, 8, 5)
    twin = copy.deepcopy(model)
    compiled = compile(lambda X, y: F.cross_entropy(model(X), y))
    sgd, adam = optim.SGD(model.parameters(), lr=0.1, momentum=0.9), optim.SGD(twin.parameters(), lr=0.1, momentum=0.9)
    for k in range(8):
        X, y = batch(40, 6, 5)
        X = X + k
        y = Tensor((y.numpy() + k) % 5)
        losses = []
        for optimizer, loss_of in ((sgd, compiled), (adam, lambda X, y: F.cross_entropy(twin(X), y))):
            loss = loss_of(X, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert compiled.recordings == 1


def block(width):
    """A GPT of one layer: an embedding, attention, layer_norm."""
    autograd.manual_seed(0)
    layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=0.0, batch_first=True)
    return nn.Sequential(nn.Embedding(50, width), layer, nn.Linear(width, 10))


def convnet():
    autograd.manual_seed(0)
    layers = (nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * 3 * 3, 10))


def gated():
    """Units whose derivatives take a factor from their value."""
    autograd.manual_seed(0)
    layers = (nn.Linear(20, 100), nn.GELU(approximate="tanh"), nn.Linear(100, 100), nn.SiLU(), nn.Linear(100, 10))
    return nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("model", "shape", "bound"),
    [
        (network(20, 100, 100, 10), (200, 20), 45_000),  # an activation has 80,000 bytes; NumPy's buffer 32,768
        (convnet(), (64, 1, 16, 16), 140_000),  # 524,288; NumPy's buffers of 8,192 numbers, for three operands
        (block(64), (8, 32), 75_000),  # 131,072; such a buffer of places in the embedding
        (gated(), (200, 20), 45_000),  # 80,000
    ],
    ids=["mlp", "convnet", "gpt", "gated"],
)
def test_nothing_is_allocated_in_the_steady_state(model, shape, bound):
    loss_of, source = compile(lambda X, y: F.cross_entropy(model(X).flatten(0, -2), y)), np.random.default_rng(0)
    X = source.integers(0, 50, shape) if isinstance(model[0], nn.Embedding) else source.normal(size=shape)
    X = Tensor(X if X.dtype == np.int64 else X.astype(np.float32))
    y = Tensor(source.integers(0, 10, np.prod(model(X).shape[:-1])))

    def step():
        loss = loss_of(X, y)
        for p in model.parameters():
            p.grad = None
        loss.backward()

    for _ in range(3):
        step()
    tracemalloc.start()
    try:
        step()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        step()
        growth = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert growth < bound
    assert loss_of.plan.allocating == []


def test_a_word_that_goes_another_way_leaves_its_result_in_the_same_place():
    def word(x, new=np.empty):
        if x[0] > 0:
            return np.add(x, 1, new(x.shape, x.dtype))
        new((1,), bool)
        return np.add(x, 2, new(x.shape, x.dtype))

    emitter, x = Emitter(), np.ones(2)
    out = emitter.call(word, emitter.ref(x))
    run = emitter.function()
    for number, expected in ((1, 2), (-1, 1), (3, 4)):
        x.fill(number)
        run()
        assert out.value.tolist() == [expected, expected]


def test_attention_is_replayed_for_scores_that_overflow_and_for_rows_that_see_nothing():
    source = np.random.default_rng(2)
    seen = np.tri(5, dtype=bool)
    seen[3] = False
    function = lambda q, k: F.scaled_dot_product_attention(q, k, k, attn_mask=Tensor(seen))  # noqa: E731
    compiled = compile(function)
    for scale in (1.0, 60.0, 1.0):
        q, k = (scale * source.normal(size=(2, 5, 4)) for _ in range(2))
        both(compiled, function, [q, k])


# Places and truth values: found again at every call -------------------------------------------------------------------


def finite(x):
    return autograd.where(x.isfinite(), x, 1.0) + 7 * autograd.eye(4)


FOUND_AGAIN = [
    lambda x: autograd.where((x > 0) & ~(x.abs() >= w0[:1]), x * w0[1], 2 * x),
    lambda x: x.masked_fill(x.isnan() | (x == x.max()), 3.0) * x,
    lambda x: x.max(1).values * x.max(0, keepdim=True)[0].sum() + x.min(1)[1],
    lambda x: x.sort(0, descending=True).values * x + x[x.argsort(0)[:, 1]],
    lambda x: x.topk(2)[0] * x.gather(1, x.topk(2, largest=False)[1]),
    lambda x: x.median(1).values * x.nanmedian(1, keepdim=True)[0],
    lambda x: x.cummax(1)[0] * x.cummin(0)[0],
    lambda x: x[x.argmax(1)] * x[0, x[1].argmin()] * (x > 0).all(0) + (x > 0).any(1, keepdim=True),
    lambda x: x * autograd.logical_xor(x > 0, x.isclose(x.round())).count_nonzero(),
    lambda x: F.hardshrink(x) * F.softshrink(x) + F.threshold(x, 0.1, 20.0),
    lambda x: F.one_hot(x.argmax(1), 4) * x + autograd.searchsorted(w0.sort()[0], x),
    lambda x: autograd.where(x.isfinite() ^ (x.isinf() | (x < 0.5)), x, 0.0) * autograd.logical_not(x <= 1),
    lambda x: x * autograd.logical_or(x != 0, autograd.logical_and(x > 2, x >= 1)),
    lambda x: F.cosine_similarity(x, x * x + w0.sum(), eps=2.0),
    lambda x: autograd.isin(x, x[0].round()) * x.histc(4, -9, 9) * x.quantile(0.3, 0) + x.nanquantile(0.6, 1),
    lambda x: x.masked_scatter(x > 0, x.flip(0)) * x.kthvalue(2, 1, True)[0] + x.diff(dim=0, append=x[:1]),
    lambda x: x.scatter_reduce(1, x.argsort(1)[:, :2], x, "amax") + x.scatter_reduce(0, x.argmax(0)[None], x, "mean"),
    lambda x: autograd.linalg.matrix_rank(autograd.where(x.isfinite(), x, 1.0)) * x,
    lambda x: x * (x.view(autograd.int64) > 0),
    lambda x: x.round().mode(1, True)[0] * x,
    lambda x: x * autograd.linalg.lu(finite(x)).L.sum() + autograd.lu_unpack(*autograd.lu(finite(x))[:2]).P,
    lambda x: x * autograd.linalg.lu_solve(*autograd.linalg.lu_factor(finite(x)), finite(x.mT)),
    lambda x: x * autograd.linalg.inv_ex(finite(x))[1] + autograd.linalg.cholesky_ex(finite(x)).info,
    lambda x: x * (x.argsort(1) << 2).gcd(x.argsort(0) + 1).lcm(x.argsort(0) >> 1) * x.signbit(),
    lambda x: F.max_pool1d(x.reshape(1, 2, 8), 3, 2, 1, ceil_mode=True),
    lambda x: F.max_pool2d(x.reshape(1, 1, 4, 4), 2, 1, dilation=2) * x[:2, :2],
    lambda x: (x.reshape(1, 16) * 2)[:, F.max_pool2d(x.reshape(1, 4, 4), 2, return_indices=True)[1][0, 0]],
    lambda x: F.adaptive_max_pool2d(x.reshape(1, 1, 4, 4), (3, 2)),
    lambda x: grad(F.max_pool2d(x.reshape(1, 1, 4, 4) ** 2, 3, 1).sum(), x, create_graph=True)[0] * x,
]


@pytest.mark.parametrize("function", FOUND_AGAIN)
def test_places_and_masks_are_found_again(function):
    compiled, source = compile(function), np.random.default_rng(1)
    ties, missing = np.round(source.normal(size=(4, 4))), source.normal(size=(4, 4))
    missing[1, 2] = missing[3, 3] = np.nan
    w0.requires_grad_(False)
    try:
        for numbers in (*source.normal(size=(3, 4, 4)), ties, missing, np.zeros((4, 4))):
            both(compiled, function, [numbers])
    finally:
        w0.requires_grad_(True)
    assert compiled.recordings == 1


def test_every_discrete_row_is_tested_above():
    asked = set()
    for function in FOUND_AGAIN:
        compiled = compile(function)
        compiled(Tensor(np.random.default_rng(1).normal(size=(4, 4)), requires_grad=True))
        (program,) = next(iter(compiled._programs.values()))
        asked |= {operation.rule.name for operation in program.forward.operations}
    assert set(DISCRETE) - asked == set()


# Leaves and gradients ------------------------------------------------------------------------------------------------


def test_gradients_accumulate_and_new_ones_do_not_overwrite_what_somebody_holds():
    w = Tensor([1.0, 2.0], requires_grad=True)
    f = compile(lambda x: (w * x).sum())
    f(Tensor([3.0, 4.0])).backward()
    f(Tensor([1.0, 1.0])).backward()
    assert w.grad.tolist() == [4.0, 5.0]
    held, array = w.grad, w.grad.numpy()
    f(Tensor([1.0, 1.0])).backward()
    assert (w.grad.tolist(), held.tolist()) == ([5.0, 6.0], [5.0, 6.0])  # it is added up in place, as without compile
    w.grad = None
    f(Tensor([7.0, 7.0])).backward()
    assert (w.grad.tolist(), held.tolist(), array.tolist()) == ([7.0, 7.0], [5.0, 6.0], [5.0, 6.0])
    array = w.grad.numpy()
    w.grad = None
    f(Tensor([8.0, 8.0])).backward()
    assert (w.grad.tolist(), array.tolist()) == ([8.0, 8.0], [7.0, 7.0])


def test_parameters_change_in_place_and_by_another_array():
    w = Tensor([1.0, 2.0], requires_grad=True)
    f = compile(lambda x: (w.exp() * x).sum())
    for change in (
        lambda: None,
        lambda: w.data.mul_(2),
        lambda: setattr(w, "data", w.data + 1),
        lambda: w.data.add_(1),
    ):
        change()
        both(f, lambda x: (w.exp() * x).sum(), [np.array([3.0, 4.0], np.float32)], [w])
    assert f.recordings == 1
    w.requires_grad_(False)
    assert not f(Tensor([1.0, 1.0])).requires_grad
    assert f.recordings == 2


def test_results_stay_and_earlier_ones_are_refused():
    w = Tensor([2.0], requires_grad=True)
    f = compile(lambda x: w * x)
    first, second = f(Tensor([1.0])), f(Tensor([5.0]))
    assert (first.item(), second.item()) == (2.0, 10.0)
    with pytest.raises(GraphError, match="called again since"):
        first.backward()
    with no_grad():
        w.mul_(3)
    with pytest.raises(GraphError, match="changed in place since"):
        second.backward()
    assert w.grad is None


def test_the_graph_goes_on_before_and_behind():
    w, a = Tensor([2.0, 3.0], requires_grad=True), Tensor([1.0, 5.0], requires_grad=True)
    f = compile(lambda x: {"loss": (w * x).sum(), "all": [x.exp(), w, 3]})
    out = f(a * 2)
    (out["loss"] * out["loss"]).backward()
    assert a.grad.tolist() == [4 * 34 * 2.0, 4 * 34 * 3.0]
    assert w.grad.tolist() == [2 * 34 * 2.0, 2 * 34 * 10.0]
    assert out["all"][1:] == [w, 3]
    (slope,) = grad(f(a)["all"][0].sum(), a)
    np.testing.assert_allclose(slope.numpy(), np.exp([1.0, 5.0]), rtol=1e-6)
    with pytest.raises(GraphError, match="first derivatives only"):
        grad(f(a)["loss"], a, create_graph=True)
    with no_grad():
        assert not f(a)["loss"].requires_grad


def test_derivatives_within_and_blind_parts():
    def penalised(x):
        loss = (x.exp() * x).sum()
        (slope,) = grad(loss, x, create_graph=True)
        with no_grad():
            scale = x * 2
        return loss + (slope * slope).sum() + (x.detach() * scale * x).sum() + (x * x.detach() * w0.detach() * w0).sum()

    w0.grad = None
    f = compile(penalised)
    for numbers in ([0.3, 0.5], [-1.0, 2.0]):
        both(f, penalised, [np.array(numbers)], [w0])
    assert f.recordings == 1
    w0.grad = None


def test_a_gpt_block_with_embeddings_of_changing_tokens():
    autograd.manual_seed(1)
    table, norm = nn.Embedding(11, 8), nn.LayerNorm(8)
    layer, head = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True), nn.Linear(8, 11)

    def loss_of(tokens, targets):
        return F.cross_entropy(head(norm(layer(table(tokens)))).reshape(-1, 11), targets.reshape(-1))

    f, source = compile(loss_of), np.random.default_rng(0)
    leaves = [p for m in (table, norm, layer, head) for p in m.parameters()]
    for _ in range(3):
        both(f, loss_of, list(source.integers(0, 11, (2, 3, 5))), leaves)
    assert f.recordings == 1


def test_two_tokens_are_not_frozen():
    table = nn.Embedding(5, 2)
    for _ in range(4):  # two orders of two tokens: one is that of the recording
        f = compile(lambda tokens: table(tokens).sum())
        for tokens in ([0, 1], [3, 4], [4, 4]):
            assert f(Tensor(tokens)).item() == pytest.approx(table(Tensor(tokens)).sum().item())


ATTENTION = nn.MultiheadAttention(4, 2, batch_first=True).double()


@pytest.mark.parametrize(
    "function",
    [
        lambda x, hidden: ATTENTION(x, x, x, attn_mask=hidden)[0],
        lambda x, hidden: ATTENTION(x, x, x, key_padding_mask=hidden[:2], is_causal=False)[0],
        lambda x, hidden: F.scaled_dot_product_attention(x, x, x * x, attn_mask=hidden),
        lambda x, hidden: F.hinge_embedding_loss(x[0], 2.0 * hidden[:, :4] - 1),
        lambda x, hidden: F.cosine_embedding_loss(x[0], x[1], 2.0 * hidden[0] - 1),
    ],
)
def test_masks_and_signs_among_the_arguments(function):
    compiled, source = compile(function), np.random.default_rng(0)
    for _ in range(4):
        both(
            compiled,
            function,
            [source.normal(size=(2, 5, 4)), source.random((5, 5)) < 0.3],
            list(ATTENTION.parameters()),
        )
    assert compiled.recordings == 1


def test_what_makes_another_recording():
    w, model = Tensor(2.0, requires_grad=True), nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    f = compile(lambda x, n=1, rate=1.0: (w * x).sum() * n * rate)
    for args, expected, recordings in (
        ((Tensor([1.0, 2.0]),), 6.0, 1),
        ((Tensor([2.0, 2.0]),), 8.0, 1),
        ((Tensor([2.0]),), 4.0, 2),
        ((Tensor([2.0]), 3), 12.0, 3),
        ((Tensor([2.0]), 1, 0.5), 2.0, 4),
        ((Tensor([2.0]), 1, 0.25), 1.0, 5),
        ((Tensor([1.0, 2.0]),), 6.0, 5),
    ):
        assert (f(*args).item(), f.recordings) == (expected, recordings)
    g = compile(lambda x: model(x).sum())
    with pytest.raises(GraphError, match=r"draws random numbers .*model.eval\(\)"):
        g(Tensor([1.0, 2.0]))
    model.eval()
    assert g(Tensor([1.0, 2.0])).item() == pytest.approx(model(Tensor([1.0, 2.0])).sum().item())
    model.train()
    with pytest.raises(GraphError, match="draws random numbers"):
        g(Tensor([1.0, 2.0]))
    h = compile(lambda: w * w)
    assert (h().item(), h().item(), h.recordings) == (4.0, 4.0, 1)


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x * x.sum().item(), r"\(.item\)"),
        (lambda x: x * float(x.sum()), r"\(.__float__\)"),
        (lambda x: x * Tensor(np.asarray(x)), r"\(.(__array__|numpy)\)"),
        (lambda x: x * x.numpy().sum(), r"\(.numpy\)"),
        (lambda x: autograd.where(Tensor(x.raw > 0), x, 2 * x), "where: .*made from a tensor's numbers"),
        (lambda x: autograd.where(Tensor(w0.raw > 0), x, 2 * x), "where: .*made from a tensor's numbers"),
        (lambda x: x * w0.raw.sum(), "number that was read"),
        (lambda x: autograd.where(Tensor((w0 * x).raw > 0), x, 2 * x), "where: .*made from a tensor's numbers"),
        (lambda x: x[x.raw.argsort()], "getitem: .*made from a tensor's numbers"),
        (lambda x: x[x > 1], "getitem: chooses by a mask"),
        (lambda x: x.masked_select(w0 < 1), "getitem: chooses by a mask"),
        (lambda x: x * (x > 0).long().bincount().sum(), "calls bincount, whose result is as large"),
        (lambda x: x * x.unique().shape[0], "calls unique"),
        (lambda x: x * (x > 0).nonzero().shape[0], "calls nonzero"),
        (lambda x: F.one_hot((x > 0).long()) * x, "calls one_hot without num_classes"),
        (lambda x: x * (x * 2).raw.sum(), "number that was read"),
        (lambda x: x * x if (x * 2).raw.sum() > 0 else x + x, "something else for other numbers"),
        (lambda x: x * autograd.rand(2), "random"),
        (lambda x: F.dropout(x, 0.5), "random"),
        (lambda x: nn.BatchNorm1d(2)(x.reshape(1, 2).expand(3, 2)), "in place"),
        (lambda x: (x * w0).sum().backward(), "backward"),
        (lambda x: x * Value(2.0).tanh(), "Value"),
    ],
)
def test_what_a_replay_could_not_repeat(function, words):
    f = compile(function)
    with pytest.raises((GraphError, autograd.DtypeError), match=words) as raised:
        f(Tensor([1.0, 2.0], requires_grad=True))
    if isinstance(raised.value, GraphError) and "random" not in words:
        assert "test_compile_tensors.py" in str(raised.value)
    assert (w0.grad, f.recordings) == (None, 0)
    assert float(w0.sum()) == -1.0  # and the watch is over


def test_the_reverse_pass_is_written_with_the_numbers_of_its_call():
    compiled, matrix = compile(lambda x: autograd.linalg.qr(x)[1]), np.random.default_rng(0).normal(size=(3, 3))
    compiled(Tensor(np.zeros((3, 3)), requires_grad=True))  # its derivative is that of a singular matrix, an error
    both(compiled, lambda x: autograd.linalg.qr(x)[1], [matrix])
    assert compiled.recordings == 1


def test_whole_numbers_to_negative_powers():
    f, x = compile(lambda x, y: x**y), Tensor([1, 2, -1])
    for y in ([1, 2, 3], [-1, -2, -3]):
        assert f(x, Tensor(y)).tolist() == (x ** Tensor(y)).tolist()


@pytest.mark.parametrize(
    ("function", "numbers"),
    [
        (lambda x: autograd.BoolTensor(x), [1.0, 2.0, 3.0]),
        (lambda x: autograd.BoolTensor(x), [1, 0, 0]),
        (lambda x: autograd.IntTensor(x) * 2, [3, 1, 2]),
        (lambda x: autograd.LongTensor(x), [0.0, 0.0, 0.0]),
        (lambda x: x * Tensor(x.raw + 1), [0.0, 0.0, 0.0]),
        (lambda x: x * Tensor(x.raw != 0), [1.0, 2.0, 3.0]),
    ],
)
def test_constants_made_from_numbers_are_refused_whatever_these_are(function, numbers):
    with pytest.raises(GraphError, match="an array that was made from a tensor's numbers"):
        compile(function)(Tensor(numbers))


def test_values_and_tensors_do_not_mix():
    f = compile(lambda x: x * x)
    assert [float(f(x(3.0)).data) for x in (Value, Tensor, Value, Tensor)] == [9.0] * 4
    assert f.recordings == 2
    with pytest.raises(autograd.DtypeError, match="do not mix"):
        compile(lambda x: w0 * 2)(Value(2.0))
    with pytest.raises(autograd.DtypeError, match="do not mix"):
        compile(lambda x, y: x)(Tensor([1.0]), Value(2.0))
    with pytest.raises(autograd.DtypeError, match="in_axes is for functions of Values"):
        compile(lambda x: w0 * 2, in_axes=0)(np.ones(3))
