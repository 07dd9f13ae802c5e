"""How tests read the table: what each row is called with, and what PyTorch has for it."""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd.compare.counterparts import counterpart
from autograd.nodes import NODES
from autograd.rules import RULES

ARGUMENTS = {  # which the samples of these structural rows leave open
    "hinge_embedding": {"y": np.array([[1, -1, 1], [-1, -1, 1]])},
    "to": {"dtype": np.dtype(np.float64)},
    "where": {"condition": np.array([[True, False, True], [False, True, True]])},
}


class Call(NamedTuple):
    """A row with the operands and the arguments of one of its samples."""

    name: str
    arrays: tuple[Any, ...]
    arguments: tuple[Any, ...]

    def __call__(self, *operands):
        return called(self.name, function_of(self.name), operands, self.arguments)

    def in_torch(self, torch):
        function = counterpart(torch, self.name)
        arguments = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in self.arguments]
        return lambda *operands: called(self.name, function, operands, arguments)


def called(name, function, operands, arguments):
    if name in ("cholesky", "eigh"):  # of a symmetric matrix these read one half: its gradient is that of both
        operands = [(x + x.mT) / 2 for x in operands]
    if name == "cat":
        return function(operands, *arguments)
    if name == "einsum":
        return function(*arguments, *operands)
    if name == "getitem":
        return operands[0][arguments[0]]
    return function(*arguments, *operands) if name == "where" else function(*operands, *arguments)


def function_of(name):
    """The public function of row ``name``; the row itself where it has none, being only the derivative of others, or
    does more than to apply the row. Of vectors, whose signs are free, the magnitudes."""
    if name in ("eigh", "qr", "svd"):
        return lambda *arguments: abs(NODES[name](*arguments))
    if name in ("pinv", "polygamma", "slogdet"):
        return NODES[name]
    return (
        vars(autograd).get(name)
        or getattr(autograd.linalg, name, None)
        or getattr(autograd.Tensor, name, None)
        or NODES[name]
    )


def points(rule):
    """The combinations of the sampled numbers of an elementwise row."""
    return list(product(*rule.samples))


def parameters(rule):
    """The parameters that an elementwise row is tested with."""
    assert len(rule.given) == len(rule.parameters), f"give the row {rule.name} its parameters {rule.parameters}"
    return rule.given


def calls_of(rule):
    if rule.elementwise:
        return [Call(rule.name, tuple(np.array(points(rule)).T.copy()), parameters(rule))] if rule.samples else []
    source = np.random.default_rng(0)
    return [
        Call(
            rule.name,
            tuple(drawn(source, shape, sample.of) for shape in sample.shapes),
            tuple({**sample.arguments, **ARGUMENTS.get(rule.name, {})}.values()),
        )
        for sample in rule.samples
    ]


def drawn(source, shape, of):
    """Numbers for an operand of ``shape``, as `Sample.of` asks for them."""
    x = source.uniform(-2, 2, shape)
    if of == "positive":
        return np.abs(x) + 0.2
    return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1]) if of == "positive definite" else x


EVERY_ROW = [pytest.param(rule, id=name) for name, rule in RULES.items()]
ELEMENTWISE = [pytest.param(rule, id=name) for name, rule in RULES.items() if rule.elementwise]
EVERY_CALL = [pytest.param(c, id=f"{c.name}-{k}") for rule in RULES.values() for k, c in enumerate(calls_of(rule))]
EVERY_OPERAND = [
    pytest.param(calls_of(rule)[0], k, id=f"{name}-{k}")
    for name, rule in RULES.items()
    for k in range(len(calls_of(rule)[0].arrays))
]
