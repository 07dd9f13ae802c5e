"""A module called with other parameters than its own, as ``torch.func`` has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autograd import ArgumentError, StateDictError, Tensor, stack
from nn.module import Module
from nn.normalization import _BatchNorm

__all__ = ["functional_call", "replace_all_batch_norm_modules_", "stack_module_state"]

State = Mapping[str, Tensor]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: State | Sequence[State],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """``module(*args, **kwargs)`` with the Tensors of a dictionary, or of several, in place of those at their paths.

    The module is as it was afterwards, and gradients go to the Tensors given. One that stands in two places is replaced
    in both, by one path, unless not ``tie_weights``. ``strict``: all parameters and buffers must be given.

    >>> import nn
    >>> from autograd import Tensor
    >>> weight = Tensor([[2.0, 3.0]], requires_grad=True)
    >>> functional_call(nn.Linear(2, 1, bias=False), {"weight": weight}, Tensor([10.0, 1.0]))
    tensor([23.], grad_fn=<reshape>)
    """
    several: list[Any] = [parameter_and_buffer_dicts]
    if not isinstance(parameter_and_buffer_dicts, Mapping):
        several = list(parameter_and_buffer_dicts)
    given = {path: tensor for state in several for path, tensor in state.items()}
    if len(given) < sum(map(len, several)):
        raise ValueError("functional_call: a path stands in two of the dictionaries; give each once")
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, given, tie_weights, strict):
        return module(*args, **(kwargs or {}))


@contextmanager
def _replaced(module: Module, given: State, tie_weights: bool, strict: bool) -> Iterator[None]:
    places = _places(module)
    strangers, missing = given.keys() - places.keys(), places.keys() - given.keys()
    if tie_weights:
        named = {id(_at(places[path])): path for path in given.keys() & places.keys()}
        tied = {path: named[id(_at(places[path]))] for path in missing if id(_at(places[path])) in named}
        given, missing = {**given, **{path: given[name] for path, name in tied.items()}}, missing - tied.keys()
    if strangers or (strict and missing):
        raise StateDictError(
            f"functional_call: the {type(module).__name__} has no {sorted(strangers)}"
            if strangers
            else f"functional_call: not given: {sorted(missing)}; leave out strict=True to use the module's own"
        )
    own = {path: _at(places[path]) for path in given}
    try:
        for path, tensor in given.items():
            _put(places[path], tensor)
        yield
    finally:
        for path, tensor in own.items():
            _put(places[path], tensor)


Place = tuple[Module, str]


def _places(module: Module) -> dict[str, Place]:
    """Where each parameter and buffer stands, by its path."""
    tensors = (*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False))
    split = {path: path.rpartition(".") for path, _ in tensors}
    return {path: (module.get_submodule(parent), name) for path, (parent, _, name) in split.items()}


def _at(place: Place) -> Any:
    module, name = place
    return vars(module)[name]


def _put(place: Place, tensor: Any) -> None:
    module, name = place
    vars(module)[name] = tensor


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters of ``models`` of one kind, stacked along a first dimension, and their buffers: for `vmap`."""
    models = list(models)
    if not models or any(type(model) is not type(models[0]) for model in models):
        raise ValueError(f"stack_module_state: {[type(model).__name__ for model in models]}; give models of one class")

    wanted = [{path for path, p in model.named_parameters() if p.requires_grad} for model in models]
    if len({model.training for model in models}) > 1 or any(paths != wanted[0] for paths in wanted):
        raise ArgumentError(
            "stack_module_state: the models differ in whether they are training, or in which parameters require a "
            "gradient; let them agree, as by .train() or .eval(), and .requires_grad_()"
        )

    def stacked(states: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        return {path: stack([state[path] for state in states]).detach() for path in states[0]}

    parameters = stacked([dict(model.named_parameters()) for model in models])
    buffers = stacked([dict(model.named_buffers()) for model in models])
    return {path: p.requires_grad_(path in wanted[0]) for path, p in parameters.items()}, buffers


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """Let the batch normalizations within ``root`` use the numbers of each batch alone, also out of training: they keep
    no running ones any more, which `vmap` over a network's state could not update."""
    for module in root.modules():
        if isinstance(module, _BatchNorm):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
