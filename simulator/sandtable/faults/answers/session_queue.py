"""Requests of one session wait for each other, and one too many is only accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.pages import page
from sandtable.faults.wire import HTML, Exchange, Proceed, Reply

COOKIE = "jsessionid="


@dataclass(frozen=True, slots=True)
class SessionQueue:
    """A request with a session's cookie is answered 202 at once, and nothing is done.

    An instance carries out the requests of one session one after another, and answers so when more than 10 wait or the
    running one takes over 120 seconds (support articles KB0564204 and KB3047080). A client that takes any 2xx for
    success loses its writes. Requests without a session are not concerned, unless `everyone`.
    """

    kind: ClassVar[str] = "session-queue"
    everyone: bool = entry(False, "requests without a session's cookie are answered so as well")

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if not self.everyone and COOKIE not in exchange.request.headers.get("cookie", "").lower():
            return proceed()
        return Reply(202, (("Content-Type", HTML),), page("Accepted", "The request waits for others of its session."))
