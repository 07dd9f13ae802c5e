"""What all distributions have: shapes, and samples of them.

``batch_shape`` is that of independent distributions side by side, ``event_shape`` that of one draw of each. A sample
has the shape ``sample_shape + batch_shape + event_shape``, a log-probability ``sample_shape + batch_shape``.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Self

import numpy as np

from autograd import dtypes, functions
from autograd.errors import ShapeError
from autograd.functions.answers import holds
from autograd.graph import no_grad
from autograd.tensor import Tensor

Sizes = tuple[int, ...]


class Distribution:
    """Base of the distributions. ``validate_args=False`` leaves out the checks of parameters and values; None does as
    `set_default_validate_args` said.
    """

    has_rsample = False
    has_enumerate_support = False
    mean: Any
    mode: Any
    variance: Any
    _validate = True
    _whole: tuple[str, ...] = ()  # names of parameters that are not one for each of the batch

    def __init__(self, batch_shape: Sizes = (), event_shape: Sizes = (), validate_args: bool | None = None) -> None:
        self.batch_shape, self.event_shape = tuple(batch_shape), tuple(event_shape)
        if validate_args is not None:
            self._validate = validate_args

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions that do not say so themselves check their parameters and values: so at first."""
        if not isinstance(value, bool):
            raise ValueError(f"set_default_validate_args: value is {value!r}; it is True or False")
        Distribution._validate = value

    def sample(self, sample_shape: Sizes = ()) -> Any:
        """A draw, through which no gradient flows."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Sizes = ()) -> Any:
        """A draw as a function of the parameters."""
        raise NotImplementedError(f"{type(self).__name__}: has no rsample: its draws are not differentiable")

    def log_prob(self, value: Any) -> Any:
        """The log of the probability, or of its density, of ``value``."""
        raise NotImplementedError(f"{type(self).__name__}: has no log_prob")

    @property
    def support(self) -> Any:
        """Which values a draw may have: one of `constraints`."""
        raise NotImplementedError(f"{type(self).__name__}: does not say its support")

    def enumerate_support(self, expand: bool = True) -> Any:
        """All values of a draw, along a new first dimension, for each of the batch if it is to ``expand``."""
        raise NotImplementedError(f"{type(self).__name__}: its values cannot be listed")

    def entropy(self) -> Any:
        """The expectation of minus the log-probability, in nats."""
        raise NotImplementedError(f"{type(self).__name__}: has no entropy")

    def cdf(self, value: Any) -> Any:
        """The probability of a draw below ``value``."""
        raise NotImplementedError(f"{type(self).__name__}: has no cdf")

    def icdf(self, value: Any) -> Any:
        """The number below which a draw lies with the probability ``value``."""
        raise NotImplementedError(f"{type(self).__name__}: has no icdf")

    def expand(self, batch_shape: Any) -> Self:
        """These distributions, repeated to ``batch_shape``."""
        batch, n = tuple(batch_shape), len(self.batch_shape)
        try:
            fits = np.broadcast_shapes(batch, self.batch_shape) == batch
        except ValueError:
            fits = False
        if not fits:
            raise ShapeError(
                f"{type(self).__name__}: expand from {self.batch_shape} to {batch}; only sizes of 1 stretch"
            )
        new = copy(self)
        for name, x in vars(self).items():
            if isinstance(x, Tensor) and name not in self._whole:
                vars(new)[name] = functions.broadcast_to(x, batch + x.shape[n:])
            elif isinstance(x, Distribution):
                vars(new)[name] = x.expand(batch + x.batch_shape[n:])
        new.batch_shape = batch
        return new

    @property
    def stddev(self) -> Any:
        """The root of the variance."""
        return self.variance.sqrt()

    def perplexity(self) -> Any:
        """exp of the entropy."""
        return self.entropy().exp()

    def _shape(self, sample_shape: Any) -> Sizes:
        sizes = (sample_shape,) if isinstance(sample_shape, int) else tuple(sample_shape)
        return sizes + self.batch_shape + self.event_shape

    def _require(self, what: str, given: Tensor, allowed: Callable[[Any], Any], wanted: str) -> None:
        """Refuse numbers that are not ``allowed``, and NaN."""
        if self._validate and not holds(lambda array: bool(np.all(allowed(array))), given.raw):
            raise ValueError(f"{type(self).__name__}: {what} must be {wanted}, but is {given!r:.60}")

    def _value(self, given: Any) -> Tensor:
        """A value of which the log-probability is asked, if its shape fits."""
        value = given if isinstance(given, Tensor) else Tensor(given)
        shape = self.batch_shape + self.event_shape
        try:
            np.broadcast_shapes(value.shape, shape)
            fits = not self.event_shape or value.shape[-len(self.event_shape) :] == self.event_shape
        except ValueError:
            fits = False
        if not fits:
            raise ShapeError(f"{type(self).__name__}: log_prob of a value {value.shape}, but a draw has shape {shape}")
        return value

    def _numbers_below(self, n: int, dtype: Any, expand: bool) -> Any:
        """0 to n - 1 along a new first dimension, for each of the batch if it is to ``expand``."""
        values = Tensor.of(np.arange(n, dtype=dtype)).reshape(n, *(1,) * len(self.batch_shape))
        return functions.broadcast_to(values, (n, *self.batch_shape)) if expand else values

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch_shape={self.batch_shape}, event_shape={self.event_shape})"


def met(*parameters: Any) -> list[Tensor]:
    """Tensors and numbers as Tensors of one shape; what is no Tensor of floats in the dtype of the first that is."""
    floats = (x.dtype for x in parameters if isinstance(x, Tensor) and x.dtype.kind == "f")
    like = next(floats, dtypes.get_default_dtype())
    tensors = [x if isinstance(x, Tensor) else Tensor(x, dtype=like) for x in parameters]
    tensors = [x if x.dtype.kind == "f" else x.to(like) for x in tensors]
    try:
        shape = np.broadcast_shapes(*(x.shape for x in tensors))
    except ValueError:
        raise ShapeError(f"distribution: parameters of shapes {[x.shape for x in tensors]} do not broadcast") from None
    return [x if x.shape == shape else functions.broadcast_to(x, shape) for x in tensors]


def one_of(name: str, **given: Any) -> tuple[str, Any]:
    """The one parameter of several that is given, and its name."""
    found = [(key, value) for key, value in given.items() if value is not None]
    if len(found) != 1:
        raise ValueError(f"{name}: give one of {', '.join(given)}, not {len(found)} of them")
    key, value = found[0]
    return key, value if isinstance(value, Tensor) else Tensor(value, dtype=dtypes.get_default_dtype())


def clipped(probs: Any) -> Any:
    """Probabilities within the smallest number and the largest below 1, so that their logarithms are finite."""
    limits = np.finfo(probs.dtype)
    return functions.clamp(probs, float(limits.tiny), 1 - float(limits.eps))
