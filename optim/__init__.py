"""Optimizers, one algorithm a file, with PyTorch's names; each takes `Tensor`s or `Value`s."""

from __future__ import annotations

try:
    from autograd import Tensor as _Tensor  # noqa: F401
except ImportError:
    import nn  # noqa: F401  # says which other package of that name was found, and what to do

    raise

from optim.adam import Adam
from optim.optimizer import Optimizer
from optim.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
