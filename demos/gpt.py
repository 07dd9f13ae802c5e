"""A GPT as in nanoGPT, for the demos of language. Shapes: B sequences of T tokens, C channels, V tokens in all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import nn
from autograd import Generator, Tensor, arange, cat, multinomial, no_grad, topk
from nn import functional as F


@dataclass(frozen=True)
class Sizes:
    """How large a GPT is."""

    vocabulary: int
    context: int = 64
    layers: int = 4
    heads: int = 4
    width: int = 128


class CausalSelfAttention(nn.Module):
    """Each token asks (q) all tokens up to itself (k) and takes over what they have to say (v)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.qkv = nn.Linear(sizes.width, 3 * sizes.width)
        self.out = nn.Linear(sizes.width, sizes.width)

    def split(self, x: Tensor) -> Any:
        """Queries, keys and values, each (B, heads, T, C / heads)."""
        B, T, C = x.shape
        return self.qkv(x).view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4).unbind(0)

    def weights(self, x: Tensor) -> Tensor:
        """How much each token takes from which: softmax(q k^T / sqrt(d)) over the past, (B, heads, T, T)."""
        q, k, _ = self.split(x)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        past = arange(x.shape[1]).unsqueeze(1) >= arange(x.shape[1])
        return scores.masked_fill(~past, -math.inf).softmax(dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        q, k, v = self.split(x)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # weights(x) @ v, (B, heads, T, C / heads)
        return self.out(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    """Tokens speak to each other, then each thinks by itself; both add to what is there."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(sizes.width), nn.LayerNorm(sizes.width)
        self.attention = CausalSelfAttention(sizes)
        self.mlp = nn.Sequential(
            nn.Linear(sizes.width, 4 * sizes.width), nn.GELU(), nn.Linear(4 * sizes.width, sizes.width)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """From tokens (B, T) to the logits of each next token (B, T, V)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.tokens = nn.Embedding(sizes.vocabulary, sizes.width)
        self.places = nn.Embedding(sizes.context, sizes.width)
        self.blocks = nn.ModuleList([Block(sizes) for _ in range(sizes.layers)])
        self.norm = nn.LayerNorm(sizes.width)
        self.head = nn.Linear(sizes.width, sizes.vocabulary, bias=False)
        self.head.weight = self.tokens.weight  # tied: a token is written as it is read (Press & Wolf 2017)
        for name, p in self.named_parameters():
            if p.ndim == 2:  # the two projections of a block that add to its input start smaller, as in GPT-2
                adds = name.endswith(("out.weight", "mlp.2.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * sizes.layers) if adds else 0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.tokens(tokens) + self.places(arange(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

    def loss(self, tokens: Tensor) -> Tensor:
        """The mean cross-entropy of each token of (B, T + 1) but the first, given those before it, in nats."""
        logits = self(tokens[:, :-1])
        return F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())

    def generate(
        self,
        tokens: Tensor,
        n: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: Generator | None = None,
    ) -> Tensor:
        """``tokens`` (B, T) and ``n`` more, drawn from softmax(logits / temperature) among the ``top_k`` likeliest."""
        with no_grad():
            for _ in range(n):
                logits = self(tokens[:, -self.sizes.context :])[:, -1] / temperature
                if top_k is not None:
                    least = topk(logits, min(top_k, self.sizes.vocabulary)).values[:, -1:]
                    logits = logits.masked_fill(logits < least, -math.inf)
                drawn = multinomial(logits.softmax(dim=-1), 1, generator=generator)
                tokens = cat([tokens, drawn], dim=1)
        return tokens
