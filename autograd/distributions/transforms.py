"""Functions of random variables that know their inverse and how they stretch: for `TransformedDistribution`.

A transform of your own is a subclass of `Transform` as in PyTorch: ``domain`` and ``codomain`` (`constraints`),
``bijective``, ``sign`` where it is one number, ``_call``, ``_inverse`` and ``log_abs_det_jacobian``.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np

from autograd import functions
from autograd.creation import zeros_like
from autograd.distributions import constraints
from autograd.distributions.distribution import Sizes, clipped
from autograd.distributions.joint import summed_last
from autograd.distributions.transform import Transform, WithoutParameters, WithParameters
from autograd.tensor import Tensor

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "ComposeTransform",
    "ExpTransform",
    "IndependentTransform",
    "PowerTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]


# Element by element --------------------------------------------------------------------------------------------------


class ExpTransform(WithoutParameters):
    """exp(x)."""

    domain, codomain = constraints.real, constraints.positive

    def _call(self, x: Any) -> Any:
        return functions.exp(x)

    def _inverse(self, y: Any) -> Any:
        return functions.log(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x


class SigmoidTransform(WithoutParameters):
    """1 / (1 + exp(-x)), kept from rounding to 0 or 1."""

    domain, codomain = constraints.real, constraints.unit_interval

    def _call(self, x: Any) -> Any:
        return clipped(functions.sigmoid(x))

    def _inverse(self, y: Any) -> Any:
        return functions.logit(clipped(y))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return functions.logsigmoid(x) + functions.logsigmoid(-x)


class TanhTransform(WithoutParameters):
    """tanh(x). With ``cache_size=1`` the density of a draw is exact where tanh has rounded to 1."""

    domain, codomain = constraints.real, constraints.interval(-1.0, 1.0)

    def _call(self, x: Any) -> Any:
        return functions.tanh(x)

    def _inverse(self, y: Any) -> Any:
        return functions.atanh(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return 2 * (math.log(2) - x - functions.logaddexp(-2 * x, 0.0))  # log(1 - y^2), which would lose its digits


class SoftplusTransform(WithoutParameters):
    """log(1 + exp(x))."""

    domain, codomain = constraints.real, constraints.positive

    def _call(self, x: Any) -> Any:
        return functions.softplus(x)

    def _inverse(self, y: Any) -> Any:
        return functions.log(-functions.expm1(-y)) + y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -functions.softplus(-x)


class AbsTransform(WithoutParameters):
    """abs(x); its inverse gives the x that is not negative."""

    bijective = False
    sign = Transform.sign
    domain, codomain = constraints.real, constraints.positive

    def _call(self, x: Any) -> Any:
        return functions.abs(x)

    def _inverse(self, y: Any) -> Any:
        return y


class PowerTransform(WithParameters):
    """x ** exponent, of positive x."""

    _parameters = ("exponent",)
    domain = codomain = constraints.positive

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = exponent if isinstance(exponent, Tensor) else Tensor(float(exponent))

    @property
    def sign(self) -> Any:
        """That of the exponent."""
        return functions.sign(self.exponent)

    def _call(self, x: Any) -> Any:
        return x**self.exponent

    def _inverse(self, y: Any) -> Any:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return functions.log(functions.abs(self.exponent * y / x))

    def forward_shape(self, shape: Sizes) -> Sizes:
        return np.broadcast_shapes(shape, self.exponent.shape)

    inverse_shape = forward_shape


class AffineTransform(WithParameters):
    """loc + scale * x; with ``event_dim`` the last dimensions are one event."""

    _parameters = ("loc", "scale", "_event_dim")

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    @property
    def domain(self) -> Any:
        """All numbers."""
        return constraints.independent(constraints.real, self._event_dim)

    codomain = domain

    @property
    def sign(self) -> Any:
        """That of the scale."""
        return functions.sign(self.scale) if isinstance(self.scale, Tensor) else (self.scale > 0) - (self.scale < 0)

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        scale = self.scale if isinstance(self.scale, Tensor) else Tensor(self.scale, dtype=x.dtype)
        shape = np.broadcast_shapes(x.shape, scale.shape)
        return summed_last(functions.broadcast_to(functions.log(functions.abs(scale)), shape), self._event_dim)

    def forward_shape(self, shape: Sizes) -> Sizes:
        return np.broadcast_shapes(shape, *(getattr(x, "shape", ()) for x in (self.loc, self.scale)))

    inverse_shape = forward_shape


# Of vectors ----------------------------------------------------------------------------------------------------------


class SoftmaxTransform(WithoutParameters):
    """softmax(x) along the last dimension; its inverse gives the x whose exponentials sum to 1."""

    bijective = False
    sign = Transform.sign
    domain, codomain = constraints.real_vector, constraints.simplex

    def _call(self, x: Any) -> Any:
        return functions.softmax(x, -1)

    def _inverse(self, y: Any) -> Any:
        return functions.log(y)


class StickBreakingTransform(WithoutParameters):
    """n numbers to n + 1 probabilities: each breaks off its share, a sigmoid, of what is left of a stick."""

    sign = Transform.sign
    domain, codomain = constraints.real_vector, constraints.simplex

    def _call(self, x: Any) -> Any:
        shares = clipped(functions.sigmoid(x - _log_left(x)))
        left = functions.cumprod(1 - shares, -1)
        one = left[..., :1] * 0 + 1
        return functions.cat((shares, one), -1) * functions.cat((one, left), -1)

    def _inverse(self, y: Any) -> Any:
        cut = y[..., :-1]
        left = functions.clamp(1 - functions.cumsum(cut, -1), min=float(np.finfo(y.dtype).tiny))
        return functions.log(cut) - functions.log(left) + _log_left(cut)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        x = x - _log_left(x)
        return functions.sum(functions.logsigmoid(x) - x + functions.log(y[..., :-1]), -1)

    def forward_shape(self, shape: Sizes) -> Sizes:
        return (*shape[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Sizes) -> Sizes:
        return (*shape[:-1], shape[-1] - 1)


def _log_left(x: Tensor) -> Tensor:
    """The logarithms of how many parts follow each of the first n: x = 0 makes equal ones."""
    return Tensor.of(np.log(np.arange(x.shape[-1], 0, -1)).astype(x.dtype))


# Of transforms -------------------------------------------------------------------------------------------------------


class IndependentTransform(WithParameters):
    """``base_transform``, with so many more of the last dimensions as one event."""

    _parameters = ("base_transform", "reinterpreted_batch_ndims")

    def __init__(self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform.with_cache(cache_size)
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    domain = property(lambda self: constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims))
    codomain = property(
        lambda self: constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)
    )
    bijective = property(lambda self: self.base_transform.bijective)
    sign = property(lambda self: self.base_transform.sign)

    def _call(self, x: Any) -> Any:
        return self.base_transform(x)

    def _inverse(self, y: Any) -> Any:
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return summed_last(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)

    def forward_shape(self, shape: Sizes) -> Sizes:
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Sizes) -> Sizes:
        return self.base_transform.inverse_shape(shape)


class ComposeTransform(Transform):
    """The ``parts``, one after the other."""

    def __init__(self, parts: list[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [part.with_cache(cache_size) if cache_size else part for part in parts]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ComposeTransform) and self.parts == other.parts

    __hash__ = object.__hash__

    def with_cache(self, cache_size: int = 1) -> Transform:
        return self if self._cache_size == cache_size else ComposeTransform(self.parts, cache_size)

    @property
    def domain(self) -> Any:
        """That of the first, for events as large as all parts need."""
        if not self.parts:
            return constraints.real
        return _raised(self.parts[0].domain, self._event_dims()[0])

    @property
    def codomain(self) -> Any:
        """That of the last, as for ``domain``."""
        if not self.parts:
            return constraints.real
        return _raised(self.parts[-1].codomain, self._event_dims()[-1])

    def _event_dims(self) -> list[int]:
        """The dimensions of an event before each part and after the last."""
        needed = 0  # before the first
        change = 0
        for part in self.parts:
            needed = max(needed, part.domain.event_dim - change)
            change += part.codomain.event_dim - part.domain.event_dim
        dims = [needed]
        for part in self.parts:
            dims.append(dims[-1] + part.codomain.event_dim - part.domain.event_dim)
        return dims

    @property
    def bijective(self) -> bool:  # type: ignore[override]
        """Whether all parts are."""
        return all(part.bijective for part in self.parts)

    @property
    def sign(self) -> Any:
        """The product of the parts' signs."""
        return reduce(lambda sign, part: sign * part.sign, self.parts, 1)

    def __call__(self, x: Any) -> Any:
        return reduce(lambda x, part: part(x), self.parts, x)  # each part remembers its own

    def _inv_call(self, y: Any) -> Any:
        return reduce(lambda y, part: part.inv(y), reversed(self.parts), y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        if not self.parts:
            return zeros_like(x)
        terms = []
        for part, dims in zip(self.parts, self._event_dims(), strict=False):
            z = part(x)
            terms.append(summed_last(part.log_abs_det_jacobian(x, z), dims - part.domain.event_dim))
            x = z
        return reduce(lambda total, term: total + term, terms)

    def forward_shape(self, shape: Sizes) -> Sizes:
        return reduce(lambda shape, part: part.forward_shape(shape), self.parts, tuple(shape))

    def inverse_shape(self, shape: Sizes) -> Sizes:
        return reduce(lambda shape, part: part.inverse_shape(shape), reversed(self.parts), tuple(shape))

    def __repr__(self) -> str:
        return f"ComposeTransform({self.parts})"


def _raised(constraint: Any, event_dim: int) -> Any:
    more = event_dim - constraint.event_dim
    return constraints.independent(constraint, more) if more else constraint


identity_transform = ComposeTransform([])
