"""Distributions of single numbers with a density."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import functions, random
from autograd.distributions import constraints
from autograd.distributions.distribution import Distribution, Sizes, met
from autograd.tensor import Tensor

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def positive(x: Any) -> Any:
    return x > 0


class AroundLoc(Distribution):
    """With the highest density at ``loc``, the mean if it is symmetric, and as wide as ``scale`` says."""

    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = met(loc, scale)
        super().__init__(self.loc.shape, (), validate_args)
        self._require("scale", self.scale, positive, "above 0")

    @property
    def mean(self) -> Any:
        """``loc``."""
        return self.loc

    mode = mean


class Normal(AroundLoc):
    """Gaussians with mean ``loc`` and standard deviation ``scale``.

    >>> from autograd import tensor
    >>> Normal(tensor([0.0, 1.0]), 2.0).log_prob(tensor(1.0))
    tensor([-1.7371, -1.6121])
    """

    @property
    def stddev(self) -> Any:
        """``scale``."""
        return self.scale

    @property
    def variance(self) -> Any:
        """``scale`` squared."""
        return self.scale**2

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        noise = random.randn(self._shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + self.scale * noise

    def log_prob(self, value: Any) -> Any:
        z = (self._value(value) - self.loc) / self.scale
        return -0.5 * z * z - functions.log(self.scale) - HALF_LOG_2PI

    def entropy(self) -> Any:
        return functions.log(self.scale) + (0.5 + HALF_LOG_2PI)

    def cdf(self, value: Any) -> Any:
        """The probability of a draw below ``value``."""
        return 0.5 * (1 + functions.erf((self._value(value) - self.loc) / (self.scale * math.sqrt(2))))

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * functions.erfinv(2 * self._value(value) - 1) * math.sqrt(2)


class Laplace(AroundLoc):
    """Two exponentials back to back at ``loc``, falling by e over ``scale``."""

    @property
    def variance(self) -> Any:
        """Twice ``scale`` squared."""
        return 2 * self.scale**2

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        u = uniform(self._shape(sample_shape), self.loc) - 0.5
        return self.loc - self.scale * functions.sign(u) * functions.log1p(-2 * functions.abs(u))

    def log_prob(self, value: Any) -> Any:
        return -functions.log(2 * self.scale) - functions.abs(self._value(value) - self.loc) / self.scale

    def entropy(self) -> Any:
        return 1 + functions.log(2 * self.scale)

    def cdf(self, value: Any) -> Any:
        """The probability of a draw below ``value``."""
        z = (self._value(value) - self.loc) / self.scale
        return 0.5 - 0.5 * functions.sign(z) * functions.expm1(-functions.abs(z))

    def icdf(self, value: Any) -> Any:
        term = self._value(value) - 0.5
        return self.loc - self.scale * functions.sign(term) * functions.log1p(-2 * functions.abs(term))


class Exponential(Distribution):
    """The time to the next event, of which there are ``rate`` in a unit of time."""

    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = met(rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._require("rate", self.rate, positive, "above 0")

    @property
    def mean(self) -> Any:
        """1 / rate."""
        return functions.reciprocal(self.rate)

    @property
    def mode(self) -> Any:
        """0."""
        return self.rate.detach() * 0

    @property
    def variance(self) -> Any:
        """1 / rate squared."""
        return self.rate**-2

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return -functions.log1p(-uniform(self._shape(sample_shape), self.rate)) / self.rate

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, lambda x: x >= 0, "at least 0")
        return functions.log(self.rate) - self.rate * value

    def entropy(self) -> Any:
        return 1 - functions.log(self.rate)

    def cdf(self, value: Any) -> Any:
        """The probability of a draw below ``value``."""
        return -functions.expm1(-self.rate * self._value(value))

    def icdf(self, value: Any) -> Any:
        return -functions.log1p(-self._value(value)) / self.rate


class Uniform(Distribution):
    """Any number from ``low`` up to ``high``."""

    support = property(lambda self: constraints.interval(self.low, self.high))
    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = met(low, high)
        super().__init__(self.low.shape, (), validate_args)
        self._require("high - low", self.high - self.low, positive, "above 0")

    @property
    def mean(self) -> Any:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def mode(self) -> Any:
        """NaN: all numbers are alike."""
        return self.high.detach() * math.nan

    @property
    def variance(self) -> Any:
        """A twelfth of the width squared."""
        return (self.high - self.low) ** 2 / 12

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.low + uniform(self._shape(sample_shape), self.low) * (self.high - self.low)

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value - self.low, lambda x: x >= 0, "within [low, high]")
        self._require("a value", self.high - value, lambda x: x >= 0, "within [low, high]")
        inside = (value >= self.low).logical_and(value < self.high).to(dtype=self.low.dtype)
        return functions.log(inside) - functions.log(self.high - self.low)

    def entropy(self) -> Any:
        return functions.log(self.high - self.low)

    def cdf(self, value: Any) -> Any:
        """The probability of a draw below ``value``."""
        return functions.clamp((self._value(value) - self.low) / (self.high - self.low), 0.0, 1.0)

    def icdf(self, value: Any) -> Any:
        return self.low + self._value(value) * (self.high - self.low)


def uniform(shape: Sizes, like: Tensor) -> Any:
    """Uniform in (0, 1): 0 itself, whose logarithm is infinite, becomes the smallest number."""
    return functions.clamp(random.rand(shape, dtype=like.dtype), min=float(np.finfo(like.dtype).tiny))
