"""Which elements there are, and where they belong: PyTorch's answers."""

import numpy as np
import pytest

import autograd
from autograd import DtypeError, ShapeError, Tensor

WHOLE = np.array([[3, 1, 1], [3, 1, 1], [0, 5, 3], [3, 1, 1]])
X = np.array([0.5, -1.0, 2.0, 2.0, 7.0, 0.0])
SORTED = np.array([[0.0, 0.5, 1.0, 2.0], [-1.0, 2.0, 2.0, 3.0]])
BOUNDS = [-1.0, 0.5, 2.0]

CALLS = {
    "unique": lambda t, i, x, s: t.unique(i, return_inverse=True, return_counts=True),
    "unique rows": lambda t, i, x, s: i.unique(dim=0, return_inverse=True, return_counts=True),
    "unique columns": lambda t, i, x, s: t.unique(i, dim=-1, return_inverse=True, return_counts=True),
    "unique with NaN": lambda t, i, x, s: t.unique(t.tensor([np.nan, 1.0, np.nan])),
    "unique_consecutive": lambda t, i, x, s: t.unique_consecutive(i, return_inverse=True, return_counts=True),
    "unique_consecutive rows": lambda t, i, x, s: i.unique_consecutive(dim=0, return_inverse=True, return_counts=True),
    "unique_consecutive columns": lambda t, i, x, s: t.unique_consecutive(i, dim=1),
    "unique_consecutive of nothing": lambda t, i, x, s: i[:0].unique_consecutive(dim=0, return_counts=True),
    "isin": lambda t, i, x, s: t.isin(i, t.tensor([5, 1])),
    "isin of one": lambda t, i, x, s: t.isin(i, 3, invert=True),
    "isin of a number": lambda t, i, x, s: t.isin(3, i, assume_unique=False),
    "bincount": lambda t, i, x, s: t.bincount(i[0], minlength=8),
    "bincount with weights": lambda t, i, x, s: i[0].bincount(x[:3]),
    "bincount with narrow weights": lambda t, i, x, s: i[0].bincount(x[:3].to(t.float32)),
    "bincount with whole weights": lambda t, i, x, s: i[0].bincount(i[0]),
    "histc": lambda t, i, x, s: t.histc(x, bins=4),
    "histc within bounds": lambda t, i, x, s: x.histc(4, -1, 2),
    "histc of one number": lambda t, i, x, s: t.histc(x[2:4], 5),
    "searchsorted": lambda t, i, x, s: t.searchsorted(s[0], x),
    "searchsorted in lines": lambda t, i, x, s: t.searchsorted(s, x.reshape(2, 3), right=True),
    "searchsorted in no lines": lambda t, i, x, s: t.searchsorted(s[:0], x.reshape(2, 3)[:0]),
    "searchsorted at a side": lambda t, i, x, s: t.searchsorted(s, s, side="right", out_int32=True),
    "searchsorted with a sorter": lambda t, i, x, s: t.searchsorted(s.flip(1), s, sorter=t.argsort(s.flip(1))),
    "searchsorted of a number": lambda t, i, x, s: t.searchsorted(s[0], 0.7),
    "bucketize": lambda t, i, x, s: t.bucketize(s, t.tensor(BOUNDS, dtype=t.float64), right=True),
    "bucketize a number": lambda t, i, x, s: t.bucketize(2.0, t.tensor(BOUNDS), out_int32=True),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_in_torch(name, torch):
    found = CALLS[name](autograd, Tensor(WHOLE), Tensor(X), Tensor(SORTED))
    expected = CALLS[name](torch, torch.tensor(WHOLE), torch.tensor(X), torch.tensor(SORTED))
    pairs = zip(found, expected, strict=True) if isinstance(expected, tuple) else [(found, expected)]
    for ours, theirs in pairs:
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda i, x: autograd.unique([1, 2]), DtypeError, "unique: needs a Tensor, not a list"),
        (lambda i, x: autograd.isin([1], [1, 2]), DtypeError, "isin: needs a Tensor, not a list"),
        (lambda i, x: i.bincount(), ShapeError, r"bincount: counts a vector.*shape \(4, 3\)"),
        (lambda i, x: i[0].bincount(x), ShapeError, r"bincount: weights of shape \(6,\) for 3 numbers"),
        (lambda i, x: i.histc(), DtypeError, "histc: the input has dtype int64"),
        (lambda i, x: x.histc(4, 2, 1), ValueError, "histc: 4 bins from 2 to 1"),
        (lambda i, x: x.histc(0), ValueError, "histc: 0 bins"),
        (lambda i, x: (x / 0).histc(4), ShapeError, "there are no parts of equal size"),
        (lambda i, x: autograd.searchsorted(i, i[:2]), ShapeError, r"searchsorted: a sequence of shape \(4, 3\)"),
        (lambda i, x: autograd.searchsorted(x, x, side="left", right=True), ValueError, "side='left' and right=True"),
        (lambda i, x: autograd.searchsorted(x, x, sorter=i), ShapeError, r"has shape \(6,\), its sorter \(4, 3\)"),
        (lambda i, x: autograd.bucketize(x, i), ShapeError, "bucketize: the boundaries have shape"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(WHOLE), Tensor(X))


def test_a_replay_asks_again():
    def classes(x):
        return autograd.isin(x, autograd.tensor([1, 5])) * x.double().histc(3, 0, 3)

    replayed = autograd.compile(classes)
    for x in (Tensor([1, 2, 3]), Tensor([5, 5, 0])):
        np.testing.assert_array_equal(replayed(x).numpy(), classes(x).numpy())
