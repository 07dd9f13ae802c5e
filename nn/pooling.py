"""The pooling of `nn.functional` as modules."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional as F
from nn.functional.arguments import each
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
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
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


class _LPPool(Settled):
    shown = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__(norm_type=norm_type, kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode)


class LPPool1d(_LPPool):
    """(sum of x^p)^(1/p) over each window of ``(N, C, L)``, p being ``norm_type``."""

    function = staticmethod(F.lp_pool1d)


class LPPool2d(_LPPool):
    """(sum of x^p)^(1/p) over each window of ``(N, C, H, W)``, p being ``norm_type``."""

    function = staticmethod(F.lp_pool2d)


class LPPool3d(_LPPool):
    """(sum of x^p)^(1/p) over each window of ``(N, C, D, H, W)``, p being ``norm_type``."""

    function = staticmethod(F.lp_pool3d)


class _MaxUnpool(Settled):
    shown = ("kernel_size", "stride", "padding")
    n: int  # dimensions in space

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        name = type(self).__name__
        super().__init__(
            kernel_size=each(name, "kernel_size", kernel_size, self.n),
            stride=each(name, "stride", kernel_size if stride is None else stride, self.n),
            padding=each(name, "padding", padding, self.n, least=0),
        )

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Any:
        """``output_size``: which of the sizes that pooling maps to the input's is wanted."""
        return super().forward(input, indices, output_size=output_size)


class MaxUnpool1d(_MaxUnpool):
    """What undoes `MaxPool1d`, given its indices: the largest elements in their places, zeros elsewhere."""

    n, function = 1, staticmethod(F.max_unpool1d)


class MaxUnpool2d(_MaxUnpool):
    """What undoes `MaxPool2d`, given its indices: the largest elements in their places, zeros elsewhere."""

    n, function = 2, staticmethod(F.max_unpool2d)


class MaxUnpool3d(_MaxUnpool):
    """What undoes `MaxPool3d`, given its indices: the largest elements in their places, zeros elsewhere."""

    n, function = 3, staticmethod(F.max_unpool3d)


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
