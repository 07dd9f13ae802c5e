"""Sets of examples: by number, or one after the other."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from autograd import Generator, ShapeError, Tensor, randperm

__all__ = [
    "ChainDataset",
    "ConcatDataset",
    "Dataset",
    "IterableDataset",
    "Subset",
    "TensorDataset",
    "random_split",
]


Example = TypeVar("Example")


class Dataset(Generic[Example]):
    """Examples by number: subclasses define ``__getitem__`` and ``__len__``. ``Dataset[str]`` says of what they are."""

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: define __getitem__(index), which gives one example")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: define __len__(), the number of examples")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        return ConcatDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
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


class Subset(Dataset[Example]):
    """The examples of ``dataset`` at ``indices``; several at once, as in ``subset[1:3]``, if that can give them."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        which = [self.indices[i] for i in index] if isinstance(index, list) else self.indices[index]
        return self.dataset[which]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset[Example]):
    """The examples of several data sets, one set after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: there are no data sets; give at least one")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise TypeError("ConcatDataset: an IterableDataset has no examples by number; put them in a ChainDataset")
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> Any:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"ConcatDataset: index {index} is out of range for {len(self)} examples")
        which = bisect_right(self.cumulative_sizes, place)
        return self.datasets[which][place - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


def random_split(dataset: Any, lengths: Sequence[float], generator: Generator | None = None) -> list[Subset[Any]]:
    """``dataset`` in random parts of the given lengths, or of the given shares, which add up to 1.

    >>> [len(part) for part in random_split(range(10), [0.7, 0.3])]
    [7, 3]
    """
    total = len(dataset)
    sizes = [int(length) for length in lengths]
    if abs(sum(lengths) - 1) < 1e-9:
        sizes = [int(total * share) for share in lengths]
        for i in range(total - sum(sizes)):  # what rounding left over, one each from the first part on
            sizes[i % len(sizes)] += 1
    if sum(sizes) != total or min(lengths, default=0) < 0:
        raise ValueError(f"random_split: lengths {list(lengths)} do not make up the {total} examples, nor shares of 1")
    order = randperm(total, generator=generator).tolist()
    ends = list(itertools.accumulate(sizes))
    return [Subset(dataset, order[end - size : end]) for end, size in zip(ends, sizes, strict=True)]


class IterableDataset(Dataset[Example]):
    """Examples one after the other: subclasses define ``__iter__``; ``__len__`` too, if they know it."""

    __len__ = None  # type: ignore[assignment]  # so that ``list`` does not ask for it

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__}: define __iter__(), which gives the examples")

    def __add__(self, other: Dataset[Any]) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


class ChainDataset(IterableDataset[Any]):
    """Several sets of examples, one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)

    def __iter__(self) -> Iterator[Any]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise TypeError(
                    f"ChainDataset: a {type(dataset).__name__} is no IterableDataset; put such in a ConcatDataset"
                )
            yield from dataset

    def __len__(self) -> int:  # type: ignore[override]
        return sum(map(len, self.datasets))
