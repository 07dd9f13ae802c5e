"""Text that is there without a network: Python's own language reference, and names from the census."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from autograd import Tensor


def topics() -> dict[str, str]:
    """The chapters of the language reference that ``help()`` shows, by name: 465,000 characters of English."""
    from pydoc_data.topics import topics as chapters

    return dict(sorted(chapters.items()))


def text(path: Path | None = None) -> str:
    """The file at ``path``, or the whole language reference."""
    return "\n\n".join(topics().values()) if path is None else path.read_text(encoding="utf-8")


def first_names() -> list[str]:
    """The 5,163 first names of the United States census of 1990, in small letters, in alphabetical order."""
    import names

    lists = (Path(names.FILES[f"first:{sex}"]).read_text(encoding="ascii") for sex in ("female", "male"))
    return sorted({line.split()[0].lower() for lines in lists for line in lines.splitlines()})


class Characters:
    """A text's characters, numbered in their order: the simplest tokens there are."""

    def __init__(self, text: str) -> None:
        self.all = sorted(set(text))
        self._number = {character: i for i, character in enumerate(self.all)}

    def __len__(self) -> int:
        return len(self.all)

    def encode(self, text: str) -> np.ndarray:
        """Numbers, (len(text),)."""
        return np.array([self._number[character] for character in text], dtype=np.int64)

    def decode(self, numbers: Tensor | np.ndarray) -> str:
        """The text of numbers, (N,)."""
        return "".join(self.all[int(i)] for i in numbers)


def words(text: str) -> list[str]:
    """A text's words in small letters: runs of letters, such as identifiers have between their underscores."""
    return re.findall(r"[a-z]+", text.lower())
