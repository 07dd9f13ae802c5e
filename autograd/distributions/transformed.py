"""`TransformedDistribution`: a random variable as a function of another."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

from autograd import functions
from autograd.distributions import constraints
from autograd.distributions.continuous import Normal
from autograd.distributions.distribution import Distribution, Sizes
from autograd.distributions.joint import Independent, summed_last
from autograd.distributions.transforms import AbsTransform, ComposeTransform, ExpTransform, Transform
from autograd.errors import ShapeError
from autograd.graph import no_grad


class TransformedDistribution(Distribution):
    """What ``transforms``, one or several in a row, make of the draws of ``base_distribution``.

    >>> from autograd.distributions.transforms import AffineTransform, TanhTransform
    >>> squashed = TransformedDistribution(Normal(0.0, 1.0), [TanhTransform(cache_size=1), AffineTransform(1.0, 2.0)])
    >>> squashed.log_prob(1.0)
    tensor(-1.6121)
    """

    def __init__(self, base_distribution: Distribution, transforms: Any, validate_args: bool | None = None) -> None:
        parts = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(part, Transform) for part in parts):
            raise ValueError(f"TransformedDistribution: transforms must be Transforms, not {transforms!r:.60}")
        self.transforms = parts
        whole, base = ComposeTransform(parts), base_distribution
        shape, own = base.batch_shape + base.event_shape, len(base.event_shape)
        needed = whole.domain.event_dim
        if len(shape) < needed:
            raise ShapeError(f"TransformedDistribution: draws of shape {shape}, but an event needs {needed} dimensions")
        result = whole.forward_shape(shape)
        wide = whole.inverse_shape(result)
        base = base if wide == shape else base.expand(wide[: len(wide) - own])
        self.base_dist = Independent(base, needed - own) if needed > own else base
        event_dim = max(whole.codomain.event_dim, own + whole.codomain.event_dim - needed)
        cut = len(result) - event_dim
        super().__init__(result[:cut], result[cut:], validate_args)
        self.has_rsample = self.base_dist.has_rsample

    @property
    def support(self) -> Any:
        """Where the last transform leads."""
        if not self.transforms:
            return self.base_dist.support
        last = self.transforms[-1].codomain
        more = len(self.event_shape) - last.event_dim
        return constraints.independent(last, more) if more else last

    def sample(self, sample_shape: Sizes = ()) -> Any:
        with no_grad():
            return reduce(lambda x, transform: transform(x), self.transforms, self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return reduce(lambda x, transform: transform(x), self.transforms, self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        y, dims, stretched = self._value(value), len(self.event_shape), 0.0
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            each = transform.log_abs_det_jacobian(x, y)
            stretched = stretched + summed_last(each, dims - transform.domain.event_dim)
            y = x
        return summed_last(self.base_dist.log_prob(y), dims - len(self.base_dist.event_shape)) - stretched

    def cdf(self, value: Any) -> Any:
        value = self._value(value)
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return self._turned(self.base_dist.cdf(value))

    def icdf(self, value: Any) -> Any:
        x = self.base_dist.icdf(self._turned(self._value(value)))
        return reduce(lambda x, transform: transform(x), self.transforms, x)

    def _turned(self, probability: Any) -> Any:
        """The probability, or 1 minus it where the transforms turn the order of the numbers around."""
        sign = reduce(lambda sign, transform: sign * transform.sign, self.transforms, 1)
        return probability if isinstance(sign, int) and sign == 1 else sign * (probability - 0.5) + 0.5


class LogNormal(TransformedDistribution):
    """exp of a `Normal` with these ``loc`` and ``scale``."""

    support = constraints.positive

    base_dist: Normal

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(loc, scale, validate_args), ExpTransform(), validate_args)

    @property
    def loc(self) -> Any:
        """The mean of the logarithm."""
        return self.base_dist.loc

    @property
    def scale(self) -> Any:
        """The standard deviation of the logarithm."""
        return self.base_dist.scale

    @property
    def mean(self) -> Any:
        """exp(loc + scale^2 / 2)."""
        return functions.exp(self.loc + self.scale**2 / 2)

    @property
    def mode(self) -> Any:
        """exp(loc - scale^2)."""
        return functions.exp(self.loc - self.scale**2)

    @property
    def variance(self) -> Any:
        """(exp(scale^2) - 1) mean^2."""
        return functions.expm1(self.scale**2) * self.mean**2

    def entropy(self) -> Any:
        return self.base_dist.entropy() + self.loc


class Half(TransformedDistribution):
    """The magnitude of what is symmetric around 0."""

    support = constraints.nonnegative

    base_dist: Any

    def __init__(self, base_distribution: Distribution, validate_args: bool | None = None) -> None:
        super().__init__(base_distribution, AbsTransform(), validate_args)

    @property
    def scale(self) -> Any:
        """Of the symmetric distribution."""
        return self.base_dist.scale

    @property
    def mode(self) -> Any:
        """0."""
        return self.scale.detach() * 0

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, lambda x: x >= 0, "at least 0")
        return functions.where(value >= 0, self.base_dist.log_prob(value) + math.log(2), -math.inf)

    def entropy(self) -> Any:
        return self.base_dist.entropy() - math.log(2)

    def cdf(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, lambda x: x >= 0, "at least 0")
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value: Any) -> Any:
        return self.base_dist.icdf((self._value(value) + 1) / 2)


class HalfNormal(Half):
    """The magnitude of a `Normal` around 0 of this ``scale``."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(0, scale, validate_args), validate_args)

    @property
    def mean(self) -> Any:
        """scale sqrt(2 / pi)."""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        """scale^2 (1 - 2 / pi)."""
        return self.scale**2 * (1 - 2 / math.pi)
