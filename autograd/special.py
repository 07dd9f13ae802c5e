"""Functions that PyTorch also has under ``torch.special``."""

from __future__ import annotations

from autograd.functions.activations import sigmoid as expit
from autograd.functions.made import binary, unary
from autograd.functions.pointwise import erf, exp2, expm1, log1p, logit, round, sinc, xlogy
from autograd.functions.reductions import logsumexp
from autograd.functions.softmaxes import log_softmax, softmax
from autograd.functions.special import digamma, erfc, erfinv, i0, polygamma
from autograd.functions.special import igamma as gammainc
from autograd.functions.special import igammac as gammaincc
from autograd.functions.special import lgamma as gammaln
from autograd.functions.special import mvlgamma as multigammaln

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "round",
    "sinc",
    "softmax",
    "xlog1py",
    "xlogy",
]

psi = digamma
entr = unary("entr")
erfcx = unary("erfcx")
i0e = unary("i0e")
i1 = unary("i1")
i1e = unary("i1e")
log_ndtr = unary("log_ndtr")
ndtr = unary("ndtr")
ndtri = unary("ndtri")
xlog1py = binary("xlog1py")
