"""``out=``: results in tensors that are there, as in PyTorch."""

import numpy as np
import pytest

import autograd
from autograd import DtypeError, GraphError, ShapeError, Tensor

CALLS = {
    "add": lambda t, a, b, out: t.add(a, b, out=out(2)),
    "of no elements": lambda t, a, b, out: t.mul(a, b, out=out(0)),
    "of one operand": lambda t, a, b, out: t.ceil(a, out=out(2)),
    "wider": lambda t, a, b, out: t.sub(a, b, out=out(2, dtype=t.float64)),
    "comparison": lambda t, a, b, out: t.lt(a, b, out=out(2, dtype=t.bool)),
    "comparison in floats": lambda t, a, b, out: t.logical_xor(a > 2, b > 0, out=out(2)),
    "reduction": lambda t, a, b, out: t.sum(a, 0, out=out(())),
    "NumPy's names": lambda t, a, b, out: t.mean(t.outer(a, b), axis=1, out=out(0)),
    "pair": lambda t, a, b, out: t.sort(a, descending=True, out=(out(2), out(0, dtype=t.int64))),
    "pair of a reduction": lambda t, a, b, out: t.max(a, 0, out=(out(()), out((), dtype=t.int64))),
    "matmul": lambda t, a, b, out: t.matmul(t.ones(3, 2), a, out=out(3)),
    "cat": lambda t, a, b, out: t.cat([a, b], out=out(4)),
    "clamp": lambda t, a, b, out: t.clamp(a, 2, 3, out=out(2)),
    "where": lambda t, a, b, out: t.where(a > 2, a, b, out=out(2)),
    "nonzero": lambda t, a, b, out: t.nonzero(a, out=out(0, dtype=t.int64)),
    "zeros": lambda t, a, b, out: t.zeros(2, out=t.tensor([5, 6])),
    "arange": lambda t, a, b, out: t.arange(0, 1, 0.1, out=out(10, dtype=t.float64)),
    "linspace": lambda t, a, b, out: t.linspace(0, 1, 7, out=out(0, dtype=t.float64)),
    "full": lambda t, a, b, out: t.full((2,), 3, out=out(2)),
    "randperm": lambda t, a, b, out: t.randperm(5, out=out(5, dtype=t.int64)).sort()[0],
}


@pytest.mark.parametrize("name", CALLS)
def test_as_in_torch(name, torch):
    found = []
    for t in (autograd, torch):
        made = []

        def out(*size, t=t, made=made, **how):
            made.append(t.zeros(*size, **how))
            return made[-1]

        result = CALLS[name](t, t.tensor([1.0, 5.0]), t.tensor([3.0, 2.0]), out)
        parts = result if isinstance(result, tuple) else (result,)
        if name != "randperm" and made:
            assert all(part is place for part, place in zip(parts, made, strict=True))
        found.append([(part.tolist(), str(part.dtype).removeprefix("torch."), tuple(part.shape)) for part in parts])
    assert found[0] == found[1]


def test_a_part_of_a_tensor_and_the_operand_itself_take_results():
    table, x = autograd.zeros(2, 2), Tensor([1.0, 2.0])
    autograd.add(x, 1, out=table[1])
    assert table.tolist() == [[0.0, 0.0], [2.0, 3.0]]
    autograd.add(x, x.flip(0), out=x)
    assert x.tolist() == [3.0, 3.0]


REFUSED = {
    "another shape": (lambda x, w: autograd.add(x, x, out=autograd.ones(3)), ShapeError, "add: a result of shape"),
    "fractions in whole numbers": (lambda x, w: autograd.exp(x, out=Tensor([1, 2])), DtypeError, "fit into int64"),
    "numbers in truth values": (lambda x, w: autograd.arange(2, out=Tensor([True])), ShapeError, "arange"),
    "no tensor": (lambda x, w: autograd.add(x, x, out=3), DtypeError, "add: out is a Tensor"),
    "one of two": (lambda x, w: autograd.sort(x, out=x), ShapeError, "sort: 2 results and 1 tensors"),
    "the second is too small": (
        lambda x, w: autograd.sort(x, descending=True, out=(x, autograd.ones(1, dtype="int64"))),
        ShapeError,
        "sort: a result",
    ),
    "a recorded operand": (lambda x, w: autograd.mul(x, w, out=x), GraphError, "mul with out"),
    "a recorded place": (lambda x, w: autograd.mul(x, x, out=w), GraphError, "mul with out"),
    "not a Tensor as result": (lambda x, w: autograd.equal(x, x, out=x), DtypeError, "equal"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_nothing_changed(name):
    call, kind, words = REFUSED[name]
    x, w = Tensor([1.0, 2.0]), Tensor([3.0, 4.0], requires_grad=True)
    with pytest.raises(kind, match=words):
        call(x, w)
    assert (x.tolist(), w.tolist()) == ([1.0, 2.0], [3.0, 4.0])


def test_without_recording_a_leaf_takes_the_result():
    w = Tensor([3.0, 4.0], requires_grad=True)
    loss = (w * w).sum()
    with autograd.no_grad():
        autograd.mul(w, 2, out=w)
    assert w.tolist() == [6.0, 8.0]
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()


def test_numpy_asks_the_tensor():
    assert np.sum(Tensor([1.0, 2.0])).item() == 3.0


@pytest.mark.parametrize("size", [2, 0])
def test_refused_in_a_compiled_function(size):
    doubled = autograd.compile(lambda x: autograd.add(x, x, out=autograd.zeros(size)) * x)
    with pytest.raises(GraphError, match="changes a tensor in place"):
        doubled(Tensor([1.0, 2.0]))
