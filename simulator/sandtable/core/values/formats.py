"""Date and time patterns as the platform writes them (`yyyy-MM-dd`, `dd/MM/yyyy`, `hh:mm:ss a`), to show and to read.

The letters are those of Java's SimpleDateFormat, which the date_format and time_format columns of a user hold: y year,
M month, d day, H hour 0-23, h hour 1-12, m minute, s second, a AM or PM, E weekday, z zone. Text in single quotes
stands for itself, as does every other character.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

STORED = "yyyy-MM-dd HH:mm:ss"  # as the store holds times, and the most common pattern of all
_STORED = re.compile(r"\d{4}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d", re.ASCII)
_TOKEN = re.compile(r"'(?:[^']|'')*'|(?P<letter>[A-Za-z])(?P=letter)*|.", re.DOTALL)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SHOW: dict[str, Callable[[datetime, int], str]] = {
    "y": lambda at, width: f"{at.year % 100:02}" if width == 2 else f"{at.year:0{max(width, 1)}}",
    "M": lambda at, width: _MONTHS[at.month - 1][: 3 if width == 3 else None] if width >= 3 else f"{at.month:0{width}}",
    "d": lambda at, width: f"{at.day:0{width}}",
    "H": lambda at, width: f"{at.hour:0{width}}",
    "h": lambda at, width: f"{(at.hour + 11) % 12 + 1:0{width}}",
    "m": lambda at, width: f"{at.minute:0{width}}",
    "s": lambda at, width: f"{at.second:0{width}}",
    "a": lambda at, width: "AM" if at.hour < 12 else "PM",
    "E": lambda at, width: _DAYS[at.weekday()][: 3 if width <= 3 else None],
    "z": lambda at, width: at.tzname() or "",
}


def is_stored(text: str) -> bool:
    """Tell whether a text looks like a time as the store holds it."""
    return _STORED.fullmatch(text) is not None


def show(pattern: str, at: datetime) -> str:
    """Return a moment written after a pattern, in the zone that the datetime carries."""
    if pattern == STORED and at.year > 999:
        return at.isoformat(" ")[:19]
    return "".join(part if isinstance(part, str) else _SHOW[part[0]](at, part[1]) for part in _compiled(pattern))


def read(pattern: str, text: str) -> datetime | None:
    """Return the naive datetime that a text written after a pattern means, or None when it does not fit.

    Parts that the pattern does not name are the first of their kind: midnight, the first of January.
    """
    expression, letters = _reader(pattern)
    found = expression.fullmatch(text.strip())
    if found is None:
        return None
    got = {letter: found.group(index + 1) for index, letter in enumerate(letters)}
    try:
        year = int(got.get("y", "1970"))
        if len(got.get("y", "1970")) == 2:
            year += 2000
        return datetime(  # noqa: DTZ001 - naive on purpose: the caller knows the zone
            year,
            _month(got.get("M", "1")),
            int(got.get("d", "1")),
            _hour(got),
            int(got.get("m", "0")),
            int(got.get("s", "0")),
        )
    except ValueError:
        return None


def _hour(got: dict[str, str]) -> int:
    if "H" in got or "h" not in got:
        return int(got.get("H", "0"))
    hour = int(got["h"])
    if not 1 <= hour <= 12:
        raise ValueError(f"{hour} is no hour of a twelve-hour clock")
    afternoon = got.get("a", "AM").upper() == "PM"
    return hour % 12 + (12 if afternoon else 0)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    for index, name in enumerate(_MONTHS):
        if text.lower() in (name.lower(), name[:3].lower()):
            return index + 1
    raise ValueError(f"{text} is no month")


# The compiled form depends on the pattern alone, so instances may share it.
@lru_cache(maxsize=128)
def _compiled(pattern: str) -> tuple[str | tuple[str, int], ...]:
    parts: list[str | tuple[str, int]] = []
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        letter = token.group("letter")
        if letter in _SHOW:
            parts.append((letter, len(text)))
        elif text.startswith("'") and len(text) > 1:
            parts.append(text[1:-1].replace("''", "'") or "'")
        else:
            parts.append(text)
    return tuple(parts)


@lru_cache(maxsize=128)
def _reader(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    expression = ""
    letters: list[str] = []
    for part in _compiled(pattern):
        if isinstance(part, str):
            expression += re.escape(part)
            continue
        letter, width = part
        if letter == "y":
            expression += r"(\d{4})" if width != 2 else r"(\d{2}|\d{4})"
        elif letter in "MdHhms" and width <= 2:
            expression += r"(\d{1,2})"
        elif letter == "a":
            expression += r"([AaPp][Mm])"
        else:
            expression += r"([^\W\d]+)"
        letters.append(letter)
    return re.compile(expression), tuple(letters)
