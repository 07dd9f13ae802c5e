"""Convolution over one, two or three dimensions, and the transposed one.

``padding`` is a number, a tuple, "valid" (none) or "same" (the output is as large as the input).

>>> from autograd import tensor
>>> conv1d(tensor([[[1.0, 2.0, 4.0, 7.0]]]), tensor([[[-1.0, 1.0]]]))
tensor([[[1., 2., 3.]]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import ArgumentError, ShapeError, Tensor
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.arguments import batched, each, named, refuse_bool, same_dtype, spelled

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]


def _checked(name: str, n: int, input: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> Tensor:
    """The input with its batch, of the weight's dtype and number of dimensions."""
    same_dtype(name, input=input, weight=weight, bias=bias)
    refuse_bool(name, input)
    if weight.ndim != n + 2:
        raise ShapeError(f"{name}: weight {weight.shape} must be (channels, channels, {spelled(n)[2]})")
    x = batched(name, input, n)
    if groups < 1 or weight.shape[0] < groups or weight.shape[0] % groups:
        raise ShapeError(
            f"{name}: weight {weight.shape}: its first size, {weight.shape[0]}, must be a positive multiple of "
            f"groups={groups}"
        )
    return x


def _check_channels(name: str, input: Tensor, weight: Tensor, channels: int, wanted: int, explained: str) -> None:
    if channels != wanted:
        raise ShapeError(
            f"{name}: input {input.shape} with weight {weight.shape}: the input has {channels} channels, "
            f"the weight wants {explained}"
        )


def _check_bias(name: str, bias: Tensor | None, channels: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ShapeError(f"{name}: bias {bias.shape} must have one number for each of {channels} output channels")


def _widths(
    name: str, padding: Any, size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """How much is added before and after each dimension in space."""
    if padding == "valid":
        padding = 0
    elif padding == "same":
        if max(stride) > 1:
            raise ShapeError(f"{name}: padding='same' is for stride 1, not {stride}; give the padding as a number")
        total = [d * (k - 1) for k, d in zip(size, dilation, strict=True)]
        return tuple((t // 2, t - t // 2) for t in total)
    elif isinstance(padding, str):
        raise ArgumentError(f"{name}: padding={padding!r} must be a number, a tuple, 'valid' or 'same'")
    return tuple((p, p) for p in each(name, "padding", padding, len(size), least=0))


def _padded(x: Any, widths: tuple[tuple[int, int], ...]) -> Any:
    if not any(map(any, widths)):
        return x
    return apply(RULES["pad"], (x,), (((0, 0),) * (x.ndim - len(widths)) + widths, 0))


def _conv(n: int) -> Callable[..., Any]:
    name = f"conv{n}d"

    def function(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        x = _checked(name, n, input, weight, bias, groups)
        _check_channels(
            name, input, weight, x.shape[1], weight.shape[1] * groups, f"{weight.shape[1]} x groups={groups}"
        )
        _check_bias(name, bias, weight.shape[0])
        stride, dilation = each(name, "stride", stride, n), each(name, "dilation", dilation, n)
        size = weight.shape[2:]
        widths = _widths(name, padding, size, stride, dilation)
        reach = tuple(d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True))
        space = tuple(before + length + after for length, (before, after) in zip(x.shape[2:], widths, strict=True))
        if not min(size) or any(r > length for r, length in zip(reach, space, strict=True)):
            raise ShapeError(
                f"{name}: input {input.shape} with weight {weight.shape}: the kernel spans {reach} with its dilation, "
                f"which does not fit into the {space} of the padded input; use a smaller kernel or more padding"
            )
        x, how = _padded(x, widths), (stride, dilation, groups)
        row, biases = ("conv", ()) if bias is None else ("conv_bias", (bias,))
        out = apply(RULES[row], (x, weight, *biases), how)
        return out if input.ndim == n + 2 else out.squeeze(0)

    space, places, size = spelled(n)
    function.__doc__ = f"""Each window of the input times each kernel, summed up.

    ``(N, C, {space})`` with weight ``(O, C / groups, {size})`` and bias ``(O,)`` to ``(N, O, {places})``.
    """
    return named(function, name)


def _conv_transpose(n: int) -> Callable[..., Any]:
    name = f"conv_transpose{n}d"

    def function(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Any:
        y = _checked(name, n, input, weight, bias, groups)
        _check_channels(name, input, weight, y.shape[1], weight.shape[0], f"{weight.shape[0]}")
        channels = weight.shape[1] * groups
        _check_bias(name, bias, channels)
        stride, dilation = each(name, "stride", stride, n), each(name, "dilation", dilation, n)
        padding = each(name, "padding", padding, n, least=0)
        extra = each(name, "output_padding", output_padding, n, least=0)
        if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
            raise ShapeError(
                f"{name}: output_padding={extra} must be smaller than stride={stride} or dilation={dilation}"
            )
        size = weight.shape[2:]
        full = tuple(
            (places - 1) * s + d * (k - 1) + 1
            for places, k, s, d in zip(y.shape[2:], size, stride, dilation, strict=True)
        )
        widths = tuple((-p, e - p) for p, e in zip(padding, extra, strict=True))
        space = tuple(before + length + after for length, (before, after) in zip(full, widths, strict=True))
        if not min(*size, *y.shape[2:]) or min(space) < 1:
            raise ShapeError(
                f"{name}: input {input.shape} with weight {weight.shape}: the output would have the sizes {space}; "
                "use less padding"
            )
        shape = (y.shape[0], channels, *full)
        out = apply(RULES["conv_input"], (y, weight), (shape, stride, dilation, groups))
        out = _padded(out, widths)
        if bias is not None:
            out = out + bias.reshape(-1, *(1,) * n)
        return out if input.ndim == n + 2 else out.squeeze(0)

    space, places, size = spelled(n)
    function.__doc__ = f"""The adjoint of conv{n}d in its input: each element adds its multiple of each kernel.

    ``(N, C, {space})`` with weight ``(C, O / groups, {size})`` and bias ``(O,)`` to ``(N, O, {places})``; ``padding``
    cuts off the ends, ``output_padding`` lengthens the last.
    """
    return named(function, name)


conv1d, conv2d, conv3d = map(_conv, (1, 2, 3))
conv_transpose1d, conv_transpose2d, conv_transpose3d = map(_conv_transpose, (1, 2, 3))
