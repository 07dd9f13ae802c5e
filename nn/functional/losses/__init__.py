"""Losses, as functions with PyTorch's names and signatures.

They take ``reduction``: "mean", "sum", or "none" for the loss of each element. They refuse targets whose shape would
have a prediction silently compared with several of them, and targets that are NaN.
"""

from __future__ import annotations

import inspect as _inspect

from nn.functional.losses.binary import *
from nn.functional.losses.classes import *
from nn.functional.losses.older import reducing as _reducing
from nn.functional.losses.pairs import *
from nn.functional.losses.regression import *
from nn.functional.losses.sequences import *

_losses = {name: it for name, it in globals().items() if _inspect.isfunction(it) and not name.startswith("_")}
globals().update({name: _reducing(loss) for name, loss in _losses.items()})
