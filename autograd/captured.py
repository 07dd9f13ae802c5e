"""What a function refers to by name: the globals and the enclosed variables that it, and what it calls, may use."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

LIBRARIES = ("autograd", "nn", "optim", "torch", "numpy", "pytest")


def referred(function: Any) -> Iterator[tuple[Any, Callable[[Any], None]]]:
    """Every object that ``function``, and the user's functions that it refers to, know by a name; each with a function
    that puts another in its place."""
    for x, _, put in named(function):
        yield x, put


def named(function: Any) -> Iterator[tuple[Any, Callable[[], Any], Callable[[Any], None]]]:
    """The objects of `referred`, each with a function that looks up what has the name now, and one that puts another
    in its place."""
    seen: set[Any] = set()
    stack = [function]
    while stack:
        x = _plain(stack.pop())
        if not isinstance(x, FunctionType) or x in seen or _is_a_librarys(x):
            continue
        seen.add(x)
        for name in _names(x.__code__):
            place = (id(x.__globals__), name)
            if name in x.__globals__ and place not in seen:
                seen.add(place)
                stack.append(x.__globals__[name])
                names = x.__globals__
                yield names[name], functools.partial(names.get, name), functools.partial(names.__setitem__, name)
        for cell in x.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:  # not yet filled
                continue
            if id(cell) not in seen:
                seen.add(id(cell))
                stack.append(content)
                put = functools.partial(setattr, cell, "cell_contents")
                yield content, functools.partial(getattr, cell, "cell_contents", None), put


@contextmanager
def exchanged(function: Any, exchange: Callable[[Any], Any]) -> Iterator[None]:
    """Within this block, what ``function`` refers to is what ``exchange`` makes of it."""
    undo: list[Callable[[], None]] = []
    try:
        for x, put in list(referred(function)):
            other = exchange(x)
            if other is not x:
                put(other)
                undo.append(functools.partial(put, x))
        yield
    finally:
        for back in undo:
            back()


def _plain(x: Any) -> Any:
    """The function within a bound method, a partial or a decorated function."""
    while True:
        inner = next((getattr(x, name) for name in ("__wrapped__", "__func__", "func") if hasattr(x, name)), None)
        if inner is None or isinstance(x, type):
            return x
        x = inner


def _names(code: CodeType) -> set[str]:
    """The names that the code, and the functions within it, may look up among the globals."""
    inner = (_names(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*inner)


def _is_a_librarys(function: FunctionType) -> bool:
    root = str(function.__globals__.get("__name__", "")).split(".")[0]
    file = str(function.__globals__.get("__file__", ""))
    return root in LIBRARIES or "site-packages" in file or "/lib/python" in file
