"""What is checked: a function of named variables, called again and again, each time from the same state."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from autograd import dtypes, origins
from autograd.captured import exchanged, referred
from autograd.check.differences import without_graph
from autograd.errors import DtypeError, GraphError
from autograd.generator import default_rng
from autograd.graph import Node, enable_grad, topological
from autograd.tensor import Tensor
from autograd.value import Value

Array = np.ndarray[Any, Any]
Called = tuple[list[tuple[str, Node]], list[Any]]  # the named outputs, and the leaves


def is_float(x: Any) -> bool:
    """Whether ``x`` is a node that can have a gradient."""
    return isinstance(x, Value) or (isinstance(x, Tensor) and x.dtype.kind == "f")


def to_be_checked(inputs: Sequence[Any], others: bool = False) -> list[int]:
    """The positions of the inputs whose derivatives are asked: those that require a gradient; if none does, and there
    are no ``others``, all that could."""
    asked = [k for k, x in enumerate(inputs) if is_float(x) and x.requires_grad]
    return asked or ([] if others else [k for k, x in enumerate(inputs) if is_float(x)])


def names_of(function: Callable[..., Any], inputs: Sequence[Any]) -> list[str]:
    """What the function calls its inputs."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = [p.name for p in parameters if p.kind in plain]
    return [named[k] if k < len(named) else f"input {k}" for k in range(len(inputs))]


def outputs_of(name: str, output: Any, label: str = "") -> list[tuple[str, Node]]:
    """The nodes that a function returned, with names: one, or a list, tuple or dictionary of them."""
    if isinstance(output, Node):
        return [(label or "output", output)] if is_float(output) else []
    if isinstance(output, Mapping):
        return [pair for key, part in output.items() for pair in outputs_of(name, part, f"{label}.{key}".lstrip("."))]
    if isinstance(output, list | tuple):
        label = label or "output"
        return [pair for k, part in enumerate(output) for pair in outputs_of(name, part, f"{label} {k}")]
    raise GraphError(f"{name}: the function must return a Value or a Tensor, or several, not {output!r}")


def _is_a_module(x: Any) -> bool:
    has = hasattr(x, "named_parameters") and not isinstance(x, type)
    return has and all(isinstance(p, Node) for p in x.parameters())


def parameters_of(module: Any) -> dict[str, Any]:
    """The parameters of an ``nn.Module`` by their paths, or those of an ``nn.scalar`` one by their numbers."""
    if hasattr(module, "named_parameters"):
        return dict(module.named_parameters())
    return {f"parameter {k}": p for k, p in enumerate(module.parameters())}


class State:
    """All that a module keeps, to be put back: parameters, gradients, running statistics, any attribute."""

    def __init__(self, module: Any, parameters: Mapping[str, Any]) -> None:
        modules = list(module.modules()) if hasattr(module, "modules") else []
        containers: list[Any] = [vars(part) for part in modules]
        containers += [value for held in list(containers) for value in held.values() if isinstance(value, dict)]
        self._containers = [(held, dict(held)) for held in containers]
        found = [x for held in containers for x in held.values()]
        nodes: dict[int, Any] = {id(x): x for x in (*parameters.values(), *found) if isinstance(x, Node)}
        self._nodes = [(x, x.raw, np.array(x.raw), x.grad) for x in nodes.values()]

    def rewind(self) -> None:
        """The state at the beginning, in float64."""
        self._refill()
        for node, _, numbers, _ in self._nodes:
            wide = np.float64 if numbers.dtype.kind == "f" else numbers.dtype
            put(node, numbers.astype(wide))

    def restore(self) -> None:
        """Put back the very arrays, with their numbers."""
        self._refill()
        for node, raw, numbers, grad in self._nodes:
            put(node, raw)
            node.grad = grad
            if isinstance(raw, np.ndarray):
                raw[...] = numbers

    def _refill(self) -> None:
        for held, content in self._containers:
            held.clear()
            held.update(content)


def put(node: Any, array: Array) -> None:
    """Give a leaf another number, or another array."""
    if isinstance(node, Value):
        node.data = float(array)
    else:
        node.raw = array


class Subject:
    """A function, its inputs, and the parameters of a module, as a function of float64 arrays.

    To be used as a context manager. Within, the Tensors and modules that the function refers to by name are in float64
    too; afterwards they, the module, the default dtype and the random numbers are as before.
    """

    def __init__(self, name: str, function: Any, inputs: Any, module: Any, upcast: bool) -> None:
        self.name = name
        self.function = function
        self.inputs = (inputs,) if isinstance(inputs, Node) or not isinstance(inputs, list | tuple) else tuple(inputs)
        module = function if module is None and hasattr(function, "parameters") else module
        self._module = module
        everything = {} if module is None else parameters_of(module)
        self.parameters = {path: p for path, p in everything.items() if p.requires_grad}
        self.moving = to_be_checked(self.inputs, bool(self.parameters))
        called = names_of(getattr(function, "forward", function), self.inputs)
        self.names = [called[k] for k in self.moving] + list(self.parameters)
        self.nodes = [self.inputs[k] for k in self.moving] + list(self.parameters.values())
        if not self.nodes:
            raise GraphError(
                f"{name}: there is nothing to check: no input is a Value or a floating-point Tensor, and no parameter "
                "requires a gradient"
            )
        narrow = [
            n for n, x in zip(self.names, self.nodes, strict=True) if isinstance(x, Tensor) and x.dtype.itemsize < 8
        ]
        self.upcast = narrow
        if narrow and not upcast:
            raise DtypeError(
                f"{name}: {', '.join(narrow)}: {self.nodes[self.names.index(narrow[0])].dtype} is too coarse for "
                "differences of nearly equal numbers; convert with .double(), or leave out upcast=False"
            )
        self.bases = [np.array(x.raw, dtype=np.float64) for x in self.nodes]
        self._draws = False
        self._stack = ExitStack()

    @property
    def draws(self) -> bool:
        """Whether the function used random numbers."""
        return self._draws

    def __enter__(self) -> Subject:
        self._stack.enter_context(_float64_by_default())
        self._generator = default_rng().bit_generator
        self._seed = self._generator.state
        self._stack.callback(setattr, self._generator, "state", self._seed)
        modules = [] if self._module is None else [self._module]
        modules += [x for x, _ in referred(self.function) if _is_a_module(x) and x is not self._module]
        self._states = [State(module, parameters_of(module)) for module in modules]
        for state in self._states:
            self._stack.callback(state.restore)
        checked = {id(node) for node in self.nodes}
        self._stack.enter_context(exchanged(self.function, lambda x: x if id(x) in checked else _widened(x)))
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self._stack.close()

    def _call(self, arrays: Sequence[Array]) -> Called:
        if self._draws:
            self._generator.state = self._seed
        for state in self._states:
            state.rewind()
        inputs = [_widened(x) for x in self.inputs]
        for k, array in zip(self.moving, arrays, strict=False):
            inputs[k] = leaf_like(self.inputs[k], array)
        for p, array in zip(self.parameters.values(), arrays[len(self.moving) :], strict=True):
            put(p, array.copy())
        output = self.function(*inputs)
        return outputs_of(self.name, output), [inputs[k] for k in self.moving] + list(self.parameters.values())

    def record(self, arrays: Sequence[Array] | None = None) -> Called:
        """The named outputs with their graph, whose nodes know their lines, and the leaves of that graph."""
        with enable_grad(), origins.recording():
            outputs, leaves = self._call(self.bases if arrays is None else arrays)
        self._notice_drawing()
        for label, out in outputs:
            if isinstance(out, Tensor) and out.dtype.itemsize < 8:
                narrow = next(n for n in topological([out]) if isinstance(n, Tensor) and n.dtype.itemsize < 8)
                origin = origins.of(narrow)
                where = f", since {narrow.op and narrow.op.name} at {origin}: {origin.code}" if origin else ""
                raise DtypeError(
                    f"{self.name}: {label} is {out.dtype} though the inputs are float64{where}; differences are too "
                    "coarse in it; leave the conversion out while checking"
                )
        return outputs, leaves

    def _notice_drawing(self) -> None:
        self._draws = self._draws or self._generator.state != self._seed

    def vector(self, arrays: Sequence[Array]) -> Array:
        """All outputs' numbers, one after the other, computed without a graph if they can be."""
        outputs, _ = without_graph(lambda: self._call(arrays))
        return flattened(outputs)

    def moved(self, j: int, index: Any, x: float) -> list[Array]:
        """The bases with one element at another number."""
        arrays = list(self.bases)
        arrays[j] = arrays[j].copy()
        arrays[j][index] = x
        return arrays


def flattened(outputs: Sequence[tuple[str, Node]]) -> Array:
    """The numbers of the outputs, one after the other."""
    return np.concatenate([np.zeros(0), *(np.asarray(out.raw, np.float64).ravel() for _, out in outputs)])


def leaf_like(node: Any, array: Any) -> Any:
    """A fresh leaf of these numbers, of the kind of ``node``."""
    return Value(float(array)) if isinstance(node, Value) else Tensor(np.array(array), requires_grad=True)


def _widened(x: Any) -> Any:
    """A narrow floating-point Tensor in float64; anything else as it is."""
    narrow = isinstance(x, Tensor) and x.dtype.kind == "f" and x.dtype.itemsize < 8
    return Tensor(x.raw.astype(np.float64), requires_grad=x.requires_grad) if narrow else x


@contextmanager
def _float64_by_default() -> Iterator[None]:
    """Tensors that the function makes of Python floats fit those it is given."""
    default = dtypes.get_default_dtype()
    dtypes.set_default_dtype(np.float64)
    try:
        yield
    finally:
        dtypes.set_default_dtype(default)
