"""What programs set, and ask, about how PyTorch computes: threads, precision, determinism, the device.

Here arrays are NumPy's, results are deterministic, float32 is multiplied in float32, and there is one device. What is
set without an effect is kept, for programs to read again; what cannot be had is refused.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from autograd import devices, dtypes
from autograd.errors import ShapeError
from autograd.graph import Node

__all__ = [
    "are_deterministic_algorithms_enabled",
    "broadcast_shapes",
    "can_cast",
    "get_default_device",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "get_num_threads",
    "result_type",
    "set_default_device",
    "set_float32_matmul_precision",
    "set_num_interop_threads",
    "set_num_threads",
    "use_deterministic_algorithms",
]

_kept: dict[str, Any] = {"precision": "highest", "deterministic": False}


def set_num_threads(num: int) -> None:
    """How many threads a product of matrices may take, from now on: those of the library that NumPy calls for it.

    Needs the package threadpoolctl; without it a warning says what to set before the program starts.
    """
    if not isinstance(num, int) or num < 1:
        raise ValueError(f"set_num_threads: {num!r} is not a number of threads; give 1 or more")
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        warnings.warn(
            f"set_num_threads: pip install threadpoolctl, or set OMP_NUM_THREADS={num} before the program starts",
            stacklevel=2,
        )
        return
    threadpool_limits(num, user_api="blas")


def get_num_threads() -> int:
    """How many threads a product of matrices may take."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
    return max((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)


def set_num_interop_threads(num: int) -> None:
    """How many operations PyTorch may compute at once; here, and so also if ``num`` is more, one."""
    if not isinstance(num, int) or num < 1:
        raise ValueError(f"set_num_interop_threads: {num!r} is not a number of threads; give 1 or more")


def get_num_interop_threads() -> int:
    """1."""
    return 1


def set_float32_matmul_precision(precision: str) -> None:
    """ "highest", "high" or "medium": how little of float32 PyTorch may use on a GPU. Here products have it all."""
    if precision not in ("highest", "high", "medium"):
        raise ValueError(f"set_float32_matmul_precision: {precision!r}; it must be 'highest', 'high' or 'medium'")
    _kept["precision"] = precision


def get_float32_matmul_precision() -> str:
    """What was set."""
    return _kept["precision"]


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Everything here is deterministic, whatever the ``mode``, so that there is nothing to warn of."""
    _kept["deterministic"] = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """What was set."""
    return _kept["deterministic"]


def set_default_device(device: Any) -> None:
    """The CPU, or None, which means it too; any other is refused."""
    devices.check(device)


def get_default_device() -> devices.device:
    """The CPU."""
    return devices.CPU


# Dtypes and shapes ---------------------------------------------------------------------------------------------------


def _operand(given: Any) -> Any:
    return given.raw if isinstance(given, Node) else given


def result_type(tensor1: Any, tensor2: Any) -> dtypes.DType:
    """The dtype in which the two, Tensors or numbers, are computed together."""
    return dtypes.result_type(_operand(tensor1), _operand(tensor2))


def can_cast(from_: Any, to: Any) -> bool:
    """Whether numbers of one dtype may be stored in another in place: not floats in integers, nor either in bool."""
    return dtypes.KIND[dtypes.as_dtype(from_).kind] <= dtypes.KIND[dtypes.as_dtype(to).kind]


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that arrays of these shapes, tuples or sizes, are computed in together."""
    tuples = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    try:
        return np.broadcast_shapes(*tuples)
    except ValueError:
        raise ShapeError(
            f"broadcast_shapes: {', '.join(map(str, tuples))} do not fit; from the right, sizes must be equal or 1"
        ) from None
