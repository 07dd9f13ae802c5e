"""Formulas of several operations, on large arrays: block after block.

NumPy makes an array for each operation. Those of a whole formula on a large array pass through the main memory one
after the other; those of a block stay in the processor's cache, and are the same few pieces of memory every time.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Function = Callable[..., Any]

BLOCK = 1 << 19  # bytes; in arrays from half of that on, NumPy goes on in the memory of an operand that nobody else has


def operations(text: str, names: Mapping[str, Any]) -> int:
    """How many arrays the formula ``text`` makes; a function that is not NumPy's own makes several."""
    count = 0
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare):
            count += 1
        elif isinstance(node, ast.Call):
            word = node.func.id if isinstance(node.func, ast.Name) else ""
            count += 1 if isinstance(names.get(word), np.ufunc) else 3
    return count


def in_blocks(function: Function) -> Function:
    """``function``, which computes element by element, for large arrays called with a block of each at a time."""

    def blocked(*arguments: Any) -> Any:
        like = arguments[0]
        if getattr(like, "nbytes", 0) < 3 * BLOCK:
            return function(*arguments)
        flat = _flat(arguments)
        if flat is None:
            return function(*arguments)
        n, step = like.size, BLOCK // like.itemsize
        out, lines = None, np.empty(0)
        for start in range(0, n, step):
            part = function(*[a[start : start + step] if a.__class__ is np.ndarray else a for a in flat])
            if out is None:
                out = np.empty_like(like, part.dtype)
                lines = out.ravel("K")
            lines[start : start + step] = part
        return out

    return blocked


def _flat(arguments: tuple[Any, ...]) -> list[Any] | None:
    """The arguments with their arrays as lines, in the order of memory; None unless all are laid out alike."""
    like = arguments[0]
    flat = []
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            if argument.shape != like.shape or argument.strides != like.strides:
                return None
            argument = argument.ravel("K")
            if argument.base is None:  # a copy: there are gaps
                return None
        elif np.ndim(argument):
            return None
        flat.append(argument)
    return flat
