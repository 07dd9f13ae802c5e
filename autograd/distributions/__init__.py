"""Random variables: samples, densities, entropies and divergences, with PyTorch's names.

``rsample`` draws a sample as a function of the parameters, so that gradients reach them; ``sample`` draws one without.
"""

from __future__ import annotations

from autograd.distributions import closed_forms, constraints, transforms
from autograd.distributions.angles import VonMises
from autograd.distributions.categorical import Categorical, OneHotCategorical, OneHotCategoricalStraightThrough
from autograd.distributions.continuous import Exponential, Laplace, Normal, Uniform
from autograd.distributions.counts import Binomial, Geometric, Multinomial, NegativeBinomial, Poisson
from autograd.distributions.discrete import Bernoulli
from autograd.distributions.distribution import Distribution
from autograd.distributions.divergence import kl_divergence, register_kl
from autograd.distributions.extremes import Cauchy, Gumbel, HalfCauchy, Pareto, Weibull
from autograd.distributions.gammas import Beta, Chi2, Dirichlet, Gamma, StudentT
from autograd.distributions.joint import Independent, MultivariateNormal
from autograd.distributions.mixture import MixtureSameFamily
from autograd.distributions.relaxed import RelaxedBernoulli, RelaxedOneHotCategorical
from autograd.distributions.transformed import HalfNormal, LogNormal, TransformedDistribution
from autograd.distributions.transforms import *

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "Gamma",
    "Geometric",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Independent",
    "Laplace",
    "LogNormal",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "Poisson",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "StudentT",
    "TransformedDistribution",
    "Uniform",
    "VonMises",
    "Weibull",
    "closed_forms",
    "constraints",
    "kl_divergence",
    "register_kl",
    "transforms",
    *transforms.__all__,
]
