"""A softmax over very many classes, the rare ones in clusters of their own (Grave et al. 2017, arXiv:1609.04309)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, cat
from autograd.functions.answers import refuse_recording
from nn.container import ModuleList, Sequential
from nn.linear import Linear
from nn.module import Module

__all__ = [
    "AdaptiveLogSoftmaxWithLoss",
]


class AdaptiveOutput(NamedTuple):
    """The log-probability of each target, and their mean, negative."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """The log-probabilities of classes that are numbered by falling frequency, cheap for the frequent ones.

    The classes up to ``cutoffs[0]`` and one place for each cluster, between two ``cutoffs``, share one softmax, the
    head. A cluster's own, of the input projected to in_features / div_value^i numbers, is computed only for examples
    whose target is in it.
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        name, cutoffs = type(self).__name__, list(cutoffs)
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(int(n) != n for n in cutoffs) or any(low >= high for low, high in pairwise(ends)):
            raise ValueError(f"{name}: cutoffs={cutoffs} must be integers that rise, from 1 to {n_classes - 1}")
        widths = [int(in_features // div_value ** (i + 1)) for i in range(len(cutoffs))]
        if min(widths) < 1:
            raise ValueError(
                f"{name}: in_features={in_features} divided by div_value={div_value} for each cluster leaves the "
                f"widths {widths}; take fewer cutoffs or a smaller div_value"
            )
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, ends[1:]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = cutoffs[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        settings = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **settings)
        self.tail = ModuleList(
            Sequential(Linear(in_features, width, False, **settings), Linear(width, high - low, False, **settings))
            for width, (low, high) in zip(widths, pairwise(self.cutoffs), strict=True)
        )

    def reset_parameters(self) -> None:
        """Start again."""
        for layer in (self.head, *(layer for pair in self.tail for layer in pair)):
            layer.reset_parameters()

    def forward(self, input: Tensor, target: Tensor) -> AdaptiveOutput:
        """``input`` ``(N, in_features)`` and classes ``target`` ``(N,)``, or those of one example."""
        refuse_recording("AdaptiveLogSoftmaxWithLoss", "which computes with the rows that its targets name")
        classes = target.raw.reshape(-1)
        if input.shape[:-1] != target.shape or input.ndim not in (1, 2):
            raise ShapeError(
                f"AdaptiveLogSoftmaxWithLoss: input {input.shape} and target {target.shape}: they must be "
                "(N, in_features) and (N,), or (in_features,) and ()"
            )
        if classes.dtype.kind not in "iu":
            raise DtypeError(
                f"AdaptiveLogSoftmaxWithLoss: target of dtype {classes.dtype}; classes are int64 (.long())"
            )
        if classes.size and not 0 <= classes.min() <= classes.max() < self.n_classes:
            raise IndexError(
                f"AdaptiveLogSoftmaxWithLoss: the targets lie between {classes.min()} and {classes.max()}; they must "
                f"be in [0, {self.n_classes - 1}]"
            )
        x: Any = input if input.ndim == 2 else input.unsqueeze(0)
        cluster = np.searchsorted(self.cutoffs, classes, side="right")  # 0: in the head itself
        places = np.where(cluster, self.shortlist_size + cluster - 1, classes)
        output = self.head(x).log_softmax(1)[np.arange(len(classes)), places]
        for i, (low, layers) in enumerate(zip(self.cutoffs, self.tail, strict=False), 1):
            rows = np.flatnonzero(cluster == i)
            if rows.size:
                own = layers(x[rows]).log_softmax(1)[np.arange(rows.size), classes[rows] - low]
                output = output.index_add(0, Tensor.of(rows), own)
        return AdaptiveOutput(output if input.ndim == 2 else output.squeeze(0), -output.mean())

    def log_prob(self, input: Tensor) -> Any:
        """The log-probabilities of all classes, ``(N, n_classes)``, for ``(N, in_features)``."""
        head = self.head(input).log_softmax(1)
        clusters = [
            layers(input).log_softmax(1) + head[:, self.shortlist_size + i].unsqueeze(1)
            for i, layers in enumerate(self.tail)
        ]
        return cat([head[:, : self.shortlist_size], *clusters], 1)

    def predict(self, input: Tensor) -> Any:
        """The class that is the most probable, ``(N,)``, for ``(N, in_features)``.

        As in PyTorch: where a class of the head is more probable than all clusters, it is that one.
        """
        best = self.head(input).argmax(1)
        return best.where(best < self.shortlist_size, self.log_prob(input).argmax(1))
