"""Elements taken from places and put there: PyTorch's results and gradients, and what it refuses."""

import numpy as np
import pytest

import autograd
from autograd import Tensor
from tests.comparing import assert_close, check_against_torch, check_first, check_second, loss_of

X = np.random.default_rng(5).uniform(-2, 2, (3, 4))
S = np.random.default_rng(6).uniform(1, 2, (3, 4))
IN_ROWS = np.array([[0, 3], [1, 1], [2, 0]])
DOWN = np.array([[2, 0, 1, 0], [0, 2, 0, 1]])
VECTOR = np.array([2, 0, 2])


def index(t, array):
    return t.tensor(array)


ONE = {
    "gather along rows": lambda t, x: x.gather(1, index(t, IN_ROWS)),
    "gather down": lambda t, x: t.gather(x, 0, index(t, DOWN)),
    "gather a part": lambda t, x: t.gather(x, dim=-1, index=index(t, IN_ROWS[:2])),
    "gather with int32": lambda t, x: t.gather(x, 0, t.tensor(DOWN.astype(np.int32))),
    "gather from a number": lambda t, x: x[0, 0].gather(0, index(t, np.array([0, 0]))),
    "gather one": lambda t, x: x[0].gather(0, index(t, np.array(2))),
    "gather from a transpose": lambda t, x: x.T.gather(1, index(t, np.array([[2, 2]]))),
    "gather nothing": lambda t, x: x.gather(1, index(t, np.zeros((3, 0), int))),
    "scatter a number": lambda t, x: x.scatter(1, index(t, IN_ROWS), 5.0),
    "scatter by keyword": lambda t, x: t.scatter(x, 1, index(t, IN_ROWS[:1]), value=-1.5),
    "scatter nothing": lambda t, x: x.scatter(1, index(t, np.zeros((0, 2), int)), 5.0),
    "index_select": lambda t, x: x.index_select(0, index(t, VECTOR)),
    "index_select columns": lambda t, x: t.index_select(x, dim=-1, index=index(t, VECTOR)),
    "index_select one": lambda t, x: x.index_select(1, index(t, np.array(2))),
    "masked_select": lambda t, x: x.masked_select(x > 0),
    "masked_select broadcasting": lambda t, x: t.masked_select(x, index(t, np.array([True, False, True, True]))),
    "masked_select of a broadcast input": lambda t, x: x[0].masked_select(x > 0),
    "masked_select nothing": lambda t, x: t.masked_select(x, x > 99),
    "take": lambda t, x: x.take(index(t, np.array([[0, -1], [5, 5]]))),
    "take from a transpose": lambda t, x: x.T.take(index(t, np.array([1, 2, -12]))),
    "take_along_dim": lambda t, x: t.take_along_dim(x, index(t, IN_ROWS), 1),
    "take_along_dim broadcasting": lambda t, x: x.take_along_dim(index(t, np.array([[0, -1, 2]])), dim=1),
    "take_along_dim of a broadcast input": lambda t, x: x[:1].take_along_dim(index(t, IN_ROWS), dim=1),
    "take_along_dim flat": lambda t, x: t.take_along_dim(x, index(t, IN_ROWS)),
    "trace": lambda t, x: t.trace(x * x),
    "index_fill": lambda t, x: x.index_fill(1, index(t, np.array([2, 0])), -3.5),
    "index_fill with a tensor": lambda t, x: t.index_fill(x, 0, index(t, np.array(1)), x[2, 3]),
    "index_fill a number": lambda t, x: x[0, 0].index_fill(0, index(t, np.array([0])), 2.0),
}
TWO = {
    "scatter": lambda t, x, y: x.scatter(1, index(t, IN_ROWS[[0, 2]]), y[:2, :2]),
    "scatter down": lambda t, x, y: t.scatter(x, 0, index(t, DOWN[:1]), src=y[:1]),
    "scatter_add": lambda t, x, y: x.scatter_add(0, index(t, DOWN), y[1:]),
    "scatter_add a part": lambda t, x, y: t.scatter_add(x, 1, index(t, IN_ROWS[:, :1]), y[:, :1]),
    "index_add": lambda t, x, y: x.index_add(0, index(t, VECTOR), y),
    "index_add alpha": lambda t, x, y: t.index_add(x, 0, index(t, VECTOR), y, alpha=-2.5),
    "index_add columns": lambda t, x, y: x.index_add(-1, index(t, VECTOR), y[:, :3]),
    "index_copy": lambda t, x, y: t.index_copy(x, 1, index(t, np.array([3, 0])), y[:, :2]),
    "masked_scatter": lambda t, x, y: x.masked_scatter(x > 0, y),
    "masked_scatter broadcasting": lambda t, x, y: t.masked_scatter(x, y[0] > 1.5, y.flip(0)),
    "masked_scatter nowhere": lambda t, x, y: x.masked_scatter(x > 99, y[:0]) + y,
}
TWO |= {
    "index_put": lambda t, x, y: x.index_put((index(t, np.array([0, -1])), index(t, np.array([3, 0]))), y[0, :2]),
    "index_put adding": lambda t, x, y: t.index_put(x, [index(t, VECTOR)], y[0], accumulate=True),
    "index_put by a mask": lambda t, x, y: x.index_put((x > 0,), y[0, 0]),
    "put": lambda t, x, y: t.put(x, index(t, np.array([[0, -1, 7]])), y[:, 0]),
    "put adding": lambda t, x, y: x.T.put(index(t, np.array([2, 2, -12])), y[0, :3], accumulate=True),
    "select_scatter": lambda t, x, y: x.select_scatter(y[:, 1], 1, -2),
    "slice_scatter": lambda t, x, y: t.slice_scatter(x, y[:, :2], 1, 0, 4, 2),
    "slice_scatter to the end": lambda t, x, y: x.slice_scatter(y[:2], start=-2),
    "diagonal_scatter": lambda t, x, y: x.diagonal_scatter(y[0, :2], -1),
    "diagonal_scatter of a batch": lambda t, x, y: t.diagonal_scatter(x.reshape(2, 3, 2), y[:3, :2], 0, 2, -3).sum(1),
    **{
        f"index_reduce {reduce}{' alone' * (not whole)}": (
            lambda t, x, y, reduce=reduce, whole=whole: x.index_reduce(
                1, index(t, VECTOR), y[:, :3], reduce, include_self=whole
            )
        )
        for reduce in ("prod", "mean", "amax", "amin")
        for whole in (True, False)
    },
}
TWO |= {
    f"scatter_reduce {reduce}{' alone' * (not whole)}": (
        lambda t, x, y, reduce=reduce, whole=whole: x.scatter_reduce(
            0, index(t, DOWN), y[1:], reduce=reduce, include_self=whole
        )
    )
    for reduce in ("sum", "prod", "mean", "amax", "amin")
    for whole in (True, False)
}


@pytest.mark.parametrize("name", ONE)
def test_of_one(name, torch):
    check_against_torch(torch, lambda x: ONE[name](autograd, x), lambda x: ONE[name](torch, x), [X])


@pytest.mark.filterwarnings("ignore:index_reduce:UserWarning")
@pytest.mark.parametrize("name", TWO)
def test_of_two(name, torch):
    check_against_torch(torch, lambda x, y: TWO[name](autograd, x, y), lambda x, y: TWO[name](torch, x, y), [X, S])


REDUCED = {  # and sources larger than the index
    "nothing": lambda t, x, y: x.scatter(0, index(t, DOWN[:1]), y),
    "scatter_add": lambda t, x, y: x.scatter_add(0, index(t, DOWN), y),
    "add": lambda t, x, y: x.scatter(0, index(t, DOWN), y, reduce="add"),
    "add a number": lambda t, x, y: x.scatter(0, index(t, DOWN), 2.0, reduce="add"),
    "multiply": lambda t, x, y: x.scatter(0, index(t, DOWN), y, reduce="multiply"),
    "multiply by a number": lambda t, x, y: x.scatter(0, index(t, DOWN), 3.0, reduce="multiply"),
}


@pytest.mark.filterwarnings("ignore:The reduce argument:UserWarning")
@pytest.mark.parametrize("name", REDUCED)
def test_scatter_with_reduce(name, torch):
    """PyTorch has the values, but no derivatives; finite differences have."""
    found = REDUCED[name](autograd, Tensor(X), Tensor(S))
    assert_close(found.numpy(), REDUCED[name](torch, torch.tensor(X), torch.tensor(S)).numpy())
    leaves = [Tensor(X, requires_grad=True), Tensor(S, requires_grad=True)]
    check_first(lambda x, y: loss_of(REDUCED[name](autograd, x, y)), leaves)
    check_second(lambda x, y: loss_of(REDUCED[name](autograd, x, y)), leaves)


def test_where_sources_meet_the_last_one_stays_and_gets_the_gradient():
    leaves = [Tensor(X, requires_grad=True), Tensor(S, requires_grad=True)]

    def program(x, y):
        return loss_of(x.scatter(0, Tensor(DOWN), y))

    check_first(program, leaves)
    check_second(program, leaves)
    source = Tensor([5.0, 7.0], requires_grad=True)
    out = Tensor(np.zeros(3, np.float32)).scatter(0, Tensor([1, 1]), source)
    out.sum().backward()
    assert (out.tolist(), source.grad.tolist()) == ([0.0, 7.0, 0.0], [0.0, 1.0])


def test_dtypes_are_kept(torch):
    for array in (X.astype(np.float32), X.astype(int), X > 0, X.astype(np.float16)):
        for t in (autograd, torch):
            x = t.tensor(array)
            outs = [x.gather(0, index(t, DOWN)), x.scatter(0, index(t, DOWN), 1), x.scatter_add(0, index(t, DOWN), x)]
            outs += [x.take(index(t, VECTOR)), x.index_add(0, index(t, VECTOR), x), x.masked_select(x > 0)]
            assert {str(out.dtype).removeprefix("torch.") for out in outs} == {str(array.dtype)}
    for t in (autograd, torch):
        whole = t.tensor([1, 1]).scatter(0, t.tensor([0, 0]), 5.5)
        assert (whole.tolist(), "int64" in str(whole.dtype)) == ([5, 1], True)


def test_an_index_that_changes_later_does_not_matter():
    places = np.array([[0, 1, 2, 0]])
    x = Tensor(X, requires_grad=True)
    outs = x.gather(0, places), x.scatter(0, places, 0.0), x.take(places)
    places[:] = 1
    for out, expected in zip(outs, ([1, 1, 1, 1], [0, 1, 1, 0], [2, 1, 1, 0]), strict=True):
        x.grad = None
        out.sum().backward()
        assert x.grad.tolist()[0] == expected or expected[0] == 1


REFUSED = {
    "a negative place": (lambda x, y: x.gather(0, Tensor([[-1]])), "index -1 is out of range for dim 0 of size 3"),
    "a place too far": (lambda x, y: x.scatter(1, Tensor([[4]]), 1.0), r"index 4 .* must be in \[0, 3\]"),
    "sparse gradients": (lambda x, y: x.gather(0, Tensor(DOWN), sparse_grad=True), "gradients are dense here"),
    "values of another dtype": (lambda x, y: x.index_put((Tensor([0]),), y.float()), "the source float32"),
    "an index by slices": (lambda x, y: x.index_put((slice(1),), y), "index_put: needs a Tensor, not a slice"),
    "values that do not fit": (lambda x, y: x.index_put((Tensor([0]),), y[:, 0]), r"places of shape \(1, 4\)"),
    "too few values to put": (lambda x, y: x.put(Tensor([0, 1]), y[0, :1]), "1 elements for 2 places"),
    "a part of another shape": (lambda x, y: x.select_scatter(y, 0, 0), r"the part of the input \(4,\)"),
    "a diagonal of another shape": (lambda x, y: x.diagonal_scatter(y[0]), "diagonal_scatter: src has shape"),
    "a float index": (lambda x, y: x.gather(0, Tensor([[0.0]])), "index has dtype float32"),
    "too few dimensions": (lambda x, y: x.gather(0, Tensor([0])), "as many dimensions"),
    "a larger index": (lambda x, y: x.gather(0, Tensor([[0] * 5])), "larger in that one alone"),
    "a smaller source": (lambda x, y: x.scatter_add(0, Tensor(DOWN), y[:1]), "each at least as large"),
    "another dtype": (lambda x, y: x.scatter_add(0, Tensor(DOWN), y.float()), "the source float32"),
    "no source": (lambda x, y: x.scatter(0, Tensor(DOWN)), "either src or value"),
    "an unknown reduce": (lambda x, y: x.scatter(0, Tensor(DOWN), y, reduce="mean"), "'add' or 'multiply'"),
    "index_select beyond": (lambda x, y: x.index_select(0, Tensor([3])), "index 3 is out of range"),
    "index_select by a matrix": (lambda x, y: x.index_select(0, Tensor([[0]])), "must be a vector"),
    "index_add of a wrong shape": (lambda x, y: x.index_add(0, Tensor([0]), y), r"must have the shape \(1, 4\)"),
    "masked_select by integers": (lambda x, y: x.masked_select(Tensor([1, 0, 1, 0])), "not bool"),
    "masked_select of a wrong shape": (lambda x, y: x.masked_select(Tensor([True, False])), "do not fit"),
    "take beyond": (lambda x, y: x.take(Tensor([12])), r"must be in \[-12, 11\]"),
    "take from nothing": (lambda x, y: x[:0].take(Tensor([0])), "nothing to choose from"),
    "take_along_dim of a vector": (lambda x, y: x.take_along_dim(Tensor([0]), 1), "as many dimensions"),
    "index_fill with a vector": (lambda x, y: x.index_fill(0, Tensor([0]), y[0]), "value has shape"),
    "index_copy of a wrong shape": (lambda x, y: x.index_copy(0, Tensor([0]), y), r"must have the shape \(1, 4\)"),
    "masked_scatter by integers": (lambda x, y: x.masked_scatter(Tensor([1, 0, 1, 0]), y), "not bool"),
    "masked_scatter from too few": (lambda x, y: x.masked_scatter(x < 9, y[0]), r"true 12 times, .* has 4 elements"),
    "scatter_reduce of truth values": (
        lambda x, y: (x > 0).scatter_reduce(0, Tensor(DOWN), y > 0, "amax"),
        "scatter_reduce: not defined for booleans",
    ),
    "scatter_reduce unknown": (lambda x, y: x.scatter_reduce(0, Tensor(DOWN), y, "max"), "one of sum, prod, mean"),
    "the trace of a vector": (lambda x, y: x[0].trace(), "needs a matrix"),
}


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("dtype", ["int64", "uint8", "float64"])
def test_scatter_reduce_of_ties_and_whole_numbers(dtype, reduce, include_self, torch):
    x, y = (np.array(rows).astype(dtype) for rows in ([[7, 1, 7], [2, 5, 0]], [[7, 7, 3], [2, 2, 9], [7, 1, 1]]))
    x = x if include_self else x + x.dtype.type(40)  # PyTorch shares with it too where it happens to be the extreme
    places = np.array([[0, 0, 2], [0, 0, 2]])
    floats = dtype == "float64"
    here, there = ([make(a, requires_grad=floats) for a in (x, y)] for make in (Tensor, torch.tensor))
    found = here[0].scatter_reduce(1, Tensor(places), here[1][:2], reduce, include_self=include_self)
    expected = there[0].scatter_reduce(1, torch.tensor(places), there[1][:2], reduce, include_self=include_self)
    assert_close(found.numpy(), expected.detach().numpy())
    assert found.dtype == x.dtype
    if floats:
        found.sum().backward()
        expected.sum().backward()
        for ours, theirs in zip(here, there, strict=True):
            assert_close(ours.grad.numpy(), theirs.grad.numpy())


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, words = REFUSED[name]
    with pytest.raises((RuntimeError, TypeError, ValueError), match=words):
        call(Tensor(X), Tensor(S))


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.int16])
def test_the_adjoint_of_an_index_adds_up_repeated_rows(dtype):
    rows = np.random.default_rng(7).integers(0, 5, (6, 3)).astype(dtype)
    table = Tensor(np.zeros((5, 300, 2)), requires_grad=True)
    upstream = np.random.default_rng(8).normal(size=(6, 3, 300, 2))
    table[rows].backward(upstream)
    expected = np.zeros((5, 300, 2))
    np.add.at(expected, rows, upstream)
    np.testing.assert_array_equal(table.grad.numpy(), expected)
    table.grad = None
    table[rows.astype(int) - 5].backward(upstream)
    np.testing.assert_array_equal(table.grad.numpy(), expected)
