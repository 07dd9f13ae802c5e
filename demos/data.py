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
    """A text's words in small letters, identifiers with their underscores."""
    return re.findall(r"[a-z_]*[a-z][a-z_]*", text.lower())


class Words:
    """A text as numbers of its words, the commonest first, without those that it has fewer than ``least`` times."""

    def __init__(self, text: str, least: int) -> None:
        said = words(text)
        unique, counts = np.unique(said, return_counts=True)
        order = np.argsort(-counts, kind="stable")[: (counts >= least).sum()]
        self.all, self.counts = unique[order].tolist(), counts[order]
        self.number = {word: i for i, word in enumerate(self.all)}
        self.text = self.encode(said)

    def __len__(self) -> int:
        return len(self.all)

    def encode(self, said: list[str]) -> np.ndarray:
        """The numbers of those words that have one."""
        return np.array([self.number[word] for word in said if word in self.number], dtype=np.int64)


def near(numbers: np.ndarray, window: int) -> np.ndarray:
    """Every two words of a text that stand within ``window`` of each other, in both orders (P, 2)."""
    pairs = np.concatenate([np.stack([numbers[:-d], numbers[d:]], axis=1) for d in range(1, window + 1)])
    return np.concatenate([pairs, pairs[:, ::-1]])
