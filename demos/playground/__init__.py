"""The playground: a page on which to choose data and a network and to watch it learn."""

from __future__ import annotations

from demos.playground.main import run

__all__ = ["run"]
