"""One of several outcomes: as a number, or as a vector with 1 at its place."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from autograd import functions, random
from autograd.distributions import constraints
from autograd.distributions.discrete import ZerosAndOnes
from autograd.distributions.distribution import Distribution, Sizes, one_of
from autograd.errors import ShapeError
from autograd.graph import no_grad
from autograd.tensor import Tensor


class Categorical(Distribution):
    """A number from 0 to K - 1, with probabilities proportional to ``probs`` or to exp(``logits``), (..., K).

    >>> from autograd import tensor
    >>> choice = Categorical(logits=tensor([0.0, 0.0]))
    >>> choice.probs, choice.entropy()
    (tensor([0.5000, 0.5000]), tensor(0.6931))
    """

    support = property(lambda self: constraints.integer_interval(0, self._num_events - 1))
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        name, given = one_of(type(self).__name__, probs=probs, logits=logits)
        if not given.ndim:
            raise ShapeError(f"{type(self).__name__}: {name} is one number; it must have at least one dimension")
        super().__init__(given.shape[:-1], (), validate_args)
        self._num_events = given.shape[-1]
        if name == "probs":
            self._require("probs", given, lambda p: (p >= 0) & (p.sum(-1, keepdims=True) > 0), "weights of 0 or more")
            vars(self)["probs"] = given / functions.sum(given, -1, True)
        else:
            self._require("logits", given, lambda x: x == x, "numbers, not NaN")
            vars(self)["logits"] = given - functions.logsumexp(given, -1, True)

    @cached_property
    def probs(self) -> Any:
        """The probabilities (..., K)."""
        return functions.softmax(self.logits, -1)

    @cached_property
    def logits(self) -> Any:
        """Their logarithms."""
        eps = float(np.finfo(self.probs.dtype).eps)
        return functions.log(functions.clamp(self.probs, eps, 1 - eps))

    @property
    def param_shape(self) -> Sizes:
        """The shape of ``probs``."""
        return (*self.batch_shape, self._num_events)

    @property
    def mean(self) -> Any:
        """NaN: the outcomes are names."""
        return Tensor.of(np.full(self.batch_shape, np.nan, self.probs.dtype))

    variance = mean

    @property
    def mode(self) -> Any:
        """The most probable outcome."""
        return functions.argmax(self.probs, -1)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        shape = self._shape(sample_shape)
        with no_grad():
            probs = self.probs.detach().reshape(-1, self._num_events)
            count = int(np.prod(shape[: len(shape) - len(self.batch_shape)], dtype=int))
            return random.multinomial(probs, count, True).mT.reshape(shape)

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        last = self._num_events - 1
        self._require("a value", value, lambda x: (x >= 0) & (x <= last) & (x % 1 == 0), f"one of 0 to {last}")
        shape = np.broadcast_shapes(value.shape, self.batch_shape)
        logits = functions.broadcast_to(self.logits, (*shape, self._num_events))
        index = functions.broadcast_to(value.long(), shape)[..., None]
        return functions.gather(logits, -1, index)[..., 0]

    def entropy(self) -> Any:
        logits = functions.clamp(self.logits, min=float(np.finfo(self.logits.dtype).min))
        return -functions.sum(self.probs * logits, -1)

    def enumerate_support(self, expand: bool = True) -> Any:
        """0 to K - 1, along a new first dimension."""
        return self._numbers_below(self._num_events, np.int64, expand)


class OfOutcomes(Distribution):
    """Of vectors (..., K) with an element for each outcome of a `Categorical`."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._numbers = Categorical(probs, logits, validate_args)
        super().__init__(self._numbers.batch_shape, self._numbers.param_shape[-1:], validate_args)

    @property
    def probs(self) -> Any:
        """The probabilities (..., K)."""
        return self._numbers.probs

    @property
    def logits(self) -> Any:
        """Their logarithms."""
        return self._numbers.logits


class OneHotCategorical(OfOutcomes, ZerosAndOnes):
    """`Categorical`, each outcome a vector (..., K) of zeros with 1 at its place."""

    support = constraints.one_hot
    has_enumerate_support = True

    @property
    def mode(self) -> Any:
        """The most probable outcome."""
        return self._one_hot(self._numbers.mode)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        return self._one_hot(self._numbers.sample(sample_shape))

    def _one_hot(self, numbers: Tensor) -> Any:
        return (numbers[..., None] == Tensor.of(np.arange(*self.event_shape))).to(dtype=self.probs.dtype)

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, lambda x: ((x == 0) | (x == 1)) & (x.sum(-1, keepdims=True) == 1), "one-hot")
        return self._numbers.log_prob(functions.argmax(value, -1))

    def entropy(self) -> Any:
        return self._numbers.entropy()

    def enumerate_support(self, expand: bool = True) -> Any:
        return self._one_hot(self._numbers.enumerate_support(expand))


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """`OneHotCategorical`, whose draws pass their gradients on to ``probs`` as if they were these (Bengio, Leonard and
    Courville 2013, arXiv:1308.3432)."""

    has_rsample = True

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
