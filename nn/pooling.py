"""The pooling of `nn.functional` as modules."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.settled import Settled

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]


class _MaxPool(Settled):
    shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            return_indices=return_indices,
            ceil_mode=ceil_mode,
        )


class MaxPool1d(_MaxPool):
    """The largest element of each window of ``(N, C, L)``; with ``return_indices`` its place, too."""

    function = staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPool):
    """The largest element of each window of ``(N, C, H, W)``; with ``return_indices`` its place, too."""

    function = staticmethod(F.max_pool2d)


class MaxPool3d(_MaxPool):
    """The largest element of each window of ``(N, C, D, H, W)``; with ``return_indices`` its place, too."""

    function = staticmethod(F.max_pool3d)


class _AvgPool(Settled):
    shown = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor_override=divisor_override,
        )


class AvgPool1d(_AvgPool):
    """The mean of each window of ``(N, C, L)``."""

    function = staticmethod(F.avg_pool1d)

    def extra_repr(self) -> str:  # PyTorch shows these as tuples
        given = {name: getattr(self, name) for name in self.shown}
        return ", ".join(f"{name}={value if isinstance(value, tuple) else (value,)}" for name, value in given.items())


class AvgPool2d(_AvgPool):
    """The mean of each window of ``(N, C, H, W)``."""

    function = staticmethod(F.avg_pool2d)


class AvgPool3d(_AvgPool):
    """The mean of each window of ``(N, C, D, H, W)``."""

    function = staticmethod(F.avg_pool3d)


class _AdaptiveMaxPool(Settled):
    shown = ("output_size",)

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size=output_size, return_indices=return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest element of each of ``output_size`` windows over ``(N, C, L)``."""

    function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest element of each of ``output_size`` windows over ``(N, C, H, W)``."""

    function = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest element of each of ``output_size`` windows over ``(N, C, D, H, W)``."""

    function = staticmethod(F.adaptive_max_pool3d)


class _AdaptiveAvgPool(Settled):
    shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        super().__init__(output_size=output_size)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of each of ``output_size`` windows over ``(N, C, L)``."""

    function = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of each of ``output_size`` windows over ``(N, C, H, W)``."""

    function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of each of ``output_size`` windows over ``(N, C, D, H, W)``."""

    function = staticmethod(F.adaptive_avg_pool3d)
