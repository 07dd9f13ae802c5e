"""The number system of arrays: the names a rule may use, as functions of NumPy arrays.

These are NumPy's functions, under the names and arguments of the table's vocabulary, and the few that
NumPy lacks; a module for each group of rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arrays import indexing, layers, linalg, ordering, pointwise, reductions, shape, trellis, windows
from autograd.arrays.quiet import quietly

__all__ = ["ARRAYS", "quietly"]

ARRAYS: dict[str, Any] = {
    **indexing.WORDS,
    **layers.WORDS,
    **linalg.WORDS,
    **ordering.WORDS,
    **pointwise.WORDS,
    **reductions.WORDS,
    **shape.WORDS,
    **trellis.WORDS,
    **windows.WORDS,
}

# The C library gives the memory of a large array back to the system when it is freed, and the next one's pages must be
# fetched anew, which can take longer than filling them. glibc, having seen an array of up to 32 MB freed, keeps twice
# as much from then on; this one is never touched and costs nothing.
np.empty(31 << 20, np.uint8)
