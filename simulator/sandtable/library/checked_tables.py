"""Records as a test holds them: a column that does not exist is an error, with the name that was probably meant.

On the wire the platform drops a condition on an unknown column, and finds every record; in a test that would be a wrong
answer nobody sees. So what the library hands out is stricter than what clients meet.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandtable.core.applications import own_tables
from sandtable.core.platform.record import Page, Record
from sandtable.core.platform.table_access import TableAccess
from sandtable.core.query import Condition, Query, parse
from sandtable.core.query.language.heads import related_head, subquery_head
from sandtable.core.query.language.syntax import RELATED, Block, Join, Unreadable
from sandtable.core.query.sql.compiling import field_at
from sandtable.core.values.errors import UnknownTable

if TYPE_CHECKING:
    from sandtable.core.platform.session import Session
    from sandtable.core.schema.dictionary import Dictionary

FULL_TEXT, TAGS = "123TEXT", "sys_tags"


class UnknownColumn(LookupError):
    """A test names a column that a table does not have; the text says which one was probably meant."""

    def __init__(self, table: str, name: str, dictionary: Dictionary) -> None:
        self.table, self.name = table, name
        known = list(dictionary.columns(table))
        near = difflib.get_close_matches(name.partition(".")[0], known, 3, 0.6)
        meant = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        super().__init__(f"{table} has no column {name!r}{meant}")


class CheckedRecord(Record):
    """A record of which only columns that exist may be asked for. Raises UnknownColumn for others."""

    __slots__ = ("_dictionary",)

    def __init__(self, record: Record, dictionary: Dictionary) -> None:
        self.sys_id, self.table, self.seq = record.sys_id, record.table, record.seq
        self._values = record._values  # noqa: SLF001 - the same record
        self._dictionary = dictionary

    def __getitem__(self, name: str) -> str:
        known = name in self._values or not self._dictionary.has(self.table)
        if not known and self._dictionary.column(self.table, name) is None:
            raise UnknownColumn(self.table, name, self._dictionary)
        return super().__getitem__(name)

    def __repr__(self) -> str:
        return f"<Record {self.table} {self._values.get('number') or self._values.get('name') or self.sys_id}>"


class CheckedTable(TableAccess):
    """The access of a test to one table: as TableAccess, and raises UnknownColumn for a column that does not exist."""

    __slots__ = ()

    def __init__(self, session: Session, name: str) -> None:
        try:
            super().__init__(session, name)
        except UnknownTable as error:
            known = [each.name for each in session.instance.dictionary.tables()]
            near = difflib.get_close_matches(name, known, 3, 0.6)
            own = "add_table makes one of your own"
            error.add_note(f"did you mean {' or '.join(map(repr, near))}? {own}" if near else own)
            raise

    def add_column(self, name: str, *, type: str = "string", **options: Any) -> Record:  # noqa: A002 - the field's word
        """Add a column of your own to this table, and return its dictionary record.

        `type` is an internal type such as integer or reference; options: label, max_length, reference, default, choices
        (values, or values with labels), mandatory, read_only. Raises BadDefinition, which names the fix.
        """
        return own_tables.add_column(self.session.instance, self.name, name, kind=type, **options)

    def add_choice(self, column: str, value: str, *, label: str = "", language: str = "en") -> Record:
        """Add a choice behind those that a column has, and return its record. Raises BadDefinition."""
        return own_tables.add_choice(self.session.instance, self.name, column, value, label=label, language=language)

    def find(self, sys_id: str) -> Record | None:
        record = super().find(sys_id)
        return None if record is None else self._checked(record)

    def get(self, sys_id: str) -> Record:
        return self._checked(super().get(sys_id))

    def query(self, query: str | Query = "", *, limit: int | None = None, offset: int = 0) -> list[Record]:
        self._check(query)
        return [self._checked(each) for each in super().query(query, limit=limit, offset=offset)]

    def count(self, query: str | Query = "") -> int:
        self._check(query)
        return super().count(query)

    def page(
        self,
        query: str | Query = "",
        *,
        limit: int | None,
        offset: int,
        count: bool = True,
        filters: Mapping[str, str] | None = None,
        patient: bool = False,
        asks_rules: bool = True,
    ) -> Page:
        self._check(query)
        for name in filters or ():
            self._check_path(self.name, name)
        how = {"count": count, "patient": patient, "asks_rules": asks_rules}
        page = super().page(query, limit=limit, offset=offset, filters=filters, **how)
        return Page([self._checked(each) for each in page.records], page.total)

    def insert(self, values: Mapping[str, object], **options: Any) -> Record:
        self._check_names(self.name, values)
        return self._checked(super().insert(values, **options))

    def update(self, sys_id: str, values: Mapping[str, object], **options: Any) -> Record:
        found = super().find(sys_id)
        self._check_names(self.name if found is None else found.table, values)
        return self._checked(super().update(sys_id, values, **options))

    def _checked(self, record: Record) -> CheckedRecord:
        return CheckedRecord(record, self.session.instance.dictionary)

    def _check(self, query: str | Query) -> None:
        self._check_query(parse(query) if isinstance(query, str) else query, self.name)

    def _check_query(self, query: Query, table: str) -> None:
        for alternative in query.alternatives:
            for group in alternative:
                for term in group:
                    self._check_term(term, table)
        for order in query.order:
            self._check_path(table, order.path)
        for path in query.grouping:
            self._check_path(table, path)

    def _check_term(self, term: object, table: str) -> None:
        dictionary = self.session.instance.dictionary
        if isinstance(term, Condition):
            if not term.path.startswith((FULL_TEXT, TAGS)):
                self._check_path(table, term.path)
        elif isinstance(term, Block):
            head = related_head(term.head) if term.kind == RELATED else subquery_head(term.head)
            if head is not None and dictionary.has(head.table):
                self._check_query(term.query, head.table)
        elif isinstance(term, Unreadable):
            raise ValueError(f"{term.text!r} is no condition of an encoded query: column, operator, value")
        else:
            assert isinstance(term, Join), term

    def _check_names(self, table: str, values: Mapping[str, object]) -> None:
        dictionary = self.session.instance.dictionary
        for name in values:
            if dictionary.column(table, name) is None:
                raise UnknownColumn(table, name, dictionary)

    def _check_path(self, table: str, path: str) -> None:
        dictionary = self.session.instance.dictionary
        if field_at(dictionary, table, path) is None:
            raise UnknownColumn(table, path, dictionary)


class Viewpoint:
    """What a user may see and do, as a test holds it: the user's session, whose tables check columns."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __repr__(self) -> str:
        return f"<Viewpoint of {self.session.user_name}>"

    def table(self, name: str) -> CheckedTable:
        """Return access to a table as this user. Raises UnknownTable."""
        return CheckedTable(self.session, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)
