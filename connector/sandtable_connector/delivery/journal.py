"""A transport that keeps what an attempt sent and was answered, so that it can be taken up where it stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from sandtable_connector.delivery.looking import Verdict, look_for, records
from sandtable_connector.delivery.queue import DeliveryQueue, QueuedAction
from sandtable_connector.errors import ConnectorError, ResponseTimeout
from sandtable_connector.transport.messages import Request, Response, Transport

LONGEST_ACTION = 300.0
"""Seconds one attempt of an action may take (source: observed Kibana behaviour, the timeout of its task)."""

TIMED_OUT = 'execution cancelled due to timeout - exceeded default timeout of "5m"'
_KEPT_HEADERS = ("content-type", "location")
# Answers to these hold credentials, and asking again costs nothing.
_NOT_KEPT = "/oauth_token.do"


class JournalledTransport:
    """Carries the requests of one attempt; those that were answered before the attempt was cut off are not sent again.

    Before a write that was sent and not answered goes out once more, the instance is asked whether it was carried out
    (`looks`); where it cannot tell, the action is marked as in doubt. A request that differs from the one kept in its
    place (other settings since) ends the replay.

    `lost_write` says that the answer to a write did not come.

    After `deadline` (a time of `clock`) nothing more is sent: ResponseTimeout, which another attempt may repair.
    """

    def __init__(
        self,
        inner: Transport,
        queue: DeliveryQueue,
        action: QueuedAction,
        *,
        clock: Callable[[], float],
        deadline: float,
        looks: bool = True,
    ) -> None:
        self.lost_write = False
        self._looks = looks
        self._inner = inner
        self._clock = clock
        self._deadline = deadline
        self._queue = queue
        self._action = action
        self._ordinal = 0
        self._replays = True

    def send(self, request: Request) -> Response:
        """Carry one request, or give the answer it was given before."""
        late = self._clock() > self._deadline
        if _NOT_KEPT in request.url and not late:
            return self._inner.send(request)
        ordinal, self._ordinal = self._ordinal, self._ordinal + 1
        digest = _digest(request)
        kept = self._queue.kept(self._action, ordinal) if self._replays else None
        self._replays = kept is not None and kept.digest == digest
        if kept is not None and self._replays:
            if kept.answer is not None:
                return kept.answer
            if request.method != "GET" and (found := self._sent_before(request, kept.sent_at)) is not None:
                self._queue.answered(self._action, ordinal, found)
                return found
        self._queue.sending(self._action, ordinal, digest, now=self._clock())
        if late:
            # Noted all the same: the answer before it was good, and need not be asked for again.
            raise ResponseTimeout(TIMED_OUT, code="ETIMEDOUT")
        try:
            response = self._inner.send(request)
        except ConnectorError:
            self.lost_write = request.method != "GET"
            raise
        headers = {name: value for name, value in response.headers.items() if name.lower() in _KEPT_HEADERS}
        self._queue.answered(self._action, ordinal, replace(response, headers=headers))
        return response

    def _sent_before(self, request: Request, sent_at: float | None) -> Response | None:
        """Return the answer to a write that was carried out before, None for one that is to be sent (again)."""
        found: Response | Verdict = "unsure"
        if self._looks and sent_at is not None:
            before = next(records(self._queue.answers(self._action)), None)
            found = look_for(request, self._inner.send, sent_at=sent_at, before=before, known=self._queue.has_reported)
        if found == "unsure":
            self._queue.doubt(self._action)
        return found if isinstance(found, Response) else None


def _digest(request: Request) -> str:
    # Headers are left out: they hold the credentials, which may have changed without changing what is asked.
    content = b"\0".join((request.method.encode(), request.url.encode(), request.body or b""))
    return hashlib.sha256(content).hexdigest()
