"""What a fault sees of a request and what it makes of the answer; no web framework here."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.values.errors import PlatformError

Ending = Literal["complete", "closed", "reset"]
HTML = "text/html;charset=UTF-8"
JSON = "application/json;charset=UTF-8"


class Request(Protocol):
    """One request as patterns and faults look at it. Header names are lower case; `body` is the text of the body.

    `table` and `api` are empty for a request to no table or no API, `user` for one without credentials that are known.
    """

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> Mapping[str, str]: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def api(self) -> str: ...
    @property
    def user(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way to the client. `ending` says how the connection ends after the bytes of the body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    ending: Ending = "complete"

    def header(self, name: str) -> str:
        """Return the first value of a header, empty without one."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def with_header(self, name: str, value: str) -> Reply:
        """Return the answer with one header replaced or added."""
        return replace(self, headers=(*_without(self.headers, name), (name, value)))

    def plain(self) -> Reply:
        """Return the answer without compression, so that its text can be looked at and changed."""
        if self.header("Content-Encoding") != "gzip":
            return self
        headers = _without(self.headers, "Content-Encoding", "Content-Length")
        return replace(self, body=gzip.decompress(self.body), headers=headers)

    def with_body(self, body: bytes, content_type: str = "") -> Reply:
        """Return the answer with another body, and with another content type when one is given."""
        names = ("Content-Length", "Content-Encoding", *(("Content-Type",) if content_type else ()))
        headers = _without(self.headers, *names)
        if content_type:
            headers = (*headers, ("Content-Type", content_type))
        return replace(self, body=body, headers=headers)

    def cut(self, ending: Ending) -> Reply:
        """Return the answer of which nothing arrives: the connection is reset or closed instead."""
        return replace(self, body=b"", ending=ending)


def _without(headers: Iterable[tuple[str, str]], *names: str) -> tuple[tuple[str, str], ...]:
    dropped = {name.lower() for name in names}
    return tuple((key, value) for key, value in headers if key.lower() not in dropped)


class Memory:
    """What one planned fault remembers from request to request; hold `lock` around each use of `values`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that a fault fires on: the instance, a seeded source of chance, and a way to let time pass.

    `wait(seconds)` keeps the client waiting; in process it may end as the time-out of the client.
    """

    request: Request
    instance: Instance
    random: Random
    wait: Callable[[float], None]
    memory: Memory = field(default_factory=Memory)


class Proceed(Protocol):
    """The rest of the way: other faults, then the instance. May be called never, once, or several times.

    With a `refusal` the instance checks the credentials and then answers that refusal, in its own form.
    """

    def __call__(self, refusal: PlatformError | None = None) -> Reply: ...


class Fault(Protocol):
    """Something that goes wrong with a request; composable, because what it proceeds to may be another fault."""

    kind: ClassVar[str]

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply: ...
