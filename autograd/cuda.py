"""What programs ask of a GPU before they use it. There is none here, so they take their other branch."""

from __future__ import annotations


def is_available() -> bool:
    """False: this library computes on the CPU."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Seed the generators of the GPUs, of which there are none; `autograd.manual_seed` seeds the one there is."""


manual_seed_all = manual_seed


def synchronize() -> None:
    """Wait for the GPUs, of which there are none."""


empty_cache = synchronize
