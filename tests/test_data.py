"""Data sets, samplers and loaders; where no randomness is involved, their batches are PyTorch's."""

import time
from itertools import chain, islice

import numpy as np
import pytest

import autograd
from autograd import Generator, ShapeError, Tensor, arange, tensor
from nn import data
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


class Stream(data.IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return ((np.arange(2) + k, float(k)) for k in range(self.n))


@pytest.mark.parametrize("settings", [{"batch_size": 3}, {"batch_size": 2, "drop_last": True}, {"batch_size": None}])
@pytest.mark.parametrize("workers", [0, 2])
def test_streams_are_those_of_torch(torch, settings, workers):
    class Theirs(torch.utils.data.IterableDataset):
        __iter__ = Stream.__iter__
        n = 5

    found = list(DataLoader(Stream(5), num_workers=workers, **settings))
    expected = list(torch.utils.data.DataLoader(Theirs(), **settings))
    assert len(found) == len(expected)
    for (x, k), (y, n) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy())
        np.testing.assert_array_equal(np.asarray(k), np.asarray(n))


def test_streams_and_their_chains():
    chain = Stream(2) + Stream(3)
    assert isinstance(chain, data.ChainDataset)
    assert [k for _, k in chain] == [0, 1, 0, 1, 2]
    assert [k for _, k in list(Stream(2))] == [0, 1]
    with pytest.raises(TypeError):
        len(chain)
    with pytest.raises(NotImplementedError, match="__iter__"):
        iter(data.IterableDataset())


def test_each_worker_is_begun_once():
    begun = []
    loader = DataLoader(range(40), batch_size=2, num_workers=2, worker_init_fn=begun.append, prefetch_factor=3)
    assert [x for batch in loader for x in batch.tolist()] == list(range(40))
    assert set(begun) <= {0, 1}
    assert len(begun) == len(set(begun)) > 0


def test_a_batch_that_takes_too_long():
    class Slow(Dataset):
        def __getitem__(self, index):
            time.sleep(0.3)
            return index

        def __len__(self):
            return 4

    with pytest.raises(RuntimeError, match="timeout"):
        list(DataLoader(Slow(), num_workers=1, timeout=0.05))
    assert len(list(DataLoader(Slow(), num_workers=4, timeout=10))) == 4


def test_one_example_at_a_time(torch):
    examples = [(np.ones(2), {"a": np.float64(1.5)}, "name"), (np.zeros(2), {"a": np.float64(2.5)}, "other")]
    found = list(DataLoader(examples, batch_size=None))
    expected = list(torch.utils.data.DataLoader(examples, batch_size=None))
    for x, y in zip(found, expected, strict=True):
        assert type(x) is type(y)
        assert x[0].tolist() == y[0].tolist()
        assert x[1]["a"].item() == y[1]["a"].item()
        assert x[2] == y[2]
    assert list(DataLoader([1, 2], batch_size=None, collate_fn=lambda x: x * 10)) == [10, 20]


def test_a_random_order_of_some():
    sampler = data.SubsetRandomSampler([3, 5, 9], generator=Generator().manual_seed(0))
    passes = [list(sampler) for _ in range(8)]
    assert all(sorted(order) == [3, 5, 9] for order in passes)
    assert len({tuple(order) for order in passes}) > 1
    assert len(sampler) == 3
    assert data.get_worker_info() is None


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: DataLoader(Stream(2), shuffle=True), ValueError, "order of its own"),
        (lambda: DataLoader(range(3), timeout=1), ValueError, "num_workers"),
        (lambda: DataLoader(range(3), prefetch_factor=2), ValueError, "num_workers"),
        (lambda: DataLoader(range(3), num_workers=1, prefetch_factor=0), ValueError, "at least 1"),
        (lambda: DataLoader(range(3), multiprocessing_context="spawn"), ValueError, "threads"),
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


@pytest.mark.parametrize("batches", [[(0, 1), (2, 3, 4)], [range(2), range(4, 5)], [tensor([1, 0]), tensor([4])]])
def test_batches_of_indices_need_not_be_lists(torch, batches):
    """A tuple would otherwise be one index for each dimension."""

    def program(lib):
        made = lib.utils.data
        examples = made.TensorDataset(lib.arange(20).reshape(5, 4), lib.arange(5))
        given = [lib.tensor(batch.tolist()) if isinstance(batch, Tensor) else batch for batch in batches]
        return [[part.tolist() for part in batch] for batch in made.DataLoader(examples, batch_sampler=given)]

    assert program(autograd) == program(torch)


def test_several_examples_of_a_subset_at_once(torch):
    def program(lib):
        made = lib.utils.data
        whole = made.TensorDataset(lib.arange(10, 15))
        part = made.Subset(made.Subset(whole, [4, 3, 2, 0]), [0, 3, 1])
        return [[t.tolist() for t in part[index]] for index in (slice(None), slice(0, -1), [2, 0], 1)]

    assert program(autograd) == program(torch)


def test_shares_may_be_the_whole():
    assert [len(part) for part in random_split(range(5), [1.0])] == [5]
    assert [len(part) for part in random_split(range(5), [1.0, 0.0])] == [5, 0]
    assert [len(part) for part in random_split(range(1), [1])] == [1]
    with pytest.raises(ValueError, match="nor shares of 1"):
        random_split(range(5), [1.5, -0.5])


def test_data_sets_and_samplers_may_say_of_what():
    class Words(Dataset[str]):
        def __getitem__(self, index):
            return "ab"[index]

        def __len__(self):
            return 2

    class Stream(data.IterableDataset[int]):
        def __iter__(self):
            return iter(range(3))

    class Backwards(data.Sampler[int]):
        def __iter__(self):
            return iter((1, 0))

        def __len__(self):
            return 2

    loader: DataLoader[str] = DataLoader[str](Words(), sampler=Backwards(), batch_size=2)
    assert list(loader) == [["b", "a"]]
    assert [batch.tolist() for batch in DataLoader(Stream(), batch_size=3)] == [[0, 1, 2]]


def test_streams_have_no_numbers_to_be_concatenated_by():
    with pytest.raises(TypeError, match="ChainDataset"):
        ConcatDataset([Squares(2), data.ChainDataset([])])
    with pytest.raises(TypeError, match="ConcatDataset"):
        list(data.ChainDataset([Squares(2)]))
