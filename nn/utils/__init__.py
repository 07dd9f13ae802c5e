"""Gradients clipped, parameters as a vector, from others, replaced or pruned, sequences padded, layers fused."""

from __future__ import annotations

from nn.state import consume_prefix_in_state_dict_if_present as consume_prefix_in_state_dict_if_present
from nn.utils import parametrizations as parametrizations
from nn.utils import parametrize as parametrize
from nn.utils import prune as prune
from nn.utils import rnn as rnn
from nn.utils import stateless as stateless
from nn.utils.fusion import *
from nn.utils.gradients import *
from nn.utils.recomputed import *
from nn.utils.skipping import *
