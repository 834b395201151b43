"""Where reports are written: tried before a run begins, and none of them costs another."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from sandtable_scenarios.stage.events import Event


def trouble_with(place: Path, *, folder: bool) -> str:
    """Return why a report cannot be written to a place, or nothing; what is made to find out is taken away again."""
    try:
        if folder:
            place.mkdir(parents=True, exist_ok=True)
            probe = place / ".can-be-written"
            probe.touch()
            probe.unlink()
        else:
            was_there = place.exists()
            with place.open("ab"):
                pass
            if not was_there:
                with contextlib.suppress(OSError):
                    place.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""


class Unfailing:
    """A listener that writes a file: when it cannot, it says so in `trouble`, once, and the run goes on."""

    def __init__(self, name: str, place: Path, listener: Callable[[Event], None]) -> None:
        self._name, self._place, self._listener = name, place, listener
        self.trouble = ""

    def __call__(self, event: Event) -> None:
        if self.trouble:
            return
        try:
            self._listener(event)
        except OSError as error:
            self.trouble = f"{self._name} {self._place} was not written: {error.strerror or error}"
