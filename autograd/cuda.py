"""What programs ask before they use a GPU. There is none here, so they take their other branch."""

from __future__ import annotations


def is_available() -> bool:
    """False: this library computes on the CPU."""
    return False


def device_count() -> int:
    """0."""
    return 0
