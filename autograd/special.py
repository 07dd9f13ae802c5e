"""Functions that PyTorch also has under ``torch.special``."""

from __future__ import annotations

from autograd.functions.activations import sigmoid as expit
from autograd.functions.pointwise import erf, erfinv, exp2, expm1, log1p, logit, round, sinc, xlogy
from autograd.functions.reductions import logsumexp
from autograd.functions.softmaxes import log_softmax, softmax

__all__ = [
    "erf",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "log1p",
    "log_softmax",
    "logit",
    "logsumexp",
    "round",
    "sinc",
    "softmax",
    "xlogy",
]
