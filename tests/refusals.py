"""How a wrong call is checked: the exception, the words and the form of its message, and that nothing was changed."""

import re

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.errors import EXPLAINED

REMEDY = re.compile(r";|must|use |give|differ|instead|as in|fit|convert|needs|only|not defined")
PYTHONS_OWN = re.compile(r"unsupported operand|\w+\(\) (got|missing|takes)|.*not supported between|.*\.__init__\(\)")


def check_refused(call, kind, words):
    v = Value(2.0)
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    w = Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    n = Tensor([1, 2])
    nodes = {"v": v, "x": x, "w": w, "n": n}
    before = {name: (np.array(node.raw), node.grad, node.requires_grad) for name, node in nodes.items()}
    with pytest.raises(kind) as caught:
        call(**nodes)
    message = str(caught.value)
    missing = [word for word in words if word not in message]
    assert not missing, f"{type(caught.value).__name__}: {message}"
    if not PYTHONS_OWN.match(message):
        assert EXPLAINED.match(message.removeprefix('"')), f"it does not begin with the operation: {message}"
        assert REMEDY.search(message), f"it does not say what to do: {message}"
    for name, node in nodes.items():
        array, gradient, requires_grad = before[name]
        np.testing.assert_array_equal(node.raw, array)
        assert (node.grad, node.requires_grad) == (gradient, requires_grad)
    assert not autograd.graph.switched
