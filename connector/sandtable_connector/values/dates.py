"""Dates as the instance writes them, and as JavaScript reads them (source: ServiceNow docs, date formats; Node 20)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.errors import AnswerUnusable
from sandtable_connector.values.calendar import DAY, civil_from_days, days_from_civil, iso_text
from sandtable_connector.values.javascript_dates import LATEST, read_date
from sandtable_connector.values.javascript_text import BLANKS, printed

INVALID = "Invalid time value"
"""JavaScript's words for a date that cannot be written."""

_PLATFORM = re.compile(r"(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})", re.ASCII)
_ISO = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?",
    re.ASCII | re.IGNORECASE,
)
# What Python's datetime can hold, with room for a zone.
_FIRST, _LAST = days_from_civil(1, 1, 2) * DAY, days_from_civil(9999, 12, 30) * DAY


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds, as JavaScript's toISOString writes it."""
    utc = moment.astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def pushed_date(value: object, behaviour: Behaviour, now: Callable[[], float]) -> str:
    """Return when a record was written, from sys_created_on or sys_updated_on; now when the field is missing.

    AnswerUnusable with JavaScript's words when the date is in a user's format (the record is written all the same).
    """
    if value is None:
        return iso(datetime.fromtimestamp(now(), UTC))
    if behaviour.javascript_dates:
        read = read_date(f"{printed(value)} GMT")
        if read is None:
            raise AnswerUnusable(INVALID)
        return iso_text(read)
    match = _PLATFORM.fullmatch(value if isinstance(value, str) else str(value))
    moment = _moment(*map(int, match.groups()), zone=UTC) if match else None
    if moment is None:
        raise AnswerUnusable(INVALID)
    return iso(moment)


def event_time(text: str, behaviour: Behaviour, *, local: tzinfo | None = None) -> str | None:
    """Return an event's time as the platform writes it, in UTC; None when it cannot be read.

    A whole number is milliseconds since 1970. ``local`` is the zone of a text without one where the behaviour reads
    dates as JavaScript does (None: the host's).
    """
    if behaviour.javascript_dates:
        text = text.strip(BLANKS)
        if re.fullmatch(r"-?(?:0|[1-9][0-9]*)", text):
            read: int | None = int(text)
        else:
            read = read_date(text, local=lambda clock: _ahead(clock, local))
        return None if read is None or abs(read) > LATEST else _written(read)
    text = text.strip()
    if re.fullmatch(r"[+-]?[0-9]+", text):
        read = int(text)
        return _written(read) if _FIRST <= read <= _LAST else None
    moment = _strict(text)
    # Not strftime, whose %Y fills a year up or does not, as the C library likes.
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "seconds")


def _written(moment: int) -> str:
    """Return a moment as Kibana writes it for the platform: years are not filled up, and have no sign before year 1."""
    days, rest = divmod(moment, DAY)
    year, month, day = civil_from_days(days)
    seconds = rest // 1000
    shown = year if year > 0 else 1 - year
    return f"{shown}-{month:02d}-{day:02d} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _ahead(clock: int, zone: tzinfo | None) -> int:
    """Return how many milliseconds a zone's clock is ahead of UTC when it shows a moment (None: the host's zone)."""
    known = min(max(clock, _FIRST), _LAST)
    shown = datetime(1970, 1, 1) + timedelta(milliseconds=known)  # noqa: DTZ001 a clock on a wall
    offset = (shown.astimezone() if zone is None else shown.replace(tzinfo=zone)).utcoffset()
    return round((offset or timedelta()).total_seconds() * 1000)


def _strict(text: str) -> datetime | None:
    match = _PLATFORM.fullmatch(text)
    if match:
        return _moment(*map(int, match.groups()), zone=UTC)
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    return _moment(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        microsecond=int((fraction or "0").ljust(6, "0")[:6]),
        zone=UTC if hour is None or not zone else _zone(zone),
    )


def _zone(text: str) -> tzinfo:
    match = re.search(r"([+-])(\d{2}):?(\d{2})", text)
    if match is None:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def _moment(
    year: int,
    month: int,
    day: int,
    hour: int = 0,
    minute: int = 0,
    second: int = 0,
    *,
    microsecond: int = 0,
    zone: tzinfo,
) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
