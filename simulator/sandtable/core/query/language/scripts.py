"""The `javascript:` values of a query: a fixed set of calls with constant arguments. No script is ever run.

Source: ServiceNow documentation, GlideSystem functions in filters. Months, quarters and years ago keep the day of the
month, or take the month's last. The week starts on Monday.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from sandtable.core.query.language.context import QueryContext
from sandtable.core.query.language.moments import end_of, shifted, start_of
from sandtable.core.query.language.syntax import SCRIPT
from sandtable.core.values.zones import STORED_FORMAT, stored_text, to_zone

PREFIX = SCRIPT
_CALL = re.compile(r"\s*((?:gs\.)?[A-Za-z_]\w*(?:\(\)\.\w+)*)\((.*)\)\s*+(?:;\s*+)?", re.DOTALL)
_ARGUMENT = re.compile(r"\s*(?:(-?\d{1,9})|'([^']*)'|\"([^\"]*)\")\s*(,|$)")
_CONSTANT = re.compile(r"\s*(?:(-?\d+(?:\.\d+)?)|'([^']*)'|\"([^\"]*)\")\s*+(?:;\s*+)?")
_UNITS = "minute|hour|day|week|month|quarter|year"
_AGO = re.compile(rf"gs\.({_UNITS})sAgo(Start|End)?")
_NAMED = re.compile(
    r"gs\.(beginning|end)Of(?:(Today|Yesterday|Tomorrow)|(This|Last|Next)(Minute|Hour|Week|Month|Quarter|Year))"
)
_DISTANCE: Mapping[str, int] = MappingProxyType(
    {"Today": 0, "Yesterday": -1, "Tomorrow": 1, "This": 0, "Last": -1, "Next": 1}
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in its stored form (UTC), and the day it is in the zone of whoever asks."""

    stored: str
    day: str


@dataclass(frozen=True, slots=True)
class PartOfDate:
    """What gs.datePart returns: the part, the value it is compared with, and how (EE, NE, GE, LE, GT, LT)."""

    part: str
    value: str
    comparison: str


Value = str | Moment | PartOfDate | tuple[str, ...]
Argument = str | int


def evaluate_script(script: str, context: QueryContext) -> Value | None:
    """Return what a script gives (several values as a tuple), or None for one that is not simulated.

    A script is what follows `javascript:`.
    """
    constant = _CONSTANT.fullmatch(script)
    if constant is not None:
        return next(each for each in constant.groups() if each is not None)
    found = _CALL.fullmatch(script)
    arguments = _arguments(found.group(2)) if found is not None else None
    if found is None or arguments is None:
        return None
    name = found.group(1)
    try:
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](context, arguments)
        ago, named = _AGO.fullmatch(name), _NAMED.fullmatch(name)
        if ago is not None and len(arguments) == 1 and isinstance(arguments[0], int):
            return _ago(context, ago.group(1), ago.group(2) or "", arguments[0])
        if named is not None and not arguments:
            edge, day, distance, unit = named.groups()
            at = shifted((unit or "day").lower(), _start(context, (unit or "day").lower()), _DISTANCE[day or distance])
            return _moment(context, at if edge == "beginning" else end_of((unit or "day").lower(), at))
    except (OverflowError, ValueError, LookupError, TypeError):
        return None  # arguments of another number or kind, or a date beyond the calendar
    return None


def _arguments(text: str) -> list[Argument] | None:
    if not text.strip():
        return []
    found: list[Argument] = []
    position = 0
    while True:
        argument = _ARGUMENT.match(text, position)
        if argument is None:
            return None
        whole, single, double, comma = argument.groups()
        found.append(int(whole) if whole is not None else single if single is not None else double)
        position = argument.end()
        if not comma:
            return found if position == len(text) else None


def _now(context: QueryContext) -> datetime:
    """Return the time on the asking user's wall, naive."""
    return to_zone(context.clock.now(), context.time_zone).replace(tzinfo=None, microsecond=0)


def _start(context: QueryContext, unit: str) -> datetime:
    return start_of(unit, _now(context))


def _moment(context: QueryContext, local: datetime) -> Moment:
    stored = stored_text(local, context.time_zone)
    if not stored:
        raise OverflowError("beyond the calendar")
    return Moment(stored.rjust(19, "0"), local.date().isoformat())


def _ago(context: QueryContext, unit: str, edge: str, count: int) -> Moment:
    if edge == "Start":
        return _moment(context, shifted(unit, _start(context, unit), -count))
    if edge == "End":
        return _moment(context, end_of(unit, shifted(unit, _start(context, unit), -count)))
    return moment_away(context, unit, -count)


def moment_away(context: QueryContext, unit: str, count: int) -> Moment:
    """Return the moment so many units from now; minutes and hours are real ones, days are those of the calendar.

    Raises OverflowError where the calendar ends.
    """
    if unit in ("minute", "hour"):
        at = shifted(unit, context.clock.now().replace(microsecond=0), count)
        local = to_zone(at, context.time_zone)
        return Moment(at.astimezone(UTC).strftime(STORED_FORMAT).rjust(19, "0"), local.date().isoformat())
    return _moment(context, shifted(unit, _now(context), count))


def period_away(context: QueryContext, unit: str, count: int) -> tuple[Moment, Moment]:
    """Return the first and the last second of the unit that is so many units from now. Raises OverflowError."""
    start = shifted(unit, _start(context, unit), count)
    return _moment(context, start), _moment(context, end_of(unit, start))


def day_of(context: QueryContext, day: str) -> tuple[Moment, Moment]:
    """Return the first and the last second of a day of the user's calendar. Raises ValueError, OverflowError."""
    at = datetime.fromisoformat(day)
    return _moment(context, start_of("day", at)), _moment(context, end_of("day", at))


def _date_generate(context: QueryContext, arguments: list[Argument]) -> Value:
    # A client gives both parts as one argument.
    day, time = " ".join(str(each) for each in arguments).split()
    time = {"start": "00:00:00", "end": "23:59:59"}.get(time, time)
    return _moment(context, datetime.fromisoformat(f"{day} {time}"))


def _date_part(context: QueryContext, arguments: list[Argument]) -> Value:
    part, value, comparison = (str(each) for each in arguments)
    return PartOfDate(part.lower(), value.lower(), comparison.upper())


def _my_groups(context: QueryContext, arguments: list[Argument]) -> Value:
    if not context.dictionary.has("sys_user_grmember"):
        return ()
    rows = context.related("sys_user_grmember")
    return tuple(row.get("group", "") for row in rows if row.get("user", "") == context.user_sys_id)


Function = Callable[[QueryContext, list[Argument]], Value]
_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "gs.getUserID": lambda context, _: context.user_sys_id,
        "gs.user_id": lambda context, _: context.user_sys_id,
        "gs.getUser().getID": lambda context, _: context.user_sys_id,
        "gs.getUserName": lambda context, _: context.user_name,
        "gs.user_name": lambda context, _: context.user_name,
        "gs.getUser().getName": lambda context, _: context.user_name,
        "getMyGroups": _my_groups,
        "gs.getUser().getMyGroups": _my_groups,
        "gs.now": lambda context, _: _moment(context, _start(context, "day")),
        "gs.nowDateTime": lambda context, _: moment_away(context, "minute", 0),
        "gs.dateGenerate": _date_generate,
        "gs.datePart": _date_part,
    }
)
