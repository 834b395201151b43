"""What the rooms above may ask of an instance, of a session and of the access to a table: the words that all share.

The things themselves are made in `instance.py`, `session.py` and `table_access.py`, which stand on what is written
against these contracts. What only the owner of an instance does (moments to go back to, forks, closing) is left out.
"""

from __future__ import annotations

import random as randomness
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from sandtable.core.platform.lists.ties import Ties
from sandtable.core.platform.record import Page, Record
from sandtable.core.platform.transactions.patience import Patience
from sandtable.core.query import Query, QueryContext
from sandtable.core.schema.columns import Table
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.store.changes import ChangeWatch
from sandtable.core.store.rows import Store
from sandtable.core.values.clock import Clock
from sandtable.core.values.ledger import Ledger

T = TypeVar("T")
GUEST = "guest"
SYSTEM = "system"


class Access(Protocol):
    """Decides what a session may do; made by the room of security."""

    def can(self, session: Session, operation: str, table: str, record: Record | None = None) -> bool:
        """Tell whether a session may read, create, write or delete records of a table, or this one."""

    def can_field(self, session: Session, operation: str, table: str, element: str) -> bool:
        """Tell whether the rules for a single field allow the operation."""

    def readable_columns(
        self, session: Session, table: str, among: Collection[str] | None = None
    ) -> frozenset[str] | None:
        """Return the names of the columns that a session may read, or None for all of them."""

    def check_api(self, session: Session, api: str, table: str = "") -> None:
        """Refuse a platform API to a session. Raises ApiAccessDenied, WebServiceDenied."""

    def check_endpoint(self, session: Session, name: str) -> None:
        """Refuse a REST endpoint to a session. Raises ApiAccessDenied."""

    def passes_any(self, session: Session, sys_ids: Iterable[str]) -> bool:
        """Tell whether a session passes any of these access controls."""

    def hides_query(self, session: Session, table: str, query: Query) -> bool:
        """Tell whether a query asks about fields that the session may not read. Raises QueryDenied."""


class Instance(Protocol):
    """One simulated instance, as what runs on it sees it; each member is described in `instance.py`."""

    name: str
    base_url: str
    clock: Clock
    random: randomness.Random
    secrets: randomness.Random
    ledger: Ledger
    watch: ChangeWatch
    ties: Ties
    dictionary: Dictionary
    store: Store
    depth: int

    @property
    def lock(self) -> AbstractContextManager[Any]: ...
    @property
    def access(self) -> Access: ...
    @property
    def patience(self) -> Patience: ...

    def part(self, kind: type[T]) -> T: ...
    def roles_of(self, user_sys_id: str) -> frozenset[str]: ...
    def system(self) -> Session: ...
    def guest(self) -> Session: ...
    def acting_as(self, user: Record | str) -> Session: ...
    def property(self, name: str, default: str = "") -> str: ...
    def property_is_true(self, name: str, default: bool) -> bool: ...  # noqa: FBT001
    def set_property(self, name: str, value: str) -> None: ...
    def transaction(self) -> AbstractContextManager[None]: ...
    def cached(self, key: object, tables: Sequence[str], compute: Callable[[], T], *, moment: str = "") -> T: ...
    def defer(self, action: Callable[[], None]) -> None: ...
    def log(self, level: str, source: str, message: str) -> None: ...
    def new_sys_id(self) -> str: ...
    def stamps(self, table: str, user_name: str = SYSTEM) -> dict[str, str]: ...
    def shipped(self, table: str) -> Table | None: ...
    def ship(self, tables: Iterable[Table]) -> None: ...
    def scope_names(self) -> Mapping[str, str]: ...
    def lookup(self, table: str, sys_id: str) -> Mapping[str, str] | None: ...
    def related(self, table: str) -> Iterator[Mapping[str, str]]: ...


class Session(Protocol):
    """One user's view of an instance; each member is described in `session.py`."""

    user_name: str
    user_sys_id: str
    enforced: bool
    scope: str
    importing: bool
    runs_rules: bool

    @property
    def instance(self) -> Instance: ...
    @property
    def user(self) -> Record | None: ...
    @property
    def explanations(self) -> Sequence[str]: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def is_admin(self) -> bool: ...
    @property
    def language(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def date_format(self) -> str: ...
    @property
    def time_format(self) -> str: ...

    def has_role(self, *names: str) -> bool: ...
    @property
    def time_format_and_zone(self) -> tuple[str, str]: ...
    def table(self, name: str) -> TableAccess: ...
    def in_scope(self, scope: str) -> Session: ...
    def for_import(self) -> Session: ...
    def without_access_control(self) -> Session: ...
    def without_business_rules(self) -> Session: ...
    def explain(self, text: str) -> None: ...
    def query_context(self) -> QueryContext: ...


class TableAccess(Protocol):
    """The records of a table, as one session may see and change them; each member is described in `table_access.py`."""

    name: str
    root: str

    @property
    def session(self) -> Session: ...

    def find(self, sys_id: str) -> Record | None: ...
    def get(self, sys_id: str) -> Record: ...
    def query(self, query: str | Query = "", *, limit: int | None = None, offset: int = 0) -> list[Record]: ...
    def holding(self, values: Mapping[str, str]) -> list[Record]: ...
    def first(self, query: str | Query = "", *, filters: Mapping[str, str] | None = None) -> Record | None: ...
    def count(self, query: str | Query = "") -> int: ...
    def page(
        self,
        query: str | Query = "",
        *,
        limit: int | None,
        offset: int,
        count: bool = True,
        filters: Mapping[str, str] | None = None,
        patient: bool = False,
    ) -> Page: ...
    def insert(
        self, values: Mapping[str, object], *, input_display: bool = False, auto_sys_fields: bool = True
    ) -> Record: ...
    def update(
        self,
        sys_id: str,
        values: Mapping[str, object],
        *,
        input_display: bool = False,
        auto_sys_fields: bool = True,
    ) -> Record: ...
    def delete(self, sys_id: str) -> None: ...
