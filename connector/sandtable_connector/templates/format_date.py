"""FormatDate: `date; time zone; format` printed in that zone and format; UTC and YYYY-MM-DD hh:mma by default.

A date is what V8 reads as one; ISO forms are then read by moment, so that a day that is not in its month is refused.
A text without a zone is in the host's, which is taken to be UTC, as in Kibana's container.
Source: Kibana docs, "Rule action variables" (FormatDate); the documentation of moment; observed with moment 2.31 and
moment-timezone 0.6.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from sandtable_connector.templates.moment_format import Moment, formatted
from sandtable_connector.templates.mustache import trimmed
from sandtable_connector.templates.script_values import ScriptError
from sandtable_connector.values.calendar import DAY, days_from_civil
from sandtable_connector.values.javascript_dates import read_date

DEFAULT_FORMAT = "YYYY-MM-DD hh:mma"
_CLOCK = r"(?:[T ]\d\d(?::\d\d(?::\d\d(?:\.(?P<fraction>\d+))?)?)?(?:[+-]\d\d(?::?\d\d)?|\s*Z)?)?"
_DAY = re.compile(rf"(?P<year>[+-]\d{{6}}|\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_CLOCK}", re.ASCII)
_DAY_OF_YEAR = re.compile(rf"(?P<year>\d{{4}})-(?P<day>\d\d\d){_CLOCK}", re.ASCII)
_MONTH = re.compile(r"[+-]?(?P<year>\d{4})(?P<month>\d\d)", re.ASCII)
# Moment's data of zones ends with 2499: later moments have the offset of that year's end.
_LAST_KNOWN = days_from_civil(2499, 12, 31) * DAY
_FIRST_OF_DATETIME = days_from_civil(1, 1, 2) * DAY
# Files of the zone database that are no zones of moment's.
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})


def format_date(text: str) -> str:
    """Return `date; time zone; format` printed; raises ScriptError in Kibana's words."""
    given = [trimmed(part) for part in text.split(";")[:3]]
    date, zone, pattern = (*given, "", "")[:3]
    if not date:
        raise ScriptError("date is empty")
    moment = read_date(date)
    if moment is not None:
        moment = _iso(date, moment)
    if moment is None:
        raise ScriptError(f'invalid date "{date}"')
    zone = zone or "UTC"
    if zone not in _zone_names():
        raise ScriptError(f'unknown timeZone value "{zone}"')
    return formatted(_in_zone(moment, zone), pattern or DEFAULT_FORMAT)


def _iso(text: str, moment: int) -> int | None:
    """Return the moment of a text that moment's own ISO forms match; any other is what V8 made of it."""
    match = _DAY.fullmatch(text) or _DAY_OF_YEAR.fullmatch(text)
    if match is None:
        month = _MONTH.fullmatch(text)
        if month is None:
            return moment
        within = 1 <= int(month["month"]) <= 12
        return days_from_civil(int(month["year"]), int(month["month"]), 1) * DAY if within else None
    by_month = "month" in match.groupdict()
    year, month_number, day = int(match["year"]), int(match["month"]) if by_month else 1, int(match["day"])
    first = days_from_civil(year, month_number, 1)
    last = days_from_civil(*((year, month_number + 1) if by_month else (year + 1, 1)), 1) - first
    if not 1 <= day <= last:
        return None
    if not by_month:
        # V8 takes the day of the year for a month.
        moment += (first + day - 1 - days_from_civil(year, day, 1)) * DAY
    if match["fraction"]:
        # The two read thousandths of a second differently beyond three digits.
        moment += int(float(f"0.{match['fraction']}") * 1000) - moment % 1000
    return moment


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if name not in _NO_ZONES)


def _in_zone(moment: int, name: str) -> Moment:
    zone = ZoneInfo(name)
    known = min(max(moment, _FIRST_OF_DATETIME), _LAST_KNOWN)
    at = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=known)).astimezone(zone)
    offset = at.utcoffset() or timedelta()
    return Moment(moment, int(offset.total_seconds()), at.tzname() or "")
