"""`Tensor`: an array that remembers how it was computed.

What a `Value` is for one number, a `Tensor` is for an array: the same table, the same walk. New here are shapes
(an operand that was broadcast gets the sum over its copies, in `Tensor.fitted`) and dtypes (mixed ones meet by
PyTorch's rules, in `_met`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np

from autograd import dtypes, functions, graph
from autograd.arrays import quietly
from autograd.backward import backpropagate, release
from autograd.errors import DimensionError, DtypeError, GraphError, ShapeError
from autograd.functions.dims import wrapped_dim
from autograd.graph import Node, Operation
from autograd.inplace import InPlace, changes
from autograd.rule import Reading, Rule
from autograd.rules import RULES

_operations = {rule: Operation(rule) for rule in RULES.values()}  # those without parameters are shared


VIEWS = frozenset(("broadcast_to", "flip", "getitem", "permute", "reshape"))  # rows whose result may share memory

_new = object.__new__


def _operand(given: Any) -> Tensor:
    """``given`` as a Tensor, if it is an array or a Tensor."""
    if isinstance(given, Tensor):
        return given
    if isinstance(given, np.ndarray):
        return Tensor(given)
    kind = type(given).__name__
    raise DtypeError(
        f"a {kind} and a Tensor do not mix; convert it first, as in Tensor(...) or, for a Value, Tensor(v.data)"
    )


def _met(rule: Rule, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands as Tensors and Python numbers in one dtype; where one must change, that is a recorded operation."""
    plain = tuple(operand.item() if isinstance(operand, np.generic) else operand for operand in operands)
    met = tuple(operand if isinstance(operand, int | float) else _operand(operand) for operand in plain)
    dtype = dtypes.result_type(*(operand.raw if isinstance(operand, Tensor) else operand for operand in met))
    if rule.kind == "analytic" and dtype.kind != "f":
        dtype = dtypes.get_default_dtype()
    if not any(isinstance(operand, Tensor) for operand in met):
        return tuple(Tensor(operand, dtype=dtype) for operand in met)
    if dtype.kind in "ui":  # a Python integer beyond the dtype wraps around
        met = tuple(Tensor.of(np.array(n).astype(dtype)) if isinstance(n, int) else n for n in met)
    return tuple(
        functions.to(operand, dtype) if isinstance(operand, Tensor) and operand.dtype != dtype else operand
        for operand in met
    )


def _explained(rule: Rule, raws: list[Any], parameters: tuple[Any, ...], error: Exception) -> Exception:
    """NumPy's exception as one that names the operation, the shapes and the remedy."""
    shapes = [raw.shape for raw in raws if isinstance(raw, np.ndarray)]
    listed = " and ".join(map(str, shapes))
    if rule.name == "getitem":
        kind = IndexError if not isinstance(error, IndexError) else DimensionError
        return kind(f"getitem: shape {listed} indexed with {_shortened(parameters[0])}: {error}")
    if isinstance(error, TypeError):
        types = " and ".join(str(raw.dtype) for raw in raws if isinstance(raw, np.ndarray))
        return DtypeError(f"{rule.name}: not defined for {types}: {error}; convert first, as in .float()")
    if rule.name == "where":
        shapes.append(parameters[0].shape)
    for i in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {shape[-i] for shape in shapes if len(shape) >= i} - {1}
        if len(sizes) > 1:
            differing = " and ".join(map(str, sorted(sizes)))
            return ShapeError(
                f"{rule.name}: shapes {listed}: sizes {differing} in dimension {-i} differ; "
                "aligned at the right, sizes must be equal or 1 (unsqueeze or reshape one of them)"
            )
    if rule.elementwise:
        return DtypeError(f"{rule.name}: {error}; convert first, as in .float()")
    return ShapeError(f"{rule.name}: shapes {listed}: {error}")


def _printed(array: np.ndarray[Any, Any]) -> str:
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    digits = 0 if array.dtype.kind != "f" or np.array_equal(finite, np.rint(finite)) else 4
    text = np.array2string(
        np.atleast_1d(array), separator=", ", prefix="tensor(", precision=digits, floatmode="fixed", threshold=1000
    )
    return text if array.ndim else text[1:-1].strip()


def _operator(name: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """The methods for ``self + other`` and ``other + self``."""
    rule = RULES[name]

    def method(self: Tensor, other: Any) -> Any:
        return Tensor.apply(rule, (self, other), ()) if isinstance(other, _OPERANDS) else NotImplemented

    def reflected(self: Tensor, other: Any) -> Any:
        return Tensor.apply(rule, (other, self), ()) if isinstance(other, _OPERANDS) else NotImplemented

    return method, reflected


def _compared(name: str) -> Callable[[Any, Any], Any]:
    """A comparison, element by element: a Tensor of booleans, without history."""
    compare = getattr(np, name)

    def method(self: Tensor, other: Any) -> Any:
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        try:
            return Tensor.of(compare(self.raw, other.raw if isinstance(other, Tensor) else other))
        except ValueError:
            shapes = f"{self.shape} and {getattr(other, 'shape', ())}"
            raise ShapeError(
                f"{name}: shapes {shapes} do not fit; aligned at the right, sizes must be equal or 1"
            ) from None

    return method


def as_array(data: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """``data`` as a new array: Python floats in the default dtype, integers as int64, arrays in their own."""
    if isinstance(data, Tensor):
        data = data.raw
    elif isinstance(data, list | tuple):
        data = _plain(data)
    try:
        array = np.array(data, order="C") if dtype is None else np.array(data, dtypes.as_dtype(dtype), order="C")
    except (TypeError, ValueError) as error:
        if isinstance(error, DtypeError):
            raise
        raise DtypeError(f"Tensor: cannot make an array from {_shortened(data)}: {error}") from None
    if array.dtype == object:
        raise DtypeError(
            f"Tensor: cannot make an array of numbers from {_shortened(data)}; are all rows of one length?"
        )
    if dtype is None and array.dtype == np.float64 and not isinstance(data, np.ndarray | np.generic):
        array = array.astype(dtypes.get_default_dtype())
    if not array.size and not isinstance(data, np.ndarray) and dtype is None:
        array = array.astype(dtypes.get_default_dtype())
    dtypes.check(array.dtype)
    return array


def _plain(data: Any) -> Any:
    """Nested lists with the Tensors in them as arrays; a list of arrays is an array, and keeps their dtype."""
    if isinstance(data, Tensor):
        return data.raw
    if not isinstance(data, list | tuple):
        return data
    items = [_plain(item) for item in data]
    if items and all(isinstance(item, np.ndarray | np.generic) for item in items):
        return np.array(items) if len({np.shape(item) for item in items}) == 1 else items
    return items


def _shortened(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


class Tensor(InPlace, Node):
    """An array that records how it was computed.

    ``data``: numbers, nested lists, an array (copied, its dtype kept) or another Tensor. Python floats get the
    default dtype. With ``requires_grad=True``, which only floating-point tensors can have, operations on it are
    recorded and `backward` fills ``grad``, a Tensor of the same shape and dtype; it is None before.

    >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> loss = (w @ Tensor([1.0, -1.0])).square().sum()
    >>> loss.backward()
    >>> w.grad
    tensor([[-2.,  2.],
            [-2.,  2.]])
    """

    __slots__ = ("_base", "_changed", "_operands", "_recorded", "_requires", "_retains", "grad", "label", "op", "raw")

    raw: np.ndarray[Any, Any]  # a slot, not a property: looked up at every operation
    grad: Tensor | None
    op: Operation | None
    label: str

    __array_priority__ = 1000.0  # array * tensor asks the Tensor
    __hash__ = object.__hash__

    def __init__(self, data: Any, requires_grad: bool = False, dtype: Any = None) -> None:
        self._fill(as_array(data, dtype))
        if requires_grad:
            self.requires_grad_()

    def _fill(self, array: np.ndarray[Any, Any]) -> None:
        self.raw = array
        self.grad = None
        self.op = None
        self.label = ""
        self._operands: tuple[Any, ...] = ()
        self._requires = False  # a leaf whose gradient is wanted, or the recorded result of an operation
        self._retains = False
        self._base: Tensor | None = None  # the Tensor whose memory this one shares
        self._changed = 0  # when that memory was last changed in place
        self._recorded = 0  # when this result was recorded

    @staticmethod
    def of(array: Any) -> Tensor:
        """A Tensor of this very array, not of a copy, without history."""
        tensor = _new(Tensor)
        tensor._fill(array if isinstance(array, np.ndarray) else np.asarray(array))
        return tensor

    # Applying a row of the table ---------------------------------------------------------------------------

    @classmethod
    def apply(cls, rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...]) -> Tensor:
        raws = []
        dtype, simple, requires = None, True, False
        for operand in operands:
            kind = operand.__class__
            if isinstance(operand, Tensor):
                raw = operand.raw
                requires = requires or operand._requires
                if dtype is None:
                    dtype = raw.dtype
                elif raw.dtype is not dtype:
                    simple = False
                raws.append(raw)
            elif kind is float or kind is int:
                raws.append(operand)
            else:
                simple = False
        if not simple or dtype is None or dtype.kind != "f":
            operands = _met(rule, operands)
            raws = [operand.raw if isinstance(operand, Tensor) else operand for operand in operands]
        try:
            out = Tensor.of(quietly.run(rule.arrays.value, *raws, *parameters))
        except (ValueError, TypeError, IndexError) as error:
            raise _explained(rule, raws, parameters, error) from None
        if rule.name in VIEWS and out.raw.base is not None:
            out._base = operands[0]._owner()
        if requires and rule.derivatives and out.raw.dtype.kind == "f" and (not graph.switched or graph.is_recording()):
            out.op = Operation(rule, parameters) if parameters or rule not in _operations else _operations[rule]
            out._operands = operands
            out._requires = True
            out._recorded = next(changes.clock)
        return out

    # What the reverse pass asks of a node --------------------------------------------------------------------

    @property
    def operands(self) -> tuple[Any, ...]:
        return self._operands

    @property
    def reading(self) -> Reading:
        return cast(Operation, self.op).rule.arrays

    def seed(self, upstream: Any, create_graph: bool, name: str) -> Any:
        if upstream is None:
            if self.raw.size != 1:
                raise GraphError(
                    f"{name}: the output has shape {self.shape}, and only a single number has a gradient without more; "
                    "reduce it first, as in .sum() or .mean(), or give the upstream gradient, of that shape"
                )
            upstream = Tensor.of(np.ones_like(self.raw))
        elif not isinstance(upstream, Tensor):
            upstream = Tensor(upstream, dtype=self.dtype)
        if upstream.shape != self.shape:
            raise ShapeError(
                f"{name}: the upstream gradient has shape {upstream.shape}, the output {self.shape}; they must agree"
            )
        upstream = upstream.to(dtype=self.dtype)
        return upstream if create_graph else upstream.raw

    def fitted(self, contribution: Any) -> Any:
        """A contribution in this tensor's shape and dtype: summed over the dimensions it was broadcast along."""
        if contribution.shape != self.raw.shape:
            new = contribution.ndim - self.raw.ndim
            stretched = (i + new for i, n in enumerate(self.raw.shape) if n == 1 and contribution.shape[i + new] != 1)
            contribution = contribution.sum(axis=(*range(new), *stretched), keepdims=True).reshape(self.raw.shape)
        if contribution.dtype != self.raw.dtype:
            to = functions.to if isinstance(contribution, Tensor) else np.asarray
            contribution = to(contribution, self.raw.dtype)
        return contribution

    def wrapped(self, gradient: Any) -> Tensor:
        return gradient if isinstance(gradient, Tensor) else Tensor.of(gradient)

    def check_unchanged(self, position: int) -> None:
        """Refuse a gradient that would be computed from an array that was changed in place in the meantime."""
        if changes.last < self._recorded:  # nothing at all was changed since
            return
        op = cast(Operation, self.op)
        kept = {"out": self, **dict(zip(op.rule.operands, self._operands, strict=False))}
        for word in op.rule.reads(position):
            node = kept.get(word)
            if isinstance(node, Tensor) and node._owner()._changed > self._recorded:
                raise GraphError(
                    f"backward: the derivative of {op.rule.name} needs the value of an array of shape {node.shape} "
                    "that was changed in place after it was used; change a .clone() of it, or call backward() before"
                )

    def _owner(self) -> Tensor:
        return self if self._base is None else self._base

    def forget(self) -> None:
        if self.op is not None:
            self.op, self._operands = graph.RELEASED, ()

    # The graph -----------------------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded."""
        return self._requires

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for this tensor's gradient, or stop asking; only leaves can stop."""
        if requires_grad and self.dtype.kind != "f":
            raise DtypeError(
                f"requires_grad: a tensor of dtype {self.dtype} has no gradient; make it a float one, as in .float()"
            )
        if self.op is not None and not requires_grad:
            raise GraphError(
                "requires_grad: this tensor was computed from others that require one; use .detach() to cut it off"
            )
        self._requires = bool(requires_grad)
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor was made by the user, or by operations that were not recorded."""
        return self.op is None

    def retain_grad(self) -> None:
        """Keep this tensor's gradient in ``grad`` too, though it is the result of an operation."""
        if not self._requires:
            raise GraphError(
                "retain_grad: this tensor does not require a gradient; set requires_grad=True on its inputs"
            )
        self._retains = True

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add to ``grad`` of every leaf this tensor was computed from: d self / d leaf.

        A tensor of more than one element needs ``gradient``, of its shape: d loss / d self. ``inputs``: fill only
        these. ``create_graph=True``: the gradients can be differentiated again. The graph is kept as long as its
        result is; ``retain_graph=False`` frees it at once. Nothing is changed if this raises.
        """
        wanted = None if inputs is None else (inputs,) if isinstance(inputs, Node) else tuple(inputs)
        grads = backpropagate((self,), gradient, create_graph, wanted, "backward")
        for node in grads if wanted is None else wanted:
            if isinstance(node, Tensor) and node in grads and (node.op is None or node._retains or wanted is not None):
                node._accumulate(grads[node])
        if retain_graph is False:
            release((self,))

    def _accumulate(self, gradient: Any) -> None:
        if self.grad is not None:
            gradient = self.grad + gradient if isinstance(gradient, Tensor) else self.grad.raw + gradient
        else:  # contributions may be shared between nodes; two leaves' grads never are
            gradient = functions.clone(gradient) if isinstance(gradient, Tensor) else gradient.copy()
        self.grad = gradient if isinstance(gradient, Tensor) else Tensor.of(gradient)

    def detach(self) -> Tensor:
        """The same memory without the history: a change in place of one is seen in the other."""
        out = Tensor.of(self.raw)
        out._base = self._owner()
        return out

    @property
    def data(self) -> Tensor:
        """The same memory without the history, for updates that no graph is to notice: ``p.data -= lr * p.grad``."""
        return Tensor.of(self.raw)

    @data.setter
    def data(self, new: Any) -> None:
        array = new.raw if isinstance(new, Tensor) else as_array(new, self.dtype)
        self.raw = array

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
    def device(self) -> str:
        """Always ``"cpu"``."""
        return "cpu"

    @property
    def grad_fn(self) -> Operation | None:
        """The operation that made this tensor; None for a leaf."""
        return self.op

    def dim(self) -> int:
        """The number of dimensions."""
        return self.raw.ndim

    def size(self, dim: int | None = None) -> Any:
        """The shape, or its size along ``dim``."""
        return self.shape if dim is None else self.shape[wrapped_dim("size", dim, self.ndim)]

    def numel(self) -> int:
        """The number of elements."""
        return self.raw.size

    def is_contiguous(self) -> bool:
        """Whether the elements lie in memory in the order of their indices."""
        return self.raw.flags.c_contiguous

    def __len__(self) -> int:
        if not self.ndim:
            raise DtypeError("len: a 0-d tensor has no length; .item() is its number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise DtypeError("iter: a 0-d tensor has no elements to iterate over; .item() is its number")
        return (self[i] for i in range(len(self)))

    def __contains__(self, element: Any) -> bool:
        return bool((self.raw == (element.raw if isinstance(element, Tensor) else element)).any())

    def __repr__(self) -> str:
        return f"tensor({_printed(self.raw)}{self._suffix()})"

    def _suffix(self) -> str:
        implied = (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool_)
        dtype = "" if self.dtype in implied and self.raw.size else f", dtype={self.dtype}"
        grad = (
            f", grad_fn=<{self.op.name}>" if self.op is not None else ", requires_grad=True" if self._requires else ""
        )
        return dtype + grad

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and not self.ndim else repr(self)

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
        return bool(self.raw.item())

    def __index__(self) -> int:
        if self.raw.size != 1 or self.dtype.kind == "f":
            raise DtypeError(
                f"index: a tensor of shape {self.shape} and dtype {self.dtype} is not an integer; use int(...)"
            )
        return int(self.raw.item())

    # Conversion ------------------------------------------------------------------------------------------------

    def to(self, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False) -> Tensor:
        """This tensor in another dtype (or another tensor's); the device can only be the CPU."""
        for argument in args:
            if isinstance(argument, Tensor):
                dtype = argument.dtype
            elif isinstance(argument, str) and argument.partition(":")[0] in ("cpu", "cuda", "mps"):
                device = argument
            else:
                dtype = argument
        if device not in (None, "cpu"):
            raise DtypeError(
                f"to: there is no device {device!r} here; this library computes on the CPU, so leave it out"
            )
        target = self.dtype if dtype is None else dtypes.as_dtype(dtype)
        return functions.to(self, target) if copy or target != self.dtype else self

    def type(self, dtype: Any) -> Tensor:
        """This tensor in another dtype."""
        return self.to(dtype=dtype)

    def type_as(self, other: Tensor) -> Tensor:
        """This tensor in the dtype of ``other``."""
        return self.to(dtype=other.dtype)

    def half(self) -> Tensor:
        """In float16."""
        return self.to(dtypes.float16)

    def float(self) -> Tensor:
        """In float32."""
        return self.to(dtypes.float32)

    def double(self) -> Tensor:
        """In float64."""
        return self.to(dtypes.float64)

    def int(self) -> Tensor:
        """In int32; the fraction is cut off."""
        return self.to(dtypes.int32)

    def long(self) -> Tensor:
        """In int64; the fraction is cut off."""
        return self.to(dtypes.int64)

    def bool(self) -> Tensor:
        """True where nonzero."""
        return self.to(dtypes.bool_)

    def cpu(self) -> Tensor:
        """This tensor: it is on the CPU."""
        return self

    def contiguous(self) -> Tensor:
        """This tensor, or a copy whose elements lie in memory in order."""
        return self if self.is_contiguous() else functions.clone(self)

    # Operators ---------------------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Tensor:
        """NumPy's indexing: integers, slices, None, ``...``, lists, integer and boolean tensors and arrays."""
        return Tensor.apply(RULES["getitem"], (self,), (functions.as_index(index),))

    def __matmul__(self, other: Any) -> Tensor:
        return functions.matmul(self, _operand(other))

    def __rmatmul__(self, other: Any) -> Tensor:
        return functions.matmul(_operand(other), self)

    __add__, __radd__ = _operator("add")
    __sub__, __rsub__ = _operator("sub")
    __mul__, __rmul__ = _operator("mul")
    __truediv__, __rtruediv__ = _operator("div")
    __pow__, __rpow__ = _operator("pow")
    __neg__ = functions.neg
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

    def __invert__(self) -> Tensor:
        return Tensor.of(np.invert(self.raw))

    def isnan(self) -> Tensor:
        """Where the elements are NaN."""
        return Tensor.of(np.isnan(self.raw))

    def isinf(self) -> Tensor:
        """Where the elements are infinite."""
        return Tensor.of(np.isinf(self.raw))

    def isfinite(self) -> Tensor:
        """Where the elements are neither infinite nor NaN."""
        return Tensor.of(np.isfinite(self.raw))

    T = property(functions.t)
    mT = property(functions.mT)

    # Functions that are methods too --------------------------------------------------------------------------------

    abs, add, sub, mul, div = functions.abs, functions.add, functions.sub, functions.mul, functions.div
    neg, pow, square, sqrt, rsqrt = functions.neg, functions.pow, functions.square, functions.sqrt, functions.rsqrt
    reciprocal, sign, floor, ceil, round = (
        *(functions.reciprocal, functions.sign, functions.floor, functions.ceil, functions.round),
    )
    exp, expm1, log, log1p = functions.exp, functions.expm1, functions.log, functions.log1p
    sin, cos, tan, tanh, erf = functions.sin, functions.cos, functions.tan, functions.tanh, functions.erf
    relu, sigmoid, logaddexp = functions.relu, functions.sigmoid, functions.logaddexp
    maximum, minimum, clip, clamp = functions.maximum, functions.minimum, functions.clip, functions.clip
    masked_fill = functions.masked_fill

    sum, mean, prod, var, std = functions.sum, functions.mean, functions.prod, functions.var, functions.std
    max, min, amax, amin = functions.max, functions.min, functions.amax, functions.amin
    argmax, argmin, all, any = functions.argmax, functions.argmin, functions.all, functions.any
    logsumexp, softmax, log_softmax = functions.logsumexp, functions.softmax, functions.log_softmax
    cumsum = functions.cumsum

    reshape, view, flatten = functions.reshape, functions.view, functions.flatten
    squeeze, unsqueeze = functions.squeeze, functions.unsqueeze
    permute, transpose, t, flip = functions.permute, functions.transpose, functions.t, functions.flip
    expand, broadcast_to, expand_as = functions.expand, functions.broadcast_to, functions.expand_as
    tril, triu, split, chunk = functions.tril, functions.triu, functions.split, functions.chunk

    matmul, mm, dot, clone = functions.matmul, functions.mm, functions.dot, functions.clone

    def where(self, condition: Any, other: Any) -> Tensor:
        """This tensor where ``condition`` is true, ``other`` elsewhere."""
        return functions.where(condition, self, other)


_OPERANDS = (Tensor, int, float, np.ndarray, np.generic, Node, list, tuple)
