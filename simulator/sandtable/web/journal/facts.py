"""What the journal and the log are told of a request that was answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.store.changes import Change
    from sandtable.core.values.ledger import LedgerEntry


class Place(Protocol):
    """The world that a request was for, described in `web/worlds/worlds.py`."""

    @property
    def name(self) -> str: ...
    @property
    def instance(self) -> Instance: ...


class Answered(Protocol):
    """One request as far as it went; each member is described in `web/transaction.py`, whose transactions are such."""

    @property
    def world(self) -> Place: ...
    @property
    def transaction_id(self) -> str: ...
    @property
    def session(self) -> Session: ...
    @property
    def logged_in(self) -> bool: ...
    @property
    def api(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def rows(self) -> int | None: ...
    @property
    def notes(self) -> Sequence[LedgerEntry]: ...
    @property
    def changes(self) -> Sequence[Change]: ...
    @property
    def explanations(self) -> Sequence[str]: ...
