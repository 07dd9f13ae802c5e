"""Data in batches: data sets, samplers, and the `DataLoader` that puts them together, as ``torch.utils.data``."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from autograd import Generator, ShapeError, Tensor, float64, from_numpy, multinomial, randint, randperm, stack, tensor
from autograd.distributed import world

# Data sets ------------------------------------------------------------------------------------------------------


class Dataset:
    """Examples by number: subclasses define ``__getitem__`` and ``__len__``."""

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: define __getitem__(index), which gives one example")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: define __len__(), the number of examples")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class TensorDataset(Dataset):
    """Tensors of one length; an example is the tuple of their elements at one place.

    >>> from autograd import arange
    >>> TensorDataset(arange(3), arange(3) * 10)[1]
    (tensor(1), tensor(10))
    """

    def __init__(self, *tensors: Tensor) -> None:
        if not tensors or len({len(t) for t in tensors}) > 1:
            shapes = ", ".join(str(t.shape) for t in tensors) or "none"
            raise ShapeError(f"TensorDataset: the tensors must have one length, not shapes {shapes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """The examples of ``dataset`` at ``indices``."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """The examples of several data sets, one set after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: there are no data sets; give at least one")
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> Any:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"ConcatDataset: index {index} is out of range for {len(self)} examples")
        which = bisect_right(self.cumulative_sizes, place)
        return self.datasets[which][place - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


def random_split(dataset: Any, lengths: Sequence[float], generator: Generator | None = None) -> list[Subset]:
    """``dataset`` in random parts of the given lengths, or of the given shares, which add up to 1.

    >>> [len(part) for part in random_split(range(10), [0.7, 0.3])]
    [7, 3]
    """
    total = len(dataset)
    sizes = [int(length) for length in lengths]
    if abs(sum(lengths) - 1) < 1e-9 and any(0 < length < 1 for length in lengths):
        sizes = [int(total * share) for share in lengths]
        for i in range(total - sum(sizes)):  # what rounding left over, one each from the first part on
            sizes[i % len(sizes)] += 1
    if sum(sizes) != total or min(sizes, default=0) < 0:
        raise ValueError(f"random_split: lengths {list(lengths)} do not make up the {total} examples, nor shares of 1")
    order = randperm(total, generator=generator).tolist()
    ends = list(itertools.accumulate(sizes))
    return [Subset(dataset, order[end - size : end]) for end, size in zip(ends, sizes, strict=True)]


# Samplers -------------------------------------------------------------------------------------------------------


class Sampler:
    """An order of the examples: subclasses define ``__iter__``, which gives indices, and ``__len__``."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__}: define __iter__(), which gives the indices")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: define __len__(), the number of indices")


class SequentialSampler(Sampler):
    """0, 1, 2, ..."""

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """The examples in a random order, another one in each pass; with ``replacement``, each draw from all of them."""

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples
        if self.num_samples < 0 or (self.num_samples and not len(data_source)):
            raise ValueError(
                f"RandomSampler: {self.num_samples} samples cannot be drawn from {len(data_source)} examples"
            )

    def __iter__(self) -> Iterator[int]:
        n, left = len(self.data_source), self.num_samples
        if self.replacement:  # in portions: num_samples may be as good as infinite
            drawn = (randint(n, (4096,), generator=self.generator).tolist() for _ in range(-(-left // 4096)))
        else:
            drawn = (randperm(n, generator=self.generator).tolist() for _ in range(-(-left // n) if n else 0))
        return itertools.islice(itertools.chain.from_iterable(drawn), left)

    def __len__(self) -> int:
        return self.num_samples


class WeightedRandomSampler(Sampler):
    """``num_samples`` examples drawn in proportion to their ``weights``."""

    def __init__(
        self, weights: Any, num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        self.weights, self.num_samples = tensor(weights, dtype=float64), num_samples
        self.replacement, self.generator = replacement, generator

    def __iter__(self) -> Iterator[int]:
        drawn = multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """The indices of ``sampler`` in lists of ``batch_size``; the last is shorter, or left out with ``drop_last``."""

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool = False) -> None:
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"BatchSampler: batch_size is {batch_size!r}; it must be a whole number from 1 on")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count = len(self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


class DistributedSampler(Sampler):
    """The share of one of ``num_replicas`` ranks (of `autograd.distributed.world`, unless they are given), in an order
    that is the same on all for one ``seed`` and epoch: `set_epoch` before each pass gives another.

    All shares are equally long: the first examples are given out twice to fill them, or, with ``drop_last``, the last
    are left out.

    >>> [list(DistributedSampler(range(5), num_replicas=2, rank=rank, shuffle=False)) for rank in (0, 1)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        self.num_replicas = world().size if num_replicas is None else num_replicas
        self.rank = world().rank if rank is None else rank
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(f"DistributedSampler: rank {self.rank} is none of the {self.num_replicas}, 0 and on")
        self.dataset, self.shuffle, self.seed, self.drop_last, self.epoch = dataset, shuffle, seed, drop_last, 0
        whole, rest = divmod(len(dataset), self.num_replicas)
        self.num_samples = whole + (rest > 0 and not drop_last)
        self.total_size = self.num_samples * self.num_replicas

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        n = len(self.dataset)
        order = range(n)
        if self.shuffle:
            order = randperm(n, generator=Generator().manual_seed(self.seed + self.epoch)).tolist()
        return itertools.islice(itertools.cycle(order), self.rank, self.total_size, self.num_replicas)

    def __len__(self) -> int:
        return self.num_samples


# Batches --------------------------------------------------------------------------------------------------------


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


class DataLoader:
    """The examples of ``dataset`` in batches, each made by ``collate_fn`` of a list of examples.

    ``shuffle`` draws a new order in each pass, from ``generator``. ``sampler`` gives the order instead, and
    ``batch_sampler`` whole batches of indices; ``batch_size=None`` gives the examples one by one. ``num_workers``
    threads load batches ahead; they come in the same order. ``pin_memory`` concerns GPUs and, as in PyTorch without
    one, changes nothing.

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
        *,
        generator: Generator | None = None,
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
        if num_workers < 0:
            raise ValueError(f"DataLoader: num_workers is {num_workers}; it must be 0 (load here) or more")
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.num_workers, self.pin_memory, self.generator = num_workers, pin_memory, generator
        if sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        self.sampler = sampler
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn or default_collate

    def __len__(self) -> int:
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)

    def _batch(self, indices: Any) -> Any:
        if self.batch_sampler is None:
            return self.dataset[indices]
        if isinstance(self.dataset, TensorDataset) and self.collate_fn is default_collate:
            return list(self.dataset[indices])  # what stacking the examples would give, at once
        return self.collate_fn([self.dataset[i] for i in indices])

    def __iter__(self) -> Iterator[Any]:
        order = iter(self.sampler if self.batch_sampler is None else self.batch_sampler)
        if not self.num_workers:
            yield from map(self._batch, order)
            return
        with ThreadPoolExecutor(self.num_workers) as workers:
            ahead: deque[Future[Any]] = deque(
                workers.submit(self._batch, indices) for indices in itertools.islice(order, 2 * self.num_workers)
            )
            try:
                while ahead:
                    batch = ahead.popleft().result()
                    ahead.extend(workers.submit(self._batch, indices) for indices in itertools.islice(order, 1))
                    yield batch
            finally:
                workers.shutdown(cancel_futures=True)
