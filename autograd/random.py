"""Making tensors of random numbers. They come from ``generator`` or, without one, from that of `manual_seed`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import EllipsisType
from typing import Any

import numpy as np

from autograd import devices, dtypes
from autograd.creation import made, sizes_of
from autograd.errors import ArgumentError, DtypeError, ShapeError
from autograd.functions.indexing import require_same_dtype
from autograd.generator import Generator, default_generator, default_rng, uniform
from autograd.generator import manual_seed as manual_seed
from autograd.tensor import Tensor

__all__ = [
    "bernoulli",
    "binomial",
    "get_rng_state",
    "initial_seed",
    "multinomial",
    "normal",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "seed",
    "set_rng_state",
]


def seed() -> int:
    """Seed the default generator with a number that differs each time, and say which."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the default generator stands."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the default generator where one stood."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:
    """Put the default generator back, at the end of the block, where it stood at its beginning. ``devices`` would be
    GPUs with generators of their own, of which there are none."""
    if devices:
        raise ArgumentError(f"fork_rng: devices is {devices!r}, but there are no GPUs; leave it out")
    before = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if before is not None:
            set_rng_state(before)


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    chosen = dtypes.get_default_dtype() if dtype is None else dtypes.as_dtype(dtype)
    return made(uniform(0.0, 1.0, sizes_of("rand", sizes, size), chosen, generator), chosen, device, requires_grad)


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers, normal with mean 0 and variance 1."""
    numbers = default_rng(generator).standard_normal(sizes_of("randn", sizes, size))
    return made(numbers, dtype, device, requires_grad)


def rand_like(
    input: Tensor,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """`rand` in the shape and, unless one is given, the dtype of ``input``."""
    devices.check_format(memory_format)
    return rand(
        input.shape, generator=generator, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad
    )


def randn_like(
    input: Tensor,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """`randn` in the shape and, unless one is given, the dtype of ``input``."""
    devices.check_format(memory_format)
    return randn(
        input.shape, generator=generator, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad
    )


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random integers in [low, high), int64 unless a dtype is given; ``randint(high, size)`` starts at 0."""
    if size is None or high is None:
        low, high, size = 0, low, high if size is None else size
    if high <= low:
        raise ArgumentError(f"randint: there is no integer in [{low}, {high}); high must be greater than low")
    numbers = default_rng(generator).integers(low, high, sizes_of("randint", (size,)))
    return made(numbers, dtype or dtypes.int64, device, requires_grad)


def randint_like(
    input: Tensor,
    low: int = 0,
    high: Any = None,
    dtype: Any = None,
    device: Any = None,
    memory_format: Any = None,
    *,
    generator: Generator | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`randint` in the shape and, unless one is given, the dtype of ``input``."""
    devices.check_format(memory_format)
    first, last = (0, low) if high is None else (low, high)
    chosen = dtype or input.dtype
    return randint(
        first, last, input.shape, generator=generator, dtype=chosen, device=device, requires_grad=requires_grad
    )


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The integers below ``n`` in random order, int64 unless a dtype is given."""
    (n,) = sizes_of("randperm", (n,))
    return made(default_rng(generator).permutation(n), dtype or dtypes.int64, device, requires_grad)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers, normal with the given means and standard deviations: Tensors that broadcast, or numbers and a
    ``size``."""
    given = [operand for operand in (mean, std) if isinstance(operand, Tensor)]
    means, stds = (operand.raw if isinstance(operand, Tensor) else operand for operand in (mean, std))
    if np.any(np.asarray(stds) < 0):
        raise ArgumentError(f"normal: std is {std}; a standard deviation must not be negative")
    if given and size is not None:
        raise TypeError("normal: the size is that of the tensors; leave size out")
    if not given and size is None:
        raise TypeError("normal: mean and std are plain numbers; give the size of the result, as in size=(2, 3)")
    shape = np.broadcast_shapes(*(operand.shape for operand in given)) if given else sizes_of("normal", (size,))
    numbers = means + stds * default_rng(generator).standard_normal(shape)
    return made(numbers, dtype or (given[0].dtype if given else None), device, requires_grad)


def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that stands in ``input`` (or with ``p`` everywhere), else 0; of its shape and dtype."""
    probabilities = input.raw if p is None else np.full(input.shape, p)
    if p is None and input.dtype.kind != "f":
        raise DtypeError(f"bernoulli: probabilities of dtype {input.dtype} cannot lie between 0 and 1; use .float()")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ArgumentError("bernoulli: a probability lies outside [0, 1]; sigmoid makes probabilities of any numbers")
    return made(default_rng(generator).random(input.shape) < probabilities, input.dtype, None, False)


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """How many events happen, at the rates in ``input``; of its shape and dtype."""
    _require_fractions("poisson", input)
    if not (input.raw >= 0).all():
        raise ArgumentError("poisson: a rate is negative or NaN; exp or softplus make rates of any numbers")
    return made(default_rng(generator).poisson(input.raw), input.dtype, None, False)


def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """How many of ``count`` trials succeed, each with probability ``prob``; they broadcast, and have one dtype."""
    _require_fractions("binomial", count)
    require_same_dtype("binomial", count, prob)
    if not ((prob.raw >= 0) & (prob.raw <= 1)).all() or not ((count.raw >= 0) & (count.raw % 1 == 0)).all():
        raise ArgumentError("binomial: counts are whole numbers from 0 on, and probabilities lie in [0, 1]")
    return made(default_rng(generator).binomial(count.raw.astype(np.int64), prob.raw), count.dtype, None, False)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """``num_samples`` indices drawn for each row of ``input``, ``(C,)`` or ``(N, C)``, in proportion to its weights.

    Without ``replacement`` the indices of a row differ, as when balls are not put back.

    >>> from autograd import tensor
    >>> multinomial(tensor([0.0, 0.0, 3.0]), 4, replacement=True)
    tensor([2, 2, 2, 2])
    """
    weights = input.raw
    if input.dtype.kind != "f":
        raise DtypeError(f"multinomial: weights of dtype {input.dtype}; make them floats, as in .float()")
    if input.ndim not in (1, 2) or not input.shape[-1]:
        raise ShapeError(f"multinomial: weights of shape {input.shape}; they must have shape (C,) or (N, C)")
    if not np.isfinite(weights).all() or (weights < 0).any() or not (weights.sum(-1) > 0).all():
        raise ArgumentError("multinomial: weights must be finite and not negative, and some in each row positive")
    (num_samples,) = sizes_of("multinomial", (num_samples,))
    if not num_samples:
        raise ArgumentError("multinomial: num_samples is 0; draw at least one")
    rng, rows = default_rng(generator), np.atleast_2d(weights).astype(np.float64)
    if replacement:
        cumulated = np.cumsum(rows, 1)
        points = rng.random((len(rows), num_samples)) * cumulated[:, -1:]
        drawn = np.array([np.searchsorted(c, u, "right") for c, u in zip(cumulated, points, strict=True)])
    else:
        if num_samples > (rows > 0).sum(1).min(initial=rows.shape[1]):
            raise ArgumentError(
                f"multinomial: {num_samples} different indices are asked for, but a row has fewer positive weights; "
                "draw fewer, or with replacement=True"
            )
        # the order of exponential waiting times is a draw without replacement (Efraimidis and Spirakis 2006)
        waiting = np.divide(rng.exponential(size=rows.shape), rows, out=np.full(rows.shape, np.inf), where=rows > 0)
        drawn = np.argsort(waiting, 1, kind="stable")[:, :num_samples]
    return made(drawn.reshape(*input.shape[:-1], num_samples), dtypes.int64, None, False)


# In place: the methods of Tensor, which return it ---------------------------------------------------------------------


def random_(
    input: Any, low: int | None = None, high: int | EllipsisType | None = ..., *, generator: Generator | None = None
) -> Any:
    """Draw every element from the whole numbers in [low, high); with one argument, from 0. What is None is as far as
    the dtype goes, of floats as far as they are dense."""
    input._refuse_in_graph("random_", ())
    lowest, highest = _whole_numbers(input.dtype)
    first, last = (0, low) if high is ... else (low or 0, high)
    last = highest + 1 if last is None else last
    if not first < last:
        raise ArgumentError(f"random_: there is no whole number in [{first}, {last}); the second must be greater")
    if input.dtype.kind != "f" and not lowest <= first < last <= highest + 1:
        raise ArgumentError(
            f"random_: not all of [{first}, {last}) are in {input.dtype}, which has {lowest} to {highest}"
        )
    return input._store("random_", default_rng(generator).integers(first, last - 1, input.raw.shape, endpoint=True))


def _whole_numbers(dtype: Any) -> tuple[int, int]:
    """The smallest and the largest whole number between which ``dtype`` has all."""
    if dtype.kind == "f":
        limit = 2 ** (np.finfo(dtype).nmant + 1)
        return -limit, limit
    return (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


def normal_(input: Any, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Draw every element from the normal distribution with this mean and standard deviation."""
    input._refuse_in_graph("normal_", ())
    if not std >= 0:
        raise ArgumentError(f"normal_: std is {std}; a standard deviation must not be negative")
    return input._store("normal_", default_rng(generator).normal(mean, std, input.raw.shape))


def uniform_(input: Any, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Draw every element uniformly from [low, high)."""
    input._refuse_in_graph("uniform_", ())
    _require_fractions("uniform_", input)
    if not low <= high:
        raise ArgumentError(f"uniform_: there is nothing in [{low}, {high}); the second must not be the smaller one")
    return input._store("uniform_", uniform(low, high, input.raw.shape, input.raw.dtype, generator))


def exponential_(input: Any, lambd: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Draw every element from the exponential distribution with rate ``lambd``."""
    input._refuse_in_graph("exponential_", ())
    if not lambd > 0:
        raise ArgumentError(f"exponential_: lambd is {lambd}; a rate is positive")
    return input._store("exponential_", default_rng(generator).exponential(1 / lambd, input.raw.shape))


def _require_fractions(name: str, input: Any) -> None:
    if input.raw.dtype.kind != "f":
        raise DtypeError(f"{name}: fractions do not fit into a tensor of dtype {input.raw.dtype}; use .float() first")


def cauchy_(input: Any, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Draw every element from the Cauchy distribution around ``median``, a half of it within ``sigma``."""
    input._refuse_in_graph("cauchy_", ())
    _require_fractions("cauchy_", input)
    if not sigma > 0:
        raise ArgumentError(f"cauchy_: sigma is {sigma}; a width is positive")
    return input._store("cauchy_", median + sigma * default_rng(generator).standard_cauchy(input.raw.shape))


def log_normal_(input: Any, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Any:
    """Draw every element so that its logarithm is normal with this mean and standard deviation."""
    input._refuse_in_graph("log_normal_", ())
    _require_fractions("log_normal_", input)
    if not std > 0:
        raise ArgumentError(f"log_normal_: std is {std}; it must be positive")
    return input._store("log_normal_", default_rng(generator).lognormal(mean, std, input.raw.shape))


def geometric_(input: Any, p: float, *, generator: Generator | None = None) -> Any:
    """Draw for every element how many trials it takes to succeed once, each with probability ``p``."""
    input._refuse_in_graph("geometric_", ())
    if not 0 < p < 1:
        raise ArgumentError(f"geometric_: p is {p}; it must lie between 0 and 1")
    if input.raw.dtype.kind == "b":
        raise DtypeError("geometric_: counts do not fit into a tensor of booleans; use .int() first")
    return input._store("geometric_", default_rng(generator).geometric(p, input.raw.shape))


def bernoulli_(input: Any, p: Any = 0.5, *, generator: Generator | None = None) -> Any:
    """Set every element to 1 with probability ``p`` (a number, or a Tensor that broadcasts), else to 0."""
    input._refuse_in_graph("bernoulli_", ())
    probability = p.raw if isinstance(p, Tensor) else np.asarray(p)
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ArgumentError(f"bernoulli_: p is {p}; a probability lies in [0, 1]")
    return input._store("bernoulli_", default_rng(generator).random(input.raw.shape) < probability)


IN_PLACE = (bernoulli_, cauchy_, exponential_, geometric_, log_normal_, normal_, random_, uniform_)
for _function in (bernoulli, multinomial, *IN_PLACE):  # methods, too
    setattr(Tensor, _function.__name__, _function)
