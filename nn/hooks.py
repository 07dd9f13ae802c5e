"""Functions registered on modules, by number; those that see, and may replace, the gradients of what a module was
given and of what it gave."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any, NamedTuple

from autograd import Tensor, graph, zeros
from autograd.errors import GraphError
from autograd.function import Function

Hooks = Sequence[Callable[..., Any]]


class How(NamedTuple):
    """How a hook after forward is called: with the keyword arguments, too; even if an exception leaves forward."""

    with_kwargs: bool
    always: bool


class Registered(MutableMapping[int, Callable[..., Any]]):
    """The hooks of ``owner`` that are called at one time, ``when``, by the ids of their handles. One may take some out,
    and put them into the same mapping again."""

    def __init__(self, owner: Any, when: str, usual: Any) -> None:
        self._owner, self._when, self._usual = owner, when, usual

    def _kept(self) -> dict[int, Any]:
        found: dict[int, Any] = self._owner._hooks.get(self._when, {})
        return found

    def __getitem__(self, key: int) -> Any:
        return self._kept()[key][0]

    def __setitem__(self, key: int, hook: Callable[..., Any]) -> None:
        self._owner._registered(self._when)[key] = hook, self._usual

    def __delitem__(self, key: int) -> None:
        del self._kept()[key]

    def __iter__(self) -> Iterator[int]:
        return iter(self._kept())

    def __len__(self) -> int:
        return len(self._kept())


class backward_hook(Function):
    """Tensors as they are; their gradients as ``change`` leaves them."""

    @staticmethod
    def forward(ctx: Any, change: Callable[..., Any], *tensors: Tensor) -> Any:
        ctx.change = change
        return tuple(x.clone() for x in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return None, *ctx.change(gradients)


class Turn:
    """One call of a module: its backward pass comes to what the module gave first, then to what it was given."""

    def __init__(self, module: Any, before: Hooks, after: Hooks) -> None:
        self._module, self._before, self._after = module, before, after
        self._given: list[int] = []  # the arguments that have gradients
        self._blank: list[Any] = []  # of each argument the shape and the dtype, None if it is no Tensor
        self._of_outputs: tuple[Any, ...] | None = None

    def entered(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments for ``forward``."""
        self._blank = [(x.shape, x.dtype) if isinstance(x, Tensor) else None for x in args]
        args, self._given = _watched(args, self._inputs)
        return args

    def left(self, output: Any) -> Any:
        """What the module gives."""
        if not isinstance(output, Tensor | tuple):
            warnings.warn(
                f"{type(self._module).__name__}: its backward hooks are not called for an output that is a "
                f"{type(output).__name__}; give a Tensor or a tuple of Tensors",
                UserWarning,
                stacklevel=4,
            )
            return output
        outputs = output if isinstance(output, tuple) else (output,)
        watched, places = _watched(outputs, lambda gradients: self._outputs(gradients, places, len(outputs)))
        return watched if isinstance(output, tuple) else watched[0]

    def _outputs(self, gradients: tuple[Any, ...], places: list[int], count: int) -> Any:
        found = _spread(gradients, places, count)
        for hook in self._before:
            found = _replaced("register_full_backward_pre_hook", hook(self._module, found), found)
        self._of_outputs = found
        if not self._given:  # nothing else will come
            nothing = (None,) * len(self._blank)
            if any(x is not None for x in self._called(nothing)):
                raise GraphError(
                    "register_full_backward_hook: a hook returned gradients where nothing that was given has one; "
                    "return None"
                )
        return [found[i] for i in places]

    def _inputs(self, gradients: tuple[Any, ...]) -> Any:
        if self._of_outputs is None:  # they come another way than through what the module gave
            return gradients
        known = _spread(gradients, self._given, len(self._blank))
        found = self._called(
            tuple(
                zeros(blank[0], dtype=blank[1]) if g is None and blank else g
                for g, blank in zip(known, self._blank, strict=True)
            )
        )
        return [found[i] for i in self._given]

    def _called(self, found: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in self._after:
            found = _replaced("register_full_backward_hook", hook(self._module, found, self._of_outputs), found)
        self._of_outputs = None
        return found


def _watched(values: tuple[Any, ...], change: Callable[..., Any]) -> tuple[tuple[Any, ...], list[int]]:
    """``values``, those among them that have gradients through a `backward_hook`, and which these are."""
    places = [i for i, x in enumerate(values) if isinstance(x, Tensor) and x.requires_grad]
    if not places or not graph.is_recording():
        return values, []
    seen = iter(backward_hook.apply(change, *(values[i] for i in places)))
    watched = [next(seen) if i in places else x for i, x in enumerate(values)]
    kind = type(values)
    return (kind(*watched) if hasattr(kind, "_fields") else tuple(watched)), places


def _spread(gradients: Sequence[Any], places: Sequence[int], count: int) -> tuple[Any, ...]:
    found = dict(zip(places, gradients, strict=True))
    return tuple(found.get(i) for i in range(count))


def _replaced(name: str, changed: Any, found: tuple[Any, ...]) -> tuple[Any, ...]:
    if changed is None:
        return found
    changed = (changed,) if isinstance(changed, Tensor) else tuple(changed)
    if len(changed) != len(found):
        raise GraphError(
            f"{name}: a hook returned {len(changed)} gradients for {len(found)}; return None, or a tuple with one "
            "in the place of each (None: no gradient)"
        )
    return changed
