"""Devices: there is one, the CPU. Programs that ask for it run; any other is refused, not ignored.

The formats of memory are here, too. They say in what order elements lie in it, for the sake of speed; here that is
NumPy's affair, so they are accepted and change nothing.
"""

from __future__ import annotations

from typing import Any

from autograd.errors import DtypeError

__all__ = ["channels_last", "channels_last_3d", "contiguous_format", "device", "preserve_format"]

FORMATS = contiguous_format, preserve_format, channels_last, channels_last_3d = (
    *("contiguous_format", "preserve_format", "channels_last", "channels_last_3d"),
)
NAMES = ("cpu", "cuda", "mps", "xpu", "meta")  # what programs call devices


class device(str):
    """``device("cpu")``, with ``type`` and ``index``; equal to its name.

    >>> from autograd import zeros
    >>> zeros(2, device="cpu").device.type
    'cpu'
    """

    type = "cpu"
    index: int | None  # type: ignore[assignment]  # str.index finds substrings, of which a device has none to find

    def __new__(cls, type: Any, index: int | None = None) -> device:
        kind, _, number = str(type).partition(":")
        if kind != "cpu" or (number and number != "0") or index not in (None, 0):
            raise DtypeError(
                f"device: {str(type)!r} is not there: this library computes on the CPU; "
                "use device='cpu', or leave the device out"
            )
        made = super().__new__(cls, "cpu")
        made.index = int(number) if number else index
        return made

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __enter__(self) -> device:
        """Tensors made within are on this device, as all are."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass


CPU = device("cpu")


def check(given: Any) -> None:
    """Refuse any device but the CPU; None means it too."""
    if given is not None and given is not CPU:
        device(given)


def check_format(given: Any) -> None:
    """Refuse what is no format of memory; None means none in particular."""
    if given is not None and given not in FORMATS:
        raise DtypeError(f"memory_format: {given!r} is not one; there are {', '.join(FORMATS)}")
