"""How we know what a rule says: seen, promised, or our best reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["recorded", "documented", "assumed"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe a rule: its kind, and where it comes from in words a reader can follow."""

    kind: Kind
    source: str

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ValueError("evidence needs a source: name the page, the recording, or the reason")

    def __str__(self) -> str:
        return f"{self.kind}: {self.source}"


def recorded(source: str) -> Evidence:
    """Return evidence that was seen on the real product; the source says where and when."""
    return Evidence("recorded", source)


def documented(source: str) -> Evidence:
    """Return evidence that public documentation promises; the source names the page."""
    return Evidence("documented", source)


def assumed(why: str) -> Evidence:
    """Return evidence that is only our best reading of incomplete facts; the text says why."""
    return Evidence("assumed", why)
