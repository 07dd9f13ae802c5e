"""A module called with other numbers than its own: MAML and its like differentiate through a step so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nn.module import Module

__all__ = ["functional_call"]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """``module(*args, **kwargs)``, computed with the Tensors given by path in place of its parameters and buffers.

    The module is as before afterwards. ``tie_weights``: what stands at several paths is replaced at all of them, though
    it be given once. ``strict``: every parameter and buffer must be given. A path that the module has not raises
    KeyError.

    >>> import nn
    >>> from autograd import ones, tensor
    >>> layer = nn.Linear(2, 1, bias=False)
    >>> functional_call(layer, {"weight": tensor([[2.0, 3.0]])}, ones(1, 2))
    tensor([[5.]])
    """
    given: dict[str, Any] = {}
    dicts = parameter_and_buffer_dicts
    for part in (dicts,) if isinstance(dicts, Mapping) else dicts:
        if twice := given.keys() & part.keys():
            raise ValueError(f"functional_call: {sorted(twice)} are given twice; give each once")
        given.update(part)
    own = dict(module.named_parameters(remove_duplicate=False)) | dict(module.named_buffers(remove_duplicate=False))
    if strangers := given.keys() - own.keys():
        raise KeyError(f"functional_call: a {type(module).__name__} has no {sorted(strangers)}; it has {list(own)}")
    by_tensor = {id(own[path]): new for path, new in given.items()} if tie_weights else {}
    new = {path: given.get(path, by_tensor.get(id(tensor))) for path, tensor in own.items()}
    if strict and (missing := [path for path, tensor in new.items() if tensor is None]):
        raise KeyError(f"functional_call: {missing} are not given; strict=False takes the module's own")
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, {path: tensor for path, tensor in new.items() if tensor is not None}):
        return module(*args, **(kwargs or {}))


@contextmanager
def _replaced(module: Module, tensors: dict[str, Any]) -> Any:
    places = {path: (vars(module.get_submodule(path.rpartition(".")[0])), path.rpartition(".")[2]) for path in tensors}
    before = {path: attributes[name] for path, (attributes, name) in places.items()}
    try:
        for path, (attributes, name) in places.items():
            attributes[name] = tensors[path]
        yield
    finally:
        for path, (attributes, name) in places.items():
            attributes[name] = before[path]
