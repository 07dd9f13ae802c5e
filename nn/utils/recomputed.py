"""Weight norm and spectral norm in their older form, with PyTorch's state: ``weight_g`` and ``weight_v``,
``weight_orig`` and ``weight_u``: computed anew before each forward. `parametrizations` has their newer form.
"""

from __future__ import annotations

from typing import Any

from nn.module import Module, Parameter
from nn.utils.parametrizations import PowerIteration, norm_except, rows_of, with_norms

__all__ = ["remove_spectral_norm", "remove_weight_norm", "spectral_norm", "weight_norm"]


class _Recomputed:
    """A hook that computes the weight ``name`` of a module before each forward from what is learned instead."""

    handle: Any
    name: str

    def __init__(self, module: Module, name: str) -> None:
        if any(isinstance(hook, type(self)) and hook.name == name for hook in module._forward_pre_hooks.values()):
            raise RuntimeError(f"{type(self).__name__}: {name!r} of {type(module).__name__} has this already")
        weight = vars(module).get(name)
        if not isinstance(weight, Parameter):
            raise ValueError(f"{type(module).__name__} has no parameter {name!r}")
        self.name = name
        delattr(module, name)
        self.split(module, weight)
        self(module, ())
        self.handle = module.register_forward_pre_hook(self)

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.computed(module))

    def remove(self, module: Module, *names: str) -> None:
        weight = self.computed(module).detach()
        self.handle.remove()
        for name in (self.name, *names):
            delattr(module, name)
        setattr(module, self.name, Parameter(weight))

    def split(self, module: Module, weight: Parameter) -> None:
        """Give the module what is learned instead of the weight."""
        raise NotImplementedError

    def computed(self, module: Module) -> Any:
        """The weight."""
        raise NotImplementedError


class _WeightNorm(_Recomputed):
    def __init__(self, module: Module, name: str, dim: int | None) -> None:
        self.dim = dim
        super().__init__(module, name)

    def split(self, module: Module, weight: Parameter) -> None:
        setattr(module, f"{self.name}_g", Parameter(norm_except(weight, self.dim).detach()))
        setattr(module, f"{self.name}_v", Parameter(weight.detach()))

    def computed(self, module: Module) -> Any:
        magnitude, direction = (getattr(module, f"{self.name}_{part}") for part in "gv")
        return with_norms(direction, magnitude, self.dim)


class _SpectralNorm(_Recomputed):
    def __init__(self, module: Module, name: str, power: PowerIteration) -> None:
        self.power = power
        super().__init__(module, name)

    def split(self, module: Module, weight: Parameter) -> None:
        setattr(module, f"{self.name}_orig", weight)
        for part, vector in zip("uv", self.power.start(self.power.matrix(weight.detach())), strict=True):
            module.register_buffer(f"{self.name}_{part}", vector)

    def computed(self, module: Module) -> Any:
        weight, u, v = (getattr(module, f"{self.name}_{part}") for part in ("orig", "u", "v"))
        matrix = self.power.matrix(weight)
        if module.training and hasattr(self, "handle"):
            self.power.improve(matrix, u, v, u_first=False)
        return weight / self.power.sigma(matrix, u, v)


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let ``weight_g``, the norms of the slices along ``dim``, and ``weight_v``, their directions, be learned apart.

    Salimans and Kingma 2016, arXiv:1602.07868.
    """
    _WeightNorm(module, name, dim)
    return module


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """Divide ``weight_orig`` by its largest singular value, as estimated; each forward while training improves that.

    Miyato et al. 2018, arXiv:1802.05957.
    """
    _SpectralNorm(module, name, PowerIteration(rows_of(module, dim), n_power_iterations, eps))
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Let the weight be learned itself again."""
    _found(module, _WeightNorm, name).remove(module, f"{name}_g", f"{name}_v")
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Let the weight be learned itself again."""
    _found(module, _SpectralNorm, name).remove(module, f"{name}_orig", f"{name}_u", f"{name}_v")
    return module


def _found(module: Module, kind: type[_Recomputed], name: str) -> _Recomputed:
    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, kind) and hook.name == name:
            return hook
    raise ValueError(f"{kind.__name__.strip('_')}: {name!r} of {type(module).__name__} has none")
