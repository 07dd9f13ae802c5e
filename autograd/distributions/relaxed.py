"""Continuous relatives of `Bernoulli` and `Categorical`, whose draws have gradients: the nearer the ``temperature`` is
to 0, the nearer draws come to 0 and 1 (Maddison, Mnih and Teh 2017, arXiv:1611.00712; Jang, Gu and Poole 2017,
arXiv:1611.01144)."""

from __future__ import annotations

import math
from typing import Any

from autograd import functions
from autograd.distributions import constraints
from autograd.distributions.categorical import OfOutcomes
from autograd.distributions.continuous import positive, uniform
from autograd.distributions.discrete import ByOdds
from autograd.distributions.distribution import Sizes, clipped
from autograd.distributions.transformed import TransformedDistribution
from autograd.distributions.transforms import ExpTransform, SigmoidTransform
from autograd.tensor import Tensor


def _as_temperature(given: Any, like: Tensor) -> Any:
    return given if isinstance(given, Tensor) else Tensor(given, dtype=like.dtype)


class LogitRelaxedBernoulli(ByOdds):
    """The logit of a `RelaxedBernoulli`: (``logits`` + logistic noise) / ``temperature``."""

    support = constraints.real
    has_rsample = True
    _whole = ("temperature",)

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._take(probs, logits, validate_args)
        self.temperature = _as_temperature(temperature, self.logits)
        self._require("temperature", self.temperature, positive, "above 0")

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        noise = functions.logit(clipped(uniform(self._shape(sample_shape), self.logits)))
        return (noise + self.logits) / self.temperature

    def log_prob(self, value: Any) -> Any:
        difference = self.logits - self._value(value) * self.temperature
        return functions.log(self.temperature) + difference - 2 * functions.logaddexp(difference, 0.0)


class ExpRelaxedCategorical(OfOutcomes):
    """The logarithm of a `RelaxedOneHotCategorical`: log_softmax((``logits`` + Gumbel noise) / ``temperature``)."""

    support = constraints.real_vector
    has_rsample = True
    _whole = ("temperature",)

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, validate_args)
        self.temperature = _as_temperature(temperature, self.logits)
        self._require("temperature", self.temperature, positive, "above 0")

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        noise = -functions.log(-functions.log(clipped(uniform(self._shape(sample_shape), self.logits))))
        return functions.log_softmax((self.logits + noise) / self.temperature, -1)

    def log_prob(self, value: Any) -> Any:
        k = self.event_shape[0]
        scores = functions.log_softmax(self.logits - self._value(value) * self.temperature, -1)
        return functions.sum(scores, -1) + (math.lgamma(k) + (k - 1) * functions.log(self.temperature))


class _Relaxed(TransformedDistribution):
    """With the parameters of the distribution that is transformed."""

    base_dist: Any

    temperature = property(lambda self: self.base_dist.temperature)
    probs = property(lambda self: self.base_dist.probs)
    logits = property(lambda self: self.base_dist.logits)


class RelaxedBernoulli(_Relaxed):
    """A number within [0, 1], near 1 with about the probability ``probs`` = sigmoid(``logits``)."""

    support = constraints.unit_interval

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits, validate_args)
        super().__init__(base, SigmoidTransform(), validate_args)


class RelaxedOneHotCategorical(_Relaxed):
    """Probabilities (..., K), with nearly all at one outcome, of about the probabilities ``probs`` (..., K)."""

    support = constraints.simplex

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args)
        super().__init__(base, ExpTransform(), validate_args)
