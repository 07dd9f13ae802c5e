"""Rows of a table looked up and put together, bag by bag."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, DtypeError, ShapeError, Tensor, where, zeros
from autograd.functions.answers import refuse_recording
from autograd.functions.indexing import as_index
from nn.functional.arguments import refuse_sparse, same_dtype
from nn.functional.linear import embedding

__all__ = ["embedding_bag"]

Array = np.ndarray[Any, Any]


def embedding_bag(
    input: Any,
    weight: Tensor,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sum, mean or max (``mode``) of the rows of ``weight`` ``(rows, width)`` in each bag: ``(bags, width)``.

    ``input`` names the rows: ``(bags, n)``, or all bags one after the other in a vector, with ``offsets``, where each
    begins; with ``include_last_offset`` where the last ends, too. The row ``padding_idx`` does not count, and an empty
    bag is 0. ``per_sample_weights``, of the shape of ``input``, are factors in a sum. The rest is as in `embedding`.
    """
    refuse_recording("embedding_bag", "whose bags may be others at the next call")
    if mode not in ("sum", "mean", "max"):
        raise ArgumentError(f"embedding_bag: mode is {mode!r}; it must be 'sum', 'mean' or 'max'")
    refuse_sparse("embedding_bag", sparse)
    index = np.asarray(as_index(input))
    lengths = _lengths(index, offsets, include_last_offset)
    rows = embedding(index.reshape(-1), weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    bag = np.repeat(np.arange(len(lengths)), lengths)
    if padding_idx is not None:
        counts = np.flatnonzero(index.reshape(-1) != padding_idx % weight.shape[0])
        rows, bag = rows[counts], bag[counts]
        lengths = np.bincount(bag, minlength=len(lengths))
    if per_sample_weights is not None:
        if mode != "sum":
            raise ArgumentError(f"embedding_bag: per_sample_weights are for mode 'sum', not {mode!r}")
        if per_sample_weights.shape != index.shape:
            raise ShapeError(
                f"embedding_bag: per_sample_weights {per_sample_weights.shape} must have the shape of the input, "
                f"{index.shape}"
            )
        same_dtype("embedding_bag", weight=weight, per_sample_weights=per_sample_weights)
        factors = per_sample_weights.reshape(-1, 1)
        rows = rows * (factors if padding_idx is None else factors[counts])
    if mode == "max" and len(bag):
        return _largest(rows, bag, lengths)
    total = zeros(len(lengths), weight.shape[1], dtype=weight.dtype).index_add(0, bag, rows)
    return total if mode == "sum" else total / np.maximum(lengths, 1)[:, None].astype(weight.dtype)


def _lengths(index: Array, offsets: Any, include_last_offset: bool) -> Array:
    """How many rows each bag has."""
    if index.ndim == 2:
        if offsets is not None:
            raise ArgumentError("embedding_bag: offsets are for a vector of indices; each row of a matrix is a bag")
        return np.full(len(index), index.shape[1])
    if index.ndim != 1 or offsets is None:
        raise ShapeError(
            f"embedding_bag: input {index.shape}: give a matrix (bags, n), or a vector and offsets, where bags begin"
        )
    starts = np.asarray(as_index(offsets))
    if starts.dtype.kind not in "iu" or starts.ndim != 1:
        raise DtypeError(f"embedding_bag: offsets {starts.shape} of dtype {starts.dtype} must be a vector of integers")
    ends = starts if include_last_offset else np.append(starts, len(index))
    lengths: Array = np.diff(ends)
    if not ends.size or ends[0] != 0 or ends[-1] != len(index) or (lengths < 0).any():
        raise ShapeError(
            f"embedding_bag: offsets {starts.tolist()!r:.60} for {len(index)} indices: they must begin with 0, rise, "
            + ("and end with the number of indices" if include_last_offset else "and not pass the last index")
        )
    return lengths


def _largest(rows: Tensor, bag: Array, lengths: Array) -> Any:
    """The largest of each bag's rows, element by element, the first of equal ones: ``(bags, width)``."""
    place = np.arange(len(bag)) - (np.cumsum(lengths) - lengths)[bag]  # of each row in its bag
    table, there = np.zeros((len(lengths), lengths.max()), int), np.zeros((len(lengths), lengths.max()), bool)
    table[bag, place], there[bag, place] = np.arange(len(bag)), True
    largest = where(Tensor.of(there[:, :, None]), rows[table], -np.inf).max(1).values
    return where(Tensor.of(lengths[:, None] > 0), largest, 0.0)
