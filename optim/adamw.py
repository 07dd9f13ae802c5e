"""AdamW (Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, arXiv:1711.05101, algorithm 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optim.adam import Adam


class AdamW(Adam):
    """`Adam` whose ``weight_decay`` shrinks the parameter by ``lr`` times that, and leaves the gradient alone."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **flags: Any,
    ) -> None:
        settings: dict[str, Any] = {"maximize": maximize, "decoupled_weight_decay": True, **flags}
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **settings)
