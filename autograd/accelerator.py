"""What programs ask of an accelerator, whatever its make, before they use it: there is none, so they use the CPU."""

from __future__ import annotations

from autograd.cuda import device_count, is_available, synchronize

__all__ = ["current_accelerator", "device_count", "is_available", "synchronize"]


def current_accelerator(check_available: bool = False) -> None:
    """None: there is no accelerator."""
