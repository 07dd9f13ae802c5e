"""`Function`: an operation whose value and derivative the user writes, as two functions of Tensors.

To the engine it is a row like those of the table, whose texts are Python: the graph, the reverse pass, `gradcheck`,
`detect_anomaly` and pictures name it by its class. A row has one result, so several are kept as one flat array,
of which each output is a part.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np

from autograd import graph
from autograd.changes import changes
from autograd.errors import DtypeError, GraphError, ShapeError
from autograd.functions.answers import refuse_recording
from autograd.hooks import Wishes
from autograd.nodes import NODES
from autograd.rule import Reading, Rule
from autograd.tensor import Tensor

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class FunctionCtx:
    """What ``forward`` leaves for ``backward``: any attributes, and the tensors given to `save_for_backward`.

    ``needs_input_grad`` says for each argument of ``forward`` whether its gradient is wanted.
    """

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._saved: tuple[Tensor | None, ...] = ()
        self._when = 0
        self._constant: set[int] = set()
        self._results: dict[int, Tensor] = {}  # by the id of an output as ``forward`` made it: as it is in the graph

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors, inputs or outputs; `saved_tensors` gives them back, or tells if one was changed in place."""
        for x in tensors:
            if x is not None and not isinstance(x, Tensor):
                raise DtypeError(f"save_for_backward: takes Tensors, not {x!r:.60}; make it an attribute of ctx")
        self._saved, self._when = tensors, next(changes.clock)

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What `save_for_backward` was given."""
        for x in self._saved:
            if x is not None and x._memory is not None and x._memory.changed > self._when:
                raise GraphError(
                    f"saved_tensors: a tensor of shape {x.shape} was changed in place after it was saved; "
                    "change a .clone() of it, or call backward() before"
                )
        return tuple(self._results.get(id(x), x) for x in self._saved)

    saved_variables = saved_tensors  # its older name

    def mark_non_differentiable(self, *outputs: Tensor) -> None:
        """Say of outputs that they are constants: no gradient flows back through them."""
        self._constant = set(map(id, outputs))

    def mark_dirty(self, *inputs: Tensor) -> None:
        """Refused: an operation of a recorded graph changes nothing in place."""
        raise GraphError("mark_dirty: inputs cannot be changed in place within a graph; return a new tensor")

    def set_materialize_grads(self, value: bool) -> None:
        """Accepted: an output that nothing was computed from has the gradient 0 here, where PyTorch may give None."""


class Function:
    """An operation of your own: a class with ``forward`` and ``backward``, called by ``apply``.

    ``forward(ctx, *args)`` computes with Tensors, unrecorded; ``backward(ctx, *grad_outputs)`` gets the gradient of
    each output and returns one for each argument, None where there is none to give. Or ``forward(*args)``, and
    ``setup_context(ctx, inputs, output)`` leaves in ``ctx`` what ``backward`` needs. A second derivative is that of
    what ``backward`` computes.

    Raises `ShapeError` for a gradient that does not fit its argument, `GraphError` for too few or too many.

    >>> class Clipped(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x.clamp(min=0)
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         (x,) = ctx.saved_tensors
    ...         return grad_output * (x > 0)
    >>> x = Tensor([-1.0, 2.0], requires_grad=True)
    >>> y = Clipped.apply(x)
    >>> y.sum().backward()
    >>> y, x.grad
    (tensor([0., 2.], grad_fn=<Clipped>), tensor([0., 1.]))
    """

    _row: ClassVar[_Row]

    def __init_subclass__(cls) -> None:
        cls._row = _Row(cls)

    def __init__(self) -> None:
        name = type(self).__name__
        raise TypeError(f"{name}: is not to be made; call {name}.apply(...), with static forward and backward")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The outputs: a Tensor, or a tuple of Tensors and other things."""
        raise NotImplementedError("Function: write a static method forward(ctx, *args)")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Leave in ``ctx`` what ``backward`` needs; where it is there, ``forward`` takes no ``ctx``."""

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradient for each argument of ``forward``."""
        raise NotImplementedError("Function: write a static method backward(ctx, *grad_outputs)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """What ``forward`` computes of the arguments, recorded if one of them requires a gradient."""
        refuse_recording(f"{cls.__name__}.apply", "whose backward a replay would not call")
        call = _Call(cls, args)
        operands = [args[i] for i in call.positions]
        parts = call.own.differentiable
        if not parts or not graph.is_recording() or not any(x.requires_grad for x in operands):
            return call.own.output
        result = Tensor.apply(cls._row, tuple(operands), (call,))
        result._wishes = Wishes()  # so that ``backward`` runs in the caller's context, as hooks do
        if len(parts) == 1:
            made = parts[0]
            result._memory = made.memory() if made._memory or any(made is x for x in operands) else None
        return call.own.with_parts(_cut(result, parts))


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """For a ``backward`` that computes outside the graph: with ``create_graph=True`` it is refused."""

    @wraps(backward)
    def once(ctx: Any, *grad_outputs: Any) -> Any:
        if graph.is_recording():
            raise GraphError("once_differentiable: this derivative has none of its own; leave create_graph=True out")
        return backward(ctx, *grad_outputs)

    return once


class _Run:
    """One run of ``forward``: its context and what it gave."""

    def __init__(self, function: type[Function], args: Sequence[Any], needed: tuple[bool, ...]) -> None:
        self.context = FunctionCtx(needed)
        with graph.no_grad():
            if function.setup_context is Function.setup_context:
                self.output = function.forward(self.context, *args)
            else:
                self.output = function.forward(*args)
                function.setup_context(self.context, _with_defaults(function.forward, args), self.output)
        given = self.output if isinstance(self.output, tuple) else (self.output,)
        again = [any(x is y for y in given[:i]) and isinstance(x, Tensor) for i, x in enumerate(given)]
        self.outputs = tuple(x.detach() if twice else x for x, twice in zip(given, again, strict=True))
        constant = self.context._constant
        self.differentiable = [
            x for x in self.outputs if isinstance(x, Tensor) and x.dtype.kind == "f" and id(x) not in constant
        ]

    def packed(self) -> np.ndarray[Any, Any]:
        """All outputs that have gradients in one array."""
        raws = [x.raw for x in self.differentiable]
        return raws[0] if len(raws) == 1 else np.concatenate([raw.ravel() for raw in raws])

    def with_parts(self, parts: list[Tensor]) -> Any:
        """The output, with ``parts`` in the place of what has gradients."""
        new = dict(zip(map(id, self.differentiable), parts, strict=True))
        outputs = tuple(new.get(id(x), x) for x in self.outputs)
        return outputs if isinstance(self.output, tuple) else outputs[0]

    def upstream(self, g: Tensor) -> list[Tensor | None]:
        """The gradient of each output: 0 for one that has none, None for what is no tensor."""
        parts = dict(zip(map(id, self.differentiable), _cut(g, self.differentiable), strict=True))
        return [
            parts[id(x)] if id(x) in parts else Tensor.of(np.zeros_like(x.raw)) if isinstance(x, Tensor) else None
            for x in self.outputs
        ]


def _with_defaults(forward: Callable[..., Any], args: Sequence[Any]) -> tuple[Any, ...]:
    """The arguments of ``forward``, with the values of those that were left out."""
    if not getattr(forward, "__defaults__", None):
        return tuple(args)
    bound = inspect.signature(forward).bind(*args)
    bound.apply_defaults()
    return bound.args


class _Call:
    """One ``apply``: its arguments, and the run of ``forward`` that made its result."""

    def __init__(self, function: type[Function], args: tuple[Any, ...]) -> None:
        self.function, self.args = function, args
        self.positions = [i for i, x in enumerate(args) if isinstance(x, Tensor) and x.dtype.kind == "f"]
        self.needed = tuple(isinstance(x, Tensor) and x.requires_grad for x in args)
        self.own = _Run(function, args, self.needed)
        self._raws: list[Any] | None = None  # those of the operands that this run is of

    def value(self, *raws: Any) -> np.ndarray[Any, Any]:
        if self._raws is None:
            self._raws = list(raws)
        return self._run(raws).packed()

    def _run(self, operands: Sequence[Any]) -> _Run:
        """The run at these operands: `gradcheck` asks for other numbers than those of the call."""
        raws = [x.raw if isinstance(x, Tensor) else x for x in operands]
        if self._raws is not None and all(x is y for x, y in zip(raws, self._raws, strict=True)):
            return self.own
        args = list(self.args)
        for i, x in zip(self.positions, operands, strict=True):
            args[i] = x if isinstance(x, Tensor) else Tensor.of(x)
        return _Run(self.function, args, self.needed)

    def gradients(self, g: Any, out: Any, operands: Sequence[Any]) -> list[Any]:
        """What ``backward`` gives each operand, as arrays or, of an upstream gradient that is one, Tensors."""
        run, name, recording = self._run(operands), self.function.__name__, isinstance(g, Tensor)
        context = run.context
        if recording:
            parts = _cut(out, run.differentiable)
            context._results = dict(zip(map(id, run.differentiable), parts, strict=True))
        try:
            with graph.enable_grad() if recording else graph.no_grad():
                found = self.function.backward(context, *run.upstream(g if recording else Tensor.of(np.array(g))))
        finally:
            context._results = {}
        found = found if isinstance(found, tuple | list) else (found,)
        n = len(self.args)
        if len(found) < n or any(x is not None for x in found[n:]):
            raise GraphError(
                f"{name}: backward returned {len(found)} gradients for {n} arguments of forward; "
                "return one for each, None for what has no gradient"
            )
        return [self._checked(name, i, found[i], x, recording) for i, x in zip(self.positions, operands, strict=True)]

    def _checked(self, name: str, i: int, gradient: Any, operand: Any, recording: bool) -> Any:
        if gradient is None:
            return None
        if not isinstance(gradient, Tensor):
            raise DtypeError(f"{name}: backward returned {gradient!r:.60} for argument {i}; return a Tensor or None")
        shape, wanted = gradient.shape, operand.shape
        fits = len(shape) >= len(wanted) and all(
            m in (1, n) for m, n in zip(wanted, shape[len(shape) - len(wanted) :], strict=True)
        )
        if not fits:
            raise ShapeError(
                f"{name}: backward returned a gradient of shape {shape} for argument {i}, of shape {wanted}; "
                "they must agree"
            )
        return gradient if recording else np.array(gradient.raw)


class _Row(Rule):
    """A `Function` as a row of the table."""

    own = True

    def __init__(self, function: type[Function]) -> None:
        name = function.__name__
        texts = {"dxs": "backward(g)"}
        super().__init__("structural", f"{name}(*xs; call)", "forward(xs)", texts, name, (), (), {})

    @property
    def arrays(self) -> Reading:
        return Reading(lambda *xs: xs[-1].value(*xs[:-1]), (), _Vjps())  # type: ignore[arg-type]

    def read(self, names: Any) -> Reading:
        if names is not NODES:
            raise DtypeError(f"{self.name}: a Function computes with Tensors")
        return self.arrays

    def reads(self, position: int) -> frozenset[str]:
        return frozenset()  # `saved_tensors` looks whether they changed


class _Vjps:
    """The vjps of one node's turn in the reverse pass: one ``backward`` gives them all."""

    def __init__(self) -> None:
        self._found: list[Any] | None = None

    def __getitem__(self, i: int) -> Callable[..., Any]:
        def vjp(g: Any, out: Any, *arguments: Any) -> Any:
            if self._found is None:
                self._found = arguments[-1].gradients(g, out, arguments[:-1])
            return self._found[i]

        return vjp


def _cut(flat: Any, parts: list[Tensor]) -> list[Any]:
    """The parts of a flat tensor, in the shapes and dtypes of ``parts``; of a single one, that itself."""
    if len(parts) == 1:
        return [flat]
    ends = accumulate(x.raw.size for x in parts)
    return [flat[end - x.raw.size : end].reshape(x.shape).to(x.dtype) for x, end in zip(parts, ends, strict=True)]
