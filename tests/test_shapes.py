"""Broadcasting, matrix products and rearranged shapes: results, gradients and second derivatives are PyTorch's."""

import numpy as np
import pytest

import autograd
from autograd import Tensor
from tests.comparing import check_against_torch


def arrays(*shapes):
    source = np.random.default_rng(1)
    return [source.uniform(0.5, 2, shape) for shape in shapes]


BROADCAST = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((2, 1), (3,)),
    ((), (2, 3)),
    ((2, 3), ()),
    ((1,), ()),
    ((1, 1), (2, 3)),
    ((4, 1, 3), (2, 1)),
    ((0, 3), (3,)),
    ((2, 0), (2, 1)),
    ((1,), (0,)),
]


@pytest.mark.parametrize("shapes", BROADCAST, ids=str)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "logaddexp"])
def test_broadcasting(name, shapes, torch):
    check_against_torch(torch, getattr(autograd, name), getattr(torch, name), arrays(*shapes))


@pytest.mark.parametrize("shapes", [((2, 3), (3,)), ((), (2, 1))], ids=str)
def test_where_broadcasts_all_three(shapes, torch):
    condition = np.array([[[True]], [[False]]])
    check_against_torch(
        torch,
        lambda x, y: autograd.where(Tensor(condition), x, y),
        lambda x, y: torch.where(torch.tensor(condition), x, y),
        arrays(*shapes),
    )


PRODUCTS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (1, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((4, 2, 3), (5, 1, 3, 2)),
    ((2, 2, 2, 3), (3,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0,), (0,)),
    ((0, 2, 3), (3, 2)),
]


@pytest.mark.parametrize("shapes", PRODUCTS, ids=str)
def test_matmul(shapes, torch):
    check_against_torch(torch, lambda x, y: x @ y, lambda x, y: x @ y, arrays(*shapes))
    assert (Tensor(np.ones(shapes[0])) @ np.ones(shapes[1])).shape == (np.ones(shapes[0]) @ np.ones(shapes[1])).shape
    assert np.shape(np.ones(shapes[0]) @ Tensor(np.ones(shapes[1]))) == np.shape(
        np.ones(shapes[0]) @ np.ones(shapes[1])
    )


def test_named_products(torch):
    check_against_torch(torch, autograd.mm, torch.mm, arrays((2, 3), (3, 4)))
    check_against_torch(torch, autograd.dot, torch.dot, arrays((3,), (3,)))


REARRANGED = {  # name: (shape, the same program for both libraries)
    "reshape": ((2, 6), lambda x: x.reshape(3, 4)),
    "reshape to a tuple": ((2, 6), lambda x: x.reshape((4, -1))),
    "reshape to nothing": ((1, 1), lambda x: x.reshape(())),
    "reshape empty": ((0, 3), lambda x: x.reshape(3, 0)),
    "view": ((2, 6), lambda x: x.view(-1)),
    "flatten": ((2, 3, 4), lambda x: x.flatten()),
    "flatten from 1": ((2, 3, 4), lambda x: x.flatten(1)),
    "flatten up to -2": ((2, 3, 4), lambda x: x.flatten(0, -2)),
    "flatten a number": ((), lambda x: x.flatten()),
    "squeeze": ((1, 3, 1), lambda x: x.squeeze()),
    "squeeze 0": ((1, 3, 1), lambda x: x.squeeze(0)),
    "squeeze what is not 1": ((1, 3, 1), lambda x: x.squeeze(1)),
    "squeeze several": ((1, 3, 1), lambda x: x.squeeze((0, -1))),
    "unsqueeze": ((2, 3), lambda x: x.unsqueeze(1)),
    "unsqueeze -1": ((2, 3), lambda x: x.unsqueeze(-1)),
    "unsqueeze a number": ((), lambda x: x.unsqueeze(0)),
    "permute": ((2, 3, 4), lambda x: x.permute(2, 0, 1)),
    "permute by a tuple": ((2, 3, 4), lambda x: x.permute((-1, 0, 1))),
    "transpose": ((2, 3, 4), lambda x: x.transpose(0, -1)),
    "transpose a number": ((), lambda x: x.transpose(0, -1)),
    "T": ((2, 3), lambda x: x.T),
    "t of a vector": ((3,), lambda x: x.t()),
    "mT": ((4, 2, 3), lambda x: x.mT),
    "expand": ((3, 1), lambda x: x.expand(3, 4)),
    "expand with -1": ((3, 1), lambda x: x.expand(2, -1, 4)),
    "expand a number": ((), lambda x: x.expand(2, 2)),
    "broadcast_to": ((3, 1), lambda x: x.broadcast_to((2, 3, 4))),
    "expand_as": ((3, 1), lambda x: x.expand_as(x * x.T)),
    "flip": ((2, 3), lambda x: x.flip(0, 1)),
    "flip a tuple": ((2, 3), lambda x: x.flip((-1,))),
    "rot90": ((2, 3, 2), lambda x: x.rot90() + 2 * x.rot90(-3)),
    "rot90 backwards": ((2, 3), lambda x: x.rot90(3, (-1, 0))),
    "rot90 twice": ((2, 3, 2), lambda x: x.rot90(2, (1, 2)) * x.rot90(4)),
    "sum_to_size": ((2, 3, 4), lambda x: x.sum_to_size(3, 1) * x.sum_to_size((1, 4))),
    "sum_to_size of nothing to sum": ((2, 3), lambda x: x.sum_to_size(2, 3)),
    "diagflat": ((2, 2), lambda x: x.diagflat(-1)),
    "hsplit": ((2, 4), lambda x: x.hsplit(2)[1] * x[0].hsplit([2])[0]),
    "vsplit": ((4, 2), lambda x: x.vsplit((1, 3))[1]),
    "dsplit": ((1, 2, 4), lambda x: x.dsplit(4)[2]),
    "msort": ((4, 2), lambda x: x.msort()),
    "mode": ((3, 2), lambda x: x.round().mode(0)[0] * x.mode(1, keepdim=True).values),
    "dist": ((3, 2), lambda x: x.dist(x * x, 3) + x.dist(x * x)),
    "renorm": ((3, 2), lambda x: x.renorm(2, 0, 1.5) * x.renorm(3, -1, 2.0)),
    "real": ((3,), lambda x: x.conj() * x.resolve_conj()),
    "tril": ((3, 4), lambda x: x.tril(1)),
    "triu": ((2, 3, 3), lambda x: x.triu(-1)),
    "clone": ((2, 3), lambda x: x.clone()),
    "contiguous": ((2, 3), lambda x: x.T.contiguous()),
    "split": ((7, 2), lambda x: x.split(3)[2] * x.split(3)[0][1:2]),
    "split into sizes": ((2, 7), lambda x: x.split([4, 1, 2], dim=1)[2]),
    "chunk": ((7,), lambda x: x.chunk(3)[0] * x.chunk(3)[1]),
    "chunk from the end": ((2, 6), lambda x: x.chunk(2, -1)[1]),
    "a view of a view": ((2, 3, 4), lambda x: x.transpose(0, 1)[1:].reshape(-1, 4).T),
}


@pytest.mark.parametrize("name", REARRANGED)
def test_rearranging(name, torch):
    shape, program = REARRANGED[name]
    check_against_torch(torch, program, program, arrays(shape))


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_cat_and_stack(dim, torch):
    three = arrays((2, 3), (2, 3), (2, 3))
    check_against_torch(torch, lambda *xs: autograd.cat(xs, dim), lambda *xs: torch.cat(xs, dim), three)
    check_against_torch(torch, lambda *xs: autograd.stack(xs, dim), lambda *xs: torch.stack(xs, dim), three)
    check_against_torch(torch, lambda x: autograd.cat([x, x], dim), lambda x: torch.cat([x, x], dim), three[:1])


def test_cat_of_different_sizes_and_one_empty(torch):
    check_against_torch(torch, lambda *xs: autograd.cat(xs), lambda *xs: torch.cat(xs), arrays((2, 3), (0, 3), (1, 3)))
    check_against_torch(torch, lambda *xs: autograd.stack(xs), lambda *xs: torch.stack(xs), arrays((), ()))


@pytest.mark.parametrize(("size", "chunks"), [(7, 3), (6, 4), (5, 10), (1, 1), (0, 2)])
def test_how_many_parts(size, chunks, torch):
    here, there = Tensor(np.arange(size)), torch.arange(size)
    assert [part.tolist() for part in here.chunk(chunks)] == [part.tolist() for part in there.chunk(chunks)]
    assert [part.tolist() for part in here.split(chunks)] == [part.tolist() for part in there.split(chunks)]


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "cumsum", "softmax", "prod", "max", "argmax"])
def test_numpys_spelling_is_understood(name):
    x = Tensor(arrays((2, 3))[0])
    spelled, named = getattr(x, name)(axis=1), getattr(x, name)(dim=1)
    if name == "max":
        spelled, named = spelled.values, named.values
    np.testing.assert_array_equal(spelled.numpy(), named.numpy())
    with pytest.raises(TypeError, match="dim and axis are the same"):
        getattr(x, name)(axis=1, dim=1)
