"""What is asked of a tensor's gradient besides that it be computed: to keep it, to let functions see or change it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from autograd.errors import DtypeError, ShapeError
from autograd.graph import Node, no_grad


class RemovableHandle:
    """What registering a hook gives: ``remove()`` takes the hook away again. ``id``: its number among its like."""

    def __init__(self, hooks: dict[int, Any], hook: Any) -> None:
        self._hooks, self.id = hooks, max(hooks, default=-1) + 1
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        """The hook is there until the end of a ``with`` block."""
        return self

    def __exit__(self, *error: Any) -> None:
        self.remove()


class Wishes:
    """Of one tensor: whether its gradient is ``kept`` though it is a result, the ``hooks`` that see the gradient and
    those that are called ``after`` it was added to ``grad``, by number."""

    __slots__ = ("after", "hooks", "kept")

    def __init__(self) -> None:
        self.kept = False
        self.hooks: dict[int, Callable[[Any], Any]] = {}
        self.after: dict[int, Callable[[Any], None]] = {}


def hooked(node: Any, gradient: Any, create_graph: bool = False) -> Any:
    """The whole ``gradient`` of ``node``, raw or a node, as its hooks leave it.

    Each is called with a Tensor of its own and may return another in its place. What they compute is recorded only if
    the gradients are (``create_graph``).
    """
    for hook in list(node._wishes.hooks.values()):
        given = gradient if isinstance(gradient, Node) else node.wrapped(gradient.copy())
        with nullcontext() if create_graph else no_grad():
            new = hook(given)
        if new is None:
            continue
        if not isinstance(new, Node):
            raise DtypeError(
                f"register_hook: a hook of a tensor of shape {node.shape} returned {new!r:.60}; return None to leave "
                "the gradient as it is, or a Tensor to put in its place"
            )
        if new.raw.shape != node.raw.shape or new.raw.dtype != node.raw.dtype:
            raise ShapeError(
                f"register_hook: a hook returned a gradient of shape {new.raw.shape} and dtype {new.raw.dtype} for a "
                f"tensor of shape {node.raw.shape} and dtype {node.raw.dtype}; they must agree"
            )
        gradient = new if create_graph else new.raw.copy()
    return gradient


def accumulated(node: Any, create_graph: bool) -> None:
    """Call the hooks that wait until ``grad`` of ``node`` was added to."""
    for hook in list(node._wishes.after.values()):
        with nullcontext() if create_graph else no_grad():
            answer = hook(node)
        if answer is not None:
            raise DtypeError(
                f"register_post_accumulate_grad_hook: a hook of a tensor of shape {node.shape} returned "
                f"{answer!r:.60}; return None, and assign to .grad to change it"
            )
