"""`transforms` by PyTorch's name: ``from torch.autograd.functional import hvp``."""

from __future__ import annotations

from autograd.transforms import hessian, hvp, jacobian, jvp, vhp, vjp

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
