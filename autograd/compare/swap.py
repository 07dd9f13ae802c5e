"""One function, run here and in PyTorch: the names and numbers it finds are exchanged while it runs.

A function written with methods runs in both as it is. One that says ``autograd.exp``, ``F.relu``, ``optim.Adam`` finds
under these names what PyTorch has for them; one that says ``torch.exp`` finds ours.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd.graph import Node
from autograd.tensor import Tensor
from autograd.value import Value

OURS = ("autograd", "nn", "optim")
_EMPTY = object()


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
    if isinstance(x, dict):
        return {key: in_torch(part) for key, part in x.items()}
    if isinstance(x, list | tuple) and not hasattr(x, "_fields"):
        return type(x)(in_torch(part) for part in x)
    everything = Namespace(
        "PyTorch",
        (torch, torch.autograd, torch.nn.functional, torch.special, torch.linalg),
        Tensor=lambda data, requires_grad=False, dtype=None: in_torch(Tensor(data, requires_grad, _ours(dtype))),
        Value=lambda data, label="": in_torch(Value(data)),
        linalg=torch.linalg,
    )
    places = {"autograd": everything, "nn": torch.nn, "optim": torch.optim, "nn.functional": torch.nn.functional}
    return _exchanged(x, OURS, places, {"nn": (torch.nn, torch.nn.functional), "optim": (torch.optim,)}, everything)


def _ours(dtype: Any) -> Any:
    return str(dtype).removeprefix("torch.") if dtype is not None else None


def here(x: Any) -> Any:
    """PyTorch's number, array, function, class or module as ours; anything else as it is."""
    torch = import_torch()
    autograd, nn, optim = map(importlib.import_module, OURS)
    functional = importlib.import_module("nn.functional")
    if isinstance(x, torch.Tensor):
        return Tensor(x.detach().cpu().numpy(), requires_grad=x.requires_grad)
    if isinstance(x, torch.dtype):
        return np.dtype(_ours(x))
    if isinstance(x, dict):
        return {key: here(part) for key, part in x.items()}
    if isinstance(x, list | tuple) and not hasattr(x, "_fields"):
        return type(x)(here(part) for part in x)
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


@contextmanager
def exchanged(function: Any, exchange: Callable[[Any], Any]) -> Iterator[None]:
    """Within this block ``function``, and the functions of the user's that it calls, see what ``exchange`` makes of
    their globals and of the variables they enclose."""
    undo: list[Callable[[], None]] = []
    try:
        functions = _users_functions(function)
        for names in {id(each.__globals__): each.__globals__ for each in functions}.values():
            for name, x in list(names.items()):
                other = exchange(x) if _is_exchangeable(x) and not name.startswith("__") else x
                if other is not x:
                    names[name] = other
                    undo.append(functools.partial(names.__setitem__, name, x))
        for cell in {id(cell): cell for each in functions for cell in each.__closure__ or ()}.values():
            x = _content(cell)
            other = exchange(x) if _is_exchangeable(x) else x
            if other is not x:
                cell.cell_contents = other
                undo.append(functools.partial(setattr, cell, "cell_contents", x))
        yield
    finally:
        for back in reversed(undo):
            back()


def _is_exchangeable(x: Any) -> bool:
    if isinstance(x, Node | np.dtype | ModuleType) or callable(x):
        return True
    return (type(x).__module__ or "").split(".")[0] == "torch"


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet filled
        return _EMPTY


def _users_functions(function: Any) -> list[FunctionType]:
    """``function`` and the functions that it may call by name, of other files too; none of a library's."""
    found: list[FunctionType] = []
    seen: set[int] = set()
    files: set[int] = set()
    stack = [function]
    while stack:
        x = stack.pop()
        x = getattr(x, "func", x) if isinstance(x, functools.partial) else getattr(x, "__func__", x)
        x = getattr(x, "__wrapped__", x)
        if not isinstance(x, FunctionType) or id(x) in seen or _is_a_librarys(x):
            continue
        seen.add(id(x))
        found.append(x)
        stack += [_content(cell) for cell in x.__closure__ or ()]
        if id(x.__globals__) not in files:
            files.add(id(x.__globals__))
            stack += list(x.__globals__.values())
    return found


def _is_a_librarys(function: FunctionType) -> bool:
    root = str(function.__globals__.get("__name__", "")).split(".")[0]
    file = str(function.__globals__.get("__file__", ""))
    return root in (*OURS, "torch", "numpy", "pytest") or "site-packages" in file or "/lib/python" in file
