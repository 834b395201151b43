"""When the year of the demo data happened: written once, on the days of one reference year, and moved to end today.

Everything that is decided by a date is decided in the reference year, so what day it is changes the dates alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

YEAR = 365
WEEK = 7
# The day on which the reference year ends.
REFERENCE = datetime(2024, 5, 1, tzinfo=UTC)
# What was opened in the last weeks is as old as in the reference year, whatever weekday that makes it. Further back a
# day without work is put between one week and the next, until weekends fall on weekends.
RECENT = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of the reference year, and where they lie when the year ends on another day than it did."""

    today: datetime

    def is_recent(self, opened: datetime) -> bool:
        """Tell whether something was opened so lately that days are still counted for it."""
        return REFERENCE - opened < RECENT

    def dates_of(self, opened: datetime) -> Callable[[datetime], str]:
        """Return what writes the moments of one task: all are moved by the same whole days, by when it was opened.

        What was opened later in the reference year is never moved further back, so the order stays.
        """
        shift = self.today - REFERENCE
        idle = shift.days % WEEK
        weeks = (REFERENCE - RECENT - opened) // timedelta(weeks=1) + 1
        shift -= timedelta(days=min(idle, max(0, weeks)))
        return lambda moment: (moment + shift).isoformat(" ", "seconds")[:19]
