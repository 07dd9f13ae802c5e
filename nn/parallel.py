"""Several GPUs in one process, as programs ask for them: there are none."""

from __future__ import annotations

from typing import Any

from nn.module import Module

__all__ = ["DataParallel"]


class DataParallel(Module):
    """Calls ``module``, as PyTorch's does on a machine without GPUs, whatever devices it was told of.

    The paths in its state begin with ``module.``, as there. For many processes see `optim.Distributed`.
    """

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"DataParallel: {module!r:.60} is not a Module")
        self.module, self.dim = module, dim
        self.device_ids: list[int] = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)
