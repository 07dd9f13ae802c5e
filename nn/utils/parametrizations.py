"""Weights divided by a norm of theirs, and weights that are orthogonal, as parametrizations."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor, cat, eye, no_grad, randn
from autograd.linalg import matrix_exp, qr, solve, vector_norm
from nn import functional as F
from nn.module import Module
from nn.utils.parametrize import register_parametrization

__all__ = ["PowerIteration", "norm_except", "orthogonal", "spectral_norm", "weight_norm", "with_norms"]


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


class _Orthogonal(Module):
    """A matrix with orthonormal columns (or rows, if it is wide), made of one without constraints.

    ``base``: what it is multiplied by, so that a training starts near the identity wherever it starts.
    """

    base: Tensor

    def __init__(self, kind: str, use_trivialization: bool) -> None:
        self.kind = kind
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x: Tensor) -> Any:
        wide = x.shape[-2] < x.shape[-1]
        made = self._columns(x.mT if wide else x)
        if hasattr(self, "base"):
            made = self.base @ made
        return made.mT if wide else made

    def _columns(self, x: Tensor) -> Any:
        """Orthonormal columns (..., n, k), of a matrix (..., n, k) with n >= k."""
        n, k = x.shape[-2:]
        if self.kind == "householder":
            below = x.tril(-1)
            signs = x.detach().diagonal(dim1=-2, dim2=-1).trunc().unsqueeze(-2)
            return _reflected(below, 2 / (1 + below.square().sum(-2))) * signs
        x = x.tril()
        if n > k:
            x = cat([x, x.new_zeros(*x.shape[:-1], n - k)], -1)
        skew, identity = x - x.mT, eye(n, dtype=x.dtype)
        q = matrix_exp(skew) if self.kind == "matrix_exp" else solve(identity - skew / 2, identity + skew / 2)
        return q[..., :k]

    def right_inverse(self, weight: Tensor) -> Any:
        wide = weight.shape[-2] < weight.shape[-1]
        tall = weight.mT if wide else weight
        n, k = tall.shape[-2:]
        if hasattr(self, "base"):
            if n > k:
                tall = cat([tall, randn(*tall.shape[:-1], n - k, dtype=tall.dtype)], -1)
            self.base = tall.clone() if n == k and _is_orthogonal(tall) else _orthogonalized(tall)
            start = -eye(weight.shape[-2], weight.shape[-1], dtype=weight.dtype)
            return start.expand(weight.shape).clone()
        if self.kind != "householder":
            raise NotImplementedError(
                f"orthogonal: {self.kind!r} without use_trivialization has no inverse here; use_trivialization=True has"
            )
        raw, scales = np.linalg.qr(tall.numpy(), mode="raw")
        vectors = np.swapaxes(raw, -1, -2).astype(raw.dtype)  # (..., n, k), of which R is the part above the diagonal
        i = np.arange(k)
        vectors[..., i, i] = np.where(scales == 0, -1, 1) * np.sign(vectors[..., i, i])
        return Tensor.of(np.ascontiguousarray(np.swapaxes(vectors, -1, -2) if wide else vectors))


def _reflected(below: Tensor, scales: Tensor) -> Any:
    """The first k columns of the product of the k reflections I - scale v v^T, whose v are the columns of ``below``,
    (..., n, k), with ones on the diagonal."""
    identity = eye(below.shape[-2], below.shape[-1], dtype=below.dtype)
    vectors, q = below + identity, identity
    for i in reversed(range(below.shape[-1])):
        v = vectors[..., i : i + 1]
        q = q - scales[..., i, None, None] * v @ (v.mT @ q)
    return q


def _is_orthogonal(square: Tensor) -> bool:
    k = square.shape[-1]
    eps = 10 * k * np.finfo(square.dtype).eps
    return np.allclose((square.mT @ square).numpy(), np.eye(k), rtol=1e-5, atol=eps)


def _orthogonalized(square: Tensor) -> Any:
    q, r = qr(square)
    return q * r.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    """Let a weight (..., m, n) have orthonormal columns or, if m < n, rows.

    ``orthogonal_map``: it is the exponential of a skew-symmetric matrix ("matrix_exp", if it is square) or the Cayley
    map of one ("cayley"), or a product of Householder reflections ("householder", otherwise). With
    ``use_trivialization`` that is multiplied by a fixed ``base``, which the weight is at first, made orthogonal if it
    is not (Lezcano-Casado 2019, arXiv:1909.09501).

    >>> import nn
    >>> layer = orthogonal(nn.Linear(3, 5))
    >>> (layer.weight.mT @ layer.weight).round(decimals=4).abs()
    tensor([[1., 0., 0.],
            [0., 1., 0.],
            [0., 0., 1.]], grad_fn=<abs>)
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor) or weight.ndim < 2:
        raise ArgumentError(f"orthogonal: {name!r} of {type(module).__name__} is no matrix; give the name of one")
    kinds = ("matrix_exp", "cayley", "householder")
    usual = "matrix_exp" if weight.shape[-1] == weight.shape[-2] else "householder"
    kind = usual if orthogonal_map is None else orthogonal_map
    if kind not in kinds:
        raise ArgumentError(f"orthogonal: orthogonal_map is {kind!r}; it is one of {', '.join(kinds)}")
    return register_parametrization(module, name, _Orthogonal(kind, use_trivialization), unsafe=True)
