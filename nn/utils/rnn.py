"""Sequences of different lengths as one tensor: padded to one length, or packed, step after step.

A packed batch has the first elements of all sequences, then the second ones of those that have one, and so on, the
longest sequence first: recurrent networks compute nothing for what is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, full, stack, tensor
from autograd import cat as _cat
from autograd.dtypes import float16, float32, float64, int8, int16, int32, int64, uint8

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Packed(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


class PackedSequence(_Packed):
    """A packed batch, as `pack_padded_sequence` makes it: ``data`` ``(sum of lengths, ...)``, how many sequences have
    each step, ``batch_sizes``, and the order of the sequences by length, with the one that undoes it (None: as given).
    """

    __slots__ = ()

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if batch_sizes is None:
            raise TypeError("PackedSequence: needs batch_sizes; pack_sequence() makes one of sequences")
        undone = invert_permutation(sorted_indices) if unsorted_indices is None else unsorted_indices
        return super().__new__(cls, data, batch_sizes, sorted_indices, undone)

    @property
    def is_cuda(self) -> bool:
        """Never."""
        return False

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with its ``data`` converted; see `Tensor.to`. This very one if there is nothing to convert."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._replace(data=data)

    def half(self) -> PackedSequence:
        """The same in float16."""
        return self.to(float16)

    def float(self) -> PackedSequence:
        """The same in float32."""
        return self.to(float32)

    def double(self) -> PackedSequence:
        """The same in float64."""
        return self.to(float64)

    def byte(self) -> PackedSequence:
        """The same in uint8."""
        return self.to(uint8)

    def char(self) -> PackedSequence:
        """The same in int8."""
        return self.to(int8)

    def short(self) -> PackedSequence:
        """The same in int16."""
        return self.to(int16)

    def int(self) -> PackedSequence:
        """The same in int32."""
        return self.to(int32)

    def long(self) -> PackedSequence:
        """The same in int64."""
        return self.to(int64)

    def cpu(self) -> PackedSequence:
        """This very one: it is on the CPU."""
        return self


def invert_permutation(permutation: Any) -> Any:
    """The permutation, a vector of integers, that undoes ``permutation``; of None, None."""
    return None if permutation is None else tensor(np.argsort(np.asarray(permutation)))


def _checked_lengths(input: Tensor, lengths: Any, batch_first: bool) -> Any:
    if input.ndim < 2:
        raise ShapeError(f"pack_padded_sequence: input {input.shape} must be (L, N, ...), or (N, L, ...) batch_first")
    sizes = np.asarray(lengths)
    steps, batch = input.shape[1::-1] if batch_first else input.shape[:2]
    if sizes.shape != (batch,) or sizes.dtype.kind not in "iu":
        raise ShapeError(
            f"pack_padded_sequence: lengths of shape {sizes.shape} and dtype {sizes.dtype} for a batch of {batch}; "
            "give one whole number for each sequence"
        )
    if batch == 0 or sizes.min() < 1 or sizes.max() > steps:
        raise ShapeError(
            f"pack_padded_sequence: lengths {sizes.tolist()} must lie from 1 to {steps}, the padded length"
        )
    return sizes


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """``input`` ``(L, N, ...)``, or with ``batch_first`` ``(N, L, ...)``, without what lies beyond the ``lengths``.

    With ``enforce_sorted`` the sequences must come longest first; without, they are put in that order.

    >>> packed = pack_padded_sequence(tensor([[1.0, 3.0], [2.0, 0.0]]), [2, 1])
    >>> packed.data, packed.batch_sizes
    (tensor([1., 3., 2.]), tensor([2, 1]))
    """
    sizes, order = _checked_lengths(input, lengths, batch_first), None
    if not enforce_sorted:
        order = np.argsort(-sizes, kind="stable")
        sizes = sizes[order]
    elif (np.diff(sizes) > 0).any():
        raise RuntimeError(
            f"pack_padded_sequence: lengths {sizes.tolist()} are not in falling order; sort the batch, or give "
            "enforce_sorted=False"
        )
    step, place = np.nonzero(np.arange(sizes[0])[:, None] < sizes)
    which = place if order is None else order[place]
    data = input[which, step] if batch_first else input[step, which]
    return PackedSequence(data, tensor(np.bincount(step)), None if order is None else tensor(order))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Tensor]:
    """What was packed, padded with ``padding_value`` to the longest or to ``total_length``, and the lengths."""
    if not isinstance(sequence, PackedSequence):
        raise DtypeError(f"pad_packed_sequence: takes a PackedSequence, not a {type(sequence).__name__}")
    data, sizes = sequence.data, np.asarray(sequence.batch_sizes)
    steps = len(sizes) if total_length is None else total_length
    if steps < len(sizes):
        raise ValueError(f"pad_packed_sequence: total_length={steps} is less than the longest, {len(sizes)}")
    here = np.arange(sizes[0]) < sizes[:, None]
    where, lengths = np.full((steps, sizes[0]), len(data)), here.sum(0)  # in data, or behind it: there is the padding
    where[: len(sizes)][here] = np.arange(len(data))
    if sequence.unsorted_indices is not None:
        back = np.asarray(sequence.unsorted_indices)
        where, lengths = where[:, back], lengths[back]
    padding = full((1, *data.shape[1:]), padding_value, dtype=data.dtype)
    return _cat([data, padding])[where.T if batch_first else where], tensor(lengths)


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences ``(length, ...)`` as one packed batch."""
    lengths = [len(x) for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences that were packed."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))


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
