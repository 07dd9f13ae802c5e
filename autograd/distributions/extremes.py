"""Distributions of extremes, and those with heavy tails."""

from __future__ import annotations

import math
from typing import Any

from autograd import functions
from autograd.distributions import constraints
from autograd.distributions.continuous import AroundLoc, positive, uniform
from autograd.distributions.distribution import Distribution, Sizes, clipped, met
from autograd.distributions.transformed import Half

EULER = 0.57721566490153286


class Gumbel(AroundLoc):
    """The largest of many numbers."""

    @property
    def mean(self) -> Any:
        """loc, plus Euler's constant times scale."""
        return self.loc + self.scale * EULER

    @property
    def stddev(self) -> Any:
        """scale pi / sqrt(6)."""
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        """The square of that."""
        return self.stddev**2

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.icdf(clipped(uniform(self._shape(sample_shape), self.loc)))

    def log_prob(self, value: Any) -> Any:
        z = (self.loc - self._value(value)) / self.scale
        return z - functions.exp(z) - functions.log(self.scale)

    def entropy(self) -> Any:
        return functions.log(self.scale) + (1 + EULER)

    def cdf(self, value: Any) -> Any:
        return functions.exp(-functions.exp((self.loc - self._value(value)) / self.scale))

    def icdf(self, value: Any) -> Any:
        return self.loc - self.scale * functions.log(-functions.log(self._value(value)))


class Weibull(Distribution):
    """scale E^(1 / concentration), where E is `Exponential` with the rate 1: times until the first of many failures."""

    support = constraints.positive
    has_rsample = True

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = met(scale, concentration)
        super().__init__(self.scale.shape, (), validate_args)
        self._require("scale", self.scale, positive, "above 0")
        self._require("concentration", self.concentration, positive, "above 0")

    def _moment(self, n: int) -> Any:
        """The mean of the n-th power, for a scale of 1."""
        return functions.exp(functions.lgamma(1 + n / self.concentration))

    @property
    def mean(self) -> Any:
        """scale Gamma(1 + 1 / concentration)."""
        return self.scale * self._moment(1)

    @property
    def mode(self) -> Any:
        """scale (1 - 1 / concentration)^(1 / concentration)."""
        k = self.concentration
        return self.scale * ((k - 1) / k) ** functions.reciprocal(k)

    @property
    def variance(self) -> Any:
        """The mean square minus the square of the mean."""
        return self.scale**2 * (self._moment(2) - self._moment(1) ** 2)

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.icdf(clipped(uniform(self._shape(sample_shape), self.scale)))

    def log_prob(self, value: Any) -> Any:
        value, k = self._value(value), self.concentration
        self._require("a value", value, positive, "above 0")
        z = value / self.scale
        return functions.log(k / self.scale) + (k - 1) * functions.log(z) - z**k

    def entropy(self) -> Any:
        k = self.concentration
        return EULER * (1 - 1 / k) + functions.log(self.scale / k) + 1

    def cdf(self, value: Any) -> Any:
        return -functions.expm1(-((self._value(value) / self.scale) ** self.concentration))

    def icdf(self, value: Any) -> Any:
        return self.scale * (-functions.log1p(-self._value(value))) ** functions.reciprocal(self.concentration)


class Pareto(Distribution):
    """Numbers above ``scale``, of which those above x are the fraction (scale / x)^alpha."""

    support = property(lambda self: constraints.greater_than_eq(self.scale))
    has_rsample = True

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = met(scale, alpha)
        super().__init__(self.scale.shape, (), validate_args)
        self._require("scale", self.scale, positive, "above 0")
        self._require("alpha", self.alpha, positive, "above 0")

    @property
    def mean(self) -> Any:
        """alpha scale / (alpha - 1); infinite for an alpha up to 1."""
        a = functions.clamp(self.alpha, min=1.0)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Any:
        """``scale``."""
        return self.scale

    @property
    def variance(self) -> Any:
        """Infinite for an alpha up to 2."""
        a = functions.clamp(self.alpha, min=2.0)
        return self.scale**2 * a / ((a - 1) ** 2 * (a - 2))

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.icdf(clipped(uniform(self._shape(sample_shape), self.scale)))

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value - scale", value - self.scale, lambda x: x >= 0, "at least 0")
        return functions.log(self.alpha / value) + self.alpha * functions.log(self.scale / value)

    def entropy(self) -> Any:
        return functions.log(self.scale / self.alpha) + 1 + functions.reciprocal(self.alpha)

    def cdf(self, value: Any) -> Any:
        return 1 - (self.scale / self._value(value)) ** self.alpha

    def icdf(self, value: Any) -> Any:
        return self.scale * functions.exp(-functions.log1p(-self._value(value)) / self.alpha)


class Cauchy(AroundLoc):
    """The ratio of two normal numbers, times ``scale``, plus ``loc``: it has neither mean nor variance."""

    @property
    def mean(self) -> Any:
        """NaN."""
        return self.loc.detach() * math.nan

    @property
    def variance(self) -> Any:
        """Infinite."""
        return self.scale.detach() * math.inf

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.icdf(uniform(self._shape(sample_shape), self.loc))

    def log_prob(self, value: Any) -> Any:
        z = (self._value(value) - self.loc) / self.scale
        return -functions.log1p(z**2) - functions.log(self.scale) - math.log(math.pi)

    def entropy(self) -> Any:
        return functions.log(self.scale) + math.log(4 * math.pi)

    def cdf(self, value: Any) -> Any:
        return functions.atan((self._value(value) - self.loc) / self.scale) / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * functions.tan(math.pi * (self._value(value) - 0.5))


class HalfCauchy(Half):
    """The magnitude of a `Cauchy` around 0 of this ``scale``."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Cauchy(0, scale, validate_args), validate_args)

    @property
    def mean(self) -> Any:
        """Infinite."""
        return self.scale.detach() * math.inf

    variance = mean
