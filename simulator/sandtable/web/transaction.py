"""What one request carries from the first step of the pipeline to the last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask.globals import _cv_app, _cv_request

if TYPE_CHECKING:
    from flask import Request

    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.instance import Instance
    from sandtable.core.store.changes import Change
    from sandtable.core.values.ledger import LedgerEntry
    from sandtable.settings.settings import Settings
    from sandtable.web.worlds.worlds import World

TABLE_API = "Table API"
IMPORT_SET_API = "Import Set API"


@dataclass(slots=True)
class Transaction:
    """One request and what has been decided about it so far.

    `session` is the guest's until authentication has passed. `response_headers` are added to whatever the answer is,
    an error too. `environ` is the request's WSGI environment, `path` its path inside the world. `challenges` are those
    of a 401 when an access policy decides them. `changes` are the records that it changed so far.
    """

    world: World
    settings: Settings
    transaction_id: str
    started: float
    session: Session
    environ: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    logged_in: bool = False
    api: str = ""
    table: str = ""
    rows: int | None = None
    version: str = ""
    scheme: str = ""
    opened_session: Any = None
    notes: list[LedgerEntry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    explanations: list[str] = field(default_factory=list)
    challenges: list[str] | None = None
    response_headers: list[tuple[str, str]] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def instance(self) -> Instance:
        """The instance that this request is for."""
        return self.world.instance


def incoming() -> Request:
    """Return the request being answered, without the proxy that `flask.request` is."""
    asked: Request = _cv_request.get().request
    return asked


def opened(api: str, table: str, version: int | None) -> Transaction:
    """Return the transaction of the request being answered, which is for a version of an API of the platform."""
    transaction = current()
    transaction.api, transaction.table = api, table
    transaction.version = "" if version is None else f"/v{version}"
    return transaction


def current() -> Transaction:
    """Return the transaction of the request being answered."""
    transaction: Transaction = _cv_app.get().g.transaction  # past two proxies, since everything asks for it
    return transaction
