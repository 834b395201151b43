"""A gateway in front of the instance answers in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.pages import page
from sandtable.faults.wire import HTML, Exchange, Proceed, Reply

TITLES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The instance is down or being upgraded: a gateway answers with an HTML page, 503 unless told otherwise."""

    kind: ClassVar[str] = "unavailable"
    status: int = entry(503, "the status, 502, 503 or 504 in practice", least=500, most=599)
    retry_after: int | None = entry(None, "seconds in Retry-After; no such header when left out", least=0)

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        title = f"{self.status} {TITLES.get(self.status, 'Server Error')}"
        headers: tuple[tuple[str, str], ...] = (("Content-Type", HTML), ("Server", "snow_adc"))
        if self.retry_after is not None:
            headers = (*headers, ("Retry-After", str(self.retry_after)))
        return Reply(self.status, headers, page(title, "The server cannot answer at the moment."))
