"""The mathematics of layers and losses, as functions with PyTorch's names and signatures; a file for each subject."""

from __future__ import annotations

from autograd import tanh as tanh
from autograd.errors import explaining_all as _explaining_all
from autograd.functions.activations import *
from autograd.functions.softmaxes import *
from nn.functional.attention import *
from nn.functional.convolution import *
from nn.functional.distances import *
from nn.functional.dropout import *
from nn.functional.encoding import *
from nn.functional.linear import *
from nn.functional.losses import *
from nn.functional.normalization import *
from nn.functional.padding import *
from nn.functional.pooling import *

globals().update(_explaining_all(globals(), [name for name in globals() if not name.startswith("_")]))
