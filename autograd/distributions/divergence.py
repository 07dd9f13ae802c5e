"""The Kullback-Leibler divergence of two distributions: the expectation, under the first, of log p - log q."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import functions
from autograd.distributions.categorical import Categorical, OneHotCategorical
from autograd.distributions.continuous import Exponential, Laplace, Normal, Uniform
from autograd.distributions.discrete import Bernoulli
from autograd.distributions.distribution import Distribution
from autograd.distributions.joint import Independent, MultivariateNormal, summed_last
from autograd.errors import ShapeError
from autograd.functions import linalg

Divergence = Callable[[Any, Any], Any]
_divergences: dict[tuple[type, type], Divergence] = {}


def register_kl(type_p: type[Distribution], type_q: type[Distribution]) -> Callable[[Divergence], Divergence]:
    """Let the decorated function be the divergence of distributions of these classes, and of their subclasses."""

    def registered(function: Divergence) -> Divergence:
        _divergences[type_p, type_q] = function
        return function

    return registered


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """KL(p || q), of the batch's shape.

    Raises NotImplementedError where no formula is known for the two; `register_kl` adds one.

    >>> from autograd import tensor
    >>> kl_divergence(Normal(tensor(1.0), 1.0), Normal(tensor(0.0), 1.0))
    tensor(0.5000)
    """
    for above_p in type(p).__mro__:
        for above_q in type(q).__mro__:
            if (above_p, above_q) in _divergences:
                return _divergences[above_p, above_q](p, q)
    raise NotImplementedError(
        f"kl_divergence: of {type(p).__name__} and {type(q).__name__} no formula is known; register_kl adds one"
    )


@register_kl(Normal, Normal)
def _normal(p: Normal, q: Normal) -> Any:
    ratio, distance = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return 0.5 * (ratio**2 + distance**2 - 1) - functions.log(ratio)


@register_kl(Laplace, Laplace)
def _laplace(p: Laplace, q: Laplace) -> Any:
    distance = functions.abs(p.loc - q.loc)
    ratio = p.scale / q.scale
    return ratio * functions.exp(-distance / p.scale) + distance / q.scale - functions.log(ratio) - 1


@register_kl(Exponential, Exponential)
def _exponential(p: Exponential, q: Exponential) -> Any:
    ratio = q.rate / p.rate
    return ratio - functions.log(ratio) - 1


@register_kl(Uniform, Uniform)
def _uniform(p: Uniform, q: Uniform) -> Any:
    outside = (q.low > p.low).logical_or(q.high < p.high)
    return functions.where(outside, float("inf"), functions.log((q.high - q.low) / (p.high - p.low)))


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Bernoulli, q: Bernoulli) -> Any:
    ones = functions.softplus(-q.logits) - functions.softplus(-p.logits)
    zeros = functions.softplus(q.logits) - functions.softplus(p.logits)
    certain = (p.probs == 0).logical_and(q.probs == 1).logical_or((p.probs == 1).logical_and(q.probs == 0))
    return functions.where(certain, float("inf"), p.probs * ones + (1 - p.probs) * zeros)


@register_kl(Categorical, Categorical)
def _categorical(p: Categorical, q: Categorical) -> Any:
    parts = p.probs * (p.logits - q.logits)
    parts = functions.where(q.probs == 0, float("inf"), parts)
    return functions.sum(functions.where(p.probs == 0, 0.0, parts), -1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot(p: OneHotCategorical, q: OneHotCategorical) -> Any:
    return kl_divergence(p._numbers, q._numbers)


@register_kl(Independent, Independent)
def _independent(p: Independent, q: Independent) -> Any:
    n = p.reinterpreted_batch_ndims
    if n != q.reinterpreted_batch_ndims:
        raise ShapeError(f"kl_divergence: events of {n} and of {q.reinterpreted_batch_ndims} batch dimensions")
    return summed_last(kl_divergence(p.base_dist, q.base_dist), n)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Any:
    if p.event_shape != q.event_shape:
        raise ShapeError(f"kl_divergence: vectors of {p.event_shape[0]} and of {q.event_shape[0]} numbers")
    spread = linalg.solve_triangular(q.scale_tril, p.scale_tril, upper=False)
    distance = linalg.solve_triangular(q.scale_tril, (q.loc - p.loc)[..., None], upper=False)
    squares = functions.sum(spread**2, (-2, -1)) + functions.sum(distance**2, (-2, -1))
    return q.half_log_det() - p.half_log_det() + 0.5 * (squares - p.event_shape[0])
