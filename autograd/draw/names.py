"""What nodes are called: as their ``label`` says, or as the variables of the function that draws them say."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

from autograd.draw import text
from autograd.graph import Node
from autograd.origins import is_ours

DEEPEST, MOST = 6, 20_000  # levels of containers, and things in them, that are searched for nodes
NOTEBOOK = frozenset(("In", "Out"))  # what IPython keeps of earlier cells


def callers_variables() -> list[Mapping[str, Any]]:
    """The variables of the innermost function that is not this library's: its own, then its module's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame):
        frame = frame.f_back
    if frame is None:
        return []
    scopes: list[Mapping[str, Any]] = [dict(frame.f_locals)]
    return scopes if frame.f_locals is frame.f_globals else [*scopes, dict(frame.f_globals)]


def names(nodes: Sequence[Node], scopes: Sequence[Mapping[str, Any]]) -> dict[Node, str]:
    """A name for each node that has one: its label; or its variable, or its place in one, the shortest way to it."""
    found = {node: text.clean(label) for node in nodes if (label := getattr(node, "label", ""))}
    wanted = set(nodes) - found.keys()
    for scope in scopes:
        for name, node in _nodes(scope):
            if node in wanted:
                wanted.discard(node)
                found[node] = name
    return {node: name for node, name in found.items() if name}


def _nodes(scope: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    """The nodes among variables, breadth-first through lists, dictionaries and modules, each with the way to it."""
    given = [(name, x) for name, x in scope.items() if name[0].isalpha() and name not in NOTEBOOK]
    waiting: deque[tuple[str, Any, int]] = deque((name, x, 0) for name, x in given)
    seen: set[int] = set()
    while waiting and len(seen) < MOST:
        name, x, depth = waiting.popleft()
        if isinstance(x, Node):
            yield name, x
        elif depth < DEEPEST and id(x) not in seen:
            seen.add(id(x))
            waiting.extend((name + step, part, depth + 1) for step, part in _parts(x))


def _parts(x: Any) -> list[tuple[str, Any]]:
    if type(x) in (list, tuple):
        return [(f"[{i}]", part) for i, part in enumerate(x)]
    if type(x) is dict:
        return [(f"[{key!r}]", part) for key, part in x.items() if isinstance(key, str | int)]
    if not isinstance(x, type) and callable(getattr(x, "parameters", None)) and hasattr(x, "__dict__"):
        return [(f".{name}", part) for name, part in vars(x).items()]  # a module, of whatever library
    return []


def shortened(name: str, module: tuple[str, ...], longest: int = 22) -> str:
    """``name`` without the path of the module that its box stands in, and of a long one the end.

    >>> shortened("model.0.weight", ("MLP", "0")), shortened("network.encoder.layers[3].bias", ())
    ('weight', '…layers[3].bias')
    """
    path, _, last = name.rpartition(".")
    if module and path.partition(".")[2] == ".".join(module[1:]):
        return last
    if len(name) <= longest:
        return name
    tail = name[-longest + 1 :]
    return "…" + (tail[tail.index(".") + 1 :] if "." in tail[:-6] else tail)
