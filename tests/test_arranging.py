"""Elements arranged otherwise, repeated, joined and cut: PyTorch's results and gradients; views and refusals."""

import numpy as np
import pytest

import autograd
from autograd import DtypeError, ShapeError, Tensor
from tests.comparing import check_against_torch

CALLS = {  # name: (shape, the same program for both libraries)
    "ravel": ((2, 3), lambda t, x: x.T.ravel()),
    "view_as": ((2, 6), lambda t, x: x.view_as(t.zeros(3, 4))),
    "reshape_as": ((2, 6), lambda t, x: t.Tensor.reshape_as(x, t.zeros(12))),
    "unflatten": ((2, 12), lambda t, x: t.unflatten(x, -1, (3, -1))),
    "unflatten beside an empty dimension": ((6, 0), lambda t, x: x.unflatten(0, (2, -1))),
    "unflatten an empty dimension": ((4, 0), lambda t, x: x.unflatten(1, (2, 0, 0))),
    "swapaxes": ((2, 3, 4), lambda t, x: t.swapaxes(x, axis0=0, axis1=-1)),
    "swapdims": ((2, 3, 4), lambda t, x: x.swapdims(1, 2)),
    "movedim": ((2, 3, 4), lambda t, x: x.movedim(0, -1)),
    "movedim of several": ((2, 3, 4, 5), lambda t, x: t.movedim(x, (0, -1), (2, 0))),
    "moveaxis of a number": ((), lambda t, x: t.moveaxis(x, 0, -1)),
    "H": ((2, 3), lambda t, x: x.H),
    "mH": ((4, 2, 3), lambda t, x: x.mH),
    "adjoint": ((4, 2, 3), lambda t, x: t.adjoint(x)),
    "fliplr": ((2, 3), lambda t, x: t.fliplr(x)),
    "flipud": ((3,), lambda t, x: x.flipud()),
    "roll": ((2, 3), lambda t, x: t.roll(x, 4)),
    "roll along a dimension": ((2, 3), lambda t, x: x.roll(-2, -1)),
    "roll along several": ((2, 3, 4), lambda t, x: x.roll(shifts=(1, -7), dims=(0, 2))),
    "roll along one twice": ((2, 5), lambda t, x: x.roll((1, 2), (1, 1))),
    "roll nothing": ((0, 3), lambda t, x: x.roll(2)),
    "roll a number": ((), lambda t, x: x.roll(2)),
    "broadcast_tensors": ((3, 1), lambda t, x: t.broadcast_tensors(x, x[:2, 0])[1]),
    "tile": ((2, 3), lambda t, x: t.tile(x, (2, 1, 3))),
    "tile the last dimension": ((2, 3), lambda t, x: x.tile(2)),
    "tile a number": ((), lambda t, x: x.tile((2, 2))),
    "repeat": ((2, 3), lambda t, x: x.repeat(2, 1, 3)),
    "repeat never": ((2, 3), lambda t, x: x.repeat((0, 2))),
    "repeat_interleave": ((2, 3), lambda t, x: x.repeat_interleave(2)),
    "repeat_interleave a dimension": ((2, 3), lambda t, x: t.repeat_interleave(x, 3, dim=-1)),
    "repeat_interleave each": ((2, 3), lambda t, x: x.repeat_interleave(t.tensor([2, 0, 1]), 1, output_size=3)),
    "repeat_interleave by a tensor": ((2, 3), lambda t, x: x.repeat_interleave(t.tensor([2]), 0)),
    "meshgrid": ((3,), lambda t, x: t.meshgrid(x, x.flip(0), x[0], indexing="ij")[1]),
    "meshgrid as plots": ((3,), lambda t, x: t.meshgrid([x, x[:2]], indexing="xy")[1]),
    "cartesian_prod": ((3,), lambda t, x: t.cartesian_prod(x, x.flip(0))),
    "cartesian_prod of one": ((3,), lambda t, x: t.cartesian_prod(x)),
    "hstack": ((2, 3), lambda t, x: t.hstack((x, x[:, :1]))),
    "hstack numbers": ((), lambda t, x: t.hstack([x, x * 2])),
    "vstack": ((3,), lambda t, x: t.vstack((x, t.vstack([x, x * 2])))),
    "dstack": ((2, 3), lambda t, x: t.dstack((x, x[:, :, None]))),
    "dstack vectors": ((3,), lambda t, x: t.dstack((x, x))),
    "column_stack": ((3,), lambda t, x: t.column_stack((x, x[:, None], x * 2))),
    "column_stack numbers": ((), lambda t, x: t.column_stack((x, x * 2))),
    "atleast_1d": ((), lambda t, x: t.atleast_1d(x)),
    "atleast_2d": ((3,), lambda t, x: t.atleast_2d(x, x[0])[0]),
    "atleast_3d": ((3,), lambda t, x: t.atleast_3d([x, x[0]])[0]),
    "split_with_sizes": ((2, 7), lambda t, x: t.split_with_sizes(x, (3, 0, 4), 1)[2]),
    "tensor_split": ((7, 2), lambda t, x: x.tensor_split(3)[1]),
    "tensor_split into more than there are": ((2,), lambda t, x: t.cat(t.tensor_split(x, 3))),
    "tensor_split at indices": ((2, 7), lambda t, x: t.tensor_split(x, (2, -1, 9), dim=1)[1]),
    "tensor_split by a tensor": ((7,), lambda t, x: t.tensor_split(x, t.tensor([5, 2]))[2]),
    "unbind": ((2, 3), lambda t, x: x.unbind(1)[2]),
    "select": ((2, 3, 4), lambda t, x: x.select(1, -1)),
    "narrow": ((2, 5), lambda t, x: t.narrow(x, 1, -3, 2)),
    "narrow from a tensor": ((5, 2), lambda t, x: x.narrow(0, t.tensor(1), 3)),
    "diff": ((2, 4), lambda t, x: x.diff()),
    "diff of rows, twice": ((4, 2), lambda t, x: t.diff(x, 2, 0)),
    "diff between": ((2, 3), lambda t, x: t.diff(x, dim=0, prepend=x[:1], append=x[1:])),
    "diff of too few": ((2, 3), lambda t, x: x.diff(5)),
    "diff never": ((2, 3), lambda t, x: x.diff(0, append=x)),
    "diag of a vector": ((3,), lambda t, x: t.diag(x, -1)),
    "diag of a matrix": ((2, 4), lambda t, x: x.diag(diagonal=1)),
    "diagonal": ((2, 3, 4), lambda t, x: x.diagonal(1, -1, 0)),
    "diagonal beyond the matrix": ((2, 3), lambda t, x: t.diagonal(x, offset=5)),
    "diag_embed": ((2, 3), lambda t, x: t.diag_embed(x)),
    "diag_embed elsewhere": ((2, 3), lambda t, x: x.diag_embed(1, 0, 2)),
    "diag_embed upside down": ((2, 3), lambda t, x: x.diag_embed(offset=-1, dim1=-1, dim2=0)),
}


@pytest.mark.parametrize("name", CALLS)
def test_arranging(name, torch):
    shape, program = CALLS[name]
    array = np.random.default_rng(1).uniform(0.5, 2, shape)
    check_against_torch(torch, lambda x: program(autograd, x), lambda x: program(torch, x), [array])


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["int64", "bool", "float32"])
def test_of_every_dtype(name, dtype, torch):
    shape, program = CALLS[name]
    array = np.random.default_rng(1).integers(0, 2, shape).astype(dtype)
    found, expected = program(autograd, Tensor(array)), program(torch, torch.tensor(array))
    np.testing.assert_array_equal(found.numpy(), expected.numpy())
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")


def test_indices_that_repeat(torch):
    counts = [2, 0, 1]
    found = autograd.repeat_interleave(Tensor(counts))
    assert found.tolist() == torch.repeat_interleave(torch.tensor(counts)).tolist()


VIEWS = {
    "diagonal": lambda x: x.diagonal(1),
    "diag": lambda x: x.diag(),
    "narrow": lambda x: x.narrow(1, 1, 2),
    "select": lambda x: x.select(0, -1),
    "unbind": lambda x: x.unbind(1)[0],
    "unbind numbers": lambda x: x[0].unbind()[1],
    "tensor_split": lambda x: x.tensor_split(2)[1],
    "movedim": lambda x: x.movedim(0, 1),
    "unflatten": lambda x: x.unflatten(0, (1, 3)),
}
COPIES = {
    "tile": lambda x: x.tile(1),
    "repeat": lambda x: x.repeat(1, 1),
    "repeat_interleave": lambda x: x.repeat_interleave(1, 0),
    "roll": lambda x: x.roll(0),
    "hstack": lambda x: autograd.hstack([x]),
    "diag_embed": lambda x: x.diag_embed(),
}


@pytest.mark.parametrize("name", [*VIEWS, *COPIES])
def test_who_shares_memory(name):
    x = Tensor(np.ones((3, 3)))
    part = {**VIEWS, **COPIES}[name](x)
    count = part.numel()
    part.zero_()
    assert (x == 0).sum().item() == (count if name in VIEWS else 0)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_changed_under_a_graph_is_noticed(name):
    x = Tensor(np.ones((3, 3)))
    w = Tensor(np.ones((3, 3)), requires_grad=True)
    loss = (w * x).sum()
    VIEWS[name](x).zero_()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


X = Tensor(np.zeros((2, 3)))
REFUSED = [
    (lambda: X.unflatten(1, (2, 2)), ShapeError, r"unflatten: dim 1 of shape \(2, 3\) has size 3"),
    (lambda: X.unflatten(1, (-1, -1)), ShapeError, "unflatten"),
    (lambda: X.movedim((0, 1), (0,)), ShapeError, "movedim"),
    (lambda: X.movedim((0, 0), (0, 1)), ShapeError, "each named once"),
    (lambda: X.movedim(0, 2), IndexError, "movedim: dim 2 is out of range"),
    (lambda: X[None].H, ShapeError, r"\.mH"),
    (lambda: X[0].fliplr(), ShapeError, "fliplr"),
    (lambda: X[0, 0].flipud(), ShapeError, "flipud"),
    (lambda: X.roll((1, 2), 0), ShapeError, "one for each"),
    (lambda: X[0, 0].roll(1, 0), IndexError, "0-d"),
    (lambda: autograd.broadcast_tensors(X, X.T), ShapeError, r"\(2, 3\), \(3, 2\)"),
    (lambda: X.diff(-1), ValueError, "diff: n is -1"),
    (lambda: X[0, 0].diff(), ShapeError, "diff"),
    (lambda: X.repeat(2), ShapeError, "a number for each dimension"),
    (lambda: X.tile(-1), ShapeError, "tile: cannot repeat"),
    (lambda: X.repeat_interleave(-1), ShapeError, "cannot repeat -1 times"),
    (lambda: X.repeat_interleave(Tensor([1, 2]), 1), ShapeError, r"shape \(2,\) for 3 elements"),
    (lambda: X.repeat_interleave(Tensor([1.0])), DtypeError, r"\.long\(\)"),
    (lambda: X.repeat_interleave(2, output_size=5), ShapeError, "there are 12 elements"),
    (lambda: autograd.meshgrid(X), ShapeError, "meshgrid"),
    (lambda: autograd.meshgrid(X[0], X[0].long()), DtypeError, "differ"),
    (lambda: autograd.meshgrid(X[0], indexing="yx"), ValueError, "'ij' or 'xy'"),
    (lambda: autograd.cat([X, 1.0]), TypeError, "cat: takes Tensors, not float"),
    (lambda: autograd.cat([]), ShapeError, "there are none"),
    (lambda: autograd.hstack([X, X.T]), ShapeError, "other sizes must be equal"),
    (lambda: X.split(0), ShapeError, "positive sizes"),
    (lambda: X.split([3, -1]), ShapeError, "positive sizes"),
    (lambda: X.tensor_split(0), ShapeError, "at least 1"),
    (lambda: X.tensor_split(Tensor([1.0])), DtypeError, "int64"),
    (lambda: X[0, 0].unbind(), ShapeError, "0-d"),
    (lambda: X.select(1, 3), IndexError, "index 3 is out of range for size 3"),
    (lambda: X.narrow(1, 2, 2), ShapeError, "do not fit into size 3"),
    (lambda: X.narrow(1, 4, 0), IndexError, "start 4"),
    (lambda: X.narrow(1, Tensor([0]), 1), DtypeError, "one integer"),
    (lambda: X.diagonal(0, 1, -1), ShapeError, "the same dimension"),
    (lambda: X[None].diag(), ShapeError, r"diagonal\(\) or diag_embed\(\)"),
    (lambda: X[0, 0].diag_embed(), ShapeError, "0-d"),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
