"""The exceptions of this library. Each message states the operation, the shapes or types, and the remedy.

PyTorch raises RuntimeError where NumPy raises ValueError or TypeError; these are both, so that a program
written against either catches what it expects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

__all__ = [
    "AnomalyError",
    "ArgumentError",
    "DimensionError",
    "DivisionError",
    "DtypeError",
    "GradcheckError",
    "GraphError",
    "LinAlgError",
    "ShapeError",
    "StateDictError",
]


P = ParamSpec("P")
T = TypeVar("T")

EXPLAINED = re.compile(r"(x\[index\] = value|[-+*/@]+=|[\w.]+(\(.*?\))?): ")  # a message that begins with the operation


class ExplainedError(Exception):
    """Base of the exceptions below: its message begins with the operation."""


class ShapeError(ExplainedError, ValueError, RuntimeError):
    """Shapes that do not fit together, or a dimension out of range."""


class ArgumentError(ExplainedError, ValueError, RuntimeError):
    """An argument that is not among the values the operation knows, or outside their range."""


class DtypeError(ExplainedError, TypeError, RuntimeError):
    """An operand of a type or dtype that the operation does not take."""


class GraphError(ExplainedError, RuntimeError):
    """A gradient that the recorded graph cannot give."""


class GradcheckError(AssertionError, GraphError):
    """A gradient that is not what differences say, or that could not be checked."""


class DimensionError(IndexError, ShapeError):
    """A dimension that the array does not have."""


class DivisionError(ExplainedError, ZeroDivisionError, RuntimeError):
    """A whole number divided by 0: there is no whole number for that, nor a NaN or an infinity."""


class LinAlgError(ExplainedError, np.linalg.LinAlgError, RuntimeError):
    """A matrix that has no inverse, or no decomposition of the kind asked for."""


class StateDictError(ExplainedError, KeyError, RuntimeError):
    """A state that does not fit a model."""

    __str__ = Exception.__str__  # KeyError's shows the message in quotes, its lines in one


class AnomalyError(ExplainedError, ArithmeticError, RuntimeError):
    """The first NaN or infinity, where `detect_anomaly` looks for it."""


def shortened(data: Any) -> str:
    """``repr(data)``, cut where a message would drown in it."""
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def explained(rule: Any, raws: list[Any], parameters: tuple[Any, ...], error: Exception) -> Exception:
    """NumPy's exception as one that names the operation, the shapes and the remedy."""
    shapes = [raw.shape for raw in raws if isinstance(raw, np.ndarray)]
    listed = " and ".join(map(str, shapes))
    if isinstance(error, np.linalg.LinAlgError):
        return error if isinstance(error, LinAlgError) else LinAlgError(f"{rule.name}: shape {listed}: {error}")
    if rule.name == "getitem":
        kind = IndexError if not isinstance(error, IndexError) else DimensionError
        return kind(
            f"getitem: shape {listed} indexed with {shortened(parameters[0])}: {error}; give at most one "
            "integer, slice, list or mask for each dimension, within its size"
        )
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


def described(given: Any) -> str:
    """An argument as a message shows it: tensors and arrays by their shape, numbers and words as they are."""
    kind = type(given).__name__
    if isinstance(given, list | tuple):
        inner = ", ".join(described(element) for element in given[:4]) + ", ..." * (len(given) > 4)
        return f"[{inner}]" if isinstance(given, list) else f"({inner})"
    if hasattr(given, "dtype") and hasattr(given, "shape"):
        return f"{kind} {tuple(given.shape)} {given.dtype}"
    return kind if hasattr(given, "shape") else shortened(given)


LEAKS = (AttributeError, NameError, TypeError, ValueError, IndexError, KeyError, OverflowError)


def of_call(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], error: Exception) -> Exception:
    """``error``, if its message begins with an operation; else one that names ``name`` and what it was given."""
    if isinstance(error, ExplainedError) or EXPLAINED.match(str(error)):
        return error
    given = ", ".join([*map(described, args), *(f"{key}={described(value)}" for key, value in kwargs.items())])
    kinds = {LookupError: DimensionError, ValueError: ShapeError, OverflowError: ShapeError}
    kind = next((ours for theirs, ours in kinds.items() if isinstance(error, theirs)), DtypeError)
    return kind(
        f"{name}: cannot take ({given}): {error}; give Tensors, as in Tensor(...), where it takes tensors, and "
        f"the other arguments as help({name}) says"
    )


def explaining(
    function: Callable[P, T], method_of: str = "", stored: Callable[[str, Any, Any], Any] | None = None
) -> Callable[P, T]:
    """``function``, where a wrong argument ends in an exception that names the function and what it was given.

    Functions check the numbers and shapes they compute with. That a string has no shape at all is noticed here, for
    all of them, when Python says so. ``method_of``: it is the constructor of that class. ``stored(name, result, out)``
    is what it gives where it is called with ``out``.
    """

    @wraps(function)
    def explained(*args: P.args, **kwargs: P.kwargs) -> T:
        out = kwargs.pop("out", None) if kwargs and stored is not None else None
        try:
            result = function(*args, **kwargs)
            return result if out is None or stored is None else cast(T, stored(function.__name__, result, out))
        except LEAKS as error:
            raise of_call(method_of or function.__name__, args[bool(method_of) :], kwargs, error) from None

    return explained


def explaining_all(namespace: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The functions of ``namespace`` called ``names``, `explaining`."""
    functions = {name: namespace[name] for name in names if isinstance(namespace[name], FunctionType)}
    return {name: f if hasattr(f, "explains") else explaining(f) for name, f in functions.items()}
