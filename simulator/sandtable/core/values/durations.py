"""Durations, which the store keeps as a moment counted from the epoch, as people read and write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = (("Day", 86_400), ("Hour", 3_600), ("Minute", 60), ("Second", 1))
_WORDS = re.compile(r"(?<!\d)(\d++)\s*+(day|hour|minute|second)s?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+) )?(\d{1,2}):(\d\d)(?::(\d\d))?")


def seconds_of(stored: str) -> int | None:
    """Return the whole seconds of a stored duration: an epoch moment or a plain number; None when it is neither."""
    if stored.lstrip("-").isascii() and stored.lstrip("-").isdigit():
        return int(stored)
    try:
        moment = datetime.fromisoformat(stored)
    except ValueError:
        return None
    return int((moment.replace(tzinfo=UTC) - _EPOCH).total_seconds())


def stored_text(seconds: int) -> str:
    """Return seconds as a stored duration: 101 hours is `1970-01-05 05:00:00`; empty where the calendar ends."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return ""


def show(seconds: int, *, with_seconds: bool = False) -> str:
    """Return `1 Day 4 Hours 23 Minutes`; seconds are told when there is no larger unit, or when asked for."""
    left = abs(seconds)
    parts: list[str] = []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if not count or (name == "Second" and parts and not with_seconds):
            continue
        parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    text = " ".join(parts) or "0 Seconds"
    return f"-{text}" if seconds < 0 and parts else text


def read(text: str) -> int | None:
    """Return the seconds of `1 Day 4 Hours`, `1 04:23:17` or `04:23`; None when the text is none of them."""
    text = text.strip()
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    found = _WORDS.findall(text)
    if not found or _WORDS.sub("", text).strip(" ,"):
        return None
    sizes = {name.lower(): size for name, size in _UNITS}
    return sum(int(count) * sizes[unit.lower()] for count, unit in found)
