"""The number system of arrays: the names a rule may use, as functions of NumPy arrays.

These are NumPy's functions, under the names and arguments of the table's vocabulary, and the few that
NumPy lacks; a module for each group of rows.
"""

from __future__ import annotations

from typing import Any

from autograd.arrays import linalg, pointwise, reductions, shape
from autograd.arrays.quiet import quietly

__all__ = ["ARRAYS", "quietly"]

ARRAYS: dict[str, Any] = {**linalg.WORDS, **pointwise.WORDS, **reductions.WORDS, **shape.WORDS}
