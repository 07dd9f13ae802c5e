"""How arguments that name dimensions and sizes are read: the one place for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from autograd.errors import LEAKS, DimensionError, DtypeError, ShapeError, of_call
from autograd.functions.storing import stored

P = ParamSpec("P")
T = TypeVar("T")
Dim = int | Sequence[int] | None


def numpy_spelling(function: Callable[P, T]) -> Callable[P, T]:
    """Let ``function`` take NumPy's ``axis`` and ``keepdims`` for PyTorch's ``dim`` and ``keepdim``; it is also
    `explaining`, and takes ``out``, since it stands in between anyway."""

    @wraps(function)
    def spelled(*args: P.args, **kwargs: P.kwargs) -> T:
        for numpy_name, name in (("axis", "dim"), ("keepdims", "keepdim")):
            if numpy_name in kwargs:
                if name in kwargs:
                    raise TypeError(f"{function.__name__}: {name} and {numpy_name} are the same; give one of them")
                kwargs[name] = kwargs.pop(numpy_name)
        out = kwargs.pop("out", None) if kwargs else None  # np.sum(tensor) asks the tensor, and passes None
        try:
            result = function(*args, **kwargs)
            return result if out is None else cast(T, stored(function.__name__, result, out))
        except LEAKS as error:
            raise of_call(function.__name__, args, kwargs, error) from None

    return spelled


def wrapped_dim(name: str, dim: Any, ndim: int) -> int:
    """``dim`` counted from 0; a 0-d input counts as having one dimension, as PyTorch has it."""
    limit = max(ndim, 1)
    try:
        dim = dim.__index__()
    except (AttributeError, TypeError):
        raise TypeError(f"{name}: dim must be an integer, not {dim!r}") from None
    if not -limit <= dim < limit:
        raise DimensionError(
            f"{name}: dim {dim} is out of range for {ndim} dimensions; it must be in [{-limit}, {limit - 1}]"
        )
    return int(dim % limit)


def wrapped_dims(name: str, dim: Dim, ndim: int) -> tuple[int, ...]:
    """``dim`` (None or empty: all) as a sorted tuple of dimensions counted from 0."""
    if dim is None or (isinstance(dim, Sequence) and not dim):
        return tuple(range(ndim))
    given = tuple(dim) if isinstance(dim, Sequence) else (dim,)
    dims = [wrapped_dim(name, d, ndim) for d in given]
    if len(set(dims)) < len(dims):
        raise ShapeError(f"{name}: a dimension stands twice in dim={given}; name each once")
    return tuple(sorted(dims)) if ndim else ()


def require_arrays(name: str, *operands: Any) -> None:
    """Refuse an operand that is no Tensor and no array."""
    for operand in operands:
        if not hasattr(operand, "dtype"):
            kind = type(operand).__name__
            raise DtypeError(f"{name}: takes Tensors, not a {kind}; make it one, as in Tensor(...)")


def given_sizes(name: str, positional: tuple[Any, ...], named: Any) -> tuple[int, ...]:
    """Sizes or dimensions that a caller may give as ``f(2, 3)``, as ``f((2, 3))`` or by keyword."""
    if named is None:
        return as_sizes(name, positional)
    if positional:
        raise TypeError(f"{name}: given twice, as {positional} and by keyword as {named}; give one of them")
    return as_sizes(name, (named,))


def as_sizes(name: str, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """``f(2, 3)`` and ``f((2, 3))`` mean the same."""
    if len(sizes) == 1 and isinstance(sizes[0], Sequence):
        sizes = tuple(sizes[0])
    try:
        return tuple(int(size.__index__()) for size in sizes)
    except (AttributeError, TypeError):
        raise TypeError(f"{name}: sizes must be integers, not {sizes}") from None
