"""How a command that serves is stopped: at once while it starts, in good order later, at once if told again."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHOW_CURSOR = b"\x1b[?25h"  # which a progress bar hides


def leave_when_told() -> None:
    """End the process on SIGINT and SIGTERM, whatever it is at, as a kill would: nothing half-made is kept."""
    for number in SIGNALS:
        signal.signal(number, _leave)


def stop_when_told() -> threading.Event:
    """Return what SIGINT and SIGTERM set from now on; the second one ends the process."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            _leave(number, frame)
        stopped.set()

    for number in SIGNALS:
        signal.signal(number, stop)
    return stopped


def _leave(number: int, frame: FrameType | None) -> None:
    # Not through the exceptions of whatever is running: a transaction of a million records takes as long to take back.
    os.write(2, (SHOW_CURSOR if sys.stderr.isatty() else b"") + b"stopped\n")
    os._exit(128 + number)
