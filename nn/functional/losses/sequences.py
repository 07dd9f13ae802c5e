"""Losses of whole sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, logaddexp, where
from autograd.functions.answers import refuse_recording
from autograd.functions.reductions import require_float
from nn.functional.losses.common import reduced
from nn.functional.padding import pad
from nn.functional.recurrent import steps_of

__all__ = ["ctc_loss"]

Array = np.ndarray[Any, Any]

IMPOSSIBLE = -1e30  # a logarithm of 0 that sums of it and differences between two keep finite


def ctc_loss(
    log_probs: Tensor,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-log of the probability that steps of a network, read with repeats and blanks left out, spell the target.

    ``log_probs`` ``(T, N, C)``, or ``(T, C)`` without a batch, are the steps' log-probabilities, of `log_softmax`;
    ``targets`` are ``(N, S)`` classes other than ``blank``, or all targets one after the other; the lengths, one for
    each example, say how much of both counts. "mean" divides each loss by its target's length first. A target that the
    steps cannot spell costs infinity, or, with ``zero_infinity``, nothing; it has the gradient 0.

    PyTorch's gradient with respect to ``log_probs`` is another: it has that of `log_softmax` in it already. Through
    `log_softmax`, where it belongs, both are the same.

    Graves et al. 2006.
    """
    require_float("ctc_loss", log_probs)
    refuse_recording("ctc_loss", "whose way depends on its targets")
    if log_probs.ndim not in (2, 3):
        raise ShapeError(f"ctc_loss: log_probs of shape {log_probs.shape} must be (T, N, C) or (T, C)")
    x = log_probs if log_probs.ndim == 3 else log_probs.unsqueeze(1)
    count, batch, classes = x.shape
    if not 0 <= blank < classes:
        raise ValueError(f"ctc_loss: blank={blank} is none of the {classes} classes")
    steps = _lengths("input_lengths", input_lengths, batch, count)
    sizes = _lengths("target_lengths", target_lengths, batch)
    labels = _labels(targets, sizes, blank, classes)
    likelihood = _log_likelihood(x, labels, steps, sizes, blank)
    losses = where(likelihood.detach() < IMPOSSIBLE / 2, 0.0 if zero_infinity else np.inf, -likelihood)
    if reduction == "mean":
        losses = losses / Tensor.of(np.maximum(sizes, 1).astype(x.dtype))
    return reduced("ctc_loss", losses if log_probs.ndim == 3 else losses.squeeze(0), reduction)


def _lengths(what: str, given: Any, batch: int, most: int | None = None) -> Array:
    lengths = np.atleast_1d(np.asarray(given))
    if lengths.shape != (batch,) or lengths.dtype.kind not in "iu":
        raise ShapeError(f"ctc_loss: {what} of shape {lengths.shape} must be {batch} integers, one for each example")
    if lengths.min(initial=0) < 0 or (most is not None and lengths.max(initial=0) > most):
        raise ShapeError(f"ctc_loss: {what}={lengths.tolist()} must not be negative, and not above the {most} steps")
    return lengths.astype(np.int64)


def _labels(targets: Any, sizes: Array, blank: int, classes: int) -> Array:
    """The targets with blanks before, between and after their classes, filled up with blanks: (N, 2 S + 1)."""
    given = np.asarray(targets)
    if (given.ndim == 1 and len(given) != sizes.sum()) or (given.ndim == 2 and len(given) != len(sizes)):
        raise ShapeError(f"ctc_loss: targets of shape {given.shape} do not fit target_lengths={sizes.tolist()}")
    longest = int(sizes.max(initial=0))
    if given.ndim not in (1, 2) or given.dtype.kind not in "iu" or (given.ndim == 2 and given.shape[1] < longest):
        raise ShapeError(
            f"ctc_loss: targets of shape {given.shape} and dtype {given.dtype} must be integers, {longest} or more for "
            "each example, or all one after the other"
        )
    counted = np.arange(longest) < sizes[:, None]
    rows = np.full(counted.shape, blank)
    rows[counted] = given if given.ndim == 1 else given[:, :longest][counted]
    if rows.size and not 0 <= rows.min() <= rows.max() < classes:
        raise IndexError(f"ctc_loss: targets from {rows.min()} to {rows.max()}, but there are {classes} classes")
    labels = np.full((len(sizes), 2 * longest + 1), blank)
    labels[:, 1::2] = rows
    return labels


def _log_likelihood(x: Any, labels: Array, steps: Array, sizes: Array, blank: int) -> Any:
    """Of each example; `IMPOSSIBLE`, or less, where it cannot be.

    The forward variables of Graves et al.: of each label, how likely the steps so far are to have arrived there. A step
    stays at its label, goes on to the next, or passes over a blank between two classes that differ.
    """
    count, batch, _ = x.shape
    width = labels.shape[1]
    skips = np.zeros(labels.shape, bool)
    skips[:, 2:] = (labels[:, 2:] != labels[:, :-2]) & (labels[:, 2:] != blank)
    places = Tensor.of(np.broadcast_to(labels, (count, batch, width)))
    said = x.gather(2, places).clamp(min=IMPOSSIBLE)  # (T, N, 2 S + 1)
    at: Any = Tensor.of(np.where(np.arange(width), IMPOSSIBLE, 0.0).astype(x.dtype)).expand(batch, width)
    for t, step in enumerate(steps_of(said) if count else []):
        before = pad(at, (2, 0), value=IMPOSSIBLE)
        arrived = logaddexp(at, before[:, 1:-1])
        arrived = logaddexp(arrived, where(Tensor.of(skips), before[:, :-2], IMPOSSIBLE)) + step
        at = arrived if (t < steps).all() else where(Tensor.of(t < steps).unsqueeze(1), arrived, at)
    in_class = at.gather(1, Tensor.of(np.maximum(2 * sizes - 1, 0)).unsqueeze(1)).squeeze(1)
    in_blank = at.gather(1, Tensor.of(2 * sizes).unsqueeze(1)).squeeze(1)
    return logaddexp(in_blank, where(Tensor.of(sizes > 0), in_class, IMPOSSIBLE))
