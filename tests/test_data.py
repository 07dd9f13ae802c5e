"""Data sets, samplers and loaders; where no randomness is involved, their batches are PyTorch's."""

from itertools import chain, islice

import numpy as np
import pytest

from autograd import Generator, ShapeError, Tensor, arange, tensor
from nn.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    RandomSampler,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)


class Squares(Dataset):
    def __init__(self, count):
        self.count = count

    def __getitem__(self, i):
        if not 0 <= i < self.count:
            raise IndexError(i)
        return {"x": np.float32(i), "pair": (i, float(i * i)), "name": str(i)}

    def __len__(self):
        return self.count


@pytest.mark.parametrize(
    "settings", [{}, {"batch_size": 3}, {"batch_size": 3, "drop_last": True}, {"batch_size": None}]
)
@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_torchs(torch, settings, workers):
    here = DataLoader(Squares(8), num_workers=workers, **settings)
    there = torch.utils.data.DataLoader(Squares(8), **settings)
    assert len(here) == len(there)
    for found, expected in zip(here, there, strict=True):
        assert found.keys() == expected.keys()
        assert found["name"] == expected["name"]
        for x, y in zip([found["x"], *found["pair"]], [expected["x"], *expected["pair"]], strict=True):
            assert np.array_equal(np.asarray(x), np.asarray(y))
            if isinstance(x, Tensor):
                assert str(x.dtype) == str(y.dtype).removeprefix("torch.")


def test_a_loader_of_tensors_gives_the_same_with_and_without_the_short_way():
    data = TensorDataset(arange(10).reshape(5, 2), arange(5))
    fast = list(DataLoader(data, batch_size=2))
    slow = list(DataLoader(data, batch_size=2, collate_fn=lambda batch: default_collate(batch)))
    for a, b in zip(fast, slow, strict=True):
        assert [t.tolist() for t in a] == [t.tolist() for t in b]


def test_shuffling_follows_the_generator():
    data = TensorDataset(arange(20))

    def passes(seed):
        loader = DataLoader(data, batch_size=6, shuffle=True, generator=Generator().manual_seed(seed))
        return [[batch.tolist() for (batch,) in loader] for _ in range(2)]

    first, second = passes(1)
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(20))
    assert first != second
    assert passes(1) == [first, second]
    assert passes(2) != [first, second]


def test_an_error_in_a_worker_reaches_the_loop():
    with pytest.raises(IndexError):
        list(DataLoader(Squares(4), sampler=[0, 1, 9], num_workers=2))


def test_a_loop_left_early_stops_the_workers():
    for batch in DataLoader(Squares(1000), batch_size=10, num_workers=2):
        assert len(batch["name"]) == 10
        break


def test_splits_and_subsets():
    parts = random_split(range(10), [7, 3], generator=Generator().manual_seed(0))
    assert sorted([*parts[0], *parts[1]]) == list(range(10))
    assert [len(part) for part in random_split(range(10), [0.35, 0.35, 0.3])] == [4, 3, 3]
    both = ConcatDataset([Squares(2), Squares(3)])
    assert [both[i]["name"] for i in (0, 2, -1)] == ["0", "0", "2"]
    assert Subset(Squares(5), [4, 2])[0]["name"] == "4"


def test_samplers():
    assert list(BatchSampler(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert len(BatchSampler(range(5), 2, drop_last=True)) == 2
    assert len(list(RandomSampler(range(3), num_samples=7))) == 7
    endless = RandomSampler(range(3), replacement=True, num_samples=10**10)
    assert set(islice(endless, 100)) == {0, 1, 2}
    assert set(WeightedRandomSampler([0.0, 1.0, 0.0], 5)) == {1}
    assert sorted(WeightedRandomSampler([1.0, 1.0, 1.0], 3, replacement=False)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: TensorDataset(arange(3), arange(4)), ShapeError, "one length"),
        (lambda: DataLoader(range(3), batch_size=0), ValueError, "from 1 on"),
        (lambda: DataLoader(range(3), shuffle=True, sampler=[0]), ValueError, "left out"),
        (lambda: DataLoader(range(3), batch_sampler=[[0]], drop_last=True), ValueError, "left out"),
        (lambda: DataLoader(range(3), num_workers=-1), ValueError, "num_workers"),
        (lambda: random_split(range(3), [1, 1]), ValueError, "do not make up"),
        (lambda: default_collate([object()]), TypeError, "collate_fn"),
        (lambda: default_collate([(1,), (1, 2)]), ShapeError, "collate_fn"),
        (lambda: len(Dataset()), NotImplementedError, "define __len__"),
        (lambda: ConcatDataset([range(2)])[2], IndexError, "out of range"),
        (lambda: RandomSampler([], num_samples=1), ValueError, "cannot be drawn"),
        (lambda: DataLoader(TensorDataset(tensor([1])), batch_size=None, drop_last=True), ValueError, "drop"),
    ],
)
def test_what_makes_no_sense_is_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
