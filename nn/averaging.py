"""A second model whose parameters are the averages of another's along its training; found in `optim.swa_utils`.

The plain mean is stochastic weight averaging (Izmailov et al. 2018, arXiv:1803.05407), the exponential one Polyak's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from autograd import Tensor, no_grad, zeros
from nn.module import Module
from nn.normalization import _BatchNorm

__all__ = [
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Tensor, Tensor, Any], Any]
MultiAverage = Callable[[list[Tensor], list[Tensor], Any], None]


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The average that forgets: of it, ``decay`` stays in each step."""
    if not 0 <= decay <= 1:
        raise ValueError(f"get_ema_avg_fn: decay is {decay}; it must lie in [0, 1]")

    def average(averaged: Tensor, current: Tensor, num_averaged: Any) -> Any:
        return decay * averaged + (1 - decay) * current

    return average


def get_swa_avg_fn() -> Average:
    """The mean of all: ``num_averaged`` are in ``averaged``, and one more comes."""

    def average(averaged: Tensor, current: Tensor, num_averaged: Any) -> Any:
        return averaged + (current - averaged) / (num_averaged + 1)

    return average


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """`get_ema_avg_fn` for lists of Tensors, whose first is changed in place."""
    return _of_lists(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> MultiAverage:
    """`get_swa_avg_fn` for lists of Tensors, whose first is changed in place."""
    return _of_lists(get_swa_avg_fn())


def _of_lists(average: Average) -> MultiAverage:
    def averages(averaged: list[Tensor], current: list[Tensor], num_averaged: Any) -> None:
        with no_grad():
            for kept, new in zip(averaged, current, strict=True):
                kept.copy_(average(kept, new, num_averaged))

    return averages


class AveragedModel(Module):
    """A copy of ``model`` with averages of its parameters; `update_parameters` takes what they have become into them.

    ``avg_fn(averaged, current, num_averaged)`` gives the new average of one Tensor, ``multi_avg_fn`` changes those in
    a list, all of one dtype; without either it is the mean of all. With ``use_buffers`` the buffers are averaged, too;
    else they are the model's last ones: `update_bn` finds those of a batch normalization anew.

    >>> import nn
    >>> model = nn.Linear(1, 1)
    >>> averaged = AveragedModel(model)
    >>> for weight in (1.0, 2.0, 6.0):
    ...     _ = nn.init.constant_(model.weight, weight)
    ...     averaged.update_parameters(model)
    >>> averaged.module.weight.item(), averaged.n_averaged
    (3.0, tensor(3))
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel: avg_fn and multi_avg_fn say the same thing; give one of them")
        self.module = deepcopy(model).to(device=device)
        self.register_buffer("n_averaged", zeros((), dtype="int64"))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the present parameters of ``model`` into the averages; the first time they are those."""
        pairs, copied = (
            [(x.detach(), y.detach()) for x, y in zip(own, its, strict=True)]
            for own, its in (
                (self.module.parameters(), model.parameters()),
                (self.module.buffers(), model.buffers()),
            )
        )
        if self.use_buffers:
            pairs, copied = pairs + copied, []
        with no_grad():
            if self.n_averaged == 0:
                pairs, copied = [], pairs + copied
            for averaged, current in copied:
                averaged.copy_(current)
            self._average(pairs)
            self.n_averaged.add_(1)

    def _average(self, pairs: list[tuple[Tensor, Tensor]]) -> None:
        averages = self.multi_avg_fn or _of_lists(self.avg_fn or get_swa_avg_fn())
        for _, same in itertools.groupby(sorted(pairs, key=_dtype), key=_dtype):
            averaged, current = zip(*same, strict=True)
            averages([*averaged], [*current], self.n_averaged)


def _dtype(pair: tuple[Tensor, Tensor]) -> str:
    return str(pair[0].dtype)


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Find the statistics of the batch normalizations in ``model`` anew: the means over the batches of ``loader``.

    Of a batch that is a list or a tuple the model is given the first part.
    """
    layers = {module: module.momentum for module in model.modules() if isinstance(module, _BatchNorm)}
    if not layers:
        return
    was_training = model.training
    model.train()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    try:
        with no_grad():
            for batch in loader:
                input = batch[0] if isinstance(batch, list | tuple) else batch
                model(input if device is None else input.to(device))
    finally:
        for layer, momentum in layers.items():
            layer.momentum = momentum
        model.train(was_training)
