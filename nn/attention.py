"""Attention with several heads."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, zeros
from nn import init
from nn.functional.multihead import Heads
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
        separate = self.q_proj_weight, self.k_proj_weight, self.v_proj_weight
        heads = Heads(
            type(self).__name__,
            self.num_heads,
            separate if self.in_proj_weight is None else self.in_proj_weight,
            *(self.in_proj_bias, self.bias_k, self.bias_v, self.add_zero_attn),
            self.dropout if self.training else 0.0,
            *(self.out_proj.weight, self.out_proj.bias),
        )
        masks = attn_mask, key_padding_mask, is_causal
        average = average_attn_weights if need_weights else None
        return heads.attended(query, key, value, 0 if self.batch_first else 1, masks, average)
