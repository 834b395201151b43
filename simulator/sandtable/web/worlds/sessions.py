"""Live sessions: what the cookies of an authenticated call are good for afterwards."""

from __future__ import annotations

import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

COOKIE = "JSESSIONID"
STORE_COOKIE = "glide_session_store"
ROUTE_COOKIE = "glide_user_route"
IDLE_MINUTES, IDLE_UI_MINUTES = 1, 30
IDLE, IDLE_UI = "glide.integration.session_timeout", "glide.ui.session_timeout"
MOST_SESSIONS = 10_000
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class LiveSession:
    """One session: its cookie value, its user, the token that guards its writes, and the bearer that opened it.

    `ui` is one of somebody at a browser: `impersonator` is the user behind the user, `visits` the pages seen,
    `messages` what the next page is to say.
    """

    session_id: str
    user_sys_id: str
    user_token: str
    last_used: float
    bearer: str = ""
    ui: bool = False
    impersonator: str = ""
    knows_plane_token: bool = False
    visits: list[tuple[str, str]] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)


class LiveSessions:
    """The sessions of one instance, the least recently used given up first; idle ones end by the instance's clock."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._sessions: OrderedDict[str, LiveSession] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, user_sys_id: str, *, bearer: str = "", ui: bool = False) -> LiveSession:
        """Begin a session for a user; one of a person at a browser (`ui`) may be idle for longer."""
        session = self._new(user_sys_id, bearer=bearer, ui=ui)
        with self._lock:
            self._sessions[session.session_id] = session
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        return session

    def save(self, session: LiveSession) -> None:
        """Keep what a request has changed of its session; here it is the session itself."""

    def _new(self, user_sys_id: str, *, bearer: str, ui: bool) -> LiveSession:
        drawn = f"{self._instance.secrets.getrandbits(128 + 288):0104x}"
        return LiveSession(
            session_id=drawn[:32].upper(),
            user_sys_id=user_sys_id,
            user_token=drawn[32:],
            last_used=self._instance.clock.timestamp(),
            bearer=bearer,
            ui=ui,
        )

    def find(self, session_id: str) -> LiveSession | None:
        """Return the live session of a cookie value and count this as its use; None when it has ended."""
        now = self._instance.clock.timestamp()
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                return None
            if self.is_over(session):
                del self._sessions[session_id]
                return None
            session.last_used = now
            self._sessions.move_to_end(session_id)
            return session

    def is_over(self, session: LiveSession) -> bool:
        """Return whether a session was idle for too long."""
        idle = self._instance.clock.timestamp() - session.last_used
        # A clock that a test has set back must not keep a program's session alive for ever; a person stays signed in.
        return idle > self._idle_seconds(session) or (idle < 0 and not session.ui)

    def all_of_people(self) -> list[LiveSession]:
        """Return the sessions of people at browsers."""
        with self._lock:
            return [session for session in self._sessions.values() if session.ui]

    def touch_all(self) -> None:
        """Count this moment as a use of every session of people, after somebody has moved the clock by hand."""
        now = self._instance.clock.timestamp()
        with self._lock:
            for session in self._sessions.values():
                if session.ui:
                    session.last_used = now

    def peek(self, session_id: str) -> LiveSession | None:
        """Return the session of a cookie value without counting this as its use, live or about to end."""
        with self._lock:
            return self._sessions.get(session_id)

    def count(self) -> int:
        """Return how many sessions are live, or about to end."""
        with self._lock:
            return len(self._sessions)

    def end(self, session_id: str) -> None:
        """End a session; an unknown one is ended already."""
        with self._lock:
            self._sessions.pop(session_id, None)

    def keep(self, session: LiveSession) -> None:
        """Take up a session again that was ended with all others, and count this as its use."""
        session.last_used = self._instance.clock.timestamp()
        with self._lock:
            self._sessions[session.session_id] = session

    def end_all(self) -> None:
        """End every session, as a restart of the instance would."""
        with self._lock:
            self._sessions.clear()

    def is_token_of_another(self, token: str, session: LiveSession) -> bool:
        """Return whether a user token belongs to some other live session."""
        with self._lock:
            return any(each is not session and same_text(each.user_token, token) for each in self._sessions.values())

    def _idle_seconds(self, session: LiveSession) -> float:
        name, default = (IDLE_UI, IDLE_UI_MINUTES) if session.ui else (IDLE, IDLE_MINUTES)
        return whole_number(self._instance.property(name), default) * 60.0


def same_text(one: str, other: str) -> bool:
    """Compare two secrets in constant time; any characters are allowed."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
