"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon; `match_rms_adamw`: Liu et al. 2025,
arXiv:2502.16982).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor
from optim.optimizer import Array, Group, Optimizer, State


def orthogonalized(matrix: Array, coefficients: tuple[float, float, float], steps: int, eps: float) -> Array:
    """U Vᵀ for a matrix U S Vᵀ, roughly: its singular values are brought near 1 (0.7 to 1.2) by Newton-Schulz steps.

    Each applies a s + b s³ + c s⁵ to the singular values s, which start at most 1.
    """
    a, b, c = coefficients
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T  # (n, m), n <= m: the smaller Gram matrix
    x = x / max(np.linalg.norm(x), eps)
    for _ in range(steps):
        gram = x @ x.T  # (n, n)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


class Muon(Optimizer):
    """A step against the momentum, its singular values made equal; for the matrices of hidden layers.

    Biases, embeddings and the last layer are for another optimizer, such as `AdamW`. ``weight_decay`` shrinks the
    parameter by ``lr`` times that. ``adjust_lr_fn``: "original" (or None) multiplies ``lr`` by √max(1, rows/columns),
    "match_rms_adamw" by 0.2 √max(rows, columns), so that rates found for AdamW fit.

    The Newton-Schulz steps are computed in the parameter's dtype. PyTorch computes them in bfloat16; its steps
    differ from these by 1 to 2% of their length.
    """

    elementwise = False
    decoupled = True
    remembered = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        defaults = {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov}
        newton_schulz = {"ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps}
        super().__init__(params, {**defaults, **newton_schulz, "adjust_lr_fn": adjust_lr_fn})

    def check(self, group: Group) -> None:
        super().check(group)
        for i, p in enumerate(group["params"]):
            if not isinstance(p, Tensor) or p.ndim != 2:
                what = f"has shape {p.shape}" if isinstance(p, Tensor) else "is a Value"
                raise ValueError(f"Muon: parameter {i} {what}; Muon is for matrices, give the others to AdamW")
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Muon: adjust_lr_fn is {group['adjust_lr_fn']!r}, not 'original' or 'match_rms_adamw'")
        if len(group["ns_coefficients"]) != 3 or not 0 <= group["ns_steps"] < 100:
            raise ValueError(
                f"Muon: there must be 3 ns_coefficients and 0 to 99 ns_steps, not {group['ns_coefficients']} and "
                f"{group['ns_steps']}"
            )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        momentum, buffer = group["momentum"], state["momentum_buffer"]
        buffer += (1 - momentum) * (g - buffer)
        ahead = g + momentum * (buffer - g) if group["nesterov"] else buffer
        direction = orthogonalized(ahead, group["ns_coefficients"], group["ns_steps"], group["eps"])
        rows, columns = p.shape
        if group["adjust_lr_fn"] == "match_rms_adamw":
            ratio = 0.2 * math.sqrt(max(rows, columns))
        else:
            ratio = math.sqrt(max(1, rows / columns))
        p -= group["lr"] * ratio * direction
