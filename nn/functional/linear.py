"""Affine maps, and rows of a table looked up."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, no_grad, ones
from autograd.errors import described
from autograd.functions.answers import all_within, answer
from autograd.functions.indexing import as_index
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.arguments import refuse_sparse, same_dtype

__all__ = [
    "bilinear",
    "embedding",
    "linear",
]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """input @ weight.T + bias: ``(..., in)`` with weight ``(out, in)`` and bias ``(out,)`` to ``(..., out)``."""
    if isinstance(input, Tensor) and isinstance(weight, Tensor) and isinstance(bias, Tensor):
        x, w, b = input.raw, weight.raw, bias.raw
        shape = w.shape
        fit = len(shape) == 2 and x.shape[-1:] == shape[1:] and b.shape == shape[:1]
        if fit and x.dtype is w.dtype is b.dtype:
            return apply(RULES["linear"], (input, weight, bias))
    if not isinstance(input, Tensor):
        raise DtypeError(f"linear: input is {described(input)}; it must be a Tensor, as in Tensor(...)")
    if weight.ndim not in (1, 2) or input.ndim < 1 or input.shape[-1] != weight.shape[-1]:
        raise ShapeError(
            f"linear: input {input.shape} with weight {weight.shape}: the weight must be (out, in), in being "
            f"{input.shape[-1] if input.ndim else 'there'}, the input's last size"
        )
    product = input @ weight.T
    return product if bias is None else product + bias


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """input1 @ weight[o] @ input2 + bias[o] for every o: ``(..., in1)`` and ``(..., in2)`` to ``(..., out)``.

    ``weight`` is ``(out, in1, in2)``, ``bias`` ``(out,)``.
    """
    same_dtype("bilinear", input1=input1, input2=input2, weight=weight, bias=bias)
    if (
        weight.ndim != 3
        or not input1.ndim
        or input1.shape[:-1] != input2.shape[:-1]
        or (*input1.shape[-1:], *input2.shape[-1:]) != weight.shape[1:]
    ):
        raise ShapeError(
            f"bilinear: inputs {input1.shape} and {input2.shape} with weight {weight.shape}: they must be (..., in1), "
            "(..., in2) and (out, in1, in2)"
        )
    out, n1, n2 = weight.shape
    rows = input1.reshape(input1.numel() // n1 if n1 else 0, n1)
    halves = (rows @ weight.permute(1, 0, 2).reshape(n1, out * n2)).reshape(rows.shape[0], out, n2)
    product = (halves @ input2.reshape(rows.shape[0], n2, 1)).reshape(*input1.shape[:-1], out)
    return product if bias is None else product + bias


def embedding(
    input: Any,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """The rows of ``weight`` ``(rows, width)`` that the integers ``input`` name: ``(..., width)``.

    The row ``padding_idx`` gets no gradient. Rows that are looked up and longer than ``max_norm`` (in the norm
    ``norm_type``) are first shortened to it, in place. ``scale_grad_by_freq`` divides a row's gradient by how often it
    is looked up.
    """
    refuse_sparse("embedding", sparse)
    index = np.asarray(as_index(input))
    if index.dtype.kind not in "iu" and index.size:
        raise DtypeError(f"embedding: indices of dtype {index.dtype} must be integers; convert with .long()")
    index = index.astype(np.int64, copy=False)
    if weight.ndim != 2:
        raise ShapeError(f"embedding: weight {weight.shape} must be (rows, width)")
    count = weight.shape[0]
    if not all_within(0, count - 1, index):
        wrong = index[(index < 0) | (index >= count)][0]
        raise IndexError(f"embedding: index {wrong} is out of range: the weight {weight.shape} has {count} rows")
    if padding_idx is not None:
        if not -count <= padding_idx < count:
            raise IndexError(f"embedding: padding_idx={padding_idx} is out of range: the weight has {count} rows")
        padding_idx %= count
    if max_norm is not None:
        _shorten(weight, np.unique(index), max_norm, norm_type)
    if padding_idx is None and not scale_grad_by_freq:
        return weight[index]
    share = ones(*index.shape, 1, dtype=weight.dtype)
    if padding_idx is not None:
        share = answer("not_equal", Tensor.of(index).unsqueeze(-1), padding_idx).to(weight.dtype)
    if scale_grad_by_freq:
        share = share / np.bincount(index.ravel(), minlength=count)[index][..., None].astype(weight.dtype)
    return apply(RULES["embedding"], (weight,), (index, share.raw))


def _shorten(weight: Tensor, rows: np.ndarray[Any, Any], max_norm: float, norm_type: float) -> None:
    """Scale those ``rows`` of ``weight`` that are longer than ``max_norm`` down to it."""
    lengths = np.linalg.norm(weight.raw[rows], norm_type, axis=1)
    long = lengths > max_norm
    if long.any():
        scale = (max_norm / (lengths[long] + 1e-7)).astype(weight.dtype)
        with no_grad():
            weight[rows[long]] = weight.raw[rows[long]] * scale[:, None]
