"""`Distributed`: one optimizer on many processes, each with its share of every batch."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from autograd import Tensor, Value, initial_seed
from autograd.arrays import quietly
from autograd.distributed import Ranks, world
from autograd.distributed.agreement import Fact, agree
from optim.optimizer import Array, Group, Optimizer

__all__ = ["Distributed"]


class Distributed(Optimizer):
    """``optimizer`` on every rank of a job, in step: all ranks have the same parameters after each ``step()``.

    ``reduce(examples)``, between ``backward()`` and whatever reads the gradients, makes them those of the whole batch:
    the mean over all examples of all ranks, so that clipping by their norm is clipping by the global norm. ``step()``
    does it with equal weights where it has not been done. One process gets the same numbers, up to rounding::

        optimizer = optim.Distributed(optim.AdamW(model.parameters()), model)
        for x, y in loader:  # with a DistributedSampler
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            (mean_loss,) = optimizer.reduce(len(x), [loss.item()])
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    At the beginning, ranks that differ in their parameters (names, shapes, dtypes, numbers), settings or seed raise
    DisagreementError; to draw other dropout masks on each rank, seed it anew afterwards. Then, and whenever a state is
    loaded, rank 0's parameters, state and (of ``model``) buffers are broadcast. Its ``state_dict`` is that of
    ``optimizer``: a checkpoint does not depend on the number of ranks. In a job of one nothing changes.

    Batch normalization sees each rank's share by itself, as in PyTorch's DistributedDataParallel.
    """

    def __init__(self, optimizer: Optimizer, model: Any = None, ranks: Ranks | None = None) -> None:
        if not isinstance(optimizer, Optimizer) or isinstance(optimizer, Distributed):
            raise TypeError(f"Distributed: the first argument is an optimizer of one process, not {optimizer!r:.60}")
        self.optimizer, self.model = optimizer, model
        self.ranks = world() if ranks is None else ranks
        self._flats: list[Flat] = []
        self._reduced = False
        if self.ranks.size > 1:
            agree(self.ranks, "Distributed", [*self._facts()])
            self.broadcast()

    # What is the wrapped optimizer's own ----------------------------------------------------------------------------

    @property
    def param_groups(self) -> list[Group]:  # type: ignore[override]
        return self.optimizer.param_groups

    @property
    def defaults(self) -> Group:  # type: ignore[override]
        return self.optimizer.defaults

    @property  # type: ignore[misc]
    def state(self) -> Any:
        return self.optimizer.state

    def add_param_group(self, group: Group) -> None:
        self.optimizer.add_param_group(group)

    def state_dict(self) -> dict[str, Any]:
        return self.optimizer.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """As the wrapped optimizer's, then `broadcast`: every rank must load."""
        self.optimizer.load_state_dict(state_dict)
        self.broadcast()

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.optimizer.zero_grad(set_to_none)
        self._reduced = False

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("Distributed: it cannot be copied; copy its state_dict()")

    def __repr__(self) -> str:
        return f"Distributed (rank {self.ranks.rank} of {self.ranks.size})\n{self.optimizer!r}"

    # Steps ------------------------------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient on any rank; all ranks alike."""

        def reduced() -> Any:
            loss = None if closure is None else closure()
            if not self._reduced:
                self.reduce()
            return loss

        if closure is None:
            reduced()
        loss = self.optimizer.step(closure and reduced)
        self._reduced = False
        return loss

    def reduce(self, examples: float = 1, metrics: Sequence[float] = ()) -> list[float]:
        """Make the gradients, and ``metrics``, means over the examples of all ranks, where they were means over the
        ``examples`` of each; the metrics.

        A rank with 0 examples needs no gradients, and its metrics do not count. All of it is one sum over the ranks
        (for each dtype of gradients, float32 at least).
        """
        if not examples >= 0:
            raise ValueError(f"reduce: examples is {examples}; it is how many this rank has, 0 or more")
        self._reduced = True
        if self.ranks.size == 1:
            return list(metrics)
        flats = self._flattened(len(metrics))
        quietly.run(self._gather, flats, examples, metrics)
        for flat in flats:
            self.ranks.sum_marked_(flat.array, "gradients")
        *sums, total = flats[0].extra.tolist()
        if not total:
            raise ValueError("reduce: no rank has any examples")
        quietly.run(self._scatter, flats, total)
        return [number / total for number in sums]

    def _flattened(self, metrics: int) -> list[Flat]:
        by_dtype: dict[Any, list[Any]] = {}
        for p in self._parameters():
            dtype = np.float64 if isinstance(p, Value) else np.result_type(p.raw.dtype, np.float32)
            by_dtype.setdefault(np.dtype(dtype), []).append(p)
        extras = [metrics + 1] + [0] * (len(by_dtype) - 1)
        if [(*map(id, flat.params), flat.extra.size) for flat in self._flats] != [
            (*map(id, params), extra) for params, extra in zip(by_dtype.values(), extras, strict=True)
        ]:
            self._flats = [
                Flat(params, dtype, extra) for (dtype, params), extra in zip(by_dtype.items(), extras, strict=True)
            ]
        return self._flats

    def _gather(self, flats: list[Flat], examples: float, metrics: Sequence[float]) -> None:
        for flat in flats:
            flat.gather(examples)
        flats[0].extra[:] = [*(number * examples if examples else 0.0 for number in metrics), examples]

    def _scatter(self, flats: list[Flat], total: float) -> None:
        for flat in flats:
            flat.scatter(total)

    def _parameters(self) -> Iterator[Any]:
        return (p for group in self.param_groups for p in group["params"])

    # Agreement --------------------------------------------------------------------------------------------------

    def broadcast(self) -> None:
        """Give all ranks rank 0's parameters, buffers and optimizer state; for when rank 0 alone has changed them."""
        if self.ranks.size == 1:
            return
        state = self.optimizer.state_dict()
        numbers, state = self.ranks.broadcast(([_numbers(x) for x in self._everything()], state))
        if self.ranks.first:
            return
        for x, number in zip(self._everything(), numbers, strict=True):
            if isinstance(x, Value):
                x.data = number
            else:
                x.raw[...] = number.raw
                x.mark_changed()
        self.optimizer.load_state_dict(state)

    def _everything(self) -> Iterator[Any]:
        """Parameters and buffers."""
        return chain(self._parameters(), () if self.model is None else self.model.buffers())

    def _facts(self) -> Iterator[Fact]:
        """What must be the same on all ranks; what tells most comes first."""
        model = () if self.model is None else (*self.model.named_parameters(), *self.model.named_buffers())
        names = {id(x): name for name, x in model}
        for group in self.param_groups:
            names |= {id(p): name for p, name in zip(group["params"], group.get("param_names", ()), strict=False)}
        arrays = [
            (f"tensor {i}{f' ({names[id(x)]!r})' if id(x) in names else ''}", np.asarray(_numbers(x)))
            for i, x in enumerate(self._everything())
        ]
        for name, array in arrays:
            yield name, f"of shape {array.shape}, {array.dtype}"
        yield "the optimizer", type(self.optimizer).__name__
        for i, group in enumerate(self.param_groups):
            settings = {key: value for key, value in group.items() if key not in ("params", "param_names")}
            yield f"group {i}", f"{len(group['params'])} parameters with {settings}"
        yield "the seed", str(initial_seed())
        for name, array in arrays:
            start = ", ".join(f"{number:.6g}" for number in array.flat[:3])
            yield f"what stands in {name}", f"{start}, ... (checksum {zlib.crc32(array.tobytes()):08x})"


class Flat:
    """The gradients of ``params`` in one array, after the mark of `Ranks.sum_marked_`; then whether each has one; then
    ``extra`` numbers.
    """

    def __init__(self, params: list[Any], dtype: Any, extra: int) -> None:
        self.params = params
        shapes = [np.shape(_numbers(p)) for p in params]
        ends = np.cumsum([1, *(int(np.prod(shape)) for shape in shapes)]).tolist()
        self.array = np.empty(ends[-1] + len(params) + extra, dtype)
        self.parts: list[Array] = [
            self.array[start:end].reshape(shape) for start, end, shape in zip(ends, ends[1:], shapes, strict=False)
        ]
        self.present = self.array[ends[-1] : ends[-1] + len(params)]
        self.extra = self.array[ends[-1] + len(params) :]

    def gather(self, examples: float) -> None:
        """Take each gradient, times ``examples``."""
        for i, (p, part) in enumerate(zip(self.params, self.parts, strict=True)):
            self.present[i] = p.grad is not None
            if p.grad is None or not examples:
                part[...] = 0
            else:
                np.multiply(p.grad if isinstance(p, Value) else p.grad.raw, examples, out=part, casting="same_kind")

    def scatter(self, total: float) -> None:
        """Give each its part, divided by ``total``; a parameter without a gradient on any rank goes on having none."""
        for p, part, present in zip(self.params, self.parts, self.present.tolist(), strict=True):
            if isinstance(p, Value):
                p.grad = float(part) / total
            elif p.grad is not None:
                np.divide(part, total, out=p.grad.raw, casting="same_kind")
                p.grad.mark_changed()
            elif present:
                p.grad = Tensor.of(np.asarray(part / total, p.raw.dtype))


def _numbers(p: Any) -> Any:
    return p.data if isinstance(p, Value) else p.raw
