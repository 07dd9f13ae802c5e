"""Affine and bilinear layers, and rows of a table looked up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, no_grad, zeros
from nn import functional as F
from nn import init
from nn.functional.arguments import refuse_sparse
from nn.functional.linear import linear
from nn.module import Module, Parameter

__all__ = [
    "Bilinear",
    "Embedding",
    "EmbeddingBag",
    "Identity",
    "Linear",
]


class Linear(Module):
    """x @ weight.T + bias: ``(..., in_features)`` to ``(..., out_features)``.

    ``weight`` is ``(out_features, in_features)``; both start uniform within 1 / sqrt(in_features).
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Linear({in_features}, {out_features}): both sizes must be at least 1")
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(zeros(out_features, in_features, device=device, dtype=dtype))
        self.bias = Parameter(zeros(out_features, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again."""
        init.uniform_within(1 / math.sqrt(self.in_features), self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return linear(input, self.weight, self.bias)  # which refuses what does not fit by itself

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """input1 @ weight[o] @ input2 + bias[o] for every o: ``(..., in1)`` and ``(..., in2)`` to ``(..., out)``.

    ``weight`` is ``(out, in1, in2)``; both start uniform within 1 / sqrt(in1).
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if min(in1_features, in2_features, out_features) < 1:
            raise ValueError(f"Bilinear({in1_features}, {in2_features}, {out_features}): sizes must be at least 1")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(zeros(out_features, in1_features, in2_features, device=device, dtype=dtype))
        self.bias = Parameter(zeros(out_features, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again."""
        init.uniform_within(1 / math.sqrt(self.in1_features), self.weight, self.bias)

    def forward(self, input1: Tensor, input2: Tensor) -> Any:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class _Table(Module):
    """Rows that integers name."""

    sparse = False

    def __init__(self, rows: int, width: int, padding_idx: int | None, sparse: bool, device: Any, dtype: Any) -> None:
        name = type(self).__name__
        if rows < 1 or width < 1:
            raise ValueError(f"{name}({rows}, {width}): both sizes must be at least 1")
        refuse_sparse(name, sparse)
        if padding_idx is not None:
            if not -rows <= padding_idx < rows:
                raise ValueError(f"{name}: padding_idx={padding_idx} must be one of the {rows} rows")
            padding_idx %= rows
        self.num_embeddings, self.embedding_dim, self.padding_idx = rows, width, padding_idx
        self.weight = Parameter(zeros(rows, width, device=device, dtype=dtype))
        self.reset_parameters()

    @classmethod
    def _of(cls, embeddings: Tensor, freeze: bool, **settings: Any) -> Any:
        if embeddings.ndim != 2:
            raise ShapeError(f"{cls.__name__}.from_pretrained: embeddings {embeddings.shape} must be (rows, dim)")
        kind: Any = cls  # whose arguments are others than those of this base
        made = kind(*embeddings.shape, **settings)
        made.weight = Parameter(embeddings, requires_grad=not freeze)
        return made

    def reset_parameters(self) -> None:
        """Start again."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = np.zeros(self.embedding_dim)

    def _shown(self, **defaults: Any) -> str:
        """The sizes, and the settings that are not these."""
        changed = [f"{name}={getattr(self, name)!r}" for name, it in defaults.items() if getattr(self, name) != it]
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *changed])


class Embedding(_Table):
    """The rows of ``weight`` ``(num_embeddings, embedding_dim)`` that integers name: ``(...)`` to ``(..., dim)``.

    They start normal, the row ``padding_idx`` at 0, where it stays. The other settings are those of `F.embedding`.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        *,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, sparse, device, dtype)
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """One whose rows are those of ``embeddings`` ``(rows, dim)``, whose memory it shares, learned or not."""
        settings = {"padding_idx": padding_idx, "max_norm": max_norm, "norm_type": norm_type, "sparse": sparse}
        made: Embedding = cls._of(embeddings, freeze, scale_grad_by_freq=scale_grad_by_freq, **settings)
        return made

    def forward(self, input: Tensor) -> Any:
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq)

    def extra_repr(self) -> str:
        return self._shown(padding_idx=None, max_norm=None, norm_type=2, scale_grad_by_freq=False)


class EmbeddingBag(_Table):
    """The sum, mean or max (``mode``) of the rows in each bag: ``(bags, n)``, or a vector and its ``offsets``, to
    ``(bags, embedding_dim)``.

    The rows start normal, the row ``padding_idx``, which does not count, at 0. The settings are those of
    `F.embedding_bag`.

    >>> from autograd import tensor
    >>> table = EmbeddingBag.from_pretrained(tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), mode="sum")
    >>> table(tensor([0, 2, 1]), offsets=tensor([0, 2]))
    tensor([[6., 8.],
            [3., 4.]])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        *,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, sparse, device, dtype)
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.mode, self.include_last_offset = mode, include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """One whose rows are those of ``embeddings`` ``(rows, dim)``, whose memory it shares, learned or not."""
        settings = {"max_norm": max_norm, "norm_type": norm_type, "mode": mode, "sparse": sparse}
        further = {"include_last_offset": include_last_offset, "padding_idx": padding_idx}
        made: EmbeddingBag = cls._of(embeddings, freeze, scale_grad_by_freq=scale_grad_by_freq, **settings, **further)
        return made

    def forward(self, input: Tensor, offsets: Any = None, per_sample_weights: Tensor | None = None) -> Any:
        return F.embedding_bag(
            *(input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode, False),
            *(per_sample_weights, self.include_last_offset, self.padding_idx),
        )

    def extra_repr(self) -> str:
        return self._shown(max_norm=None, norm_type=2, scale_grad_by_freq=False, mode=None, padding_idx=None)


class Identity(Module):
    """Gives back its input, whatever it was made with: it takes the place of another layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def forward(self, input: Any) -> Any:
        return input
