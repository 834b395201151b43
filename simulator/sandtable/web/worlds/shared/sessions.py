"""Live sessions that every process knows: a request of a session may come to any of them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from sandtable.core.values.errors import DatabaseUnavailable
from sandtable.web.worlds.sessions import LiveSession, LiveSessions, same_text

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

KIND = "session"
MOST_SESSIONS, BETWEEN_TRIMS = 10_000, 500
BETWEEN_NOTES = 1.0  # seconds of the instance's clock between two notes of the use of a session


class SharedSessions(LiveSessions):
    """The sessions of one instance, kept beside its records."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._beside = instance.store.beside
        self._opened = 0

    def open(self, user_sys_id: str, *, bearer: str = "", ui: bool = False) -> LiveSession:
        """Begin a session for a user; see LiveSessions."""
        session = self._new(user_sys_id, bearer=bearer, ui=ui)
        try:
            self._beside.later(KIND, session.session_id, _written(session))
        except DatabaseUnavailable:
            return session  # the answer is made; its cookie is as good as one that has ended
        self._opened += 1
        if not self._opened % BETWEEN_TRIMS:
            self._beside.trim(KIND, MOST_SESSIONS)
        return session

    def find(self, session_id: str) -> LiveSession | None:
        """Return the live session of a cookie value and count this as its use; None when it has ended."""
        session = self.peek(session_id)
        if session is None:
            return None
        if self.is_over(session):
            self.end(session_id)
            return None
        now = self._instance.clock.timestamp()
        if abs(now - session.last_used) >= BETWEEN_NOTES:
            session.last_used = now
            self._put(session)
        return session

    def peek(self, session_id: str) -> LiveSession | None:
        """Return the session of a cookie value without counting this as its use, live or about to end."""
        kept = self._beside.get(KIND, session_id)
        return _read(kept) if kept is not None else None

    def save(self, session: LiveSession) -> None:
        """Keep what a request has changed of its session, if that has not ended meanwhile."""
        with suppress(DatabaseUnavailable), self._beside.held(KIND, session.session_id) as held:
            if held.value is not None:
                held.value = _written(session)

    def count(self) -> int:
        """Return how many sessions are live, or about to end."""
        return int(self._beside.size(KIND))

    def all_of_people(self) -> list[LiveSession]:
        """Return the sessions of people at browsers."""
        return [session for session in self._all() if session.ui]

    def touch_all(self) -> None:
        """Count this moment as a use of every session of people."""
        for session in self.all_of_people():
            session.last_used = self._instance.clock.timestamp()
            self.save(session)

    def end(self, session_id: str) -> None:
        """End a session; an unknown one is ended already."""
        self._beside.remove(KIND, session_id)

    def keep(self, session: LiveSession) -> None:
        """Take up a session again that was ended with all others, and count this as its use."""
        session.last_used = self._instance.clock.timestamp()
        self._put(session)

    def end_all(self) -> None:
        """End every session, as a restart of the instance would."""
        self._beside.clear(KIND)

    def is_token_of_another(self, token: str, session: LiveSession) -> bool:
        """Return whether a user token belongs to some other live session."""
        others = (each for each in self._all() if each.session_id != session.session_id)
        return any(same_text(each.user_token, token) for each in others)

    def _all(self) -> list[LiveSession]:
        return [_read(kept) for _, kept in self._beside.all(KIND)]

    def _put(self, session: LiveSession) -> None:
        self._beside.put(KIND, session.session_id, _written(session))


def _written(session: LiveSession) -> str:
    return json.dumps(asdict(session))


def _read(text: str) -> LiveSession:
    given = json.loads(text)
    visits = [(str(one), str(two)) for one, two in given.pop("visits")]
    messages = [(str(one), str(two)) for one, two in given.pop("messages")]
    return LiveSession(**given, visits=visits, messages=messages)
