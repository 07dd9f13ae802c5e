"""The mathematics of layers and losses, as functions with PyTorch's names and signatures; a file for each subject."""

from __future__ import annotations

from autograd.errors import explaining_all as _explaining_all
from nn.functional.activations import *
from nn.functional.attention import *
from nn.functional.bags import *
from nn.functional.convolution import *
from nn.functional.distances import *
from nn.functional.dropout import *
from nn.functional.encoding import *
from nn.functional.linear import *
from nn.functional.losses import *
from nn.functional.multihead import *
from nn.functional.normalization import *
from nn.functional.padding import *
from nn.functional.pooling import *
from nn.functional.resizing import *
from nn.functional.sampling import *
from nn.functional.unpooling import *

globals().update(_explaining_all(globals(), [name for name in globals() if not name.startswith("_")]))
