"""The number system of arrays: the names a rule may use, as functions of NumPy arrays.

These are NumPy's functions, under the names and arguments of the table's vocabulary, and the few that
NumPy lacks; a module for each group of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from autograd.arrays import indexing, layers, linalg, normal, ordering, pointwise, reductions, shape, trellis, windows
from autograd.arrays.quiet import quietly

__all__ = ["ARRAYS", "quietly"]

_RARE = {  # words of modules that are loaded when one of them is used
    "bessel": ("i0", "i0e", "i1", "i1e"),
    "gammas": ("digamma", "lgamma", "polygamma"),
    "incomplete_gamma": ("gamma_density", "gammainc", "gammaincc"),
}


def _rare(module: str, word: str) -> Callable[..., Any]:
    def function(*arguments: Any) -> Any:
        return import_module(f"autograd.arrays.{module}").WORDS[word](*arguments)

    return function


ARRAYS: dict[str, Any] = {
    **indexing.WORDS,
    **layers.WORDS,
    **linalg.WORDS,
    **normal.WORDS,
    **ordering.WORDS,
    **pointwise.WORDS,
    **reductions.WORDS,
    **shape.WORDS,
    **trellis.WORDS,
    **windows.WORDS,
    **{word: _rare(module, word) for module, words in _RARE.items() for word in words},
}

# The C library gives the memory of a large array back to the system when it is freed, and the next one's pages must be
# fetched anew, which can take longer than filling them. glibc, having seen an array of up to 32 MB freed, keeps twice
# as much from then on; this one is never touched and costs nothing.
np.empty(31 << 20, np.uint8)
