"""Schedules: when the entries of one are in force, and how time passes inside of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandtable.core.values.texts import whole_number
from sandtable.core.values.zones import zone

EXCLUDED = "exclude"
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(days=366 * 20)  # further on, nobody looks for the next entry
_DAYS = {
    "daily": frozenset(range(1, 8)),
    "weekdays": frozenset(range(1, 6)),
    "weekends": frozenset((6, 7)),
    "weekMWF": frozenset((1, 3, 5)),
    "weekTT": frozenset((2, 4)),
}

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """An entry of a schedule: its first occurrence on the clocks of a zone (None: the schedule's), how it repeats.

    `every` counts days, weeks, months or years; `days` are those of the week, Monday 1; `until` is the last day.
    """

    start: datetime
    end: datetime
    repeat: str = ""
    every: int = 1
    days: frozenset[int] = frozenset()
    until: date | None = None
    excluded: bool = False
    zone: str | None = None

    def begins_on(self, day: date) -> bool:
        """Tell whether an occurrence begins on a day."""
        first = self.start.date()
        if day < first or (self.until is not None and day > self.until):
            return False
        passed = (day - first).days
        months = (day.year - first.year) * 12 + day.month - first.month
        match self.repeat:
            case "daily":
                return passed % self.every == 0
            case "weekdays" | "weekends" | "weekMWF" | "weekTT":
                return day.isoweekday() in _DAYS[self.repeat]
            case "weekly" | "specific":
                weeks = (day.toordinal() - day.isoweekday() - first.toordinal() + first.isoweekday()) // 7
                return day.isoweekday() in (self.days or {first.isoweekday()}) and weeks % self.every == 0
            case "monthly":
                return day.day == first.day and months % self.every == 0
            case "yearly":
                return (day.month, day.day) == (first.month, first.day) and (day.year - first.year) % self.every == 0
        return passed == 0


def read_span(row: Mapping[str, str]) -> Span | None:
    """Return the entry that a record of cmn_schedule_span is, or None when its times cannot be read."""
    first, last = _time(row["start_date_time"]), _time(row["end_date_time"])
    if first is None or last is None:
        return None
    if row["all_day"] == "true":
        first = first.replace(hour=0, minute=0, second=0)
        last = last.replace(hour=0, minute=0, second=0) + _DAY
    until = _time(row["repeat_until"])
    every = row["repeat_count"]
    return Span(
        first,
        max(first, last),
        row["repeat_type"],
        max(1, whole_number(every, 1)),
        frozenset(int(each) for each in row["days_of_week"] if each in "1234567"),
        until.date() if until is not None else None,
        row["type"] == EXCLUDED,
        "UTC" if row["start_date_time"].endswith("Z") else None,
    )


def _time(text: str) -> datetime | None:
    plain = text.strip().removesuffix("Z")
    for form in ("%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d", "%Y-%m-%d"):
        try:
            return datetime.strptime(plain, form)  # noqa: DTZ007 - on clocks whose zone is the schedule's
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The entries of a schedule on the clocks of a zone. Without entries all time is inside. Moments are in UTC."""

    spans: Sequence[Span]
    zone: str

    def windows(self, begin: datetime, end: datetime) -> Iterator[Window]:
        """Yield the times inside the schedule from one moment to another, in order, none touching the next."""
        if not self.spans:
            yield begin, end
            return
        held: Window | None = None
        for window in self._by_week(begin, end):
            if held is not None and window[0] <= held[1]:
                held = held[0], max(held[1], window[1])
                continue
            if held is not None:
                yield held
            held = window
        if held is not None:
            yield held

    def _by_week(self, begin: datetime, end: datetime) -> Iterator[Window]:
        at = begin
        while at < end:
            until = min(end, at + 7 * _DAY)
            yield from self._between(at, until)
            at = until

    def _between(self, begin: datetime, end: datetime) -> list[Window]:
        inside = sorted(self._occurrences(begin, end, excluded=False))
        for start, stop in self._occurrences(begin, end, excluded=True):
            cut: list[Window] = []
            for one, two in inside:
                cut += [each for each in ((one, min(two, start)), (max(one, stop), two)) if each[0] < each[1]]
            inside = cut
        return inside

    def _occurrences(self, begin: datetime, end: datetime, *, excluded: bool) -> Iterator[Window]:
        for span in self.spans:
            if span.excluded is not excluded:
                continue
            place = zone(span.zone or self.zone)
            length = span.end - span.start
            day = begin.astimezone(place).date() - timedelta(days=length.days + 1)
            while day <= end.astimezone(place).date():
                if span.begins_on(day):
                    start = datetime.combine(day, span.start.time())
                    one, two = (each.replace(tzinfo=place).astimezone(UTC) for each in (start, start + length))
                    if max(one, begin) < min(two, end):
                        yield max(one, begin), min(two, end)
                day += _DAY

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment is inside."""
        return any(True for _ in self.windows(moment, moment + _SECOND))

    def passed(self, begin: datetime, end: datetime) -> timedelta:
        """Return how much of the time between two moments is inside; negative when they come in the other order."""
        if end < begin:
            return -self.passed(end, begin)
        return sum((two - one for one, two in self.windows(begin, end)), timedelta())

    def later(self, begin: datetime, length: timedelta) -> datetime:
        """Return the moment at which so much time inside has passed since another; that one itself if never."""
        left = length
        for one, two in self.windows(begin, begin + _LONGEST):
            if two - one >= left:
                return one + left
            left -= two - one
        return begin

    def until_next(self, moment: datetime) -> timedelta | None:
        """Return how long it takes until the schedule is in force, nothing when it is, None when never."""
        found = next(self.windows(moment, moment + _LONGEST), None)
        return None if found is None else found[0] - moment
