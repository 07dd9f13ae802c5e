"""Losses beside PyTorch's, at ordinary and at extreme inputs; and the targets they refuse."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.graph import topological
from nn import functional as F

RANDOM = np.random.default_rng(1)
LOGITS = RANDOM.normal(size=(6, 4)) * 2
CLASSES = np.array([0, 3, 1, 2, 2, 0])
WEIGHT = np.array([0.5, 2.0, 1.0, 0.2])
REDUCTIONS = ["mean", "sum", "none"]


def agree(torch, ours, theirs, *arrays):
    """Value and gradients of a loss of ``arrays`` are PyTorch's to 1e-12."""
    leaves, tensors = ([make(a) for a in arrays] for make in (Tensor, torch.tensor))
    for x in (*leaves, *tensors):
        x.requires_grad_()
    found, expected = ours(*leaves), theirs(*tensors)
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy(), rtol=1e-12, atol=1e-14)
    found.sum().backward()
    expected.sum().backward()
    for leaf, tensor in zip(leaves, tensors, strict=True):
        np.testing.assert_allclose(leaf.grad.numpy(), tensor.grad.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss"])
def test_of_differences(torch, name, reduction):
    def of(F):
        return lambda x, y: getattr(F, name)(x, y, reduction=reduction)

    agree(torch, of(F), of(torch.nn.functional), RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(3, 4)))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("ignore_index", [-100, 2])
def test_cross_entropy_of_classes(torch, reduction, label_smoothing, weight, ignore_index):
    settings = {"reduction": reduction, "label_smoothing": label_smoothing, "ignore_index": ignore_index}
    there = torch.tensor(CLASSES), None if weight is None else torch.tensor(weight)
    agree(
        torch,
        lambda x: F.cross_entropy(x, Tensor(CLASSES), None if weight is None else Tensor(weight), **settings),
        lambda x: torch.nn.functional.cross_entropy(x, *there, **settings),
        LOGITS,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["unweighted", "weighted"])
def test_cross_entropy_of_probabilities(torch, reduction, label_smoothing, weight):
    probabilities = np.exp(LOGITS[::-1]) / np.exp(LOGITS[::-1]).sum(1, keepdims=True)
    settings = {"reduction": reduction, "label_smoothing": label_smoothing}
    there = None if weight is None else torch.tensor(weight)
    agree(
        torch,
        lambda x, p: F.cross_entropy(x, p, None if weight is None else Tensor(weight), **settings),
        lambda x, p: torch.nn.functional.cross_entropy(x, p, there, **settings),
        LOGITS,
        probabilities,
    )


@pytest.mark.parametrize("shape", [(4,), (2, 4), (2, 4, 3), (2, 4, 3, 2)])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
def test_cross_entropy_of_any_number_of_dimensions(torch, shape, label_smoothing):
    x = RANDOM.normal(size=shape)
    y = np.asarray(RANDOM.integers(0, 4, size=shape[:1] + shape[2:] if len(shape) > 1 else ()))
    for reduction in REDUCTIONS:
        settings = {"reduction": reduction, "label_smoothing": label_smoothing}
        there = torch.tensor(y)

        def theirs(x, there=there, settings=settings):
            return torch.nn.functional.cross_entropy(x, there, **settings)

        agree(torch, lambda x, settings=settings: F.cross_entropy(x, Tensor(y), **settings), theirs, x)


def test_all_targets_ignored_is_nan_as_in_torch(torch):
    ours = F.cross_entropy(Tensor(LOGITS), Tensor(np.full(6, -100)))
    theirs = torch.nn.functional.cross_entropy(torch.tensor(LOGITS), torch.full((6,), -100))
    assert np.isnan(ours.item())
    assert np.isnan(theirs.item())


@pytest.mark.parametrize("scale", [1e3, 1e30, 3e38])
def test_extreme_logits_neither_overflow_nor_vanish(scale):
    x = Tensor(np.array([[1.0, -1.0, 0.0]], np.float32) * np.float32(scale), requires_grad=True)
    softmax = F.softmax(x, 1)
    assert softmax.tolist() == [[1.0, 0.0, 0.0]]
    loss = F.cross_entropy(x, Tensor([1]))
    assert loss.item() == (pytest.approx(2 * scale, rel=1e-6) if scale < 1e38 else np.inf)
    loss.backward()
    assert x.grad.tolist() == [[1.0, -1.0, 0.0]]


def test_an_ordinary_loss_has_no_where_in_its_graph():
    """Behind a ``where`` the reverse pass looks for infinite slopes; a training step is not to pay for that."""
    loss = F.cross_entropy(Tensor(LOGITS, requires_grad=True), Tensor(CLASSES), label_smoothing=0.1)
    assert "where" not in {node.op.name for node in topological((loss,)) if node.op is not None}


def test_an_ignored_example_does_not_spoil_the_loss(torch):
    logits = np.array([[-np.inf, 0.0], [0.0, 0.0]])
    agree(
        torch,
        lambda x: F.cross_entropy(x, Tensor([-100, 1])),
        lambda x: torch.nn.functional.cross_entropy(x, torch.tensor([-100, 1])),
        logits,
    )


def test_hinge():
    scores = Tensor([2.0, 0.5, -3.0], requires_grad=True)
    loss = F.hinge_loss(scores, Tensor([1.0, 1.0, 1.0]), reduction="none")
    assert loss.tolist() == [0.0, 0.5, 4.0]
    loss.sum().backward()
    assert scores.grad.tolist() == [0.0, -1.0, -1.0]


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.L1Loss, nn.HingeLoss, nn.NLLLoss, nn.CrossEntropyLoss])
def test_modules_are_the_functions(loss):
    function = {
        nn.MSELoss: F.mse_loss,
        nn.L1Loss: F.l1_loss,
        nn.HingeLoss: F.hinge_loss,
        nn.NLLLoss: F.nll_loss,
        nn.CrossEntropyLoss: F.cross_entropy,
    }[loss]
    classes = loss in (nn.NLLLoss, nn.CrossEntropyLoss)
    target = Tensor(CLASSES) if classes else Tensor(np.sign(LOGITS))
    for reduction in REDUCTIONS:
        found = loss(reduction=reduction)(Tensor(LOGITS), target)
        np.testing.assert_array_equal(found.numpy(), function(Tensor(LOGITS), target, reduction=reduction).numpy())


def test_cross_entropy_of_one_example_and_its_probabilities(torch):
    probabilities = np.array([0.1, 0.2, 0.3, 0.4])

    def ours(x):
        return F.cross_entropy(x, Tensor(probabilities))

    def theirs(x):
        return torch.nn.functional.cross_entropy(x, torch.tensor(probabilities))

    agree(torch, ours, theirs, LOGITS[0])


COLUMN, ROW = Tensor(np.zeros((3, 1))), Tensor(np.zeros(3))
REFUSED = [
    (lambda: F.mse_loss(COLUMN, ROW), ValueError, r"input \(3, 1\) and target \(3,\) must have one shape"),
    (lambda: F.l1_loss(ROW, COLUMN), ValueError, "must have one shape"),
    (lambda: F.hinge_loss(COLUMN, ROW), ValueError, "must have one shape"),
    (lambda: F.mse_loss(ROW, Tensor([0.0, np.nan, 0.0])), ValueError, r"target at index \(1,\) is NaN"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor(LOGITS * np.nan)), ValueError, r"index \(0, 0\) is NaN"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor([0, 1, 2, 3, 4, 0])), IndexError, "class index 4 is out of range"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor([0, 1, 2, 3, -1, 0])), IndexError, "class index -1"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor([0, 1])), ValueError, r"must have shape \(6,\)"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor([0.0] * 6)), TypeError, "class indices must be integers"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor(CLASSES), label_smoothing=2), ValueError, "label_smoothing is 2"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor(CLASSES), reduction="avg"), ValueError, "reduction is 'avg'"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor(CLASSES), weight=[1.0]), ValueError, r"weight has shape \(1,\)"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor(LOGITS), weight=[1.0]), ValueError, r"weight has shape \(1,\)"),
    (lambda: F.cross_entropy(Tensor(LOGITS), Tensor(LOGITS), ignore_index=1), ValueError, "is for class indices"),
    (lambda: F.hinge_loss(ROW, Tensor([0.0, 1.0, 1.0])), ValueError, "targets must be -1 or 1"),
    (lambda: nn.MSELoss("avg"), ValueError, "reduction is 'avg'"),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


OLDER = [{"size_average": False}, {"size_average": True}, {"reduce": False}, {"size_average": False, "reduce": True}]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("older", OLDER, ids=str)
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "binary_cross_entropy", "cross_entropy", "kl_div"])
def test_older_names_of_the_reduction(torch, name, older):
    x, y = np.random.default_rng(0).uniform(0.1, 0.9, (2, 3, 4))
    y = np.array([0, 3, 1]) if name == "cross_entropy" else y
    module = {"mse_loss": "MSELoss", "l1_loss": "L1Loss", "kl_div": "KLDivLoss"}.get(name)
    module = module or {"binary_cross_entropy": "BCELoss", "cross_entropy": "CrossEntropyLoss"}[name]
    found = getattr(F, name)(Tensor(x), autograd.tensor(y), **older)
    expected = getattr(torch.nn.functional, name)(torch.tensor(x), torch.tensor(y), **older)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-12)
    made = getattr(nn, module)(**older)
    np.testing.assert_allclose(made(Tensor(x), autograd.tensor(y)).numpy(), expected.numpy(), rtol=1e-12)
    assert made.reduction == getattr(torch.nn, module)(**older).reduction


def test_older_names_are_warned_of():
    x = autograd.ones(2)
    with pytest.warns(UserWarning, match="mse_loss: .* reduction='sum'"):
        F.mse_loss(x, x, size_average=False)
    with pytest.warns(UserWarning, match="MSELoss: .* reduction='none'"):
        nn.MSELoss(reduce=False)


BYTES = {
    "nll_loss": lambda F, x, y, w: F.nll_loss(x, y),
    "nll_loss weighted": lambda F, x, y, w: F.nll_loss(x, y, w),
    "nll_loss, some ignored": lambda F, x, y, w: F.nll_loss(x, y, ignore_index=2, reduction="sum"),
    "cross_entropy": lambda F, x, y, w: F.cross_entropy(x, y),
    "cross_entropy weighted": lambda F, x, y, w: F.cross_entropy(x, y, w),
    "cross_entropy smoothed": lambda F, x, y, w: F.cross_entropy(x, y, label_smoothing=0.2),
    "cross_entropy of each": lambda F, x, y, w: F.cross_entropy(x, y, reduction="none"),
}


@pytest.mark.parametrize("name", BYTES)
def test_classes_may_be_bytes(torch, name):
    call = BYTES[name]
    agree(
        torch,
        lambda x: call(F, x, Tensor(CLASSES.astype(np.uint8)), Tensor(WEIGHT)),
        lambda x: call(torch.nn.functional, x, torch.tensor(CLASSES.astype(np.uint8)), torch.tensor(WEIGHT)),
        LOGITS,
    )


def test_bytes_are_read_again_by_a_compiled_loss():
    def loss(x, y):
        return F.nll_loss(x, y, Tensor(WEIGHT))

    compiled = autograd.compile(loss)
    for classes in (CLASSES, CLASSES[::-1], (CLASSES + 1) % 4):
        x, y = Tensor(LOGITS, requires_grad=True), Tensor(classes.astype(np.uint8))
        assert compiled(x, y).item() == pytest.approx(loss(x, y).item(), rel=1e-12)
    assert F.multi_margin_loss(Tensor(LOGITS), y).item() == F.multi_margin_loss(Tensor(LOGITS), y.long()).item()
