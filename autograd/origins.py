"""Where nodes come from: the user's line and the path of modules, kept while a tool asks for it.

A node keeps where it was made in its `Operation`, so an origin costs nothing where none is wanted: the hook stands
behind ``graph.switched``, which every operation looks at anyway.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from itertools import count
from types import FrameType
from typing import NamedTuple, TypeVar

from autograd import graph
from autograd.graph import Node, Operation

_ROOT = os.path.dirname(os.path.dirname(__file__))
_OURS = (*(os.path.join(_ROOT, package, "") for package in ("autograd", "nn", "optim")), "<rule ")

asked: ContextVar[bool] = ContextVar("origins", default=False)  # whether nodes keep them here
_modules: ContextVar[tuple[str, ...]] = ContextVar("modules", default=())
_order = count()

Op = TypeVar("Op", bound=Operation)


class Origin(NamedTuple):
    """The user's line that made a node: the innermost one outside of this library."""

    file: str
    line: int
    function: str
    module: str  # the path of the nn.Module that was computing, or ""
    order: int  # nodes made later have greater numbers

    @property
    def code(self) -> str:
        """The text of the line."""
        return linecache.getline(self.file, self.line).strip()

    @property
    def place(self) -> str:
        """File, line and function, as in ``train.py:12 in loss``."""
        within = "" if self.function.startswith("<") else f" in {self.function}"
        return f"{os.path.basename(self.file)}:{self.line}{within}"

    def __str__(self) -> str:
        return f"{self.place}, {self.module}" if self.module else self.place


def recording() -> graph.Switch:
    """Within this block, in this thread, every new node keeps its origin."""
    return graph.Switch({asked: True})


def is_recording() -> bool:
    """Whether origins are kept here. Where speed matters, ask ``graph.switched`` first."""
    return asked.get()


@contextmanager
def entered(name: str) -> Iterator[None]:
    """Within this block the module path of new nodes is longer by ``name``."""
    token = _modules.set((*_modules.get(), name))
    try:
        yield
    finally:
        _modules.reset(token)


def is_ours(frame: FrameType) -> bool:
    """Whether a frame runs this library's code, not the user's."""
    return frame.f_code.co_filename.startswith(_OURS)


def here() -> Origin | None:
    """The origin of a node made now; None if no frame is the user's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame):
        frame = frame.f_back
    if frame is None:
        return None
    code = frame.f_code
    return Origin(code.co_filename, frame.f_lineno, code.co_name, ".".join(_modules.get()), next(_order))


def stamped(op: Op) -> Op:
    """``op`` with the origin of the node that is being made, if origins are kept here."""
    if not asked.get():
        return op
    op = copy(op)
    op.origin = here()
    return op


def of(node: Node) -> Origin | None:
    """Where ``node`` was made; None for a leaf, and for a node that was made while nobody asked."""
    return None if node.op is None else node.op.origin
