"""When a scheduled job runs: the moments that its record asks for, on the clocks of its time zone."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sandtable.core.values import durations, zones
from sandtable.core.values.clock import TEXT_FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

ON_DEMAND = frozenset({"on_demand", ""})
ONCE, PERIODICALLY, FLOATING = "once", "periodically", "floating"
WEEK_IN_MONTH = "sandtable.script.week_in_month"
LONGEST = 366 * 9  # days until the 29th of February comes round again


def is_simulated(instance: Instance, job: Record) -> bool:
    """Tell whether a job of this kind runs here by itself; one that follows a business calendar does not."""
    return job["run_type"] in (ONCE, PERIODICALLY) or job["run_type"] in _days(instance, job)


def first(instance: Instance, job: Record) -> str:
    """Return the stored moment at which a job runs first after it was made; empty for one that never does by itself.

    Source: ServiceNow documentation, scheduled script executions, and the vendor's SDK for the names of its columns.
    """
    kind = job["run_type"]
    if kind == ONCE:
        start = job["run_start"]
        return start if start and start >= job["sys_created_on"] else ""
    if kind == PERIODICALLY:
        return _until_end(job, job["run_start"] or instance.clock.text())
    return _until_end(job, _after(instance, job, instance.clock.now().strftime(TEXT_FORMAT)))


def following(instance: Instance, job: Record, last: str) -> str:
    """Return the stored moment at which a job runs again; `last` is that of the run which begins now."""
    if job["active"] != "true" or job["run_type"] == ONCE:
        return ""
    if job["run_type"] == PERIODICALLY:
        return _until_end(job, in_steps(instance, last, durations.seconds_of(job["run_period"]) or 3600))
    at = max(last, instance.clock.text())
    for _ in range(max(1, _number(job, "repeat_every", 1))):
        at = _after(instance, job, at) if at else ""
    return _until_end(job, at)


def in_steps(instance: Instance, last: str, seconds: int) -> str:
    """Return the next stored moment that is so many seconds after the last one, none of those that were missed."""
    at = max(_read(last), _read(instance.clock.text()) - timedelta(seconds=seconds))
    return (at + timedelta(seconds=seconds)).strftime(TEXT_FORMAT)


def is_too_late(instance: Instance, job: Record, due: str) -> bool:
    """Tell whether a job has drifted further from its moment than it may."""
    most = durations.seconds_of(job["max_drift"]) if job["max_drift"] else None
    return bool(most) and _read(instance.clock.text()) - _read(due) > timedelta(seconds=most or 0)


def _until_end(job: Record, at: str) -> str:
    return "" if job["run_end"] and at > job["run_end"] else at


def _read(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def _number(job: Record, column: str, otherwise: int) -> int:
    text = job[column]
    return int(text) if text.isascii() and text.isdigit() else otherwise


def _after(instance: Instance, job: Record, stored: str) -> str:
    """Return the next moment of a job that comes by the calendar, after a stored one."""
    chosen = _days(instance, job).get(job["run_type"])
    if chosen is None:
        return ""
    zone = _zone(instance, job)
    moment = zones.stored_moment(max(stored, _just_before(job["run_start"])))
    if moment is None:
        return ""
    local = zones.to_zone(moment, zone).replace(tzinfo=None, microsecond=0)
    clock = _clock(job, zone)
    for ahead in range(LONGEST):
        day = local.date() + timedelta(days=ahead)
        at = datetime.combine(day, clock.time())
        if at > local and chosen(day):
            return zones.stored_text(at, zone)
    return ""


def _just_before(stored: str) -> str:
    return (_read(stored) - timedelta(seconds=1)).strftime(TEXT_FORMAT) if stored else ""


def _zone(instance: Instance, job: Record) -> str:
    """Return the zone that a job says; without one that of the user it runs as, else the system's."""
    system = instance.property("glide.sys.default.tz", "UTC")
    if job["time_zone"]:
        return system if job["time_zone"] == FLOATING else job["time_zone"]
    user = instance.system().table("sys_user").find(job["run_as"]) if job["run_as"] else None
    return (user["time_zone"] if user is not None else "") or system


def _clock(job: Record, zone: str) -> datetime:
    """Return the time of day: as it was entered, else `run_time`, which a job with a zone of its own has in UTC."""
    if job["entered_time"]:
        return _read(job["entered_time"])
    text = job["run_time"].rpartition(" ")[2] or "00:00:00"
    at = datetime.fromisoformat(f"1970-01-01 {text}")
    moment = zones.stored_moment(f"1970-01-01 {text}")
    if job["time_zone"] in ("", FLOATING) or moment is None:
        return at
    return zones.to_zone(moment, zone).replace(tzinfo=None)


def _days(instance: Instance, job: Record) -> dict[str, Callable[[date], bool]]:
    """Return by kind which days a job runs on."""
    weekdays = set(job["run_daysofweek"]) & set("1234567") or {str(_number(job, "run_dayofweek", 1))}
    month, week = _number(job, "run_month", 1), _number(job, "run_weekinmonth", 1)
    by_calendar = instance.property(WEEK_IN_MONTH, "weekday") == "calendar"

    def is_day_of_month(day: date) -> bool:
        return day.day == min(_number(job, "run_dayofmonth", 1), monthrange(day.year, day.month)[1])

    def is_in_week(day: date) -> bool:
        before = day.replace(day=1).isoweekday() % 7 if by_calendar else 0  # days of that calendar week before the 1st
        return str(day.isoweekday()) in weekdays and (day.day + before - 1) // 7 + 1 == week

    return {
        "daily": lambda _: True,
        "weekly": lambda day: str(day.isoweekday()) in weekdays,
        "monthly": is_day_of_month,
        "week_in_month": is_in_week,
        "day_and_month_in_year": lambda day: day.month == month and is_day_of_month(day),
        "day_week_month_year": lambda day: day.month == month and is_in_week(day),
    }
