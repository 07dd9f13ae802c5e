"""The loss of label sequences: PyTorch's, that of all paths counted one by one, and what is refused."""

from itertools import groupby, product

import numpy as np
import pytest

import nn
from autograd import DtypeError, ShapeError, Tensor, compile, zeros
from nn import functional as F
from tests.comparing import assert_close, check_first, check_second

SOURCE = np.random.default_rng(0)
STEPS, BATCH, CLASSES = 7, 4, 5
SCORES = SOURCE.normal(size=(STEPS, BATCH, CLASSES))
PADDED = np.array([[1, 1, 2], [3, 4, 0], [2, 9, 9], [7, 7, 7]])
TIMES, COUNTS = (7, 5, 6, 4), (3, 2, 1, 0)
JOINED = np.array([1, 1, 2, 3, 4, 2])


def log_softmax(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


CALLS = {
    "padded": lambda f, t, x, **r: f.ctc_loss(x, t(PADDED), TIMES, COUNTS, **r),
    "joined, lengths in tensors": lambda f, t, x, **r: f.ctc_loss(
        x, t(JOINED), t(np.array(TIMES)), t(np.array(COUNTS)), **r
    ),
    "another blank": lambda f, t, x, **r: f.ctc_loss(x, t(PADDED % 2), TIMES, COUNTS, blank=2, **r),
    "more labels than steps": lambda f, t, x, **r: f.ctc_loss(
        x, t(PADDED % 5), (7, 1, 2, 4), (3, 2, 3, 3), zero_infinity=True, **r
    ),
    "no step": lambda f, t, x, **r: f.ctc_loss(x, t(PADDED), (7, 5, 6, 0), COUNTS, zero_infinity=True, **r),
    "one sequence": lambda f, t, x, **r: f.ctc_loss(x[:, 0], t(PADDED[0]), (7,), (3,), **r),
    "one sequence, lengths in tensors": lambda f, t, x, **r: f.ctc_loss(
        x[:, 0], t(PADDED[0, :2]), t(np.array(6)), t(np.array(2)), **r
    ),
    "a batch of one": lambda f, t, x, **r: f.ctc_loss(x[:, :1], t(PADDED[:1]), (7,), (2,), **r),
}


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_torch(torch, name, normalized, reduction):
    x = log_softmax(SCORES) if normalized else SCORES
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    found = CALLS[name](F, Tensor, ours, reduction=reduction)
    expected = CALLS[name](torch.nn.functional, torch.tensor, theirs, reduction=reduction)
    assert_close(found.numpy(), expected.detach().numpy(), "value")
    g = SOURCE.normal(size=found.shape)
    found.backward(Tensor(g))
    expected.backward(torch.tensor(g))
    assert_close(ours.grad.numpy(), theirs.grad.numpy(), "gradient")


def test_is_the_sum_over_all_paths():
    x = log_softmax(SCORES[:5, 0, :3])
    for labels in ([1, 2], [1, 1], [2, 1, 2], []):
        total = 0.0
        for path in product(range(3), repeat=5):
            if [k for k, _ in groupby(path) if k] == labels:
                total += np.exp(x[range(5), path].sum())
        loss = F.ctc_loss(Tensor(x), Tensor(labels).long(), (5,), (len(labels),), reduction="sum")
        assert_close(loss.numpy(), np.array(-np.log(total)), str(labels))


def test_derivatives_through_log_softmax():
    """PyTorch has no second ones."""
    x = Tensor(SCORES[:4, :2, :3], requires_grad=True)

    def loss(x):
        return F.ctc_loss(x.log_softmax(-1), Tensor([[1, 2], [1, 1]]), (3, 4), (2, 2))

    check_first(loss, [x])
    check_second(loss, [x])


@pytest.mark.parametrize("zero_infinity", [True, False])
def test_where_there_is_no_way_the_gradient_is_0(zero_infinity):
    x = Tensor(log_softmax(SCORES), requires_grad=True)
    losses = F.ctc_loss(
        x, Tensor([[1, 1, 1, 1, 1]] * 4), TIMES, (5, 1, 1, 4), reduction="none", zero_infinity=zero_infinity
    )
    assert (losses.numpy() == (0.0 if zero_infinity else np.inf)).tolist() == [True, False, False, True]
    losses.sum().backward()
    assert np.isfinite(x.grad.numpy()).all()
    assert np.abs(x.grad.numpy()).sum((0, 2)).astype(bool).tolist() == [False, True, True, False]


def test_probabilities_of_0(torch):
    """Paths that are impossible beside others that are not; torch's own gradient is NaN there."""
    x = log_softmax(SCORES)
    x[2, :, 1] = x[4, :, 0] = -np.inf
    leaf = Tensor(x, requires_grad=True)
    losses = F.ctc_loss(leaf, Tensor(PADDED % 5), (7,) * 4, (2, 2, 1, 1), reduction="none")
    theirs = torch.nn.functional.ctc_loss(
        torch.tensor(x), torch.tensor(PADDED % 5), (7,) * 4, (2, 2, 1, 1), reduction="none"
    )
    assert_close(losses.numpy(), theirs.numpy())
    losses[np.isfinite(losses.numpy())].sum().backward()
    assert np.isfinite(leaf.grad.numpy()).all()


def test_nan_is_not_hidden():
    x = Tensor(np.full((3, 1, 2), np.nan))
    assert np.isnan(F.ctc_loss(x, Tensor([[1]]), (3,), (1,), zero_infinity=True).item())


def test_long_sequences_in_float32(torch):
    x = log_softmax(SOURCE.normal(size=(400, 2, 6))).astype(np.float32)
    y = SOURCE.integers(1, 6, (2, 90))
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x.astype(float), requires_grad=True)
    found, expected = (
        f.ctc_loss(leaf, t(y), (400, 300), (90, 60))
        for f, t, leaf in ((F, Tensor, ours), (torch.nn.functional, torch.tensor, theirs))
    )
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.item(), expected.item(), rtol=1e-5)
    found.backward()
    expected.backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-5)


def test_module(torch):
    ours, theirs = nn.CTCLoss(1, "sum", True), torch.nn.CTCLoss(1, "sum", True)
    assert repr(ours) == repr(theirs)
    given = (STEPS, BATCH, CLASSES)
    found = ours(Tensor(log_softmax(SCORES)), Tensor(JOINED), (7,) * 4, COUNTS)
    expected = theirs(torch.tensor(log_softmax(SCORES)), torch.tensor(JOINED), (7,) * 4, COUNTS)
    assert_close(found.numpy(), expected.numpy(), str(given))


REFUSED = {
    "log_probs (7,) must be (T, N, C)": (ShapeError, lambda x, y: F.ctc_loss(x[:, 0, 0], y, (7,), (1,))),
    "blank=5 must be one of the 5 classes": (ValueError, lambda x, y: F.ctc_loss(x, y, TIMES, COUNTS, 5)),
    "input_lengths=[8, 5, 6, 4] must lie between 0 and 7": (
        ShapeError,
        lambda x, y: F.ctc_loss(x, y, (8, 5, 6, 4), COUNTS),
    ),
    "target_lengths=[4, 2, 1, 0] must lie between 0 and 3": (
        ShapeError,
        lambda x, y: F.ctc_loss(x, y, TIMES, (4, 2, 1, 0)),
    ),
    "input_lengths of shape (3,): give one for each of 4": (
        ShapeError,
        lambda x, y: F.ctc_loss(x, y, TIMES[:3], COUNTS),
    ),
    "target_lengths of dtype float64 must be integers": (
        DtypeError,
        lambda x, y: F.ctc_loss(x, y, TIMES, (3.0, 2.0, 1.0, 0.0)),
    ),
    "targets of dtype float64 must be class indices": (
        DtypeError,
        lambda x, y: F.ctc_loss(x, y.double(), TIMES, COUNTS),
    ),
    "label 9 is out of range: log_probs score 5 classes": (
        IndexError,
        lambda x, y: F.ctc_loss(x, y, TIMES, (3, 2, 2, 0)),
    ),
    "targets (5,) for 4 sequences of [3, 2, 1, 0] labels": (
        ShapeError,
        lambda x, y: F.ctc_loss(x, Tensor(JOINED[:5]), TIMES, COUNTS),
    ),
    "reduction is 'all'": (ValueError, lambda x, y: F.ctc_loss(x, y, TIMES, COUNTS, reduction="all")),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    kind, call = REFUSED[message]
    with pytest.raises(kind) as error:
        call(zeros(STEPS, BATCH, CLASSES), Tensor(PADDED))
    assert message in str(error.value)


def test_is_not_recorded():
    quick = compile(lambda x: F.ctc_loss(x, Tensor(PADDED), TIMES, COUNTS))
    with pytest.raises(Exception, match="calls ctc_loss, which lays its targets out anew"):
        quick(Tensor(SCORES))
