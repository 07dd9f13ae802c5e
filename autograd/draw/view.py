"""Which part of a graph is shown: near what, how deep, and which modules are folded into one box each."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from autograd import origins
from autograd.graph import Node, topological

LIMIT = 400  # beyond so many boxes a picture shows nothing any more
AROUND = 2  # steps shown on each side of a focus


@dataclass(frozen=True, eq=False)
class Unit:
    """What one box stands for: a node, or those of a module that is folded."""

    nodes: tuple[Node, ...]
    module: tuple[str, ...]  # the path of the module that it belongs to, or that it is
    folded: bool = False


@dataclass(frozen=True)
class View:
    """The units that are shown, operands before results, and the words that say what is not."""

    units: list[Unit]
    home: dict[Node, Unit]  # of every node of the graph, shown or not
    numbers: dict[Node, int]  # the place of each node in the whole graph's order
    notice: str
    automatic: bool  # it is not all of the graph, and nobody asked for less


def view(
    outputs: Sequence[Node],
    names: Mapping[Node, str],
    depth: int | None = None,
    focus: Node | str | None = None,
    fold: int | None = None,
    limit: int = LIMIT,
) -> View:
    order = topological(outputs)
    modules = paths(order)
    said = []
    levels = max(map(len, modules.values()), default=0)
    units = [Unit((node,), modules[node]) for node in order] if fold is None else folded(order, modules, fold)
    automatic = fold is None and len(units) > limit and focus is None and depth is None
    for level in range(levels, 0, -1) if automatic else ():
        units = folded(order, modules, level)
        if len(units) <= limit:
            break
    if automatic and levels:
        said.append(f"{len(order):,} nodes: modules are folded")
    home = {node: unit for unit in units for node in unit.nodes}
    starts = _focused(focus, order, modules, names) if focus is not None else outputs
    steps = depth if depth is not None else AROUND if focus is not None else None
    shown = _nearest([home[node] for node in starts], home, steps, focus is not None, limit)
    if len(shown) < len(units):
        whole = len(order) if len(units) == len(order) else len(units)
        what = "nodes" if len(units) == len(order) else "boxes"
        near = "focus" if focus is not None else "output"
        said.append(
            f"{len(shown)} of {whole:,} {what} shown; those farthest from the {near} are left out "
            "(a dashed box lacks operands)"
        )
        if not levels and depth is None and focus is None:
            said.append("computed within autograd.origins.recording(), modules would be folded instead")
    numbers = {node: i for i, node in enumerate(order)}
    return View([unit for unit in units if unit in shown], home, numbers, "; ".join(said), automatic)


def paths(order: Sequence[Node]) -> dict[Node, tuple[str, ...]]:
    """The path of the module that computed each node; a parameter belongs where all modules that use it do."""
    found: dict[Node, tuple[str, ...]] = {}
    used: dict[Node, list[tuple[str, ...]]] = {}
    for node in order:
        origin = origins.of(node)
        if node.op is not None:
            found[node] = tuple(origin.module.split(".")) if origin is not None and origin.module else ()
        for parent in node.parents:
            if found[node]:
                used.setdefault(parent, []).append(found[node])
    for node in order:
        if node.op is None:
            found[node] = _common(used.get(node, [()])) if node.requires_grad else ()
    return found


def _common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest path that all paths begin with."""
    alike = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return tuple(names[0] for names in alike)


def folded(order: Sequence[Node], modules: Mapping[Node, tuple[str, ...]], level: int) -> list[Unit]:
    """One unit for each module at ``level`` of the hierarchy, each time it is called, and one for each other node.

    A unit must not be computed from its own results, or there would be no order to draw in. So of a module, those
    nodes make a unit that are equally many changes of module away from the outputs.
    """
    away = dict.fromkeys(order, 0)
    for node in reversed(order):
        for parent in node.parents:
            away[parent] = max(away[parent], away[node] + (modules[parent][:level] != modules[node][:level]))
    members: dict[object, list[Node]] = {}
    for node in order:
        belongs = 0 < level <= len(modules[node])
        members.setdefault((modules[node][:level], away[node]) if belongs else node, []).append(node)
    units = [
        Unit(tuple(nodes), modules[nodes[0]][:level], True) if len(nodes) > 1 else Unit((nodes[0],), modules[nodes[0]])
        for nodes in members.values()
    ]
    return _sorted(units)


def _sorted(units: list[Unit]) -> list[Unit]:
    """Operands before results; else in the order given, which is that of their first nodes."""
    if not any(unit.folded for unit in units):
        return units
    home = {node: unit for unit in units for node in unit.nodes}
    sorted_, seen = [], set()
    stack: list[tuple[Unit, bool]] = [(unit, False) for unit in reversed(units)]
    while stack:
        unit, done = stack.pop()
        if done:
            sorted_.append(unit)
        elif unit not in seen:
            seen.add(unit)
            stack.append((unit, True))
            before = (home[parent] for node in unit.nodes for parent in node.parents)
            stack += [(other, False) for other in before if other not in seen]
    return sorted_


def _nearest(
    starts: Sequence[Unit], home: Mapping[Node, Unit], steps: int | None, forward: bool, limit: int
) -> set[Unit]:
    """Up to ``limit`` units within ``steps`` of the ``starts``, breadth-first: back, and ``forward`` if so asked."""
    after: dict[Unit, dict[Unit, None]] = {}
    for node, unit in home.items() if forward else ():
        for parent in node.parents:
            if home[parent] is not unit:
                after.setdefault(home[parent], {})[unit] = None
    shown = dict.fromkeys(list(dict.fromkeys(starts))[:limit], 0)
    waiting = deque(shown)
    while waiting:
        unit = waiting.popleft()
        if shown[unit] == steps:
            continue
        before = [home[parent] for node in unit.nodes for parent in node.parents]
        for other in (*before, *after.get(unit, ())):
            if other not in shown and len(shown) < limit:
                shown[other] = shown[unit] + 1
                waiting.append(other)
    return set(shown)


def _focused(
    focus: Node | str, order: Sequence[Node], modules: Mapping[Node, tuple[str, ...]], names: Mapping[Node, str]
) -> list[Node]:
    """The nodes meant: the one given, those of that name, or those of the module at that path."""
    if isinstance(focus, str):
        path = tuple(focus.split("."))
        found = [n for n in order if names.get(n) == focus] or [n for n in order if modules[n][: len(path)] == path]
        if found:
            return found
        known = sorted({*names.values(), *(".".join(path) for path in modules.values() if path)})
        there = f"there are {', '.join(known[:20])}" if known else "nothing in this graph has a name; give it a .label"
        raise ValueError(f"draw: focus={focus!r} is neither the name of a node nor the path of a module; {there}")
    if not any(focus is node for node in order):
        raise ValueError("draw: focus is not among what the node to be drawn was computed from")
    return [focus]
