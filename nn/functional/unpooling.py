"""What undoes max pooling, as far as that can be: each largest element back in its place, zeros elsewhere.

>>> from autograd import tensor
>>> x = tensor([[[1.0, 5.0, 2.0, 3.0]]])
>>> max_unpool1d(*max_pool1d(x, 2, return_indices=True), 2)
tensor([[[0., 5., 0., 3.]]])
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, zeros
from autograd.functions.answers import all_within
from nn.functional.arguments import batched, each, named, refuse_bool, spelled
from nn.functional.pooling import max_pool1d, size_and_stride  # noqa: F401  # the first for the example

__all__ = [
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]


def _max_unpool(n: int) -> Callable[..., Any]:
    name = f"max_unpool{n}d"

    def function(
        input: Tensor,
        indices: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        output_size: Any = None,
    ) -> Any:
        refuse_bool(name, input)
        x = batched(name, input, n)
        if indices.dtype != np.int64:
            raise DtypeError(f"{name}: the indices have dtype {indices.dtype}; they are int64, as max_pool{n}d gives")
        if indices.shape != input.shape:
            raise ShapeError(f"{name}: input {input.shape} with indices {indices.shape}; they must have one shape")
        size, stride = size_and_stride(name, n, kernel_size, stride)
        padding = each(name, "padding", padding, n, least=0)
        least = ((m - 1) * s + k - 2 * p for m, s, k, p in zip(x.shape[2:], stride, size, padding, strict=True))
        space = _output_size(name, tuple(least), stride, output_size)
        count, lead = math.prod(space), x.shape[:2]
        if not all_within(0, count - 1, indices.raw):
            wrong = indices.raw[(indices.raw < 0) | (indices.raw >= count)][0]
            raise ShapeError(f"{name}: index {wrong} is out of range: the output {space} has {count} elements")
        flat = zeros(*lead, count, dtype=x.dtype)
        out = flat.scatter(2, indices.reshape(*lead, -1), x.reshape(*lead, -1)) if x.numel() else flat
        return out.reshape(*input.shape[: input.ndim - n], *space)

    space, places, _ = spelled(n)
    function.__doc__ = f"""``(N, C, {space})`` put at ``indices`` into zeros ``(N, C, {places})``: max_pool{n}d undone.

    The indices are those of max_pool{n}d, within the flattened ({places}).
    ``output_size`` says which of the sizes that lead to the input's is meant. Where windows overlapped and an element
    stands in several, the last one stays, and gets the gradient.
    """
    return named(function, name)


def _output_size(name: str, least: tuple[int, ...], stride: tuple[int, ...], output_size: Any) -> tuple[int, ...]:
    n = len(least)
    space = least if output_size is None else tuple(output_size)
    if len(space) == n + 2:
        space = space[2:]
    if len(space) != n:
        raise ShapeError(f"{name}: output_size={output_size} must have {n} sizes, or {n + 2} with batch and channels")
    if min(space) < 1 or any(not m - s < size < m + s for size, m, s in zip(space, least, stride, strict=True)):
        raise ShapeError(
            f"{name}: output_size={output_size}: the sizes {space} must be positive and differ from {least} by less "
            f"than the stride {stride}"
        )
    return space


max_unpool1d, max_unpool2d, max_unpool3d = map(_max_unpool, (1, 2, 3))
