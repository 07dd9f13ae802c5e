"""What a caller may get wrong: the exception, what its message says, and that nothing was changed by it."""

from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd import AnomalyError, DimensionError, DtypeError, GraphError, ShapeError, Tensor, Value, functions
from autograd.errors import EXPLAINED, ExplainedError
from tests.refusals import PYTHONS_OWN, check_refused

REFUSED = {  # what: (the call; v a Value, x (2, 3), w (4, 3), n integers (2,), exception, words of the message)
    "add shapes": (lambda v, x, w, n: x + w, ShapeError, ["add", "(2, 3)", "(4, 3)", "sizes 2 and 4"]),
    "mul by an array": (lambda v, x, w, n: x * np.ones(2), ShapeError, ["mul", "(2, 3)", "(2,)", "sizes 2 and 3"]),
    "array on the left": (lambda v, x, w, n: np.ones(2) - x, ShapeError, ["sub", "(2,)", "(2, 3)"]),
    "compare shapes": (lambda v, x, w, n: x < w, ShapeError, ["less", "(2, 3)", "(4, 3)"]),
    "where shapes": (lambda v, x, w, n: autograd.where(x > 0, x, w), ShapeError, ["where", "(2, 3)", "(4, 3)"]),
    "where condition": (lambda v, x, w, n: autograd.where(x, x, 0.0), DtypeError, ["where", "float32", "x > 0"]),
    "where of plain numbers": (lambda v, x, w, n: autograd.where(np.ones(2, bool), 1.0, 2.0), DtypeError, ["Tensor"]),
    "matmul inner sizes": (lambda v, x, w, n: x @ w, ShapeError, ["matmul: (2, 3) @ (4, 3)", "inner sizes 3 and 4"]),
    "matmul vector": (lambda v, x, w, n: x @ np.ones(2, np.float32), ShapeError, ["matmul: (2, 3) @ (2,)", "3 and 2"]),
    "matmul batches": (
        lambda v, x, w, n: autograd.ones(2, 3, 4) @ autograd.ones(5, 4, 3),
        ShapeError,
        ["matmul", "(2, 3, 4)", "(5, 4, 3)"],
    ),
    "matmul of a number": (lambda v, x, w, n: x @ Tensor(2.0), ShapeError, ["matmul", "0-d", "*"]),
    "matmul dtypes": (lambda v, x, w, n: x.double() @ w.T, DtypeError, ["matmul", "float64", "float32", ".to("]),
    "matmul by a number": (lambda v, x, w, n: x @ 2, DtypeError, ["int", "Tensor"]),
    "mm of a vector": (lambda v, x, w, n: autograd.mm(x, x[0]), ShapeError, ["mm", "(3,)", "matmul"]),
    "dot of matrices": (lambda v, x, w, n: autograd.dot(x, x), ShapeError, ["dot", "(2, 3)", "vectors"]),
    "sum out of range": (lambda v, x, w, n: x.sum(2), DimensionError, ["sum", "dim 2", "[-2, 1]"]),
    "softmax out of range": (lambda v, x, w, n: x.softmax(-3), DimensionError, ["softmax", "dim -3", "[-2, 1]"]),
    "mean dim twice": (lambda v, x, w, n: x.mean((0, -2)), ShapeError, ["mean", "twice", "(0, -2)"]),
    "sum over a word": (lambda v, x, w, n: x.sum("rows"), TypeError, ["sum", "dim"]),
    "sum over a fraction": (lambda v, x, w, n: x.sum(0.5), TypeError, ["sum", "dim must be an integer", "0.5"]),
    "mean of integers": (lambda v, x, w, n: n.mean(), DtypeError, ["mean", "int64", ".float()"]),
    "var of integers": (lambda v, x, w, n: n.var(), DtypeError, ["var", "int64", ".float()"]),
    "softmax of integers": (lambda v, x, w, n: n.softmax(0), DtypeError, ["softmax", "int64", ".float()"]),
    "max of nothing": (lambda v, x, w, n: x[:0].max(), ShapeError, ["max:", "(0, 3)", "no elements"]),
    "argmax of nothing": (lambda v, x, w, n: x[:0].argmax(0), ShapeError, ["argmax", "(0, 3)", "no elements"]),
    "reshape": (lambda v, x, w, n: x.reshape(4, 2), ShapeError, ["reshape", "(2, 3)", "6 elements", "(4, 2)"]),
    "reshape with -1": (lambda v, x, w, n: x.reshape(4, -1), ShapeError, ["reshape", "6 elements", "(4, -1)"]),
    "reshape with two -1": (lambda v, x, w, n: x.reshape(-1, -1), ShapeError, ["reshape", "(-1, -1)"]),
    "reshape with -2": (lambda v, x, w, n: x.reshape(-2, -3), ShapeError, ["reshape", "(-2, -3)"]),
    "reshape to a fraction": (lambda v, x, w, n: x.reshape(1.5, 4), TypeError, ["reshape", "integers", "1.5"]),
    "flatten": (lambda v, x, w, n: x.flatten(1, 0), ShapeError, ["flatten", "start_dim 1", "end_dim 0"]),
    "permute": (lambda v, x, w, n: x.permute(0, 0), ShapeError, ["permute", "(0, 0)", "(2, 3)"]),
    "permute too few": (lambda v, x, w, n: x.permute(0), ShapeError, ["permute", "(0,)", "(2, 3)"]),
    "transpose": (lambda v, x, w, n: x.transpose(0, 2), DimensionError, ["transpose", "dim 2", "[-2, 1]"]),
    "t of a batch": (lambda v, x, w, n: x[None].t(), ShapeError, ["t: shape (1, 2, 3)", "mT"]),
    "mT of a vector": (lambda v, x, w, n: x[0].mT, ShapeError, ["mT", "(3,)", "2 dimensions"]),
    "expand": (lambda v, x, w, n: x.expand(4, 3), ShapeError, ["expand", "(2, 3)", "(4, 3)"]),
    "expand to fewer": (lambda v, x, w, n: x.expand(3), ShapeError, ["expand", "(2, 3)", "(3,)"]),
    "unsqueeze": (lambda v, x, w, n: x.unsqueeze(3), DimensionError, ["unsqueeze", "dim 3"]),
    "flip": (lambda v, x, w, n: x.flip(2), DimensionError, ["flip", "dim 2"]),
    "tril of a vector": (lambda v, x, w, n: x[0].tril(), ShapeError, ["tril", "(3,)"]),
    "cat shapes": (lambda v, x, w, n: autograd.cat([x, w], 1), ShapeError, ["cat", "(2, 3)", "(4, 3)", "dim 1"]),
    "cat of nothing": (lambda v, x, w, n: autograd.cat([]), ShapeError, ["cat", "at least one"]),
    "cat of numbers": (lambda v, x, w, n: autograd.cat([Tensor(1.0)] * 2), ShapeError, ["cat", "0-d", "stack"]),
    "stack shapes": (lambda v, x, w, n: autograd.stack([x, w]), ShapeError, ["stack", "(2, 3)", "(4, 3)"]),
    "stack of nothing": (lambda v, x, w, n: autograd.stack([]), ShapeError, ["stack", "none"]),
    "split sizes": (lambda v, x, w, n: x.split([1, 2]), ShapeError, ["split", "[1, 2]", "add up to 3", "2 of dim 0"]),
    "split by nothing": (lambda v, x, w, n: x.split(0), ShapeError, ["split", "0"]),
    "chunk": (lambda v, x, w, n: x.chunk(0), ShapeError, ["chunk", "at least 1"]),
    "chunk of a number": (lambda v, x, w, n: Tensor(1.0).chunk(2), ShapeError, ["chunk", "0"]),
    "index out of range": (lambda v, x, w, n: x[2], IndexError, ["(2, 3)", "index 2"]),
    "too many indices": (lambda v, x, w, n: x[0, 0, 0], IndexError, ["(2, 3)", "too many"]),
    "index by a fraction": (lambda v, x, w, n: x[0.5], IndexError, ["(2, 3)", "0.5"]),
    "index by float tensor": (lambda v, x, w, n: x[x[0]], IndexError, ["(2, 3)"]),
    "mask of another shape": (lambda v, x, w, n: x[np.ones(3, bool)], IndexError, ["(2, 3)", "boolean"]),
    "assign shapes": (lambda v, x, w, n: w.detach().__setitem__(0, np.ones(2)), ShapeError, ["(2,)", "(4, 3)"]),
    "add_ shapes": (lambda v, x, w, n: n.add_(np.ones((3, 2), int)), ShapeError, ["add_", "(3, 2)", "(2,)"]),
    "add_ dtypes": (lambda v, x, w, n: n.add_(0.5), DtypeError, ["add_", "float32", "int64"]),
    "item": (lambda v, x, w, n: x.item(), ShapeError, ["item", "(2, 3)", "6 numbers", ".tolist()"]),
    "truth": (lambda v, x, w, n: bool(x), ShapeError, ["bool", "(2, 3)", ".any()"]),
    "len": (lambda v, x, w, n: len(Tensor(1.0)), DtypeError, ["len", "0-d", ".item()"]),
    "iter": (lambda v, x, w, n: list(Tensor(1.0)), DtypeError, ["iter", "0-d", ".item()"]),
    "index": (lambda v, x, w, n: [1, 2][Tensor(1.0)], DtypeError, ["index", "float32", "int("]),
    "device": (lambda v, x, w, n: x.to("cuda"), DtypeError, ["device", "'cuda'", "CPU"]),
    "dtype": (lambda v, x, w, n: x.to("float31"), DtypeError, ["'float31'", "float32"]),
    "complex dtype": (lambda v, x, w, n: Tensor([1.0], dtype=complex), DtypeError, ["complex128", "float32"]),
    "ragged": (lambda v, x, w, n: Tensor([[1.0], [1.0, 2.0]]), DtypeError, ["Tensor", "[[1.0], [1.0, 2.0]]"]),
    "strings": (lambda v, x, w, n: Tensor(["a"]), DtypeError, ["supported"]),
    "a string": (lambda v, x, w, n: Tensor("3.0"), DtypeError, ["supported"]),
    "complex": (lambda v, x, w, n: Tensor([1j]), DtypeError, ["complex128", "float32"]),
    "None": (lambda v, x, w, n: Tensor(None), DtypeError, ["Tensor", "None"]),
    "Tensor of Values": (lambda v, x, w, n: Tensor([v]), DtypeError, ["Tensor", "Value"]),
    "Tensor of a Value": (lambda v, x, w, n: Tensor(v), DtypeError, ["Tensor", "Value"]),
    "Value and Tensor": (lambda v, x, w, n: v * x, DtypeError, ["Tensor", "Value", "mix"]),
    "Tensor and Value": (lambda v, x, w, n: x * v, DtypeError, ["Tensor", "Value", "mix"]),
    "array and Value": (lambda v, x, w, n: np.ones(2) * v, DtypeError, ["mul", "(2,)", "Tensor", "for x in array"]),
    "Value and array": (lambda v, x, w, n: v + np.ones(2), DtypeError, ["add", "(2,)", "Tensor"]),
    "Value and list": (lambda v, x, w, n: v * [1.0], DtypeError, ["mul", "list", "Tensor"]),
    "Value and string": (lambda v, x, w, n: v + "1", TypeError, ["Value", "str"]),
    "Value and None": (lambda v, x, w, n: v - None, TypeError, ["Value", "None"]),
    "Value and complex": (lambda v, x, w, n: v * 1j, TypeError, ["Value", "complex"]),
    "Value of a string": (lambda v, x, w, n: Value("3"), DtypeError, ["Value", "'3'", "str"]),
    "Value of an array": (lambda v, x, w, n: Value(np.ones(1)), DtypeError, ["Value", "(1,)", "Tensor"]),
    "Value of a Value": (lambda v, x, w, n: Value(v), DtypeError, ["Value", "history", ".data"]),
    "Value of None": (lambda v, x, w, n: Value(None), DtypeError, ["Value", "None"]),
    "sum of a Value": (lambda v, x, w, n: autograd.sum(v, (0,)), (DtypeError, DimensionError), ["sum"]),
    "Value backward with an array": (lambda v, x, w, n: v.backward(np.ones(2)), DtypeError, ["backward", "(2,)"]),
    "Tensor and string": (lambda v, x, w, n: x + "1", TypeError, ["Tensor", "str"]),
    "Tensor and list": (lambda v, x, w, n: x - [1.0], TypeError, ["Tensor", "list"]),
    "exp of a string": (lambda v, x, w, n: autograd.exp("1"), DtypeError, ["exp", "str", "Tensor"]),
    "exp of an array": (lambda v, x, w, n: autograd.exp(np.ones(2)), DtypeError, ["exp", "ndarray", "Tensor"]),
    "a size for the data": (
        lambda v, x, w, n: Tensor(2.0, 3),
        DtypeError,
        ["Tensor(2.0, 3)", "requires_grad", "zeros"],
    ),
    "backward on many": (lambda v, x, w, n: (x * 2).backward(), GraphError, ["(2, 3)", ".sum()", "upstream"]),
    "upstream shape": (lambda v, x, w, n: (x * 2).backward(np.ones(3)), ShapeError, ["(3,)", "(2, 3)"]),
    "backward without a graph": (
        lambda v, x, w, n: n.sum().backward(),
        GraphError,
        ["requires_grad=True", "no_grad()"],
    ),
    "gradient of integers": (lambda v, x, w, n: n.requires_grad_(), DtypeError, ["int64", ".float()"]),
    "integers with gradient": (
        lambda v, x, w, n: Tensor([1, 2], requires_grad=True),
        DtypeError,
        ["int64", ".float()"],
    ),
    "result without gradient": (lambda v, x, w, n: (x * 2).requires_grad_(False), GraphError, [".detach()"]),
    "retain_grad": (lambda v, x, w, n: n.retain_grad(), GraphError, ["retain_grad", "requires_grad=True"]),
    "grad of another": (
        lambda v, x, w, n: autograd.grad((x * x).sum(), w),
        GraphError,
        ["input 0", "allow_unused=True"],
    ),
    "grad of a constant": (lambda v, x, w, n: autograd.grad(x.sum(), n), GraphError, ["input 0", "requires_grad=True"]),
    "grad of a number": (lambda v, x, w, n: autograd.grad(x.sum(), 3.0), TypeError, ["inputs", "3.0"]),
    "grad of nothing": (lambda v, x, w, n: autograd.grad(x.sum(), []), TypeError, ["inputs", "[]"]),
    "grad upstreams": (lambda v, x, w, n: autograd.grad(x.sum(), x, [None, None]), GraphError, ["1 outputs but 2"]),
    "clip": (lambda v, x, w, n: x.clip(), TypeError, ["min or max"]),
    "gelu": (lambda v, x, w, n: autograd.gelu(x, approximate="sin"), ValueError, ["gelu", "'sin'", "'tanh'"]),
    "arange": (lambda v, x, w, n: autograd.arange(0, 5, -1), ShapeError, ["arange", "-1", "sign"]),
    "zeros": (lambda v, x, w, n: autograd.zeros(2.5), TypeError, ["zeros", "integers", "2.5"]),
    "negative size": (lambda v, x, w, n: autograd.zeros(-1), ShapeError, ["zeros", "-1"]),
    "default dtype": (lambda v, x, w, n: autograd.set_default_dtype("int64"), DtypeError, ["int64", "float32"]),
    "negative integer power": (lambda v, x, w, n: n**-1, (DtypeError, ShapeError), ["pow", ".float()"]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    check_refused(*REFUSED[what])


WORDS = {  # a word that is none of those allowed, an argument out of range or missing
    "div": lambda t, x: x.div(2.0, rounding_mode="up"),
    "clamp": lambda t, x: x.clamp(),
    "gelu": lambda t, x: t.nn.functional.gelu(x, approximate="none at all"),
    "pad": lambda t, x: t.nn.functional.pad(x, (1, 1), mode="mirror"),
    "meshgrid": lambda t, x: t.meshgrid(x[0], indexing="yx"),
    "scatter_reduce": lambda t, x: x.scatter_reduce(0, t.tensor([[0]]), x, "none"),
    "quantile": lambda t, x: x.quantile(0.5, interpolation="none"),
    "eigh": lambda t, x: t.linalg.eigh(x, UPLO="M"),
    "searchsorted": lambda t, x: t.searchsorted(x[0], x[0], side="middle"),
    "bernoulli": lambda t, x: t.bernoulli(x + 5),
    "normal": lambda t, x: t.normal(x, -1.0),
}


@pytest.mark.parametrize("name", WORDS)
def test_words_are_refused_as_torchs_errors_are(name, torch):
    for t in (autograd, torch):
        with pytest.raises(RuntimeError):
            WORDS[name](t, t.tensor([[1.0, 2.0], [3.0, 4.0]]))


def test_exceptions_are_what_programs_for_either_library_catch():
    assert issubclass(ShapeError, ValueError)
    assert issubclass(DtypeError, TypeError)
    assert issubclass(DimensionError, IndexError)
    assert issubclass(AnomalyError, ArithmeticError)
    for kind in (ShapeError, DtypeError, DimensionError, GraphError, AnomalyError):
        assert issubclass(kind, RuntimeError)


def raised_by(function, arguments):
    try:
        function(*arguments)
    except Exception as error:
        return error
    return None


NO_METHODS = {"H", "mH", "mT", "eq", "ge", "gt", "le", "lt", "ne"}  # properties and operators
JUNK = (None, "nonsense", [1.0], {}, 1.5, -7, object(), np.array([object()]), [Tensor([1.0])], (), Value(1.0), True, 1j)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # older NumPys say so of objects in arrays
@pytest.mark.parametrize("name", sorted(functions.FACES))
def test_a_function_given_anything_at_all_names_itself(name):
    """Whatever it is given, a function either computes or explains: Python's own words about attributes never leak."""
    function = getattr(autograd, name)
    matrix = Tensor([[1.0, 2.0, 3.0]])
    calls = [call for a in JUNK for call in ((a,), (a, matrix), (matrix, a), (matrix, a, a))]
    for arguments in (*calls, *pairwise(JUNK)):
        error = raised_by(function, arguments)
        explains = isinstance(error, ExplainedError | None) or any(
            p.match(str(error)) for p in (EXPLAINED, PYTHONS_OWN)
        )
        assert explains, f"{name}{arguments}: {type(error).__name__}: {error}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "name", sorted(functions.METHODS.keys() - {"H", "mH", "mT", *["eq", "ge", "gt", "le", "lt", "ne"]})
)  # operators
def test_a_method_given_anything_at_all_names_itself(name):
    method = getattr(Tensor([[1.0, 2.0, 3.0]]), name)
    for arguments in [call for a in JUNK for call in ((a,), (a, a))]:
        error = raised_by(method, arguments)
        form = EXPLAINED.match(str(error)) or PYTHONS_OWN.match(str(error))
        assert form or isinstance(error, ExplainedError | None), f"{name}{arguments}: {type(error).__name__}: {error}"
