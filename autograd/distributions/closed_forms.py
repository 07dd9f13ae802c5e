"""Closed forms of the Kullback-Leibler divergence, for `divergence`."""

from __future__ import annotations

import math
from typing import Any

from autograd import functions, special
from autograd.distributions.continuous import Exponential, Laplace, Normal, Uniform
from autograd.distributions.counts import Binomial, Geometric, Poisson
from autograd.distributions.divergence import kl_divergence, register_kl
from autograd.distributions.extremes import EULER, Cauchy, Gumbel, Pareto
from autograd.distributions.gammas import Beta, Dirichlet, Gamma
from autograd.distributions.joint import summed_last
from autograd.distributions.transformed import HalfNormal, TransformedDistribution


@register_kl(Gamma, Gamma)
def _gamma(p: Gamma, q: Gamma) -> Any:
    a, b = p.concentration, q.concentration
    rates = b * functions.log(p.rate / q.rate) + a * (q.rate / p.rate - 1)
    return rates + functions.lgamma(b) - functions.lgamma(a) + (a - b) * functions.digamma(a)


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Dirichlet, q: Dirichlet) -> Any:
    digammas = functions.digamma(p.concentration) - functions.digamma(p.total())
    return q.log_beta() - p.log_beta() + functions.sum((p.concentration - q.concentration) * digammas, -1)


@register_kl(Beta, Beta)
def _beta(p: Beta, q: Beta) -> Any:
    return _dirichlet(p.pair, q.pair)


@register_kl(Poisson, Poisson)
def _poisson(p: Poisson, q: Poisson) -> Any:
    return functions.xlogy(p.rate, p.rate) - functions.xlogy(p.rate, q.rate) - (p.rate - q.rate)


@register_kl(Geometric, Geometric)
def _geometric(p: Geometric, q: Geometric) -> Any:
    return -p.entropy() - functions.log1p(-q.probs) / p.probs - q.logits


@register_kl(Binomial, Binomial)
def _binomial(p: Binomial, q: Binomial) -> Any:
    n = p.total_count
    known = n * (p.probs * (p.logits - q.logits) + functions.log1p(-p.probs) - functions.log1p(-q.probs))
    known = functions.where(n > q.total_count, math.inf, known)
    if (n < q.total_count).any():
        raise NotImplementedError("kl_divergence: of binomials of fewer and of more events no formula is known")
    return known


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: TransformedDistribution, q: TransformedDistribution) -> Any:
    """A transform that loses nothing leaves the divergence what it was."""
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("kl_divergence: of draws that are transformed differently no formula is known")
    if not all(transform.bijective for transform in p.transforms):
        raise NotImplementedError("kl_divergence: no formula is known where the transform takes two numbers to one")
    own = kl_divergence(p.base_dist, q.base_dist)
    return summed_last(own, own.ndim - len(p.batch_shape))


@register_kl(HalfNormal, HalfNormal)
def _half_normal(p: HalfNormal, q: HalfNormal) -> Any:
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Cauchy, Cauchy)
def _cauchy(p: Cauchy, q: Cauchy) -> Any:
    square = (p.scale + q.scale) ** 2 + (p.loc - q.loc) ** 2
    return functions.log(square / (4 * p.scale * q.scale))


@register_kl(Pareto, Pareto)
def _pareto(p: Pareto, q: Pareto) -> Any:
    ratio = q.alpha / p.alpha
    known = q.alpha * functions.log(p.scale / q.scale) - functions.log(ratio) + ratio - 1
    return functions.where(p.scale < q.scale, math.inf, known)


@register_kl(Gumbel, Gumbel)
def _gumbel(p: Gumbel, q: Gumbel) -> Any:
    ratio, distance = p.scale / q.scale, (q.loc - p.loc) / q.scale
    moved = functions.exp(distance + functions.lgamma(1 + ratio)) - distance
    return moved - functions.log(ratio) + EULER * ratio - (1 + EULER)


# Of two families -----------------------------------------------------------------------------------------------------


@register_kl(Exponential, Gamma)
def _exponential_gamma(p: Exponential, q: Gamma) -> Any:
    ratio = q.rate / p.rate
    return (
        -q.concentration * functions.log(ratio)
        + ratio
        + functions.lgamma(q.concentration)
        + (q.concentration * EULER - (1 + EULER))
    )


@register_kl(Gamma, Exponential)
def _gamma_exponential(p: Gamma, q: Exponential) -> Any:
    return -p.entropy() - functions.log(q.rate) + q.rate * p.mean


def _to_normal(p: Any, q: Normal) -> Any:
    """Of anything with a mean, a variance and an entropy: a normal density's logarithm is a square."""
    square = p.variance + (p.mean - q.loc) ** 2
    return -p.entropy() + functions.log(q.scale) + 0.5 * math.log(2 * math.pi) + 0.5 * square / q.scale**2


for _family in (Beta, Exponential, Gamma, Gumbel, Laplace, Uniform):
    register_kl(_family, Normal)(_to_normal)


@register_kl(Normal, Laplace)
def _normal_laplace(p: Normal, q: Laplace) -> Any:
    """The mean distance of a normal number from q.loc, over q.scale, is what takes an integral."""
    z = (p.loc - q.loc) / p.scale
    distance = p.scale * (2 * special.ndtr(z) * z - z + math.sqrt(2 / math.pi) * functions.exp(-0.5 * z**2))
    return -p.entropy() + functions.log(2 * q.scale) + distance / q.scale
