"""Weights divided by a norm of theirs, as parametrizations."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError, Tensor, no_grad, randn
from autograd.linalg import vector_norm
from nn import functional as F
from nn.module import Module
from nn.utils.parametrize import register_parametrization

__all__ = ["PowerIteration", "norm_except", "spectral_norm", "weight_norm", "with_norms"]


def norm_except(weight: Tensor, dim: int | None) -> Tensor:
    """The norms of the slices of ``weight`` along ``dim``, (1, ..., n, ..., 1); 0-d, of all of it, if that is None."""
    if dim is None or dim == -1:
        return vector_norm(weight)
    if weight.ndim == 1:
        return weight.abs()
    return vector_norm(weight, dim=tuple(i for i in range(weight.ndim) if i != dim % weight.ndim), keepdim=True)


def with_norms(direction: Tensor, magnitude: Tensor, dim: int | None) -> Any:
    """``direction``, its slices along ``dim`` brought to these norms."""
    return direction * (magnitude / norm_except(direction, dim))


class _WeightNorm(Module):
    def __init__(self, dim: int | None) -> None:
        self.dim = dim

    def forward(self, magnitude: Tensor, direction: Tensor) -> Any:
        return with_norms(direction, magnitude, self.dim)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return norm_except(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let the norms and the directions of a weight's slices along ``dim`` be learned apart (of all of it: None).

    Salimans and Kingma 2016, arXiv:1602.07868.
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class PowerIteration:
    """The largest singular value of a weight, seen as a matrix of the rows along ``dim``: u and v come nearer to its
    singular vectors with each iteration."""

    def __init__(self, dim: int, iterations: int, eps: float) -> None:
        if iterations < 1:
            raise ValueError(f"spectral_norm: n_power_iterations={iterations} must be at least 1")
        self.dim, self.iterations, self.eps = dim, iterations, eps

    def matrix(self, weight: Tensor) -> Any:
        if not -weight.ndim <= self.dim < weight.ndim:
            raise ShapeError(f"spectral_norm: dim={self.dim} is none of a weight {weight.shape}")
        return weight.movedim(self.dim, 0).flatten(1)

    def start(self, matrix: Tensor) -> tuple[Any, Any]:
        return tuple(F.normalize(randn(n, dtype=matrix.dtype), dim=0, eps=self.eps) for n in matrix.shape)

    def improve(self, matrix: Tensor, u: Tensor, v: Tensor, u_first: bool) -> None:
        """Iterate, in place."""
        with no_grad():
            for side in (u_first, not u_first) * self.iterations:
                new = matrix @ v if side else matrix.mT @ u
                (u if side else v).copy_(F.normalize(new, dim=0, eps=self.eps))

    def sigma(self, matrix: Tensor, u: Tensor, v: Tensor) -> Any:
        return u.clone() @ (matrix @ v.clone())  # which later iterations change in place


class _SpectralNorm(Module):
    def __init__(self, weight: Tensor, iterations: int, dim: int, eps: float) -> None:
        self.power = PowerIteration(dim, iterations, eps)
        if weight.ndim > 1:
            matrix = self.power.matrix(weight.detach())
            u, v = self.power.start(matrix)
            PowerIteration(dim, 15, eps).improve(matrix, u, v, u_first=True)
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)

    def forward(self, weight: Tensor) -> Any:
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.power.eps)
        matrix = self.power.matrix(weight)
        if self.training:
            self.power.improve(matrix, self._u, self._v, u_first=True)  # type: ignore[attr-defined]
        return weight / self.power.sigma(matrix, self._u, self._v)  # type: ignore[attr-defined]

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """Divide a weight by its largest singular value, seen as a matrix of the rows along ``dim``.

    ``dim`` is 0, and 1 for transposed convolutions. While training, each use improves the estimate by
    ``n_power_iterations``. Miyato et al. 2018, arXiv:1802.05957.
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"spectral_norm: {type(module).__name__} has no parameter or buffer {name!r}")
    norm = _SpectralNorm(weight, n_power_iterations, rows_of(module, dim), eps)
    return register_parametrization(module, name, norm)


def rows_of(module: Module, dim: int | None) -> int:
    """The dimension of a weight along which its outputs lie."""
    return (1 if "ConvTranspose" in type(module).__name__ else 0) if dim is None else dim
