"""`Drawing`, what `draw` gives: shown in a notebook, saved to a file, or printed."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.draw import dot
from autograd.draw.flow import Flow
from autograd.draw.names import names
from autograd.draw.page import PAGE_LIMIT, Page
from autograd.draw.picture import Picture, drawn
from autograd.draw.render import render
from autograd.draw.tree import tree
from autograd.draw.view import view
from autograd.files import write_whole
from autograd.graph import Node, topological

SUFFIXES = (".dot", ".svg", ".png", ".pdf", ".html")


class Drawing:
    """A picture of a graph as it was when it was drawn."""

    def __init__(self, picture: Picture, page: Page) -> None:
        self.picture = picture
        self.page = page

    @classmethod
    def of(
        cls,
        outputs: tuple[Node, ...],
        direction: str,
        title: str,
        variables: Sequence[Mapping[str, Any]],
        shown: Mapping[str, Any],
    ) -> Drawing:
        """What `draw` makes: a picture of the part that is ``shown``, and what a page of it tells."""
        found, flow = names(topological(outputs), variables), Flow(outputs)
        seen = view(outputs, found, **shown)
        made = drawn(seen, outputs, found, flow, direction, title)
        if seen.automatic:  # a page has room for more, and folds modules itself
            whole = view(outputs, found, limit=PAGE_LIMIT)
            return cls(made.picture, Page(drawn(whole, outputs, found, flow, direction, title), found, flow))
        return cls(made.picture, Page(made, found, flow))

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
        """Write a .dot, .svg, .png, .pdf or .html file, as the suffix of ``path`` says; the whole file or none of it.

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
        elif suffix == ".html":
            content = self.page.html().encode()
        else:
            content, _ = render(self.picture, self.source, suffix[1:])
        write_whole(path, content)
        return path

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """What a notebook shows, by MIME type. It never raises: of what cannot be made a text says why."""
        made = {"image/svg+xml": lambda: self.svg, "text/plain": lambda: str(self)}
        wanted = [mime for mime in made if (not include or mime in include) and mime not in (exclude or ())]
        bundle = {}
        for mime in wanted:
            try:
                bundle[mime] = made[mime]()
            except Exception as error:
                bundle["text/plain"] = f"{self!r}: no {mime}, since {type(error).__name__}: {error}"
        return bundle

    def __str__(self) -> str:
        return tree(self.picture)

    def __repr__(self) -> str:
        title = f"{self.picture.title!r}, " if self.picture.title else ""
        return f"<Drawing: {title}{len(self.picture.boxes)} boxes, {len(self.picture.edges)} edges>"
