"""Moments as clocks on a wall show them: units of time, and the history of a zone's distance to UTC."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sandtable.core.values.zones import STORED_FORMAT, zone

FIRST_YEAR, LAST_YEAR = 1970, 2060  # outside, a zone keeps the distance it has at the edge
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
SECONDS = {
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "quarter": 91 * 86_400,
    "year": 365 * 86_400,
}
UNITS = frozenset(SECONDS)


@dataclass(frozen=True, slots=True)
class Offset:
    """From a moment on (stored form, UTC), the clocks of a zone are so many seconds ahead of UTC."""

    since: str
    seconds: int


# A zone depends on its name alone, so instances may share its history.
@lru_cache(maxsize=64)
def offsets(name: str) -> tuple[Offset, ...]:
    """Return the distances of a zone to UTC, oldest first; the first one holds for all time before, too."""
    place = zone(name)

    def ahead(at: datetime) -> int:
        shift = at.astimezone(place).utcoffset()
        return int(shift.total_seconds()) if shift is not None else 0

    at, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
    found = [Offset(at.strftime(STORED_FORMAT), ahead(at))]
    while at < end:
        # No zone goes back and forth within a week.
        later = at + timedelta(days=7)
        if ahead(later) != found[-1].seconds:
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                if ahead(middle) == found[-1].seconds:
                    low = middle
                else:
                    high = middle
            found.append(Offset(high.strftime(STORED_FORMAT), ahead(high)))
        at = later
    return tuple(found)


def on_the_wall(stored: str, name: str) -> datetime | None:
    """Return a stored moment as the clocks of a zone show it, naive; None for what is no moment."""
    history = offsets(name)
    index = bisect_right([each.since for each in history], stored) - 1
    try:
        return datetime.fromisoformat(stored) + timedelta(seconds=history[max(index, 0)].seconds)
    except (ValueError, OverflowError):
        return None


def start_of(unit: str, at: datetime) -> datetime:
    """Return the first second of the unit (minute, hour, day, week, month, quarter, year) that a moment lies in.

    Weeks start on Monday. Raises OverflowError where the calendar ends.
    """
    at = at.replace(microsecond=0, second=0)
    if unit == "minute":
        return at
    at = at.replace(minute=0)
    if unit == "hour":
        return at
    at = at.replace(hour=0)
    if unit == "day":
        return at
    if unit == "week":
        return at - timedelta(days=at.weekday())
    at = at.replace(day=1)
    if unit == "month":
        return at
    return at.replace(month=1 if unit == "year" else (at.month - 1) // 3 * 3 + 1)


def end_of(unit: str, at: datetime) -> datetime:
    """Return the last second of the unit that a moment lies in. Raises OverflowError where the calendar ends."""
    return shifted(unit, start_of(unit, at), 1) - timedelta(seconds=1)


def shifted(unit: str, at: datetime, count: int) -> datetime:
    """Return the moment so many units later (earlier when negative), on the last day of a month that is too short.

    Raises OverflowError where the calendar ends.
    """
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months is None:
        return at + timedelta(seconds=SECONDS[unit] * count)
    year, month = divmod(at.year * 12 + at.month - 1 + months * count, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"there is no year {year}")
    return at.replace(year=year, month=month + 1, day=min(at.day, _length(year, month + 1)))


def _length(year: int, month: int) -> int:
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


def part_of(at: datetime, name: str) -> int:
    """Return a part of a moment: year, quarter, month, week (ISO), dayofweek (Monday is 1) or hour."""
    parts = {
        "year": at.year,
        "quarter": (at.month + 2) // 3,
        "month": at.month,
        "week": at.isocalendar().week,
        "dayofweek": at.isoweekday(),
        "hour": at.hour,
    }
    return parts[name]
