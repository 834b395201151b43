"""Durations as Kibana writes them, moments as Elasticsearch writes them, and how often a rule is checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandtable_connector.values.invalid_input import InvalidInput

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"([1-9][0-9]*)([smhdw])")

#: Rules checked more often than this are allowed, with a warning (xpack.alerting.rules.minimumScheduleInterval).
MINIMUM_INTERVAL = 60


def seconds(text: Any, field: str) -> int:
    """Return the seconds in a duration such as `30s`, `5m`, `1h`, `1d`, `1w`; raises InvalidInput naming the field."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidInput(
            f"{text!r} is not a duration", field=field, fix="Write a whole number and s, m, h, d or w, such as 5m."
        )
    return int(match[1]) * UNITS[match[2]]


def moment(value: Any, field: str) -> datetime:
    """Return an aware UTC time from ISO 8601 text (no offset means UTC) or epoch milliseconds; raises InvalidInput."""
    try:
        if isinstance(value, bool):
            raise TypeError
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000, UTC)
        if isinstance(value, datetime):
            parsed = value
        else:
            parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise InvalidInput(
            f"{value!r} is not a date", field=field, fix="Write ISO 8601 such as 2026-03-01T10:00:00.000Z."
        ) from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def iso(at: datetime) -> str:
    """Return a moment as Kibana prints it: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a rule is checked."""

    interval: str = "1m"

    def __post_init__(self) -> None:
        seconds(self.interval, "schedule.interval")

    @property
    def every(self) -> timedelta:
        """Return the time from one check to the next."""
        return timedelta(seconds=seconds(self.interval, "schedule.interval"))
