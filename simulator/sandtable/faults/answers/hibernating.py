"""A developer instance that has gone to sleep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.pages import page
from sandtable.faults.wire import HTML, Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class Hibernating:
    """A developer instance sleeps: every call gets an HTML page, with status 200 unless told otherwise.

    It wakes by itself after so many calls, or so many seconds of the instance's clock after the first one; with neither
    it sleeps until the fault is taken back. Source: answers recorded from sleeping developer instances.
    """

    kind: ClassVar[str] = "hibernating"
    status: int = entry(200, "the status of the page; 200 was recorded, 502 and 503 are reported", least=200, most=599)
    wakes_after_calls: int | None = entry(None, "how many calls get the page before the instance is awake", least=1)
    wakes_after_seconds: float | None = entry(None, "seconds of the instance's clock after the first call", least=0)

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if self._is_awake(exchange):
            return proceed()
        text = "Your instance is hibernating. Sign in to the developer site to wake it."
        headers = (("Content-Type", HTML), ("Server", "snow_adc"), ("Cache-Control", "no-store"))
        return Reply(self.status, headers, page("Instance Hibernating page", text))

    def _is_awake(self, exchange: Exchange) -> bool:
        now = exchange.instance.clock.timestamp()
        with exchange.memory.lock:
            values = exchange.memory.values
            calls = values["calls"] = values.get("calls", 0) + 1
            first = values.setdefault("first", now)
        by_calls = self.wakes_after_calls is not None and calls > self.wakes_after_calls
        by_time = self.wakes_after_seconds is not None and now - first >= self.wakes_after_seconds
        return by_calls or (by_time and calls > 1)
