"""The bearer token of a request ends before it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from sandtable.core.values.clock import TEXT_FORMAT
from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

CREDENTIAL = "oauth_credential"
LONG_AGO = 50 * 365 * 86400


@dataclass(frozen=True, slots=True)
class ExpiredToken:
    """The access token that a request carries has expired by the time it is looked at; a new one can be had."""

    kind: ClassVar[str] = "expired-token"
    seconds: int = entry(1, "how long ago it expired, by the instance's clock", least=0, most=LONG_AGO)

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        instance = exchange.instance
        with instance.transaction():
            for token in presented(exchange):
                _end(instance, token, self.seconds)
        return proceed()


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """The access token that a request carries is revoked before it is looked at, with the refresh token behind it."""

    kind: ClassVar[str] = "revoked-token"
    also: str = entry(
        "refresh", "what ends with it: the refresh token that it came from, or nothing", one_of=("refresh", "")
    )

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        instance = exchange.instance
        with instance.transaction():
            credentials = instance.system().table(CREDENTIAL)
            for token in presented(exchange):
                behind = token["refresh_token"] if self.also else ""
                ended = [each for each in (credentials.find(behind) if behind else None, token) if each is not None]
                for each in ended:
                    _end(instance, each, 0)
        return proceed()


def presented(exchange: Exchange) -> Iterator[Record]:
    """Yield the access token that the request carries as a bearer, if this instance issued it."""
    word, _, token = exchange.request.headers.get("authorization", "").strip().partition(" ")
    instance = exchange.instance
    if word.lower() != "bearer" or not token.strip() or not instance.dictionary.has(CREDENTIAL):
        return
    for record in instance.system().table(CREDENTIAL).query("type=access_token"):
        if record["token"] == token.strip():
            yield record


def _end(instance: Instance, token: Record, seconds: int) -> None:
    ended = datetime.fromtimestamp(instance.clock.timestamp() - seconds, UTC).strftime(TEXT_FORMAT)
    instance.system().table(CREDENTIAL).update(token.sys_id, {"expires": ended})
