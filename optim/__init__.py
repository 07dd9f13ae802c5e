"""Optimizers, one algorithm a file, with PyTorch's names; each takes `Tensor`s or `Value`s."""

from __future__ import annotations

from optim.adam import Adam
from optim.optimizer import Optimizer
from optim.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
