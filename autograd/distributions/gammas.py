"""The gamma distribution, and those made of its draws: chi-squared, Student's, beta, Dirichlet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import functions, random, special
from autograd.arrays import quietly
from autograd.arrays.incomplete_gamma import log_gamma_shift
from autograd.distributions import constraints
from autograd.distributions.continuous import positive
from autograd.distributions.distribution import Distribution, Sizes, met
from autograd.errors import ShapeError
from autograd.function import Function, once_differentiable
from autograd.generator import default_rng
from autograd.tensor import Tensor


class LogGammaDraw(Function):
    """The logarithm of a draw for each concentration, which moves with it as `log_gamma_shift` says. A draw depends on
    more than its concentration, so this is no row of the table."""

    @staticmethod
    def forward(ctx: Any, concentration: Tensor) -> Tensor:
        a = concentration.raw.astype(np.float64)
        rng = default_rng()
        log_draw = np.log(rng.standard_gamma(np.where(a < 1, a + 1, a)))
        if (a < 1).any():  # a draw of a + 1, times U^(1 / a): its logarithm exists where the draw itself would be 0
            waiting = rng.standard_exponential(a.shape)
            log_draw = log_draw - np.divide(waiting, a, out=np.where(a == 0, np.inf, 0), where=(a < 1) & (a > 0))
        ctx.log_draw, ctx.a = np.asarray(log_draw), a
        return Tensor.of(ctx.log_draw.astype(concentration.dtype))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Any) -> Any:
        shift = quietly.run(log_gamma_shift, ctx.log_draw, ctx.a)
        return grad_output * Tensor.of(shift.astype(grad_output.dtype))


class Gamma(Distribution):
    """The time to ``concentration`` events, of which there are ``rate`` in a unit of time; ``concentration`` need not
    be whole.

    >>> from autograd import tensor
    >>> Gamma(tensor([1.0, 2.0]), 1.0).log_prob(tensor(2.0))
    tensor([-2.0000, -1.3069])
    """

    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = met(concentration, rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._require("concentration", self.concentration, positive, "above 0")
        self._require("rate", self.rate, positive, "above 0")

    @property
    def mean(self) -> Any:
        """concentration / rate."""
        return self.concentration / self.rate

    @property
    def mode(self) -> Any:
        """(concentration - 1) / rate; 0 where that is negative."""
        return functions.clamp((self.concentration - 1) / self.rate, min=0.0)

    @property
    def variance(self) -> Any:
        """concentration / rate squared."""
        return self.concentration / self.rate**2

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        shape = self._shape(sample_shape)
        draw = functions.exp(LogGammaDraw.apply(functions.broadcast_to(self.concentration, shape)))
        return functions.clamp(draw / self.rate, min=float(np.finfo(draw.dtype).tiny))

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, lambda x: x >= 0, "at least 0")
        a, rate = self.concentration, self.rate
        return functions.xlogy(a, rate) + functions.xlogy(a - 1, value) - rate * value - functions.lgamma(a)

    def entropy(self) -> Any:
        a = self.concentration
        return a - functions.log(self.rate) + functions.lgamma(a) + (1 - a) * functions.digamma(a)

    def cdf(self, value: Any) -> Any:
        """The probability of a draw below ``value``; its derivative with respect to ``concentration`` is refused."""
        value = self._value(value)
        self._require("a value", value, lambda x: x >= 0, "at least 0")
        return special.gammainc(self.concentration, self.rate * value)


class Chi2(Gamma):
    """The sum of the squares of ``df`` standard normal numbers."""

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (df,) = met(df)
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Any:
        """The degrees of freedom."""
        return self.concentration * 2


class StudentT(Distribution):
    """A normal number over the root of the mean of ``df`` squares of such, times ``scale``, plus ``loc``."""

    support = constraints.real
    has_rsample = True

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = met(df, loc, scale)
        super().__init__(self.df.shape, (), validate_args)
        self._require("df", self.df, positive, "above 0")
        self._require("scale", self.scale, positive, "above 0")

    @property
    def mean(self) -> Any:
        """``loc``; NaN for a ``df`` up to 1."""
        return functions.where(self.df > 1, self.loc, math.nan)

    @property
    def mode(self) -> Any:
        """``loc``."""
        return self.loc

    @property
    def variance(self) -> Any:
        """scale squared times df / (df - 2); infinite for a ``df`` up to 2, NaN up to 1."""
        finite = self.scale**2 * self.df / (self.df - 2)
        return functions.where(self.df > 2, finite, functions.where(self.df > 1, math.inf, self.df * math.nan))

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        normal = random.randn(self._shape(sample_shape), dtype=self.df.dtype)
        squares = Chi2(self.df, validate_args=False).rsample(sample_shape)
        return self.loc + self.scale * normal * functions.rsqrt(squares / self.df)

    def log_prob(self, value: Any) -> Any:
        z = (self._value(value) - self.loc) / self.scale
        constant = functions.log(self.scale * functions.sqrt(self.df)) + self._log_beta()
        return -0.5 * (self.df + 1) * functions.log1p(z**2 / self.df) - constant

    def entropy(self) -> Any:
        digammas = functions.digamma(0.5 * (self.df + 1)) - functions.digamma(0.5 * self.df)
        return functions.log(self.scale * functions.sqrt(self.df)) + 0.5 * (self.df + 1) * digammas + self._log_beta()

    def _log_beta(self) -> Any:
        """The logarithm of the beta function at df / 2 and 1 / 2."""
        return functions.lgamma(0.5 * self.df) - functions.lgamma(0.5 * (self.df + 1)) + 0.5 * math.log(math.pi)


class Dirichlet(Distribution):
    """Probabilities (..., K) that sum to 1: gamma draws of each ``concentration`` (..., K), divided by their sum."""

    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        (self.concentration,) = met(concentration)
        if not self.concentration.ndim:
            raise ShapeError("Dirichlet: concentration is one number; it must have at least one dimension")
        super().__init__(self.concentration.shape[:-1], self.concentration.shape[-1:], validate_args)
        self._require("concentration", self.concentration, positive, "above 0")

    def total(self) -> Any:
        """The sum of the concentrations (..., 1)."""
        return functions.sum(self.concentration, -1, True)

    @property
    def mean(self) -> Any:
        """concentration, divided by its sum."""
        return self.concentration / self.total()

    @property
    def mode(self) -> Any:
        """concentration - 1, divided by its sum; where all are below 1, the first of the corners, at all of which the
        density is infinite."""
        above = functions.clamp(self.concentration - 1, min=0.0)
        corner = (Tensor.of(np.arange(*self.event_shape)) == 0).to(dtype=above.dtype)
        outside = functions.all(self.concentration < 1, -1, True)
        return functions.where(outside, corner, above / functions.sum(above, -1, True))

    @property
    def variance(self) -> Any:
        """c (t - c) / (t^2 (t + 1)), where t is the sum of the concentrations c."""
        c, total = self.concentration, self.total()
        return c * (total - c) / (total**2 * (total + 1))

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        log_draws = LogGammaDraw.apply(functions.broadcast_to(self.concentration, self._shape(sample_shape)))
        limits = np.finfo(log_draws.dtype)
        return functions.clamp(functions.softmax(log_draws, -1), float(limits.tiny), 1 - float(limits.epsneg))

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require(
            "a value",
            value,
            lambda x: (x >= 0) & (abs(x.sum(-1, keepdims=True) - 1) < 1e-6),
            "0 or more, with the sum 1",
        )
        return functions.sum(functions.xlogy(self.concentration - 1, value), -1) - self.log_beta()

    def entropy(self) -> Any:
        c, total = self.concentration, self.total()[..., 0]
        mixed = (total - self.event_shape[0]) * functions.digamma(total)
        return self.log_beta() + mixed - functions.sum((c - 1) * functions.digamma(c), -1)

    def log_beta(self) -> Any:
        """The logarithm of the product of the gamma functions of the concentrations over that of their sum."""
        c = self.concentration
        return functions.sum(functions.lgamma(c), -1) - functions.lgamma(functions.sum(c, -1))


class Beta(Distribution):
    """A number within [0, 1]: the first of two of a `Dirichlet` with these concentrations."""

    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        both = functions.stack(met(concentration1, concentration0), -1)
        super().__init__(both.shape[:-1], (), validate_args)
        self._require("concentration1 and concentration0", both, positive, "above 0")
        self.pair = Dirichlet(both, validate_args)

    @property
    def concentration1(self) -> Any:
        """The first."""
        return self.pair.concentration[..., 0]

    @property
    def concentration0(self) -> Any:
        """The second."""
        return self.pair.concentration[..., 1]

    @property
    def mean(self) -> Any:
        """concentration1, divided by the sum of both."""
        return self.pair.mean[..., 0]

    @property
    def mode(self) -> Any:
        """As of `Dirichlet`."""
        return self.pair.mode[..., 0]

    @property
    def variance(self) -> Any:
        """As of `Dirichlet`."""
        return self.pair.variance[..., 0]

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.pair.rsample(sample_shape)[..., 0]

    def log_prob(self, value: Any) -> Any:
        value = self._value(value)
        self._require("a value", value, lambda x: (x >= 0) & (x <= 1), "within [0, 1]")
        first = functions.xlogy(self.concentration1 - 1, value)
        return first + special.xlog1py(self.concentration0 - 1, -value) - self.pair.log_beta()

    def entropy(self) -> Any:
        return self.pair.entropy()
