"""What GlideDateTime and its relatives ask of the instance: the clock, the session's zone and formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandtable.core.query.language.moments import end_of, shifted, start_of
from sandtable.core.values import durations, formats, zones
from sandtable.scripting.schedules import Schedule, Span, read_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandtable.scripting.run import Run

# How GlideDateTime reads a text besides the platform's own form, tried in this order.
_ANY = (
    "yyyy-MM-dd HH:mm", "yyyy-MM-dd hh:mm:ss a", "yyyy-MM-dd", "MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy hh:mm:ss a",
    "MM/dd/yyyy HH:mm", "MM/dd/yyyy", "dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy hh:mm:ss a", "dd/MM/yyyy HH:mm", "dd/MM/yyyy",
    "MM-dd-yyyy HH:mm:ss", "MM-dd-yyyy", "dd-MM-yyyy HH:mm:ss", "dd-MM-yyyy", "dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy",
    "yyyyMMdd HHmmss", "yyyyMMdd",
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EDGE = re.compile(
    r"(beginning|end)Of(Today|Yesterday|Tomorrow|(?:This|Last|Next)(?:Minute|Hour|Week|Month|Quarter|Year))"
)
_AGO = re.compile(r"(minute|hour|day|week|month|quarter|year)sAgo(Start|End)?")
_SPAN = re.compile(
    r"(beginning|end)Of(?:Last(\d+)(Minute|Hour|Day|Month|Quarter|Year)s|Current(Minute|Hour)|OneYearAgo)"
)
_COMPACT = {"yyyyMMdd HHmmss": "%Y%m%d %H%M%S", "yyyyMMdd": "%Y%m%d"}


def now_ms(run: Run) -> float:
    """Return the instance's time in whole milliseconds since 1970."""
    return float(int(run.instance.clock.timestamp() * 1000))


def _moment(ms: float) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return _EPOCH


def _ms(moment: datetime) -> float:
    return float((moment - _EPOCH) // timedelta(milliseconds=1))


def time_zone(run: Run) -> str:
    """Return the session's zone."""
    return run.session.time_zone


def offset(run: Run, ms: float, zone: str) -> float:
    """Return how far a zone, the session's by default, is ahead of UTC at a moment, in milliseconds."""
    ahead = zones.to_zone(_moment(ms), zone or run.session.time_zone).utcoffset()
    return 0.0 if ahead is None else ahead.total_seconds() * 1000


def dst_offset(run: Run, ms: float, zone: str) -> float:
    """Return the part of the offset that is summer time, in milliseconds."""
    saving = zones.to_zone(_moment(ms), zone or run.session.time_zone).dst()
    return 0.0 if saving is None else saving.total_seconds() * 1000


def from_local(run: Run, ms: float, zone: str) -> float:
    """Return the moment of a reading of the clocks of a zone, both in milliseconds."""
    local = _moment(ms).replace(tzinfo=zones.zone(zone or run.session.time_zone))
    return _ms(local.astimezone(UTC))


def date_time_format(run: Run) -> str:
    """Return the date and time format of the session's user."""
    return f"{run.session.date_format} {run.session.time_format}"


def show_moment(run: Run, ms: float, zone: str) -> str:
    """Return a moment as the session's user sees it."""
    return formats.show(date_time_format(run), zones.to_zone(_moment(ms), zone or run.session.time_zone))


def show_time(run: Run, clock: str) -> str:
    """Return a time of day in the format of the session's user."""
    return formats.show(run.session.time_format, datetime.fromisoformat(f"1970-01-01 {clock}"))


def format_moment(run: Run, ms: float, pattern: str, zone: str) -> str:
    """Return a moment written after a pattern."""
    return formats.show(pattern, zones.to_zone(_moment(ms), zone))


def read_any(run: Run, text: str) -> float | None:
    """Return the milliseconds of a text in one of the forms that GlideDateTime reads, as UTC; None for another."""
    for pattern in _ANY:
        if pattern in _COMPACT:
            try:
                found: datetime | None = datetime.strptime(text.strip(), _COMPACT[pattern])  # noqa: DTZ007
            except ValueError:
                found = None
        else:
            found = formats.read(pattern, text)
        if found is not None:
            return _ms(found.replace(tzinfo=UTC))
    return None


def read_local(run: Run, text: str, pattern: str, zone: str) -> float | None:
    """Return the milliseconds of a text after a pattern (the session's by default) on the clocks of a zone."""
    own = run.session.date_format
    patterns = (
        (pattern,) if pattern else (date_time_format(run), f"{own} HH:mm:ss", "yyyy-MM-dd HH:mm:ss", own, "yyyy-MM-dd")
    )
    for each in patterns:
        local = formats.read(each, text)
        if local is not None:
            return _ms(local.replace(tzinfo=zones.zone(zone or run.session.time_zone)).astimezone(UTC))
    return None


def read_day(run: Run, text: str) -> str | None:
    """Return the day that a text in the session's format means, or None."""
    for pattern in (run.session.date_format, "yyyy-MM-dd"):
        local = formats.read(pattern, text)
        if local is not None:
            return local.strftime("%Y-%m-%d")
    return None


def local_day(run: Run) -> str:
    """Return today, on the session's clocks."""
    return zones.to_zone(run.instance.clock.now(), run.session.time_zone).strftime("%Y-%m-%d")


def show_duration(run: Run, ms: float) -> str:
    """Return a length of time in words."""
    with_seconds = run.instance.property_is_true("sandtable.display.duration_seconds", False)
    return durations.show(int(ms // 1000), with_seconds=with_seconds)


def read_duration(run: Run, text: str) -> float | None:
    """Return the milliseconds of a length of time in words or as a clock, or None."""
    seconds = durations.read(text)
    return None if seconds is None else seconds * 1000.0


# functions of gs ----------------------------------------------------------------------------------


def _local_now(run: Run) -> datetime:
    return zones.to_zone(run.instance.clock.now(), run.session.time_zone).replace(tzinfo=None, microsecond=0)


def _stored(run: Run, local: datetime) -> str:
    return zones.stored_text(local, run.session.time_zone)


def date_function(run: Run, name: str, arguments: Sequence[Any]) -> str | None:
    """Return what a date function of gs gives, in UTC, worked out on the session's clocks."""
    now = _local_now(run)
    if name == "dateGenerate":
        day, edge = (str(each) for each in arguments)
        clock = {"start": "00:00:00", "end": "23:59:59"}.get(edge, edge)
        try:
            return _stored(run, datetime.fromisoformat(f"{day} {clock}"))
        except ValueError:
            return None
    ago, edge_of_unit, span = _AGO.fullmatch(name), _EDGE.fullmatch(name), _SPAN.fullmatch(name)
    try:
        if span:
            return _stored(run, _edge_of_span(now, *span.groups()))
        if ago:
            unit, edge = ago.group(1), ago.group(2)
            count = int(float(str(arguments[0] or 0))) if arguments else 0
            at = shifted(unit, now, -count)
            if edge:
                at = start_of(unit, at) if edge == "Start" else end_of(unit, at)
            return _stored(run, at)
        if edge_of_unit:
            edge, what = edge_of_unit.groups()
            distance = {"Yesterday": -1, "Tomorrow": 1, "Last": -1, "Next": 1}
            unit = (
                "day"
                if what.endswith(("day", "row")) and what in ("Today", "Yesterday", "Tomorrow")
                else what[4:].lower()
            )
            step = distance.get(what if unit == "day" and what in distance else what[:4], 0)
            at = shifted(unit, start_of(unit, now), step)
            return _stored(run, at if edge == "beginning" else end_of(unit, at))
    except (ValueError, OverflowError):
        return None
    return None


def _edge_of_span(now: datetime, edge: str, count: str | None, unit: str | None, current: str | None) -> datetime:
    """Return an edge of the last so many units with the one that runs, of that one alone, or of this day last year."""
    name = (unit or current or "day").lower()
    at = now
    if unit is None and current is None:
        at = shifted("year", now, -1)
    elif count is not None and edge == "beginning":
        at = shifted(name, now, -int(count))
    return start_of(name, at) if edge == "beginning" else end_of(name, at)


def edge_of(run: Run, edge: str, unit: str, text: str) -> str:
    """Return the first or last second of the unit that a stored moment (now by default) lies in."""
    moment = zones.stored_moment(text) if text else run.instance.clock.now()
    if moment is None:
        return ""
    local = zones.to_zone(moment, run.session.time_zone).replace(tzinfo=None, microsecond=0)
    return _stored(run, start_of(unit, local) if edge == "beginning" else end_of(unit, local))


def date_diff(run: Run, start: str, end: str, numeric: bool) -> str:  # noqa: FBT001 - asked from a script, by position
    """Return how much later one time is than another, both in the user's format: seconds, or `ddd hh:mm:ss`."""
    first, second = (read_local(run, text, "", "") for text in (start, end))
    if first is None or second is None:
        return ""
    seconds = int((second - first) // 1000)
    if numeric:
        return str(seconds)
    days, rest = divmod(abs(seconds), 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{'-' if seconds < 0 else ''}{f'{days} ' if days else ''}{clock}"


# schedules ----------------------------------------------------------------------------------


def schedule(run: Run, sys_id: str) -> dict[str, Any] | None:
    """Return name, zone and number of entries of a schedule, or None."""
    found = run.session.without_access_control().table("cmn_schedule").find(sys_id)
    if found is None:
        return None
    return {"name": found["name"], "zone": found["time_zone"], "entries": len(_spans(run, sys_id, ""))}


def _spans(run: Run, sys_id: str, without: str) -> tuple[Span, ...]:
    def read() -> tuple[Span, ...]:
        rows = run.instance.system().table("cmn_schedule_span").query(f"schedule={sys_id}^sys_id!={without}")
        return tuple(span for span in map(read_span, rows) if span is not None)

    return run.instance.cached(("schedule", sys_id, without), ("cmn_schedule_span",), read) if sys_id else ()


def in_schedule(run: Run, asked: str, sys_id: str, without: str, zone: str, ms: float, other: float) -> Any:
    """Return what a schedule says of a moment.

    `holds` whether it is inside; `passed` the milliseconds inside up to another moment; `later` the moment after so
    many milliseconds inside; `next` those until it is in force, -1 for never.
    """
    kept = Schedule(_spans(run, sys_id, without), zone or run.session.time_zone)
    moment = _moment(ms)
    match asked:
        case "holds":
            return kept.holds(moment)
        case "passed":
            return kept.passed(moment, _moment(other)) / timedelta(milliseconds=1)
        case "later":
            return _ms(kept.later(moment, timedelta(milliseconds=other)))
    wait = kept.until_next(moment)
    return -1 if wait is None else wait / timedelta(milliseconds=1)


OPERATIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        now_ms, time_zone, offset, dst_offset, from_local, date_time_format, show_moment, show_time, format_moment,
        read_any, read_local, read_day, local_day, show_duration, read_duration, date_function, edge_of, date_diff,
        schedule, in_schedule,
    )
}  # fmt: skip
