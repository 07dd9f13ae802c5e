"""Data in batches: data sets, samplers, and the `DataLoader` that puts them together, as ``torch.utils.data``."""

from __future__ import annotations

from nn.data.datasets import *
from nn.data.loader import *
from nn.data.samplers import *
