"""The time zone of the machine that a connector believes itself to be on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import TZPATH

from sandtable_scenarios.stage.findings import Unavailable

VARIABLE = "TZ"


def require_zone(zone: str) -> None:
    """Raise Unavailable when a process on this machine cannot be put into an IANA time zone; empty is always fine."""
    if not zone:
        return
    if not hasattr(time, "tzset"):
        raise Unavailable("the time zone of a process cannot be set on this system")
    if not any((Path(folder) / zone).is_file() for folder in TZPATH):
        raise Unavailable(f"this machine has no data of the time zone {zone!r}")


def environment(zone: str) -> Mapping[str, str] | None:
    """Return the environment of a program in that zone; None, which means this process's own, for no zone."""
    return {**os.environ, VARIABLE: zone} if zone else None


@contextlib.contextmanager
def within(zone: str) -> Iterator[None]:
    """Put this process into a time zone for a while; nothing happens for no zone."""
    if not zone:
        yield
        return
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
        time.tzset()
