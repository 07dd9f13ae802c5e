"""The loss of a sequence of labels under probabilities at more steps than there are labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, DtypeError, ShapeError, Tensor, logaddexp, where
from autograd.arrays.trellis import NEVER
from autograd.functions.answers import refuse_recording
from autograd.functions.reductions import require_float
from autograd.graph import apply
from autograd.rules import RULES
from nn.functional.losses.common import reduced

__all__ = [
    "ctc_loss",
]

Array = np.ndarray[Any, Any]


def ctc_loss(
    log_probs: Tensor,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-log of the probability of the labels: the sum over all ways to place them in order, blanks between them.

    ``log_probs`` ``(T, N, C)``, or ``(T, C)`` of one sequence, are those of `log_softmax`; ``targets`` ``(N, S)``, or
    one after the other in a vector; lengths ``(N,)``, in a tensor or a tuple. A label may be repeated from step to
    step; two equal ones need a blank between them. "mean" divides each loss by its target's length first.

    Where there is no way, the loss is infinite, or 0 with ``zero_infinity``, and the gradient 0, where PyTorch's is
    NaN. As in PyTorch, the gradient has exp(log_probs) added at each step that counts: what `log_softmax` makes of it
    is the same, but it sums to 0.

    Graves et al. 2006, Connectionist Temporal Classification, ICML.
    """
    refuse_recording("ctc_loss", "which lays its targets out anew at each call")
    require_float("ctc_loss", log_probs)
    if log_probs.ndim not in (2, 3) or not log_probs.shape[-1]:
        raise ShapeError(f"ctc_loss: log_probs {log_probs.shape} must be (T, N, C) or, of one sequence, (T, C)")
    x: Any = log_probs if log_probs.ndim == 3 else log_probs.unsqueeze(1)
    steps, batch, classes = x.shape
    if not 0 <= blank < classes:
        raise ArgumentError(f"ctc_loss: blank={blank} must be one of the {classes} classes, 0 to {classes - 1}")
    times = _lengths("input_lengths", input_lengths, batch, steps)
    labels, counts = _labels(targets, target_lengths, batch)
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise IndexError(f"ctc_loss: label {outside[0]} is out of range: log_probs score {classes} classes")
    losses = _of_paths(x, labels, times, counts, blank, zero_infinity)
    if reduction == "mean":
        return (losses / Tensor.of(np.maximum(counts, 1).astype(x.dtype))).mean()
    return reduced("ctc_loss", losses if log_probs.ndim == 3 else losses.squeeze(0), reduction)


def _lengths(what: str, given: Any, batch: int, most: int | None = None) -> Array:
    lengths = np.asarray(given)
    if lengths.dtype.kind not in "iu" and lengths.size:
        raise DtypeError(f"ctc_loss: {what} of dtype {lengths.dtype} must be integers")
    if lengths.ndim > 1 or lengths.size != batch:
        raise ShapeError(f"ctc_loss: {what} of shape {lengths.shape}: give one for each of {batch} sequences")
    lengths = lengths.reshape(batch).astype(np.int64)
    if batch and (lengths.min() < 0 or (most is not None and lengths.max() > most)):
        raise ShapeError(f"ctc_loss: {what}={lengths.tolist()} must lie between 0 and {most}")
    return lengths


def _labels(targets: Any, target_lengths: Any, batch: int) -> tuple[Array, Array]:
    """The labels (N, S), 0 beyond the end of each, and how many each sequence has."""
    given = np.asarray(targets)
    if given.dtype.kind not in "iu" and given.size:
        raise DtypeError(f"ctc_loss: targets of dtype {given.dtype} must be class indices (.long())")
    counts = _lengths("target_lengths", target_lengths, batch, given.shape[-1] if given.ndim else 0)
    longest = int(counts.max(initial=0))
    inside = np.arange(longest) < counts[:, None]
    labels = np.zeros((batch, longest), np.int64)
    if given.ndim == 2 and len(given) == batch:
        labels[inside] = given[:, :longest][inside]
    elif given.ndim == 1 and given.size == counts.sum():
        labels[inside] = given
    else:
        raise ShapeError(
            f"ctc_loss: targets {given.shape} for {batch} sequences of {counts.tolist()} labels: they must be (N, S) "
            "or, one after the other, as many as the lengths say"
        )
    return labels, counts


def _of_paths(x: Any, labels: Array, times: Array, counts: Array, blank: int, zero_infinity: bool) -> Any:
    """The loss of each sequence."""
    steps, batch, _ = x.shape
    states = np.full((batch, 2 * labels.shape[1] + 1), blank)  # blank, label, blank, ..., label, blank
    states[:, 1::2] = labels
    jumps = np.ones((*states.shape, 3), bool)
    jumps[:, 2:, 0] = states[:, 2:] != states[:, :-2]  # never from blank to blank
    jumps[:, :2, 0] = False
    each, last = np.arange(batch), np.maximum(times - 1, 0)
    possible = (times > 0) | (counts == 0)
    out: Any = x.sum((0, 2)) * 0.0 if not steps else None
    if out is None:
        scores = x[np.arange(steps)[:, None, None], each[:, None], states].clamp(min=NEVER)
        starts = (np.arange(steps)[:, None, None] > 0) | (np.arange(states.shape[1]) < 2)
        sums = apply(RULES["trellis"], (where(starts, scores, NEVER),), (jumps,))
        ends = sums[last, each, 2 * counts], sums[last, each, np.maximum(2 * counts - 1, 0)]
        out = -where(counts > 0, logaddexp(*ends), ends[0])
        out = where(times > 0, out, 0.0)
    possible &= ~(out.raw > -NEVER / 2)  # a loss that is NaN stays that
    counted = possible & (np.arange(steps)[:, None] < times)  # (T, N)
    sums_of = where(counted[..., None], x, -np.inf).exp().sum((0, 2))
    out = out + (sums_of - sums_of.detach())  # 0, with the gradient that PyTorch adds
    return where(possible, out, 0.0 if zero_infinity else np.inf)
