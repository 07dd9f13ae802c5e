"""Schedulers of the learning rate, with PyTorch's names; they work on ``optimizer.param_groups``.

>>> from autograd import Value
>>> import optim
>>> optimizer = optim.SGD([Value(1.0)], lr=0.1)
>>> scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=30)
>>> for epoch in range(60):
...     optimizer.step()
...     scheduler.step()
>>> round(optimizer.param_groups[0]["lr"], 6)
0.001
"""

from optim.lr_scheduler.base import LRScheduler
from optim.lr_scheduler.combined import ChainedScheduler, SequentialLR
from optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from optim.lr_scheduler.cycles import CyclicLR, OneCycleLR
from optim.lr_scheduler.factors import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from optim.lr_scheduler.plateau import ReduceLROnPlateau

_LRScheduler = LRScheduler  # the name that programs' own schedulers derive from

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
