"""Functions that arrange the same elements otherwise: in another shape, in another order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import dtypes
from autograd.errors import ArgumentError, DimensionError, DtypeError, ShapeError, described
from autograd.functions.answers import answer
from autograd.functions.dims import Dim, as_sizes, given_sizes, wrapped_dim, wrapped_dims
from autograd.graph import apply
from autograd.rules import RULES

__all__ = [
    "H",
    "adjoint",
    "broadcast_to",
    "expand",
    "expand_as",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "mH",
    "mT",
    "moveaxis",
    "movedim",
    "permute",
    "ravel",
    "reshape",
    "reshape_as",
    "roll",
    "rot90",
    "squeeze",
    "swapaxes",
    "swapdims",
    "t",
    "transpose",
    "unflatten",
    "unsqueeze",
    "view",
    "view_as",
]


_DTYPES = (np.dtype, type)


def reshape(input: Any, *sizes: Any, shape: Any = None) -> Any:
    """The same elements in the same order, in another shape; one size may be -1 and is then worked out."""
    sizes = given_sizes("reshape", sizes, shape)
    known = math.prod(size for size in sizes if size != -1)
    total = math.prod(input.shape)
    if (
        min(sizes, default=0) < -1
        or sizes.count(-1) > 1
        or (-1 in sizes and (not known or total % known))
        or (-1 not in sizes and known != total)
    ):
        raise ShapeError(
            f"reshape: shape {tuple(input.shape)} has {total} elements and cannot become {sizes}; the product "
            "of the sizes must be that number, and one of them may be -1"
        )
    return apply(RULES["reshape"], (input,), (sizes,))


def view(input: Any, *sizes: Any, shape: Any = None, dtype: Any = None) -> Any:
    """`reshape`; or, given a dtype instead, the same bytes as numbers of that, without a gradient.

    Bytes that make more or fewer numbers do so along the last dimension.
    """
    if dtype is None and not (len(sizes) == 1 and isinstance(sizes[0], _DTYPES)):
        return reshape(input, *sizes, shape=shape)
    if dtype is None:
        dtype, sizes = sizes[0], ()
    if sizes or shape is not None:
        raise ArgumentError("view: give either sizes or a dtype")
    chosen = dtypes.as_dtype(dtype)
    try:
        out = answer("bits", input, parameters=(chosen,))
    except ValueError:
        raise ShapeError(
            f"view: the bytes of shape {input.shape}, {input.itemsize} for a number, are no numbers of {chosen}, "
            f"{chosen.itemsize} for each; they must follow each other in memory and be a multiple of that"
        ) from None
    out._memory = input.memory()
    return out


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The dimensions from ``start_dim`` to ``end_dim``, both included, made into one."""
    start, end = wrapped_dim("flatten", start_dim, input.ndim), wrapped_dim("flatten", end_dim, input.ndim)
    if start > end:
        raise ShapeError(f"flatten: start_dim {start_dim} lies after end_dim {end_dim}; swap them")
    shape = input.shape
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def ravel(input: Any) -> Any:
    """All dimensions made into one."""
    return flatten(input)


def reshape_as(input: Any, other: Any) -> Any:
    """The same elements in the shape of ``other``."""
    return reshape(input, tuple(other.shape))


view_as = reshape_as


def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Any:
    """The dimension ``dim`` cut into dimensions of ``sizes``; one of them may be -1 and is then worked out."""
    at, sizes = wrapped_dim("unflatten", dim, input.ndim), given_sizes("unflatten", (), sizes)
    n = input.shape[at] if input.ndim else 1
    known = math.prod(size for size in sizes if size != -1)
    if not sizes or sizes.count(-1) > 1 or (known != n if -1 not in sizes else not known or n % known):
        raise ShapeError(f"unflatten: dim {dim} of shape {input.shape} has size {n} and cannot become {sizes}")
    parts = (n // known if size == -1 else size for size in sizes)
    return reshape(input, (*input.shape[:at], *parts, *input.shape[at + 1 :]))


def squeeze(input: Any, dim: Dim = None) -> Any:
    """Without the dimensions of size 1; with ``dim``, without those of them that have size 1."""
    dims = () if isinstance(dim, tuple) and not dim else wrapped_dims("squeeze", dim, input.ndim)
    return reshape(input, tuple(n for i, n in enumerate(input.shape) if n != 1 or i not in dims))


def unsqueeze(input: Any, dim: int) -> Any:
    """With a new dimension of size 1 at ``dim``."""
    at = wrapped_dim("unsqueeze", dim, input.ndim + 1)
    return reshape(input, (*input.shape[:at], 1, *input.shape[at:]))


def permute(input: Any, *order: Any, dims: Any = None) -> Any:
    """The dimensions in another order: dimension i of the result is dimension ``dims[i]`` of the input."""
    given = given_sizes("permute", order, dims)
    order = tuple(wrapped_dim("permute", d, input.ndim) for d in given)
    if sorted(order) != list(range(input.ndim)):
        raise ShapeError(
            f"permute: {given} does not name each of the {input.ndim} dimensions of {input.shape} once; it must"
        )
    return apply(RULES["permute"], (input,), (order,))


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """With the dimensions ``dim0`` and ``dim1`` swapped."""
    order = list(range(input.ndim))
    i, j = wrapped_dim("transpose", dim0, input.ndim), wrapped_dim("transpose", dim1, input.ndim)
    if not input.ndim:
        return permute(input, ())
    order[i], order[j] = j, i
    return permute(input, order)


swapdims = transpose


def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """With the dimensions ``axis0`` and ``axis1`` swapped."""
    return transpose(input, axis0, axis1)


def movedim(input: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """The dimensions ``source`` moved to the places ``destination``; the others keep their order."""
    given = [(dims,) if isinstance(dims, int) else tuple(dims) for dims in (source, destination)]
    places, targets = ([wrapped_dim("movedim", d, input.ndim) for d in dims] for dims in given)
    if len(places) != len(targets) or len(set(places)) < len(places) or len(set(targets)) < len(targets):
        raise ShapeError(
            f"movedim: from {source} to {destination}: as many dimensions must go as arrive, each named once"
        )
    if not input.ndim:
        return permute(input, ())
    order = [d for d in range(input.ndim) if d not in places]
    for target, place in sorted(zip(targets, places, strict=True)):
        order.insert(target, place)
    return permute(input, order)


moveaxis = movedim


def t(input: Any) -> Any:
    """The transpose of a matrix; a vector or a number as it is."""
    if input.ndim > 2:
        raise ShapeError(f"t: shape {input.shape} is not a matrix; use .mT, .transpose(dim0, dim1) or .permute(...)")
    return permute(input, tuple(reversed(range(input.ndim))))


def require_matrices(name: str, input: Any) -> None:
    if input.ndim < 2:
        raise ShapeError(f"{name}: shape {input.shape} has no matrices; it needs at least 2 dimensions")


def mT(input: Any) -> Any:
    """The last two dimensions swapped: each matrix of a batch transposed."""
    require_matrices("mT", input)
    return transpose(input, -1, -2)


def mH(input: Any) -> Any:
    """`mT`: of real matrices the conjugate transpose is the transpose."""
    return mT(input)


adjoint = mH


def H(input: Any) -> Any:
    """The transpose of a real matrix."""
    if input.ndim not in (0, 2):
        raise ShapeError(f"H: shape {input.shape} is not a matrix; use .mH for a batch of them")
    return t(input)


def broadcast_to(input: Any, *sizes: Any, shape: Any = None, size: Any = None) -> Any:
    """``input`` repeated to ``shape``, without copying; a size of -1 keeps the input's."""
    target = list(given_sizes("expand", sizes, size if shape is None else shape))
    new = len(target) - input.ndim
    for i in range(new, len(target)):
        if i >= 0 and target[i] == -1:
            target[i] = input.shape[i - new]
    if new < 0 or any(n not in (1, size) for n, size in zip(input.shape, target[new:], strict=True)) or -1 in target:
        raise ShapeError(
            f"expand: shape {input.shape} cannot be repeated to {tuple(target)}; "
            "aligned at the right, each size must be 1 or equal"
        )
    return apply(RULES["broadcast_to"], (input,), (tuple(target),))


expand = broadcast_to


def expand_as(input: Any, other: Any) -> Any:
    """``input`` repeated to the shape of ``other``."""
    if not hasattr(other, "shape"):
        raise DtypeError(f"expand_as: other is {described(other)}; it must be a Tensor, whose shape is taken")
    return broadcast_to(input, other.shape)


def flip(input: Any, *along: Any, dims: Any = None) -> Any:
    """The order of the elements along ``dims`` reversed."""
    if not along and dims is None:
        raise TypeError("flip: needs the dimensions to reverse, as in flip(x, 0) or flip(x, (0, 1))")
    chosen = given_sizes("flip", along, dims)
    return apply(RULES["flip"], (input,), (wrapped_dims("flip", chosen, input.ndim) if chosen else (),))


def fliplr(input: Any) -> Any:
    """The order along the second dimension reversed."""
    if input.ndim < 2:
        raise ShapeError(f"fliplr: shape {input.shape} has no second dimension to reverse; flip() takes any")
    return flip(input, 1)


def flipud(input: Any) -> Any:
    """The order along the first dimension reversed."""
    if not input.ndim:
        raise ShapeError("flipud: a 0-d tensor has no dimension to reverse; reshape it to (1,) first")
    return flip(input, 0)


def roll(input: Any, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> Any:
    """The elements shifted by ``shifts`` places along ``dims``; those beyond the end come in again at the start.

    Without ``dims`` the elements are shifted in the order in which they lie, across rows.
    """
    steps = as_sizes("roll", (shifts,))
    along = as_sizes("roll", () if dims is None else (dims,))
    if not along and len(steps) == 1:
        return reshape(roll(reshape(input, (-1,) if math.prod(input.shape) else (0,)), steps, 0), input.shape)
    if len(steps) != len(along) or not steps:
        raise ShapeError(f"roll: {len(steps)} shifts, {steps}, for {len(along)} dimensions, {along}; give one for each")
    if not input.ndim:
        raise DimensionError(f"roll: a 0-d tensor has no dim {dims}; leave dims out")
    return apply(RULES["roll"], (input,), (steps, tuple(wrapped_dim("roll", d, input.ndim) for d in along)))


def rot90(input: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Any:
    """Turned ``k`` times by a right angle in the plane of two dimensions, from the first towards the second."""
    if len(dims) != 2 or input.ndim < 2:
        raise ShapeError(f"rot90: shape {input.shape} in the plane of dims={dims}; it must be of two dimensions")
    first, second = (wrapped_dim("rot90", dim, input.ndim) for dim in dims)
    if first == second:
        raise ShapeError(f"rot90: dims={dims} are the same dimension; a plane needs two")
    if k % 2 == 0:
        return flip(input, first, second) if k % 4 else flip(input, dims=())
    turned = transpose(input, first, second)
    return flip(turned, first if k % 4 == 1 else second)
