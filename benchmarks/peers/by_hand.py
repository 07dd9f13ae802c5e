"""NumPy, with every derivative written out: the limit for whoever computes with NumPy. One file a network."""

from __future__ import annotations

import numpy as np
from by_hand_convnet import convnet
from by_hand_gpt import gpt
from by_hand_mlp import mlp, moons
from by_hand_scalar_gpt import scalar_gpt

__all__ = ["VERSION", "convnet", "gpt", "mlp", "moons", "scalar_gpt"]

VERSION = f"numpy {np.__version__}"
