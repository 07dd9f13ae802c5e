"""Layers that learn the size of their input from the first one that they see.

Until then their weight has no numbers: `UninitializedParameter`. The first call gives it its size, starts it, and makes
the layer one of the usual class; parameters stay the objects that they were, so an optimizer may be made before.
"""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import ShapeError, Tensor, ones, zeros
from nn.convolution import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nn.linear import Linear
from nn.module import Module, Parameter
from nn.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    _BatchNorm,
)

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
    "UninitializedParameter",
]


class UninitializedParameter(Parameter):
    """A parameter whose size is not known yet; it is empty, and what would fill it is refused."""

    __slots__ = ()

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(zeros(0, device=device, dtype=dtype), requires_grad)

    def materialize(self, shape: tuple[int, ...]) -> None:
        """Become a `Parameter` of this shape, of zeros."""
        self.data = zeros(shape, dtype=self.dtype)
        self.__class__ = Parameter  # type: ignore[assignment]

    def _refuse_in_graph(self, name: str, others: tuple[Any, ...]) -> None:
        raise ShapeError(f"{name}: this parameter of a lazy layer has no size yet; call the model on a batch before")

    def __repr__(self) -> str:
        return "UninitializedParameter()"


class _Lazy(Module):
    """What lazy layers do at their first call; ``becomes`` is the class that they are of afterwards."""

    becomes: ClassVar[Any]
    reset_parameters: Any

    def _forget(self, *names: str) -> None:
        """Let the parameters of these names, where there are any, have no size."""
        for name in names:
            given = getattr(self, name)
            if given is not None:
                setattr(self, name, UninitializedParameter(given.requires_grad, dtype=given.dtype))

    def has_uninitialized_params(self) -> bool:
        """Whether there was no input yet."""
        return any(isinstance(p, UninitializedParameter) for p in self.parameters(recurse=False))

    def initialize_parameters(self, input: Tensor) -> None:
        """Take the sizes from ``input``, and start."""
        raise NotImplementedError

    def forward(self, input: Tensor, *args: Any, **kwargs: Any) -> Any:
        self.initialize_parameters(input)
        self.__class__ = self.becomes
        return self.forward(input, *args, **kwargs)


class LazyLinear(_Lazy, Linear):
    """A `Linear` whose ``in_features`` are those of the first input.

    >>> from autograd import ones
    >>> layer = LazyLinear(2)
    >>> layer
    LazyLinear(in_features=0, out_features=2, bias=True)
    >>> layer(ones(4, 3)).shape, layer
    ((4, 2), Linear(in_features=3, out_features=2, bias=True))
    """

    becomes = Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(1, out_features, bias, device, dtype)
        self.in_features = 0
        self._forget("weight")

    def initialize_parameters(self, input: Tensor) -> None:
        self.in_features = input.shape[-1]
        self.weight.materialize((self.out_features, self.in_features))
        self.reset_parameters()


class _LazyConvolution(_Lazy):
    weight: Any
    n: int
    groups: int
    transposed: bool

    def initialize_parameters(self, input: Tensor) -> None:
        if input.ndim not in (self.n + 1, self.n + 2):
            raise ShapeError(
                f"{type(self).__name__}: input {input.shape} must have {self.n + 2} dimensions, the channels second, "
                f"or {self.n + 1} without a batch"
            )
        this: Any = self
        this.in_channels = channels = input.shape[-self.n - 1]
        if channels % self.groups:
            raise ShapeError(f"{type(self).__name__}: {channels} channels are no multiple of groups={self.groups}")
        out: int = this.out_channels
        ends = (channels, out // self.groups) if self.transposed else (out, channels // self.groups)
        self.weight.materialize((*ends, *this.kernel_size))
        self.reset_parameters()


class _LazyConv(_LazyConvolution):
    def __init__(
        self,
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
        settings = (kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype)
        super().__init__(groups, out_channels, *settings)  # type: ignore[call-arg]
        self.in_channels = 0
        self._forget("weight")


class _LazyConvTranspose(_LazyConvolution):
    def __init__(
        self,
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
        settings = (kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype)
        super().__init__(groups, out_channels, *settings)  # type: ignore[call-arg]
        self.in_channels = 0
        self._forget("weight")


class _LazyNorm(_Lazy):
    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        settings = (eps, momentum, affine, track_running_stats, device, dtype)
        super().__init__(1, *settings, bias=bias)  # type: ignore[call-arg]
        self.num_features = 0
        self._forget("weight", "bias")

    def initialize_parameters(self, input: Tensor) -> None:
        this: Any = self
        this._check(input)
        batched = isinstance(self, _BatchNorm) or input.ndim == this.dims[1]
        self.num_features = input.shape[1 if batched else 0]
        for parameter in (this.weight, this.bias):
            if parameter is not None:
                parameter.materialize((self.num_features,))
        if this.running_mean is not None:
            dtype = this.running_mean.dtype
            this.running_mean, this.running_var = (make(self.num_features, dtype=dtype) for make in (zeros, ones))
        self.reset_parameters()


class LazyConv1d(_LazyConv, Conv1d):
    """A `Conv1d` whose ``in_channels`` are those of the first input."""

    becomes = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """A `Conv2d` whose ``in_channels`` are those of the first input."""

    becomes = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """A `Conv3d` whose ``in_channels`` are those of the first input."""

    becomes = Conv3d


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    """A `ConvTranspose1d` whose ``in_channels`` are those of the first input."""

    becomes = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    """A `ConvTranspose2d` whose ``in_channels`` are those of the first input."""

    becomes = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    """A `ConvTranspose3d` whose ``in_channels`` are those of the first input."""

    becomes = ConvTranspose3d


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A `BatchNorm1d` whose ``num_features`` are the channels of the first input."""

    becomes = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A `BatchNorm2d` whose ``num_features`` are the channels of the first input."""

    becomes = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A `BatchNorm3d` whose ``num_features`` are the channels of the first input."""

    becomes = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """An `InstanceNorm1d` whose ``num_features`` are the channels of the first input."""

    becomes = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """An `InstanceNorm2d` whose ``num_features`` are the channels of the first input."""

    becomes = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """An `InstanceNorm3d` whose ``num_features`` are the channels of the first input."""

    becomes = InstanceNorm3d
