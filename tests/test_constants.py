"""Plain numbers among the operands: they are no nodes, and divide by zero as IEEE says."""

import numpy as np
import pytest

from autograd import Tensor, Value, draw, grad

PROGRAMS = {
    "x / 0": lambda x: x / 0.0,
    "1 / x": lambda x: 1.0 / x,
    "0 / x": lambda x: 0.0 / x,
    "x ** 0": lambda x: x**0,
    "x ** -1": lambda x: x**-1,
    "x ** 0.5": lambda x: x**0.5,
    "0 ** x": lambda x: 0.0**x,
    "2 ** x": lambda x: 2**x,
    "x - 1": lambda x: x - 1,
    "x % 2": lambda x: x % 2,
}
LEAVES = {
    "Value": Value,
    "float32": lambda x: Tensor(x, requires_grad=True, dtype="float32"),
    "float64": lambda x: Tensor(x, requires_grad=True, dtype="float64"),
}


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("kind", LEAVES)
@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("at", [0.0, 1.5])
def test_gradients_beside_plain_numbers_are_torchs(torch, name, kind, create_graph, at):
    there = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    expected = PROGRAMS[name](there)
    expected.backward()
    x = LEAVES[kind](at)
    out = PROGRAMS[name](x)
    (slope,) = grad(out, x, create_graph=create_graph)
    np.testing.assert_allclose([out.item(), slope.item()], [expected.item(), there.grad.item()], rtol=1e-6)
    assert kind == "Value" or slope.dtype == kind
    assert "dx" in str(draw(out)) or "[1]" in str(draw(out)) or "dy" in str(draw(out))
