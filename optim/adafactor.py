"""Adafactor (Shazeer and Stern 2018, arXiv:1804.04235, algorithms 4 and 5)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Value
from optim.optimizer import Array, Group, Optimizer, State


class Adafactor(Optimizer):
    """`Adam`'s second moments without its memory: of a matrix only the means of its rows and columns are kept.

    Their weight at step t is t^``beta2_decay``. ``lr`` is the largest rate; it falls below as 1/√t, and is relative
    to the root mean square of the parameter, which counts as at least ``eps[1]``. ``eps[0]`` is the least root of a
    second moment (None: the spacing of floating-point numbers at 1), ``d`` the largest root mean square of an update.
    ``weight_decay`` shrinks the parameter by ``lr`` times that; ``maximize`` climbs.
    """

    elementwise = False
    remembered = ("step", "row_var", "col_var", "variance")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "maximize": maximize}, {"foreach": foreach})

    def check(self, group: Group) -> None:
        super().check({setting: value for setting, value in group.items() if setting != "eps"})
        if any(isinstance(p, Value) for p in group["params"]):
            raise ValueError("Adafactor: the parameters are Values; it saves memory of matrices, give them to Adam")
        eps1, eps2 = group["eps"]
        if not min(eps1 or 0, eps2) >= 0:
            raise ValueError(f"Adafactor: eps are {group['eps']}; they must not be negative")
        if not group["beta2_decay"] <= 0:
            raise ValueError(f"Adafactor: beta2_decay is {group['beta2_decay']}; it must not be positive")
        if not group["d"] >= 1:
            raise ValueError(f"Adafactor: d is {group['d']}; it must be at least 1")

    def shape_of(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        if name == "row_var":
            return *shape[:-1], 1
        return (*shape[:-2], 1, *shape[-1:]) if name == "col_var" else super().shape_of(name, shape)

    def decayed(self, p: Array, g: Array, group: Group) -> Array:
        return g  # not before the size of the parameter was measured

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        state["step"] += 1
        t, least = float(state["step"]), group["eps"][0]
        least = np.finfo(p.dtype).eps if least is None else least
        rate = max(group["eps"][1], _size(p)) * min(group["lr"], 1 / math.sqrt(t))
        if group["weight_decay"]:
            p *= 1 - group["lr"] * group["weight_decay"]
        estimate = self._variance(g, state, t ** group["beta2_decay"], least)
        step = g / np.sqrt(np.maximum(estimate, least * least))
        p -= rate / max(1.0, _size(step) / group["d"]) * step

    def _variance(self, g: Array, state: State, share: float, least: float) -> Array:
        """The second moments, moved by ``share`` towards those of ``g``."""
        if g.ndim < 2:
            v = state["variance"]
            v += share * (g * g - v)
            return v
        rows, columns = (
            state.setdefault(name, np.zeros(self.shape_of(name, g.shape), g.dtype)) for name in ("row_var", "col_var")
        )
        squares = g * g
        rows += share * (squares.mean(-1, keepdims=True) - rows)
        columns += share * (squares.mean(-2, keepdims=True) - columns)
        product: Array = rows @ columns
        return product / np.maximum(rows.mean(-2, keepdims=True), least)


def _size(x: Array) -> float:
    """The root mean square."""
    return float(np.linalg.norm(x.reshape(-1))) / math.sqrt(max(x.size, 1))
