"""How variables vary together: rows are variables, columns observations."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.answers import holds
from autograd.functions.diagonals import diag
from autograd.functions.pointwise import clamp, sqrt
from autograd.functions.products import mm
from autograd.functions.reductions import require_tensor, sum
from autograd.functions.shape import reshape, squeeze, unsqueeze

__all__ = ["corrcoef", "cov"]


def cov(input: Any, *, correction: float = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariances of the rows of ``input``, which is a matrix or one variable; divided by n - ``correction``.

    ``fweights``: how often each observation was made, whole numbers; ``aweights``: how much each is to count.
    """
    require_tensor("cov", input)
    if input.ndim > 2:
        raise ShapeError(f"cov: shape {tuple(input.shape)}; it must be a matrix, its rows the variables, or a vector")
    if input.dtype.kind == "b":
        raise DtypeError("cov: not defined for booleans; convert first, as in .float()")
    x = input if input.ndim == 2 else reshape(input, (1, -1))
    n = x.shape[1]
    often, much = _weights("fweights", fweights, n, "iu"), _weights("aweights", aweights, n, "f")
    given = [w for w in (often, much) if w is not None]
    w = given[0] if len(given) == 1 else given[0] * given[1] if given else None
    total = n if w is None else sum(w)
    mean = sum(x if w is None else x * w, 1, True) / total
    freedom = total - (correction if much is None else correction * sum(w * much) / total)
    freedom = clamp(freedom if hasattr(freedom, "raw") else x.wrapped(np.array(freedom)), 0)
    centred = x - mean
    products = mm(centred, (centred if w is None else centred * w).mT)
    return squeeze(products / freedom)


def _weights(name: str, weights: Any, n: int, kinds: str) -> Any:
    if weights is None:
        return None
    require_tensor("cov", weights)
    if tuple(weights.shape) != (n,) or weights.dtype.kind not in kinds:
        raise ShapeError(
            f"cov: {name} has shape {tuple(weights.shape)} and dtype {weights.dtype}; it must be a vector of {n} "
            f"{'floats' if kinds == 'f' else 'whole numbers'}"
        )
    if not holds(lambda w: (w >= 0).all(), weights.raw):
        raise ArgumentError(f"cov: {name} has negative numbers; observations count at least 0")
    return weights


def corrcoef(input: Any) -> Any:
    """The correlation coefficients of the rows of ``input``: covariances divided by both standard deviations."""
    c = cov(input)
    if not c.ndim:
        return c / c
    deviation = sqrt(diag(c))
    return clamp(c / unsqueeze(deviation, 1) / deviation, -1, 1)
