"""Layers against PyTorch's: appearance, states in both directions, outputs and all gradients; what is refused."""

import warnings
from contextlib import nullcontext

import numpy as np
import pytest

import autograd
import nn
from autograd import DtypeError, GraphError, ShapeError, Tensor, compile, grad, manual_seed, no_grad, tensor
from nn import functional as F

LAYERS = {
    # Affine
    "Linear(5, 3)": [(2, 4, 5)],
    "Linear(5, 3, bias=False)": [(5,)],
    "Bilinear(3, 4, 2)": [(5, 3), (5, 4)],
    "Bilinear(3, 4, 2, bias=False)": [(2, 5, 3), (2, 5, 4)],
    "Identity(3, unused=True)": [(2, 3)],
    # Shapes
    "Flatten()": [(2, 3, 4)],
    "Flatten(0, 1)": [(2, 3, 4)],
    "Unflatten(1, (2, 3))": [(2, 6)],
    "PixelShuffle(2)": [(2, 8, 3, 2)],
    "ChannelShuffle(3)": [(2, 6, 3)],
    "ChannelShuffle(2)": [(2, 6, 3, 2)],
    "PixelUnshuffle(2)": [(2, 2, 4, 6)],
    "Unfold(2, padding=1, stride=2)": [(2, 3, 4, 5)],
    "Fold((4, 5), kernel_size=(2, 2))": [(2, 8, 12)],
    "Upsample(scale_factor=2)": [(2, 3, 4, 5)],
    "Upsample(size=(7, 3))": [(2, 3, 4, 5)],
    "Upsample(scale_factor=(1.5, 2.3), mode='bilinear')": [(2, 3, 4, 5)],
    "Upsample(size=9, mode='linear', align_corners=True)": [(2, 3, 4)],
    "Upsample(scale_factor=1.7, mode='nearest-exact')": [(2, 3, 4)],
    "Upsample(size=(2, 3, 5), mode='trilinear')": [(1, 2, 3, 4, 2)],
    "Upsample(scale_factor=1.7, mode='bicubic')": [(1, 2, 3, 4)],
    "Upsample(size=(2, 7), mode='bicubic', align_corners=True)": [(1, 2, 3, 4)],
    "Upsample(size=(3, 3), mode='area')": [(1, 2, 5, 6)],
    "Upsample(scale_factor=1.7, recompute_scale_factor=True)": [(2, 3, 7)],
    "UpsamplingNearest2d(scale_factor=3)": [(1, 2, 3, 2)],
    "UpsamplingBilinear2d(scale_factor=2)": [(1, 2, 3, 2)],
    # Convolutions
    "Conv1d(4, 6, 3)": [(2, 4, 7)],
    "Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2, bias=False)": [(2, 4, 9)],
    "Conv1d(4, 6, 4, padding='same', padding_mode='replicate')": [(2, 4, 9)],
    "Conv2d(1, 16, 3)": [(2, 1, 5, 6)],
    "Conv2d(2, 3, (3, 2), stride=(1, 2), padding=(1, 0))": [(2, 2, 5, 6)],
    "Conv2d(2, 2, 3, padding=1, padding_mode='circular')": [(2, 2, 5, 6)],
    "Conv2d(2, 2, 3, padding=(2, 1), padding_mode='reflect')": [(2, 5, 6)],
    "Conv2d(2, 2, 3, padding='same', dilation=2)": [(2, 2, 5, 6)],
    "Conv2d(2, 2, 3, padding='valid', padding_mode='reflect')": [(2, 2, 5, 6)],
    "Conv3d(2, 3, 2)": [(1, 2, 3, 4, 3)],
    "ConvTranspose1d(4, 2, 3, 2)": [(2, 4, 5)],
    "ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)": [(2, 4, 3, 2)],
    "ConvTranspose2d(2, 3, 2, dilation=2, bias=False)": [(2, 3, 2)],
    "ConvTranspose3d(2, 3, 2)": [(1, 2, 2, 2, 3)],
    # Pooling
    "MaxPool1d(2)": [(2, 3, 7)],
    "MaxPool2d(2)": [(2, 3, 5, 6)],
    "MaxPool2d((3, 2), stride=2, padding=1, ceil_mode=True)": [(2, 3, 5, 6)],
    "MaxPool3d(2, 1)": [(1, 2, 3, 3, 3)],
    "AvgPool1d(2)": [(2, 3, 7)],
    "AvgPool2d(3, stride=2, padding=1, count_include_pad=False)": [(2, 3, 5, 6)],
    "AvgPool2d((2, 2), divisor_override=3)": [(2, 3, 5, 6)],
    "AvgPool3d(2)": [(1, 2, 3, 3, 3)],
    "LPPool1d(3, 2, ceil_mode=True)": [(2, 3, 7)],
    "LPPool2d(2, (2, 3), stride=(1, 2))": [(2, 3, 5, 6)],
    "LPPool2d(float('inf'), 2)": [(3, 5, 6)],
    "LPPool2d(-float('inf'), 2)": [(3, 5, 6)],
    "LPPool3d(1.0, 2)": [(1, 2, 3, 3, 3)],
    "AdaptiveMaxPool1d(3)": [(2, 3, 7)],
    "AdaptiveMaxPool2d((2, None))": [(2, 3, 5, 6)],
    "AdaptiveMaxPool3d(2)": [(1, 2, 3, 3, 3)],
    "AdaptiveAvgPool1d(3)": [(2, 3, 7)],
    "AdaptiveAvgPool2d((1, 1))": [(2, 3, 5, 6)],
    "AdaptiveAvgPool3d(2)": [(1, 2, 3, 3, 3)],
    # Padding
    "ZeroPad1d(1)": [(2, 3, 4)],
    "ZeroPad2d((1, 2, 0, 1))": [(2, 3, 4, 5)],
    "ConstantPad1d((2, 0), 3.5)": [(2, 3, 4)],
    "ConstantPad2d(1, -1.0)": [(2, 3, 4, 5)],
    "ConstantPad3d(1, 0.5)": [(2, 3, 2, 2, 2)],
    "ZeroPad3d(1)": [(2, 3, 2, 2, 2)],
    "ReflectionPad1d(2)": [(2, 3, 4)],
    "ReflectionPad2d((1, 2, 0, 1))": [(2, 3, 4, 5)],
    "ReflectionPad3d(1)": [(2, 3, 2, 2, 2)],
    "ReplicationPad1d(2)": [(2, 3, 4)],
    "ReplicationPad2d((1, 2, 0, 1))": [(3, 4, 5)],
    "ReplicationPad3d(1)": [(2, 3, 2, 2, 2)],
    "CircularPad1d(2)": [(2, 3, 4)],
    "CircularPad2d((1, 2, 0, 1))": [(2, 3, 4, 5)],
    "CircularPad3d(1)": [(2, 3, 2, 2, 2)],
    # Normalization
    "LayerNorm(5)": [(2, 3, 5)],
    "LayerNorm((3, 5), eps=1e-3, bias=False)": [(2, 3, 5)],
    "LayerNorm([5], elementwise_affine=False)": [(2, 3, 5)],
    "RMSNorm(5)": [(2, 3, 5)],
    "RMSNorm((3, 5), eps=1e-4, elementwise_affine=False)": [(2, 3, 5)],
    "GroupNorm(2, 6)": [(3, 6, 4)],
    "GroupNorm(3, 6, affine=False)": [(3, 6, 4, 2)],
    "BatchNorm1d(5)": [(4, 5)],
    "BatchNorm1d(5, eps=1e-3, momentum=None, affine=False)": [(4, 5, 2)],
    "BatchNorm2d(3, track_running_stats=False)": [(4, 3, 2, 2)],
    "BatchNorm2d(3, bias=False)": [(4, 3, 2, 2)],
    "BatchNorm3d(2)": [(2, 2, 2, 2, 2)],
    "SyncBatchNorm(3)": [(4, 3, 2)],
    "SyncBatchNorm(3, bias=False, momentum=None)": [(4, 3)],
    "LocalResponseNorm(2)": [(2, 5, 4)],
    "LocalResponseNorm(5, alpha=0.3, beta=0.6, k=2.0)": [(2, 7, 3, 4)],
    "LocalResponseNorm(3, 1.0)": [(2, 4, 2, 1, 3)],
    "InstanceNorm1d(3)": [(2, 3, 4)],
    "InstanceNorm2d(3, affine=True, track_running_stats=True)": [(2, 3, 4, 5)],
    "InstanceNorm3d(3, affine=True)": [(3, 2, 4, 5)],
    # Activations
    "CELU(0.5)": [(3, 4)],
    "ELU(0.7)": [(3, 4)],
    "GELU()": [(3, 4)],
    "GELU('tanh')": [(3, 4)],
    "GLU()": [(3, 4)],
    "Hardshrink(0.3)": [(3, 4)],
    "Hardsigmoid()": [(3, 4)],
    "Hardswish()": [(3, 4)],
    "Hardtanh(-0.5, 0.4)": [(3, 4)],
    "LeakyReLU(0.2)": [(3, 4)],
    "LogSigmoid()": [(3, 4)],
    "LogSoftmax(dim=-1)": [(3, 4)],
    "Mish()": [(3, 4)],
    "PReLU()": [(3, 4)],
    "PReLU(4, init=0.1)": [(3, 4, 2)],
    "ReLU()": [(3, 4)],
    "ReLU(inplace=True)": [(3, 4)],
    "ReLU6()": [(3, 4)],
    "SELU()": [(3, 4)],
    "SiLU(inplace=True)": [(3, 4)],
    "Sigmoid()": [(3, 4)],
    "Softmax(dim=1)": [(3, 4)],
    "Softmax2d()": [(2, 3, 4, 2)],
    "Softmin(dim=0)": [(3, 4)],
    "Softplus(2.0, threshold=1.0)": [(3, 4)],
    "Softshrink(0.3)": [(3, 4)],
    "Softsign()": [(3, 4)],
    "Tanh()": [(3, 4)],
    "Tanhshrink()": [(3, 4)],
    "Threshold(0.1, 20)": [(3, 4)],
    # Dropout that drops nothing
    "Dropout(0)": [(3, 4)],
    "Dropout2d(0.0, inplace=True)": [(2, 3, 4, 5)],
    # Recurrent
    "RNN(3, 4)": [(5, 2, 3)],
    "RNN(3, 4, 2, 'relu', bidirectional=True)": [(5, 2, 3), (4, 2, 4)],
    "RNN(3, 4, bias=False, batch_first=True)": [(2, 5, 3)],
    "GRU(3, 4)": [(5, 3), (1, 4)],
    "GRU(3, 4, num_layers=2, batch_first=True, bidirectional=True)": [(2, 5, 3)],
    "LSTM(3, 4)": [(5, 2, 3)],
    "LSTM(3, 4, 2, bidirectional=True)": [(7, 2, 3), [(4, 2, 4), (4, 2, 4)]],
    "LSTM(3, 4, bias=False)": [(1, 3), [(1, 4), (1, 4)]],
    "LSTM(3, 4, proj_size=2)": [(1, 3), [(1, 2), (1, 4)]],
    "LSTM(3, 4, 2, batch_first=True, bidirectional=True, proj_size=3)": [(2, 5, 3), [(4, 2, 3), (4, 2, 4)]],
    "LSTM(3, 4, 2, bias=False, proj_size=1)": [(5, 2, 3)],
    "RNNCell(3, 4)": [(2, 3)],
    "RNNCell(3, 4, nonlinearity='relu')": [(3,), (4,)],
    "GRUCell(3, 4, bias=False)": [(2, 3), (2, 4)],
    "LSTMCell(3, 4)": [(2, 3), [(2, 4), (2, 4)]],
    # Transformers
    "TransformerEncoderLayer(4, 2, 8, dropout=0.0)": [(3, 2, 4)],
    "TransformerEncoderLayer(4, 2, 8, 0.0, 'gelu', batch_first=True, norm_first=True)": [(3, 2, 4)],
    "TransformerEncoderLayer(4, 2, 8, 0.0, layer_norm_eps=1e-3, bias=False)": [(3, 4)],
    "TransformerDecoderLayer(4, 2, 8, dropout=0.0)": [(3, 2, 4), (5, 2, 4)],
    "TransformerDecoderLayer(4, 2, 8, 0.0, batch_first=True, norm_first=True)": [(2, 3, 4), (2, 5, 4)],
}
RANDOM = np.random.default_rng(0)


def both(torch, call):
    """Ours and PyTorch's layer, in float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(f"nn.{call}").double(), eval(f"nn.{call}", {"nn": torch.nn}).double()


def as_theirs(torch, ours):
    return {name: torch.tensor(kept.numpy()) for name, kept in ours.state_dict().items()}


def inputs_of(torch, shapes):
    """The same leaves here and there; a list of shapes is a tuple of leaves."""
    here, there = [], []
    for shape in shapes:
        arrays = [RANDOM.normal(size=s) for s in (shape if isinstance(shape, list) else [shape])]
        ours = tuple(Tensor(a, requires_grad=True) for a in arrays)
        theirs = tuple(torch.tensor(a, requires_grad=True) for a in arrays)
        here.append(ours if isinstance(shape, list) else ours[0])
        there.append(theirs if isinstance(shape, list) else theirs[0])
    return here, there


def flat(given):
    """All tensors of a tensor or of nested tuples of them."""
    return [x for part in given for x in flat(part)] if isinstance(given, list | tuple) else [given]


def computed(given):
    """What is no leaf: PyTorch changes none in place."""
    return [tuple(y * 1 for y in x) if isinstance(x, tuple) else x * 1 for x in given]


def agree(ours, theirs, what, rtol=1e-10):
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol, atol=1e-10, err_msg=what)


def check_run(ours, theirs, here, there, **masks):
    """Outputs, gradients of inputs and of parameters, and buffers are equal after a forward and a backward pass."""
    outs = [x for x in flat(ours(*computed(here), **{k: v[0] for k, v in masks.items()})) if x is not None]
    expected = [x for x in flat(theirs(*computed(there), **{k: v[1] for k, v in masks.items()})) if x is not None]
    assert len(outs) == len(expected)
    for out, reference in zip(outs, expected, strict=True):
        agree(out, reference, "output")
    if not any(reference.requires_grad for reference in expected):
        return
    sum((x * x * (x + 1)).sum() for x in outs).backward()
    sum((x * x * (x + 1)).sum() for x in expected).backward()
    for x, reference in zip(flat(here), flat(there), strict=True):
        rounded = isinstance(ours, nn.Hardsigmoid)  # PyTorch rounds its slope to float32
        agree(x.grad, reference.grad, "gradient of an input", 1e-7 if rounded else 1e-10)
    references = dict(theirs.named_parameters())
    for name, p in ours.named_parameters():
        agree(p.grad, references[name].grad, f"gradient of {name}")
    for name, buffer in ours.named_buffers():
        agree(buffer, dict(theirs.named_buffers())[name], name)


@pytest.mark.parametrize("call", LAYERS)
def test_layers_are_torchs(torch, call):
    ours, theirs = both(torch, call)
    if "Transformer" not in call:
        assert repr(ours) == repr(theirs)
    state = as_theirs(torch, ours)
    assert {name: t.dtype for name, t in state.items()} == {name: t.dtype for name, t in theirs.state_dict().items()}
    theirs.load_state_dict(state)
    check_run(ours, theirs, *inputs_of(torch, LAYERS[call]))
    _, other = both(torch, call)
    with torch.no_grad():
        for p in other.parameters():
            p.add_(0.3)
    assert ours.load_state_dict(other.state_dict()) == ([], [])
    ours.zero_grad()
    check_run(ours.eval(), other.eval(), *inputs_of(torch, LAYERS[call]))


def test_there_are_no_other_names_in_states_of_models(torch):
    def model(nn):
        encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2, nn.LayerNorm(4))
        decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8, batch_first=True), 2)
        return nn.ModuleDict({"encoder": encoder, "decoder": decoder, "loss": nn.CrossEntropyLoss(torch.ones(3))})

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = model(nn).double().eval(), model(torch.nn).double().eval()
    assert set(ours.state_dict()) == set(theirs.state_dict())
    assert repr(ours["decoder"]).replace("Linear", "") == repr(theirs["decoder"]).replace(
        "NonDynamicallyQuantizableLinear", ""
    ).replace("Linear", "")
    ours.load_state_dict(theirs.state_dict())
    x, y = RANDOM.normal(size=(2, 5, 4)), RANDOM.normal(size=(2, 3, 4))
    mask = np.triu(np.ones((3, 3), bool), 1)
    out = ours["decoder"](Tensor(y), ours["encoder"](Tensor(x)), tgt_mask=Tensor(mask), tgt_is_causal=True)
    there = theirs["encoder"](torch.tensor(x))
    agree(out, theirs["decoder"](torch.tensor(y), there, tgt_mask=torch.tensor(mask), tgt_is_causal=True), "output")


def test_a_whole_transformer(torch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = both(torch, "Transformer(4, 2, 2, 1, 8, dropout=0.0)")
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(as_theirs(torch, ours))
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    there = torch.nn.Transformer.generate_square_subsequent_mask(3)
    np.testing.assert_array_equal(mask.numpy(), there.numpy())
    masks = {"tgt_mask": (mask, there.double()), "memory_key_padding_mask": None, "tgt_is_causal": (True, True)}
    hidden = np.array([[False, False, True, True, False], [False] * 5])
    masks["memory_key_padding_mask"] = Tensor(hidden), torch.tensor(hidden)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_run(ours, theirs, *inputs_of(torch, [(5, 2, 4), (3, 2, 4)]), **masks)


# Starting values ---------------------------------------------------------------------------------------------------

STARTS = ["Linear(300, 40)", "Bilinear(30, 40, 20)", "Conv2d(20, 30, 5)", "ConvTranspose2d(20, 30, 5)"]
STARTS += ["Embedding(100, 50)", "LSTM(30, 40)", "GRUCell(30, 40)", "MultiheadAttention(60, 3)"]
STARTS += ["MultiheadAttention(60, 3, kdim=40, vdim=50, add_bias_kv=True)", "BatchNorm2d(10)", "LayerNorm(7)"]


@pytest.mark.parametrize("call", STARTS)
def test_layers_start_as_torchs(torch, call):
    ours, theirs = both(torch, call)
    for name, reference in theirs.state_dict().items():
        x = ours.state_dict()[name].numpy()
        if reference.numel() > 500:
            assert x.std() == pytest.approx(reference.std().item(), rel=0.15), name
            assert np.abs(x).max() == pytest.approx(reference.abs().max().item(), rel=0.4), name
        else:
            assert (np.ptp(x) == 0) == (np.ptp(reference.numpy()) == 0), name
            assert np.abs(x).max() == pytest.approx(reference.abs().max().item(), rel=0.8), name


def test_starting_again():
    layer = nn.Sequential(nn.Linear(3, 2), nn.LSTM(3, 2), nn.MultiheadAttention(4, 2), nn.BatchNorm1d(2))
    before = {name: t.numpy().copy() for name, t in layer.state_dict().items()}
    with no_grad():
        for t in layer.state_dict().values():
            t.fill_(7)
    for child in layer:
        child.reset_parameters()
    for name, t in layer.state_dict().items():
        assert not (t.numpy() == 7).any(), name
        if np.ptp(before[name]) == 0:  # a constant
            np.testing.assert_array_equal(t.numpy(), before[name])


def test_initial_values_with_structure(torch):
    x = Tensor(np.zeros((4, 2, 3)))
    for shape, groups in [((4, 2, 3), 1), ((4, 2, 3), 2), ((6, 3, 3, 2), 3)]:
        ours, theirs = nn.init.dirac_(Tensor(np.zeros(shape)), groups), torch.nn.init.dirac_(torch.zeros(shape), groups)
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    np.testing.assert_array_equal(nn.init.eye_(Tensor(np.zeros((2, 3)))).numpy(), np.eye(2, 3))
    tall, wide = nn.init.orthogonal_(Tensor(np.zeros((5, 3))), 2.0).numpy(), nn.init.orthogonal_(x).numpy()
    np.testing.assert_allclose(tall.T @ tall, 4 * np.eye(3), atol=1e-12)
    np.testing.assert_allclose(wide.reshape(4, 6) @ wide.reshape(4, 6).T, np.eye(4), atol=1e-12)
    drawn = nn.init.trunc_normal_(Tensor(np.zeros(20000)), 1.0, 2.0, -1.0, 2.0).numpy()
    theirs = torch.nn.init.trunc_normal_(torch.zeros(20000), 1.0, 2.0, -1.0, 2.0).numpy()
    assert -1 <= drawn.min() < -0.99
    assert 1.99 < drawn.max() <= 2
    assert drawn.mean() == pytest.approx(theirs.mean(), abs=0.05)
    sparse = nn.init.sparse_(Tensor(np.zeros((10, 4))), 0.25).numpy()
    assert ((sparse == 0).sum(0) == 3).all()


# Attention ---------------------------------------------------------------------------------------------------------

CAUSAL = np.triu(np.ones((3, 3), bool), 1)
PADDED = np.array([[False, False, True], [False, False, False]])
ADDED = RANDOM.normal(size=(3, 3))
PER_HEAD = RANDOM.normal(size=(4, 3, 3)) > 1
PER_HEAD[..., 0] = False  # each query sees a key

ATTENTION = [
    ("(4, 2)", {}),
    ("(4, 2, bias=False)", {"need_weights": False}),
    ("(4, 2)", {"average_attn_weights": False}),
    ("(4, 2)", {"attn_mask": CAUSAL}),
    ("(4, 2)", {"attn_mask": CAUSAL, "is_causal": True}),
    ("(4, 2)", {"attn_mask": CAUSAL, "is_causal": True, "need_weights": False}),
    ("(4, 2)", {"attn_mask": ADDED}),
    ("(4, 2)", {"attn_mask": PER_HEAD}),
    ("(4, 2)", {"key_padding_mask": PADDED}),
    ("(4, 2, batch_first=True)", {"key_padding_mask": PADDED, "attn_mask": CAUSAL}),
    ("(4, 2, add_bias_kv=True, add_zero_attn=True)", {"key_padding_mask": PADDED, "attn_mask": CAUSAL}),
    ("(4, 2, add_bias_kv=True)", {}),
]


@pytest.mark.parametrize(("arguments", "given"), ATTENTION)
def test_attention_with_masks(torch, arguments, given):
    ours, theirs = both(torch, f"MultiheadAttention{arguments}")
    theirs.load_state_dict(as_theirs(torch, ours))
    shape = (2, 3, 4) if "batch_first" in arguments else (3, 2, 4)
    here, there = inputs_of(torch, [shape] * 3)
    masks = {name: (Tensor(v), torch.tensor(v)) if isinstance(v, np.ndarray) else (v, v) for name, v in given.items()}
    check_run(ours, theirs, here, there, **masks)
    one, other = inputs_of(torch, [shape])
    ours.zero_grad()
    theirs.zero_grad()
    agree(
        ours(*one * 3, **{k: v[0] for k, v in masks.items()})[0],
        theirs(*other * 3, **{k: v[1] for k, v in masks.items()})[0],
        "attention to itself",
    )


def test_attention_of_other_widths_and_lengths(torch):
    ours, theirs = both(torch, "MultiheadAttention(4, 2, kdim=3, vdim=5)")
    ours.load_state_dict(theirs.state_dict())
    check_run(ours, theirs, *inputs_of(torch, [(2, 3, 4), (6, 3, 3), (6, 3, 5)]))
    ours.zero_grad()
    theirs.zero_grad()
    mask = np.array([False, True, False])
    check_run(
        *(ours, theirs),
        *inputs_of(torch, [(2, 4), (3, 3), (3, 5)]),
        key_padding_mask=(Tensor(mask), torch.tensor(mask)),
    )


def test_the_mask_of_an_encoder_layer(torch):
    ours, theirs = both(torch, "TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True)")
    ours.load_state_dict(theirs.state_dict())
    masks = {"src_mask": CAUSAL, "src_key_padding_mask": PADDED}
    check_run(
        ours, theirs, *inputs_of(torch, [(2, 3, 4)]), **{k: (Tensor(v), torch.tensor(v)) for k, v in masks.items()}
    )


# Statistics --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("BatchNorm1d(3)", (5, 3)),
        ("BatchNorm1d(3, momentum=None)", (5, 3, 2)),
        ("BatchNorm2d(3, momentum=0.4, affine=False)", (5, 3, 2, 2)),
        ("InstanceNorm1d(3, track_running_stats=True)", (5, 3, 4)),
    ],
)
def test_running_statistics_over_several_steps(torch, call, shape):
    ours, theirs = both(torch, call)
    for _ in range(4):
        x = RANDOM.normal(2, 3, size=shape)
        agree(ours(Tensor(x)), theirs(torch.tensor(x)), "output in training")
        for name, buffer in theirs.named_buffers():
            agree(ours.state_dict()[name], buffer, name)
    x = RANDOM.normal(size=shape)
    agree(ours.eval()(Tensor(x)), theirs.eval()(torch.tensor(x)), "output out of training")
    for name, buffer in theirs.named_buffers():
        agree(ours.state_dict()[name], buffer, name)


def test_a_batch_that_is_refused_is_not_counted():
    layer = nn.BatchNorm1d(3)
    with pytest.raises(ShapeError, match="one value per channel"):
        layer(tensor([[1.0, 2.0, 3.0]]))
    assert layer.num_batches_tracked.item() == 0


# Embedding, output_size, states of one kind ------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", ["(6, 3)", "(6, 3, padding_idx=-2)", "(6, 3, max_norm=1.0, norm_type=1.0)"])
def test_embedding(torch, arguments):
    ours, theirs = both(torch, f"Embedding{arguments}")
    assert repr(ours) == repr(theirs)
    ours.load_state_dict(theirs.state_dict())
    index = np.array([[0, 4, 2], [4, 4, 5]])
    out, expected = ours(Tensor(index)), theirs(torch.tensor(index))
    agree(out, expected, "output")
    (out * out).sum().backward()
    (expected * expected).sum().backward()
    agree(ours.weight.grad, theirs.weight.grad, "gradient")
    agree(ours.weight, theirs.weight, "rows")


def test_embedding_from_rows():
    rows = tensor([[1.0, 2.0], [3.0, 4.0]])
    layer = nn.Embedding.from_pretrained(rows)
    assert layer(tensor([1])).tolist() == [[3.0, 4.0]]
    assert not layer.weight.requires_grad
    assert nn.Embedding.from_pretrained(rows, freeze=False).weight.requires_grad
    assert (nn.Embedding(3, 2, padding_idx=1).weight[1].numpy() == 0).all()


BAGS = {
    "a matrix": (np.array([[0, 4, 2], [4, 4, 5]]), {}),
    "offsets": (np.array([1, 0, 4, 4, 5, 2, 1]), {"offsets": np.array([0, 2, 2, 5])}),
    "the last offset": (np.array([1, 0, 4, 2]), {"offsets": np.array([0, 3, 4])}),
    "nothing in any bag": (np.array([], int), {"offsets": np.array([0, 0])}),
}


@pytest.mark.parametrize("arguments", ["", ", padding_idx=-2", ", max_norm=1.0"])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("name", BAGS)
def test_embedding_bag(torch, name, mode, arguments):
    index, given = BAGS[name]
    last = ", include_last_offset=True" * (name == "the last offset")
    ours, theirs = both(torch, f"EmbeddingBag(6, 3, mode='{mode}'{arguments}{last})")
    assert repr(ours) == repr(theirs)
    ours.load_state_dict(theirs.state_dict())
    out = ours(Tensor(index), **{what: Tensor(x) for what, x in given.items()})
    expected = theirs(torch.tensor(index), **{what: torch.tensor(x) for what, x in given.items()})
    agree(out, expected, "output")
    (out * out).sum().backward()
    (expected * expected).sum().backward()
    agree(ours.weight.grad, theirs.weight.grad, "gradient")
    agree(ours.weight, theirs.weight, "rows")


def test_the_first_of_equal_rows_is_the_largest_of_a_bag(torch):
    rows, index = np.array([[1.0, 2.0], [1.0, 2.0], [0.0, 5.0]]), np.array([[0, 1, 2], [1, 0, 0]])
    ours, theirs = Tensor(rows, requires_grad=True), torch.tensor(rows, requires_grad=True)
    F.embedding_bag(Tensor(index), ours, mode="max").sum().backward()
    torch.nn.functional.embedding_bag(torch.tensor(index), theirs, mode="max").sum().backward()
    agree(ours.grad, theirs.grad, "gradient")


def test_embedding_bag_divides_gradients_by_how_often_a_row_is_looked_up():
    """As `embedding` does; PyTorch 2.13 takes the count of another row here."""
    index, rows = Tensor(np.array([[1, 0, 4], [4, 4, 2]])), Tensor(RANDOM.normal(size=(5, 2)), requires_grad=True)
    bags = F.embedding_bag(index, rows, mode="sum", scale_grad_by_freq=True)
    looked_up = F.embedding(index, rows, scale_grad_by_freq=True).sum(1)
    gradients = [grad((out * out).sum(), rows)[0].numpy() for out in (bags, looked_up)]
    np.testing.assert_allclose(*gradients, rtol=1e-12)


@pytest.mark.parametrize("padding_idx", [None, 4])
def test_embedding_bag_with_weights(torch, padding_idx):
    index, weights = np.array([[0, 4, 2], [4, 3, 5]]), RANDOM.normal(size=(2, 3))
    ours, theirs = both(torch, f"EmbeddingBag(6, 3, mode='sum', padding_idx={padding_idx})")
    ours, theirs = ours.double(), theirs.double()
    ours.load_state_dict(theirs.state_dict())
    found, expected = Tensor(weights, requires_grad=True), torch.tensor(weights, requires_grad=True)
    out, there = (
        ours(Tensor(index), per_sample_weights=found),
        theirs(torch.tensor(index), per_sample_weights=expected),
    )
    agree(out, there, "output")
    (out * out).sum().backward()
    (there * there).sum().backward()
    agree(ours.weight.grad, theirs.weight.grad, "gradient of the rows")
    agree(found.grad, expected.grad, "gradient of the weights")


def test_the_output_size_of_a_transposed_convolution(torch):
    ours, theirs = both(torch, "ConvTranspose2d(2, 3, 3, stride=2, padding=1)")
    ours.load_state_dict(theirs.state_dict())
    x = RANDOM.normal(size=(1, 2, 3, 4))
    for size in ([6, 7], [1, 3, 5, 8]):
        agree(ours(Tensor(x), output_size=size), theirs(torch.tensor(x), output_size=size), "output")
    with pytest.raises(ShapeError, match=r"from \(5, 7\) to \(6, 8\)"):
        ours(Tensor(x), output_size=[7, 7])


def test_a_long_sequence_costs_its_length():
    layer = nn.GRU(2, 3)
    x = Tensor(RANDOM.normal(size=(300, 1, 2)).astype(np.float32), requires_grad=True)
    out, last = layer(x)
    out.sum().backward()
    assert out.shape == (300, 1, 3)
    np.testing.assert_array_equal(out[-1].numpy(), last[0].numpy())
    assert (x.grad.numpy() != 0).all()


def test_cross_map_normalization(torch):
    """PyTorch's keeps its first channel in all sums, and its gradient is none: its output, where that does not show."""
    ours, theirs = both(torch, "CrossMapLRN2d(5, 0.5)")
    assert repr(ours) == repr(theirs)
    x = RANDOM.normal(size=(2, 7, 4, 5))
    agree(ours(Tensor(x[:, :3])), theirs(torch.tensor(x[:, :3])), "output")
    agree(ours(Tensor(x)), torch.nn.LocalResponseNorm(5, 0.5)(torch.tensor(x)), "output")
    with pytest.raises(ShapeError, match=r"input \(3, 4\) must be \(N, C, H, W\)"):
        ours(Tensor(x[0, :3, :, 0]))


def test_sync_batch_norm_in_place_of_others(torch):
    def model(nn):
        return nn.Sequential(nn.Conv2d(2, 3, 1), nn.Sequential(nn.BatchNorm2d(3), nn.ReLU()), nn.BatchNorm1d(3))

    ours, theirs = (nn_.SyncBatchNorm.convert_sync_batchnorm(model(nn_)) for nn_ in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    single = nn.BatchNorm1d(4)
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(single.eval())
    assert converted.weight is single.weight
    assert converted.running_mean is single.running_mean
    assert list(converted.state_dict()) == list(single.state_dict())
    assert not converted.training


def test_sync_batch_norm_in_a_job_of_several_is_refused(monkeypatch):
    layer = nn.SyncBatchNorm(3)
    monkeypatch.setattr("nn.normalization.world", lambda: type("Job", (), {"size": 4}))
    with pytest.raises(NotImplementedError, match="not normalized over the 4 processes"):
        layer(Tensor(np.ones((2, 3))))
    assert layer.eval()(Tensor(np.ones((2, 3)))).shape == (2, 3)
    with pytest.raises(ValueError, match="no process groups"):
        nn.SyncBatchNorm(3, process_group="all")


# In place, and chance ----------------------------------------------------------------------------------------------

IN_PLACE = ["celu", "elu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "relu", "relu6", "rrelu"]
IN_PLACE += ["selu", "silu", "dropout", "alpha_dropout"]


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_outside_a_graph_only(name):
    function = getattr(F, name)
    start = tensor([-4.0, -1.0, 0.5, 8.0] * 20)
    further = {"p": 0.4, "training": True} if "dropout" in name else {}
    x = start.clone()
    assert function(x, inplace=True, **further) is x
    assert not (x == start).all()
    leaf = start.clone().requires_grad_()
    out = function(leaf * 1.0, inplace=True, **further)
    out.sum().backward()
    assert out is not leaf
    assert leaf.grad is not None
    np.testing.assert_array_equal(leaf.detach().numpy(), start.numpy())
    with no_grad():
        changed = leaf.clone()
        assert function(changed, inplace=True, **further) is changed


@pytest.mark.parametrize("name", ["celu", "elu", "hardtanh", "leaky_relu", "relu", "rrelu", "selu", "threshold"])
def test_names_with_an_underscore(torch, name):
    function, theirs = getattr(F, f"{name}_"), getattr(torch.nn.functional, f"{name}_")
    array = np.array([-4.0, -1.0, 0.5, 8.0])
    further = (0.7, 3.0) if name == "threshold" else (0.5,) if name in ("celu", "elu", "leaky_relu") else ()
    x, expected = Tensor(array), theirs(torch.tensor(array), *further)
    assert function(x, *further) is x
    agree(x, expected, name)
    leaf, reference = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    function(leaf * 1.0, *further).sum().backward()
    theirs(reference * 1.0, *further).sum().backward()
    agree(leaf.grad, reference.grad, name)
    with pytest.raises(TypeError):
        function(x, inplace=True)


def test_in_place_by_position_and_in_a_model():
    x = tensor([-1.0, 2.0])
    assert F.relu(x, True) is x
    assert F.threshold(x, 1.0, 7.0, True).tolist() == [7.0, 2.0]
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True), nn.Dropout(0.5, inplace=True)).eval()
    given = tensor([[1.0, 2.0]])
    with no_grad():
        out = model(given)
    assert given.tolist() == [[1.0, 2.0]]
    np.testing.assert_array_equal(out.numpy(), F.relu(model[0](given)).detach().numpy())
    with pytest.raises(DtypeError, match="silu: a float32 result does not fit into the int64 input"):
        F.silu(tensor([1, 2]), inplace=True)


@pytest.mark.parametrize(
    "name", ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]
)
def test_dropout_while_training_only(name):
    layer = getattr(nn, name)(0.4)
    space = {"Dropout1d": (5,), "Dropout3d": (2, 2, 2)}.get(name, (3, 3))
    x = Tensor(RANDOM.normal(size=(200, 30, *space)))
    out = layer(x).numpy()
    kept = np.isclose(out, out[0, 0].flat[0]) if "Alpha" in name else out == 0
    assert layer.eval()(x) is x
    if "Alpha" in name:
        assert out.mean() == pytest.approx(0, abs=0.05)
        assert out.std() == pytest.approx(1, abs=0.05)
    else:
        assert kept.mean() == pytest.approx(0.4, abs=0.05)
        whole = kept.reshape(200, 30, -1)
        assert (whole.all(-1) == whole.any(-1)).all() == (name != "Dropout")
        np.testing.assert_allclose(out[~kept], x.numpy()[~kept] / 0.6)


def test_rrelu_draws_slopes_while_training():
    layer, x = nn.RReLU(0.1, 0.3), Tensor(np.full(1000, -1.0), requires_grad=True)
    out = layer(x)
    out.sum().backward()
    assert 0.1 <= -out.numpy().max() < 0.11
    assert 0.29 < -out.numpy().min() < 0.3
    np.testing.assert_allclose(x.grad.numpy(), -out.numpy())
    np.testing.assert_allclose(layer.eval()(x).numpy(), -0.2)


def test_dropout_between_layers_of_a_network():
    layer = nn.LSTM(3, 4, 2, dropout=0.5)
    x = Tensor(RANDOM.normal(size=(5, 2, 3)).astype(np.float32))
    assert (layer(x)[0].numpy() != layer(x)[0].numpy()).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    for make in (nn.RNN, nn.GRU, nn.LSTM):
        with pytest.warns(UserWarning, match="lies between layers") as said:
            make(3, 4, dropout=0.5)
        assert said[0].filename == __file__


def test_masks_are_resized_as_they_are(torch):
    mask = RANDOM.integers(0, 2, (2, 1, 3, 4)).astype(np.uint8)
    for mode in ("nearest", "nearest-exact"):
        found = F.interpolate(Tensor(mask), scale_factor=1.7, mode=mode)
        expected = torch.nn.functional.interpolate(torch.tensor(mask), scale_factor=1.7, mode=mode)
        assert (found.dtype, found.tolist()) == (np.uint8, expected.tolist())
    with pytest.raises(DtypeError, match="interpolate: the input has dtype uint8"):
        F.interpolate(Tensor(mask), 2, mode="bilinear")


def test_a_dim_left_out_is_torchs(torch):
    for shape in [(3,), (3, 4), (2, 3, 4), (2, 3, 4, 2)]:
        x = RANDOM.normal(size=shape)
        for name in ("Softmax", "Softmin", "LogSoftmax"):
            with pytest.warns(UserWarning, match="dim"):
                out, expected = getattr(nn, name)()(Tensor(x)), getattr(torch.nn, name)()(torch.tensor(x))
            agree(out, expected, name)


# What is refused ---------------------------------------------------------------------------------------------------

X = tensor([[[1.0, 2.0, 3.0]]])

REFUSED = [
    (lambda: nn.Linear(3, 2, device="cuda"), TypeError, "computes on the CPU"),
    (lambda: nn.LSTM(3, 2, device="cuda:0"), TypeError, "computes on the CPU"),
    (lambda: nn.GRU(3, 2, proj_size=1), TypeError, "proj_size"),
    (lambda: nn.LSTM(3, 2, proj_size=2), ValueError, "proj_size=2 must be smaller than hidden_size=2"),
    (lambda: nn.LSTM(3, 2, proj_size=-1), ValueError, "proj_size=-1"),
    (lambda: nn.LSTM(3, 2, proj_size=1)(X, (X[..., :2], X[..., :2])), ShapeError, r"\(1, 1, 1\) and \(1, 1, 2\)"),
    (lambda: nn.LSTM(3, 2, 2, 0.5), TypeError, "LSTM: bias=0.5 must be True or False"),
    (lambda: nn.RNN(3, 2, batch_first=0), TypeError, "RNN: batch_first=0 must be True or False"),
    (lambda: nn.Embedding(3, 2, sparse=True), ValueError, "sparse=True"),
    (lambda: nn.Embedding(3, 2, 3), ValueError, "padding_idx=3"),
    (lambda: nn.EmbeddingBag(3, 2, sparse=True), ValueError, "EmbeddingBag: sparse=True"),
    (lambda: nn.EmbeddingBag(3, 2, mode="min")(tensor([[0]])), ValueError, "mode is 'min'"),
    (lambda: nn.EmbeddingBag(3, 2)(tensor([0, 1])), ShapeError, "or a vector and offsets"),
    (lambda: nn.EmbeddingBag(3, 2)(tensor([[0, 1]]), tensor([0])), ValueError, "each row of a matrix is a bag"),
    (lambda: nn.EmbeddingBag(3, 2)(tensor([0, 1]), tensor([0, 3])), ShapeError, "not pass the last index"),
    (lambda: nn.EmbeddingBag(3, 2)(tensor([0, 1]), tensor([1])), ShapeError, "begin with 0"),
    (lambda: nn.EmbeddingBag(3, 2)(tensor([0, 1]), tensor([0.0])), DtypeError, "vector of integers"),
    (lambda: nn.EmbeddingBag(3, 2)(tensor([[3]])), IndexError, "index 3 is out of range"),
    (lambda: nn.EmbeddingBag(3, 2)(tensor([[0]]), None, tensor([[1.0]])), ValueError, "for mode 'sum', not 'mean'"),
    (lambda: nn.EmbeddingBag(3, 2, mode="sum")(tensor([[0]]), None, tensor([1.0])), ShapeError, "shape of the input"),
    (lambda: compile(nn.EmbeddingBag(3, 2))(tensor([[0]])), GraphError, "whose bags may be others"),
    (lambda: nn.Sigmoid(3), TypeError, "Sigmoid: cannot take"),
    (lambda: nn.Tanh(dim=3), TypeError, "Tanh: cannot take"),
    (lambda: nn.BatchNorm1d("3"), TypeError, "BatchNorm1d: cannot take"),
    (lambda: nn.MaxPool2d(kernel=3), TypeError, "MaxPool2d: cannot take"),
    (lambda: nn.Bilinear(3, 0, 2), ValueError, "at least 1"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "multiples of groups=2"),
    (lambda: nn.Conv2d(4, 4, 3, padding_mode="mirror"), ValueError, "padding_mode is 'mirror'"),
    (lambda: nn.Conv2d(4, 4, 3, padding="full"), ValueError, "padding is 'full'"),
    (lambda: nn.Conv2d(4, 4, 3, stride=2, padding="same"), ValueError, "stride 1"),
    (lambda: nn.Conv2d(4, 4, (3, 3, 3)), ShapeError, "kernel_size"),
    (lambda: nn.ConvTranspose2d(4, 4, 3, padding_mode="reflect"), ValueError, "only be 'zeros'"),
    (lambda: nn.BatchNorm1d(0), ValueError, "at least 1 channel"),
    (lambda: nn.BatchNorm2d(1)(X), ShapeError, r"BatchNorm2d: input \(1, 1, 3\) must be \(N, C, H, W\)"),
    (lambda: nn.InstanceNorm1d(2)(X), ShapeError, "2 channels"),
    (lambda: nn.GroupNorm(2, 3), ValueError, "multiple of num_groups=2"),
    (lambda: nn.Dropout(1.5), ValueError, "p=1.5"),
    (lambda: nn.ReflectionPad2d((1, 2, 3)), ShapeError, "one width or 4"),
    (lambda: nn.ReflectionPad1d(1)(X[0, 0]), ShapeError, "ReflectionPad1d"),
    (lambda: nn.Unflatten("c", (2, 3)), TypeError, "not names"),
    (lambda: nn.Softmax2d()(X[0]), ShapeError, "Softmax2d"),
    (lambda: nn.RNN(3, 2, nonlinearity="sin"), ValueError, "'tanh' or 'relu'"),
    (lambda: nn.GRU(3, 2, dropout=1.5), ValueError, "dropout=1.5"),
    (lambda: nn.GRU(3, 2, 0), ValueError, "num_layers=0"),
    (lambda: nn.GRU(3, 2)([X]), TypeError, "a Tensor or a PackedSequence"),
    (lambda: nn.GRU(4, 2)(X), ShapeError, "input_size=4"),
    (lambda: nn.GRU(3, 2)(X, X), ShapeError, r"it must be \(1, 1, 2\)"),
    (lambda: nn.LSTM(3, 2)(X, (X[..., :2],)), ShapeError, r"\(1, 1, 2\) and \(1, 1, 2\)"),
    (lambda: nn.LSTMCell(3, 2)(X), ShapeError, "LSTMCell"),
    (lambda: nn.MultiheadAttention(3, 2), ValueError, "multiple of num_heads=2"),
    (lambda: nn.MultiheadAttention(3, 1)(X, X, X, is_causal=True), ValueError, "needs an attn_mask"),
    (lambda: nn.MultiheadAttention(3, 1)(X, X, X, attn_mask=tensor([1.0])), ShapeError, "attn_mask"),
    (lambda: nn.MultiheadAttention(3, 1)(X, X, X, tensor([[1]])), DtypeError, "key_padding_mask is int64"),
    (lambda: nn.MultiheadAttention(3, 1)(X, X, X, tensor([True])), ShapeError, r"must be \(1, 1\)"),
    (lambda: nn.MultiheadAttention(3, 1)(X, X[..., :2], X), ShapeError, r"last sizes must be \(3, 3, 3\)"),
    (lambda: nn.TransformerEncoderLayer(4, 2, activation="tan"), ValueError, "activation is 'tan'"),
    (lambda: nn.TransformerEncoder(nn.Linear(1, 1), 0), ValueError, "num_layers=0"),
    (lambda: nn.CrossEntropyLoss(reduction="total"), ValueError, "reduction is 'total'"),
    (lambda: nn.Upsample()(X), ValueError, "either size or scale_factor"),
    (lambda: F.interpolate(X, 3, mode="cubic"), ValueError, "mode is 'cubic'"),
    (lambda: F.interpolate(X, 3, mode="bilinear"), ShapeError, "2 dimensions in space"),
    (lambda: F.interpolate(X, 3, align_corners=True), ValueError, "linear and cubic modes"),
    (lambda: F.interpolate(X, 3, antialias=True), ValueError, "antialias"),
    (lambda: F.interpolate(X, scale_factor=0.1), ShapeError, "leave nothing"),
    (lambda: nn.init.eye_(X), ShapeError, "not a matrix"),
    (lambda: nn.init.dirac_(X[0]), ShapeError, "dirac_"),
    (lambda: nn.init.trunc_normal_(X, 0.0, 1.0, 9.0, 10.0), ValueError, "more than 2 std"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_what_makes_no_sense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("uniform", (2.0, 3.0)), ("normal", ()), ("constant", (4.0,)), ("eye", ()), ("xavier_uniform", (2.0,))]
    + [(name, ()) for name in ("xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal")]
    + [("sparse", (0.5,)), ("dirac", ())],
)
def test_older_names_of_initial_values(torch, name, arguments):
    shape = (3, 2, 3) if name == "dirac" else (3, 4)
    drawn = []
    for spelling in (name, f"{name}_"):
        manual_seed(0)
        with pytest.warns(FutureWarning, match=f"{name}_") if spelling == name else nullcontext():
            drawn.append(getattr(nn.init, spelling)(autograd.zeros(*shape), *arguments).tolist())
    assert drawn[0] == drawn[1]
    assert hasattr(torch.nn.init, name)


def test_modules_and_parameters_are_taken_out_of_containers(torch):
    def program(lib):
        layers = lib.nn
        net = layers.Sequential(layers.Linear(2, 2), layers.Tanh(), layers.Linear(2, 1))
        taken = [str(net.pop(1)), str(net.pop(-1))]
        several = layers.ModuleList([layers.Tanh(), layers.ReLU(), layers.Sigmoid()])
        taken += [str(several.pop(0)), str(several)]
        named = layers.ModuleDict({"a": layers.Tanh(), "b": layers.ReLU()})
        named.clear()
        weights = layers.ParameterDict({"x": lib.ones(1), "y": lib.zeros(1)})
        other = weights.copy()
        taken += [weights.get("z"), weights.get("z", 3), weights.get("x").tolist(), weights.popitem()[0], len(other)]
        taken += [weights.setdefault("x", lib.zeros(2)).tolist(), weights.setdefault("w", lib.zeros(2)).tolist()]
        taken += [list(weights), [isinstance(p, layers.Parameter) for p in weights.values()]]
        weights.clear()
        return [*taken, str(net), list(net.state_dict()), len(named), len(weights), other["x"] is not None]

    assert program(autograd) == program(torch)
