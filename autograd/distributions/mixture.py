"""`MixtureSameFamily`: one of several distributions, chosen anew for every draw."""

from __future__ import annotations

from typing import Any

from autograd import functions
from autograd.distributions import constraints
from autograd.distributions.categorical import Categorical
from autograd.distributions.distribution import Distribution, Sizes
from autograd.errors import ShapeError
from autograd.graph import no_grad


class MixtureSameFamily(Distribution):
    """A draw of one of the K ``component_distribution`` (its batch is (..., K)), chosen by ``mixture_distribution``, a
    `Categorical` of K outcomes.

    >>> from autograd import tensor
    >>> from autograd.distributions import Normal
    >>> two = MixtureSameFamily(Categorical(tensor([0.5, 0.5])), Normal(tensor([-1.0, 1.0]), 0.1))
    >>> two.mean, two.variance
    (tensor(0.), tensor(1.0100))
    """

    support = property(lambda self: constraints.of_all(self.component_distribution.support))

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError("MixtureSameFamily: mixture_distribution must be a Categorical")
        if not isinstance(component_distribution, Distribution):
            raise ValueError("MixtureSameFamily: component_distribution must be a Distribution")
        mixture, k = mixture_distribution, mixture_distribution.param_shape[-1]
        batch = component_distribution.batch_shape
        if not batch or batch[-1] != k:
            raise ShapeError(
                f"MixtureSameFamily: {k} outcomes choose among a batch of {batch}; its last size must be {k}"
            )
        mixture = mixture if mixture.batch_shape == batch[:-1] else mixture.expand(batch[:-1])
        self.mixture_distribution, self.component_distribution = mixture, component_distribution
        super().__init__(batch[:-1], component_distribution.event_shape, validate_args)

    @property
    def _weights(self) -> Any:
        """The probabilities, to be multiplied with what each component has of its events: (..., K, 1, ...)."""
        probs = self.mixture_distribution.probs
        return probs.reshape(*probs.shape, *(1,) * len(self.event_shape))

    @property
    def _among(self) -> int:
        """The dimension of the components."""
        return -1 - len(self.event_shape)

    @property
    def mean(self) -> Any:
        """The mean of the components' means."""
        return functions.sum(self._weights * self.component_distribution.mean, self._among)

    @property
    def variance(self) -> Any:
        """The mean of the components' variances plus the variance of their means."""
        components = self.component_distribution
        within = functions.sum(self._weights * components.variance, self._among)
        apart = components.mean - functions.unsqueeze(self.mean, self._among)
        return within + functions.sum(self._weights * apart**2, self._among)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        with no_grad():
            chosen = self.mixture_distribution.sample(sample_shape)
            draws = self.component_distribution.sample(sample_shape)
            at, shape = draws.ndim - 1 - len(self.event_shape), self._shape(sample_shape)
            index = chosen.reshape(*chosen.shape, 1, *(1,) * len(self.event_shape))
            wide = functions.broadcast_to(index, (*chosen.shape, 1, *self.event_shape))
            return functions.gather(draws, at, wide).reshape(shape)

    def _for_each(self, value: Any) -> Any:
        """The value with a dimension for the components."""
        return functions.unsqueeze(self._value(value), self._among)

    def log_prob(self, value: Any) -> Any:
        each = self.component_distribution.log_prob(self._for_each(value))
        return functions.logsumexp(each + functions.log_softmax(self.mixture_distribution.logits, -1), -1)

    def cdf(self, value: Any) -> Any:
        each = self.component_distribution.cdf(self._for_each(value))
        return functions.sum(each * self.mixture_distribution.probs, -1)
