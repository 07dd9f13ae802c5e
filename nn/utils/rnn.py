"""Sequences of different lengths as one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import ShapeError, Tensor, full, stack
from autograd import cat as _cat

__all__ = ["pad_sequence", "unpad_sequence"]


def pad_sequence(
    sequences: Sequence[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Sequences (length, ...) filled up with ``padding_value``: (longest, N, ...), or (N, longest, ...).

    >>> pad_sequence([Tensor([1.0, 2.0, 3.0]), Tensor([4.0])], batch_first=True)
    tensor([[1., 2., 3.],
            [4., 0., 0.]])
    """
    if padding_side not in ("left", "right"):
        raise ValueError(f"pad_sequence: padding_side={padding_side!r}; it is 'left' or 'right'")
    if not len(sequences):
        raise ShapeError("pad_sequence: there are no sequences")
    longest = max(x.shape[0] for x in sequences)
    if len({x.shape[1:] for x in sequences}) > 1:
        raise ShapeError(f"pad_sequence: sequences of shapes {[x.shape for x in sequences]} may differ in length alone")
    padded = []
    for x in sequences:
        filling = full((longest - x.shape[0], *x.shape[1:]), padding_value, dtype=x.dtype)
        padded.append(_cat([x, filling] if padding_side == "right" else [filling, x]))
    return stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Any, batch_first: bool = False) -> list[Any]:
    """What `pad_sequence` was made of: the first elements of each sequence, so many as ``lengths`` says."""
    batch = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [x[: int(n)] for x, n in zip(batch, lengths, strict=True)]
