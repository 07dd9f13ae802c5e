"""The state of a model, taken over from another: `Module.load_state_dict`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import StateDictError, Tensor, no_grad
from nn.parameter import Uninitialized


class Keys(NamedTuple):
    """The paths that `Module.load_state_dict` did not find in what it was given, and those it did not know."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"Keys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def loaded(module: Any, state_dict: Mapping[str, Any], strict: bool, assign: bool) -> Keys:
    """What `Module.load_state_dict` does."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"load_state_dict: a {type(state_dict).__name__}; give a dictionary of Tensors by path")
    state_dict, keys, errors = _prepared(module, state_dict)
    parts = list(module.named_modules(remove_duplicate=False))
    own = {f"{path}.{name}" if path else name: x for path, part in parts for name, x in part._own_state()}
    keys.missing_keys[:0] = [path for path in own if path not in state_dict]
    keys.unexpected_keys[:0] = [path for path in state_dict if path not in own]
    empty = {path for path in own if all(isinstance(state.get(path), Uninitialized) for state in (own, state_dict))}
    given = {path: np.asarray(state_dict[path]) for path in own if path in state_dict and path not in empty}
    wrong = [*errors, *_wrong(own, given)]
    hooks: list[tuple[Any, Any]] = []
    module.apply(lambda part: hooks.extend((part, hook) for hook, _ in part._hooks.get("loaded", {}).values()))
    if wrong or not hooks:
        _check(module, own, state_dict, keys, strict, wrong)
    with no_grad():
        for path, array in given.items():
            if isinstance(tensor := own[path], Uninitialized):
                tensor.materialize(array.shape)
            if assign:
                tensor.data = Tensor.of(array)
            else:
                tensor.copy_(array)
    for part, hook in hooks:
        if hook(part, keys) is not None:
            raise TypeError("register_load_state_dict_post_hook: a hook returns nothing; it may change the lists")
    _check(module, own, state_dict, keys, strict, [])
    return keys


def _prepared(module: Any, given: Mapping[str, Any]) -> tuple[Mapping[str, Any], Keys, list[str]]:
    """What the modules' hooks make of the state that is ``given``, and the keys and errors that they tell."""
    keys, state = Keys([], []), dict(given)
    errors: list[str] = []
    for path, part in module.named_modules(remove_duplicate=False):
        part._load_from_state_dict(state, f"{path}." if path else "", {}, True, *keys, errors)
    return state, keys, errors


def _wrong(own: Mapping[str, Tensor], given: Mapping[str, Any]) -> list[str]:
    """What is said of arrays that do not fit."""
    wrong = []
    for path, array in given.items():
        if array.dtype.kind not in "biuf":
            wrong.append(f"no real numbers: {path} has dtype {array.dtype}")
        elif not isinstance(own[path], Uninitialized) and array.shape != own[path].shape:
            wrong.append(f"another shape: {path} is {own[path].shape} here, and {array.shape} there")
    return wrong


def _check(
    module: Any, own: Mapping[str, Tensor], state_dict: Mapping[str, Any], keys: Keys, strict: bool, wrong: list[str]
) -> None:
    lines = [f"missing: {path} {_shape(own.get(path))}" for path in keys.missing_keys if strict]
    lines += [f"unexpected: {path} {_shape(state_dict.get(path))}" for path in keys.unexpected_keys if strict]
    if lines := lines + wrong:
        raise StateDictError(
            f"load_state_dict: the state must be that of a {type(module).__name__} like this one, or, with "
            "strict=False, of a part of it:" + "".join(f"\n  {line}" for line in lines)
        )


def _shape(state: Any) -> Any:
    return "of no shape yet" if isinstance(state, Uninitialized) else np.shape(state)


def consume_prefix_in_state_dict_if_present(state_dict: dict[str, Any], prefix: str) -> None:
    """Take ``prefix``, as "module." of a `DataParallel`, off the paths of a state that begin with it, in place."""
    for path in [path for path in state_dict if path.startswith(prefix)]:
        state_dict[path.removeprefix(prefix)] = state_dict.pop(path)
