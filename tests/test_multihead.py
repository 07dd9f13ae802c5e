"""`F.multi_head_attention_forward`: the same attention as `nn.MultiheadAttention`, given its parameters."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import ShapeError, ones, tensor
from nn import functional as F

RNG = np.random.default_rng(0)
QUERY, KEY, VALUE = (RNG.normal(size=(length, 2, width)) for length, width in ((3, 4), (5, 6), (5, 8)))
MASK = RNG.random((3, 5)) < 0.3
PADDING = np.array([[False, False, True, False, False], [False, False, False, False, True]])
PARAMETERS = {
    "in_proj_weight": RNG.normal(size=(12, 4)),
    "in_proj_bias": RNG.normal(size=12),
    "bias_k": RNG.normal(size=(1, 1, 4)),
    "bias_v": RNG.normal(size=(1, 1, 4)),
    "out_proj_weight": RNG.normal(size=(4, 4)),
    "out_proj_bias": RNG.normal(size=4),
    "q_proj_weight": RNG.normal(size=(4, 4)),
    "k_proj_weight": RNG.normal(size=(4, 6)),
    "v_proj_weight": RNG.normal(size=(4, 8)),
}
SEPARATE = ("q_proj_weight", "k_proj_weight", "v_proj_weight")


def attended(functional, make, inputs, left_out=(), **settings):
    """The results, and the gradients of all that was given, of ``functional`` on what ``make`` makes of arrays."""
    given = [make(x) for x in inputs]
    parameters = {name: None if name in left_out else make(x) for name, x in PARAMETERS.items()}
    more = {name: parameters.pop(name) for name in SEPARATE}
    order = ("in_proj_weight", "in_proj_bias", "bias_k", "bias_v")
    first = [parameters[name] for name in order]
    last = [parameters[name] for name in ("out_proj_weight", "out_proj_bias")]
    zeros, p = settings.pop("add_zero_attn", False), settings.pop("dropout_p", 0.0)
    out, weights = functional(*given, 4, 2, *first, zeros, p, *last, **more, **settings)
    loss = (out**2).sum() + (0 if weights is None else (weights**3).sum())
    loss.backward()
    leaves = [x for x in (*given, *first, *last, *more.values()) if x is not None]
    return [out, weights, *(x.grad for x in leaves)]


@pytest.mark.parametrize(
    ("left_out", "settings"),
    [
        (SEPARATE, {}),
        ((*SEPARATE, "bias_k", "bias_v", "in_proj_bias", "out_proj_bias"), {"add_zero_attn": True}),
        (("in_proj_weight",), {"use_separate_proj_weight": True}),
        ((*SEPARATE, "bias_k", "bias_v"), {"masks": True, "average_attn_weights": False}),
        (SEPARATE, {"need_weights": False, "dropout_p": 0.5, "training": False}),
    ],
    ids=["together", "zeros", "separate", "masked", "evaluating"],
)
def test_agrees_with_torch(torch, left_out, settings):
    inputs = (QUERY, KEY, VALUE) if "in_proj_weight" in left_out else (QUERY, KEY[..., :4], VALUE[..., :4])
    masks = settings.get("masks", False)
    settings = {name: value for name, value in settings.items() if name != "masks"}

    def result(functional, make, mask):
        more = {"attn_mask": mask(MASK), "key_padding_mask": mask(PADDING)} if masks else {}
        return attended(functional, make, inputs, left_out, **settings, **more)

    ours = result(F.multi_head_attention_forward, lambda x: tensor(x, requires_grad=True), tensor)
    functional = torch.nn.functional.multi_head_attention_forward
    theirs = result(functional, lambda x: torch.tensor(x, requires_grad=True), torch.tensor)
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a.numpy(), b.detach().numpy(), rtol=1e-10, atol=1e-12)


X, W, B, OUT = ones(3, 2, 4), ones(12, 4), ones(12), ones(4, 4)


@pytest.mark.parametrize(
    ("given", "more", "error", "message"),
    [
        ((X, X, X, 5, 2, W, B), {}, ShapeError, r"query \(3, 2, 4\) must be of the width embed_dim_to_check=5"),
        ((X, X, X, 4, 3, W, B), {}, ShapeError, "a positive multiple of num_heads=3"),
        ((X, X, X, 4, 2, None, B), {}, ValueError, "needs in_proj_weight with"),
        ((X, X, X, 4, 2, W, B), {"use_separate_proj_weight": True}, ValueError, "needs q_proj_weight, k_proj_weight"),
        ((X, X, X, 4, 2, W, B), {"static_k": X}, ValueError, "static_k and static_v are not possible here"),
        ((X, X, X, 4, 2, W, B), {"is_causal": True}, ValueError, "is_causal=True needs an attn_mask"),
        ((X, ones(3, 2, 5), X, 4, 2, W, B), {}, ShapeError, r"their last sizes must be \(4, 4, 4\)"),
    ],
)
def test_refuses(given, more, error, message):
    with pytest.raises(error, match=f"multi_head_attention_forward: .*{message}"):
        F.multi_head_attention_forward(*given, None, None, False, 0.0, OUT, None, **more)
