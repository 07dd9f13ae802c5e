"""Parameters that are computed from others, whenever they are read: ``module.weight`` becomes ``f(original)``.

The module gets a class of its own, in which the parameter's name is a property, and a module ``parametrizations`` that
holds the originals, which are learned, and the functions. So its state has PyTorch's names, such as
``parametrizations.weight.original``. Low-rank changes, weight norm and spectral norm are such functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd import ShapeError, Tensor, no_grad
from nn.container import ModuleDict, ModuleList
from nn.module import Buffer, Module, Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

_cache: ContextVar[dict[tuple[int, str], Any] | None] = ContextVar("cache", default=None)


class ParametrizationList(ModuleList):
    """The functions of one tensor, in order, and what the first starts from: ``original``, or ``original0``,
    ``original1``, ... where its ``right_inverse`` gives several."""

    def __init__(self, modules: list[Module], original: Tensor) -> None:
        super().__init__(modules)
        self._kind = Parameter if isinstance(original, Parameter) else Buffer
        try:
            start = self._started(original)
        except NotImplementedError:  # what is computed at first is then another value
            start = original
        self.ntensors = len(start) if isinstance(start, tuple) else 1
        if isinstance(start, tuple):
            for i, part in enumerate(start):
                setattr(self, f"original{i}", self._kind(part))
        else:
            if start is not original:
                original.data = start
            self.original = original if isinstance(original, self._kind) else self._kind(original)

    def _started(self, value: Tensor) -> Any:
        """What the functions make ``value`` of, as far as they have a ``right_inverse``."""
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    value = module.right_inverse(value)
        value = tuple(value) if isinstance(value, list) else value
        if not all(isinstance(part, Tensor) for part in (value if isinstance(value, tuple) else (value,))):
            raise ValueError(f"register_parametrization: a right_inverse gave {value!r:.60}; it gives Tensors")
        return value

    def originals(self) -> list[Tensor]:
        """What is learned in the tensor's place."""
        names = ["original"] if hasattr(self, "original") else [f"original{i}" for i in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    def right_inverse(self, value: Tensor) -> None:
        """Let the originals be what the functions make ``value`` of."""
        start = self._started(value)
        for original, part in zip(self.originals(), start if isinstance(start, tuple) else (start,), strict=True):
            original.data = part

    def forward(self) -> Any:
        first, *others = self
        x = first(*self.originals())
        for module in others:
            x = module(x)
        return x


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let ``module``'s parameter or buffer ``tensor_name`` be what ``parametrization`` computes from it.

    A second one computes from what the first does. A ``right_inverse(value)`` of a parametrization says what it starts
    from at first, and after an assignment, so that the tensor keeps its value. Raises `ShapeError` if the shape or the
    dtype would be another, unless ``unsafe``.

    >>> import nn
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).mT
    >>> layer = register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> (layer.weight == layer.weight.mT).all()
    tensor(True)
    >>> list(layer.state_dict())
    ['bias', 'parametrizations.weight.original']
    """
    parametrization.train(module.training)
    name = type(module).__name__
    if is_parametrized(module, tensor_name):
        before = getattr(module, tensor_name)
        _check_fit(name, tensor_name, before, parametrization(before), unsafe)
        vars(module)["parametrizations"][tensor_name].append(parametrization)
        return module
    original = vars(module).get(tensor_name)
    if not isinstance(original, Tensor):
        raise ValueError(f"register_parametrization: {name} has no parameter or buffer {tensor_name!r} of its own")
    before = original.raw
    try:
        held = ParametrizationList([parametrization], original)
        _check_fit(name, tensor_name, original, held(), unsafe)
    except BaseException:
        original.raw = before  # which a right_inverse may have replaced
        raise
    delattr(module, tensor_name)
    vars(module).setdefault("parametrizations", ModuleDict())[tensor_name] = held
    _reclass(module)
    return module


def _reclass(module: Module) -> None:
    """Give the module a class of its own, not shared with its copies, with a property for each parametrized tensor; or
    the class that it was made as, if there is none."""
    parent, held = type_before_parametrizations(module), vars(module)["parametrizations"]
    if len(held):
        properties = {name: _property(name) for name in held}
        names = {"__module__": parent.__module__, "_parametrized": True, **properties}
        module.__class__ = type(f"Parametrized{parent.__name__}", (parent,), names)
    else:
        delattr(module, "parametrizations")
        module.__class__ = parent


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether the tensor of that name, or any, is computed from others."""
    held = vars(module).get("parametrizations")
    return isinstance(held, ModuleDict) and (len(held) > 0 if tensor_name is None else tensor_name in held)


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Let the tensor be learned itself again, from what is computed now or, if not ``leave_parametrized``, from its
    original."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"remove_parametrizations: {tensor_name!r} of {type(module).__name__} is not parametrized")
    held = vars(module)["parametrizations"]
    originals = held[tensor_name].originals()
    if len(originals) > 1 and not leave_parametrized:
        raise ValueError(
            f"remove_parametrizations: {tensor_name!r} is computed from {len(originals)} tensors, none of which could "
            "take its place; leave_parametrized=True keeps what is computed from them"
        )
    kept = originals[0]
    if leave_parametrized:
        value = getattr(module, tensor_name).detach().clone()
        if len(originals) > 1 or value.shape != kept.shape:
            kept = held[tensor_name]._kind(value)
        else:
            kept.data = value
    del held[tensor_name]
    _reclass(module)
    setattr(module, tensor_name, kept)
    return module


def type_before_parametrizations(module: Module) -> type[Module]:
    """The module's class without what `register_parametrization` made of it."""
    kind = type(module)
    return kind.__mro__[1] if "_parametrized" in vars(kind) else kind


@contextmanager
def cached() -> Iterator[None]:
    """Within ``with cached():`` every parametrized tensor is computed once, when it is first read."""
    token = _cache.set({} if _cache.get() is None else _cache.get())
    try:
        yield
    finally:
        _cache.reset(token)


def _property(name: str) -> property:
    def computed(module: Any) -> Any:
        cache = _cache.get()
        if cache is None:
            return module.parametrizations[name]()
        key = id(module), name
        if key not in cache:
            cache[key] = module.parametrizations[name]()
        return cache[key]

    def assigned(module: Any, value: Tensor) -> None:
        module.parametrizations[name].right_inverse(value)

    return property(computed, assigned)


def _check_fit(module: str, name: str, before: Tensor, after: Any, unsafe: bool) -> None:
    if not isinstance(after, Tensor):
        raise TypeError(f"register_parametrization: {module}.{name} would be {after!r:.60}, not a Tensor")
    if not unsafe and (after.shape != before.shape or after.dtype != before.dtype):
        raise ShapeError(
            f"register_parametrization: {module}.{name} of shape {before.shape} and dtype {before.dtype} would have "
            f"shape {after.shape} and dtype {after.dtype}; unsafe=True allows it"
        )
