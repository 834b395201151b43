"""A page that says the instance is under maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.pages import page
from sandtable.faults.wire import HTML, Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The instance is under maintenance: an HTML page in place of the answer, until so many seconds have passed."""

    kind: ClassVar[str] = "maintenance"
    status: int = entry(503, "the status of the page", least=200, most=599)
    seconds: float | None = entry(
        None, "how long it lasts, by the instance's clock; without end when left out", least=0
    )
    retry_after: int | None = entry(None, "seconds in Retry-After; no such header when left out", least=0)

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        now = exchange.instance.clock.timestamp()
        with exchange.memory.lock:
            first = exchange.memory.values.setdefault("first", now)
        if self.seconds is not None and now - first >= self.seconds > 0:
            return proceed()
        headers: tuple[tuple[str, str], ...] = (("Content-Type", HTML), ("Server", "snow_adc"))
        if self.retry_after is not None:
            headers = (*headers, ("Retry-After", str(self.retry_after)))
        text = "The instance is under maintenance and will be back soon."
        return Reply(self.status, headers, page("Instance Maintenance", text))
