"""Checkpoints: everything a training run needs to go on exactly where it stopped."""

from __future__ import annotations

from typing import Any

from autograd import Generator, get_rng_state, load, save, set_rng_state

__all__ = [
    "load_checkpoint",
    "save_checkpoint",
]


def _state(part: Any) -> Any:
    return part.get_state() if isinstance(part, Generator) else part.state_dict()


def _load_state(part: Any, state: Any) -> None:
    part.set_state(state) if isinstance(part, Generator) else part.load_state_dict(state)


def save_checkpoint(path: Any, *, step: int = 0, **parts: Any) -> None:
    """Write the state of all ``parts`` (models, optimizers, schedulers, generators), of the default generator, and
    ``step`` to one file, whole or not at all.

    ``save_checkpoint("run.safetensors", model=model, optimizer=optimizer, scheduler=scheduler, step=1000)``
    """
    states = {name: _state(part) for name, part in parts.items()}
    save({"step": step, "random": get_rng_state(), "parts": states}, path)


def load_checkpoint(path: Any, **parts: Any) -> int:
    """Put ``parts``, given by the names they were saved under, and the default generator where they stood; the step.

    A run that goes on from here computes the same bits as one that never stopped. KeyError if the file has other
    parts; nothing is changed then.
    """
    kept = load(path)
    if not isinstance(kept, dict) or kept.keys() != {"step", "random", "parts"}:
        raise ValueError(f"load_checkpoint: {path} holds no checkpoint; use load() for other files")
    if kept["parts"].keys() != parts.keys():
        raise KeyError(f"load_checkpoint: {path} holds {sorted(kept['parts'])}, and {sorted(parts)} are asked for")
    for name, part in parts.items():
        _load_state(part, kept["parts"][name])
    set_rng_state(kept["random"])
    return kept["step"]
