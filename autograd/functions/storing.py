"""``out=``: the result of a function in tensors that are there already, outside a recorded graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import FunctionType
from typing import Any

from autograd.errors import DtypeError, ShapeError

__all__ = ["filling_all", "stored"]


def stored(name: str, result: Any, out: Any) -> Any:
    """``out`` with the numbers of ``result``, in its own dtype; of a result of several tensors, as many in a tuple.

    A tensor without elements takes the result's shape. Raises `ShapeError` for any other of another shape, `DtypeError`
    where numbers would be cut; then nothing is changed.
    """
    if not isinstance(result, tuple):
        _require_fit(name, result, out)
        return _put(name, result, out)
    places = tuple(out) if isinstance(out, tuple | list) else (out,)
    if len(places) != len(result):
        raise ShapeError(f"{name}: {len(result)} results and {len(places)} tensors in out; give a tuple of as many")
    for part, place in zip(result, places, strict=True):
        _require_fit(name, part, place)
    parts = [_put(name, part, place) for part, place in zip(result, places, strict=True)]
    return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)


def _require_fit(name: str, result: Any, out: Any) -> None:
    if not hasattr(out, "raw") or not hasattr(result, "raw"):
        raise DtypeError(f"{name}: out is a Tensor to store a Tensor in, not {out!r:.60}")
    out._refuse_in_graph(f"{name} with out", (result,))
    if out.raw.size and out.shape != result.shape:
        raise ShapeError(
            f"{name}: a result of shape {result.shape} does not fit into out, of shape {out.shape}; "
            "make it of that shape, or of none, as in empty(0)"
        )
    out.require_room(name, result)


def _put(name: str, result: Any, out: Any) -> Any:
    if out.shape == result.shape:
        return out._store(name, result)
    out.raw = result.raw.astype(out.dtype)
    out.mark_changed()
    return out


def filling_all(namespace: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """The functions of ``namespace`` called ``names``, which make a tensor of numbers, with ``out``, whose dtype they
    then make it in."""
    return {name: _filling(f) for name in names if isinstance(f := namespace[name], FunctionType)}


def _filling(function: Callable[..., Any]) -> Callable[..., Any]:
    chooses = "dtype" in function.__code__.co_varnames

    @wraps(function)
    def filling(*args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        if out is None:
            return function(*args, **kwargs)
        if chooses and hasattr(out, "dtype"):
            kwargs.setdefault("dtype", out.dtype)
        return stored(function.__name__, function(*args, **kwargs), out)

    return filling
