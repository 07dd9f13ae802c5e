"""`autograd.testing.assert_close` accepts and refuses what PyTorch's does.

What it says of each pair is written beside it, since its module takes seconds to load.
"""

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.testing import assert_close

NAN, INF = float("nan"), float("inf")

PAIRS = {  # what: (PyTorch's exception, actual, expected, arguments), of a function that makes tensors
    "equal": lambda a: (None, a([1.0, 2.0]), a([1.0, 2.0]), {}),
    "within float32": lambda a: (None, a([1.0, 2.0]), a([1.0, 2.000012]), {}),
    "beyond float32": lambda a: (AssertionError, a([1.0, 2.0]), a([1.0, 2.00002]), {}),
    "within float64": lambda a: (None, a([1e3], "float64"), a([1e3 + 9e-5], "float64"), {}),
    "beyond float64": lambda a: (AssertionError, a([1e3], "float64"), a([1e3 + 2e-4], "float64"), {}),
    "within float16": lambda a: (None, a([1.0], "float16"), a([1.001], "float16"), {}),
    "whole numbers": lambda a: (AssertionError, a([1, 2]), a([1, 3]), {}),
    "whole numbers within": lambda a: (None, a([1, 2]), a([1, 3]), {"rtol": 0, "atol": 1}),
    "large whole numbers": lambda a: (AssertionError, a([2**60]), a([2**60 + 1]), {}),
    "truth values": lambda a: (AssertionError, a([True]), a([False]), {}),
    "tolerances": lambda a: (None, a([1.0]), a([1.5]), {"rtol": 0.0, "atol": 0.6}),
    "relative to the expected": lambda a: (AssertionError, a([2.0]), a([1.0]), {"rtol": 0.6, "atol": 0.0}),
    "dtypes": lambda a: (AssertionError, a([1.0]), a([1.0], "float64"), {}),
    "dtypes unchecked": lambda a: (None, a([1.0]), a([1.0 + 3e-7], "float64"), {"check_dtype": False}),
    "an integer and a float": lambda a: (None, a([1]), a([1.0]), {"check_dtype": False}),
    "shapes": lambda a: (AssertionError, a([1.0]), a([[1.0]]), {}),
    "strides": lambda a: (
        AssertionError,
        a([[1.0, 2.0], [2.0, 1.0]]),
        a([[1.0, 2.0], [2.0, 1.0]]).T,
        {"check_stride": True},
    ),
    "strides unchecked": lambda a: (None, a([[1.0, 2.0], [2.0, 1.0]]), a([[1.0, 2.0], [2.0, 1.0]]).T, {}),
    "NaN": lambda a: (AssertionError, a([NAN]), a([NAN]), {}),
    "equal NaN": lambda a: (None, a([NAN, 1.0]), a([NAN, 1.0]), {"equal_nan": True}),
    "infinities": lambda a: (None, a([INF, -INF]), a([INF, -INF]), {}),
    "other infinities": lambda a: (AssertionError, a([INF]), a([-INF]), {"rtol": 1.0, "atol": 1.0}),
    "an infinity expected": lambda a: (AssertionError, a([1.0]), a([INF]), {"rtol": 1.0, "atol": 1.0}),
    "nothing": lambda a: (None, a([]), a([]), {}),
    "0-d": lambda a: (AssertionError, a(1.0), a(2.0), {}),
    "lists": lambda a: (None, [a([1.0]), 2], [a([1.0]), 2], {}),
    "lists that differ": lambda a: (AssertionError, [a([1.0]), a([2.0])], (a([1.0]), a([3.0])), {}),
    "lengths": lambda a: (AssertionError, [a([1.0])], [a([1.0]), 2], {}),
    "mappings": lambda a: (None, {"w": a([1.0])}, {"w": a([1.0])}, {}),
    "mappings that differ": lambda a: (AssertionError, {"w": [a([1.0])]}, {"w": [a([2.0])]}, {}),
    "keys": lambda a: (AssertionError, {"w": 1}, {"v": 1}, {}),
    "floats": lambda a: (None, 1.0, 1.0 + 1e-8, {}),
    "floats that differ": lambda a: (AssertionError, 1.0, 1.1, {}),
    "an int and a float": lambda a: (AssertionError, 1, 1.0, {}),
    "an int and a float unchecked": lambda a: (None, 1, 1.0, {"check_dtype": False}),
    "booleans": lambda a: (AssertionError, True, False, {}),
    "None": lambda a: (None, None, None, {}),
    "None and a number": lambda a: (AssertionError, None, 1.0, {}),
    "one tolerance": lambda a: (ValueError, a([1.0]), a([1.0]), {"rtol": 0.1}),
    "a tensor and a number": lambda a: (TypeError, a([1.0]), 1.0, {}),
    "a tensor and a list": lambda a: (TypeError, a([1.0]), [1.0], {}),
    "words": lambda a: (TypeError, object(), object(), {}),
}


def verdict(check, pair):
    actual, expected, arguments = pair
    try:
        check(actual, expected, **arguments)
    except (AssertionError, ValueError, TypeError) as error:
        return error
    return None


@pytest.mark.parametrize("name", PAIRS)
def test_torchs_verdict(name):
    kind, *pair = PAIRS[name](autograd.tensor)
    assert type(verdict(assert_close, pair)) is (kind or type(None))


def test_the_message_says_what_and_where():
    with pytest.raises(AssertionError) as caught:
        assert_close(
            {"w": [Tensor([[1.0, 2.0]]), Tensor([[3.0, NAN]])]}, {"w": [Tensor([[1.0, 2.0]]), Tensor([[5.0, 1]])]}
        )
    assert str(caught.value).splitlines() == [
        "assert_close: Tensor-likes are not close!",
        "",
        "Mismatched elements: 2 / 2 (100.0%)",
        "Greatest absolute difference: nan at index (0, 1) (up to 1e-05 allowed)",
        "Greatest relative difference: nan at index (0, 1) (up to 1.3e-06 allowed)",
        "",
        "The failure occurred for item ['w'][1]",
    ]
    with pytest.raises(
        AssertionError, match=r"are not equal!\n\nExpected 3 but got 1.\nAbsolute difference: 2\nRelative"
    ):
        assert_close(1, 3)
    with pytest.raises(AssertionError, match=r"^assert_close: Scalars are not close!.*but the model says so$"):
        assert_close(1.0, 2.0, msg=lambda said: said.replace("\n", " ") + " but the model says so")


def test_arrays_and_subclasses():
    class Mine(Tensor):
        pass

    assert_close(np.ones(2), np.ones(2))
    assert_close(Mine([1.0]), Tensor([1.0]))
    for wrong in ((np.ones(2), Tensor([1.0, 1.0]), {}), (Mine([1.0]), Tensor([1.0]), {"allow_subclasses": False})):
        assert isinstance(verdict(assert_close, wrong), TypeError)
    assert isinstance(verdict(assert_close, (1.0, 1.0, {"rtol": -1, "atol": 0})), ValueError)
