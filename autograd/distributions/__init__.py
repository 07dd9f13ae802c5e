"""Random variables: samples, densities, entropies and divergences, with PyTorch's names.

``rsample`` draws a sample as a function of the parameters, so that gradients reach them; ``sample`` draws one without.
"""

from __future__ import annotations

from autograd.distributions import closed_forms
from autograd.distributions.categorical import Categorical, OneHotCategorical
from autograd.distributions.continuous import Exponential, Laplace, Normal, Uniform
from autograd.distributions.counts import Binomial, Geometric, Multinomial, NegativeBinomial, Poisson
from autograd.distributions.discrete import Bernoulli
from autograd.distributions.distribution import Distribution
from autograd.distributions.divergence import kl_divergence, register_kl
from autograd.distributions.gammas import Beta, Chi2, Dirichlet, Gamma, StudentT
from autograd.distributions.joint import Independent, MultivariateNormal

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Chi2",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "Gamma",
    "Geometric",
    "Independent",
    "Laplace",
    "Multinomial",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "OneHotCategorical",
    "Poisson",
    "StudentT",
    "Uniform",
    "closed_forms",
    "kl_divergence",
    "register_kl",
]
