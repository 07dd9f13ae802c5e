"""`Module`: parameters and smaller modules under names, and how they are computed with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd import DtypeError, Tensor, graph, origins
from autograd.errors import explaining
from nn import paths
from nn.hooked import Hooked
from nn.hooked import register_module_backward_hook as register_module_backward_hook  # where PyTorch has them
from nn.hooked import register_module_forward_hook as register_module_forward_hook
from nn.hooked import register_module_forward_pre_hook as register_module_forward_pre_hook
from nn.hooked import register_module_full_backward_hook as register_module_full_backward_hook
from nn.hooked import register_module_full_backward_pre_hook as register_module_full_backward_pre_hook
from nn.parameter import Buffer, Parameter, Uninitialized
from nn.state import Keys, loaded

__all__ = [
    "Buffer",
    "Module",
    "Parameter",
]


class Module(Hooked):
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
    _buffers: Mapping[str, bool] = {}  # the names given to `register_buffer`, and whether they are persistent

    def __init_subclass__(cls) -> None:
        ours = cls.__module__.startswith("nn.") and not cls.__name__.startswith("_")
        if ours and cls.__init__ is not object.__init__:  # a user's class has messages of its own
            made: Any = getattr(cls.__init__, "__wrapped__", cls.__init__)
            cls.__init__ = explaining(made, cls.__name__)  # type: ignore[method-assign]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if graph.switched and origins.is_recording():
                with paths.entered(self):
                    return self._run(args, kwargs)
            return self._run(args, kwargs) if self._hooks else self.forward(*args, **kwargs)
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

    @property
    def _parameters(self) -> paths.Attributes:  # under PyTorch's names, which programs use though they are private
        return paths.Attributes(self, Parameter)

    @property
    def _modules(self) -> paths.Attributes:
        return paths.Attributes(self, Module)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one, with their names; one that has several comes once."""
        first = {id(child): (name, child) for name, child in reversed(_own_modules(self))}
        return (found for found in _own_modules(self) if first[id(found[1])] == found)

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one."""
        return (child for _, child in self.named_children())

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all within it, with their paths; one that stands in two places comes once, unless not
        ``remove_duplicate``. Those in ``memo`` are left out."""
        seen = set(map(id, memo or ()))
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if id(module) in seen:
                continue
            if remove_duplicate:
                seen.add(id(module))
            yield path, module
            inner = [(f"{path}.{name}" if path else name, child) for name, child in _own_modules(module)]
            stack += reversed(inner)

    def modules(self) -> Iterator[Module]:
        """This module and all within it."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """All parameters, or only this module's own, with their paths; one that stands in two places comes once, unless
        not ``remove_duplicate``."""
        return self._named(_own_parameters, prefix, recurse, remove_duplicate)

    def _named(
        self, own: Callable[[Module], Iterator[tuple[str, Any]]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        within = self.named_modules(None, prefix, remove_duplicate) if recurse else ((prefix, self),)
        for path, module in within:
            for name, tensor in own(module):
                if id(tensor) not in seen:
                    if remove_duplicate:
                        seen.add(id(tensor))
                    yield f"{path}.{name}" if path else name, tensor

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, in the order of `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters("", recurse))

    def num_parameters(self, trainable: bool = False) -> int:
        """How many numbers the parameters hold; ``trainable``: only those whose gradients are asked for."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad or not trainable)

    def _own_buffers(self) -> Iterator[tuple[str, Tensor, bool]]:
        for name, value in vars(self).items():
            if isinstance(value, Tensor) and (name in self._buffers or isinstance(value, Buffer)):
                if isinstance(value, Parameter):  # which took a buffer's place
                    continue
                yield name, value, self._buffers.get(name, getattr(value, "persistent", True))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """All buffers, or only this module's own, with their paths; one that stands in two places comes once, unless
        not ``remove_duplicate``."""
        return self._named(
            lambda module: ((name, buffer) for name, buffer, _ in module._own_buffers()),
            *(prefix, recurse, remove_duplicate),
        )

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers, in the order of `named_buffers`."""
        return (buffer for _, buffer in self.named_buffers("", recurse))

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make ``tensor`` the attribute ``name``, part of the state but not learned; None holds the place."""
        self._check_free(name, name in self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"{type(self).__name__}: {name!r} is {tensor!r:.60}, and a buffer is a Tensor; make it one")
        vars(self).setdefault("_buffers", {})[name] = persistent
        setattr(self, name, tensor)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make ``param`` the attribute ``name``; None says that there is none."""
        self._check_free(name, name in self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"{type(self).__name__}: {name!r} is {param!r:.60}, not learned; make it a Parameter")
        setattr(self, name, param)

    def add_module(self, name: str, module: Module | None) -> None:
        """Make ``module`` the attribute ``name``, which need not be a Python name."""
        self._check_free(name, name in self._modules)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: {name!r} is {module!r:.60}, and no Module; wrap it in one")
        setattr(self, name, module)

    register_module = add_module

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse to lose what the module holds: its parameters, buffers and modules are replaced by such alone."""
        before = vars(self).get(name)
        if before is not None and value is not None:
            own = type(self).__name__
            if isinstance(before, Parameter) and not isinstance(value, Parameter):
                raise TypeError(
                    f"{own}: {name!r} is a parameter, and {value!r:.60} would not be learned in its place; give a "
                    f"Parameter, change its numbers (.data, .copy_() under no_grad()), or delete the attribute first"
                )
            if isinstance(before, Module) and not isinstance(value, Module):
                raise TypeError(f"{own}: {name!r} is a module, and {value!r:.60} is none; delete the attribute first")
            if name in self._buffers and not isinstance(value, Tensor):
                raise TypeError(f"{own}: {name!r} is a buffer, and {value!r:.60} no Tensor; delete the attribute first")
        super().__setattr__(name, value)

    if not TYPE_CHECKING:  # to a type checker, what a class does not declare is not there

        def __getattr__(self, name: str) -> Any:
            """What the module holds under ``name``: Python asks this when it found nothing, and some programs do."""
            if name in vars(self):
                return vars(self)[name]
            if hasattr(type(self), name):  # a property says itself what it misses
                return super().__getattribute__(name)
            raise paths.MissingError(self, name)

    def _check_free(self, name: str, replaced: bool = False) -> None:
        if not name or "." in name:
            raise KeyError(f"{type(self).__name__}: {name!r} cannot be a name; it must not be empty and have no dot")
        if hasattr(type(self), name):
            raise KeyError(f"{type(self).__name__}: {name!r} is a method or property of it; take another name")
        if not replaced and vars(self).get(name) is not None:
            raise KeyError(f"{type(self).__name__}: {name!r} is there already, and something else; take another name")

    def get_submodule(self, target: str) -> Module:
        """The module at the path ``target``; the empty path is this one."""
        found: Any = self
        for name in target.split(".") if target else ():
            found = vars(found).get(name)
            if not isinstance(found, Module):
                raise AttributeError(
                    f"{type(self).__name__}: there is no module at {target!r}; there are "
                    f"{', '.join(path for path, _ in self.named_modules() if path) or 'none'}"
                )
        return found

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at the path ``target``."""
        path, _, name = target.rpartition(".")
        found = vars(self.get_submodule(path)).get(name)
        if not isinstance(found, Parameter):
            raise AttributeError(f"{type(self).__name__}: there is no parameter at {target!r}; see named_parameters()")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at the path ``target``."""
        path, _, name = target.rpartition(".")
        for own, buffer, _ in self.get_submodule(path)._own_buffers():
            if own == name:
                return buffer
        raise AttributeError(f"{type(self).__name__}: there is no buffer at {target!r}; see named_buffers()")

    # For all parts at once --------------------------------------------------------------------------------------

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call ``function`` on every module within, innermost first, then on this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Put this module and all within it in training mode, or out of it."""
        if not isinstance(mode, bool):
            raise ValueError(f"train: mode is {mode!r}; it is True or False")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module and all within it out of training mode."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
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

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: bool = False,
        memory_format: Any = None,
    ) -> Self:
        """Convert all floating-point parameters and buffers, in place, to another dtype; the device can only be the
        CPU, on which there is nothing to wait for; ``memory_format`` is as in `autograd.devices`."""
        probe = Tensor.of(np.zeros(0, np.float32))  # what is wrong is refused without parameters, too
        probe.to(*args, dtype=dtype, device=device, memory_format=memory_format)
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.dtype.kind != "f":
                continue
            if isinstance(tensor, Uninitialized):
                tensor.astype_(Tensor.of(np.zeros(0, tensor.dtype)).to(*args, dtype=dtype, device=device).dtype)
                continue
            converted = tensor.detach().to(*args, dtype=dtype, device=device, non_blocking=non_blocking)
            if converted.dtype.kind != "f":
                raise DtypeError(f"to: numbers of dtype {converted.dtype} have no gradients; convert to a float dtype")
            if converted.dtype != tensor.dtype:
                grad = None if tensor.grad is None else tensor.grad.to(dtype=converted.dtype)
                tensor.data, tensor.grad = converted, None
                tensor.grad = grad
        return self

    def half(self) -> Self:
        """Convert, in place, to float16."""
        return self.to(np.float16)

    def float(self) -> Self:
        """Convert, in place, to float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Convert, in place, to float64."""
        return self.to(np.float64)

    def cpu(self) -> Self:
        """This module: it is on the CPU."""
        return self

    def cuda(self, device: Any = None) -> Self:
        """Refused, with what to do: there is no GPU here."""
        return self.to(device="cuda")

    # State -----------------------------------------------------------------------------------------------------

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """All parameters and persistent buffers by path, sharing their memory; with ``keep_vars`` they themselves."""
        for hook, _ in list(self._hooks.get("state", {}).values()):
            hook(self, prefix, keep_vars)
        state: Any = {}
        for name, tensor in self._own_state():
            state[f"{prefix}{name}"] = tensor if keep_vars or isinstance(tensor, Uninitialized) else tensor.detach()
        for name, child in _own_modules(self):
            state.update(child.state_dict(prefix=f"{prefix}{name}.", keep_vars=keep_vars))
        for hook, replacing in list(self._hooks.get("stated", {}).values()):
            changed = hook(self, state, prefix, {})
            if changed is not None and not replacing:
                raise RuntimeError("register_state_dict_post_hook: a hook returns nothing; it may change the state")
            state = state if changed is None else changed
        return state

    def _own_state(self) -> list[tuple[str, Tensor]]:
        """This module's own part of its state: parameters, then buffers that persist."""
        own: list[tuple[str, Tensor]] = [*_own_parameters(self)]
        return own + [(name, buffer) for name, buffer, persistent in self._own_buffers() if persistent]

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Keys:
        """Copy the numbers of ``state_dict`` (Tensors or arrays by path) into the parameters and buffers.

        Paths that are missing or unexpected, unless ``strict`` is false, and shapes that differ raise
        `StateDictError`, which lists them all; nothing is copied then. ``assign``: take over the arrays themselves,
        in their dtypes, instead of copying. The result names the paths that were missing and unexpected.
        """
        return loaded(self, state_dict, strict, assign)

    # Appearance ------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the parentheses of this module's own line."""
        return ""

    def __repr__(self) -> str:
        children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in _own_modules(self)]
        own = self.extra_repr().splitlines()
        if not children and len(own) < 2:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = [*own, *children]
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def _own_modules(module: Module) -> list[tuple[str, Module]]:
    return [(name, value) for name, value in vars(module).items() if isinstance(value, Module)]


def _own_parameters(module: Module) -> Iterator[tuple[str, Parameter]]:
    return ((name, value) for name, value in vars(module).items() if isinstance(value, Parameter))
