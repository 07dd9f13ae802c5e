"""`Bernoulli`: one of two outcomes."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from autograd import functions, random
from autograd.distributions import constraints
from autograd.distributions.distribution import Distribution, Sizes, one_of
from autograd.graph import no_grad


class ZerosAndOnes(Distribution):
    """Draws of zeros and ones; ``probs`` are the probabilities of ones."""

    probs: Any

    @property
    def mean(self) -> Any:
        """``probs``."""
        return self.probs

    @property
    def variance(self) -> Any:
        """probs (1 - probs)."""
        return self.probs * (1 - self.probs)


class ByOdds(Distribution):
    """Distributions with a probability ``probs`` = sigmoid(``logits``), of which one is given."""

    def _take(self, probs: Any, logits: Any, validate_args: bool | None) -> None:
        name, given = one_of(type(self).__name__, probs=probs, logits=logits)
        vars(self)[name] = given
        Distribution.__init__(self, given.shape, (), validate_args)
        if name == "probs":
            self._require("probs", given, lambda p: (p >= 0) & (p <= 1), "within [0, 1]")

    @cached_property
    def probs(self) -> Any:
        """The probability."""
        return functions.sigmoid(self.logits)

    @cached_property
    def logits(self) -> Any:
        """The log of the odds."""
        eps = float(np.finfo(self.probs.dtype).eps)
        probs = functions.clamp(self.probs, eps, 1 - eps)
        return functions.log(probs) - functions.log1p(-probs)


class Bernoulli(ByOdds, ZerosAndOnes):
    """1 with probability ``probs`` = sigmoid(``logits``), of which one is given; otherwise 0."""

    support = constraints.boolean
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take(probs, logits, validate_args)

    @property
    def mode(self) -> Any:
        """What is more probable; NaN where both are alike."""
        probs = self.probs.detach()
        mode = (probs > 0.5).to(dtype=probs.dtype)
        return functions.where(probs == 0.5, float("nan"), mode)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        with no_grad():
            return random.bernoulli(functions.broadcast_to(self.probs.detach(), self._shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, lambda x: (x == 0) | (x == 1), "0 or 1")
        return value * self.logits - functions.softplus(self.logits)

    def entropy(self) -> Any:
        return functions.softplus(self.logits) - self.probs * self.logits

    def enumerate_support(self, expand: bool = True) -> Any:
        """0 and 1, along a new first dimension."""
        return self._numbers_below(2, self.probs.dtype, expand)
