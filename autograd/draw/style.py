"""Colours and sizes, the same for Graphviz and for our own layout.

Every box has its own fill and the picture its own background, both light, with dark text: the picture reads the
same on a light page and on a dark one.
"""

from __future__ import annotations

from typing import NamedTuple

FONT = "Helvetica,Arial,sans-serif"

TITLE_SIZE = 16.0
NAME_SIZE = 13.0
SYMBOL_SIZE = 14.0
ROW_SIZE = 11.0
EDGE_SIZE = 9.5
NOTICE_SIZE = 10.0

BACKGROUND = "#fcfcfd"
INK = "#1d2733"
MUTED = "#66717e"
LINE = "#8d98a5"
EDGE_INK = "#47525f"


class Look(NamedTuple):
    fill: str
    border: str
    accent: str  # the operation's symbol
    width: float  # of the border


LOOKS = {
    "leaf": Look("#e2effc", "#4b8fd3", "#2a6cb0", 1.2),
    "constant": Look("#f0efeb", "#bdb9af", "#66717e", 1.0),
    "result": Look("#ffffff", "#a9b3be", "#6a4bb5", 1.2),
    "output": Look("#fff0d2", "#e19a2b", "#a3620a", 2.2),
    "module": Look("#e9f5ec", "#6fae85", "#2f7a4b", 1.6),
}

CLUSTERS = ("#eef3ee", "#e3ece4", "#d7e4da")  # the grounds of modules, of those within them, and so on
CLUSTER_BORDER = "#b9cbbe"
CLUSTER_INK = "#3d6b4d"
