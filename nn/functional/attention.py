"""Attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ArgumentError, DtypeError, ShapeError, Tensor
from autograd.functions.indexing import own_array
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.arguments import same_dtype
from nn.functional.dropout import dropout

__all__ = [
    "scaled_dot_product_attention",
]


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """softmax(query @ key.mT * scale + mask) @ value: the mean of the values, weighted by how the keys fit the query.

    ``query`` is ``(..., L, E)``, ``key`` ``(..., S, E)``, ``value`` ``(..., S, V)``, the result ``(..., L, V)``.
    ``scale`` is 1 / sqrt(E) by default. A boolean mask says which keys a query sees, one of numbers is added; with
    ``is_causal`` query i sees the keys up to i. A query that sees none gives 0. With ``enable_gqa`` each head of key
    and value ``(..., heads, S, E)`` serves several heads of queries.

    Vaswani et al. 2017, arXiv:1706.03762, section 3.2.
    """
    name = "scaled_dot_product_attention"
    same_dtype(name, query=query, key=key, value=value)
    shapes = f"query {query.shape}, key {key.shape}, value {value.shape}"
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise ShapeError(f"{name}: {shapes}: each must be (..., length, width)")
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(f"{name}: {shapes}: query and key must be of one width, key and value of one length")
    if is_causal and attn_mask is not None:
        raise ArgumentError(f"{name}: is_causal=True is a mask; leave out attn_mask, or put both into it")
    if enable_gqa:
        key, value = _repeated(name, key, query), _repeated(name, value, query)
    weights = attention_weights(query, key, attn_mask, is_causal, scale)
    return dropout(weights, dropout_p) @ value


def attention_weights(
    query: Tensor, key: Tensor, attn_mask: Tensor | None = None, is_causal: bool = False, scale: float | None = None
) -> Any:
    """softmax(query @ key.mT * scale + mask), ``(..., L, S)``: what `scaled_dot_product_attention` weighs values by."""
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    scores = query @ key.mT  # (..., L, S)
    seen = np.tri(*scores.shape[-2:], dtype=np.bool_) if is_causal else None
    if attn_mask is not None:
        if attn_mask.dtype == bool:
            seen = own_array(attn_mask.raw)
        elif attn_mask.dtype == query.dtype:
            scores, scale = scores * scale + attn_mask, 1.0
        else:
            raise DtypeError(
                f"scaled_dot_product_attention: attn_mask is {attn_mask.dtype}; it must be bool or the query's "
                f"{query.dtype}"
            )
    if seen is not None and np.broadcast_shapes(scores.shape, seen.shape) != scores.shape:
        scores = scores.expand(np.broadcast_shapes(scores.shape, seen.shape))
    return apply(RULES["masked_softmax"], (scores,), (scores.ndim - 1, seen, scale))


def _repeated(name: str, x: Any, query: Tensor) -> Any:
    """``x`` (..., heads, S, E) with each head repeated, until there are as many as the query has."""
    if min(x.ndim, query.ndim) < 3 or not x.shape[-3] or query.shape[-3] % x.shape[-3]:
        raise ShapeError(
            f"{name}: query {query.shape} with key or value {x.shape}: with enable_gqa both are (..., heads, length, "
            "width), and the query's heads are a multiple of the others'"
        )
    times = query.shape[-3] // x.shape[-3]
    *lead, heads, length, width = x.shape
    return x.unsqueeze(-3).expand(*lead, heads, times, length, width).reshape(*lead, heads * times, length, width)
