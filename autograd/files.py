"""Writing files whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write beside ``path`` and rename: whoever reads it meanwhile sees the old file or the new one, no half."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: there is no directory {str(path.parent)!r}; create it first")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # before the rename: after a power cut too, the name stands for a whole file
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
