"""Functions of `autograd.linalg` under the names that they have as methods of tensors and in ``autograd`` itself."""

from __future__ import annotations

from typing import Any

from autograd.functions import linalg
from autograd.functions.pointwise import log

__all__ = [
    "chain_matmul",
    "cholesky",
    "det",
    "inverse",
    "logdet",
    "matrix_power",
    "pinverse",
    "slogdet",
]


def det(input: Any) -> Any:
    """The determinant, as `autograd.linalg.det`."""
    return linalg.det(input)


def slogdet(input: Any) -> linalg.SlogDet:
    """The sign of the determinant and the logarithm of its magnitude, as `autograd.linalg.slogdet`."""
    return linalg.slogdet(input)


def logdet(input: Any) -> Any:
    """The logarithm of the determinant; NaN where that is negative."""
    sign, logabsdet = linalg.slogdet(input)
    return logabsdet + log(sign.detach())


def inverse(input: Any) -> Any:
    """The inverse, as `autograd.linalg.inv`."""
    return linalg.inv(input)


def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """The pseudoinverse, as `autograd.linalg.pinv`; ``rcond`` is its ``rtol``."""
    return linalg.pinv(input, rtol=rcond)


def cholesky(input: Any, upper: bool = False) -> Any:
    """The Cholesky factor, as `autograd.linalg.cholesky`."""
    return linalg.cholesky(input, upper=upper)


def matrix_power(input: Any, n: int) -> Any:
    """The product of ``n`` times the same matrix, as `autograd.linalg.matrix_power`."""
    return linalg.matrix_power(input, n)


def chain_matmul(*matrices: Any) -> Any:
    """The product of any number of matrices, as `autograd.linalg.multi_dot`."""
    return linalg.multi_dot(matrices) if len(matrices) > 1 else matrices[0]
