"""``size_average`` and ``reduce``: what PyTorch's losses took before ``reduction``, and still take."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import update_wrapper, wraps
from typing import Any
from warnings import warn

from autograd.errors import LEAKS, of_call

OLDER = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation="bool | None")
    for name in ("size_average", "reduce")
]


def reduction_of(name: str, size_average: bool | None, reduce: bool | None) -> str:
    """The ``reduction`` that the older arguments mean; None stands for True."""
    meant = "none" if reduce is False else "sum" if size_average is False else "mean"
    warn(f"{name}: size_average and reduce are older names; write reduction={meant!r}", UserWarning, stacklevel=4)
    return meant


def reducing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A loss that takes the older arguments, too. It is also `explaining`, since it stands in between anyway."""

    @wraps(function)
    def loss(*args: Any, size_average: bool | None = None, reduce: bool | None = None, **kwargs: Any) -> Any:
        if size_average is not None or reduce is not None:
            kwargs["reduction"] = reduction_of(function.__name__, size_average, reduce)
        try:
            return function(*args, **kwargs)
        except LEAKS as error:
            raise of_call(function.__name__, args, kwargs, error) from None

    loss.explains = True  # type: ignore[attr-defined]
    loss.__module__ = "nn.functional"  # where it is found, by pickle too
    loss.__signature__ = _with_older(function)  # type: ignore[attr-defined]
    return loss


def reducing_made(init: Callable[..., None], name: str) -> Callable[..., None]:
    """The constructor of a loss, for the same."""

    def made(
        self: Any, *args: Any, size_average: bool | None = None, reduce: bool | None = None, **kwargs: Any
    ) -> None:
        if size_average is not None or reduce is not None:
            kwargs["reduction"] = reduction_of(name, size_average, reduce)
        init(self, *args, **kwargs)

    update_wrapper(made, init)
    del made.__wrapped__  # type: ignore[attr-defined]  # it is not to be seen through
    made.__signature__ = _with_older(init)  # type: ignore[attr-defined]
    return made


def _with_older(function: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(function)
    return signature.replace(parameters=[*signature.parameters.values(), *OLDER])
