"""The exceptions of this library. Each message states the operation, the shapes or types, and the remedy.

PyTorch raises RuntimeError where NumPy raises ValueError or TypeError; these are both, so that a program
written against either catches what it expects.
"""

from __future__ import annotations

__all__ = [
    "DimensionError",
    "DtypeError",
    "GraphError",
    "ShapeError",
]


class ShapeError(ValueError, RuntimeError):
    """Shapes that do not fit together, or a dimension out of range."""


class DtypeError(TypeError, RuntimeError):
    """An operand of a type or dtype that the operation does not take."""


class GraphError(RuntimeError):
    """A gradient that the recorded graph cannot give."""


class DimensionError(IndexError, ShapeError):
    """A dimension that the array does not have."""
