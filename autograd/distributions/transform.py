"""What all transforms have: an inverse, a memory of the last pair, and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.distributions.distribution import Sizes


class Transform:
    """``y = t(x)``, ``x = t.inv(y)``. With ``cache_size=1`` the last pair is remembered: the inverse of the very ``y``
    that was given last is then the ``x`` that it came from, exact where the function is flat."""

    bijective = False
    domain: Any
    codomain: Any

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError(f"{type(self).__name__}: cache_size is {cache_size!r}; it must be 0 or 1")
        self._cache_size = cache_size
        self._last: tuple[Any, Any] = None, None
        self._inv: Transform | None = None

    @property
    def event_dim(self) -> int:
        """The dimensions of what is transformed as a whole, if these are as many before as after."""
        if self.domain.event_dim != self.codomain.event_dim:
            raise ValueError(f"{self}: event_dim differs; ask .domain.event_dim or .codomain.event_dim")
        return int(self.domain.event_dim)

    @property
    def inv(self) -> Transform:
        """The inverse; its inverse is this transform itself."""
        if self._inv is None:
            self._inv = Inverse(self)
        return self._inv

    @property
    def sign(self) -> Any:
        """1 where the function rises, -1 where it falls."""
        raise NotImplementedError(f"{type(self).__name__}: has no sign: it neither rises nor falls everywhere")

    def with_cache(self, cache_size: int = 1) -> Transform:
        """This transform with that ``cache_size``."""
        if self._cache_size == cache_size:
            return self
        if type(self).__init__ is not Transform.__init__:
            raise NotImplementedError(f"{type(self).__name__}: write with_cache, since it takes arguments of its own")
        return type(self)(cache_size)

    def __call__(self, x: Any) -> Any:
        return self._remembered(x, 0)

    def _inv_call(self, y: Any) -> Any:
        return self._remembered(y, 1)

    def _remembered(self, given: Any, side: int) -> Any:
        compute = self._inverse if side else self._call
        if not self._cache_size:
            return compute(given)
        if self._last[side] is not given:
            found = compute(given)
            self._last = (found, given) if side else (given, found)
        return self._last[1 - side]

    def _call(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: write _call(x)")

    def _inverse(self, y: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: write _inverse(y)")

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The logarithm of by how much it stretches volumes around ``x``, where it gives ``y``."""
        raise NotImplementedError(f"{type(self).__name__}: has no log_abs_det_jacobian")

    def forward_shape(self, shape: Sizes) -> Sizes:
        """The shape of y for an x of ``shape``."""
        return tuple(shape)

    def inverse_shape(self, shape: Sizes) -> Sizes:
        """The shape of x for a y of ``shape``."""
        return tuple(shape)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Inverse(Transform):
    """The inverse of ``inv``."""

    def __init__(self, inv: Transform) -> None:
        super().__init__(0)
        self._inv = self._of = inv

    domain = property(lambda self: self._of.codomain)
    codomain = property(lambda self: self._of.domain)
    bijective = property(lambda self: self._of.bijective)
    sign = property(lambda self: self._of.sign)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Inverse) and bool(self._of == other._of)

    __hash__ = object.__hash__

    def with_cache(self, cache_size: int = 1) -> Transform:
        return self._of.with_cache(cache_size).inv

    def __call__(self, x: Any) -> Any:
        return self._of._inv_call(x)

    def _inv_call(self, y: Any) -> Any:
        return self._of(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -self._of.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Sizes) -> Sizes:
        return self._of.inverse_shape(shape)

    def inverse_shape(self, shape: Sizes) -> Sizes:
        return self._of.forward_shape(shape)

    def __repr__(self) -> str:
        return f"{self._of}.inv"


class WithoutParameters(Transform):
    """Those without parameters, any two of which are equal."""

    bijective = True
    sign = 1

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = object.__hash__


class WithParameters(Transform):
    """Those with parameters, which ``_parameters`` names."""

    bijective = True
    _parameters: tuple[str, ...] = ()

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return type(self)(*(getattr(self, name) for name in self._parameters), cache_size=cache_size)  # type: ignore[misc]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in self._parameters
        )

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r:.40}' for name in self._parameters)})"
