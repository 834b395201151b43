"""A year of incidents, problems and changes, as they would stand if people had really worked on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.numbering import catch_up, series_of, written
from sandtable.core.values.durations import stored_text as duration
from sandtable.demodata.bulk import BulkWriter
from sandtable.demodata.calendar import REFERENCE, YEAR, Calendar
from sandtable.demodata.company import Company, Person
from sandtable.demodata.infrastructure import Items
from sandtable.demodata.topics import AGENT_COMMENTS, CALLER_COMMENTS, CHANGES, TOPICS, WORK_NOTES, Topic

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

INCIDENTS, PROBLEMS, CHANGE_REQUESTS = 1000, 40, 120
NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELED = "1", "2", "3", "6", "7", "8"
PRIORITIES = {("1", "1"): "1", ("1", "2"): "2", ("2", "1"): "2", ("1", "3"): "3", ("3", "1"): "3", ("2", "2"): "3"}
PRIORITIES |= {("2", "3"): "4", ("3", "2"): "4", ("3", "3"): "5"}
# Middle of the time to resolve, in hours, by priority; most take less, some take far longer.
HOURS = {"1": 3.0, "2": 8.0, "3": 30.0, "4": 60.0, "5": 90.0}
PROMISED = {"1": 4.0, "2": 12.0, "3": 48.0, "4": 120.0, "5": 240.0}
# How many come in at each hour of the day, and on each day of the week from Monday.
BY_HOUR = (1, 1, 1, 1, 1, 2, 5, 14, 26, 28, 24, 20, 14, 20, 22, 20, 16, 10, 6, 4, 3, 2, 2, 1)
BY_DAY = (24, 21, 19, 18, 14, 3, 2)
CLOSE_CODES = ("Solution provided", "Workaround provided", "Resolved by caller", "User error", "No resolution provided")
CHANNELS = (("self-service", 42), ("phone", 30), ("email", 16), ("monitoring", 8), ("walk-in", 4))
STEP = 1000
Date = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Scene:
    """What all the work has in common."""

    instance: Instance
    random: Random
    calendar: Calendar
    company: Company
    items: Items
    writer: BulkWriter
    moments: Callable[[], datetime]

    @property
    def today(self) -> datetime:
        """The end of the reference year, in which everything is decided; `calendar` says what it is called."""
        return REFERENCE


def a_year_of_work(
    instance: Instance,
    random: Random,
    scale: int,
    today: datetime,
    company: Company,
    items: Items,
    made: dict[str, int],
    progress: Callable[[int, int, str], None],
) -> None:
    """Write the year's problems, incidents and changes, each with its journal."""
    writer = BulkWriter(instance, random, made)
    scene = Scene(instance, random, Calendar(today), company, items, writer, _moments(random))
    counts = (INCIDENTS * scale, PROBLEMS * scale, CHANGE_REQUESTS * scale)
    total, done = sum(counts), 0
    problems: list[str] = []
    parts: tuple[tuple[str, int, Callable[[tuple[str, datetime]], None]], ...] = (
        ("problem", counts[1], partial(_problem, scene, problems)),
        ("incident", counts[0], partial(_incident, scene, problems)),
        ("change_request", counts[2], partial(_change, scene)),
    )
    for table, count, write in parts:
        for position, numbered in enumerate(_numbered(scene, table, count)):
            if position % STEP == 0:
                progress(done, total, table)
            write(numbered)
            done += 1
    writer.flush()
    progress(total, total, "done")


def _moments(random: Random) -> Callable[[], datetime]:
    """Return a function that draws a moment of the reference year: more by day than by night, few at weekends."""
    days = [REFERENCE - timedelta(days=back) for back in range(YEAR, 0, -1)]
    # Towards the end of the year there is a little more of everything.
    weights = [BY_DAY[day.weekday()] * (1 + index / YEAR / 2) for index, day in enumerate(days)]
    total, summed = 0.0, []
    for weight in weights:
        total += weight
        summed.append(total)
    hours = range(24)

    def draw() -> datetime:
        day = random.choices(days, cum_weights=summed)[0]
        hour = random.choices(hours, weights=BY_HOUR)[0]
        return day + timedelta(hours=hour, seconds=random.randrange(3600))

    return draw


def _numbered(scene: Scene, table: str, count: int) -> list[tuple[str, datetime]]:
    """Return a number and an opening time for each record, in order; leave the counter behind the last number.

    As on a fresh instance, demo records have the numbers below the first one that a new record gets, while they last.
    """
    series = series_of(scene.instance, table)
    opened = sorted(scene.moments() for _ in range(count))
    if series is None:
        return [("", each) for each in opened]
    first = 1 if count < series.start else series.start + 1
    numbers = [written(series, first + index) for index in range(count)]
    if first > 1:
        catch_up(scene.instance, table, numbers[-1])
    return list(zip(numbers, opened, strict=True))


def _choose(random: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return random.choices([value for value, _ in weighted], weights=[weight for _, weight in weighted])[0]


_WEIGHTS = [topic.weight for topic in TOPICS]


def _topic(random: Random) -> Topic:
    return random.choices(TOPICS, weights=_WEIGHTS)[0]


def _worker(scene: Scene, group: str) -> Person:
    return scene.random.choice(scene.company.members.get(group) or scene.company.people)


def _worded(scene: Scene, text: str, item: tuple[str, str] | None) -> str:
    place = scene.random.choice(sorted(scene.company.places)) if "{place}" in text else ""
    return text.replace("{ci}", item[1] if item is not None else "the server").replace("{place}", place)


def _journal(scene: Scene, table: str, sys_id: str, element: str, text: str, author: str, moment: str) -> None:
    values = {"name": table, "element": element, "element_id": sys_id, "value": text}
    scene.writer.add("sys_journal_field", {**values, "sys_created_on": moment, "sys_created_by": author})


def _base(
    date: Date, number: str, opened: datetime, opener: Person, changed: datetime, changer: str, changes: int
) -> dict[str, str]:
    """Return what every task has: its number and what the platform writes."""
    return {
        "number": number,
        "task_effective_number": number,
        "opened_at": date(opened),
        "opened_by": opener.sys_id,
        "sys_created_on": date(opened),
        "sys_created_by": opener.user_name,
        "sys_updated_on": date(changed),
        "sys_updated_by": changer,
        "sys_mod_count": str(changes),
    }


# incidents -----------------------------------------------------------------------------------------------------------


def _incident(scene: Scene, problems: list[str], numbered: tuple[str, datetime]) -> None:
    random = scene.random
    number, opened = numbered
    date = scene.calendar.dates_of(opened)
    topic = _topic(random)
    text, ending = random.choice(topic.stories)
    caller = random.choice(scene.company.people)
    worker = _worker(scene, topic.group)
    impact, urgency = (
        _choose(random, (("1", 4), ("2", 20), ("3", 76))),
        _choose(random, (("1", 8), ("2", 32), ("3", 60))),
    )
    priority = PRIORITIES[impact, urgency]
    hours = random.lognormvariate(0, 0.9) * HOURS[priority]
    state, resolved, closed = _course(scene, opened, hours)
    named = "{ci}" in text
    item = scene.items.any_of(random, topic.items) if topic.items and (named or random.random() < 0.4) else None
    channel = _choose(random, CHANNELS)
    opener = caller if channel in ("self-service", "email") else _worker(scene, "Service Desk")
    last = min(closed or resolved or opened + timedelta(hours=hours / 2), scene.today)
    handovers = random.choices((0, 1, 2, 3), weights=(70, 20, 8, 2))[0]
    values = {
        **_base(
            date, number, opened, opener, max(last, opened), worker.user_name, 1 + handovers + (2 if resolved else 0)
        ),
        "sys_class_name": "incident",
        "short_description": _worded(scene, text, item),
        "category": topic.category,
        "subcategory": topic.subcategory,
        "impact": impact,
        "urgency": urgency,
        "priority": priority,
        "state": state,
        "incident_state": state,
        "active": "false" if state in (CLOSED, CANCELED) else "true",
        "caller_id": caller.sys_id,
        "location": caller.location,
        "company": caller.company,
        "contact_type": channel,
        "assignment_group": scene.company.groups.get(topic.group, ""),
        "assigned_to": "" if state == NEW else worker.sys_id,
        "reassignment_count": str(handovers),
        "reopen_count": "1" if resolved and random.random() < 0.04 else "0",
        "made_sla": "true" if hours <= PROMISED[priority] else "false",
        "cmdb_ci": item[0] if item is not None else "",
        "problem_id": random.choice(problems) if problems and random.random() < 0.05 else "",
        "hold_reason": random.choice(("1", "3", "4", "5")) if state == ON_HOLD else "",
    }
    if resolved is not None:
        seconds = int((resolved - opened).total_seconds())
        values |= {
            "resolved_at": date(resolved),
            "resolved_by": worker.sys_id,
            "close_code": random.choices(CLOSE_CODES, weights=(60, 15, 12, 8, 5))[0],
            "close_notes": ending,
            "calendar_duration": duration(seconds),
            "business_duration": duration(seconds // 3),
            "calendar_stc": str(seconds),
            "business_stc": str(seconds // 3),
        }
    if closed is not None:
        values |= {"closed_at": date(closed), "closed_by": worker.sys_id}
    sys_id = scene.writer.add("incident", values)
    _talk(scene, "incident", sys_id, opened, resolved or last, caller.user_name, worker.user_name)


def _course(scene: Scene, opened: datetime, hours: float) -> tuple[str, datetime | None, datetime | None]:
    """Return how an incident stands today: its state, when it was resolved, when closed."""
    random, today = scene.random, scene.today
    if random.random() < 0.02:
        closed = opened + timedelta(hours=min(hours, 24.0))
        return (CANCELED, None, closed) if closed < today else (NEW, None, None)
    # A few are forgotten, and stay open whatever their age.
    resolved = opened + timedelta(hours=hours)
    if resolved >= today or random.random() < 0.006:
        weights = (20, 60, 20) if today - opened > timedelta(days=2) else (55, 38, 7)
        return random.choices((NEW, IN_PROGRESS, ON_HOLD), weights=weights)[0], None, None
    closed = resolved + (timedelta(days=7) if random.random() < 0.8 else timedelta(hours=random.randrange(1, 48)))
    if closed >= today and (closed < today + timedelta(days=1) or not scene.calendar.is_recent(opened)):
        # The instance closes by itself what was resolved a week ago: nothing waits for that which would come today, or
        # which is moved back.
        closed = resolved
    return (CLOSED, resolved, closed) if closed < today else (RESOLVED, resolved, None)


def _talk(scene: Scene, table: str, sys_id: str, start: datetime, end: datetime, caller: str, worker: str) -> None:
    """Write what people said about a task between two moments, and what they noted for each other."""
    random, date = scene.random, scene.calendar.dates_of(start)
    span = max((end - start).total_seconds(), 60.0)
    lines: list[tuple[float, str, str, str]] = []
    if random.random() < 0.5:
        lines.append((random.random(), "comments", random.choice(AGENT_COMMENTS), worker))
    if random.random() < 0.25:
        lines.append((random.random(), "comments", random.choice(CALLER_COMMENTS), caller))
    if random.random() < 0.4:
        lines.append((random.random(), "work_notes", random.choice(WORK_NOTES), worker))
    for share, element, text, author in sorted(lines):
        _journal(scene, table, sys_id, element, text, author, date(start + timedelta(seconds=span * share)))


# problems and changes ------------------------------------------------------------------------------------------------


def _problem(scene: Scene, problems: list[str], numbered: tuple[str, datetime]) -> None:
    random = scene.random
    number, opened = numbered
    date = scene.calendar.dates_of(opened)
    topic = _topic(random)
    text, ending = random.choice(topic.stories)
    opener = worker = _worker(scene, "Problem Solving")
    item = scene.items.any_of(random, topic.items) if topic.items else None
    days = random.lognormvariate(2.6, 0.8)
    ended = opened + timedelta(days=days)
    over = ended < scene.today
    state = random.choices(("107", "106"), weights=(85, 15))[0] if over else random.choice(("101", "102", "103", "104"))
    impact, urgency = random.choice("123"), random.choice("123")
    values = {
        **_base(date, number, opened, opener, ended if over else opened, worker.user_name, 4 if over else 1),
        "sys_class_name": "problem",
        "short_description": f"Again and again: {_worded(scene, text, item)}",
        "category": topic.category,
        "subcategory": topic.subcategory,
        "impact": impact,
        "urgency": urgency,
        "priority": PRIORITIES[impact, urgency],
        "state": state,
        "problem_state": state,
        "active": "false" if state == "107" else "true",
        "assignment_group": scene.company.groups.get("Problem Solving", ""),
        "assigned_to": "" if state == "101" else worker.sys_id,
        "cmdb_ci": item[0] if item is not None else "",
        "known_error": "true" if random.random() < 0.3 else "false",
    }
    if over:
        values |= {"cause_notes": "Found in the review of the incidents.", "fix_notes": ending, "close_notes": ending}
        values |= {"resolved_at": date(ended), "resolved_by": worker.sys_id, "resolution_code": "fix_applied"}
    if state == "107":
        values |= {"closed_at": date(ended), "closed_by": worker.sys_id}
    sys_id = scene.writer.add("problem", values)
    _talk(scene, "problem", sys_id, opened, min(ended, scene.today), opener.user_name, worker.user_name)
    problems.append(sys_id)


def _change(scene: Scene, numbered: tuple[str, datetime]) -> None:
    random = scene.random
    number, opened = numbered
    date = scene.calendar.dates_of(opened)
    servers = ("cmdb_ci_linux_server", "cmdb_ci_win_server", "cmdb_ci_ip_switch", "cmdb_ci_ip_firewall")
    item = scene.items.any_of(random, servers)
    asker, worker = random.choice(scene.company.people), _worker(scene, "Change Management")
    kind = _choose(random, (("normal", 60), ("standard", 32), ("emergency", 8)))
    start = opened + timedelta(days=random.uniform(0.2, 1) if kind == "emergency" else random.uniform(3, 20))
    end = start + timedelta(hours=random.choice((1, 2, 4, 8)))
    if end < scene.today:
        state = random.choices(("3", "4"), weights=(95, 5))[0]
    else:
        state = random.choices(("-5", "-4", "-3", "-2"), weights=(20, 20, 20, 40))[0]
    over = state in ("3", "4")
    values = {
        **_base(date, number, opened, asker, end if over else opened, worker.user_name, 5 if over else 1),
        "sys_class_name": "change_request",
        "short_description": _worded(scene, random.choice(CHANGES), item),
        "type": kind,
        "category": "Hardware" if random.random() < 0.4 else "Software",
        "state": state,
        "active": "false" if over else "true",
        "risk": random.choices(("2", "3", "4"), weights=(8, 32, 60))[0],
        "impact": random.choices(("2", "3"), weights=(25, 75))[0],
        "priority": "4",
        "requested_by": asker.sys_id,
        "start_date": date(start),
        "end_date": date(end),
        "assignment_group": scene.company.groups.get("Change Management", ""),
        "assigned_to": worker.sys_id,
        "cmdb_ci": item[0] if item is not None else "",
        "approval": "approved" if state in ("3", "-2") else "not requested",
    }
    if over:
        done = state == "3"
        values |= {"work_start": date(start), "work_end": date(end)} if done else {}
        values |= {"closed_at": date(end), "closed_by": worker.sys_id, "close_code": "successful" if done else ""}
        values |= {"close_notes": "Done as planned." if done else "No longer needed."}
    sys_id = scene.writer.add("change_request", values)
    _talk(scene, "change_request", sys_id, opened, min(end, scene.today), asker.user_name, worker.user_name)
