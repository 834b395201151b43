"""From what a caller sends to what a column stores: one text, or nothing at all.

Sources for the rules: the Table API documentation (booleans, dates in UTC, references as sys_ids) and, for bad numbers
and dates becoming empty, the observed habit of the platform never to refuse a value for its form.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

from sandtable.core.schema.columns import DATE_TIME_TYPES, INTEGER_TYPES, WHOLE_TYPES, Column
from sandtable.core.values import date_texts

Input = str | int | float | bool | None

_DURATION = re.compile(r"(\d+) (\d\d):(\d\d):(\d\d)")
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


def as_text(value: object) -> str:
    """Return any JSON value as text: `true`, `7`, nothing for null, and compact JSON for lists and objects."""
    if isinstance(value, str):
        return _storable(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _storable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def _storable(text: str) -> str:
    """Replace what no database takes as text: half of a surrogate pair becomes `?`, a zero character goes."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", "?")
    return text.replace("\0", "")


def stored_value(column: Column, value: object) -> str:
    """Return the text that the column stores for an input, cut to the column's length in characters.

    A number or date that cannot be read is stored as empty.
    """
    text = as_text(value)
    if not text:
        return ""
    kind = column.type
    if kind == "boolean":
        return _boolean(text)
    if kind in INTEGER_TYPES:
        return _integer(text)
    if column.is_number:
        return _decimal(text)
    if kind in DATE_TIME_TYPES:
        return _date_time(text)
    if column.is_date:
        return _date(text)
    if column.is_duration:
        return _duration(text)
    return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]


def _boolean(text: str) -> str:
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return "true"
    return "false" if lowered in _FALSE else ""


def _integer(text: str) -> str:
    text = text.strip()
    if text.isascii() and text.lstrip("-").isdigit() and len(text) <= 20:
        return str(int(text)) if text.lstrip("-") and text.count("-") <= 1 else ""
    try:
        number = float(text)
        return str(int(number)) if number == int(number) and abs(number) < 2**63 else ""
    except (ValueError, OverflowError):
        return ""


def _decimal(text: str) -> str:
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        return ""
    if number != number or number in (float("inf"), float("-inf")) or "_" in text:
        return ""
    return text


def _date_time(text: str) -> str:
    found = date_texts.read(text)
    return "" if found is None else found.isoformat(" ")


def _date(text: str) -> str:
    found = date_texts.read(text)
    return "" if found is None else found.date().isoformat()


def _duration(text: str) -> str:
    """Durations are stored as a moment counted from the epoch; `1 04:23:17` is one day and some hours."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return _date_time(text)
    days, hours, minutes, seconds = (int(part) for part in found.groups())
    return duration_text(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def duration_text(seconds: int) -> str:
    """Return a duration in whole seconds as the platform stores it: 100997 is `1970-01-02 04:03:17`."""
    try:
        return datetime.fromordinal(719_163 + seconds // 86_400).strftime("%Y-%m-%d") + (
            f" {seconds % 86_400 // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
        )
    except (ValueError, OverflowError):
        return ""
