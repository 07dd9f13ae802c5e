"""Layers on top of `autograd`, with PyTorch's names: modules hold parameters, `nn.functional` has the mathematics.

``nn.scalar`` has micrograd's Neuron, Layer and MLP, made of `Value`s.
"""

from __future__ import annotations

try:
    from autograd import Tensor as _Tensor  # noqa: F401
except ImportError as _error:
    raise ImportError(
        "nn belongs to chainrule, but `import autograd` finds another package of that name (PyPI's 'autograd'); "
        "run: pip uninstall -y autograd chainrule, then install chainrule again"
    ) from _error

from nn import data, functional, init, scalar, utils
from nn.activation import *
from nn.checkpoint import *
from nn.container import *
from nn.convolution import *
from nn.dropout import *
from nn.linear import *
from nn.lora import *
from nn.loss import *
from nn.module import *
from nn.normalization import *
from nn.padding import *
from nn.pooling import *
from nn.shaping import *
