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

import sys as _sys
from types import SimpleNamespace as _SimpleNamespace

from nn import data as data
from nn import functional as functional
from nn import init as init
from nn import scalar as scalar
from nn import utils as utils
from nn.activation import *
from nn.adaptive import *
from nn.attention import *
from nn.checkpoint import *
from nn.container import *
from nn.convolution import *
from nn.convolution import _Convolution
from nn.dropout import *
from nn.lazy import *
from nn.linear import *
from nn.lora import *
from nn.loss import *
from nn.module import *
from nn.monitor import *
from nn.normalization import *
from nn.normalization import _BatchNorm
from nn.padding import *
from nn.parallel import *
from nn.parameter import *
from nn.pooling import *
from nn.recurrent import *
from nn.shaping import *
from nn.transformer import *

# What programs find under the names of PyTorch's files: torch.nn.modules.Module, torch.nn.modules.batchnorm._BatchNorm
modules = _sys.modules[__name__]
batchnorm, conv = _SimpleNamespace(_BatchNorm=_BatchNorm), _SimpleNamespace(_ConvNd=_Convolution)
