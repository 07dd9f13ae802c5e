"""One function, run here and in PyTorch: the names and numbers it finds are exchanged while it runs.

A function written with methods runs in both as it is. One that says ``autograd.exp``, ``F.relu``, ``optim.Adam`` finds
under these names what PyTorch has for them; one that says ``torch.exp`` finds ours.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from autograd.graph import Node
from autograd.tensor import Tensor
from autograd.value import Value

OURS = ("autograd", "nn", "optim")


def import_torch() -> Any:
    """PyTorch, or the error that names the extra."""
    try:
        return importlib.import_module("torch")
    except ModuleNotFoundError:
        raise ImportError("compare: PyTorch is not installed; pip install 'chainrule[torch]'") from None


class Namespace:
    """Attributes looked up in several places of the other library."""

    def __init__(self, name: str, places: tuple[Any, ...], **others: Any) -> None:
        self._name, self._places = name, places
        vars(self).update(others)

    def __getattr__(self, name: str) -> Any:
        for place in self._places:
            if hasattr(place, name):
                return getattr(place, name)
        raise AttributeError(f"compare: {self._name} has nothing called {name!r}; leave it out of what is compared")


def in_torch(x: Any) -> Any:
    """Our number, array, function, class or module as PyTorch's; anything else as it is."""
    torch = import_torch()
    if isinstance(x, Value):
        return torch.tensor(x.data, dtype=torch.float64, requires_grad=True)
    if isinstance(x, Tensor):
        return torch.from_numpy(np.array(x.raw)).requires_grad_(x.requires_grad)
    if isinstance(x, np.dtype):
        return getattr(torch, x.name, x)
    if isinstance(x, dict | list | tuple):
        return _within(x, in_torch)
    everything = Namespace(
        "PyTorch",
        (torch, torch.autograd, torch.nn.functional, torch.special, torch.linalg),
        Tensor=_made_by(
            lambda data, requires_grad=False, dtype=None: in_torch(Tensor(data, requires_grad, _ours(dtype)))
        ),
        Value=_made_by(lambda data, label="": in_torch(Value(data))),
        linalg=torch.linalg,
    )
    places = {"autograd": everything, "nn": torch.nn, "optim": torch.optim, "nn.functional": torch.nn.functional}
    return _exchanged(x, OURS, places, {"nn": (torch.nn, torch.nn.functional), "optim": (torch.optim,)}, everything)


def _tensor(data: Any, requires_grad: bool = False, dtype: Any = None) -> Any:
    return in_torch(Tensor(data, requires_grad, _ours(dtype)))


def _made_by(make: Callable[..., Any]) -> type:
    """A class that makes tensors of PyTorch, and has them for instances."""

    class Kind(type):
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            return make(*args, **kwargs)

        def __instancecheck__(cls, x: Any) -> bool:
            return isinstance(x, import_torch().Tensor)

    return Kind("Tensor", (), {})


def _within(x: Any, exchange: Callable[[Any], Any]) -> Any:
    """A container with what it holds exchanged; the very same where there is nothing to exchange."""
    if hasattr(x, "_fields") or type(x) not in (dict, list, tuple):
        return x
    if isinstance(x, dict):
        new = {key: exchange(part) for key, part in x.items()}
        return new if any(new[key] is not part for key, part in x.items()) else x
    parts = [exchange(part) for part in x]
    return type(x)(parts) if any(new is not old for new, old in zip(parts, x, strict=True)) else x


def _ours(dtype: Any) -> Any:
    return str(dtype).removeprefix("torch.") if dtype is not None else None


def here(x: Any) -> Any:
    """PyTorch's number, array, function, class or module as ours; anything else as it is."""
    torch = import_torch()
    autograd, nn, optim = map(importlib.import_module, OURS)
    functional = nn.functional
    if isinstance(x, torch.Tensor):
        return Tensor(x.detach().cpu().numpy(), requires_grad=x.requires_grad)
    if isinstance(x, torch.dtype):
        return np.dtype(_ours(x))
    if isinstance(x, dict | list | tuple):
        return _within(x, here)
    everything = Namespace("chainrule", (autograd, functional), nn=nn, optim=optim, autograd=autograd)
    places = {"torch": everything, "torch.nn": nn, "torch.nn.functional": functional, "torch.optim": optim}
    if callable(x) and getattr(x, "__module__", None) is None:  # torch.exp and its like do not say where they are from
        name = getattr(x, "__name__", "")
        if name and any(getattr(place, name, None) is x for place in (torch, torch.nn.functional)):
            return getattr(everything, name)
    return _exchanged(x, ("torch",), places, {"torch": (nn, optim, functional)}, everything)


def _exchanged(x: Any, roots: tuple[str, ...], modules: Any, homes: Any, everything: Namespace) -> Any:
    """A module by its name in ``modules``; a function or class by its name where its kind lives, or anywhere."""
    if isinstance(x, ModuleType):
        if x.__name__.split(".")[0] not in roots:
            return x
        return modules[x.__name__] if x.__name__ in modules else getattr(everything, x.__name__.rpartition(".")[2], x)
    root = (getattr(x, "__module__", None) or "").split(".")[0]
    if root not in roots or not (isinstance(x, type) or callable(x)) or isinstance(x, Node):
        return x
    name = getattr(x, "__name__", "")
    for place in homes.get(root, ()):
        if hasattr(place, name):
            return getattr(place, name)
    return getattr(everything, name) if name and _has(everything, name) else _missing(everything, name or repr(x))


def _has(namespace: Namespace, name: str) -> bool:
    try:
        getattr(namespace, name)
    except AttributeError:
        return False
    return True


def _missing(namespace: Namespace, name: str) -> Callable[..., Any]:
    return lambda *_, **__: getattr(namespace, name)
