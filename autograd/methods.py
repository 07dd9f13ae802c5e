"""What a `Tensor` offers that does not concern its history: what it is, its numbers, operators, functions."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd import broadcasting, devices, dtypes, functions, graph
from autograd.conversions import Conversions
from autograd.errors import DtypeError, ShapeError
from autograd.functions.answers import answer, answer_of_two, holds
from autograd.functions.dims import wrapped_dim
from autograd.functions.indexing import as_subscript, displaced
from autograd.graph import Node, Operation
from autograd.printing import shown
from autograd.rules import RULES

OPERANDS = (Node, int, float, np.ndarray, np.generic, list, tuple)


def _operator(name: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """The methods for ``self + other`` and ``other + self``."""
    rule = RULES[name]

    def method(self: ArrayMethods, other: Any) -> Any:
        return self.apply(rule, (self, other), ()) if isinstance(other, OPERANDS) else NotImplemented

    def reflected(self: ArrayMethods, other: Any) -> Any:
        return self.apply(rule, (other, self), ()) if isinstance(other, OPERANDS) else NotImplemented

    return method, reflected


def _compared(name: str) -> Callable[[Any, Any], Any]:
    """A comparison, element by element: a Tensor of booleans, without history."""

    def method(self: ArrayMethods, other: Any) -> Any:
        if not isinstance(other, OPERANDS):
            return NotImplemented
        if graph.switched:
            broadcasting.check_shapes(name, self.shape, getattr(other, "shape", ()))
        return answer_of_two(name, self, other)

    return method


class ArrayMethods(Conversions):
    """The methods of `Tensor` that read its array or apply a function to it."""

    __slots__ = ()

    raw: np.ndarray[Any, Any]  # a slot of Tensor, not a property: looked up at every operation

    __array_ufunc__ = None  # array * tensor asks the Tensor; np.exp(tensor), which would lose its history, is refused
    __hash__ = object.__hash__

    @classmethod
    def operand(cls, given: Any, name: str) -> Self:
        """``given`` as a Tensor, if it is an array or a Tensor."""
        raise TypeError(f"{cls.__name__} does not say what may be its operand")

    # What it is ------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self.raw.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.raw.dtype

    @property
    def ndim(self) -> int:
        return self.raw.ndim

    @property
    def device(self) -> devices.device:
        """The CPU, always."""
        return devices.CPU

    @property
    def itemsize(self) -> int:
        """The bytes of an element."""
        return self.raw.itemsize

    def element_size(self) -> int:
        """The bytes of an element."""
        return self.raw.itemsize

    def get_device(self) -> int:
        """-1, which stands for the CPU."""
        return -1

    @property
    def is_cuda(self) -> bool:
        """Never."""
        return False

    is_sparse = is_quantized = is_mps = is_meta = is_cuda

    @property
    def is_cpu(self) -> bool:
        """Always."""
        return True

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.raw.nbytes

    def data_ptr(self) -> int:
        """Where in memory the first element lies: the same for tensors that begin with the same one."""
        return self.raw.ctypes.data

    def storage_offset(self) -> int:
        """How many elements after the first of the memory that it shares this tensor begins."""
        base = self.raw
        while isinstance(base.base, np.ndarray):
            base = base.base
        return (self.data_ptr() - base.ctypes.data) // self.raw.itemsize

    @property
    def grad_fn(self) -> Operation | None:
        """The operation that made this tensor; None for a leaf."""
        return self.op

    def dim(self) -> int:
        """The number of dimensions."""
        return self.raw.ndim

    ndimension = dim

    def stride(self, dim: int | None = None) -> Any:
        """How many elements apart neighbours along each dimension, or along ``dim``, lie in memory."""
        steps = tuple(step // self.raw.itemsize for step in self.raw.strides)
        return steps if dim is None else steps[wrapped_dim("stride", dim, self.ndim)]

    def size(self, dim: int | None = None) -> Any:
        """The shape, or its size along ``dim``."""
        return self.shape if dim is None else self.shape[wrapped_dim("size", dim, self.ndim)]

    def is_contiguous(self, memory_format: Any = devices.contiguous_format) -> bool:
        """Whether the elements lie in memory in the order of their indices; with the channels last if asked so."""
        devices.check_format(memory_format)
        last = memory_format in (devices.channels_last, devices.channels_last_3d)
        return (np.moveaxis(self.raw, 1, -1) if last else self.raw).flags.c_contiguous

    def __len__(self) -> int:
        if not self.ndim:
            raise DtypeError("len: a 0-d tensor has no length; .item() is its number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        if not self.ndim:
            raise DtypeError("iter: a 0-d tensor has no elements to iterate over; .item() is its number")
        return (self[i] for i in range(len(self)))

    def __reversed__(self) -> Self:
        return functions.flip(self, 0) if self.ndim else self

    def __contains__(self, element: Any) -> bool:
        return holds(lambda x, y: (x == y).any(), self.raw, np.asarray(element))

    def __repr__(self) -> str:
        implied = (dtypes.get_default_dtype(), *((dtypes.int64, dtypes.bool_) if self.raw.size else ()))
        notes = [] if self.dtype in implied else [f"dtype={self.dtype}"]
        if self.op is not None:
            notes.append(f"grad_fn=<{self.op.name}>")
        elif self.requires_grad:
            notes.append("requires_grad=True")
        return shown(self.raw, "tensor(", notes)

    def __format__(self, spec: str) -> str:
        return format(repr(self) if self.ndim else self.item(), spec)

    # Out of here -----------------------------------------------------------------------------------------------

    def numpy(self) -> np.ndarray[Any, Any]:
        """The array itself, not a copy."""
        return self.raw

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.raw, dtype=dtype, copy=copy)

    def item(self) -> Any:
        """The number in a tensor of one element."""
        if self.raw.size != 1:
            raise ShapeError(
                f"item: shape {self.shape} holds {self.raw.size} numbers, not one; index it or use .tolist()"
            )
        return self.raw.item()

    def tolist(self) -> Any:
        """The numbers as nested lists."""
        return self.raw.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        if self.raw.size != 1:
            raise ShapeError(f"bool: whether shape {self.shape} is true is not clear; use .any(), .all() or an index")
        return holds(bool, self.raw)

    def __index__(self) -> int:
        if self.raw.size != 1 or self.dtype.kind == "f":
            raise DtypeError(
                f"index: a tensor of shape {self.shape} and dtype {self.dtype} is not an integer; use int(...)"
            )
        return int(self.raw.item())

    # Operators ---------------------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Self:
        """NumPy's indexing: integers, slices, None, ``...``, lists, integer and boolean tensors and arrays; the
        dimensions of arrays stand where PyTorch has them (`displaced`)."""
        at = as_subscript(index)
        out = self.apply(RULES["getitem"], (self,), (at,))
        ways = displaced(at, self.ndim)
        return out if ways is None else functions.movedim(out, *ways)

    def __matmul__(self, other: Any) -> Any:
        known = isinstance(other, OPERANDS)
        return functions.matmul(self, self.operand(other, "matmul")) if known else NotImplemented

    def __rmatmul__(self, other: Any) -> Any:
        known = isinstance(other, OPERANDS)
        return functions.matmul(self.operand(other, "matmul"), self) if known else NotImplemented

    def __pow__(self, other: Any) -> Any:
        return functions.pow(self, other) if isinstance(other, OPERANDS) else NotImplemented

    __add__, __radd__ = _operator("add")
    __sub__, __rsub__ = _operator("sub")
    __mul__, __rmul__ = _operator("mul")
    __truediv__, __rtruediv__ = _operator("div")
    _, __rpow__ = _operator("pow")
    __mod__, __rmod__ = _operator("remainder")
    __floordiv__, __rfloordiv__ = _operator("floor_divide")
    __neg__ = functions.neg
    __pos__ = functions.positive
    __abs__ = functions.abs

    __eq__ = eq = _compared("equal")
    __ne__ = ne = _compared("not_equal")
    __lt__ = lt = _compared("less")
    __le__ = le = _compared("less_equal")
    __gt__ = gt = _compared("greater")
    __ge__ = ge = _compared("greater_equal")
    __and__ = __rand__ = _compared("bitwise_and")
    __or__ = __ror__ = _compared("bitwise_or")
    __xor__ = __rxor__ = _compared("bitwise_xor")
    __lshift__ = functions.bitwise_left_shift
    __rshift__ = functions.bitwise_right_shift

    def __rlshift__(self, other: Any) -> Self:
        return functions.bitwise_left_shift(other, self)

    def __rrshift__(self, other: Any) -> Self:
        return functions.bitwise_right_shift(other, self)

    def __invert__(self) -> Self:
        return answer("invert", self)

    T = property(lambda self: functions.permute(self, tuple(reversed(range(self.ndim)))))
    H = property(functions.H)
    mT = property(functions.mT)
    mH = property(functions.mH)

    def split(self, split_size: Any, dim: builtins.int = 0) -> tuple[Self, ...]:
        """This tensor cut along ``dim`` into parts of one size (the last may be smaller) or of the sizes listed."""
        return functions.split(self, split_size, dim)

    def where(self, condition: Any, other: Any) -> Self:
        """This tensor where ``condition`` is true, ``other`` elsewhere."""
        return functions.where(condition, self, other)

    def polygamma(self, n: builtins.int) -> Self:
        """The ``n``-th derivative of digamma, element by element."""
        return functions.polygamma(n, self)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


_own = {*vars(ArrayMethods), *vars(Conversions)}
for _name, _function in functions.METHODS.items():
    if _name not in _own:
        setattr(ArrayMethods, _name, _function)
