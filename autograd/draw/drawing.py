"""`Drawing`, what `draw` gives: shown in a notebook, saved to a file, or printed."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import cached_property
from pathlib import Path

from autograd.draw import dot
from autograd.draw.picture import Picture
from autograd.draw.render import render
from autograd.draw.tree import tree
from autograd.files import write_whole

SUFFIXES = (".dot", ".svg", ".png", ".pdf")


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
        write_whole(path, content)
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
