"""Optimizers, one algorithm a file, with PyTorch's names; each takes `Tensor`s or `Value`s.

``optim.lr_scheduler`` changes their learning rates as training goes on, ``optim.swa_utils`` averages what it gives.
"""

from __future__ import annotations

try:
    from autograd import Tensor as _Tensor  # noqa: F401
except ImportError:
    import nn  # noqa: F401  # says which other package of that name was found, and what to do

    raise

from optim import lr_scheduler, swa_utils
from optim.adadelta import Adadelta
from optim.adafactor import Adafactor
from optim.adagrad import Adagrad
from optim.adam import Adam
from optim.adamax import Adamax
from optim.adamw import AdamW
from optim.asgd import ASGD
from optim.distributed import Distributed
from optim.lbfgs import LBFGS
from optim.lion import Lion
from optim.muon import Muon
from optim.nadam import NAdam
from optim.optimizer import Optimizer
from optim.radam import RAdam
from optim.rmsprop import RMSprop
from optim.rprop import Rprop
from optim.sgd import SGD

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Distributed",
    "Lion",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
    "swa_utils",
]
