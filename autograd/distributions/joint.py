"""Distributions of vectors: independent numbers, and Gaussians with a covariance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import functions, random
from autograd.distributions import constraints
from autograd.distributions.distribution import Distribution, Sizes, one_of
from autograd.errors import ShapeError
from autograd.functions import linalg
from autograd.tensor import Tensor


class Independent(Distribution):
    """The last ``reinterpreted_batch_ndims`` batch dimensions of ``base_distribution`` as one event: probabilities of
    its parts are multiplied."""

    support = property(lambda self: constraints.independent(self.base_dist.support, self.reinterpreted_batch_ndims))

    def __init__(
        self, base_distribution: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        batch, n = base_distribution.batch_shape, reinterpreted_batch_ndims
        if not 0 <= n <= len(batch):
            raise ShapeError(f"Independent: {n} dimensions of a batch of shape {batch}; it has {len(batch)}")
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, n
        at = len(batch) - n
        super().__init__(batch[:at], batch[at:] + base_distribution.event_shape, validate_args)
        self.has_rsample = base_distribution.has_rsample

    @property
    def has_enumerate_support(self) -> bool:  # type: ignore[override]
        """Whether the values of a draw can be listed: not those of several together."""
        return self.base_dist.has_enumerate_support and not self.reinterpreted_batch_ndims

    def enumerate_support(self, expand: bool = True) -> Any:
        if self.reinterpreted_batch_ndims:
            return super().enumerate_support(expand)
        return self.base_dist.enumerate_support(expand)

    @property
    def mean(self) -> Any:
        """Of the base."""
        return self.base_dist.mean

    @property
    def variance(self) -> Any:
        """Of the base."""
        return self.base_dist.variance

    def sample(self, sample_shape: Sizes = ()) -> Any:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        return summed_last(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Any:
        return summed_last(self.base_dist.entropy(), self.reinterpreted_batch_ndims)


def summed_last(x: Tensor, n: int) -> Any:
    """Summed over the last ``n`` dimensions."""
    return functions.sum(x, tuple(range(x.ndim - n, x.ndim))) if n else x


class MultivariateNormal(Distribution):
    """Gaussian vectors (..., n) with mean ``loc`` and a covariance (..., n, n): given itself, as its inverse, or as
    L in L L^T, lower triangular."""

    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        name, given = one_of(
            "MultivariateNormal",
            covariance_matrix=covariance_matrix,
            precision_matrix=precision_matrix,
            scale_tril=scale_tril,
        )
        if loc.ndim < 1 or given.ndim < 2 or given.shape[-2:] != loc.shape[-1:] * 2:
            raise ShapeError(f"MultivariateNormal: loc {loc.shape} must be (..., n), {name} {given.shape} (..., n, n)")
        batch = np.broadcast_shapes(loc.shape[:-1], given.shape[:-2])
        super().__init__(batch, loc.shape[-1:], validate_args)
        self.loc = functions.broadcast_to(loc, (*batch, *loc.shape[-1:]))
        if name == "scale_tril":
            self._require(
                "the diagonal of scale_tril", functions.diagonal(given, 0, -2, -1), lambda x: x > 0, "above 0"
            )
            tril = given
        else:
            matrix = given if name == "covariance_matrix" else linalg.inv(given)
            tril = linalg.cholesky(matrix)
        self.scale_tril = functions.broadcast_to(tril, (*batch, *given.shape[-2:]))

    @property
    def covariance_matrix(self) -> Any:
        """L L^T."""
        return self.scale_tril @ self.scale_tril.mT

    @property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        return linalg.inv(self.covariance_matrix)

    @property
    def mean(self) -> Any:
        """``loc``."""
        return self.loc

    mode = mean

    @property
    def variance(self) -> Any:
        """The diagonal of the covariance."""
        return functions.sum(self.scale_tril**2, -1)

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        noise = random.randn(self._shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + (self.scale_tril @ noise[..., None])[..., 0]

    def log_prob(self, value: Any) -> Any:
        z = linalg.solve_triangular(self.scale_tril, (self._value(value) - self.loc)[..., None], upper=False)[..., 0]
        return -0.5 * functions.sum(z * z, -1) - self._constant()

    def entropy(self) -> Any:
        return self._constant() + 0.5 * self.event_shape[0]

    def _constant(self) -> Any:
        """Half the logarithm of the determinant of 2 pi times the covariance."""
        return self.half_log_det() + 0.5 * self.event_shape[0] * math.log(2 * math.pi)

    def half_log_det(self) -> Any:
        """Half the logarithm of the covariance's determinant."""
        return functions.sum(functions.log(functions.diagonal(self.scale_tril, 0, -2, -1)), -1)
