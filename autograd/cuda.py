"""What programs ask of a GPU before they use it. There is none here, so they take their other branch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autograd import devices
from autograd.amp import GradScaler, autocast, custom_bwd, custom_fwd

__all__ = [
    "amp",
    "current_device",
    "device_count",
    "empty_cache",
    "get_device_name",
    "get_device_properties",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "memory_allocated",
    "memory_reserved",
    "reset_peak_memory_stats",
    "set_device",
    "synchronize",
]


def is_available() -> bool:
    """False: this library computes on the CPU."""
    return False


is_bf16_supported = is_initialized = is_available


def device_count() -> int:
    """0."""
    return 0


memory_allocated = memory_reserved = max_memory_allocated = max_memory_reserved = device_count


def manual_seed(seed: int) -> None:
    """Seed the generators of the GPUs, of which there are none; `autograd.manual_seed` seeds the one there is."""


manual_seed_all = manual_seed


def synchronize() -> None:
    """Wait for the GPUs, of which there are none."""


empty_cache = reset_peak_memory_stats = synchronize


def set_device(device: Any) -> None:
    """Refused, with what to do."""
    devices.check("cuda")


def current_device() -> int:
    """Refused, with what to do."""
    devices.check("cuda")
    return 0


get_device_name = get_device_properties = set_device


def _autocast(enabled: bool = True, dtype: Any = None, cache_enabled: bool = True) -> autocast:
    return autocast("cuda", dtype, enabled, cache_enabled)


def _grad_scaler(*settings: Any, **named: Any) -> GradScaler:
    return GradScaler("cuda", *settings, **named)


# older signatures of what `autograd.amp` has
amp = SimpleNamespace(autocast=_autocast, GradScaler=_grad_scaler, custom_fwd=custom_fwd, custom_bwd=custom_bwd)
