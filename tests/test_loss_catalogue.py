"""Every loss beside PyTorch's: settings and reductions, extreme numbers, ties, the targets refused; and the modules."""

from math import inf

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.graph import topological
from nn import functional as F
from tests.comparing import assert_close, check_against_torch

SOURCE = np.random.default_rng(3)
X, Y, Z = (SOURCE.normal(size=(4, 3)) for _ in range(3))
P, Q = (1 / (1 + np.exp(-z)) for z in (X, Y))
W = SOURCE.uniform(0.5, 2, (4, 3))
SIGNS = np.array([[1, -1, 1], [1, 1, -1], [-1, -1, 1], [1, -1, -1]])
ANSWERS = (SIGNS + 1) // 2
CLASSES = np.array([2, 0, 1, 1])
LISTED = np.array([[2, 0, -1], [-1, 1, 2], [1, -1, 0], [0, 1, 2]])
LOG_P, LOG_Q = np.log(P), np.log(Q)

# name: (the loss, by F the functions, t what makes a tensor, and the tensors that get gradients; their arrays)
LOSSES = {
    "mse_loss": (lambda F, t, x, y, **r: F.mse_loss(x, y, **r), X, Y),
    "mse_loss weight": (lambda F, t, x, y, w, **r: F.mse_loss(x, y, weight=w, **r), X, Y, W),
    "l1_loss weight": (lambda F, t, x, y, w, **r: F.l1_loss(x, y, weight=w, **r), X, Y, W),
    "smooth_l1_loss": (lambda F, t, x, y, **r: F.smooth_l1_loss(x, y, **r), X, Y),
    "smooth_l1_loss beta": (lambda F, t, x, y, **r: F.smooth_l1_loss(x, y, beta=0.3, **r), X, Y),
    "smooth_l1_loss beta 0": (lambda F, t, x, y, **r: F.smooth_l1_loss(x, y, beta=0, **r), X, Y),
    "huber_loss": (lambda F, t, x, y, **r: F.huber_loss(x, y, delta=0.4, **r), X, Y),
    "huber_loss weight": (lambda F, t, x, y, w, **r: F.huber_loss(x, y, weight=w, **r), X, Y, W),
    "gaussian_nll_loss": (lambda F, t, x, y, v, **r: F.gaussian_nll_loss(x, y, v, **r), X, Y, W),
    "gaussian_nll_loss full": (lambda F, t, x, y, **r: F.gaussian_nll_loss(x, y, 0.5, full=True, **r), X, Y),
    "gaussian_nll_loss of rows": (lambda F, t, x, y, v, **r: F.gaussian_nll_loss(x, y, v, **r), X, Y, W[:, 0]),
    "gaussian_nll_loss of columns": (lambda F, t, x, v, **r: F.gaussian_nll_loss(x, x[0] ** 2, v, **r), X, W[:1]),
    "poisson_nll_loss": (lambda F, t, x, y, **r: F.poisson_nll_loss(x, y, **r), X, 3 * W),
    "poisson_nll_loss full": (lambda F, t, x, y, **r: F.poisson_nll_loss(x, y, full=True, **r), X, 3 * W),
    "poisson_nll_loss rate": (lambda F, t, x, **r: F.poisson_nll_loss(x, t(ANSWERS), False, **r), W),
    "bce": (lambda F, t, x, y, **r: F.binary_cross_entropy(x, y, **r), P, Q),
    "bce weight": (lambda F, t, x, **r: F.binary_cross_entropy(x, t(1.0 * ANSWERS), t(W[:1]), **r), P),
    "bce logits": (lambda F, t, x, y, **r: F.binary_cross_entropy_with_logits(x, y, **r), X, Q),
    "bce logits weight": (lambda F, t, x, y, **r: F.binary_cross_entropy_with_logits(x, y, t(W[0]), **r), X, Q),
    "bce logits pos_weight": (
        lambda F, t, x, y, **r: F.binary_cross_entropy_with_logits(x, y, pos_weight=t(W[0]), **r),
        *(X, Q),
    ),
    "multilabel": (lambda F, t, x, **r: F.multilabel_soft_margin_loss(x, t(ANSWERS), **r), X),
    "multilabel weight": (lambda F, t, x, **r: F.multilabel_soft_margin_loss(x, t(ANSWERS), t(W[0]), **r), X),
    "soft_margin_loss": (lambda F, t, x, **r: F.soft_margin_loss(x, t(SIGNS), **r), X),
    "kl_div": (lambda F, t, x, y, **r: F.kl_div(x, y, **r), LOG_P, Q),
    "kl_div log_target": (lambda F, t, x, y, **r: F.kl_div(x, y, log_target=True, **r), LOG_P, LOG_Q),
    "kl_div of rows": (lambda F, t, x, y, **r: F.kl_div(x, y, **r), LOG_P, Q[0]),
    "multi_margin_loss": (lambda F, t, x, **r: F.multi_margin_loss(x, t(CLASSES), **r), X),
    "multi_margin_loss of one example": (lambda F, t, x, **r: F.multi_margin_loss(x, t(CLASSES[:1]), **r), X[0]),
    "multi_margin_loss of one number": (lambda F, t, x, **r: F.multi_margin_loss(x, t(CLASSES[0]), **r), X[0]),
    "multi_margin_loss p weight": (
        lambda F, t, x, **r: F.multi_margin_loss(x, t(CLASSES), 2, 0.4, weight=t(W[0]), **r),
        X,
    ),
    "multilabel_margin_loss": (lambda F, t, x, **r: F.multilabel_margin_loss(x, t(LISTED), **r), X),
    "multilabel_margin_loss of one": (lambda F, t, x, **r: F.multilabel_margin_loss(x[0], t(LISTED[0]), **r), X),
    "hinge_embedding_loss": (lambda F, t, x, **r: F.hinge_embedding_loss(x, t(SIGNS), 0.7, **r), X),
    "margin_ranking_loss": (lambda F, t, x, y, **r: F.margin_ranking_loss(x, y, t(SIGNS), 0.3, **r), X, Y),
    "cosine_embedding_loss": (lambda F, t, x, y, **r: F.cosine_embedding_loss(x, y, t(SIGNS[:, 0]), 0.1, **r), X, Y),
    "cosine_embedding_loss of two": (lambda F, t, x, y, **r: F.cosine_embedding_loss(x[0], y[0], t(-1), **r), X, Y),
    "triplet_margin_loss": (lambda F, t, x, y, z, **r: F.triplet_margin_loss(x, y, z, **r), X, Y, Z),
    "triplet_margin_loss swap": (
        lambda F, t, x, y, z, **r: F.triplet_margin_loss(x, y, z, margin=2.0, p=3, swap=True, **r),
        *(X, Y, Z),
    ),
    "triplet with distance": (
        lambda F, t, x, y, z, **r: F.triplet_margin_with_distance_loss(
            *(x, y, z), distance_function=lambda a, b: ((a - b) ** 2).sum(-1), swap=True, **r
        ),
        *(X, Y, Z),
    ),
}


@pytest.mark.filterwarnings("ignore:reduction.*mean")  # by which torch announces another mean of kl_div
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("name", LOSSES)
def test_loss(name, reduction, torch):
    loss, *arrays = LOSSES[name]
    if name.startswith(("multi_margin", "multilabel_margin")):  # whose second derivatives PyTorch lacks
        agree(torch, loss, *arrays, reduction=reduction)
        return
    check_against_torch(
        torch,
        lambda *xs: loss(F, Tensor, *xs, reduction=reduction),
        lambda *xs: loss(torch.nn.functional, torch.tensor, *xs, reduction=reduction),
        arrays,
    )


def test_kl_div_batchmean(torch):
    check_against_torch(
        torch,
        lambda x, y: F.kl_div(x, y, reduction="batchmean"),
        lambda x, y: torch.nn.functional.kl_div(x, y, reduction="batchmean"),
        [LOG_P, Q],
    )


def test_unreduced_losses_of_integers(torch):
    x, y, s = np.array([3, 1, 2]), np.array([1, 1, 4]), np.array([1, -1, -1])
    found = F.margin_ranking_loss(Tensor(x), Tensor(y), Tensor(s), reduction="sum")
    expected = torch.nn.functional.margin_ranking_loss(*map(torch.tensor, (x, y, s)), reduction="sum")
    assert found.item() == expected.item()
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")


def agree(torch, loss, *arrays, reduction="none"):
    """Value and gradients of ``loss`` are PyTorch's."""
    leaves, tensors = [Tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a) for a in arrays]
    for tensor in tensors:
        tensor.requires_grad_()
    found = loss(F, Tensor, *leaves, reduction=reduction)
    expected = loss(torch.nn.functional, torch.tensor, *tensors, reduction=reduction)
    assert_close(found.numpy(), expected.detach().numpy(), "value")
    found.sum().backward()
    expected.sum().backward()
    for k, (leaf, tensor) in enumerate(zip(leaves, tensors, strict=True)):
        assert_close(leaf.grad.numpy(), tensor.grad.numpy(), f"operand {k}", rtol=1e-8)  # torch's 1e-12 is a float32


EXTREME = {
    "bce at 0 and 1": (LOSSES["bce"][0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1e-14], [0.0, 1.0, 0.3, 0.0, 1.0, 0.3, 0.5]),
    "bce logits": (LOSSES["bce logits"][0], [1e3, 1e3, 1e3, -1e3, -1e3, -1e3], [0.0, 1.0, 0.3, 0.0, 1.0, 0.3]),
    "bce logits pos_weight": (
        lambda F, t, x, **r: F.binary_cross_entropy_with_logits(
            x, t(np.array([0.0, 1.0, 0.0, 1.0])), pos_weight=t(np.array(3.0)), **r
        ),
        [1e3, 1e3, -1e3, -1e3],
    ),
    "multilabel": (
        lambda F, t, x, **r: F.multilabel_soft_margin_loss(x, t(np.array([[0, 1, 0, 1]])), **r),
        [[1e3, 1e3, -1e3, -1e3]],
    ),
    "huber at the corner": (lambda F, t, x, **r: F.huber_loss(x, x.detach() * 0, **r), [-1e3, -1.0, 0.0, 1.0, 1e3]),
    "smooth_l1 at the corner": (LOSSES["smooth_l1_loss"][0], [-1e300, -1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]),
    "kl_div of target 0": (lambda F, t, x, **r: F.kl_div(x, t(np.array([0.0, 0.5])), **r), [-1e3, -0.5]),
    "kl_div of target exp(-1000)": (LOSSES["kl_div log_target"][0], [-1.0, -2.0], [-1e3, 0.0]),
    "gaussian of small variances": (LOSSES["gaussian_nll_loss"][0], [1.0] * 4, [2.0] * 4, [0.0, 1e-9, 1e-6, 1.0]),
    "poisson of small counts": (LOSSES["poisson_nll_loss full"][0], [1.0, 1.0, 1.0], [0.5, 1.0, 1.5]),
    "poisson of rate 0": (lambda F, t, x, **r: F.poisson_nll_loss(x, t(np.array([0, 2])), False, **r), [0.0, 0.0]),
    "hinge embedding": (
        lambda F, t, x, **r: F.hinge_embedding_loss(x, t(np.array([1, -1, 0, 1, -1])), **r),
        [1.0, 1.0, 1.0, inf, inf],
    ),
    "ranking tie": (
        lambda F, t, x, y, **r: F.margin_ranking_loss(x, y, t(np.array([1, -1])), 1.0, **r),
        *([1.0, 0.0], [0.0, 1.0]),
    ),
    "cosine of zeros": (
        lambda F, t, x, y, **r: F.cosine_embedding_loss(x, y, t(np.array([1, -1])), **r),
        *([[0.0, 0.0], [1.0, 0.0]], [[1.0, 2.0], [0.0, 0.0]]),
    ),
    "triplet of equals": (LOSSES["triplet_margin_loss swap"][0], [[1.0, 2.0]], [[1.0, 2.0]], [[1.0, 2.0]]),
}


@pytest.mark.parametrize("name", EXTREME)
def test_extreme_numbers(name, torch):
    loss, *arrays = EXTREME[name]
    agree(torch, loss, *map(np.array, arrays))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scores_of_any_size_give_a_finite_loss(dtype):
    scores = Tensor(np.array([1e3, -1e3, 30, -30], dtype), requires_grad=True)
    loss = F.soft_margin_loss(scores, Tensor([-1, 1, 1, -1]), reduction="none")
    np.testing.assert_allclose(loss.numpy(), [1e3, 1e3, np.exp(-30.0), np.exp(-30.0)], rtol=1e-6)
    loss.sum().backward()
    np.testing.assert_allclose(scores.grad.numpy(), [1, -1, -np.exp(-30.0), np.exp(-30.0)], rtol=1e-6)
    for target in (0.0, 1.0):
        exact = np.where(np.array([1, -1, 1, -1]) > 0, (1 - target), target) * np.abs(scores.numpy())
        loss = F.binary_cross_entropy_with_logits(scores, Tensor(np.full(4, target, dtype)), reduction="none")
        np.testing.assert_allclose(loss.numpy(), exact + np.exp(-np.abs(scores.numpy())), rtol=1e-6)


def test_a_target_of_0_costs_nothing_and_pulls_infinitely():
    y = Tensor(np.array([0.0, 0.5]), requires_grad=True)
    loss = F.kl_div(Tensor(np.array([-1.0, -2.0])), y, reduction="sum")
    loss.backward()
    assert loss.item() == pytest.approx(0.5 * (np.log(0.5) + 2))
    assert y.grad.tolist() == [-inf, pytest.approx(np.log(0.5) + 1 + 2)]


@pytest.mark.parametrize("name", [name for name in LOSSES if not name.startswith("cosine")])
def test_no_loss_needs_a_where(name):
    """Behind a ``where`` the reverse pass looks for infinite slopes; a training step is not to pay for that."""
    loss, *arrays = LOSSES[name]
    out = loss(F, Tensor, *(Tensor(a, requires_grad=True) for a in arrays))
    assert "where" not in {node.op.name for node in topological((out,)) if node.op is not None}


MODULES = {  # module: (settings, function, arrays)
    nn.MSELoss: ({}, F.mse_loss, X, Y),
    nn.SmoothL1Loss: ({"beta": 0.3}, F.smooth_l1_loss, X, Y),
    nn.HuberLoss: ({"delta": 0.3}, F.huber_loss, X, Y),
    nn.GaussianNLLLoss: ({"full": True, "eps": 0.9}, F.gaussian_nll_loss, X, Y, W),
    nn.PoissonNLLLoss: ({"log_input": False, "full": True, "eps": 0.1}, F.poisson_nll_loss, W, 3 * P),
    nn.BCELoss: ({"weight": W}, F.binary_cross_entropy, P, Q),
    nn.BCEWithLogitsLoss: ({"weight": W, "pos_weight": W[0]}, F.binary_cross_entropy_with_logits, X, Q),
    nn.KLDivLoss: ({"reduction": "batchmean", "log_target": True}, F.kl_div, LOG_P, LOG_Q),
    nn.SoftMarginLoss: ({"reduction": "none"}, F.soft_margin_loss, X, SIGNS),
    nn.MultiLabelSoftMarginLoss: ({"weight": W[0]}, F.multilabel_soft_margin_loss, X, ANSWERS),
    nn.MultiMarginLoss: ({"p": 2, "margin": 0.3, "weight": W[0]}, F.multi_margin_loss, X, CLASSES),
    nn.MultiLabelMarginLoss: ({"reduction": "none"}, F.multilabel_margin_loss, X, LISTED),
    nn.HingeEmbeddingLoss: ({"margin": 0.3}, F.hinge_embedding_loss, X, SIGNS),
    nn.MarginRankingLoss: ({"margin": 0.3}, F.margin_ranking_loss, X, Y, SIGNS),
    nn.CosineEmbeddingLoss: ({"margin": -0.9}, F.cosine_embedding_loss, X, Y, SIGNS[:, 0]),
    nn.TripletMarginLoss: ({"margin": 0.3, "p": 1, "eps": 0.1, "swap": True}, F.triplet_margin_loss, X, Y, Z),
    nn.TripletMarginWithDistanceLoss: (
        {"distance_function": lambda x, y: (x - y).abs().sum(1), "margin": 0.3, "swap": True},
        F.triplet_margin_with_distance_loss,
        *(X, Y, Z),
    ),
    nn.CosineSimilarity: ({"dim": 0, "eps": 1.0}, F.cosine_similarity, X, Y),
    nn.PairwiseDistance: ({"p": 1, "eps": 0.1, "keepdim": True}, F.pairwise_distance, X, Y),
}


@pytest.mark.parametrize("module", MODULES)
def test_module(module):
    settings, function, *arrays = MODULES[module]
    given = [Tensor(array) for array in arrays]
    found = module(**settings)(*given)
    np.testing.assert_array_equal(found.numpy(), function(*given, **settings).numpy())
    if settings:
        assert not np.array_equal(found.numpy(), function(*given).numpy()), "the settings change nothing"


COLUMN, ROW, HALF = Tensor(np.zeros((3, 1))), Tensor(np.zeros(3)), Tensor(np.full(3, 0.5))
REFUSED = [
    (lambda: F.smooth_l1_loss(COLUMN, ROW), ValueError, "must have one shape"),
    (lambda: F.huber_loss(ROW, COLUMN), ValueError, "must have one shape"),
    (lambda: F.kl_div(ROW, COLUMN), ValueError, "compared with several targets"),
    (lambda: F.poisson_nll_loss(COLUMN, ROW), ValueError, "compared with several targets"),
    (lambda: F.soft_margin_loss(COLUMN, ROW), ValueError, "compared with several targets"),
    (lambda: F.hinge_embedding_loss(ROW, COLUMN), ValueError, "compared with several targets"),
    (lambda: F.binary_cross_entropy_with_logits(COLUMN, ROW), ValueError, "must have one shape"),
    (lambda: F.gaussian_nll_loss(ROW, COLUMN, 1.0), ValueError, "compared with several targets"),
    (lambda: F.gaussian_nll_loss(ROW, ROW, Tensor([0.5, -0.5, 1.0])), ValueError, "var has negative numbers"),
    (lambda: F.gaussian_nll_loss(ROW, ROW, Tensor([0.5, 0.5])), ValueError, r"var \(2,\) for input \(3,\)"),
    (lambda: F.gaussian_nll_loss(ROW, ROW, 1.0, reduction="avg"), ValueError, "reduction is 'avg'"),
    (lambda: F.mse_loss(ROW, ROW, weight=[1.0]), ValueError, r"weight has shape \(1,\); it must have the input's"),
    (lambda: F.smooth_l1_loss(ROW, ROW, beta=-1), ValueError, "beta is -1"),
    (lambda: F.huber_loss(ROW, ROW, delta=0), ValueError, "delta is 0"),
    (lambda: F.binary_cross_entropy(HALF * 3, HALF), ValueError, "the input has 1.5"),
    (lambda: F.binary_cross_entropy(HALF, HALF * -1), ValueError, "the target has -0.5"),
    (lambda: F.binary_cross_entropy(HALF * np.nan, HALF), ValueError, "the input has nan"),
    (lambda: F.binary_cross_entropy(HALF, HALF, weight=[1.0, 2.0]), ValueError, r"weight has shape \(2,\)"),
    (
        lambda: F.binary_cross_entropy_with_logits(HALF, HALF, pos_weight=[1.0, 2.0]),
        ValueError,
        r"pos_weight has shape \(2,\)",
    ),
    (lambda: F.binary_cross_entropy_with_logits(HALF, HALF * np.nan), ValueError, r"index \(0,\) is NaN"),
    (lambda: F.multi_margin_loss(Tensor(X), Tensor(CLASSES + 1)), IndexError, "class index 3 is out of range"),
    (lambda: F.multi_margin_loss(Tensor(X), Tensor(CLASSES), p=3), ValueError, "p is 3"),
    (lambda: F.multi_margin_loss(Tensor(X[None]), Tensor(CLASSES)), ValueError, r"must be \(C,\) or \(N, C\)"),
    (lambda: F.multilabel_margin_loss(Tensor(X), Tensor(LISTED + 1)), IndexError, "class index 3 is out of range"),
    (lambda: F.multilabel_margin_loss(Tensor(X), Tensor(X)), TypeError, "integer class indices ended by -1"),
    (lambda: F.margin_ranking_loss(ROW, ROW, Tensor(1.0)), ValueError, "as many dimensions"),
    (lambda: F.cosine_embedding_loss(ROW, ROW, ROW), ValueError, r"\(D,\), \(D,\) and \(\)"),
    (lambda: F.triplet_margin_loss(ROW, ROW, COLUMN), ValueError, "as many dimensions"),
    (lambda: F.triplet_margin_loss(ROW, ROW, ROW, margin=0), ValueError, "margin is 0"),
    (lambda: nn.KLDivLoss("avg"), ValueError, "reduction is 'avg'"),
    (lambda: nn.MSELoss("batchmean"), ValueError, "reduction is 'batchmean'"),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED)
def test_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


# One-hot rows --------------------------------------------------------------------------------------------------


def test_one_hot(torch):
    for classes, count in (([[0, 2], [1, 1]], -1), ([0, 2], 5), (1, -1)):
        found = F.one_hot(Tensor(classes), count)
        assert found.dtype == np.int64
        assert found.tolist() == torch.nn.functional.one_hot(torch.tensor(classes), count).tolist()
    assert F.one_hot(autograd.zeros(0, dtype="int64"), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("classes", "count", "words"),
    [
        ([0, 3], 3, "class index 3 is out of range: there are 3 classes"),
        ([-1], -1, "class index -1"),
        ([0.0], -1, "int64"),
        ([0], 0, "num_classes is 0"),
    ],
)
def test_one_hot_refuses(classes, count, words):
    with pytest.raises((ValueError, TypeError), match=words):
        F.one_hot(Tensor(classes), count)


def test_of_no_classes_no_number_can_be_counted():
    with pytest.raises(ValueError, match="give num_classes"):
        F.one_hot(autograd.zeros(0, dtype="int64"))
