"""Convolutions, and transposed ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import ShapeError, Tensor, zeros
from nn import functional as F
from nn import init
from nn.functional.arguments import each
from nn.module import Module, Parameter

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
]


class _Convolution(Module):
    """What both kinds have in common: the settings, the parameters and how they start.

    All start uniform within 1 / sqrt(fan_in), which is `init.fans` of the weight.
    """

    n: int  # dimensions in space
    function: Callable[..., Any]
    transposed = False
    padding: Any  # a tuple, or a word

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        output_padding: Any,
        dilation: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        name = type(self).__name__
        if min(in_channels, out_channels, groups) < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}({in_channels}, {out_channels}): both must be positive multiples of groups={groups}"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.groups, self.padding_mode = groups, padding_mode
        self.kernel_size = each(name, "kernel_size", kernel_size, self.n)
        self.stride = each(name, "stride", stride, self.n)
        self.dilation = each(name, "dilation", dilation, self.n)
        self.output_padding = each(name, "output_padding", output_padding, self.n, least=0)
        self.padding = padding if isinstance(padding, str) else each(name, "padding", padding, self.n, least=0)
        ends = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(zeros(*ends, *self.kernel_size, device=device, dtype=dtype))
        self.bias = Parameter(zeros(out_channels, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again."""
        init.uniform_within(1 / math.sqrt(init.fans(self.weight)[0]), self.weight, self.bias)

    def extra_repr(self) -> str:
        further: dict[str, tuple[Any, Any]] = {
            "padding": (self.padding, (0,) * self.n),
            "dilation": (self.dilation, (1,) * self.n),
            "output_padding": (self.output_padding, (0,) * self.n),
            "groups": (self.groups, 1),
            "bias": (self.bias is not None, True),
            "padding_mode": (self.padding_mode, "zeros"),
        }
        changed = [f"{name}={value}" for name, (value, default) in further.items() if value != default]
        settled = f"kernel_size={self.kernel_size}, stride={self.stride}"
        return ", ".join([f"{self.in_channels}, {self.out_channels}", settled, *changed])


class _Conv(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        modes = ("zeros", "reflect", "replicate", "circular")
        if padding_mode not in modes:
            raise ValueError(f"{type(self).__name__}: padding_mode is {padding_mode!r}; it must be one of {modes}")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"{type(self).__name__}: padding is {padding!r}; it must be 'same', 'valid' or numbers")
        super().__init__(
            *(in_channels, out_channels, kernel_size, stride, padding, 0, dilation, groups, bias),
            *(padding_mode, device, dtype),
        )
        if padding == "same" and max(self.stride) > 1:
            raise ValueError(f"{type(self).__name__}: padding='same' is for stride 1, not {self.stride}")

    def forward(self, input: Tensor) -> Any:
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._widths(), mode=self.padding_mode), 0
        return type(self).function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _widths(self) -> list[int]:
        """What `F.pad` is told: before and after each dimension, the last one first."""
        if self.padding == "valid":
            return [0] * (2 * self.n)
        if self.padding == "same":
            total = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            return [width for t in reversed(total) for width in (t // 2, t - t // 2)]
        return [width for width in reversed(self.padding) for _ in range(2)]


class Conv1d(_Conv):
    """Each window of the input times each kernel: ``(N, C, L)`` to ``(N, O, L')``; ``weight`` ``(O, C / groups, K)``.

    ``padding_mode`` is what lies around the input: "zeros", "reflect", "replicate" or "circular".
    """

    n, function = 1, staticmethod(F.conv1d)


class Conv2d(_Conv):
    """`Conv1d` over ``(N, C, H, W)``."""

    n, function = 2, staticmethod(F.conv2d)


class Conv3d(_Conv):
    """`Conv1d` over ``(N, C, D, H, W)``."""

    n, function = 3, staticmethod(F.conv3d)


class _ConvTranspose(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f"{type(self).__name__}: padding_mode is {padding_mode!r}; it can only be 'zeros'")
        super().__init__(
            *(in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation, groups, bias),
            *(padding_mode, device, dtype),
        )

    def forward(self, input: Tensor, output_size: Any = None) -> Any:
        """``output_size``: which of the sizes that a convolution maps to the input's is wanted."""
        further = self.output_padding if output_size is None else self._further(input, output_size)
        return type(self).function(
            input, self.weight, self.bias, self.stride, self.padding, further, self.groups, self.dilation
        )

    def _further(self, input: Tensor, output_size: Any) -> tuple[int, ...]:
        """The output_padding that leads to ``output_size``."""
        wanted = tuple(output_size)[-self.n :]
        least = tuple(
            (m - 1) * s - 2 * p + d * (k - 1) + 1
            for m, s, p, d, k in zip(
                input.shape[-self.n :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        )
        further = tuple(w - m for w, m in zip(wanted, least, strict=True))
        if any(not 0 <= f < s for f, s in zip(further, self.stride, strict=True)):
            raise ShapeError(
                f"{type(self).__name__}: output_size={output_size} for input {input.shape}: the sizes must be from "
                f"{least} to {tuple(m + s - 1 for m, s in zip(least, self.stride, strict=True))}"
            )
        return further


class ConvTranspose1d(_ConvTranspose):
    """The adjoint of `Conv1d`: ``(N, C, L)`` to ``(N, O, L')``; ``weight`` is ``(C, O / groups, K)``."""

    n, function = 1, staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTranspose):
    """`ConvTranspose1d` over ``(N, C, H, W)``."""

    n, function = 2, staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTranspose):
    """`ConvTranspose1d` over ``(N, C, D, H, W)``."""

    n, function = 3, staticmethod(F.conv_transpose3d)
