"""The loss of sequences without an alignment: PyTorch's values and gradients, and what it refuses."""

import numpy as np
import pytest

import nn
from autograd import DtypeError, GraphError, ShapeError, Tensor, compile, log_softmax
from nn import functional as F
from tests.comparing import assert_close, check_first, check_second

X = np.random.default_rng(0).normal(size=(9, 3, 5))
ROWS = np.array([[1, 2, 2, 3], [4, 4, 0, 0], [1, 0, 0, 0]])
STEPS, SIZES = (9, 6, 8), (4, 2, 1)
CALLS = {
    "rows": (X, ROWS, STEPS, SIZES, {}),
    "each": (X, ROWS, STEPS, SIZES, {"reduction": "none"}),
    "one after the other": (X, np.array([1, 2, 2, 3, 4, 4, 1]), STEPS, SIZES, {"reduction": "sum"}),
    "another blank": (X, ROWS % 4, STEPS, SIZES, {"blank": 4, "reduction": "none"}),
    "nothing to spell": (X, ROWS, STEPS, (0, 2, 0), {"reduction": "none"}),
    "too few steps": (X, ROWS, (4, 2, 8), SIZES, {"reduction": "none", "zero_infinity": True}),
    "without a batch": (X[:, 0], ROWS[0], (9,), (4,), {}),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_in_torch(name, torch):
    x, targets, steps, sizes, how = CALLS[name]
    here, there = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    found = F.ctc_loss(log_softmax(here, -1), Tensor(targets), steps, Tensor(np.array(sizes)), **how)
    expected = torch.nn.functional.ctc_loss(torch.log_softmax(there, -1), torch.tensor(targets), steps, sizes, **how)
    assert_close(found.numpy(), expected.detach().numpy())
    found.sum().backward()
    expected.sum().backward()
    assert_close(here.grad.numpy(), there.grad.numpy())


def test_its_own_derivatives():
    def loss(x):
        return F.ctc_loss(x, Tensor([[1, 2]]), (3,), (2,))

    check_first(loss, [Tensor(X[:3, :1, :3])])
    check_second(loss, [Tensor(X[:3, :1, :3])])


def test_what_cannot_be_spelt_is_infinite_and_gives_no_nan():
    x = Tensor(X.astype(np.float32), requires_grad=True)
    losses = F.ctc_loss(log_softmax(x, -1), Tensor(ROWS), (9, 2, 9), SIZES, reduction="none")
    assert losses.isinf().tolist() == [False, True, False]
    losses.sum().backward()
    assert not x.grad[:, 1].numpy().any()
    assert np.isfinite(x.grad.numpy()).all()
    assert losses.dtype == np.float32


def test_as_a_module(torch):
    layer = nn.CTCLoss(blank=4, zero_infinity=True)
    given = log_softmax(Tensor(X), -1), Tensor(ROWS % 4), STEPS, SIZES
    assert layer(*given).item() == F.ctc_loss(*given, blank=4).item()
    assert repr(layer) == repr(torch.nn.CTCLoss())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x, y: F.ctc_loss(x.long(), y, STEPS, SIZES), DtypeError, "ctc_loss: the input has dtype int64"),
        (lambda x, y: F.ctc_loss(x[0, 0], y, STEPS, SIZES), ShapeError, r"must be \(T, N, C\) or \(T, C\)"),
        (lambda x, y: F.ctc_loss(x, y, STEPS, SIZES, blank=5), ValueError, "blank=5 is none of the 5 classes"),
        (lambda x, y: F.ctc_loss(x, y, (9, 9), SIZES), ShapeError, "must be 3 integers"),
        (lambda x, y: F.ctc_loss(x, y, (9, 10, 9), SIZES), ShapeError, "not above the 9 steps"),
        (lambda x, y: F.ctc_loss(x, y, STEPS, (1, -1, 1)), ShapeError, "must not be negative"),
        (lambda x, y: F.ctc_loss(x, y, STEPS, (5, 1, 1)), ShapeError, "5 or more for each example"),
        (lambda x, y: F.ctc_loss(x, y[0], STEPS, (1, 1, 1)), ShapeError, r"do not fit target_lengths=\[1, 1, 1\]"),
        (lambda x, y: F.ctc_loss(x, y + 1, STEPS, SIZES), IndexError, "from 0 to 5, but there are 5 classes"),
        (lambda x, y: F.ctc_loss(x, y, STEPS, SIZES, reduction="all"), ValueError, "reduction is 'all'"),
        (lambda x, y: compile(F.ctc_loss)(x, y, STEPS, SIZES), GraphError, "calls ctc_loss"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X), Tensor(ROWS))
