"""What an examination finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["ok", "broken", "unknown", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One prerequisite: whether it holds, what was seen, and for a broken one what to do.

    `unknown` means that the given credentials cannot see it; `skipped` that it was not asked for or not reached.
    """

    check: str
    outcome: Outcome
    text: str
    fix: str = ""

    def wire(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        return asdict(self)


def ok(check: str, text: str) -> Finding:
    """Return the finding that a check holds."""
    return Finding(check, "ok", text)


def broken(check: str, text: str, fix: str) -> Finding:
    """Return the finding that a check does not hold, and what to do."""
    return Finding(check, "broken", text, fix)


def unknown(check: str, text: str) -> Finding:
    """Return the finding that these credentials cannot see whether a check holds."""
    return Finding(check, "unknown", text)


def skipped(check: str, text: str) -> Finding:
    """Return the finding that a check was not asked for, or not reached."""
    return Finding(check, "skipped", text)
