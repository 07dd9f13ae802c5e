"""What a module does with functions registered on it: it calls them around ``forward``, in a backward pass, and when
its state is made and taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd.hooks import RemovableHandle
from nn.hooks import How, Registered, Turn

__all__ = [
    "Hooked",
    "register_module_backward_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
]


EVERYWHERE: dict[str, dict[int, Any]] = {}  # hooks of all modules, as `Hooked._hooks` has those of one


def _hooks_of(when: str, usual: Any) -> Any:
    """The hooks called at that time, by number; ``usual``: what `Hooked._register` calls ``more``."""

    def given(module: Hooked, hooks: Mapping[int, Callable[..., Any]]) -> None:
        kept = dict(hooks)
        module._registered(when).clear()
        Registered(module, when, usual).update(kept)

    return property(lambda module: Registered(module, when, usual), given)


class Hooked:
    """The part of `Module` that is about hooks."""

    forward: Callable[..., Any]
    # "before" and "after" forward, and others; by number, each with what `_register` calls ``more``. Those of a module
    # that has none of its own are those of all modules
    _hooks: Mapping[str, dict[int, Any]] = EVERYWHERE

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``forward``, with the hooks around it."""
        waiting = {id(how): (hook, how) for hook, how in self._called("after") if how.always}
        output = None
        try:
            for hook, with_kwargs in self._called("before"):
                changed = hook(self, args, kwargs) if with_kwargs else hook(self, args)
                if changed is not None:
                    args, kwargs = changed if with_kwargs else (changed, kwargs)
                    args = args if isinstance(args, tuple) else (args,)
            backward = [[hook for hook, _ in self._called(when)] for when in ("before backward", "backward")]
            turn = Turn(self, *backward) if any(backward) else None
            args = args if turn is None else turn.entered(args)
            output = self.forward(*args, **kwargs)
            for hook, how in self._called("after"):
                waiting.pop(id(how), None)
                changed = hook(self, args, kwargs, output) if how.with_kwargs else hook(self, args, output)
                output = output if changed is None else changed
            return output if turn is None else turn.left(output)
        except Exception as error:
            for hook, how in waiting.values():
                self._call_after_all(hook, how, args, kwargs, output, error)
            raise

    def _call_after_all(
        self, hook: Callable[..., Any], how: How, args: Any, kwargs: Any, output: Any, error: Exception
    ) -> None:
        """Call a hook though ``error`` left forward; what goes wrong there is a note of that error."""
        try:
            hook(self, args, kwargs, output) if how.with_kwargs else hook(self, args, output)
        except Exception as another:
            error.add_note(f"and a forward hook that is always called raised {type(another).__name__}: {another}")

    def _called(self, when: str) -> list[Any]:
        """The hooks that are called at that time, those of all modules first."""
        own = self._hooks.get(when, {})
        shared = EVERYWHERE.get(when, {})
        return [*shared.values(), *(() if own is shared else own.values())]

    def _registered(self, when: str) -> dict[int, Any]:
        hooks: dict[int, Any] = vars(self).setdefault("_hooks", {}).setdefault(when, {})
        return hooks

    def _register(
        self, when: str, hook: Callable[..., Any], more: Any = False, prepend: bool = False
    ) -> RemovableHandle:
        return registered(self._registered(when), hook, more, prepend)

    _forward_pre_hooks = _hooks_of("before", False)  # under PyTorch's names, which programs use though they are private
    _forward_hooks = _hooks_of("after", How(False, False))
    _backward_hooks = _hooks_of("backward", False)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before each forward; what it returns, unless None, replaces the arguments.

        ``with_kwargs``: ``hook(module, args, kwargs)``, which returns None or both. ``prepend``: before other hooks.
        """
        return self._register("before", hook, with_kwargs, prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after each forward; what it returns, unless None, replaces the output.

        ``with_kwargs``: ``hook(module, args, kwargs, output)``. ``prepend``: before other hooks. ``always_call``: even
        if an exception leaves forward or a hook; the output is then None if there is none.
        """
        return self._register("after", hook, How(with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when a backward pass has the gradients of what a call gave, a tuple; what
        it returns, unless None, takes their place. ``prepend``: before other hooks."""
        return self._register("before backward", hook, prepend=prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when a backward pass has the gradients of what a call was
        given, a tuple, None for what is no Tensor; what it returns, unless None, takes their place.

        Keyword arguments are not among them. If nothing that was given has a gradient, the call comes with that of the
        output, and nothing can be replaced. ``prepend``: before other hooks.
        """
        return self._register("backward", hook, prepend=prepend)

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """The older name of `register_full_backward_hook`, and the same thing.

        In PyTorch it gives, of a module of several operations, the gradients of what the last of them was given.
        """
        return self.register_full_backward_hook(hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before this module's part of each `state_dict` is made."""
        return self._register("state", hook)

    def register_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, {})`` when this module's part of a `state_dict` is made, which the
        hook may change; its entries are called ``prefix`` and a path."""
        return self._register("stated", hook, False)

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """As `register_state_dict_post_hook`, but what the hook returns, unless None, takes the place of the part."""
        return self._register("stated", hook, True)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, {}, strict, missing_keys, unexpected_keys, error_msgs)`` before
        `load_state_dict`, of this module or one around it, looks at what it was given.

        ``state_dict`` is a copy, the whole one, which the hook may change: for instance give entries their new names.
        Those of this module are called ``prefix`` and a path. What it adds to the lists is told with the rest;
        ``strict`` is True, as in PyTorch, whatever is asked.
        """
        return self._register("loading", hook, True)

    def _register_load_state_dict_pre_hook(self, hook: Callable[..., None], with_module: bool = False) -> Any:
        """As `register_load_state_dict_pre_hook`; the module is left out of what the hook is given."""
        return self._register("loading", hook, with_module)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """What comes before this module's part of ``state_dict`` is taken over: its hooks. The copying comes after all.

        Programs for PyTorch override it to change ``state_dict``, and go on to this.
        """
        given = state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        for hook, with_module in list(self._hooks.get("loading", {}).values()):
            hook(self, *given) if with_module else hook(*given)

    def register_load_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, keys)`` once `load_state_dict`, of this module or one around it, has copied.

        ``keys`` are its missing and unexpected ones. Those that the hook strikes out are no error any more; if an error
        is left, what was copied stays, as in PyTorch.
        """
        return self._register("loaded", hook)


def registered(hooks: dict[int, Any], hook: Callable[..., Any], more: Any, prepend: bool = False) -> RemovableHandle:
    """Put ``hook`` among ``hooks``, first of all if ``prepend``."""
    others = dict(hooks)
    handle = RemovableHandle(hooks, (hook, more))
    if prepend:
        for number in others:
            hooks[number] = hooks.pop(number)
    return handle


def _everywhere(when: str, hook: Callable[..., Any], more: Any = False) -> RemovableHandle:
    return registered(EVERYWHERE.setdefault(when, {}), hook, more)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """`Module.register_forward_pre_hook` for all modules, whose own hooks come after it."""
    return _everywhere("before", hook)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """`Module.register_forward_hook` for all modules, whose own hooks come after it."""
    return _everywhere("after", hook, How(with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """`Module.register_full_backward_pre_hook` for all modules, whose own hooks come after it."""
    return _everywhere("before backward", hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """`Module.register_full_backward_hook` for all modules, whose own hooks come after it."""
    return _everywhere("backward", hook)


def register_module_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """The older name of `register_module_full_backward_hook`, and the same thing."""
    return register_module_full_backward_hook(hook)
