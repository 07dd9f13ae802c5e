"""What can be chosen on the page, checked: every mistake has a sentence that says what is wrong and what would do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import nn
import optim

DATA = ("moons", "circles", "spirals", "xor", "csv")
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "leaky relu": nn.LeakyReLU}
OPTIMIZERS: dict[str, tuple[type[optim.Optimizer], dict[str, Any]]] = {
    "sgd": (optim.SGD, {}),
    "momentum": (optim.SGD, {"momentum": 0.9}),
    "adam": (optim.Adam, {}),
    "adamw": (optim.AdamW, {}),
    "rmsprop": (optim.RMSprop, {}),
}
LAYERS, UNITS = 6, 64


class SettingsError(ValueError):
    """A setting that cannot be; ``field`` is its name on the page."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Settings:
    """One choice of everything. Those in LIVE may change while the network learns; others begin a new one."""

    data: str = "moons"
    noise: float = 0.1
    layers: tuple[int, ...] = (8, 8)
    activation: str = "tanh"
    optimizer: str = "adam"
    lr: float = 0.03
    batch: int = 32  # 0 means all points at once
    seed: int = 0
    speed: int = 60  # steps a second; 0 means as fast as possible
    csv: str = ""

    LIVE = ("lr", "speed")

    @classmethod
    def checked(cls, given: Any) -> Settings:
        """Settings from the page's JSON; what it leaves out is as above."""
        if not isinstance(given, Mapping):
            raise SettingsError("", "The settings must be one JSON object.")
        names = [field.name for field in fields(cls)]
        for name in given:
            if name not in names:
                raise SettingsError(str(name), f"There is no setting {str(name)!r:.40}; there are {', '.join(names)}.")
        new = cls(**{name: CHECKS[name](given[name]) for name in names if name in given})
        if new.data == "csv" and not new.csv.strip():
            raise SettingsError("csv", "There is no CSV yet: choose a file, or paste its text.")
        return new

    def only_live_differs(self, other: Settings) -> bool:
        """Whether ``other`` can be taken over without beginning anew."""
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(self) if f.name not in self.LIVE)


def _one_of(field: str, choices: Any) -> Any:
    def check(given: Any) -> str:
        if not isinstance(given, str) or given not in choices:
            raise SettingsError(field, f"{given!r:.40} is no choice for {field}; choose {', '.join(choices)}.")
        return given

    return check


def _number(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise ValueError
    return float(given)


def _real(field: str, what: str, low: float, high: float, open_below: bool = False) -> Any:
    wanted = f"a number {'above' if open_below else 'from'} {low:g} {'and up ' if open_below else ''}to {high:g}"

    def check(given: Any) -> float:
        try:
            number = _number(given)
        except (ValueError, OverflowError):
            raise SettingsError(field, f"{what} is {given!r:.40}; it must be {wanted}.") from None
        if not (math.isfinite(number) and low <= number <= high) or (open_below and number == low):
            raise SettingsError(field, f"{what} is {number:g}; it must be {wanted}.")
        return number

    return check


def _whole(field: str, what: str, low: int, high: int) -> Any:
    real = _real(field, what, low, high)

    def check(given: Any) -> int:
        number = real(given)
        if number != int(number):
            raise SettingsError(field, f"{what} is {number:g}; it must be a whole number from {low} to {high}.")
        return int(number)

    return check


def _layers(given: Any) -> tuple[int, ...]:
    parts = given.split(",") if isinstance(given, str) else given
    if not isinstance(parts, list | tuple) or not 1 <= len(parts) <= LAYERS or parts == [""]:
        raise SettingsError("layers", f"Give the units of 1 to {LAYERS} hidden layers, such as 8, 8.")
    return tuple(_whole("layers", f"Layer {k}", 1, UNITS)(part) for k, part in enumerate(parts, 1))


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise SettingsError("csv", "The CSV must be text.")
    return given


CHECKS = {
    "data": _one_of("data", DATA),
    "noise": _real("noise", "The noise", 0, 0.5),
    "layers": _layers,
    "activation": _one_of("activation", ACTIVATIONS),
    "optimizer": _one_of("optimizer", OPTIMIZERS),
    "lr": _real("lr", "The learning rate", 0, 100, open_below=True),
    "batch": _whole("batch", "The batch size", 0, 10_000),
    "seed": _whole("seed", "The seed", 0, 2**31 - 1),
    "speed": _whole("speed", "The speed", 0, 10_000),
    "csv": _text,
}
