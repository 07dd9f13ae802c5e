"""Layers that see at their first call how many features or channels their input has, and are then ordinary ones.

Until then their parameters have no shape. Parameters, their order, and the first numbers are those of the ordinary
layer; who keeps a parameter, as an optimizer does, keeps the one that is filled.

>>> import nn
>>> from autograd import zeros
>>> net = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(2))
>>> _ = net(zeros(1, 3))
>>> net
Sequential(
  (0): Linear(in_features=3, out_features=4, bias=True)
  (1): ReLU()
  (2): Linear(in_features=4, out_features=2, bias=True)
)
"""

from __future__ import annotations

import inspect
from typing import Any

from autograd import ShapeError, Tensor, no_grad
from autograd.functions.answers import refuse_recording
from nn.convolution import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from nn.parameter import Parameter, Uninitialized, UninitializedBuffer, UninitializedParameter

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
]


class _Lazy(Module):
    """Stands before the class that it ``becomes`` in the bases of a lazy layer; its constructor takes what that one's
    does, without the first argument, the attribute ``inferred``."""

    becomes: Any
    inferred: str
    axis: int  # of an input, along which it counts
    dims: tuple[int, ...]  # how many dimensions an input may have; any, if none are said
    _given: tuple[list[Any], dict[str, Any]]

    def _forget(self) -> None:
        """Have no shapes: those of the constructor depend on a number that is not known."""
        setattr(self, self.inferred, 0)
        for name, tensor in list(vars(self).items()):
            if isinstance(tensor, Parameter):
                setattr(self, name, UninitializedParameter(tensor.requires_grad, dtype=tensor.dtype))
            elif isinstance(tensor, Tensor) and tensor.ndim:
                setattr(self, name, UninitializedBuffer(dtype=tensor.dtype))

    def reset_parameters(self) -> None:
        """Nothing: the first call does that."""

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer has no shape yet."""
        return any(isinstance(tensor, Uninitialized) for tensor in vars(self).values())

    def initialize_parameters(self, input: Tensor) -> None:
        """Give the parameters the shapes that ``input`` asks for and the numbers that an ordinary layer starts with;
        those that a state was loaded into have theirs."""
        if not input.ndim or (self.dims and input.ndim not in self.dims):
            wanted = " or ".join(map(str, self.dims)) or "1 or more"
            raise ShapeError(f"{type(self).__name__}: input {input.shape} must have {wanted} dimensions")
        refuse_recording(f"{type(self).__name__} for the first time", "which gives it parameters")
        found = input.shape[self.axis]
        if self.has_uninitialized_params():
            given, named = self._given
            made = vars(self.becomes(found, *given, **named))
            with no_grad():
                for name, tensor in vars(self).items():
                    if isinstance(tensor, Uninitialized):
                        tensor.materialize(made[name].shape)
                        tensor.data.copy_(made[name])
        setattr(self, self.inferred, found)

    def forward(self, input: Tensor, *args: Any, **kwargs: Any) -> Any:
        self.initialize_parameters(input)
        del self._given
        self.__class__ = self.becomes
        return self.forward(input, *args, **kwargs)


def _lazy(kind: Any, inferred: str, axis: int, dims: tuple[int, ...] = (), **defaults: Any) -> Any:
    """The lazy form of a layer; ``defaults``: which PyTorch has otherwise for it."""
    self, _, *others = inspect.signature(kind.__init__).parameters.values()
    others = [p.replace(default=defaults.get(p.name, p.default)) for p in others]
    signature = inspect.Signature([self, *others], return_annotation=None)

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        _, *given = bound.args
        self._given = given, bound.kwargs
        kind.__init__(self, bound.arguments.get("groups", 1), *given, **bound.kwargs)
        self._forget()

    made.__signature__ = signature  # type: ignore[attr-defined]
    doc = f"`{kind.__name__}` that finds its ``{inferred}`` in its first input."
    how = {"becomes": kind, "inferred": inferred, "axis": axis, "dims": dims}
    names = {**how, "__init__": made, "__doc__": doc, "__module__": __name__}
    return type(f"Lazy{kind.__name__}", (_Lazy, kind), names)


LazyLinear = _lazy(Linear, "in_features", -1)
LazyConv1d, LazyConv2d, LazyConv3d, LazyConvTranspose1d, LazyConvTranspose2d, LazyConvTranspose3d = (
    _lazy(kind, "in_channels", -1 - kind.n, (kind.n + 1, kind.n + 2))
    for kind in (Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)
)
LazyBatchNorm1d, LazyBatchNorm2d, LazyBatchNorm3d = (
    _lazy(kind, "num_features", 1, kind.dims) for kind in (BatchNorm1d, BatchNorm2d, BatchNorm3d)
)
LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d = (
    _lazy(kind, "num_features", -kind.dims[0], kind.dims, affine=True, track_running_stats=True)
    for kind in (InstanceNorm1d, InstanceNorm2d, InstanceNorm3d)
)
