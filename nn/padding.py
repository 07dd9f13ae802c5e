"""Layers that put more around their input."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError, Tensor
from nn import functional as F
from nn.functional.arguments import each
from nn.module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    """``padding`` is one width for all sides, or before and after the last dimension, then of the one before it, ..."""

    n: int  # dimensions in space
    mode = "constant"

    def __init__(self, padding: Any) -> None:
        try:
            self.padding = each(type(self).__name__, "padding", padding, 2 * self.n, least=-(2**31))
        except ShapeError:
            raise ShapeError(
                f"{type(self).__name__}: padding={padding} must be one width or {2 * self.n}, before and after each "
                "dimension, the last one first"
            ) from None

    def forward(self, input: Tensor) -> Any:
        if input.ndim not in (self.n + 1, self.n + 2) and self.mode != "constant":
            raise ShapeError(
                f"{type(self).__name__}: input {input.shape} must have {self.n} dimensions in space after its channels"
            )
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Any:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """``value`` around ``(N, C, L)``."""

    n = 1


class ConstantPad2d(_ConstantPad):
    """``value`` around ``(N, C, H, W)``."""

    n = 2


class ConstantPad3d(_ConstantPad):
    """``value`` around ``(N, C, D, H, W)``."""

    n = 3


class ZeroPad1d(_Pad):
    """Around ``(N, C, L)`` 0."""

    n = 1


class ZeroPad2d(_Pad):
    """Around ``(N, C, H, W)`` 0."""

    n = 2


class ZeroPad3d(_Pad):
    """Around ``(N, C, D, H, W)`` 0."""

    n = 3


class ReplicationPad1d(_Pad):
    """Around ``(N, C, L)`` its edge."""

    n, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """Around ``(N, C, H, W)`` its edge."""

    n, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """Around ``(N, C, D, H, W)`` its edge."""

    n, mode = 3, "replicate"


class ReflectionPad1d(_Pad):
    """Around ``(N, C, L)`` the mirrored input."""

    n, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Around ``(N, C, H, W)`` the mirrored input."""

    n, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """Around ``(N, C, D, H, W)`` the mirrored input."""

    n, mode = 3, "reflect"


class CircularPad1d(_Pad):
    """Around ``(N, C, L)`` its other end."""

    n, mode = 1, "circular"


class CircularPad2d(_Pad):
    """Around ``(N, C, H, W)`` its other end."""

    n, mode = 2, "circular"


class CircularPad3d(_Pad):
    """Around ``(N, C, D, H, W)`` its other end."""

    n, mode = 3, "circular"
