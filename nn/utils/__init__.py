"""Gradients clipped, parameters as one vector or computed from others, sequences padded: PyTorch's names."""

from __future__ import annotations

from nn.utils import parametrizations as parametrizations
from nn.utils import parametrize as parametrize
from nn.utils import rnn as rnn
from nn.utils import stateless as stateless
from nn.utils.gradients import *
from nn.utils.recomputed import *
