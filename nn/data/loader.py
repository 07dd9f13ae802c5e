"""`DataLoader`: examples in batches."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from typing import Any, Generic

import numpy as np

from autograd import Generator, ShapeError, Tensor, float64, from_numpy, stack, tensor
from nn.data.datasets import Example, IterableDataset, TensorDataset
from nn.data.samplers import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]


def default_collate(batch: Sequence[Any]) -> Any:
    """A list of examples as one: Tensors stacked, numbers in a Tensor, tuples and dictionaries part by part.

    >>> default_collate([(1.0, 2), (3.0, 4)])
    [tensor([1., 3.], dtype=float64), tensor([2, 4])]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray | np.generic):
        return from_numpy(np.stack(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, Mapping):
        return {key: default_collate([example[key] for example in batch]) for key in first}
    if isinstance(first, Sequence):
        if len({len(example) for example in batch}) > 1:
            raise ShapeError("default_collate: the examples have parts of different numbers; give a collate_fn")
        parts = [default_collate(part) for part in zip(*batch, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(
        f"default_collate: cannot make a batch of {type(first).__name__}; examples are Tensors, arrays, numbers, "
        "strings, or tuples and dictionaries of them; give a collate_fn for others"
    )


def default_convert(data: Any) -> Any:
    """One example, its arrays and numbers as Tensors: what a `DataLoader` without batches gives."""
    if isinstance(data, np.ndarray | np.generic):
        return from_numpy(np.asarray(data))
    if isinstance(data, Mapping):
        return {key: default_convert(part) for key, part in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(default_convert, data))
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return [default_convert(part) for part in data]
    return data


def get_worker_info() -> None:
    """None: workers are threads, which share the examples, and have nothing to divide among them."""


class DataLoader(Generic[Example]):
    """The examples of ``dataset`` in batches, each made by ``collate_fn`` of a list of examples.

    ``shuffle`` draws a new order in each pass, from ``generator``. ``sampler`` gives the order instead, and
    ``batch_sampler`` whole batches of indices; ``batch_size=None`` gives the examples one by one. ``num_workers``
    threads load ``prefetch_factor`` batches each ahead (2, if None), which come in the same order; each thread first
    calls ``worker_init_fn`` with its number, and a batch that takes longer than ``timeout`` seconds (0: any) raises
    RuntimeError. Of an `IterableDataset` the examples come as they come. ``pin_memory`` and ``pin_memory_device``
    concern GPUs, ``persistent_workers`` processes, which take long to begin, and ``in_order=False`` only allows
    another order; they change nothing here.

    >>> from autograd import arange
    >>> [batch.tolist() for (batch,) in DataLoader(TensorDataset(arange(5)), batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: None = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: a sampler gives the order, so shuffle must be left out")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError(
                "DataLoader: a batch_sampler makes the batches, so batch_size, shuffle, sampler and drop_last must be "
                "left out"
            )
        if batch_size is None and drop_last:
            raise ValueError("DataLoader: without a batch_size there are no batches to drop; leave drop_last out")
        if multiprocessing_context is not None:
            raise ValueError("DataLoader: workers are threads here; leave multiprocessing_context out")
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.num_workers, self.pin_memory, self.generator = num_workers, pin_memory, generator
        self.timeout, self.worker_init_fn, self.prefetch_factor = timeout, worker_init_fn, prefetch_factor or 2
        self._iterable = isinstance(dataset, IterableDataset)
        if self._iterable and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError("DataLoader: an IterableDataset has an order of its own; leave shuffle and samplers out")
        if self._iterable:
            sampler = dataset  # whose examples stand for the indices
        elif sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        self.sampler = sampler
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)

    def __len__(self) -> int:
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)

    def _batch(self, indices: Any) -> Any:
        if self._iterable:
            return self.collate_fn(indices)
        if self.batch_sampler is None:
            return self.collate_fn(self.dataset[indices])
        if isinstance(self.dataset, TensorDataset) and self.collate_fn is default_collate:
            return list(self.dataset[np.array([*indices], np.intp)])  # what stacking the examples would give, at once
        return self.collate_fn([self.dataset[i] for i in indices])

    def __iter__(self) -> Iterator[Any]:
        order = iter(self.sampler if self.batch_sampler is None else self.batch_sampler)
        if not self.num_workers:
            yield from map(self._batch, order)
            return
        numbers, begun = itertools.count(), self.worker_init_fn
        begin = None if begun is None else lambda: begun(next(numbers))
        with ThreadPoolExecutor(self.num_workers, initializer=begin) as workers:
            first = itertools.islice(order, self.prefetch_factor * self.num_workers)
            ahead: deque[Future[Any]] = deque(workers.submit(self._batch, indices) for indices in first)
            try:
                while ahead:
                    batch = self._result(ahead.popleft())
                    ahead.extend(workers.submit(self._batch, indices) for indices in itertools.islice(order, 1))
                    yield batch
            finally:
                workers.shutdown(cancel_futures=True)

    def _result(self, loading: Future[Any]) -> Any:
        try:
            return loading.result(self.timeout or None)
        except NotInTime:
            if loading.done():  # it was the data set's own
                raise
            raise RuntimeError(f"DataLoader: a batch took longer than timeout={self.timeout} seconds") from None


def _check_workers(num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool) -> None:
    if num_workers < 0:
        raise ValueError(f"DataLoader: num_workers is {num_workers}; it must be 0 (load here) or more")
    if timeout < 0 or (prefetch_factor is not None and prefetch_factor < 1):
        raise ValueError(
            f"DataLoader: timeout is {timeout}, which must not be negative, and prefetch_factor {prefetch_factor}, "
            "which must be at least 1"
        )
    if not num_workers and (timeout or prefetch_factor is not None or persistent_workers):
        raise ValueError(
            "DataLoader: timeout, prefetch_factor and persistent_workers are for workers; give num_workers, too"
        )
