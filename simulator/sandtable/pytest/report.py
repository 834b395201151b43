"""What a failing test shows of its instance: the requests that it received, and the records that changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandtable.web.journal.request_journal import change_shown

if TYPE_CHECKING:
    from sandtable.library.simulated import SimulatedInstance
    from sandtable.web.journal.request_journal import JournalEntry

REQUESTS_SHOWN = 20
CHANGES_SHOWN = 30
LONGEST = 300
STAMPS = frozenset(
    {
        "sys_class_name",
        "sys_created_by",
        "sys_created_on",
        "sys_id",
        "sys_mod_count",
        "sys_updated_by",
        "sys_updated_on",
        "task_effective_number",
    }
)


def sections_of(instance: SimulatedInstance) -> list[tuple[str, str]]:
    """Return titles and texts for the report of a test, secrets replaced; nothing about what did not happen."""
    name = f"ServiceNow {instance.instance.name} at {instance.url}"
    entries = instance.journal.entries()
    shown: list[tuple[str, Callable[[], str]]] = [
        (f"{name}: {len(entries)} requests, oldest first", lambda: _requests(entries)),
        (f"{name}: what changed", lambda: _changes(instance)),
        (f"{name}: logged by scripts", lambda: "\n".join(instance.script_log())),
        (f"{name}: used but not simulated", lambda: _unsimulated(instance)),
    ]
    told = [(title, _told(make)) for title, make in shown]
    return [(title, text) for title, text in told if text or "requests" in title]


def _told(make: Callable[[], str]) -> str:
    """Return a section, or why there is none: what a test did must not end the whole run with an error of ours."""
    try:
        return make()
    except Exception as error:
        return f"cannot be shown, which is a fault of Sandtable's: {type(error).__name__}: {error}"


def _unsimulated(instance: SimulatedInstance) -> str:
    return "\n".join(f"{each} ({each.count})" for each in instance.unsimulated)


def _requests(entries: list[JournalEntry]) -> str:
    lines = []
    left = len(entries) - REQUESTS_SHOWN
    if left > 0:
        lines.append(f"... {left} earlier ones")
    for entry in entries[-REQUESTS_SHOWN:]:
        shown = entry.shown()
        user = f" as {shown['user']}" if shown["user"] else ""
        lines.append(f"{entry.line()}{user}, {shown['milliseconds']} ms")
        for label, text in (("sent", shown["request_body"]), ("answered", _answer(shown))):
            if text:
                lines.append(f"    {label}: {_short(text)}")
        for label in ("faults", "explanations", "unsimulated"):
            if shown[label]:
                lines.append(f"    {label}: {'; '.join(shown[label])}")
    return "\n".join(lines) or "none"


def _answer(shown: dict[str, Any]) -> str:
    """Return the body of an answer that explains something; of a success the records are told by the changes."""
    return shown["response_body"] if (shown["status"] or 0) >= 400 else ""


def _changes(instance: SimulatedInstance) -> str:
    told = instance.changes()
    lines = []
    for change in told[:CHANGES_SHOWN]:
        shown = change_shown(change, instance.instance)
        lines.append(f"{shown['operation']} {shown['table']} {shown['display'] or shown['sys_id']}")
        dictionary = instance.instance.dictionary
        columns = dictionary.columns(shown["table"]) if dictionary.has(shown["table"]) else {}
        for column, (before, after) in shown["values"].items():
            if column in STAMPS:
                continue
            if shown["operation"] == "update":
                lines.append(f"    {column}: {_short(before)!r} -> {_short(after)!r}")
            elif shown["operation"] == "insert" and after != (columns[column].default if column in columns else ""):
                lines.append(f"    {column}: {_short(after)!r}")
    left = len(told) - CHANGES_SHOWN
    return "\n".join([*lines, *([f"... {left} more records"] if left > 0 else [])])


def _short(text: str) -> str:
    one_line = json.dumps(text, ensure_ascii=False)[1:-1] if "\n" in text else text
    return one_line if len(one_line) <= LONGEST else f"{one_line[:LONGEST]}..."
