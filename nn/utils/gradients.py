"""Gradients clipped, in place, before ``optimizer.step()``; parameters as one vector.

Gradients may be those of `Tensor`s or of `Value`s. ``foreach`` chooses among PyTorch's implementations; here is one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, Value, cat, no_grad
from autograd.arrays import quietly

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "vector_to_parameters",
]


def get_total_norm(
    tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The ``norm_type``-norm of all elements of ``tensors``, as if of one vector; a 0-d Tensor.

    ``norm_type`` may be ``math.inf``: the largest magnitude. With ``error_if_nonfinite``, an infinite or NaN norm
    raises RuntimeError.
    """
    order = float(norm_type)
    norms = [quietly.run(_norm, np.asarray(tensor), order) for tensor in _listed(tensors)]
    total = quietly.run(_norm, np.asarray(norms), order) if norms else np.float32(0)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"get_total_norm: the {order:g}-norm is {total}; gradients cannot be clipped to it")
    return Tensor.of(np.asarray(total))


def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: Any, foreach: bool | None = None) -> None:
    """Multiply all gradients by max_norm / (total_norm + 1e-6) if that is less than 1."""
    share = quietly.run(lambda: np.minimum(max_norm / (np.asarray(total_norm) + 1e-6), 1.0))  # NaN stays NaN
    with no_grad():
        for p in _with_gradients(parameters):
            if isinstance(p, Value):
                p.grad *= float(share)
            else:
                p.grad.mul_(p.grad.raw.dtype.type(share))


def clip_grad_norm_(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients so that their norm, as if of one vector, is at most ``max_norm``; the norm before.

    >>> w = Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_norm_([w], 1.0), w.grad
    (tensor(10.), tensor([0.6000, 0.8000]))
    """
    parameters = _with_gradients(parameters)
    total = get_total_norm([p.grad for p in parameters], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total)
    return total


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Bring every element of the gradients into [-clip_value, clip_value]."""
    bound = float(clip_value)
    with no_grad():
        for p in _with_gradients(parameters):
            if isinstance(p, Value):
                p.grad = float(np.clip(p.grad, -bound, bound))
            else:
                p.grad.clamp_(-bound, bound)


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements of the parameters, one after the other; this is differentiable.

    >>> parameters_to_vector([Tensor([[1.0, 2.0]]), Tensor(3.0)])
    tensor([1., 2., 3.])
    """
    return cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Copy the elements of ``vec`` into the parameters, one after the other: what `parameters_to_vector` gave.

    PyTorch makes the parameters views of ``vec``. These keep their memory and dtype.
    """
    if not isinstance(vec, Tensor):
        raise DtypeError(f"vector_to_parameters: the vector is a {type(vec).__name__}, not a Tensor")
    parameters = list(parameters)
    ends = np.cumsum([0, *(p.numel() for p in parameters)]).tolist()
    if vec.shape != (ends[-1],):
        raise ShapeError(f"vector_to_parameters: the vector has shape {vec.shape}, the parameters {ends[-1]} elements")
    with no_grad():
        for p, start in zip(parameters, ends, strict=False):
            p.copy_(vec[start : start + p.numel()].reshape(p.shape))


def _listed(parameters: Any) -> list[Any]:
    return [parameters] if isinstance(parameters, Tensor | Value) else list(parameters)


def _with_gradients(parameters: Any) -> list[Any]:
    return [p for p in _listed(parameters) if p.grad is not None]


def _norm(array: np.ndarray[Any, Any], order: float) -> Any:
    return np.linalg.norm(array.reshape(-1), order) if array.size else array.dtype.type(0)
