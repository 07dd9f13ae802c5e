"""Normalizations, with a scale ``weight`` and a shift ``bias`` that are learned, and running statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import ShapeError, Tensor, no_grad, ones, zeros
from autograd.distributed import world
from nn import functional as F
from nn import init
from nn.functional.arguments import spelled
from nn.module import Module, Parameter
from nn.settled import Settled

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "CrossMapLRN2d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "LocalResponseNorm",
    "RMSNorm",
    "SyncBatchNorm",
]


class _Norm(Module):
    """Has a ``weight``, which starts at 1, and a ``bias``, at 0, or None in their places."""

    weight: Parameter | None
    bias: Parameter | None

    def _add_affine(self, shape: tuple[int, ...], weight: bool, bias: bool, device: Any, dtype: Any) -> None:
        self.weight = Parameter(ones(shape, device=device, dtype=dtype)) if weight else None
        self.bias = Parameter(zeros(shape, device=device, dtype=dtype)) if bias else None

    def reset_parameters(self) -> None:
        """Start again."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class LayerNorm(_Norm):
    """Mean 0 and variance 1 over the last dimensions, those of ``normalized_shape``, then scaled and shifted."""

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        self.normalized_shape = _as_shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._add_affine(self.normalized_shape, elementwise_affine, elementwise_affine and bias, device, dtype)

    def forward(self, input: Tensor) -> Any:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        settings = f"eps={self.eps}, elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, {settings}"


class RMSNorm(_Norm):
    """Mean square 1 over the last dimensions, those of ``normalized_shape``, then scaled."""

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        self.normalized_shape = _as_shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._add_affine(self.normalized_shape, elementwise_affine, False, device, dtype)

    def forward(self, input: Tensor) -> Any:
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


def _as_shape(normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)


class GroupNorm(_Norm):
    """Mean 0 and variance 1 of each of ``num_groups`` groups of channels of each example of ``(N, C, ...)``."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(f"GroupNorm: num_channels={num_channels} must be a multiple of num_groups={num_groups}")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._add_affine((num_channels,), affine, affine and bias, device, dtype)

    def forward(self, input: Tensor) -> Any:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        settings = f"eps={self.eps}, affine={self.affine}, bias={self.bias is not None}"
        return f"{self.num_groups}, {self.num_channels}, {settings}"


class _Running(_Norm):
    """Keeps a running mean, a running variance and how many batches they saw, if ``track_running_stats``.

    Out of training these are used instead of the batch's own.
    """

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    dims: tuple[int, ...]  # how many dimensions an input may have
    space: str  # and which

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Any,
        dtype: Any,
        bias: bool,
    ) -> None:
        if num_features < 1:
            raise ValueError(f"{type(self).__name__}({num_features}): there must be at least 1 channel")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._add_affine((num_features,), affine, affine and bias, device, dtype)
        kept = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, device=device, dtype=dtype) if kept else None)
        self.register_buffer("running_var", ones(num_features, device=device, dtype=dtype) if kept else None)
        self.register_buffer("num_batches_tracked", zeros((), dtype="int64", device=device) if kept else None)

    def reset_running_stats(self) -> None:
        """Forget the batches seen."""
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            with no_grad():
                self.running_mean.zero_()
                self.running_var.fill_(1.0)
                self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        self.reset_running_stats()
        super().reset_parameters()

    def _check(self, input: Tensor) -> None:
        if input.ndim not in self.dims:
            raise ShapeError(f"{type(self).__name__}: input {input.shape} must be {self.space}")

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_Running):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Any:
        self._check(input)
        mean, var, seen = self.running_mean, self.running_var, self.num_batches_tracked
        if self.training and not self.track_running_stats:  # said later, as to leave what was kept alone
            mean = var = seen = None
        training = self.training or mean is None
        part = self.momentum
        if part is None:  # the running statistics are then the mean of all batches'
            part = 1 / (int(seen.item()) + 1) if seen is not None else 0.0
        out = F.batch_norm(input, mean, var, self.weight, self.bias, training, part, self.eps)
        if self.training and seen is not None:
            with no_grad():
                seen.add_(1)
        return out


class BatchNorm1d(_BatchNorm):
    """Mean 0 and variance 1 of every channel of ``(N, C)`` or ``(N, C, L)``, then scaled and shifted.

    While training they are the batch's, and the running ones move towards them by the part ``momentum``; with None
    they are the mean of all batches'.
    """

    dims, space = (2, 3), "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` of ``(N, C, H, W)``."""

    dims, space = (4,), "(N, C, H, W)"


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` of ``(N, C, D, H, W)``."""

    dims, space = (5,), "(N, C, D, H, W)"


class SyncBatchNorm(_BatchNorm):
    """`BatchNorm1d` of ``(N, C, ...)`` over the batches of all processes of a job, of which there can be only one here.

    In a job of several (`autograd.distributed`) training is refused: sums over the ranks are not recorded.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        if process_group is not None:
            raise ValueError("SyncBatchNorm: there are no process groups here; leave out process_group")
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def _check(self, input: Tensor) -> None:
        if input.ndim < 2:
            raise ShapeError(f"SyncBatchNorm: input {input.shape} must be (N, C, ...)")
        if self.training and world().size > 1:
            raise NotImplementedError(
                f"SyncBatchNorm: batches are not normalized over the {world().size} processes of a job; use "
                "BatchNorm1d, 2d or 3d, which normalizes each process's own"
            )

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """``module`` with each batch normalization in it replaced by one of this class, of the same parameters."""
        converted = module
        if isinstance(module, _BatchNorm):
            settings = module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats
            converted = cls(*settings, process_group, bias=module.bias is not None)
            for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked", "training"):
                setattr(converted, name, getattr(module, name))
        for name, child in list(module._modules.items()):  # one that stands twice, twice
            setattr(converted, name, cls.convert_sync_batchnorm(child, process_group))
        return converted


class _InstanceNorm(_Running):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)
        n = self.dims[0] - 1
        self.space = f"(N, C, {spelled(n)[0]}) or (C, {spelled(n)[0]})"

    def forward(self, input: Tensor) -> Any:
        self._check(input)
        x: Any = input if input.ndim == self.dims[1] else input.unsqueeze(0)
        if x.shape[1] != self.num_features:
            raise ShapeError(f"{type(self).__name__}: input {input.shape} must have {self.num_features} channels")
        own = self.training or not self.track_running_stats
        part = 0.0 if self.momentum is None else self.momentum
        out = F.instance_norm(x, self.running_mean, self.running_var, self.weight, self.bias, own, part, self.eps)
        return out if out.ndim == input.ndim else out.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Mean 0 and variance 1 of every channel of every example of ``(N, C, L)``, then scaled and shifted if ``affine``.

    Running statistics are kept only if asked for; they are then used out of training.
    """

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` of ``(N, C, H, W)``."""

    dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """`InstanceNorm1d` of ``(N, C, D, H, W)``."""

    dims = (4, 5)


class LocalResponseNorm(Settled):
    """Each element of ``(N, C, ...)`` divided by a power of the mean square of the ``size`` channels around its own."""

    function = staticmethod(F.local_response_norm)

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__(size=size, alpha=alpha, beta=beta, k=k)

    def extra_repr(self) -> str:
        size, *others = self.settings().items()
        return ", ".join([str(size[1]), *(f"{name}={value}" for name, value in others)])


class CrossMapLRN2d(LocalResponseNorm):
    """`LocalResponseNorm` of images ``(N, C, H, W)``.

    PyTorch's counts the first channel as a neighbour of all later ones, and of an even ``size`` one channel less.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__(size, alpha, beta, k)

    def forward(self, input: Tensor) -> Any:
        if input.ndim != 4:
            raise ShapeError(f"CrossMapLRN2d: input {input.shape} must be (N, C, H, W)")
        return super().forward(input)
