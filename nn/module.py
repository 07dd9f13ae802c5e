"""`Module`: parameters and smaller modules under names, and how they are computed with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, graph, no_grad, origins
from autograd.errors import explaining
from nn import paths


class Parameter(Tensor):
    """A Tensor that a module learns: as an attribute of a `Module`, it is among its parameters.

    It shares the memory of ``data`` if that is a Tensor.
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        tensor = data if isinstance(data, Tensor) else Tensor(data)
        self._fill(tensor.raw)
        self._memory = tensor.memory()
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Module:
    """A function with parameters. Subclasses set `Parameter`s and `Module`s as attributes and define ``forward``.

    >>> import nn
    >>> class Affine(nn.Module):
    ...     def __init__(self):
    ...         self.scale, self.shift = nn.Parameter([2.0]), nn.Parameter([1.0])
    ...     def forward(self, x):
    ...         return self.scale * x + self.shift
    >>> [name for name, _ in Affine().named_parameters()]
    ['scale', 'shift']
    """

    training: bool = True
    forward: Callable[..., Any]

    def __init_subclass__(cls) -> None:
        if cls.__module__.startswith("nn.") and "__init__" in vars(cls):  # a user's class has messages of its own
            cls.__init__ = explaining(cls.__init__, cls.__name__)  # type: ignore[method-assign]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if graph.switched and origins.is_recording():
                with paths.entered(self):
                    return self.forward(*args, **kwargs)
            return self.forward(*args, **kwargs)
        except Exception as error:
            if not hasattr(self, "forward"):
                raise TypeError(
                    f"{type(self).__name__}: forward() is not defined; define in the class what it computes when called"
                ) from None
            paths.located(error, self, args, kwargs)
            raise

    def shapes_within(self, variables: dict[str, Any]) -> str:
        """What an error message says about ``forward`` with these local variables: the shapes it had got to."""
        return paths.shapes(variables)

    # Names -----------------------------------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one, with their names."""
        return ((name, child) for name, child in vars(self).items() if isinstance(child, Module))

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all within it, with their paths; one that stands in two places comes once."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            inner = [(f"{path}.{name}" if path else name, child) for name, child in module.named_children()]
            stack += reversed(inner)

    def modules(self) -> Iterator[Module]:
        """This module and all within it."""
        return (module for _, module in self.named_modules())

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """All parameters, with their paths; one that stands in two places comes once."""
        seen: set[int] = set()
        for path, module in self.named_modules(prefix):
            for name, parameter in vars(module).items():
                if isinstance(parameter, Parameter) and id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield f"{path}.{name}" if path else name, parameter

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, in the order of `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters())

    # For all parts at once --------------------------------------------------------------------------------------

    def apply(self, function: Callable[[Module], Any]) -> Module:
        """Call ``function`` on every module within, innermost first, then on this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def train(self, mode: bool = True) -> Module:
        """Put this module and all within it in training mode, or out of it."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Put this module and all within it out of training mode."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Ask for the gradients of all parameters, or stop asking."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to 0."""
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad.zero_()

    def to(self, dtype: Any) -> Module:
        """Convert all parameters, in place, to another dtype."""
        for parameter in self.parameters():
            grad = None if parameter.grad is None else parameter.grad.to(dtype=dtype)
            parameter.data = parameter.data.to(dtype=dtype)
            parameter.grad = grad
        return self

    def double(self) -> Module:
        """Convert all parameters, in place, to float64."""
        return self.to(np.float64)

    def float(self) -> Module:
        """Convert all parameters, in place, to float32."""
        return self.to(np.float32)

    # State -----------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Tensor]:
        """All parameters by path, sharing their memory."""
        named = ((path, vars(module).items()) for path, module in self.named_modules())
        return {
            f"{path}.{name}" if path else name: parameter.detach()
            for path, attributes in named
            for name, parameter in attributes
            if isinstance(parameter, Parameter)
        }

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> None:
        """Copy the numbers of ``state_dict`` (Tensors or arrays by path) into the parameters.

        Missing and unexpected paths raise `KeyError` unless ``strict`` is false; shapes that differ raise
        `ShapeError` always. Nothing is copied unless everything fits.
        """
        own = self.state_dict()
        missing, unexpected = sorted(own.keys() - state_dict.keys()), sorted(state_dict.keys() - own.keys())
        if strict and (missing or unexpected):
            raise KeyError(
                f"load_state_dict: missing {missing}, unexpected {unexpected}; pass strict=False to let it be"
            )
        given = {path: np.asarray(state_dict[path]) for path in own if path in state_dict}
        strange = [f"{path}: {array.dtype}" for path, array in given.items() if array.dtype.kind not in "biuf"]
        if strange:
            raise DtypeError(
                f"load_state_dict: these are no real numbers: {'; '.join(strange)}; give arrays of numbers"
            )
        misshapen = [
            f"{path}: {a.shape} into {own[path].shape}" for path, a in given.items() if a.shape != own[path].shape
        ]
        if misshapen:
            raise ShapeError(
                f"load_state_dict: shapes differ: {'; '.join(misshapen)}; the models must have the same sizes"
            )
        with no_grad():
            for path, array in given.items():
                own[path].copy_(array)

    # Appearance ------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the parentheses of this module's own line."""
        return ""

    def __repr__(self) -> str:
        children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        if not children:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = [self.extra_repr(), *children] if self.extra_repr() else children
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"
