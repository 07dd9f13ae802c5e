"""``autograd.linalg``: norms, under the names of ``torch.linalg``."""

from __future__ import annotations

from typing import Any

from autograd.functions import norms
from autograd.functions.dims import Dim, numpy_spelling

__all__ = ["vector_norm"]


@numpy_spelling
def vector_norm(x: Any, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The norm of order ``ord`` (any number, ``math.inf`` and ``-math.inf`` too) of the elements over ``dim``."""
    return norms.vector_norm("vector_norm", x, ord, dim, keepdim, dtype)
