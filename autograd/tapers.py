"""Windows that fade a stretch of a signal out at its ends, before its spectrum is taken.

``periodic``: as for a signal that repeats, a window of one more element without the last; else symmetric. ``dtype``,
``device`` and ``requires_grad`` are as in `tensor`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import dtypes
from autograd.arrays.bessel import WORDS
from autograd.creation import made, sizes_of
from autograd.errors import DtypeError
from autograd.tensor import Tensor

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


def _phases(name: str, window_length: int, periodic: bool, dtype: Any) -> np.ndarray[Any, Any]:
    """How far along the window each element is, from 0 to 1; a single one is in the middle."""
    if dtype is not None and dtypes.as_dtype(dtype).kind != "f":
        raise DtypeError(f"{name}: a window has fractions, which {dtypes.as_dtype(dtype)} has none of; use float32")
    (n,) = sizes_of(name, (window_length,))
    return np.arange(n) / (n if periodic else n - 1) if n > 1 else np.full(n, 0.5)


def _cosines(phases: np.ndarray[Any, Any], *weights: float) -> np.ndarray[Any, Any]:
    """The sum of (-1)^k ``weights[k]`` cos(2 pi k phase)."""
    return sum((-1) ** k * w * np.cos(2 * np.pi * k * phases) for k, w in enumerate(weights))


def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A triangle, from 0 to 1 and back."""
    phases = _phases("bartlett_window", window_length, periodic, dtype)
    return made(1 - np.abs(2 * phases - 1), dtype, device, requires_grad)


def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """0.42 - 0.5 cos(2 pi phase) + 0.08 cos(4 pi phase)."""
    phases = _phases("blackman_window", window_length, periodic, dtype)
    return made(_cosines(phases, 0.42, 0.5, 0.08), dtype, device, requires_grad)


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """alpha - beta cos(2 pi phase)."""
    phases = _phases("hamming_window", window_length, periodic, dtype)
    numbers = _cosines(phases, alpha, beta) if len(phases) > 1 else np.ones(len(phases))
    return made(numbers, dtype, device, requires_grad)


def hann_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """(1 - cos(2 pi phase)) / 2."""
    phases = _phases("hann_window", window_length, periodic, dtype)
    return made(_cosines(phases, 0.5, 0.5), dtype, device, requires_grad)


def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """i0(beta sqrt(1 - (2 phase - 1)^2)) / i0(beta): the larger ``beta``, the narrower."""
    phases = _phases("kaiser_window", window_length, periodic, dtype)
    i0 = WORDS["i0"]
    numbers = i0(beta * np.sqrt(1 - (2 * phases - 1) ** 2)) / i0(np.array(float(beta)))
    return made(numbers, dtype, device, requires_grad)
