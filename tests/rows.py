"""How tests read the table: what each row is called with, and what PyTorch has for it."""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd.rules import RULES

PARAMETERS = {"clip": (-1.0, 1.5), "elu": (1.3,), "leaky_relu": (0.2,)}  # of elementwise rows
ARGUMENTS = {  # which the samples of these structural rows leave open
    "to": {"dtype": np.dtype(np.float64)},
    "where": {"condition": np.array([[True, False, True], [False, True, True]])},
}


class Call(NamedTuple):
    """A row with the operands and the arguments of one of its samples."""

    name: str
    arrays: tuple[Any, ...]
    arguments: tuple[Any, ...]

    def __call__(self, *operands):
        return called(self.name, getattr(autograd, self.name, None), operands, self.arguments)

    def in_torch(self, torch):
        function = counterpart(torch, self.name)
        arguments = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in self.arguments]
        return lambda *operands: called(self.name, function, operands, arguments)


def called(name, function, operands, arguments):
    if name == "cat":
        return function(operands, *arguments)
    if name == "getitem":
        return operands[0][arguments[0]]
    return function(*arguments, *operands) if name == "where" else function(*operands, *arguments)


def counterpart(torch, name):
    """The function of PyTorch with the meaning of row ``name``."""

    def unindex(x, index, shape):  # the adjoint of indexing
        zeros = torch.zeros(shape, dtype=x.dtype)
        return torch.autograd.functional.vjp(lambda z: z[index], zeros, x, create_graph=True)[1]

    def floor_divide(x, y):  # its own has no derivative
        return torch.div(x, y, rounding_mode="floor")

    by_another_name = {
        "unindex": unindex,
        "floor_divide": floor_divide,
        "to": lambda x, dtype: x.to(torch.float64),
        "getitem": None,
    }
    if name in by_another_name:
        return by_another_name[name]
    for place in (torch, torch.nn.functional, torch.special, torch.Tensor):
        if hasattr(place, name):
            return getattr(place, name)
    raise LookupError(f"PyTorch has no {name}; say in tests/rows.py what it calls it")


def points(rule):
    """The combinations of the sampled numbers of an elementwise row."""
    return list(product(*rule.samples))


def parameters(rule):
    """The parameters that an elementwise row is tested with."""
    given = PARAMETERS.get(rule.name, ())
    assert len(given) == len(rule.parameters), f"give {rule.name}'s parameters {rule.parameters} in tests/rows.py"
    return given


def calls_of(rule):
    if rule.elementwise:
        return [Call(rule.name, tuple(np.array(points(rule)).T.copy()), parameters(rule))] if rule.samples else []
    source = np.random.default_rng(0)
    return [
        Call(
            rule.name,
            tuple(source.uniform(-2, 2, shape) for shape in sample.shapes),
            tuple({**sample.arguments, **ARGUMENTS.get(rule.name, {})}.values()),
        )
        for sample in rule.samples
    ]


EVERY_ROW = [pytest.param(rule, id=name) for name, rule in RULES.items()]
ELEMENTWISE = [pytest.param(rule, id=name) for name, rule in RULES.items() if rule.elementwise]
EVERY_CALL = [pytest.param(c, id=f"{c.name}-{k}") for rule in RULES.values() for k, c in enumerate(calls_of(rule))]
EVERY_OPERAND = [
    pytest.param(calls_of(rule)[0], k, id=f"{name}-{k}")
    for name, rule in RULES.items()
    for k in range(len(calls_of(rule)[0].arrays))
]
