"""Every operation as a function of nodes: ``autograd.exp(x)``, ``autograd.sum(x, dim=0)``, ...

A function settles its arguments (negative dimensions, ``axis`` for ``dim``, defaults) and applies rows of the
table; the mathematics is there. Names and signatures are PyTorch's. The methods of `Value` and `Tensor` are
these functions, and so is the number system in which a derivative is itself differentiable (`NODES`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.functions.elementwise import *
from autograd.functions.linalg import *
from autograd.functions.reductions import *
from autograd.functions.selection import *
from autograd.functions.shape import *

pi = math.pi


def _where(condition: Any, x: Any, y: Any) -> Any:
    """`where` among the words of a rule: two plain numbers are kept exact, whatever the default dtype."""
    if isinstance(condition, bool | np.bool_):
        return x if condition else y
    if isinstance(x, float | int) and isinstance(y, float | int) and hasattr(condition, "wrapped"):
        return condition.wrapped(np.where(condition.raw, x, y))
    return where(condition, x, y)


NODES: dict[str, Any] = {**globals(), "where": _where}
