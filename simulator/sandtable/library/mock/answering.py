"""One mock's decision about a call, and the replacing and putting back of the functions that clients call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.library.mock.addresses import Address

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MARK = "__sandtable_door__"


@dataclass(frozen=True, slots=True)
class Answering:
    """What one mock answers and lets through; `shown` is how it was asked for, for its error texts.

    `may_wait` tells whether an answer may take time, because something is planned to go wrong.
    """

    app: WSGIApplication
    address: Address
    through: tuple[Address, ...]
    shown: str
    may_wait: Callable[[], bool]

    def answers(self, url: str) -> bool:
        """Tell whether this mock answers a URL."""
        return self.address.covers(url)

    def lets_through(self, url: str) -> bool:
        """Tell whether a URL that it does not answer may go where it would have gone."""
        return any(address.covers(url) for address in self.through)

    def refusal(self, url: str) -> str:
        """Return what to say about a URL that is neither answered nor let through."""
        if self.address.names(url):
            return f"{_without_query(url)} was called, but the mock answers {self.shown} only: mind scheme and port"
        host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition("?")[0]
        return (
            f"{_without_query(url)} was called while mock_servicenow({self.shown!r}) answers, which refuses every "
            f"other address so that no test reaches the network by mistake; to allow it: "
            f"mock_servicenow({self.shown!r}, pass_through=[{host!r}])"
        )


def _without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


class Door:
    """A function of a client library, replaced while a mock is in force.

    `make(original, door)` returns the replacement; it asks `door.decide(url)` what to do. Doors of several mocks stack:
    the innermost that answers a URL does, and each refuses what neither it nor an outer one knows.
    """

    def __init__(
        self,
        answering: Answering,
        owner: type,
        name: str,
        make: Callable[[Callable[..., Any], Door], Callable[..., Any]],
    ) -> None:
        self.answering = answering
        self.open = True
        self._owner, self._name = owner, name
        self.original: Callable[..., Any] = getattr(owner, name)
        replacement = make(self.original, self)
        setattr(replacement, MARK, self)
        setattr(owner, name, replacement)

    def decide(self, url: str) -> str:
        """Return "answer", "pass" (on to what was there before) or "refuse"."""
        if not self.open:
            return "pass"
        if self.answering.answers(url):
            return "answer"
        return "pass" if self.answering.lets_through(url) or self._answered_further_out(url) else "refuse"

    def _answered_further_out(self, url: str) -> bool:
        outer = door_of(self.original)
        while outer is not None:
            if outer.open and outer.answering.answers(url):
                return True
            outer = door_of(outer.original)
        return False

    def close(self) -> None:
        """Put the original back; when another mock came after this one, once that has ended too."""
        self.open = False
        now = door_of(getattr(self._owner, self._name))
        while now is not None and not now.open:
            setattr(self._owner, self._name, now.original)
            now = door_of(now.original)


def door_of(function: object) -> Door | None:
    """Return the door that a function is the replacement of, or None for an original."""
    found: Door | None = getattr(function, MARK, None)
    return found
