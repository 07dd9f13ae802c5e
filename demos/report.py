"""What a demo is given and what it gives back."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograd.files import write_whole


@dataclass(frozen=True)
class Options:
    """How to run a demo: where its pictures go, the seed of its random numbers, and whether to make it short."""

    out: Path
    seed: int = 0
    quick: bool = False

    def save(self, figure: Any, name: str) -> Path:
        """Write a matplotlib figure under ``out``; an interrupted write leaves no half picture."""
        self.out.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        figure.savefig(content, format=Path(name).suffix[1:], dpi=150, bbox_inches="tight")
        write_whole(self.out / name, content.getvalue())
        return self.out / name


@dataclass
class Report:
    """The numbers that show that a demo worked, each with a sentence, and the pictures it made."""

    numbers: dict[str, float] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)

    def found(self, name: str, number: float, sentence: str) -> None:
        """Keep a number, with the sentence that says what it means."""
        self.numbers[name] = number
        self.findings.append(sentence)

    def add(self, other: Report) -> None:
        """Take over all that another report has."""
        self.numbers.update(other.numbers)
        self.findings += other.findings
        self.pictures += other.pictures

    def __str__(self) -> str:
        pictures = [f"  picture: {path}" for path in self.pictures]
        return "\n".join([f"  {sentence}" for sentence in self.findings] + pictures)
