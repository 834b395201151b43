"""The access of a session to the records of one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.platform.lists.filters import with_filters
from sandtable.core.platform.lists.ties import shuffle
from sandtable.core.platform.record import Page, Record
from sandtable.core.platform.writing import life_of_a_write as writing
from sandtable.core.platform.writing.script_host import Scripts
from sandtable.core.query import Query, ResolvedQuery, condition, conjunction, evaluate, parse, resolve
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.store.row import Selection
from sandtable.core.values.errors import QueryDenied, RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column


__all__ = ["Page", "Record", "TableAccess"]


class TableAccess:
    """The records of one table and of all that extend it, as one session may see and change them.

    Reading methods of an enforced session leave out what access control hides: after the limit was applied, so a page
    may be short. Values to write are text, numbers, booleans or None. Raises UnknownTable when made.
    """

    __slots__ = ("name", "root", "session")

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.root = session.instance.dictionary.root(name)

    def __repr__(self) -> str:
        return f"<TableAccess to {self.name} by {self.session.user_name}>"

    # reading ---------------------------------------------------------------------------------------------------

    def find(self, sys_id: str) -> Record | None:
        """Return the record, or None when it does not exist, is of another table, or is hidden."""
        instance = self.session.instance
        with instance.lock:
            row = instance.store.get(self.root, sys_id)
            if row is None or (row.table != self.name and not instance.dictionary.extends(row.table, self.name)):
                return None
            record = Record(row)
            if self.session.enforced and not instance.access.can(self.session, "read", record.table, record):
                self.session.explain(
                    f"{record.table} {sys_id} is hidden from {self.session.user_name} by access control"
                )
                return None
            if self.session.enforced:
                added = self._query_rules()
                context = self.session.query_context() if added else None
                if context is not None and not all(evaluate(each, record, record.table, context) for each in added):
                    self.session.explain(f"{record.table} {sys_id} is left out by a query rule")
                    return None
            return record

    def get(self, sys_id: str) -> Record:
        """Return the record. Raises RecordNotFound."""
        record = self.find(sys_id)
        if record is None:
            raise RecordNotFound
        return record

    def query(self, query: str | Query = "", *, limit: int | None = None, offset: int = 0) -> list[Record]:
        """Return the records that an encoded query matches, in its order, else as they were inserted.

        Conditions on unknown columns are dropped and noted. Raises QueryDenied.
        """
        with self.session.instance.lock:
            return self._read(self._resolve(query), limit, offset)

    def holding(self, values: Mapping[str, str]) -> list[Record]:
        """Return the records whose columns hold these stored values, upper and lower case alike, oldest first.

        The values are taken as they are; an empty one is held by a column that is empty. Raises QueryDenied.
        """
        session = self.session
        instance = session.instance
        columns = instance.dictionary.columns(self.name)
        if session.enforced or not all(_is_plain(columns.get(name), value) for name, value in values.items()):
            return self.query(conjunction(*[condition(name, "=", value) for name, value in values.items()]))
        with instance.lock:
            return [Record(row) for row in instance.store.holding(self.name, values)]

    def first(self, query: str | Query = "", *, filters: Mapping[str, str] | None = None) -> Record | None:
        """Return the first record that matches, or None; `filters` as for `page`. Raises QueryDenied."""
        found = self.page(query, limit=1, offset=0, count=False, filters=filters).records
        return found[0] if found else None

    def count(self, query: str | Query = "") -> int:
        """Return how many records match, before access control looks at each. Raises QueryDenied."""
        instance = self.session.instance
        with instance.lock:
            return instance.store.count(Selection(self.name, self._resolve(query), None, 0))

    def page(
        self,
        query: str | Query = "",
        *,
        limit: int | None,
        offset: int,
        count: bool = True,
        filters: Mapping[str, str] | None = None,
        patient: bool = False,
    ) -> Page:
        """Return one page of a list. `filters` are plain column=value pairs, all of which must hold too.

        A filter takes a stored value, a choice's label or a reference's display value; names that are no columns are
        ignored. A `patient` caller lets others write while the database works: page and count are each of one moment.
        Raises QueryDenied.
        """
        instance = self.session.instance
        with instance.lock:
            asked = parse(query) if isinstance(query, str) else query
            if filters:
                asked = with_filters(self.session, self.name, asked, filters)
            resolved = self._resolve(asked)
            with instance.patience.asking(patient=patient):
                total = instance.store.count(Selection(self.name, resolved, None, 0)) if count else None
            return Page(self._read(resolved, limit, offset, patient=patient), total)

    def _resolve(self, query: str | Query) -> ResolvedQuery:
        session = self.session
        parsed = parse(query) if isinstance(query, str) else query
        if session.enforced and session.instance.access.hides_query(session, self.name, parsed):
            raise QueryDenied("Field(s) present in the query do not have permission to be read")
        if session.enforced:
            added = self._query_rules()
            if added:
                parsed = conjunction(parsed, *added)
        resolved = resolve(parsed, self.name, session.query_context())
        if resolved.hints and session.enforced:
            for hint in resolved.hints:
                session.explain(hint)
        return resolved

    def _query_rules(self) -> tuple[Query, ...]:
        """Return what the query rules of the table add to what people ask; scripts ask the host themselves."""
        host = self.session.instance.part(Scripts).host
        return () if host is None or not self.session.runs_rules else host.query_conditions(self.session, self.name)

    def _read(self, resolved: ResolvedQuery, limit: int | None, offset: int, *, patient: bool = False) -> list[Record]:
        session = self.session
        instance = session.instance
        source = instance.ties.source
        if source is not None:
            everything = [Record(row) for row in instance.store.select(Selection(self.name, resolved, None, 0))]
            records = shuffle(everything, resolved, source)[offset : None if limit is None else offset + limit]
        else:
            with instance.patience.asking(patient=patient):
                rows = instance.store.select(Selection(self.name, resolved, limit, offset))
            records = [Record(row) for row in rows]
        if not session.enforced:
            return records
        can = instance.access.can
        shown = [record for record in records if can(session, "read", record.table, record)]
        if len(shown) < len(records):
            session.explain(
                f"{len(records) - len(shown)} of {len(records)} rows of {self.name} are hidden from {session.user_name}"
            )
        return shown

    # writing ---------------------------------------------------------------------------------------------------

    def insert(
        self, values: Mapping[str, object], *, input_display: bool = False, auto_sys_fields: bool = True
    ) -> Record:
        """Insert a record of this very table and return it.

        `input_display` takes labels, display values and local times; `auto_sys_fields=False` lets the system set
        sys_created_on and the like by hand. Raises AccessDenied, Aborted, DataPolicyViolation, UniqueViolation.
        """
        return writing.insert(
            self.session, self.name, values, input_display=input_display, auto_sys_fields=auto_sys_fields
        )

    def update(
        self,
        sys_id: str,
        values: Mapping[str, object],
        *,
        input_display: bool = False,
        auto_sys_fields: bool = True,
    ) -> Record:
        """Change the given columns and return the record; unchanged when nothing differs.

        Raises RecordNotFound, AccessDenied, Aborted, DataPolicyViolation, UniqueViolation.
        """
        return writing.update(
            self.session, self.name, sys_id, values, input_display=input_display, auto_sys_fields=auto_sys_fields
        )

    def delete(self, sys_id: str) -> None:
        """Delete a record. Raises RecordNotFound, AccessDenied, Aborted."""
        writing.delete(self.session, self.name, sys_id)


def _is_plain(column: Column | None, value: str) -> bool:
    """Tell whether equality with a value is equality of texts, as the database has it."""
    if column is None or not value or not value.isascii() or column.name == "sys_id" or column.type in JOURNAL_TYPES:
        return False
    return not (column.is_boolean or column.is_number or column.is_date or column.is_duration)
