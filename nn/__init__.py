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

from nn import data, functional, init, scalar
from nn.activation import ELU, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from nn.checkpoint import load_checkpoint, save_checkpoint
from nn.container import MLP, Sequential
from nn.linear import Flatten, Identity, Linear
from nn.loss import CrossEntropyLoss, HingeLoss, L1Loss, MSELoss, NLLLoss
from nn.module import Module, Parameter

__all__ = [
    "ELU",
    "GELU",
    "MLP",
    "CrossEntropyLoss",
    "Flatten",
    "HingeLoss",
    "Identity",
    "L1Loss",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "data",
    "functional",
    "init",
    "load_checkpoint",
    "save_checkpoint",
    "scalar",
]
