"""Threads that take work when there is some: started when needed, kept for a while, never in each other's way."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path

REST_SECONDS = 30  # that a thread without work is kept

_log = logging.getLogger("sandtable.serving.server")


class Crew:
    """Runs each action in a thread of its own, one that is free or a new one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._free = 0
        self._lock = threading.Lock()

    def run(self, action: Callable[[], None]) -> None:
        """Have an action done by somebody at once."""
        with self._lock:
            if self._free:
                self._free -= 1
                self._work.put(action)
                return
        threading.Thread(target=self._member, args=(action,), name=self._name, daemon=True).start()

    def _member(self, action: Callable[[], None]) -> None:
        while True:
            try:
                action()
            except Exception:
                _log.exception("a thread of the server failed")
            with self._lock:
                self._free += 1
            try:
                action = self._work.get(timeout=REST_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._work.empty():
                        self._free -= 1
                        return
                action = self._work.get()


def is_computing(thread: int) -> bool:
    """Tell whether a thread computes, or would at its turn, rather than wait; no where the system does not say.

    `thread` is the number that the system knows it by.
    """
    try:
        state = Path(f"/proc/self/task/{thread}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return False
    return state[:1] == [b"R"]
