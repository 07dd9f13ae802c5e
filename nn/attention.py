"""Attention with several heads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, cat, where, zeros
from nn import functional as F
from nn import init
from nn.functional.attention import attention_weights
from nn.linear import Linear
from nn.module import Module, Parameter

__all__ = [
    "MultiheadAttention",
]


class MultiheadAttention(Module):
    """`F.scaled_dot_product_attention` in ``num_heads`` projections of query, key and value, joined and projected.

    ``in_proj_weight`` ``(3 * embed_dim, embed_dim)`` has the projections of all three, or, where ``kdim`` or ``vdim``
    differs, ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight`` each its own. ``add_bias_kv``: a learned key and
    value are added to those given; ``add_zero_attn``: one of 0.

    Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim={embed_dim} must be a positive multiple of num_heads={num_heads}"
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"MultiheadAttention: dropout={dropout} is a probability; it must lie in [0, 1]")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn

        def made(*size: int) -> Parameter:
            return Parameter(zeros(size, device=device, dtype=dtype))

        one = self.kdim == self.vdim == embed_dim
        self.in_proj_weight = made(3 * embed_dim, embed_dim) if one else None
        self.q_proj_weight = None if one else made(embed_dim, embed_dim)
        self.k_proj_weight = None if one else made(embed_dim, self.kdim)
        self.v_proj_weight = None if one else made(embed_dim, self.vdim)
        self.in_proj_bias = made(3 * embed_dim) if bias else None
        self.bias_k = made(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = made(1, 1, embed_dim) if add_bias_kv else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: Glorot's uniform weights, and biases of 0."""
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        self.out_proj.reset_parameters()
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for added in (self.bias_k, self.bias_v):
            if added is not None:
                init.xavier_normal_(added)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The output ``(L, N, E)``, and the weights ``(N, L, S)`` or, not averaged, ``(N, heads, L, S)``, or None.

        ``query`` is ``(L, N, E)``, ``key`` ``(S, N, kdim)``, ``value`` ``(S, N, vdim)``; N is first with
        ``batch_first``, and may be missing from all. ``attn_mask`` is ``(L, S)`` or ``(N * heads, L, S)``,
        ``key_padding_mask`` ``(N, S)``: True hides, numbers are added. ``is_causal`` promises that ``attn_mask`` hides
        what comes later; that is hidden then. A query that sees no key gives 0 (in PyTorch, NaN with the weights).
        """
        batched, alone = query.ndim == 3, query is key and key is value
        self._check(query, key, value, is_causal, attn_mask)
        if not batched:
            query, key, value = (x.unsqueeze(0) for x in (query, key, value))
            key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
        elif not self.batch_first:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        q, k, v = self._projected(query, key, value, alone)  # (N, L or S, E)
        n, length, added = q.shape[0], k.shape[1], 0
        if self.bias_k is not None and self.bias_v is not None:
            k, v = (cat([x, b.expand(n, 1, self.embed_dim)], 1) for x, b in ((k, self.bias_k), (v, self.bias_v)))
            added += 1
        if self.add_zero_attn:
            k, v = (cat([x, zeros(n, 1, self.embed_dim, dtype=x.dtype)], 1) for x in (k, v))
            added += 1
        heads = [x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2) for x in (q, k, v)]
        mask = self._mask(attn_mask, key_padding_mask, is_causal, q, length, added)
        weights = F.dropout(attention_weights(heads[0], heads[1], mask), self.dropout, self.training)
        out = F.linear((weights @ heads[2]).transpose(1, 2).flatten(2), self.out_proj.weight, self.out_proj.bias)
        shown = (weights.mean(1) if average_attn_weights else weights) if need_weights else None
        if not batched:
            return out.squeeze(0), None if shown is None else shown.squeeze(0)
        return (out if self.batch_first else out.transpose(0, 1)), shown

    def _check(self, query: Tensor, key: Tensor, value: Tensor, is_causal: bool, attn_mask: Tensor | None) -> None:
        shapes = f"MultiheadAttention: query {query.shape}, key {key.shape}, value {value.shape}"
        widths = (self.embed_dim, self.kdim, self.vdim)
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            raise ShapeError(f"{shapes}: all must be of 3 dimensions or, without a batch, of 2")
        if (query.shape[-1], key.shape[-1], value.shape[-1]) != widths:
            raise ShapeError(f"{shapes}: their last sizes must be {widths}, for which it was made")
        batch = 0 if self.batch_first else 1
        if key.shape[:-1] != value.shape[:-1] or (query.ndim == 3 and query.shape[batch] != key.shape[batch]):
            raise ShapeError(f"{shapes}: the batches, and the lengths of key and value, must be the same")
        if is_causal and attn_mask is None:
            raise ValueError("MultiheadAttention: is_causal=True needs an attn_mask, the causal one; give it, too")

    def _projected(self, query: Tensor, key: Tensor, value: Tensor, alone: bool) -> list[Any]:
        e = self.embed_dim
        biases = [None] * 3 if self.in_proj_bias is None else [self.in_proj_bias[i * e : (i + 1) * e] for i in range(3)]
        if self.in_proj_weight is None:
            weights: list[Any] = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        elif alone:
            together = F.linear(query, self.in_proj_weight, self.in_proj_bias)
            return [together[..., i * e : (i + 1) * e] for i in range(3)]
        else:
            weights = [self.in_proj_weight[i * e : (i + 1) * e] for i in range(3)]
        return [F.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True)]

    def _mask(
        self,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool,
        query: Tensor,
        length: int,
        added: int,
    ) -> Any:
        """Both masks as one to be added to the scores, (N, heads, L, S) or what broadcasts to it."""
        n, rows = query.shape[:2]
        total: Any = None
        if attn_mask is not None:
            if attn_mask.shape not in ((rows, length), (n * self.num_heads, rows, length)):
                raise ShapeError(
                    f"MultiheadAttention: attn_mask {attn_mask.shape} must be {(rows, length)} or "
                    f"{(n * self.num_heads, rows, length)}"
                )
            total = _added("attn_mask", attn_mask, query)
            if is_causal:
                total = where(np.tri(rows, length, dtype=bool), total, -math.inf)
            total = total if total.ndim == 2 else total.reshape(n, self.num_heads, rows, length)
        if key_padding_mask is not None:
            if key_padding_mask.shape != (n, length):
                raise ShapeError(f"MultiheadAttention: key_padding_mask {key_padding_mask.shape} must be {(n, length)}")
            padded = _added("key_padding_mask", key_padding_mask, query).reshape(n, 1, 1, length)
            total = padded if total is None else total + padded
        return total if total is None or not added else F.pad(total, (0, added))


def _added(name: str, mask: Tensor, query: Tensor) -> Any:
    """A mask as numbers to be added: -inf where a boolean one hides."""
    if mask.dtype == bool:
        return where(mask, -math.inf, zeros((), dtype=query.dtype))
    if mask.dtype.kind != "f":
        raise DtypeError(f"MultiheadAttention: {name} is {mask.dtype}; it must be bool, or numbers of {query.dtype}")
    return mask.to(query.dtype)
