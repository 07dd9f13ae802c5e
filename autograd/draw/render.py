"""From DOT to a picture, by the best renderer that this machine has."""

from __future__ import annotations

from autograd.draw import svg
from autograd.draw.layout import passed
from autograd.draw.picture import Picture

UNFIT = 15_000  # layers that all edges together pass; Graphviz's time grows with the square
DOT, WHEEL, BUILT_IN = "graphviz dot", "pygraphviz", "built-in layout"


class RendererError(RuntimeError):
    """The format needs Graphviz, and this machine does not have it."""


def render(picture: Picture, source: str, format: str) -> tuple[bytes, str]:
    """The picture in ``format`` ("svg", "png" or "pdf"), and which renderer made it.

    An SVG there always is: without Graphviz our own layout makes it, and where Graphviz would take minutes.
    """
    if format == "svg" and passed(len(picture.boxes), picture.ends) > UNFIT:
        return svg.svg(picture, svg.UNFIT).encode(), BUILT_IN
    for renderer, rendered in ((DOT, _by_dot), (WHEEL, _by_wheel)):
        made = rendered(source, format)
        if made is not None:
            return made, renderer
    if format == "svg":
        return svg.svg(picture).encode(), BUILT_IN
    raise RendererError(
        f"save: a .{format} is drawn by Graphviz, and neither its program 'dot' nor the package pygraphviz works here; "
        'install Graphviz, or run: pip install "chainrule[draw]", or save as .svg, which needs neither'
    )


def _by_dot(source: str, format: str) -> bytes | None:
    """By the program ``dot``; None if it is not on the PATH, or cannot make this format."""
    import graphviz

    try:
        return graphviz.Source(source).pipe(format=format, quiet=True)
    except (graphviz.ExecutableNotFound, graphviz.CalledProcessError, OSError):  # OSError: found, but cannot be run
        return None


def _by_wheel(source: str, format: str) -> bytes | None:
    """By the Graphviz library that comes within pygraphviz; None if it is not installed, or cannot make this format."""
    try:
        import pygraphviz
    except ImportError:
        return None
    try:
        return pygraphviz.AGraph(string=source).draw(format=format, prog="dot")
    except (ValueError, OSError):  # what it raises for errors of layout and rendering
        return None
