"""PyTorch, eager."""

from __future__ import annotations

from functools import partial
from typing import Any

import modules
import torch
from training import Training

VERSION = f"torch {torch.__version__}"


def _trained(network: Any, arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    torch.set_num_threads(options["threads"])
    return modules.training(torch, network(torch, arrays), arrays, options)


mlp, convnet, gpt = (partial(_trained, network) for network in (modules.mlp, modules.convnet, modules.gpt))
