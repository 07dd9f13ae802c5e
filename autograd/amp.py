"""Mixed precision, as far as programs that can do without it mention it: switched off.

Lower precision pays on hardware made for it. ``autocast`` and ``GradScaler`` for a GPU switch themselves off with a
warning, as PyTorch's do on a machine that has none; on the CPU, where PyTorch computes in bfloat16, `autocast` is
refused, since NumPy has no such numbers.
"""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any
from warnings import warn

from autograd.errors import DtypeError

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]


def _allowed(name: str, device_type: str, enabled: bool) -> bool:
    """False; with a warning, or refused, if it was to be ``enabled``."""
    if enabled and device_type == "cpu":
        raise DtypeError(
            f"{name}: there is no lower precision on the CPU here; leave it out, give enabled=False, or convert "
            "the model with .half()"
        )
    if enabled:
        warn(f"{name}: there is no {device_type} device, so this is switched off", UserWarning, stacklevel=3)
    return False


class autocast(ContextDecorator):
    """``with autocast("cuda", enabled=False):``, which changes nothing.

    Raises `DtypeError` if enabled for the CPU; warns and stays off if enabled for a device that is not there.

    >>> with autocast("cuda", enabled=False):
    ...     pass
    """

    def __init__(
        self, device_type: str = "cuda", dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        self.device_type, self.dtype = device_type, dtype
        self.enabled = _allowed("autocast", device_type, enabled)

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass


def custom_fwd(fwd: Any = None, *, device_type: str = "cuda", cast_inputs: Any = None) -> Any:
    """Decorate a `Function`'s ``forward``, which stays as it is: ``cast_inputs`` is for within `autocast`."""
    return fwd if fwd is not None else lambda function: function


def custom_bwd(bwd: Any = None, *, device_type: str = "cuda") -> Any:
    """Decorate a `Function`'s ``backward``, which stays as it is."""
    return custom_fwd(bwd, device_type=device_type)


class GradScaler:
    """A scaler of gradients that is switched off: the loss stays as it is, ``step`` is the optimizer's, and the other
    settings are for a scale that there is not.

    >>> scaler = GradScaler(enabled=False)
    >>> scaler.scale(2.0), scaler.get_scale(), scaler.is_enabled()
    (2.0, 1.0, False)
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._enabled = _allowed("GradScaler", str(device), enabled)

    def scale(self, outputs: Any) -> Any:
        """The outputs as they are."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Leave the gradients as they are."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """``optimizer.step(...)``."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Leave the scale 1."""

    def get_scale(self) -> float:
        """1.0."""
        return 1.0

    def is_enabled(self) -> bool:
        """False."""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """Empty, as of every scaler that is switched off."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing is taken from it."""
