"""`draw`, and the `Drawing` that it gives: shown in a notebook, saved to a file, or printed."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.draw import dot
from autograd.draw.picture import Picture, picture
from autograd.draw.render import render
from autograd.draw.tree import tree
from autograd.graph import Node

SUFFIXES = (".dot", ".svg", ".png", ".pdf")


def draw(node: Any, *, direction: str = "LR", title: str = "") -> Drawing:
    """A drawing of everything that ``node``, a `Value` or a `Tensor` or a list or tuple of them, was computed from.

    A box is a number or an array, with its gradient, or "-" if none was computed; an edge carries the local
    derivative as the table of rules has it, ``x`` and ``y`` being the operation's operands, and its number.
    ``direction``: "LR" from left to right, "TB" from top to bottom.
    """
    outputs = (node,) if isinstance(node, Node) else tuple(node) if isinstance(node, list | tuple) else ()
    if not outputs or not all(isinstance(output, Node) for output in outputs):
        raise TypeError(f"draw: needs a Value or a Tensor, or a list or tuple of them, not {node!r}")
    if direction not in ("LR", "TB"):
        raise ValueError(f'draw: direction is "LR" (left to right) or "TB" (top to bottom), not {direction!r}')
    return Drawing(picture(tuple(dict.fromkeys(outputs)), direction, title))


class Drawing:
    """A picture of a graph as it was when it was drawn."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    @cached_property
    def source(self) -> str:
        """The DOT text."""
        return dot.source(self.picture)

    @cached_property
    def _svg(self) -> tuple[bytes, str]:
        return render(self.picture, self.source, "svg")

    @property
    def svg(self) -> str:
        """The SVG text."""
        return self._svg[0].decode()

    @property
    def renderer(self) -> str:
        """Who made the SVG: "graphviz dot", "pygraphviz" or "built-in layout"."""
        return self._svg[1]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a .dot, .svg, .png or .pdf file, as the suffix of ``path`` says; the whole file or none of it.

        Raises `RendererError` for .png and .pdf on a machine without Graphviz.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(f"save: cannot write {path.name!r}; the suffix must be one of {', '.join(SUFFIXES)}")
        if suffix == ".dot":
            content = self.source.encode()
        elif suffix == ".svg":
            content = self._svg[0]
        else:
            content, _ = render(self.picture, self.source, suffix[1:])
        _write(path, content)
        return path

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """What a notebook shows, by MIME type. It cannot fail: an SVG can be made on every machine."""
        made = {"image/svg+xml": lambda: self.svg, "text/plain": lambda: str(self)}
        wanted = [mime for mime in made if (not include or mime in include) and mime not in (exclude or ())]
        return {mime: made[mime]() for mime in wanted}

    def __str__(self) -> str:
        return tree(self.picture)

    def __repr__(self) -> str:
        title = f"{self.picture.title!r}, " if self.picture.title else ""
        return f"<Drawing: {title}{len(self.picture.boxes)} boxes, {len(self.picture.edges)} edges>"


def _write(path: Path, content: bytes) -> None:
    """Write beside ``path`` and rename: whoever reads it meanwhile sees the old file or the new one, no half."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: there is no directory {str(path.parent)!r}; create it first")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
