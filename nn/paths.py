"""Where in a model something went wrong: an exception that travels out of modules collects their names and shapes.

Nothing is kept while nothing fails. Each `Module.__call__` that the exception passes tells what its module was called
with; the module around it says what it calls that one.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from types import FrameType
from typing import Any

from autograd import Tensor, origins
from autograd.errors import ExplainedError, described


class Attributes(MutableMapping[str, Any]):
    """The attributes of ``owner`` that are of one ``kind``, by name: what is put in or taken out is so there."""

    def __init__(self, owner: Any, kind: type) -> None:
        self._owner, self._kind = owner, kind

    def __getitem__(self, name: str) -> Any:
        found = vars(self._owner).get(name)
        if not isinstance(found, self._kind):
            raise KeyError(f"{type(self._owner).__name__} has no {self._kind.__name__} called {name!r}")
        return found

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self._owner, name, value)

    def __delitem__(self, name: str) -> None:
        self[name]  # refused if it is none
        delattr(self._owner, name)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, value in vars(self._owner).items() if isinstance(value, self._kind)])

    def __len__(self) -> int:
        return len(list(iter(self)))


class MissingError(AttributeError):
    """A module has no attribute of that name. What else could be meant is looked up when the message is read, since
    programs often only ask whether there is one."""

    def __init__(self, owner: Any, name: str) -> None:
        super().__init__(owner, name, name=name)

    def __str__(self) -> str:
        owner, name = self.args
        meant = get_close_matches(name, {*vars(owner), *dir(type(owner))})
        return f"{type(owner).__name__!r} object has no attribute {name!r}" + (
            f"; did you mean {' or '.join(map(repr, meant))}?" if meant else ""
        )

    def __reduce__(self) -> Any:
        return AttributeError, (str(self),)


class _Trail:
    """What an exception collected so far; it stands in the exception itself."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.calls: list[tuple[str, str, str]] = []  # innermost first: class, what it was called with, shapes within
        self.names: list[str] = []  # what each module is called in the one around it
        self.innermost = 0  # the id of the module that the exception left last, alive as long as that travels

    def __str__(self) -> str:
        lines = []
        for i, (kind, given, within) in enumerate(self.calls):
            root = self.calls[-1][0]
            outer = i == len(self.calls) - 1
            path = kind if outer else ".".join([root, *reversed(self.names[i:]), kind])
            lines.append(f"  in {path}, called with {given}" + (f"; there, {within}" if within else ""))
        return "\n".join(lines)


def located(error: Exception, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Add to the message of ``error``, which leaves ``module``, where it comes from and the shapes that led there."""
    trail = vars(error).get("_trail")
    if trail is None:
        trail = error._trail = _Trail(str(error))  # type: ignore[attr-defined]
    else:
        trail.names.append(name_within(module, trail.innermost))
    given = [*map(described, args), *(f"{key}={described(value)}" for key, value in kwargs.items())]
    known = {id(value) for value in (*args, *kwargs.values())}
    within = {name: value for name, value in _locals(error, module).items() if id(value) not in known}
    trail.calls.append((type(module).__name__, ", ".join(given) or "nothing", module.shapes_within(within)))
    trail.innermost = id(module)
    if isinstance(error, ExplainedError):
        error.args = (f"{trail.message}\n{trail}", *error.args[1:])
    else:
        notes = [note for note in getattr(error, "__notes__", ()) if not note.startswith("  in ")]
        error.__notes__ = [*notes, str(trail)]


def name_within(module: Any, inner: int) -> str:
    """What ``module`` calls the module within it that has the id ``inner``, as in ``layers.2``."""
    return next((path for path, found in module.named_modules() if id(found) == inner and path), "<made here>")


def _locals(error: Exception, module: Any) -> dict[str, Any]:
    """The variables of ``module.forward`` when it was left."""
    trace = error.__traceback__
    while trace is not None:
        frame: FrameType = trace.tb_frame
        if frame.f_code.co_name == "forward" and frame.f_locals.get("self") is module:
            return frame.f_locals
        trace = trace.tb_next
    return {}


def shapes(variables: dict[str, Any]) -> str:
    """The Tensors among the variables of a function, as in ``x (8, 4), h (8, 10)``."""
    return ", ".join(f"{name} {value.shape}" for name, value in variables.items() if isinstance(value, Tensor))


_within: ContextVar[Any] = ContextVar("within", default=None)


@contextmanager
def entered(module: Any) -> Iterator[None]:
    """Within this block, nodes know that ``module`` makes them (`autograd.origins`)."""
    around = _within.get()
    name = type(module).__name__ if around is None else name_within(around, id(module))
    token = _within.set(module)
    try:
        with origins.entered(name):
            yield
    finally:
        _within.reset(token)
