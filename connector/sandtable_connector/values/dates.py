"""Dates as the instance writes them, and as JavaScript reads them (source: ServiceNow docs, date formats; Node 20)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.errors import AnswerUnusable

INVALID = "Invalid time value"
"""JavaScript's words for a date that cannot be written."""

_PLATFORM = re.compile(r"(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})", re.ASCII)
_ISO = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(.*)", re.DOTALL | re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)(.*)", re.DOTALL | re.ASCII)
_DAY_NAMED = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[\s-]([A-Za-z]{3,9})[\s-](\d{4})(.*)", re.DOTALL | re.ASCII)
_MONTH_NAMED = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3,9})\s+(\d{1,2}),?\s+(\d{4})(.*)", re.DOTALL | re.ASCII)
_TIME = re.compile(
    r"[\s,]*(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?\s*(AM|PM)?)?"
    r"\s*(Z|(?:GMT|UTC?)?\s*(?:[+-]\d{2}:?\d{2})?)?(?:\s*\(.*\))?\s*",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds, as JavaScript's toISOString writes it."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def pushed_date(value: object, behaviour: Behaviour, now: Callable[[], float]) -> str:
    """Return when a record was written, from sys_created_on or sys_updated_on; now when the field is missing.

    AnswerUnusable with JavaScript's words when the date is in a user's format (the record is written all the same).
    """
    if value is None:
        return iso(datetime.fromtimestamp(now(), UTC))
    text = value if isinstance(value, str) else str(value)
    if behaviour.javascript_dates:
        moment = read_javascript_date(f"{text} GMT", local=UTC)
    else:
        match = _PLATFORM.fullmatch(text)
        moment = _moment(*map(int, match.groups()), zone=UTC, rolls=False) if match else None
    if moment is None:
        raise AnswerUnusable(INVALID)
    return iso(moment)


def event_time(text: str, behaviour: Behaviour, *, local: tzinfo | None = None) -> str | None:
    """Return an event's time as the platform writes it, in UTC; None when it cannot be read.

    Digits alone are milliseconds since 1970. ``local`` is the zone of a text without one where the behaviour reads
    dates as JavaScript does (None: the host's).
    """
    text = text.strip()
    moment: datetime | None
    if re.fullmatch(r"[+-]?[0-9]+", text):
        try:
            moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
        except (OverflowError, ValueError):
            return None
    elif behaviour.javascript_dates:
        moment = read_javascript_date(text, local=local)
    else:
        moment = _strict(text)
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _strict(text: str) -> datetime | None:
    match = _PLATFORM.fullmatch(text)
    if match:
        return _moment(*map(int, match.groups()), zone=UTC, rolls=False)
    return _iso(text, UTC, rolls=False) if _ISO.fullmatch(text) else None


def read_javascript_date(text: str, *, local: tzinfo | None) -> datetime | None:
    """Return the moment that ``new Date(text)`` is, or None for an invalid date.

    ISO forms first: a date alone is UTC, a date and time without a zone is in ``local`` (None: the host's zone). Other
    forms follow V8's tolerant reading: month first with / . or -, names of months, days up to 31 roll over.
    """
    text = text.strip()
    if _ISO.fullmatch(text):
        return _iso(text, local, rolls=True)
    for pattern, order in ((_YEAR_FIRST, "ymd"), (_MONTH_FIRST, "mdy"), (_DAY_NAMED, "dny"), (_MONTH_NAMED, "ndy")):
        match = pattern.fullmatch(text)
        if match:
            values = dict(zip(order, match.groups(), strict=False))
            month = _month(values["n"]) if "n" in values else int(values["m"])
            return _tolerant(_year(values["y"]), month, int(values["d"]), match[4], local)
    return None


def _year(text: str) -> int:
    """Return the year of two or four digits; V8 takes 00 to 49 for this century."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 50 else 1900)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1 if name[:3].lower() in _MONTHS else 0


def _iso(text: str, local: tzinfo | None, *, rolls: bool) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    where = UTC if hour is None else _zone(zone) if zone else local
    return _moment(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        microsecond=int((fraction or "0").ljust(6, "0")[:6]),
        zone=where,
        rolls=rolls,
    )


def _tolerant(year: int, month: int, day: int, rest: str, local: tzinfo | None) -> datetime | None:
    match = _TIME.fullmatch(rest)
    if match is None:
        return None
    hour, minute, second, fraction, half, zone = match.groups()
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.upper() == "PM" else 0)
    return _moment(
        year,
        month,
        day,
        hours,
        int(minute or 0),
        int(second or 0),
        microsecond=int((fraction or "0").ljust(6, "0")[:6]),
        zone=_zone(zone) if zone else local,
        rolls=True,
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
    zone: tzinfo | None,
    rolls: bool,
) -> datetime | None:
    if not (1 <= month <= 12 and 1 <= day <= 31 and minute <= 59 and second <= 59):
        return None
    if hour > 24 or (hour == 24 and (minute or second or microsecond)):
        return None
    try:
        first = datetime(year, month, 1, 0, minute, second, microsecond, tzinfo=zone)
        moment = first.replace(tzinfo=None) + timedelta(days=day - 1, hours=hour)
        if not rolls and (moment.month, moment.day) != (month, day):
            return None
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
