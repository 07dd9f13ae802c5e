"""`Generator`: a source of random numbers, NumPy's PCG64, which is the same on every platform and release."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from autograd import devices
from autograd.errors import DtypeError, ShapeError
from autograd.tensor import Tensor

__all__ = ["Generator", "manual_seed"]

_STATE_BYTES = (16, 16, 4, 4)  # of PCG64's state and increment, and of a half-used draw: whether there is one, and it


class Generator:
    """A source of random numbers of its own, for functions that take ``generator=``."""

    def __init__(self, device: Any = None) -> None:
        devices.check(device)
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Begin again at ``seed``."""
        try:
            seed = seed.__index__()
        except AttributeError:
            raise TypeError(f"manual_seed: {seed!r} is not a whole number; give one from 0 on") from None
        if seed < -(2**63):
            raise ValueError(f"manual_seed: {seed} is less than -2**63; a seed is a whole number of 64 bits")
        self._seed = seed % 2**64 if seed < 0 else seed
        vars(self).pop("numpy", None)
        return self

    @property
    def device(self) -> devices.device:
        """The CPU, always."""
        return devices.CPU

    def seed(self) -> int:
        """Begin again at a seed that differs each time, and say which."""
        return self.manual_seed(
            int.from_bytes(np.random.SeedSequence().generate_state(2).tobytes()[:7], "little")
        )._seed

    def initial_seed(self) -> int:
        """The seed it began with."""
        return self._seed

    @cached_property
    def numpy(self) -> np.random.Generator:
        """The NumPy generator behind it; made when first used, since loading numpy.random takes a while."""
        return np.random.Generator(np.random.PCG64(self._seed))

    def get_state(self) -> Tensor:
        """Where it stands, as a uint8 Tensor of 40 elements; the initial seed is not in it."""
        state: Any = self.numpy.bit_generator.state
        parts = (
            (state["state"]["state"], 16),
            (state["state"]["inc"], 16),
            (state["has_uint32"], 4),
            (state["uinteger"], 4),
        )
        return Tensor(np.frombuffer(b"".join(number.to_bytes(n, "little") for number, n in parts), np.uint8))

    def set_state(self, new_state: Tensor) -> Generator:
        """Go on from where another stood: the numbers that follow are the same."""
        array = np.asarray(new_state)
        if array.dtype != np.uint8:
            raise DtypeError(f"set_state: a state has dtype uint8, not {array.dtype}; give what get_state() gave")
        if array.shape != (sum(_STATE_BYTES),):
            raise ShapeError(
                f"set_state: a state has shape ({sum(_STATE_BYTES)},), not {array.shape}; give what get_state() gave"
            )
        data = iter(array.tobytes())
        state, inc, has, half = (int.from_bytes(bytes(islice(data, n)), "little") for n in _STATE_BYTES)
        self.numpy.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": inc},
            "has_uint32": has,
            "uinteger": half,
        }
        return self


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the generator that is used where none is given: same seed, same numbers. Programs begin with seed 0."""
    return default_generator.manual_seed(seed)


def default_rng(generator: Generator | None = None) -> np.random.Generator:
    """The NumPy generator behind ``generator`` or, if that is None, behind the default one."""
    if generator is not None and not isinstance(generator, Generator):
        raise TypeError(f"generator: {generator!r} is not a Generator; make one with Generator().manual_seed(seed)")
    return (generator or default_generator).numpy


def uniform(low: float, high: float, shape: tuple[int, ...], dtype: Any, generator: Generator | None) -> Any:
    """An array of numbers in [low, high), to whose end rounding to a narrow ``dtype`` may have brought some."""
    numbers = default_rng(generator).uniform(low, high, shape).astype(dtype)
    return np.minimum(numbers, np.nextafter(dtype.type(high), dtype.type(low)))
