"""Result dtypes are PyTorch's, for all pairs of dtypes, Python numbers and 0-d tensors."""

import operator

import numpy as np
import pytest

import autograd
from autograd import Tensor

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
OPERATORS = {
    "%": operator.mod,
    "//": operator.floordiv,
    "+": operator.add,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "==": operator.eq,
    "<": operator.lt,
}
NUMBERS = [True, 2, 0.5]
KINDS = ["array and array", "array and 0-d", "0-d and array", "0-d and 0-d"]


def ones(library, dtype, shape, torch):
    if library is torch:
        return torch.ones(shape, dtype=getattr(torch, dtype))
    return Tensor(np.ones(shape, dtype))


def names(tensor):
    return str(tensor.dtype).removeprefix("torch.")


def outcome(compute):
    """The name of the result's dtype, or that there is none."""
    try:
        return names(compute())
    except (RuntimeError, TypeError):
        return "refused"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("symbol", [*OPERATORS, "-", "maximum", "where", "logaddexp"])
def test_pairs(symbol, kind, torch):
    left, right = ((3,) if side == "array" else () for side in kind.split(" and "))
    differing = []
    for first in DTYPES:
        for second in DTYPES:
            found, expected = (
                outcome(
                    lambda library=library, first=first, second=second: applied(
                        library, symbol, ones(library, first, left, torch), ones(library, second, right, torch), torch
                    )
                )
                for library in (autograd, torch)
            )
            refused_by_torch_alone = expected == "refused" and found != "refused"
            if found != expected and not refused_by_torch_alone:
                differing.append(f"{first} {symbol} {second}: {found}, not {expected}")
    assert differing == []


def applied(library, symbol, x, y, torch):
    if symbol in OPERATORS:
        return OPERATORS[symbol](x, y)
    if symbol == "-":
        return x - y
    if symbol == "where":
        condition = np.array([True, False, True])
        return library.where(torch.tensor(condition) if library is torch else condition, x, y)
    return getattr(library, symbol)(x, y)


@pytest.mark.parametrize("shape", [(3,), ()], ids=["array", "0-d"])
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("symbol", [*OPERATORS, "-"])
def test_python_numbers(symbol, number, shape, torch):
    differing = []
    operate = OPERATORS.get(symbol, operator.sub)
    for dtype in DTYPES:
        for swapped in (False, True):
            found, expected = (
                outcome(lambda x=x: operate(number, x) if swapped else operate(x, number))  # noqa: B023
                for x in (ones(autograd, dtype, shape, torch), ones(torch, dtype, shape, torch))
            )
            if found != expected and expected != "refused":
                differing.append(f"{dtype} {symbol} {number}{' swapped' * swapped}: {found}, not {expected}")
    assert differing == []


FUNCTIONS = """abs neg exp sqrt sin sigmoid relu sign floor round square reciprocal tanh erf
    sum prod mean var amax argmax cumsum max logsumexp softmax std"""


@pytest.mark.parametrize("name", FUNCTIONS.split())
def test_functions(name, torch):
    differing = []
    for dtype in DTYPES:
        x, there = ones(autograd, dtype, (3,), torch), ones(torch, dtype, (3,), torch)
        arguments = (0,) if name in ("cumsum", "logsumexp", "softmax") else ()
        found = outcome(lambda x=x, arguments=arguments: getattr(x, name)(*arguments))
        expected = outcome(lambda there=there, arguments=arguments: getattr(there, name)(*arguments))
        if found != expected and expected != "refused":
            differing.append(f"{dtype}: {found}, not {expected}")
    assert differing == []


@pytest.mark.parametrize(
    "data", [1, 1.5, True, [1, 2], [1.5, 2], [True, False], [[]], [], [1, 2.5], [True, 2]], ids=str
)
def test_made_from_python_numbers(data, torch):
    assert names(Tensor(data)) == names(torch.tensor(data))
    assert Tensor(data).tolist() == torch.tensor(data).tolist()


def test_arrays_and_numpy_numbers_keep_their_dtype():
    for dtype in DTYPES:
        assert Tensor(np.ones(3, dtype)).dtype == np.dtype(dtype)
    assert Tensor(np.float64(1.5)).dtype == np.float64
    assert Tensor([np.float64(1.5), np.float64(2)]).dtype == np.float64
    assert (Tensor([1.0]) * np.float64(2)).dtype == np.float32, "a NumPy number counts as a Python number"
    assert (np.float64(2) * Tensor([1.0])).dtype == np.float32


def test_default_dtype():
    try:
        autograd.set_default_dtype("float64")
        assert Tensor(1.5).dtype == Tensor([1, 2]).exp().dtype == autograd.zeros(2).dtype == np.float64
        assert (Tensor([1]) * 0.5).dtype == np.float64
        assert Tensor([1]).dtype == np.int64
    finally:
        autograd.set_default_dtype("float32")
    assert Tensor(1.5).dtype == np.float32


def test_gradients_have_the_dtypes_of_their_leaves():
    narrow = Tensor([1.0, 2.0], requires_grad=True, dtype="float32")
    wide = Tensor([3.0, 4.0], requires_grad=True, dtype="float64")
    product = narrow * wide
    assert product.dtype == np.float64
    product.sum().backward()
    assert (narrow.grad.dtype, wide.grad.dtype) == (np.float32, np.float64)
    assert narrow.grad.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_conversion_passes_the_gradient(dtype):
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x.to(dtype)
    (y * y).sum().backward()
    assert (y.dtype, x.grad.dtype, x.grad.tolist()) == (np.dtype(dtype), np.float32, [2.0, 4.0])


def test_conversion_to_integers_cuts_the_graph():
    x = Tensor([1.7, -1.7], requires_grad=True)
    assert x.long().tolist() == [1, -1]
    assert not x.long().requires_grad
    assert x.bool().tolist() == [True, True]


@pytest.mark.filterwarnings("ignore:torch.asarray")
def test_asarray_shares_or_copies_and_keeps_or_cuts_history(torch):
    for module in (autograd, torch):
        leaf, array = module.ones(2, requires_grad=True), np.ones(2)
        result = leaf * 2
        assert module.asarray(result) is result
        assert module.asarray(result, copy=True).requires_grad
        assert not module.asarray(result, requires_grad=False).requires_grad
        assert module.asarray(np.ones(2), requires_grad=True).is_leaf
        module.asarray(array, copy=True)[0] = 5.0
        assert array[0] == 1
        module.asarray(array, copy=False)[0] = 5.0
        assert array[0] == 5
        for wrong in ((array, module.float32), ([1.0], None), (module.ones(2), module.float64)):
            with pytest.raises((ValueError, TypeError)):
                module.asarray(wrong[0], dtype=wrong[1], copy=False)


def test_conversion_methods():
    x = Tensor([1.7])
    found = [x.half(), x.float(), x.double(), x.int(), x.long(), x.bool(), x.to(Tensor([1])), x.type("int8")]
    assert [str(y.dtype) for y in found] == ["float16", "float32", "float64", "int32", "int64", "bool", "int64", "int8"]
    assert x.to("float32") is x
    assert x.to("cpu") is x
    assert x.to("cpu", autograd.float64).dtype == x.type_as(Tensor([1.0], dtype="float64")).dtype == np.float64


def test_integers_are_not_rounded_through_floats():
    big = 2**62 + 1
    x = Tensor([big])
    assert (x + 0).item() == (x * 1).item() == x.sum().item() == x.clip(0).item() == abs(-x).item() == big
    assert (x.maximum(Tensor([0]))).item() == x.relu().item() == big
    assert (Tensor([3]) ** 2).tolist() == [9]
    assert Tensor([2, 3]).prod().item() == 6


LIMITED = {
    "clip integers by a fraction": ([1, 5], lambda x: x.clip(2, 3.5)),
    "clip integers by integers": ([1, 5], lambda x: x.clip(2, 3)),
    "clip floats by integers": ([1.5, 5.0], lambda x: x.clip(2, 3)),
    "clip floats by a NumPy number": ([1.5, 5.0], lambda x: x.clip(0, np.float64(2))),
}


@pytest.mark.parametrize("name", LIMITED)
def test_parameters_do_not_widen(name, torch):
    data, program = LIMITED[name]
    found, expected = program(Tensor(data)), program(torch.tensor(data))
    assert (names(found), found.tolist()) == (names(expected), expected.tolist())


@pytest.mark.parametrize(("dtype", "number"), [("uint8", 300), ("int8", 1000), ("int8", -129), ("int16", 2**20)])
def test_integers_beyond_the_dtype_wrap_around(dtype, number, torch):
    found = Tensor(np.array([1], dtype)) * number
    assert found.tolist() == (torch.ones(1, dtype=getattr(torch, dtype)) * number).tolist()
    assert names(found) == dtype


@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
def test_numpy_numbers_as_parameters_do_not_widen(name):
    assert getattr(autograd, name)(Tensor([-1.0]), np.float64(0.1)).dtype == np.float32


DIVISIONS = {
    "//": lambda t, x: 7 // x,
    "%": lambda t, x: x.new_full((2,), 7) % x,
    "fmod": lambda t, x: t.fmod(x, 0),
    "div": lambda t, x: t.div(x, x, rounding_mode="trunc"),
    "in place": lambda t, x: x.floor_divide_(x),
}


@pytest.mark.parametrize("name", DIVISIONS)
def test_a_whole_number_divided_by_0_is_refused_as_in_pytorch(name, torch):
    call = DIVISIONS[name]
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        call(torch, torch.tensor([1, 0]))
    with pytest.raises(ZeroDivisionError, match="whole number divided by 0"):
        call(autograd, Tensor([1, 0]))
    assert (Tensor([]).long() // 0).tolist() == []
    assert (Tensor([1.0]) // 0).tolist() == [np.inf]


def test_a_compiled_division_of_whole_numbers_looks_again():
    halves = autograd.compile(lambda x, n: x * (7 // n).float())
    x = Tensor([1.0], requires_grad=True)
    assert halves(x, Tensor([2])).tolist() == [3.0]
    assert halves(x, Tensor([3])).tolist() == [2.0]
    with pytest.raises(ZeroDivisionError):
        halves(x, Tensor([0]))


ALPHAS = {
    "truth values": ([True, False], [True, True], 2),
    "truth values, none of the second": ([True, False], [True, True], 0),
    "whole numbers": ([1, 2], [3, 4], 2),
    "fractions": ([1.0, 2.0], [3, 4], 0.5),
    "a number": ([1, 2], 3, 2),
}


@pytest.mark.parametrize("name", ALPHAS)
def test_the_factor_of_a_sum_does_not_widen(name, torch):
    x, y, alpha = ALPHAS[name]
    found = autograd.add(Tensor(x), y if isinstance(y, int) else Tensor(y), alpha=alpha)
    expected = torch.add(torch.tensor(x), y if isinstance(y, int) else torch.tensor(y), alpha=alpha)
    assert (names(found), found.tolist()) == (names(expected), expected.tolist())


def test_whole_numbers_take_no_fraction_as_the_factor_of_a_sum(torch):
    for module in (autograd, torch):
        for function in (module.add, module.sub):
            with pytest.raises(RuntimeError, match="alpha"):
                function(module.tensor([1]), module.tensor([1]), alpha=1.5)


@pytest.mark.parametrize("dtype", ["int32", "float64", "int16", "uint8"])
def test_the_same_bytes_as_another_dtype(dtype, torch):
    array = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    x = Tensor(array, requires_grad=True)
    found = x.view(getattr(autograd, dtype))
    expected = torch.tensor(array).view(getattr(torch, dtype)).numpy()
    np.testing.assert_array_equal(found.numpy().view(np.uint8), expected.view(np.uint8))
    assert (names(found), found.shape, found.requires_grad) == (dtype, expected.shape, False)
    found.zero_()
    assert x.tolist() == np.zeros((3, 4)).tolist()


def test_a_change_of_bytes_seen_otherwise_is_noticed():
    w, x = Tensor([2.0], requires_grad=True), Tensor([1.0])
    loss = (w * x).sum()
    x.view(autograd.int32).zero_()
    with pytest.raises(autograd.GraphError, match="changed in place"):
        loss.backward()


def test_bytes_that_do_not_follow_each_other_are_no_other_numbers():
    for x, dtype in ((Tensor(1.0), "int8"), (Tensor([1.0] * 3), "float64"), (Tensor([[1.0] * 3] * 2).T, "int16")):
        with pytest.raises(autograd.ShapeError, match="must follow each other"):
            x.view(getattr(autograd, dtype))
    with pytest.raises(autograd.ArgumentError, match="either sizes or a dtype"):
        Tensor([1.0]).view(1, dtype=autograd.int32)


def test_asarray_copies_if_told_to():
    array = np.zeros(2)
    assert np.shares_memory(autograd.asarray(array).numpy(), array)
    assert not np.shares_memory(autograd.asarray(array, copy=True).numpy(), array)
    with pytest.raises(autograd.ArgumentError, match="copy=False"):
        autograd.asarray(array, dtype=autograd.float32, copy=False)
