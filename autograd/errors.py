"""The exceptions of this library. Each message states the operation, the shapes or types, and the remedy.

PyTorch raises RuntimeError where NumPy raises ValueError or TypeError; these are both, so that a program
written against either catches what it expects.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "DimensionError",
    "DtypeError",
    "GradcheckError",
    "GraphError",
    "ShapeError",
]


class ShapeError(ValueError, RuntimeError):
    """Shapes that do not fit together, or a dimension out of range."""


class DtypeError(TypeError, RuntimeError):
    """An operand of a type or dtype that the operation does not take."""


class GraphError(RuntimeError):
    """A gradient that the recorded graph cannot give."""


class GradcheckError(AssertionError, GraphError):
    """A gradient that is not what differences say, or that could not be checked."""


class DimensionError(IndexError, ShapeError):
    """A dimension that the array does not have."""


def shortened(data: Any) -> str:
    """``repr(data)``, cut where a message would drown in it."""
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def explained(rule: Any, raws: list[Any], parameters: tuple[Any, ...], error: Exception) -> Exception:
    """NumPy's exception as one that names the operation, the shapes and the remedy."""
    shapes = [raw.shape for raw in raws if isinstance(raw, np.ndarray)]
    listed = " and ".join(map(str, shapes))
    if rule.name == "getitem":
        kind = IndexError if not isinstance(error, IndexError) else DimensionError
        return kind(f"getitem: shape {listed} indexed with {shortened(parameters[0])}: {error}")
    if isinstance(error, TypeError):
        types = " and ".join(str(raw.dtype) for raw in raws if isinstance(raw, np.ndarray))
        return DtypeError(f"{rule.name}: not defined for {types}: {error}; convert first, as in .float()")
    if rule.name == "where":
        shapes.append(parameters[0].shape)
    for i in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {shape[-i] for shape in shapes if len(shape) >= i} - {1}
        if len(sizes) > 1:
            differing = " and ".join(map(str, sorted(sizes)))
            return ShapeError(
                f"{rule.name}: shapes {listed}: sizes {differing} in dimension {-i} differ; "
                "aligned at the right, sizes must be equal or 1 (unsqueeze or reshape one of them)"
            )
    if rule.elementwise:
        return DtypeError(f"{rule.name}: {error}; convert first, as in .float()")
    return ShapeError(f"{rule.name}: shapes {listed}: {error}")
