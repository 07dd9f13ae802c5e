"""Einstein's summation: any contraction of any number of arrays, in one notation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.errors import DtypeError, ShapeError
from autograd.functions.dims import require_arrays, wrapped_dim
from autograd.functions.indexing import to
from autograd.functions.reductions import sum
from autograd.functions.shape import permute, reshape
from autograd.graph import Node, apply
from autograd.rules import RULES
from autograd.rules.kinds import Shape

__all__ = ["einsum", "tensordot"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def einsum(equation: Any, *operands: Any) -> Any:
    """The sum of products that ``equation`` describes: a letter for each dimension of each operand, the same letter
    for dimensions that run together; those that the output lacks are summed over.

    ``"ij,jk->ik"`` is the matrix product, ``"ii->"`` the trace, ``"...ij->...ji"`` a transpose, ``"i,j"`` (without an
    output: the letters that stand once, in alphabetical order) the outer product. ``einsum(x, [0, 1], y, [1, 2],
    [0, 2])`` gives the subscripts as lists of integers and of ``...``.

    >>> import autograd
    >>> autograd.einsum("bij,bjk->bik", autograd.ones(5, 2, 3), autograd.ones(5, 3, 4)).shape
    (5, 2, 4)
    """
    if not isinstance(equation, str):
        equation, operands = _from_sublists((equation, *operands))
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    if not operands:
        raise ShapeError(f"einsum: {equation!r} was given no operands; give one for each term")
    require_arrays("einsum", *operands)
    inputs, output = _letters(equation, tuple(x.shape for x in operands))
    terms = [_diagonal(equation, x, letters) for x, letters in zip(operands, inputs, strict=True)]
    sizes: dict[str, int] = {}
    for x, letters in terms:
        for letter, n in zip(letters, x.shape, strict=True):
            if n != 1 and sizes.setdefault(letter, n) not in (1, n):
                raise ShapeError(
                    f"einsum: {equation!r}: {_named(letter, equation)} has the sizes {sizes[letter]} and {n}"
                )
    terms = [_stretched(x, letters, sizes) for x, letters in terms]
    for k, (x, letters) in enumerate(terms):
        others = {*output, *(c for j, (_, rest) in enumerate(terms) if j != k for c in rest)}
        if alone := tuple(i for i, letter in enumerate(letters) if letter not in others):
            terms[k] = sum(x, alone), "".join(letter for letter in letters if letter in others)
    if len(terms) == 1:
        ((x, letters),) = terms
        return permute(x, tuple(letters.index(letter) for letter in output))
    summed = {letter for _, letters in terms for letter in letters} - set(output)
    if summed and all(x.dtype == np.bool_ for x, _ in terms):
        raise DtypeError(f"einsum: {equation!r}: truth values have no sum; convert first, as in .float()")
    written = f"{','.join(letters for _, letters in terms)}->{output}"
    return apply(RULES["einsum"], tuple(x for x, _ in terms), (written,))


def _from_sublists(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    operands, sublists = arguments[::2], arguments[1::2]
    output = None
    if len(arguments) % 2:
        operands, output = operands[:-1], operands[-1]
    if not all(isinstance(x, Node) for x in operands):
        raise DtypeError("einsum: give an equation and operands, or operands each followed by a list of subscripts")

    def term(subscripts: Sequence[Any]) -> str:
        for s in subscripts:
            if s is not ... and not 0 <= s < len(LETTERS):
                raise ShapeError(f"einsum: subscript {s} is out of range; it must be in [0, {len(LETTERS) - 1}]")
        return "".join("..." if s is ... else LETTERS[s] for s in subscripts)

    equation = ",".join(map(term, sublists))
    return equation if output is None else f"{equation}->{term(output)}", operands


@lru_cache
def _letters(equation: str, shapes: tuple[Shape, ...]) -> tuple[list[str], str]:
    """The terms of an equation and its output, with letters of their own for the dimensions of an ellipsis."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ShapeError(f"einsum: {equation!r} has {len(terms)} terms for {len(shapes)} operands; give one for each")
    for term in (*terms, right):
        rest = term.replace("...", "", 1)
        if not all(letter in LETTERS for letter in rest):
            raise ShapeError(f"einsum: {equation!r}: {term!r} may have letters and one '...', and nothing else")
    free = [letter for letter in LETTERS if letter not in equation]
    extra = [len(shape) - len(term.replace("...", "")) for term, shape in zip(terms, shapes, strict=True)]
    for term, shape, n in zip(terms, shapes, extra, strict=True):
        if n < 0 or (n and "..." not in term):
            raise ShapeError(
                f"einsum: {equation!r}: {term!r} has {len(term.replace('...', ''))} letters for the {len(shape)} "
                f"dimensions of shape {shape}; give one for each, or '...'"
            )
    most = max((n for term, n in zip(terms, extra, strict=True) if "..." in term), default=0)
    if most > len(free):
        raise ShapeError(f"einsum: {equation!r}: more than {len(LETTERS)} different dimensions")
    dots = "".join(free[:most])
    inputs = [term.replace("...", dots[most - n :]) for term, n in zip(terms, extra, strict=True)]
    if not arrow:
        once = "".join(terms).replace("...", "")
        right = "..." + "".join(sorted(letter for letter in set(once) if once.count(letter) == 1))
    output = right.replace("...", dots)
    for letter in output:
        which = _named(letter, equation)
        if output.count(letter) > 1:
            raise ShapeError(f"einsum: {equation!r}: {which} stands twice in the output; name it once")
        if not any(letter in term for term in inputs):
            raise ShapeError(f"einsum: {equation!r}: {which} of the output stands in no term")
    return inputs, output


def _named(letter: str, equation: str) -> str:
    return f"the dimension {letter!r}" if letter in equation else "a dimension of '...'"


def _diagonal(equation: str, x: Any, letters: str) -> tuple[Any, str]:
    """``x`` along the diagonal of the dimensions that have one letter; these come first."""
    for letter in dict.fromkeys(letters):
        along = [i for i, other in enumerate(letters) if other == letter]
        if len(along) == 1:
            continue
        if len({x.shape[i] for i in along}) > 1:
            raise ShapeError(
                f"einsum: {equation!r}: {_named(letter, equation)} is repeated, but shape {x.shape} is not square there"
            )
        others = [i for i in range(x.ndim) if i not in along]
        steps = np.arange(x.shape[along[0]])
        x = permute(x, (*along, *others))[(steps,) * len(along)]
        letters = letter + "".join(letters[i] for i in others)
    return x, letters


def _stretched(x: Any, letters: str, sizes: dict[str, int]) -> tuple[Any, str]:
    """``x`` without its dimensions of size 1 that have another size elsewhere: these it does not depend on."""
    kept = [i for i, letter in enumerate(letters) if x.shape[i] == sizes.get(letter, 1)]
    if len(kept) < len(LETTERS):
        x = reshape(x, tuple(x.shape[i] for i in kept))
    return x, "".join(letters[i] for i in kept)


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The sum of products over ``dims``: the last so many of ``a`` with the first so many of ``b``, or two lists of
    dimensions that run together. The others follow each other in the result.

    >>> import autograd
    >>> autograd.tensordot(autograd.ones(2, 3, 4), autograd.ones(4, 3, 5), dims=([1, 2], [1, 0])).shape
    (2, 5)
    """
    require_arrays("tensordot", a, b)
    if hasattr(dims, "tolist"):
        dims = dims.tolist()
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ShapeError(f"tensordot: shapes {a.shape} and {b.shape} have no {dims} dimensions to run together")
        of_a, of_b = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        of_a, of_b = ([d] if isinstance(d, int) else list(d) for d in dims)
        of_a = [wrapped_dim("tensordot", d, a.ndim) for d in of_a]
        of_b = [wrapped_dim("tensordot", d, b.ndim) for d in of_b]
    if len(of_a) != len(of_b) or len(set(of_a)) < len(of_a) or len(set(of_b)) < len(of_b):
        raise ShapeError(f"tensordot: dims {of_a} and {of_b} must be equally many, each named once")
    if a.dtype != b.dtype:
        raise DtypeError(f"tensordot: {a.dtype} and {b.dtype}: convert one of them with .to(dtype)")
    letters_a, letters_b = list(range(a.ndim)), list(range(a.ndim, a.ndim + b.ndim))
    for i, j in zip(of_a, of_b, strict=True):
        letters_b[j] = i
    output = [c for c in letters_a if c not in of_a] + [c for c in letters_b if c >= a.ndim]
    out = einsum(a, letters_a, b, letters_b, output)
    return out if out.dtype == a.dtype else to(out, a.dtype)  # as where a size 1 meets another, which is summed alone
