"""Methods of `Tensor` that make others of it: in another dtype, or new ones in its own."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd import devices, dtypes, functions
from autograd.functions.dims import as_sizes
from autograd.graph import Node
from autograd.literals import as_array


class Conversions(Node):
    """The part of a `Tensor`'s methods that is about dtypes, and about devices, of which there is one."""

    __slots__ = ("__weakref__",)

    raw: np.ndarray[Any, Any]
    dtype: Any

    def wrapped(self, gradient: Any) -> Self:
        raise TypeError(f"{type(self).__name__} does not say how it wraps an array")

    # Conversion ------------------------------------------------------------------------------------------------

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: bool = False,
        copy: bool = False,
        memory_format: Any = None,
    ) -> Self:
        """This tensor in another dtype (or another tensor's); the device can only be the CPU, on which there is
        nothing to wait for, so that ``non_blocking`` changes nothing; ``memory_format`` is as in `devices`."""
        devices.check_format(memory_format)
        for argument in args:
            if isinstance(argument, Conversions):
                dtype = argument.dtype
            elif isinstance(argument, str) and argument.partition(":")[0] in devices.NAMES:
                device = argument
            elif argument is not None:
                dtype = argument
        devices.check(device)
        target = self.dtype if dtype is None else dtypes.as_dtype(dtype)
        return functions.to(self, target) if copy or target != self.dtype else self

    def type(self, dtype: Any = None) -> Any:
        """This tensor in another dtype, also by an older name, ``LongTensor``; without one, that name of its own."""
        if dtype is None:
            return next(f"torch.{name}" for name, known in dtypes.TYPED.items() if known == self.dtype)
        return self.to(dtype=dtypes.as_dtype(dtype))

    def type_as(self, other: Conversions) -> Self:
        """This tensor in the dtype of ``other``."""
        return self.to(dtype=other.dtype)

    def half(self) -> Self:
        """In float16."""
        return self.to(dtypes.float16)

    def float(self) -> Self:
        """In float32."""
        return self.to(dtypes.float32)

    def double(self) -> Self:
        """In float64."""
        return self.to(dtypes.float64)

    def int(self) -> Self:
        """In int32; the fraction is cut off."""
        return self.to(dtypes.int32)

    def long(self) -> Self:
        """In int64; the fraction is cut off."""
        return self.to(dtypes.int64)

    def bool(self) -> Self:
        """True where nonzero."""
        return self.to(dtypes.bool_)

    def short(self) -> Self:
        """In int16; the fraction is cut off."""
        return self.to(dtypes.int16)

    def char(self) -> Self:
        """In int8; the fraction is cut off."""
        return self.to(dtypes.int8)

    def byte(self) -> Self:
        """In uint8; the fraction is cut off."""
        return self.to(dtypes.uint8)

    def cuda(self, device: Any = None) -> Self:
        """Refused, with what to do: there is no GPU here."""
        return self.to(device="cuda")

    def pin_memory(self) -> Self:
        """This tensor: memory is pinned for GPUs, of which there is none."""
        return self

    def cpu(self) -> Self:
        """This tensor: it is on the CPU."""
        return self

    def contiguous(self, memory_format: Any = None) -> Self:
        """This tensor, or a copy whose elements lie in memory in order; ``memory_format`` is as in `devices`."""
        devices.check_format(memory_format)
        return self if self.raw.flags.c_contiguous else functions.clone(self)

    # New tensors in this one's dtype ---------------------------------------------------------------------------------

    def new_full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False
    ) -> Self:
        """``fill_value``, repeated to ``size``, in this tensor's dtype unless another is given."""
        devices.check(device)
        chosen = self.dtype if dtype is None else dtypes.as_dtype(dtype)
        made = self.wrapped(np.full(as_sizes("new_full", (size,)), fill_value, chosen))
        return made.requires_grad_(requires_grad)

    def new_zeros(
        self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False
    ) -> Self:
        """Zeros of ``size`` in this tensor's dtype."""
        return self.new_full(as_sizes("new_zeros", size), 0, dtype=dtype, device=device, requires_grad=requires_grad)

    def new_ones(self, *size: Any, **how: Any) -> Self:
        """Ones of ``size`` in this tensor's dtype; ``how`` is as in `new_full`."""
        return self.new_full(as_sizes("new_ones", size), 1, **how)

    new_empty = new_zeros  # to be filled; the numbers in it mean nothing

    def new(self, *given: Any, device: Any = None) -> Self:
        """By an older name: `new_tensor` of a list, an array or a tensor; `new_empty` of sizes, or of size 0."""
        devices.check(device)
        if len(given) == 1 and not isinstance(given[0], int | tuple):
            return self.new_tensor(given[0])
        return self.new_empty(*(given or (0,)))

    def new_tensor(
        self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False
    ) -> Self:
        """A tensor of ``data`` in this tensor's dtype."""
        devices.check(device)
        return self.wrapped(as_array(data, self.dtype if dtype is None else dtype)).requires_grad_(requires_grad)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
