"""Live sessions: what the cookies of an authenticated call are good for afterwards."""

from __future__ import annotations

import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

COOKIE = "JSESSIONID"
STORE_COOKIE = "glide_session_store"
ROUTE_COOKIE = "glide_user_route"
IDLE_MINUTES = 1
MOST_SESSIONS = 10_000
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class LiveSession:
    """One session: its cookie value, its user, the token that guards its writes, and the bearer that opened it."""

    session_id: str
    user_sys_id: str
    user_token: str
    last_used: float
    bearer: str = ""


class LiveSessions:
    """The sessions of one instance, the least recently used given up first; idle ones end by the instance's clock."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._sessions: OrderedDict[str, LiveSession] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, user_sys_id: str, *, bearer: str = "") -> LiveSession:
        """Begin a session for a user."""
        random = self._instance.secrets
        session = LiveSession(
            session_id=f"{random.getrandbits(128):032X}",
            user_sys_id=user_sys_id,
            user_token=f"{random.getrandbits(288):072x}",
            last_used=self._instance.clock.timestamp(),
            bearer=bearer,
        )
        with self._lock:
            self._sessions[session.session_id] = session
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        return session

    def find(self, session_id: str) -> LiveSession | None:
        """Return the live session of a cookie value and count this as its use; None when it has ended."""
        now = self._instance.clock.timestamp()
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                return None
            # A clock that a test has set back must not keep a session alive for ever.
            if not 0 <= now - session.last_used <= self._idle_seconds():
                del self._sessions[session_id]
                return None
            session.last_used = now
            self._sessions.move_to_end(session_id)
            return session

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

    def end_all(self) -> None:
        """End every session, as a restart of the instance would."""
        with self._lock:
            self._sessions.clear()

    def is_token_of_another(self, token: str, session: LiveSession) -> bool:
        """Return whether a user token belongs to some other live session."""
        with self._lock:
            return any(each is not session and same_text(each.user_token, token) for each in self._sessions.values())

    def _idle_seconds(self) -> float:
        text = self._instance.property("glide.integration.session_timeout", str(IDLE_MINUTES)).strip()
        minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else IDLE_MINUTES
        return minutes * 60.0


def same_text(one: str, other: str) -> bool:
    """Compare two secrets in constant time; any characters are allowed."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
