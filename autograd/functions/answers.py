"""Whole numbers and truth values, by the rows that give them: no gradient passes, and only `compile` takes note."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import graph
from autograd.graph import Node
from autograd.rules import DISCRETE

__all__ = ["answer", "refuse_recording"]


def answer(name: str, input: Any, *others: Any, parameters: tuple[Any, ...] = ()) -> Any:
    """What the discrete row ``name`` says of a Tensor and other operands: Tensors, arrays and numbers."""
    rule = DISCRETE[name]
    raws = [other.raw if isinstance(other, Node) else other for other in others]
    out = input.wrapped(np.asarray(rule.arrays.value(input.raw, *raws, *parameters)))
    if graph.switched and (tape := graph.tape.get()) is not None:
        operands = (input.wrapped(np.asarray(x)) if isinstance(x, list | tuple | np.ndarray) else x for x in others)
        tape.add_array(out, rule, (input, *operands), parameters)
    return out


def refuse_recording(name: str, what: str = "whose answer is a plain number, and not part of the graph") -> None:
    """Refuse ``name`` within a function that `compile` records: the answer would be repeated with other numbers."""
    if graph.switched and (tape := graph.tape.get()) is not None:
        raise tape.refusal(f"calls {name}, {what}", "compute with Tensors, as where(x > 0, x, 0), or do it outside")
