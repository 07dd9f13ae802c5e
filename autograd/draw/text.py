"""Numbers, arrays and names as the short texts of a picture, and how wide a text will be."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

import numpy as np

IN_FULL = 6  # arrays of up to so many elements are written out


def number(x: float) -> str:
    """``x`` with four digits, or all digits of a whole number below a million.

    >>> number(3.0), number(2 / 3), number(12345.678), number(1e-9), number(-0.0)
    ('3', '0.6667', '12345.7', '1e-09', '0')
    """
    if not math.isfinite(x):
        return f"{x:g}"
    if abs(x) < 1e6 and x == int(x):
        return str(int(x))
    return f"{x:.1f}" if 1e3 <= abs(x) < 1e6 else f"{x:.4g}"


def array(a: np.ndarray[Any, Any]) -> tuple[str, ...]:
    """The lines that describe ``a``: all its elements, or its shape and dtype, then its mean and spread."""
    if 0 < a.size <= IN_FULL:
        return (_listed(a.tolist()),)
    kind = f"{a.shape} {a.dtype}"
    return (kind, statistics(a)) if a.size else (kind,)


def statistics(a: np.ndarray[Any, Any]) -> str:
    """The mean and the standard deviation of the elements, computed in float64."""
    with np.errstate(all="ignore"):
        mean, std = float(a.mean(dtype=np.float64)), float(a.std(dtype=np.float64))
    return f"mean {number(mean)}, std {number(std)}"


def _listed(elements: Any) -> str:
    if isinstance(elements, list):
        return f"[{', '.join(map(_listed, elements))}]"
    return str(elements) if isinstance(elements, bool) else number(elements)


def clean(name: str) -> str:
    """``name`` on one line, without the characters that XML forbids."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


# Widths in a sans-serif font, in units of the font size: Helvetica's, rounded up.
_NARROW, _SLIM, _BROAD = frozenset("ijl|!'.,:; "), frozenset('frtI()[]{}-/\\"`*'), frozenset("mwMW@%—…")


def width(text: str, size: float, bold: bool = False) -> float:
    """An estimate of how wide ``text`` is drawn, on the safe side: readers' fonts differ."""
    return sum(map(_advance, text)) * size * (1.12 if bold else 1.04)


def _advance(c: str) -> float:
    if c in _NARROW:
        return 0.30
    if c in _SLIM:
        return 0.40
    if c in _BROAD:
        return 0.95
    if unicodedata.east_asian_width(c) in "WF":
        return 1.05
    if unicodedata.combining(c):
        return 0.0
    return 0.72 if c.isupper() else 0.60 if not c.isascii() or c in "+=<>~_" else 0.56
