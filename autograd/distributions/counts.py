"""Distributions of whole numbers from 0 on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import functions, special
from autograd.distributions import constraints
from autograd.distributions.categorical import OfOutcomes
from autograd.distributions.continuous import positive, uniform
from autograd.distributions.discrete import ByOdds
from autograd.distributions.distribution import Distribution, Sizes, met
from autograd.distributions.gammas import Gamma
from autograd.generator import default_rng
from autograd.graph import no_grad
from autograd.tensor import Tensor


def is_count(x: Any) -> Any:
    return (x >= 0) & (x % 1 == 0)


def _of(numbers: Any, like: Tensor) -> Tensor:
    return Tensor.of(np.asarray(numbers).astype(like.dtype))


class Poisson(Distribution):
    """How many events there are in a time in which ``rate`` are expected."""

    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = met(rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._require("rate", self.rate, lambda x: x >= 0, "at least 0")

    @property
    def mean(self) -> Any:
        """``rate``."""
        return self.rate

    variance = mean

    @property
    def mode(self) -> Any:
        """The whole number below ``rate``."""
        return functions.floor(self.rate)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        return _of(default_rng().poisson(self.rate.raw, self._shape(sample_shape)), self.rate)

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, is_count, "a whole number from 0 on")
        return functions.xlogy(value, self.rate) - self.rate - functions.lgamma(value + 1)


class Geometric(ByOdds):
    """How often an event of probability ``probs`` does not happen before it does."""

    support = constraints.nonnegative_integer

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take(probs, logits, validate_args)
        if probs is not None:
            self._require("probs", self.probs, positive, "above 0")

    @property
    def mean(self) -> Any:
        """1 / probs - 1."""
        return 1 / self.probs - 1

    @property
    def mode(self) -> Any:
        """0."""
        return self.probs.detach() * 0

    @property
    def variance(self) -> Any:
        """(1 / probs - 1) / probs."""
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Sizes = ()) -> Any:
        with no_grad():
            u = uniform(self._shape(sample_shape), self.probs)
            return functions.floor(functions.log(u) / functions.log1p(-self.probs))

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, is_count, "a whole number from 0 on")
        return special.xlog1py(value, -self.probs) + functions.log(self.probs)

    def entropy(self) -> Any:
        return (special.entr(self.probs) + special.entr(1 - self.probs)) / self.probs


class _OfMany(ByOdds):
    """With a ``total_count`` beside the probability."""

    total_count: Any

    def _take_both(self, total_count: Any, probs: Any, logits: Any, validate_args: bool | None) -> None:
        self._take(probs, logits, validate_args)
        name = "logits" if probs is None else "probs"
        vars(self)[name], self.total_count = met(vars(self)[name], total_count)
        self.batch_shape = self.total_count.shape


class Binomial(_OfMany):
    """How many of ``total_count`` independent events of probability ``probs`` happen."""

    support = property(lambda self: constraints.integer_interval(0, self.total_count))
    has_enumerate_support = True

    def __init__(
        self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._take_both(total_count, probs, logits, validate_args)
        self._require("total_count", self.total_count, is_count, "a whole number from 0 on")

    @property
    def mean(self) -> Any:
        """total_count probs."""
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        """The whole number below (total_count + 1) probs."""
        return functions.minimum(functions.floor((self.total_count + 1) * self.probs), self.total_count)

    @property
    def variance(self) -> Any:
        """total_count probs (1 - probs)."""
        return self.mean * (1 - self.probs)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        count = self.total_count.raw.astype(np.int64)
        probs = self.probs.raw.astype(np.float64)
        return _of(default_rng().binomial(count, probs, self._shape(sample_shape)), self.probs)

    def log_prob(self, value: Any) -> Any:
        value, n = self._value(value), self.total_count
        self._require("a value", value, is_count, "a whole number from 0 on")
        self._require("total_count - value", n - value, lambda x: x >= 0, "at least 0")
        ways = functions.lgamma(n + 1) - functions.lgamma(value + 1) - functions.lgamma(n - value + 1)
        return ways + value * self.logits - n * functions.logaddexp(self.logits, 0.0)

    def entropy(self) -> Any:
        log_probs = self.log_prob(self.enumerate_support(False))
        return -functions.sum(functions.exp(log_probs) * log_probs, 0)

    def enumerate_support(self, expand: bool = True) -> Any:
        """0 to ``total_count``, which must be one for the whole batch, along a new first dimension."""
        counts = self.total_count.raw
        if counts.size and counts.min() != counts.max():
            raise NotImplementedError("Binomial: total_count differs within the batch, and so do the possible values")
        return self._numbers_below(int(counts.max(initial=0)) + 1, self.probs.dtype, expand)


class NegativeBinomial(_OfMany):
    """How many events of probability ``probs`` happen before ``total_count``, which need not be whole, have not."""

    support = constraints.nonnegative_integer

    def __init__(
        self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._take_both(total_count, probs, logits, validate_args)
        self._require("total_count", self.total_count, lambda x: x >= 0, "at least 0")
        if probs is not None:
            self._require("probs", self.probs, lambda x: x < 1, "below 1")

    @property
    def mean(self) -> Any:
        """total_count times the odds."""
        return self.total_count * functions.exp(self.logits)

    @property
    def mode(self) -> Any:
        """The whole number below total_count - 1 times the odds, and not below 0."""
        return functions.clamp(functions.floor((self.total_count - 1) * functions.exp(self.logits)), min=0.0)

    @property
    def variance(self) -> Any:
        """The mean over 1 - probs."""
        return self.mean / functions.sigmoid(-self.logits)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        with no_grad():
            rate = Gamma(self.total_count, functions.exp(-self.logits), validate_args=False).sample(sample_shape)
            return Poisson(rate, validate_args=False).sample()

    def log_prob(self, value: Any) -> Any:
        value, n = self._value(value), self.total_count
        self._require("a value", value, is_count, "a whole number from 0 on")
        ways = functions.lgamma(n + value) - functions.lgamma(1 + value) - functions.lgamma(n)
        outcomes = n * functions.logsigmoid(-self.logits) + value * functions.logsigmoid(self.logits)
        return outcomes + functions.where(n + value == 0, 0.0, ways)


class Multinomial(OfOutcomes):
    """How often each of K outcomes (..., K) turns up in ``total_count`` draws of a `Categorical`."""

    support = property(lambda self: constraints.multinomial(self.total_count))

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if not isinstance(total_count, int) or total_count < 0:
            raise ValueError(f"Multinomial: total_count is {total_count!r}; it must be one whole number from 0 on")
        self.total_count = total_count
        super().__init__(probs, logits, validate_args)

    @property
    def mean(self) -> Any:
        """total_count probs."""
        return self.total_count * self.probs

    @property
    def variance(self) -> Any:
        """total_count probs (1 - probs)."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        probs = self.probs.raw.astype(np.float64)
        shape = self._shape(sample_shape)
        drawn = default_rng().multinomial(self.total_count, probs / probs.sum(-1, keepdims=True), shape[:-1])
        return _of(drawn, self.probs)

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require(
            "a value", value, lambda x: is_count(x) & (x.sum(-1, keepdims=True) == self.total_count),
            f"whole numbers from 0 on, with the sum {self.total_count}",
        )  # fmt: skip
        ways = math.lgamma(self.total_count + 1) - functions.sum(functions.lgamma(value + 1), -1)
        weighed = functions.where((value == 0).logical_and(self.logits == -math.inf), 0.0, value * self.logits)
        return ways + functions.sum(weighed, -1)

    def entropy(self) -> Any:
        each = Binomial(self.total_count, probs=self.probs, validate_args=False)
        support = each.enumerate_support(False)[1:]
        repeated = functions.exp(each.log_prob(support)) * functions.lgamma(support + 1)
        whole = self.total_count * self._numbers.entropy() - math.lgamma(self.total_count + 1)
        return whole + functions.sum(repeated, (0, -1))
