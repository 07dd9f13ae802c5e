"""`Tensor`: an array that remembers how it was computed.

What a `Value` is for one number, a `Tensor` is for an array: the same table, the same walk. New here are shapes
(an operand that was broadcast gets the sum over its copies, in `Tensor.fitted`) and dtypes (mixed ones meet by
PyTorch's rules, in `meeting`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

import numpy as np

from autograd import anomaly, broadcasting, filling, functions, graph, origins
from autograd.array_pass import leaf_gradients
from autograd.arrays import ARRAYS, quietly
from autograd.backward import backward, keep, release
from autograd.changes import Memory, changes, filled
from autograd.errors import DtypeError, GraphError, ShapeError, explained
from autograd.functions.answers import refuse_recording
from autograd.graph import Node, Operation
from autograd.hooks import RemovableHandle, Wishes
from autograd.inplace import InPlace
from autograd.literals import as_array, of_size
from autograd.meeting import met
from autograd.methods import ArrayMethods
from autograd.rule import Reading, Rule
from autograd.rules import RULES

_operations = {rule: Operation(rule) for rule in RULES.values() if not rule.kept}  # without parameters, one is enough


# Rows whose result may share memory with their operand.
VIEWS = frozenset(("broadcast_to", "diagonal", "flip", "getitem", "permute", "reshape", "windows"))

_new = object.__new__


class Tensor(InPlace, ArrayMethods):
    """An array that records how it was computed.

    ``data``: numbers, nested lists, an array (copied, its dtype kept) or another Tensor. Python floats get the
    default dtype. With ``requires_grad=True``, which only floating-point tensors can have, operations on it are
    recorded and `backward` fills ``grad``, a Tensor of the same shape and dtype; it is None before. Two or more
    integers are a size, as in ``Tensor(2, 3)``: numbers to be filled, here zeros.

    >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> loss = (w @ Tensor([1.0, -1.0])).square().sum()
    >>> loss.backward()
    >>> w.grad
    tensor([[-2.,  2.],
            [-2.,  2.]])
    """

    __slots__ = ("_grad", "_memory", "_recorded", "_requires", "_wishes", "label", "op", "operands", "raw")

    raw: np.ndarray[Any, Any]
    op: Operation | None
    operands: tuple[Any, ...]
    label: str

    def __init__(self, data: Any = (), requires_grad: bool = False, dtype: Any = None, *more: int) -> None:
        if not isinstance(requires_grad, bool | np.bool_):
            self._fill(of_size(data, requires_grad, *(() if dtype is None else (dtype, *more))))
            return
        self._fill(as_array(data, dtype))
        if requires_grad:
            self.requires_grad_()

    def _fill(
        self,
        array: np.ndarray[Any, Any],
        op: Operation | None = None,
        operands: tuple[Any, ...] = (),
        recorded: int = 0,
    ) -> None:
        self.raw = array
        self.op = op
        self.operands = operands
        self._recorded = recorded  # when this result was recorded
        self._requires = recorded > 0  # so, or a leaf whose gradient is wanted
        self._grad: Any = None  # an array until somebody asks for the Tensor
        self._memory: Memory | None = None  # of the array, once it is shared with another Tensor or was changed
        self._wishes: Wishes | None = None
        self.label = ""

    @staticmethod
    def of(array: Any) -> Tensor:
        """A Tensor of this very array, not of a copy, without history."""
        tensor = _new(Tensor)
        tensor._fill(array if isinstance(array, np.ndarray) else np.asarray(array))
        return tensor

    @classmethod
    def operand(cls, given: Any, name: str) -> Tensor:
        """``given`` as a Tensor, if it is an array or a Tensor."""
        if isinstance(given, Tensor):
            return given
        if isinstance(given, np.ndarray):
            return Tensor(given)
        kind = type(given).__name__
        raise DtypeError(
            f"{name}: a {kind} and a Tensor do not mix; convert it first, as in Tensor(...) or Tensor(value.data)"
        )

    # Applying a row of the table ---------------------------------------------------------------------------

    @classmethod
    def apply(cls, rule: Rule, operands: tuple[Any, ...], parameters: tuple[Any, ...]) -> Tensor:
        """The value of ``rule`` at the operands, which is recorded if one of them requires a gradient."""
        switched = graph.switched
        if switched:
            broadcasting.check(rule, operands, parameters)
        raws: list[Any] = []
        dtype, simple, requires = None, True, False
        for operand in operands:
            if isinstance(operand, Tensor):
                raw = operand.raw
                if operand._requires:
                    requires = True
                if dtype is None:
                    dtype = raw.dtype
                elif raw.dtype is not dtype:
                    simple = False
                raws.append(raw)
            elif operand.__class__ is float or operand.__class__ is int:
                raws.append(operand)
            else:
                simple = False
        if not simple or dtype is None or dtype.kind != "f":
            operands = met(rule, operands, Tensor)
            raws = [operand.raw if isinstance(operand, Tensor) else operand for operand in operands]
        kept = None
        try:
            if requires and rule.kept:
                kept, raw = quietly.run(rule.keeping.value, *raws, *parameters)
            else:
                raw = quietly.run(rule.arrays.value, *raws, *parameters)
        except (ValueError, TypeError, IndexError) as error:
            raise explained(rule, raws, parameters, error) from None
        if raw.__class__ is not np.ndarray:
            raw = np.asarray(raw)
        if switched:
            anomaly.check_result(rule, raws, parameters, raw)
        out = _new(Tensor)
        if requires and rule.derivatives and raw.dtype.kind == "f" and (not switched or graph.is_recording()):
            if filled:
                operands = filling.versions(operands, Tensor)
            op = _operations.get(rule) if not parameters else None
            if op is None:
                op = Operation(rule, parameters)
                op.kept = kept
            out._fill(raw, origins.stamped(op) if switched else op, operands, next(changes.clock))
        else:
            out._fill(raw)
        if rule.name in VIEWS and raw.base is not None:
            out._memory = operands[0].memory()
        if switched and (tape := graph.tape.get()) is not None:
            tape.add_array(out, rule, operands, parameters)
        return out

    # What the reverse pass asks of a node --------------------------------------------------------------------

    @property
    def parents(self) -> tuple[Node, ...]:
        return tuple([operand for operand in self.operands if isinstance(operand, Tensor)])

    @property
    def reading(self) -> Reading:
        return self.op.rule.arrays  # type: ignore[union-attr]

    def seed(self, upstream: Any, create_graph: bool, name: str) -> Any:
        if upstream is None:
            if self.raw.size != 1:
                raise GraphError(
                    f"{name}: the output has shape {self.shape}, and only a single number has a gradient without more; "
                    "reduce it first, as in .sum() or .mean(), or give the upstream gradient, of that shape"
                )
            one = np.ones(self.raw.shape, self.raw.dtype) if self.raw.ndim else self.raw.dtype.type(1)
            return Tensor.of(one) if create_graph else one
        if not isinstance(upstream, Tensor):
            upstream = Tensor(upstream, dtype=self.dtype)
        if upstream.shape != self.shape:
            raise ShapeError(
                f"{name}: the upstream gradient has shape {upstream.shape}, the output {self.shape}; they must agree"
            )
        upstream = upstream.to(dtype=self.dtype)
        return upstream if create_graph else upstream.raw

    def constant(self, number: float) -> Any:
        return self.raw.dtype.type(number)

    def fitted(self, contribution: Any) -> Any:
        """A contribution in this tensor's shape and dtype: summed over the dimensions it was broadcast along."""
        raw = self.raw
        if contribution.shape != raw.shape:
            new = contribution.ndim - raw.ndim
            stretched = (i + new for i, n in enumerate(raw.shape) if n == 1 and contribution.shape[i + new] != 1)
            total = functions.sum if isinstance(contribution, Tensor) else ARRAYS["sum"]
            contribution = total(contribution, (*range(new), *stretched), True).reshape(raw.shape)
        if contribution.dtype is not raw.dtype and contribution.dtype != raw.dtype:
            to = functions.to if isinstance(contribution, Tensor) else np.asarray
            contribution = to(contribution, raw.dtype)
        return contribution

    def wrapped(self, gradient: Any) -> Tensor:
        return gradient if isinstance(gradient, Tensor) else Tensor.of(gradient)

    def check_unchanged(self, position: int) -> None:
        """Refuse a gradient that would be computed from an array that was changed in place in the meantime."""
        if changes.last < self._recorded:  # nothing at all was changed since
            return
        op = cast(Operation, self.op)
        rule = op.rule
        operands = (self.operands,) if rule.variadic else ((operand,) for operand in self.operands)
        kept = {"out": (self,), **dict(zip(rule.operands, operands, strict=True))}
        for node in (node for word in rule.reads(position) for node in kept.get(word, ())):
            if isinstance(node, Tensor) and node._memory is not None and node._memory.changed > self._recorded:
                raise GraphError(
                    f"backward: the derivative of {rule.name} needs the value of an array of shape {node.shape} "
                    "that was changed in place after it was used; change a .clone() of it, or call backward() before"
                    + (f"\n  of the operation at {op.origin}: {op.origin.code}" if op.origin else "")
                )

    def memory(self) -> Memory:
        """The memory of the array, to be shared with another Tensor or marked as changed."""
        if self._memory is None:
            self._memory = Memory()
        return self._memory

    def __getstate__(self) -> Any:
        attributes, slots = cast(tuple[Any, dict[str, Any]], super().__getstate__())
        return attributes, {**slots, "_wishes": None}  # hooks belong to the tensor that they were registered on

    def forget(self) -> None:
        if self.op is not None:
            self.op, self.operands = graph.RELEASED, ()

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

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward passes have accumulated, of this tensor's shape and dtype; None before."""
        node = filling.version(self)
        if isinstance(node._grad, np.ndarray):
            node._grad = Tensor.of(node._grad)
        return node._grad

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        if gradient is not None:
            if not isinstance(gradient, Tensor):
                raise DtypeError(f"grad: a gradient is a Tensor or None, not {gradient!r}; zero_grad() forgets it")
            if gradient.shape != self.shape or gradient.dtype != self.dtype:
                raise ShapeError(
                    f"grad: a gradient of shape {gradient.shape} and dtype {gradient.dtype} for a tensor of shape "
                    f"{self.shape} and dtype {self.dtype}; they must agree"
                )
        filling.version(self)._grad = gradient

    @grad.deleter
    def grad(self) -> None:
        filling.version(self)._grad = None

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad` was called."""
        wishes = filling.version(self)._wishes
        return wishes is not None and wishes.kept

    def retain_grad(self) -> None:
        """Keep this tensor's gradient in ``grad`` too, though it is the result of an operation."""
        self._wish("retain_grad").kept = True

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call ``hook(gradient)`` when a backward pass has this tensor's whole gradient, before it goes on from here.

        What the hook returns, unless None, takes the gradient's place: a Tensor of the same shape and dtype. Of a
        leaf, it sees what one pass finds, not what is in ``grad`` already. ``remove()`` of the result takes it away.

        >>> x = Tensor([1.0, -2.0], requires_grad=True)
        >>> handle = x.register_hook(lambda gradient: gradient.clamp(-1, 1))
        >>> (x**2).sum().backward()
        >>> x.grad
        tensor([ 1., -1.])
        """
        refuse_recording("register_hook", "whose function a replay would not call")
        return RemovableHandle(self._wish("register_hook").hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call ``hook(self)`` when a backward pass has added to ``grad`` of this leaf: to take a step with it, say.

        It is called when the whole pass is done, so that it may change this tensor. ``remove()`` of the result takes
        it away.
        """
        refuse_recording("register_post_accumulate_grad_hook", "whose function a replay would not call")
        if self.op is not None:
            raise GraphError(
                "register_post_accumulate_grad_hook: gradients are added up in leaves, and this tensor is a result; "
                "register_hook() shows its gradient"
            )
        return RemovableHandle(self._wish("register_post_accumulate_grad_hook").after, hook)

    def _wish(self, name: str) -> Wishes:
        if not self._requires:
            raise GraphError(f"{name}: this tensor does not require a gradient; set requires_grad=True on its inputs")
        node = filling.version(self)
        if node._wishes is None:
            node._wishes = Wishes()
        return node._wishes

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
        root, grads = filling.version(self), None
        if inputs is None and self.op is not None and not create_graph and not graph.switched:
            grads = quietly.run(leaf_gradients, root, self.seed(gradient, False, "backward"), Tensor)
        if grads is None:
            backward((root,), (gradient,), retain_graph, create_graph, inputs)
            return
        keep(grads, None, False)
        if retain_graph is False:
            release((root,))

    def accumulated(self, gradient: Any) -> Tensor:
        """``grad`` and one more gradient, a Tensor or an array."""
        gradient, before = self.wrapped(gradient), self.grad
        if before is None:
            return gradient
        if before.requires_grad and not gradient.requires_grad:
            return before.detach() + gradient
        with graph.enable_grad() if gradient.requires_grad else nullcontext():
            return before + gradient

    def owned(self, gradient: Any, shared: bool) -> Tensor:
        if isinstance(gradient, Tensor):
            return functions.clone(gradient) if shared or gradient.raw.base is not None else gradient
        return Tensor.of(gradient.copy() if shared or gradient.base is not None else gradient)

    def detach(self) -> Tensor:
        """The same memory without the history: a change in place of one is seen in the other."""
        out = Tensor.of(self.raw)
        out._memory = self.memory()
        return out

    def detach_(self) -> Tensor:
        """Cut this tensor itself off from what it was computed from: it becomes a leaf without a gradient."""
        self.op, self.operands, self._recorded, self._requires, self._wishes = None, (), 0, False, None
        return self

    @property
    def data(self) -> Tensor:
        """The same memory without the history, for updates that no graph is to notice: ``p.data -= lr * p.grad``."""
        return Tensor.of(self.raw)

    @data.setter
    def data(self, new: Any) -> None:
        array = new.raw if isinstance(new, Tensor) else as_array(new, self.dtype)
        if self._requires and array.dtype.kind != "f":
            raise DtypeError(f"data: this tensor requires a gradient, which {array.dtype} numbers cannot have")
        self.raw = array
