"""Attention with several heads, projections included; `nn.MultiheadAttention` is this with parameters of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, cat, where, zeros
from nn.functional.attention import attention_weights
from nn.functional.dropout import dropout
from nn.functional.linear import linear
from nn.functional.padding import pad

__all__ = [
    "multi_head_attention_forward",
]


class Heads(NamedTuple):
    """What queries, keys and values ``(N, L or S, width)`` are projected with, and how they are attended to.

    ``weights`` is one ``(3 * E, E)`` for all three, or three, ``(E, width)`` each.
    """

    name: str  # of the caller, for messages
    num_heads: int
    weights: Tensor | Sequence[Any]
    bias: Tensor | None  # (3 * E,)
    bias_k: Tensor | None  # (1, 1, E), a key and a value that are added
    bias_v: Tensor | None
    add_zero_attn: bool
    dropout_p: float  # of the attention weights
    out_weight: Tensor
    out_bias: Tensor | None

    def attended(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        batch: int,
        masks: tuple[Tensor | None, Tensor | None, bool],
        average: bool | None,
    ) -> tuple[Any, Any]:
        """The output and the weights, as `multi_head_attention_forward` gives them; ``batch`` is N's dimension.

        ``masks``: attn_mask, key_padding_mask and is_causal; ``average`` the weights, or, None, give none.
        """
        batched, alone = query.ndim == 3, query is key and key is value
        attn_mask, padding, is_causal = masks
        self._check(query, key, value, batch, is_causal and attn_mask is None)
        if not batched:
            query, key, value = (x.unsqueeze(0) for x in (query, key, value))
            padding = None if padding is None else padding.unsqueeze(0)
        elif batch == 1:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        q, k, v = self._projected(query, key, value, alone)  # (N, L or S, E)
        (n, _, e), length, added = q.shape, k.shape[1], 0
        if self.bias_k is not None and self.bias_v is not None:
            k, v = (cat([x, b.expand(n, 1, e)], 1) for x, b in ((k, self.bias_k), (v, self.bias_v)))
            added += 1
        if self.add_zero_attn:
            k, v = (cat([x, zeros(n, 1, e, dtype=x.dtype)], 1) for x in (k, v))
            added += 1
        heads = [x.unflatten(-1, (self.num_heads, e // self.num_heads)).transpose(1, 2) for x in (q, k, v)]
        mask = self._mask(attn_mask, padding, is_causal, q, length, added)
        weights = dropout(attention_weights(heads[0], heads[1], mask), self.dropout_p)
        out = linear((weights @ heads[2]).transpose(1, 2).flatten(2), self.out_weight, self.out_bias)
        shown = None if average is None else weights.mean(1) if average else weights
        if not batched:
            return out.squeeze(0), None if shown is None else shown.squeeze(0)
        return (out.transpose(0, 1) if batch == 1 else out), shown

    def _check(self, query: Tensor, key: Tensor, value: Tensor, batch: int, unmasked: bool) -> None:
        shapes = f"{self.name}: query {query.shape}, key {key.shape}, value {value.shape}"
        if isinstance(self.weights, Tensor):
            widths = (self.weights.shape[-1],) * 3
        else:
            widths = tuple(weight.shape[-1] for weight in self.weights)
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            raise ShapeError(f"{shapes}: all must be of 3 dimensions or, without a batch, of 2")
        if (query.shape[-1], key.shape[-1], value.shape[-1]) != widths:
            raise ShapeError(f"{shapes}: their last sizes must be {widths}, those of the projections")
        if key.shape[:-1] != value.shape[:-1] or (query.ndim == 3 and query.shape[batch] != key.shape[batch]):
            raise ShapeError(f"{shapes}: the batches, and the lengths of key and value, must be the same")
        if unmasked:
            raise ValueError(f"{self.name}: is_causal=True needs an attn_mask, the causal one; give it, too")

    def _projected(self, query: Tensor, key: Tensor, value: Tensor, alone: bool) -> list[Any]:
        e = self.out_weight.shape[-1]
        parts = [slice(i * e, (i + 1) * e) for i in range(3)]
        weights: Any = self.weights
        if isinstance(weights, Tensor) and alone:
            together = linear(query, weights, self.bias)
            return [together[..., part] for part in parts]
        if isinstance(weights, Tensor):
            weights = [weights[part] for part in parts]
        biases = [None if self.bias is None else self.bias[part] for part in parts]
        return [linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True)]

    def _mask(
        self, attn_mask: Any, padding: Tensor | None, is_causal: bool, query: Tensor, length: int, added: int
    ) -> Any:
        """Both masks as one to be added to the scores, (N, heads, L, S) or what broadcasts to it."""
        n, rows = query.shape[:2]
        total: Any = None
        if attn_mask is not None:
            wanted = (rows, length), (n * self.num_heads, rows, length)
            if attn_mask.shape not in wanted:
                raise ShapeError(f"{self.name}: attn_mask {attn_mask.shape} must be {wanted[0]} or {wanted[1]}")
            total = self._added("attn_mask", attn_mask, query)
            if is_causal:
                total = where(np.tri(rows, length, dtype=bool), total, -math.inf)
            total = total if total.ndim == 2 else total.reshape(n, self.num_heads, rows, length)
        if padding is not None:
            if padding.shape != (n, length):
                raise ShapeError(f"{self.name}: key_padding_mask {padding.shape} must be {(n, length)}")
            padded = self._added("key_padding_mask", padding, query).reshape(n, 1, 1, length)
            total = padded if total is None else total + padded
        return total if total is None or not added else pad(total, (0, added))

    def _added(self, what: str, mask: Tensor, query: Tensor) -> Any:
        """A mask as numbers to be added: -inf where a boolean one hides."""
        if mask.dtype == bool:
            return where(mask, -math.inf, zeros((), dtype=query.dtype))
        if mask.dtype.kind != "f":
            raise DtypeError(f"{self.name}: {what} is {mask.dtype}; it must be bool, or numbers of {query.dtype}")
        return mask.to(query.dtype)


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:
    """`nn.MultiheadAttention` with the parameters given: the output ``(L, N, E)``, and the weights ``(N, L, S)`` or,
    not averaged, ``(N, heads, L, S)``, or None.

    ``query`` is ``(L, N, E)``, ``key`` and ``value`` are ``(S, N, width)``; N may be missing from all. With
    ``use_separate_proj_weight`` the three ``*_proj_weight`` stand for ``in_proj_weight``; the biases are together.
    """
    name = "multi_head_attention_forward"
    if static_k is not None or static_v is not None:
        raise ValueError(f"{name}: static_k and static_v are not possible here; give key and value, to be projected")
    if query.shape[-1] != embed_dim_to_check or num_heads < 1 or embed_dim_to_check % num_heads:
        raise ShapeError(
            f"{name}: query {query.shape} must be of the width embed_dim_to_check={embed_dim_to_check}, a positive "
            f"multiple of num_heads={num_heads}"
        )
    weights: Any = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight
    if weights is None or (use_separate_proj_weight and any(weight is None for weight in weights)):
        which = "q_proj_weight, k_proj_weight and v_proj_weight" if use_separate_proj_weight else "in_proj_weight"
        raise ValueError(f"{name}: needs {which} with use_separate_proj_weight={use_separate_proj_weight}")
    p = dropout_p if training else 0.0
    out = out_proj_weight, out_proj_bias
    heads = Heads(name, num_heads, weights, in_proj_bias, bias_k, bias_v, add_zero_attn, p, *out)
    masks = attn_mask, key_padding_mask, is_causal
    return heads.attended(query, key, value, 1, masks, average_attn_weights if need_weights else None)
