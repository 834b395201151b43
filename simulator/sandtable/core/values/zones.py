"""Time zones by the names that user records hold, and moments moved between them and the store's UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

STORED_FORMAT = "%Y-%m-%d %H:%M:%S"
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d\d))?")


# A zone depends on its name alone, so instances may share it.
@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """Return the zone of that name: `Europe/Berlin`, `US/Pacific`, `GMT+2`; UTC for a name that nobody knows."""
    text = name.strip()
    if not text or text in ("UTC", "GMT", "Z"):
        return UTC
    offset = _OFFSET.fullmatch(text)
    if offset is not None:
        sign, hours, minutes = offset.groups()
        distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(distance if sign == "+" else -distance) if distance < timedelta(hours=24) else UTC
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return UTC


def stored_moment(text: str) -> datetime | None:
    """Return the moment that a stored date and time means, aware and in UTC; None when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_zone(moment: datetime, name: str) -> datetime:
    """Return the moment as the clocks of a zone show it; unchanged where the calendar ends."""
    try:
        return moment.astimezone(zone(name))
    except OverflowError:
        return moment


def stored_text(local: datetime, name: str) -> str:
    """Return a naive moment of a zone as the store holds it: `2024-05-01 13:45:09` in UTC.

    A time that the clocks of the zone skip or repeat is taken as before the change.
    """
    try:
        return local.replace(tzinfo=zone(name)).astimezone(UTC).strftime(STORED_FORMAT)
    except OverflowError:
        return ""
