"""``inplace=True``, for the functions that take it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from autograd import DtypeError, Tensor, no_grad
from autograd.errors import LEAKS, of_call


def inplace_too(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with ``inplace`` as its last positional argument.

    Outside a recorded graph (nothing requires a gradient, or under `no_grad`) the result is written into the input,
    which is then what is returned. Arrays of a recorded graph are never changed, since its reverse pass reads them:
    there ``inplace=True`` returns a new tensor, with the same numbers, as ``+=`` does. A program must go on with what
    is returned: its input still has the old numbers then, where PyTorch's has the new ones. It is also `explaining`,
    since it stands in between anyway.
    """
    signature = inspect.signature(function)
    positional = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    others = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY and p.name != "out"]  # as PyTorch's
    added = inspect.Parameter("inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False)

    @wraps(function)
    def either(*args: Any, inplace: bool = False, **kwargs: Any) -> Any:
        if len(args) > len(positional):
            *args, inplace = args  # type: ignore[assignment]
        try:
            result = function(*args, **kwargs)
        except LEAKS as error:
            raise of_call(function.__name__, args, kwargs, error) from None
        if not inplace:
            return result
        input = args[0] if args else kwargs["input"]
        if result is input or not isinstance(input, Tensor) or result.requires_grad:
            return result
        if result.dtype != input.dtype:
            raise DtypeError(
                f"{function.__name__}: a {result.dtype} result does not fit into the {input.dtype} input; "
                "convert that first, or leave out inplace"
            )
        with no_grad():
            return input.copy_(result)

    either.explains = True  # type: ignore[attr-defined]
    either.__module__ = "nn.functional"  # where it is found, by pickle too
    either.__signature__ = signature.replace(parameters=[*positional, added, *others])  # type: ignore[attr-defined]
    return either


def always_inplace(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, which is `inplace_too`, with ``inplace`` true and an underscore at the end of its name."""
    name = f"{function.__name__}_"

    @wraps(function)
    def changing(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs, inplace=True)

    del changing.__wrapped__  # it is not to be seen through
    signature = inspect.signature(function)
    changing.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[p for p in signature.parameters.values() if p.name != "inplace"]
    )
    changing.__name__ = changing.__qualname__ = name
    changing.__doc__ = f"`{function.__name__}` with ``inplace=True``: go on with what it returns."
    return changing
