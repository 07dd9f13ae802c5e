"""Dropout: elements left out at random while training."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.settled import Settled

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
]


class Dropout(Settled):
    """Each element 0 with probability ``p``, else divided by 1 - p; as it is out of training."""

    function, shown = staticmethod(F.dropout), ("p", "inplace")

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: p={p} is a probability; it must lie in [0, 1]")
        super().__init__(p=p, inplace=inplace)

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "training": self.training}


class Dropout1d(Dropout):
    """`Dropout` of whole channels of ``(N, C, L)``."""

    function = staticmethod(F.dropout1d)


class Dropout2d(Dropout):
    """`Dropout` of whole channels of ``(N, C, H, W)``."""

    function = staticmethod(F.dropout2d)


class Dropout3d(Dropout):
    """`Dropout` of whole channels of ``(N, C, D, H, W)``."""

    function = staticmethod(F.dropout3d)


class AlphaDropout(Dropout):
    """`Dropout` that goes with SELU: it keeps mean 0 and variance 1."""

    function = staticmethod(F.alpha_dropout)


class FeatureAlphaDropout(Dropout):
    """`AlphaDropout` of whole channels of ``(N, C, ...)``."""

    function = staticmethod(F.feature_alpha_dropout)
