"""`VonMises`: an angle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import functions, special
from autograd.distributions import constraints
from autograd.distributions.continuous import positive
from autograd.distributions.distribution import Distribution, Sizes, met
from autograd.generator import default_rng
from autograd.tensor import Tensor


class VonMises(Distribution):
    """Angles in radians, from -pi to pi, around ``loc``; for a large ``concentration`` they are nearly normal, with the
    variance 1 / concentration."""

    support = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = met(loc, concentration)
        super().__init__(self.loc.shape, (), validate_args)
        self._require("concentration", self.concentration, positive, "above 0")

    @property
    def mean(self) -> Any:
        """The mean direction, ``loc``."""
        return self.loc

    mode = mean

    @property
    def variance(self) -> Any:
        """The circular variance: 1 minus the mean of cos(angle - loc)."""
        return 1 - special.i1e(self.concentration) / special.i0e(self.concentration)

    def sample(self, sample_shape: Sizes = ()) -> Any:
        loc, concentration = (x.raw.astype(np.float64) for x in (self.loc, self.concentration))
        drawn = default_rng().vonmises(loc, concentration, self._shape(sample_shape))
        return Tensor.of(np.asarray(drawn).astype(self.loc.dtype))

    def log_prob(self, value: Any) -> Any:
        closeness = functions.cos(self._value(value) - self.loc) - 1
        return self.concentration * closeness - functions.log(2 * math.pi * special.i0e(self.concentration))
