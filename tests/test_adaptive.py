"""The adaptive softmax beside PyTorch's; normalizations fused into the layers before them; skip_init."""

import numpy as np
import pytest

import nn
from autograd import DtypeError, ShapeError, Tensor, manual_seed, rand
from nn import utils
from tests.comparing import assert_close
from tests.test_layers import as_theirs, both

SOURCE = np.random.default_rng(0)
X, CLASSES = SOURCE.normal(size=(9, 16)), np.array([0, 19, 4, 5, 11, 12, 3, 6, 0])
CALL = "AdaptiveLogSoftmaxWithLoss(16, 20, [5, 12], 2.0, {})"


@pytest.mark.parametrize("head_bias", [False, True])
def test_adaptive_softmax(torch, head_bias):
    ours, theirs = both(torch, CALL.format(f"head_bias={head_bias}"))
    assert repr(ours) == repr(theirs)
    theirs.load_state_dict(as_theirs(torch, ours))
    for rows in (slice(None), slice(0, 1), 3):  # of all clusters, of the head alone, of one example
        here, there = Tensor(X[rows], requires_grad=True), torch.tensor(X[rows], requires_grad=True)
        found, expected = ours(here, Tensor(CLASSES[rows])), theirs(there, torch.tensor(CLASSES[rows]))
        assert_close(found.output.numpy(), expected.output.detach().numpy())
        assert_close(found.loss.numpy(), expected.loss.detach().numpy())
        for model, out in ((ours, found), (theirs, expected)):
            model.zero_grad()
            (out.loss + (out.output**2).sum()).backward()
        assert_close(here.grad.numpy(), there.grad.numpy())
        references = dict(theirs.named_parameters())
        for name, p in ours.named_parameters():
            reference = references[name].grad
            assert (p.grad is None) == (reference is None), name
            if reference is not None:
                assert_close(p.grad.numpy(), reference.numpy(), name)


def test_adaptive_softmax_of_all_classes(torch):
    ours, theirs = both(torch, CALL.format("head_bias=True"))
    theirs.load_state_dict(as_theirs(torch, ours))
    x = 5 * SOURCE.normal(size=(200, 16))
    assert_close(ours.log_prob(Tensor(x)).numpy(), theirs.log_prob(torch.tensor(x)).detach().numpy())
    predicted = ours.predict(Tensor(x)).numpy()
    np.testing.assert_array_equal(predicted, theirs.predict(torch.tensor(x)).numpy())
    assert len(set(predicted)) > 5
    losses = ours(Tensor(x[:20]), Tensor(np.arange(20))).output
    assert_close(losses.numpy(), np.diag(ours.log_prob(Tensor(x[:20])).numpy()))


REFUSED = {
    "cutoffs=[5, 5] must be integers that rise": (ValueError, lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 5])),
    "cutoffs=[20] must be integers": (ValueError, lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 20, [20])),
    "cutoffs=[] must be integers": (ValueError, lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 20, [])),
    "leaves the widths [4, 1, 0]": (ValueError, lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 20, [3, 5, 9])),
    "input (9, 16) and target (8,)": (ShapeError, lambda: made()(Tensor(X), Tensor(CLASSES[:8]))),
    "target of dtype float64": (DtypeError, lambda: made()(Tensor(X), Tensor(1.0 * CLASSES))),
    "the targets lie between 0 and 20": (IndexError, lambda: made()(Tensor(X), Tensor(np.append(CLASSES[:8], 20)))),
}


def made():
    return nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 12]).double()


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    kind, call = REFUSED[message]
    with pytest.raises(kind) as error:
        call()
    assert message in str(error.value)


# Fused layers ------------------------------------------------------------------------------------------------------

PAIRS = {
    "Conv2d(4, 6, 3, groups=2)": ("BatchNorm2d(6)", (2, 4, 5, 5), {}),
    "Conv1d(4, 6, 3, bias=False)": ("BatchNorm1d(6, affine=False)", (2, 4, 5), {}),
    "ConvTranspose2d(3, 2, 3)": ("BatchNorm2d(2)", (2, 3, 4, 4), {"transpose": True}),
    "Linear(3, 4)": ("BatchNorm1d(4)", (5, 3), {}),
    "Linear(3, 4, bias=False)": ("BatchNorm1d(4)", (5, 3), {}),
}


@pytest.mark.parametrize("name", PAIRS)
def test_fused_layers(torch, name):
    norm, shape, settings = PAIRS[name]
    layers, references = both(torch, name), both(torch, norm)
    references[0](Tensor(SOURCE.normal(size=(4, references[0].num_features, *shape[2:]))))  # has statistics now
    for ours, theirs in (layers, references):
        theirs.load_state_dict(as_theirs(torch, ours))
    x = SOURCE.normal(size=shape)
    fuse = "fuse_linear_bn_eval" if "Linear" in name else "fuse_conv_bn_eval"
    pairs = [(layer.eval(), bn.eval()) for layer, bn in zip(layers, references, strict=True)]
    fused = getattr(utils, fuse)(*pairs[0], **settings)
    expected = getattr(torch.nn.utils.fusion, fuse)(*pairs[1], **settings)
    assert_close(fused(Tensor(x)).numpy(), expected(torch.tensor(x)).detach().numpy())
    assert_close(fused(Tensor(x)).numpy(), pairs[0][1](pairs[0][0](Tensor(x))).numpy())
    assert [p.requires_grad for p in fused.parameters()] == [p.requires_grad for p in expected.parameters()]
    assert fused.weight is not layers[0].weight


def test_what_cannot_be_fused():
    conv, bn = nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3)
    with pytest.raises(ValueError, match=r"fuse them after \.eval\(\)"):
        utils.fuse_conv_bn_eval(conv, bn)
    with pytest.raises(ValueError, match="no running statistics"):
        utils.fuse_conv_bn_eval(conv.eval(), nn.BatchNorm2d(3, track_running_stats=False).eval())
    with pytest.raises(ValueError, match="a layer of 4 outputs and a normalization of 3"):
        utils.fuse_linear_bn_eval(nn.Linear(2, 4).eval(), nn.BatchNorm1d(3).eval())


def test_skip_init_draws_nothing():
    manual_seed(3)
    expected = rand(2).tolist()
    manual_seed(3)
    layer = utils.skip_init(nn.Linear, 3, 4, bias=False, dtype="float64")
    assert rand(2).tolist() == expected
    assert repr(layer) == "Linear(in_features=3, out_features=4, bias=False)"
    assert layer.weight.dtype == np.float64
    for call in (lambda: utils.skip_init(nn.ReLU), lambda: utils.skip_init(len)):
        with pytest.raises(RuntimeError, match="skip_init"):
            call()
