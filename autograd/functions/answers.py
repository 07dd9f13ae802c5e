"""Whole numbers and truth values: no gradient passes, and only `compile` takes note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import graph
from autograd.errors import ShapeError
from autograd.graph import Node
from autograd.rules import DISCRETE

__all__ = ["all_within", "answer", "answer_of_two", "holds", "refuse_recording"]


def answer(name: str, input: Any, *others: Any, parameters: tuple[Any, ...] = ()) -> Any:
    """What the discrete row ``name`` says of a Tensor and other operands: Tensors, arrays and numbers."""
    rule = DISCRETE[name]
    raws = [other.raw if isinstance(other, Node) else other for other in others]
    out = input.wrapped(np.asarray(rule.arrays.value(input.raw, *raws, *parameters)))
    if graph.switched and (tape := graph.tape.get()) is not None:
        operands = (input.wrapped(np.asarray(x)) if isinstance(x, list | tuple | np.ndarray) else x for x in others)
        tape.add_array(out, rule, (input, *operands), parameters)
    return out


def answer_of_two(name: str, input: Any, other: Any) -> Any:
    """`answer` of two operands, which broadcast."""
    try:
        return answer(name, input, other)
    except ValueError:
        raise ShapeError(
            f"{name}: shapes {input.shape} and {getattr(other, 'shape', ())} do not fit; aligned at the right, sizes "
            "must be equal or 1"
        ) from None


def holds(condition: Callable[..., Any], *arrays: Any) -> bool:
    """Whether ``condition`` holds of these arrays, where that decides what is computed, or that it is refused.

    What `compile` has recorded asks again at every call; if the answer is another, that call is recorded anew.
    """
    if graph.switched and (tape := graph.tape.get()) is not None:
        return tape.answer(condition, arrays)
    return bool(condition(*arrays))


def all_within(low: float, high: float, array: Any) -> bool:
    """Whether `holds`: all elements lie from ``low`` to ``high``; NaN does not."""
    return holds(
        lambda x: (
            np.minimum.reduce(x, axis=None, initial=low) >= low
            and np.maximum.reduce(x, axis=None, initial=high) <= high
        ),
        array,
    )


def refuse_recording(name: str, what: str) -> None:
    """Refuse ``name`` within a function that `compile` records: what it gives would be repeated with other numbers."""
    if graph.switched and (tape := graph.tape.get()) is not None:
        raise tape.refusal(f"calls {name}, {what}", "compute with Tensors, as where(x > 0, x, 0), or do it outside")
