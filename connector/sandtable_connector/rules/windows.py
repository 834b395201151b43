"""Spans of time in which a rule keeps silent: snoozes and maintenance windows, once or again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.schedule import moment, seconds

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = {"d": "day", "w": "week", "M": "month", "y": "year"}
_FREQUENCIES = {0: "y", 1: "M", 2: "w", 3: "d", "YEARLY": "y", "MONTHLY": "M", "WEEKLY": "w", "DAILY": "d"}
_FIELDS = ("start", "end", "duration", "timezone", "recurring")
_RECURRING = ("every", "end", "occurrences", "onWeekDay")
_RRULE = ("dtstart", "tzid", "freq", "interval", "count", "until", "byweekday")


@dataclass(frozen=True, slots=True)
class Window:
    """One span, with how it comes back; times of day stay the same on the wall clock of its time zone."""

    start: datetime
    length: timedelta
    zone: ZoneInfo
    every: int = 0
    unit: str = ""
    until: datetime | None = None
    occurrences: int | None = None
    weekdays: tuple[int, ...] = ()

    def covers(self, at: datetime) -> bool:
        """Return whether a moment lies in the span or in one of its repetitions (the end is outside)."""
        if at < self.start:
            return False
        if not self.every:
            return at < self.start + self.length
        local = self.start.astimezone(self.zone)
        return any(begin <= at < begin + self.length for begin in self._beginnings(local, at))

    def _beginnings(self, local: datetime, at: datetime) -> list[datetime]:
        """Return the beginnings up to `at`; counting has to start at the first, so that `occurrences` is honoured."""
        found: list[datetime] = []
        step = 0
        while True:
            for naive in self._step(local.replace(tzinfo=None), step):
                begin = naive.replace(tzinfo=self.zone).astimezone(UTC)
                if begin < self.start:
                    continue
                over = self.until is not None and begin > self.until
                if begin > at or over or (self.occurrences is not None and len(found) >= self.occurrences):
                    return found
                found.append(begin)
            step += 1

    def _step(self, first: datetime, step: int) -> list[datetime]:
        count = step * self.every
        if self.unit == "d":
            return [first + timedelta(days=count)]
        if self.unit == "w":
            begin = first + timedelta(weeks=count)
            if not self.weekdays:
                return [begin]
            monday = begin - timedelta(days=begin.weekday())
            return [monday + timedelta(days=day) for day in self.weekdays]
        months = first.month - 1 + count * (12 if self.unit == "y" else 1)
        try:
            return [first.replace(year=first.year + months // 12, month=months % 12 + 1)]
        except ValueError:
            return []  # the 31st of a month that has none is left out, as an RFC 5545 recurrence does


def time_zone(name: Any, field: str) -> ZoneInfo:
    """Return a time zone by its IANA name; raises InvalidInput naming the field."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise InvalidInput(
            f"{name!r} is not a time zone", field=field, fix="Write a name such as Europe/Oslo."
        ) from None


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], field: str) -> None:
    for key in given:
        if key not in known:
            raise InvalidInput("unknown field", field=f"{field}.{key}", fix=f"Known here: {', '.join(known)}.")


def _from_rrule(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Return a span that Kibana's rule API wrote as an RFC 5545 rule in `start`/`duration`/`recurring` form."""
    rule = given["rRule"]
    if not isinstance(rule, Mapping):
        raise InvalidInput("an object is needed", field=f"{field}.rRule")
    _refuse_unknown(rule, _RRULE, f"{field}.rRule")
    _refuse_unknown(given, ("rRule", "duration", "id", "skipRecurrences"), field)
    result: dict[str, Any] = {"start": rule.get("dtstart"), "timezone": rule.get("tzid", "UTC")}
    duration = given.get("duration")
    if not isinstance(duration, int) or isinstance(duration, bool):
        raise InvalidInput(
            f"{duration!r} is not a number of milliseconds", field=f"{field}.duration", fix="With rRule it is one."
        )
    result["duration"] = f"{max(1, duration // 1000)}s"
    if "freq" in rule:
        unit = _FREQUENCIES.get(rule["freq"])
        if unit is None:
            raise InvalidInput(
                f"{rule['freq']!r} is not a frequency",
                field=f"{field}.rRule.freq",
                fix="YEARLY, MONTHLY, WEEKLY, DAILY.",
            )
        result["recurring"] = {
            "every": f"{rule.get('interval', 1)}{unit}",
            **({"end": rule["until"]} if rule.get("until") else {}),
            **({"occurrences": rule["count"]} if rule.get("count") else {}),
            **({"onWeekDay": rule["byweekday"]} if rule.get("byweekday") else {}),
        }
    return result


def parse_window(given: Any, field: str) -> Window:
    """Return a span from `{start, end}`, `{start, duration, timezone, recurring}`, or the forms of Kibana's APIs.

    `recurring` is `{every: 1d|1w|1M|1y, end, occurrences, onWeekDay: [MO]}`. Kibana's own forms are
    `{schedule: {custom: {...}}}` and `{rRule: {...}, duration: milliseconds}`. Raises InvalidInput.
    """
    if not isinstance(given, Mapping):
        raise InvalidInput("an object with start and end (or duration) is needed", field=field)
    if "rRule" in given:
        given = _from_rrule(given, field)
    elif "schedule" in given:
        inner = given["schedule"].get("custom") if isinstance(given["schedule"], Mapping) else None
        if not isinstance(inner, Mapping):
            raise InvalidInput("an object `custom` is needed", field=f"{field}.schedule")
        _refuse_unknown(given, ("schedule", "id"), field)
        given, field = inner, f"{field}.schedule.custom"
    _refuse_unknown(given, _FIELDS, field)
    if given.get("start") is None:
        raise InvalidInput("the field is missing", field=f"{field}.start")
    start = moment(given["start"], f"{field}.start")
    if ("end" in given) == ("duration" in given):
        raise InvalidInput("give either end or duration", field=field)
    if "end" in given:
        length = moment(given["end"], f"{field}.end") - start
    else:
        length = timedelta(seconds=seconds(given["duration"], f"{field}.duration"))
    if length <= timedelta(0):
        raise InvalidInput("the span ends before it starts", field=f"{field}.end")
    zone = time_zone(given.get("timezone", "UTC"), f"{field}.timezone")
    recurring = given.get("recurring")
    if recurring is None:
        return Window(start, length, zone)
    return _recurring(recurring, f"{field}.recurring", Window(start, length, zone))


def _recurring(given: Any, field: str, once: Window) -> Window:
    if not isinstance(given, Mapping):
        raise InvalidInput("an object with `every` is needed", field=field)
    _refuse_unknown(given, _RECURRING, field)
    every = given.get("every")
    if not isinstance(every, str) or every[-1:] not in _UNITS or not every[:-1].isdigit() or int(every[:-1]) < 1:
        raise InvalidInput(f"{every!r} is not 1d, 1w, 1M, 1y or a multiple", field=f"{field}.every")
    days = given.get("onWeekDay") or []
    unknown = [day for day in days if day not in WEEKDAYS]
    if unknown or (days and every[-1] != "w"):
        raise InvalidInput(
            f"{days!r} cannot be used", field=f"{field}.onWeekDay", fix="A list of MO to SU, with every: 1w."
        )
    occurrences = given.get("occurrences")
    if occurrences is not None and (not isinstance(occurrences, int) or occurrences < 1):
        raise InvalidInput(f"{occurrences!r} is not a number from 1", field=f"{field}.occurrences")
    return Window(
        once.start,
        once.length,
        once.zone,
        every=int(every[:-1]),
        unit=every[-1],
        until=moment(given["end"], f"{field}.end") if given.get("end") else None,
        occurrences=occurrences,
        weekdays=tuple(sorted(WEEKDAYS.index(day) for day in days)),
    )
